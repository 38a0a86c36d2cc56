"""Backups: what comes back, what is refused before anything changes, and who may read the files."""

import gzip
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Container
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from bson import Int64, json_util
from pymongo import MongoClient

from tests.documents import MONDAY, chart_day, isrc, materialization, raw_playlist
from tunemeld_pipeline.backups.backup import (
    BATCH,
    FORMAT,
    MANIFEST,
    UNSIGNED_FORMAT,
    Manifest,
    back_up,
    restore,
    verified,
)
from tunemeld_pipeline.backups.signing import KEY_BYTES, key_name, own_key, read_key, signature
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.errors import BackupError, StoreError
from tunemeld_pipeline.health import State
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.health import system_health
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.layout import COLLECTIONS, LAYOUT_VERSION
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.storage.transfer import Transfer
from tunemeld_pipeline.watching.incidents import close, note_seen

KEY = b"k" * KEY_BYTES
HERE: dict[str, Any] = {"database": "charts", "upstreams": "sandbox", "key": KEY}


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
    for service in keys():
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
    filled.playlists.put_raw_playlist(raw_playlist("Spotify", at=later, data_json='{"later": true}'))
    filled.playlists.put_raw_playlist(raw_playlist("Spotify", at=later, genre="rap"))

    assert restore(filled, saved, **HERE)["raw_playlists"].removed == 1
    assert hashes(filled) == before


def test_one_collection_comes_back_and_the_others_stay(store: Store, tmp_path: Path) -> None:
    store.playlists.put_raw_playlist(raw_playlist("Spotify"))
    store.lookups.put_playlist_description("playlist", PlaylistDescription(name="Before"), MONDAY)
    before = hashes(store)
    back_up(store, tmp_path / "saved", **HERE)
    store.playlists.put_raw_playlist(raw_playlist("Spotify", genre="rap"))
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
    with pytest.raises(BackupError, match=r"holds no collection charts; choose from api_usage, artists, backfill"):
        restore(filled, saved, **HERE, only=["charts", "raw_playlists"])
    assert hashes(filled) == before


