"""Backups: what comes back, what is refused before anything changes, and who may read the files."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import Int64, json_util
from pymongo import MongoClient

from tests.documents import MONDAY, chart_day, isrc, materialization, raw_playlist
from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.documents import Incident, PlaylistDescription
from tunemeld_pipeline.errors import BackupError
from tunemeld_pipeline.operations.backup import BATCH, MANIFEST, back_up, restore, verified
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.layout import COLLECTIONS, LAYOUT_VERSION
from tunemeld_pipeline.storage.plans import PlanTold
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.incidents import close, note_seen

HERE = {"database": "charts", "upstreams": "sandbox"}


def hashes(store: Store) -> dict[str, str]:
    """A hash of each collection's documents, with their types."""
    return {
        spec.name: hashlib.sha256(
            "\n".join(
                json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS)
                for document in store.transfer.documents(spec.name)
            ).encode()
        ).hexdigest()
        for spec in COLLECTIONS
    }


@pytest.fixture
def filled(store: Store, settings: Settings, mongod_url: str) -> Store:
    """Playlists, and in every other collection a document of each type that BSON keeps apart."""
    for service in Service:
        store.playlists.put_raw_playlist(raw_playlist(service))
    with MongoClient[dict[str, Any]](mongod_url) as client:
        for spec in COLLECTIONS[1:]:
            client[settings.database_name][spec.name].insert_many(
                [
                    {
                        "_id": f"{spec.name}-{n}",
                        "isrc": f"{n}",
                        "genre_name": f"g{n}",
                        "service_name": "Spotify",
                        "date": f"{n}",
                        "used": Int64(7),
                        "small": 7,
                        "large": Int64(3_600_000_000),
                        "long": Int64(7),
                        "share": 0.1,
                        "none": None,
                        "at": MONDAY,
                    }
                    for n in range(150 if spec.name == "historical_track_views" else 2)
                ],
                bypass_document_validation=True,
            )
    return store


@pytest.fixture
def saved(filled: Store, tmp_path: Path) -> Path:
    """A backup of the filled collections."""
    back_up(filled, tmp_path / "saved", **HERE)
    return tmp_path / "saved"


def test_backup_then_drop_then_restore_gives_identical_documents(
    filled: Store, saved: Path, settings: Settings, mongod_url: str
) -> None:
    before = hashes(filled)
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client.drop_database(settings.database_name)
    filled.layout.prepare()
    assert hashes(filled) != before

    done = restore(filled, saved, **HERE)

    assert hashes(filled) == before
    assert (done["historical_track_views"].written, done["historical_track_views"].removed) == (150, 0)


def test_what_was_written_after_the_backup_gives_way_to_it(filled: Store, saved: Path) -> None:
    before = hashes(filled)
    later = MONDAY + timedelta(days=1)
    filled.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY, at=later, data_json='{"later": true}'))
    filled.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY, at=later, genre="rap"))

    assert restore(filled, saved, **HERE)["raw_playlists"].removed == 1
    assert hashes(filled) == before


def test_one_collection_comes_back_and_the_others_stay(store: Store, tmp_path: Path) -> None:
    store.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY))
    store.lookups.put_playlist_description("playlist", PlaylistDescription(name="Before"), MONDAY)
    before = hashes(store)
    back_up(store, tmp_path / "saved", **HERE)
    store.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY, genre="rap"))
    store.lookups.put_playlist_description("playlist", PlaylistDescription(name="Since"), MONDAY)
    since = hashes(store)

    done = restore(store, tmp_path / "saved", **HERE, only=["raw_playlists"])

    assert list(done) == ["raw_playlists"]
    assert hashes(store) == since | {"raw_playlists": before["raw_playlists"]}


