"""The backups in BACKUP_DIR: tried out, kept in number, and missed when they are missing."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pymongo import MongoClient

from tests.conftest import QUIET
from tests.documents import MONDAY, raw_playlist
from tunemeld_pipeline.backups import kept
from tunemeld_pipeline.backups.backup import MANIFEST, Manifest, verified
from tunemeld_pipeline.backups.kept import back_up_and_keep, kept_backups, newest_backup, try_out
from tunemeld_pipeline.backups.signing import own_key
from tunemeld_pipeline.errors import BackupError
from tunemeld_pipeline.limits import BACKUP_TOO_OLD
from tunemeld_pipeline.orchestration.alarm_sensor import judge
from tunemeld_pipeline.orchestration.backups import backup, backup_schedule
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.alarms import AlarmKind
from tunemeld_pipeline.watching.judging import Examination, judge_backups


@pytest.fixture
def keeping(settings: Settings, store: Store, tmp_path: Path) -> Settings:
    """Settings with a folder for two backups, and a database with a playlist."""
    store.playlists.put_raw_playlist(raw_playlist())
    return Settings.model_validate({**settings.model_dump(), "backup_dir": tmp_path / "kept", "backup_keep": 2})


def in_order(settings: Settings) -> list[str]:
    return [one.name.rpartition("-")[2] for one in kept_backups(settings)]


def test_it_is_tried_out_and_the_newest_ones_stay(keeping: Settings, mongod_url: str) -> None:
    for day in range(3):
        made, _ = back_up_and_keep(keeping, MONDAY + timedelta(days=day))

    assert in_order(keeping) == ["20260303T023000Z", "20260304T023000Z"]
    assert newest_backup(keeping) == MONDAY + timedelta(days=2)
    assert verified(made, own_key(keeping.home)).collections["raw_playlists"].documents == 1
    with MongoClient[dict[str, Any]](mongod_url) as client:
        assert keeping.scratch_database_name not in client.list_database_names()
        assert client[keeping.database_name]["raw_playlists"].count_documents({}) == 1


def test_one_that_does_not_come_back_counts_for_nothing_and_removes_nothing(
    keeping: Settings, mongod_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(2):
        back_up_and_keep(keeping, MONDAY + timedelta(days=day))

    def damage_and_try_out(store: Store, settings: Settings, folder: Path, manifest: Manifest, key: bytes) -> None:
        (folder / "raw_playlists.json.gz").write_bytes(gzip.compress(b""))
        try_out(store, settings, folder, manifest, key)

    with monkeypatch.context() as patch:
        patch.setattr(kept, "try_out", damage_and_try_out)
        with pytest.raises(BackupError, match="is damaged"):
            back_up_and_keep(keeping, MONDAY + timedelta(days=2))

    assert in_order(keeping) == ["20260302T023000Z", "20260303T023000Z"]
    with connect(mongod_url) as client:
        assert keeping.scratch_database_name not in client.list_database_names()
    back_up_and_keep(keeping, MONDAY + timedelta(days=3))
    assert in_order(keeping) == ["20260303T023000Z", "20260305T023000Z"]
    assert not list((keeping.backup_dir or Path()).glob(".unfinished-*"))


def test_only_whole_backups_of_this_database_are_counted_and_removed(keeping: Settings) -> None:
    place = keeping.backup_dir or Path()
    mine, name = place / "20200101T000000Z-notes", f"{keeping.database_name}-20200101T000000Z"
    for folder in (mine, place / name, place / f"other-{name}"):
        folder.mkdir(parents=True)
    (place / f"other-{name}" / MANIFEST).write_text("{}", "utf-8")
    (place / f"{keeping.database_name}-20200102T000000Z").symlink_to(mine)

    for day in range(3):
        back_up_and_keep(keeping, MONDAY + timedelta(days=day))

    assert len(in_order(keeping)) == 2
    assert mine.is_dir()
    assert (place / name).is_dir(), "what was cut off by hand is not ours to remove"
    assert (place / f"other-{name}" / MANIFEST).is_file()


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(keeping: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    blocked = keeping.model_copy(update={"backup_dir": tmp_path / "file"})
    with pytest.raises(BackupError, match="set BACKUP_DIR to another folder"):
        back_up_and_keep(blocked, MONDAY)
    with pytest.raises(BackupError, match="BACKUP_DIR is not set"):
        back_up_and_keep(keeping.model_copy(update={"backup_dir": None}), MONDAY)


def test_a_failed_backup_raises_an_alarm_that_a_good_one_ends(keeping: Settings, store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    blocked = keeping.model_copy(update={"backup_dir": tmp_path / "file"})

    def missing(settings: Settings) -> list[str]:
        judged = judge(store, instance, settings, datetime.now(UTC))
        assert (AlarmKind.BACKUP_MISSING, None) in judged.looked_at
        return [one.detail for one in judged.findings if one.kind is AlarmKind.BACKUP_MISSING]

    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:

        def run(settings: Settings) -> bool:
            given = {"operator": OperatorResource(settings=settings)}
            return backup.execute_in_process(instance=instance, resources=given, raise_on_error=False).success

        assert missing(keeping) == ["BACKUP_DIR holds no backup of this database"]
        assert not run(blocked)
        (why,) = missing(keeping)
        assert "set BACKUP_DIR to another folder" in why
        assert run(keeping)
        assert missing(keeping) == []
        assert missing(keeping.model_copy(update={"backup_dir": None})) == []


def test_a_backup_that_is_too_old_raises_the_alarm() -> None:
    for age, expected in ((BACKUP_TOO_OLD, 0), (BACKUP_TOO_OLD + timedelta(seconds=1), 1)):
        judged = Examination()
        judge_backups(judged, MONDAY - age, None, MONDAY)
        assert len(judged.findings) == expected
    assert "36 hours ago" in judged.findings[0].detail


def test_the_schedule_asks_for_one_a_day_and_is_off_without_a_folder() -> None:
    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        context = dg.build_schedule_context(instance, scheduled_execution_time=MONDAY)
        asked = backup_schedule.evaluate_tick(context).run_requests
    assert [one.run_key for one in asked or ()] == ["2026-03-02T02:30"]
    assert backup_schedule.default_status is dg.DefaultScheduleStatus.STOPPED