def test_a_document_with_the_same_unique_key_and_another_id_is_replaced(
    filled: Store, saved: Path, settings: Settings, mongod_url: str
) -> None:
    before = hashes(filled)
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client[settings.database_name]["raw_playlists"].delete_many({})
    for service in keys():
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

    gateway().note_plan(StatedPlan(500, 400, 86_400))
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
    """Changes the manifest without its signature."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | changed), encoding="utf-8")


def _rewrite_signed(folder: Path, **changed: object) -> None:
    """Changes the manifest as somebody who has the key."""
    _rewrite(folder, **changed)
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    _rewrite(folder, signature=signature(KEY, manifest.signed))


def _listed(folder: Path) -> dict[str, Any]:
    collections: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["collections"]
    return collections


def _replace(folder: Path, name: str, text: bytes, documents: int, **more: object) -> None:
    """Puts another file in a collection's place, with the right sums and a signature."""
    path = folder / f"{name}.json.gz"
    path.write_bytes(gzip.compress(text, 1))
    sums = {"documents": documents, "text_bytes": len(text), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    _rewrite_signed(folder, collections=_listed(folder) | {name: sums | more})


def _without_a_collection(folder: Path) -> None:
    collections = _listed(folder)
    del collections["recordings"]
    _rewrite_signed(folder, collections=collections)


UNFIT: tuple[tuple[Callable[[Path], object], str], ...] = (
    (_flip_a_byte, "is damaged: its SHA-256 is not the manifest's"),
    (_cut, "is damaged: its SHA-256 is not the manifest's"),
    (lambda folder: _replace(folder, "backfill", b"[1]\n", 1), "missing or damaged"),
    (lambda folder: _replace(folder, "backfill", b'{"_id":1}\n' * 1_000_000, 2), "holds more than 2 documents"),
    (lambda folder: _replace(folder, "backfill", b'{"_id":1}\n' * 3, 3, text_bytes=25), "missing or damaged"),
    (lambda folder: _replace(folder, "backfill", b'{"_id":"' + b"a" * 60_000_000 + b'"}\n', 1), "missing or damaged"),
    (_without_a_collection, "lacks the collections recordings"),
    (lambda folder: _rewrite(folder, database="charts "), "was changed after it was signed"),
    (lambda folder: _rewrite(folder, signature=""), "is not signed"),
    (lambda folder: _rewrite(folder, format=UNSIGNED_FORMAT), "is not signed"),
    (lambda folder: _rewrite(folder, key=key_name(b"other")), "was signed by another installation"),
    (lambda folder: (folder / "backfill.json.gz").unlink(), "missing or damaged"),
    (lambda folder: (folder / MANIFEST).unlink(), "no finished backup"),
    (lambda folder: (folder / MANIFEST).write_text("{}"), "not the manifest of a TuneMeld backup"),
    (lambda folder: _rewrite(folder, format="other/9"), "has the format 'other/9'"),
    (lambda folder: _rewrite_signed(folder, layout=LAYOUT_VERSION + 1), "made by a later release"),
    (
        lambda folder: _rewrite_signed(
            folder, collections=_listed(folder) | {"../../users": {"documents": 1, "sha256": "0"}}
        ),
        "collections that are not TuneMeld's",
    ),
    (lambda folder: _rewrite_signed(folder, upstreams="live"), "which never mix; set TUNEMELD_UPSTREAMS=live"),
    (lambda folder: _rewrite_signed(folder, database="other"), "--force restores it all the same"),
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
    _rewrite_signed(saved, layout=LAYOUT_VERSION - 1)
    restore(filled, saved, **HERE)
    assert hashes(filled) == before


def test_force_restores_from_a_database_of_another_name_but_never_from_another_world(
    filled: Store, saved: Path
) -> None:
    assert restore(filled, saved, **HERE | {"database": "renamed"}, force=True)["raw_playlists"].written == 3
    with pytest.raises(BackupError, match="never mix"):
        restore(filled, saved, **HERE | {"upstreams": "live"}, force=True)


def test_a_backup_tells_what_it_holds(saved: Path) -> None:
    manifest = verified(saved, KEY)
    assert (manifest.database, manifest.upstreams, manifest.layout) == ("charts", "sandbox", LAYOUT_VERSION)
    assert manifest.collections["historical_track_views"].documents == 150
    assert (manifest.format, manifest.key) == (FORMAT, key_name(KEY))


def test_a_backup_without_a_signature_is_restored_where_that_is_said(filled: Store, saved: Path) -> None:
    before = hashes(filled)
    unsigned = {
        name: {field: value for field, value in listed.items() if field != "text_bytes"}
        for name, listed in _listed(saved).items()
    }
    _rewrite(saved, format=UNSIGNED_FORMAT, signature="", key="", collections=unsigned)

    restore(filled, saved, **HERE | {"key": None})

    assert hashes(filled) == before


def test_a_document_of_another_shape_is_refused_before_anything_changes(store: Store, tmp_path: Path) -> None:
    store.playlists.put_raw_playlist(raw_playlist("Spotify", data_json='{"price": "$genre_name"}'))
    back_up(store, tmp_path / "saved", **HERE)
    before = hashes(store)
    line = gzip.decompress((tmp_path / "saved" / "raw_playlists.json.gz").read_bytes())
    assert restore(store, tmp_path / "saved", **HERE)["raw_playlists"].written == 1

    for wrong in (line.replace(b'"stale": false', b'"stale": "no"'), line.replace(b'"data_json"', b'"data"')):
        assert wrong != line
        _replace(tmp_path / "saved", "raw_playlists", wrong, 1)
        with pytest.raises(BackupError, match="holds a document of another shape"):
            restore(store, tmp_path / "saved", **HERE | {"key": None})
        assert hashes(store) == before


def test_a_document_that_was_damaged_before_it_was_saved_comes_back_as_it_was(
    store: Store, settings: Settings, mongod_url: str, tmp_path: Path
) -> None:
    store.playlists.put_raw_playlist(raw_playlist("Spotify"))
    with MongoClient[dict[str, Any]](mongod_url) as client:
        rows = client[settings.database_name]["raw_playlists"]
        rows.database.command(
            "update", rows.name, updates=[{"q": {}, "u": {"$set": {"stale": "no"}}}], bypassDocumentValidation=True
        )
    before = hashes(store)
    back_up(store, tmp_path / "saved", **HERE)

    assert restore(store, tmp_path / "saved", **HERE)["raw_playlists"].written == 1
    assert hashes(store) == before


class HangingTransfer(Transfer):
    """Writes all documents, and hangs before it removes the others."""

    def __init__(self, store: Store, hangs: Path) -> None:
        super().__init__(store.handle)
        self._hangs = hangs

    def remove_others(self, collection: str, kept: Container[Any]) -> int:
        self._hangs.touch()
        threading.Event().wait()
        raise AssertionError("unreachable: it waits for ever")


def restore_and_hang(url: str, database: str, folder: Path, hangs: Path) -> None:
    with MongoClient[dict[str, Any]](url, tz_aware=True) as client:
        store = Store(client[database])
        store.transfer = HangingTransfer(store, hangs)
        restore(store, folder, **HERE)


def test_a_restore_that_was_killed_is_told_to_readers_hinders_runs_and_is_completed_by_the_next(
    store: Store, settings: Settings, mongod_url: str, tmp_path: Path, clean_processes: ForkServerContext
) -> None:
    store.playlists.put_raw_playlist(raw_playlist("Spotify"))
    before = hashes(store)
    back_up(store, tmp_path / "saved", **HERE)
    store.playlists.put_raw_playlist(raw_playlist("Spotify", at=MONDAY + timedelta(days=1)))
    store.playlists.put_raw_playlist(raw_playlist("Spotify", genre="rap"))
    hangs = tmp_path / "hangs"
    process = clean_processes.Process(
        target=restore_and_hang, args=(mongod_url, settings.database_name, tmp_path / "saved", hangs)
    )
    process.start()
    assert wait_until(hangs.exists, seconds=300)
    process.kill()
    process.join(300)

    assert store.layout.document_counts()["raw_playlists"] == 2
    unfinished = store.layout.unfinished_restore()
    assert unfinished is not None
    assert "has not ended, so the documents are mixed" in unfinished[0]
    assert unfinished[1] == f"tunemeld db restore {tmp_path / 'saved'}"
    with pytest.raises(StoreError, match="restore again"):
        store.layout.prepare()
    assert "restore" in [part.part for part in system_health(settings, []) if part.state is State.FAILED]

    restore(store, tmp_path / "saved", **HERE)

    assert hashes(store) == before
    assert store.layout.unfinished_restore() is None
    store.layout.prepare()


def test_an_installation_has_one_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    key = own_key(tmp_path / "home")
    file = tmp_path / "home" / "backup.key"

    assert own_key(tmp_path / "home") == read_key(file) == key
    assert (len(key), file.stat().st_mode & 0o777) == (KEY_BYTES, 0o600)
    assert [one.name for one in file.parent.iterdir()] == ["backup.key"]
    assert own_key(tmp_path / "other") != key


@pytest.mark.parametrize("text", ["", "not a key", "00ff", "00" * 33])
def test_a_file_that_holds_no_key_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "backup.key").write_text(text, "utf-8")
    with pytest.raises(BackupError, match=r"backup\.key"):
        own_key(tmp_path)
    with pytest.raises(BackupError, match="is missing"):
        read_key(tmp_path / "elsewhere")