def test_what_charts_remember_goes_with_the_days_that_it_was_made_from(store: Store, tmp_path: Path) -> None:
    store.charts.finish({}, chart_day(), materialization())
    back_up(store, tmp_path / "saved", **HERE)
    store.charts.finish({}, chart_day(at=MONDAY + timedelta(days=1)), materialization(at=MONDAY + timedelta(days=1)))

    restore(store, tmp_path / "saved", **HERE, only=["chart_history"])

    assert list(store.transfer.documents("charted_tracks")) == []
    past = store.charts.past("dance", "2026-03-09", [isrc(1)])
    assert [one.date for year in past.years[isrc(1)].values() for one in year.records] == ["2026-03-02"]
    with pytest.raises(BackupError, match="--only chart_history"):
        restore(store, tmp_path / "saved", **HERE, only=["charted_tracks"])


def test_a_backup_of_the_older_system_is_restored_as_a_whole_or_not_at_all(filled: Store, saved: Path) -> None:
    before = hashes(filled)
    with pytest.raises(BackupError, match="is restored as a whole"):
        restore(filled, saved, **HERE, only=["raw_playlists"])
    assert hashes(filled) == before


def test_a_collection_that_the_backup_does_not_hold_is_refused_with_those_that_it_holds(
    filled: Store, saved: Path
) -> None:
    before = hashes(filled)
    with pytest.raises(BackupError, match=r"holds no collection charts; choose from api_usage, backfill"):
        restore(filled, saved, **HERE, only=["charts", "raw_playlists"])
    assert hashes(filled) == before


def test_a_document_with_the_same_unique_key_and_another_id_is_replaced(
    filled: Store, saved: Path, settings: Settings, mongod_url: str
) -> None:
    before = hashes(filled)
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client[settings.database_name]["raw_playlists"].delete_many({})
    for service in Service:
        filled.playlists.put_raw_playlist(raw_playlist(service, at=MONDAY + timedelta(days=1)))

    restore(filled, saved, **HERE)

    assert hashes(filled) == before


def test_incidents_that_came_again_and_again_all_come_back(store: Store, tmp_path: Path) -> None:
    """One of a key is open at most, and any number are over: more than one step of a restore writes."""
    now = datetime.now(UTC)  # MongoDB itself removes those that were over long ago
    for before_now in range(BATCH + 50, 0, -1):
        at = now - timedelta(days=before_now)
        seen = Incident(incident_id=f"{before_now}", key="old/dance/", kind="old", opened_at=at, last_seen=at)
        note_seen(store, seen)
        if before_now > 1:
            close(store, seen.incident_id, at)
    before = hashes(store)
    back_up(store, tmp_path / "saved", **HERE)

    for _ in range(2):
        assert restore(store, tmp_path / "saved", **HERE)["incidents"].written == BATCH + 50
        assert hashes(store) == before


def test_what_was_spent_of_the_quotas_since_stays_spent(store: Store, tmp_path: Path) -> None:
    def gateway() -> StoredBudget:
        return StoredBudget(store.handle, "Spotify", "spotify", 10, "2026-03-02", plan_at=MONDAY)

    gateway().note_plan(PlanTold(500, 400, 86_400))
    gateway().spend(2)
    back_up(store, tmp_path / "saved", **HERE)
    gateway().spend(6)
    StoredBudget(store.handle, "Spotify", "spotify", 10, "2026-03-03", plan_at=MONDAY).spend(1)
    StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02").declare_exhausted()
    before = list(store.transfer.documents("api_usage"))

    assert restore(store, tmp_path / "saved", **HERE)["api_usage"].removed == 0

    assert list(store.transfer.documents("api_usage")) == before
    assert gateway().usage()["used"] == 8
    plan = gateway().plan()
    assert plan is not None
    assert plan.remaining == 391


def test_what_a_backup_knows_to_be_spent_is_spent_in_a_database_that_knows_less(
    store: Store, mongod_url: str, settings: Settings, tmp_path: Path
) -> None:
    day = "2026-03-02"
    StoredBudget(store.handle, "Spotify", "spotify", 10, day).spend(7)
    StoredBudget(store.handle, "YouTube", "youtube", 10, day).spend(1)
    StoredBudget(store.handle, "YouTube", "youtube", 10, day).declare_exhausted()
    back_up(store, tmp_path / "saved", **HERE)
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client[settings.database_name]["api_usage"].delete_many({})
    StoredBudget(store.handle, "Spotify", "spotify", 10, day).spend(1)
    StoredBudget(store.handle, "YouTube", "youtube", 10, day).spend(2)

    restore(store, tmp_path / "saved", **HERE)

    assert StoredBudget(store.handle, "Spotify", "spotify", 10, day).left() == 3
    youtube = StoredBudget(store.handle, "YouTube", "youtube", 10, day)
    assert (youtube.usage()["used"], youtube.left()) == (2, 0)


def test_only_the_owner_can_read_a_backup(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in saved.iterdir()} == {0o600}


def test_a_folder_that_holds_something_is_not_written_to(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="is not empty; name a new folder"):
        back_up(filled, tmp_path, **HERE)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["notes.txt"]


def _flip_a_byte(folder: Path) -> None:
    path = folder / "raw_playlists.json.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(folder: Path) -> None:
    path = folder / "raw_playlists.json.gz"
    path.write_bytes(path.read_bytes()[:-20])


def _rewrite(folder: Path, **changed: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | changed), encoding="utf-8")


def _no_documents(folder: Path) -> None:
    path = folder / "backfill.json.gz"
    path.write_bytes(gzip.compress(b"[1]\n"))
    collections = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["collections"]
    collections["backfill"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    _rewrite(folder, collections=collections)


def _foreign_collection(folder: Path) -> None:
    _rewrite(folder, collections={"../../users": {"documents": 1, "sha256": "0"}})


UNFIT: tuple[tuple[Callable[[Path], object], str], ...] = (
    (_flip_a_byte, "is damaged: its SHA-256 is not the manifest's"),
    (_cut, "is damaged: its SHA-256 is not the manifest's"),
    (_no_documents, "missing or damaged"),
    (lambda folder: (folder / "backfill.json.gz").unlink(), "missing or damaged"),
    (lambda folder: (folder / MANIFEST).unlink(), "no finished backup"),
    (lambda folder: (folder / MANIFEST).write_text("{}"), "not the manifest of a TuneMeld backup"),
    (lambda folder: _rewrite(folder, format="other/9"), "has the format 'other/9'"),
    (lambda folder: _rewrite(folder, layout=LAYOUT_VERSION + 1), "made by a later release"),
    (_foreign_collection, "collections that are not TuneMeld's"),
    (lambda folder: _rewrite(folder, upstreams="live"), "which never mix; set TUNEMELD_UPSTREAMS=live"),
    (lambda folder: _rewrite(folder, database="other"), "--force restores it all the same"),
)


def test_an_unfit_backup_is_refused_before_anything_changes(filled: Store, saved: Path, tmp_path: Path) -> None:
    filled.playlists.put_raw_playlist(raw_playlist(genre="rap"))
    before = hashes(filled)
    for number, (damage, message) in enumerate(UNFIT):  # on one database: filling it takes a second
        unfit = Path(shutil.copytree(saved, tmp_path / f"unfit-{number}"))
        damage(unfit)
        with pytest.raises(BackupError, match=message):
            restore(filled, unfit, **HERE)
        assert hashes(filled) == before


def test_a_backup_of_an_older_layout_is_restored(filled: Store, saved: Path) -> None:
    before = hashes(filled)
    _rewrite(saved, layout=LAYOUT_VERSION - 1)
    restore(filled, saved, **HERE)
    assert hashes(filled) == before


def test_force_restores_from_a_database_of_another_name_but_never_from_another_world(
    filled: Store, saved: Path
) -> None:
    assert restore(filled, saved, database="renamed", upstreams="sandbox", force=True)["raw_playlists"].written == 3
    with pytest.raises(BackupError, match="never mix"):
        restore(filled, saved, database="charts", upstreams="live", force=True)


def test_a_backup_tells_what_it_holds(saved: Path) -> None:
    manifest = verified(saved)
    assert (manifest.database, manifest.upstreams, manifest.layout) == ("charts", "sandbox", LAYOUT_VERSION)
    assert manifest.collections["historical_track_views"].documents == 150
