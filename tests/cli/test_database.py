"""`tunemeld db`: what it shows of the database, and a backup there and back."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.documents import MONDAY, isrc, raw_playlist
from tests.storage.acts import finish
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


def test_a_backup_can_be_made_and_restored(tunemeld: Command, store: Store, tmp_path: Path) -> None:
    store.playlists.put_raw_playlist(raw_playlist())
    saved = tunemeld("db", "backup", tmp_path / "saved")
    assert (saved.returncode, "1 documents saved" in saved.stdout) == (0, True)
    store.playlists.put_raw_playlist(raw_playlist(genre="rap"))

    back = tunemeld("db", "restore", tmp_path / "saved")

    assert back.returncode == 0, back.stderr
    assert "1 documents restored, 1 removed that the backup does not have" in back.stdout
    assert store.layout.document_counts()["raw_playlists"] == 1


def test_a_folder_that_is_no_backup_is_one_line_and_a_failure(tunemeld: Command, tmp_path: Path) -> None:
    failed = tunemeld("db", "restore", tmp_path)
    assert failed.returncode == 1
    assert "no finished backup" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_connection_is_tested_without_changing_anything(tunemeld: Command, settings: Settings) -> None:
    shown = tunemeld("db", "test-connection")
    assert shown.returncode == 0
    assert "MongoDB 6." in shown.stdout
    assert settings.database_name in shown.stdout
    assert "replica set" in shown.stdout
    printed = json.loads(tunemeld("db", "test-connection", "--json").stdout)
    assert printed["database"] == settings.database_name
    assert printed["version"].startswith("6.")


def test_missing_indexes_are_told_and_init_makes_them(tunemeld: Command) -> None:
    before = tunemeld("db", "indexes")
    assert (before.returncode, "missing  raw_playlists.genre_name_1_service_name_1" in before.stdout) == (3, True)
    assert "collections prepared" in tunemeld("db", "init").stdout
    assert "was ready" in tunemeld("db", "init").stdout
    after = tunemeld("db", "indexes")
    assert (after.returncode, "missing" in after.stdout) == (0, False)
    assert {index["state"] for index in json.loads(tunemeld("db", "indexes", "--json").stdout)} == {"ok"}


def test_the_local_servers_are_data_where_wanted(tunemeld: Command) -> None:
    found = json.loads(tunemeld("db", "status", "--json").stdout)
    assert (found["mongodb_url_is_set"], found["mongod"]["running"], found["sandbox"]) == (True, False, [])


def test_an_index_that_nobody_asks_for_is_foreign(store: Store, tunemeld: Command) -> None:
    store.handle["raw_playlists"].create_index("run_id")
    assert "foreign  raw_playlists.run_id_1" in tunemeld("db", "indexes").stdout


def test_stats_are_data_where_wanted(tunemeld: Command, store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist())
    found = {facts["name"]: facts for facts in json.loads(tunemeld("db", "stats", "--json").stdout)}
    assert (found["raw_playlists"]["documents"], found["raw_playlists"]["newest"]) == (1, "2026-03-02T02:30:00+00:00")
    assert found["chart_history"]["newest"] is None


def test_unreadable_documents_are_listed_and_repaired(tunemeld: Command, store: Store) -> None:
    database = store.handle.database
    store.playlists.put_raw_playlist(raw_playlist())
    finish(store, MONDAY, {isrc(1): {"Spotify": 5, "Youtube": 7}})
    whole = tunemeld("db", "check")
    assert (whole.returncode, "every document can be read" in whole.stdout) == (0, True)
    for name in ("raw_playlists", "historical_track_views", "chart_history"):
        database.command("collMod", name, validationLevel="off")
    database["raw_playlists"].update_one({}, {"$unset": {"run_id": ""}})
    database["historical_track_views"].update_one({}, {"$set": {"view_counts.Youtube": "many"}})
    database["chart_history"].update_one({}, {"$set": {"schema_version": 9}})
    before = {name: list(database[name].find()) for name in database.list_collection_names()}

    listed = tunemeld("db", "check", "--json")

    assert listed.returncode == 3
    found = {one["collection"]: one for one in json.loads(listed.stdout)["unreadable"]}
    assert found.keys() == {"raw_playlists", "historical_track_views", "chart_history"}
    assert found["historical_track_views"]["key"] == f"{isrc(1)}/2026-03"
    assert found["historical_track_views"]["field"] == "view_counts.Youtube"
    assert found["chart_history"]["is_newer"]
    assert {name: list(database[name].find()) for name in before} == before
    assert "unreadable: raw_playlists dance Spotify" in tunemeld("system", "health").stdout

    repaired = tunemeld("db", "check", "--repair")

    assert repaired.returncode == 3  # what a newer release wrote stays
    assert "2 of 3 documents repaired" in repaired.stdout
    assert database["raw_playlists"].find_one() is None
    history = database["historical_track_views"].find_one()
    assert history is not None
    assert list(history["view_counts"]) == ["Spotify"]
    kept = database["quarantine"].find_one()
    assert kept is not None
    assert kept["original"] == before["historical_track_views"][0]
    assert list(database["chart_history"].find()) == before["chart_history"]
    database["chart_history"].delete_many({})
    assert tunemeld("db", "check").returncode == 0


def test_a_backup_of_another_installation_needs_its_key_or_a_word_that_none_is_wanted(
    tunemeld: Command, store: Store, settings: Settings, tmp_path: Path
) -> None:
    store.playlists.put_raw_playlist(raw_playlist())
    assert tunemeld("db", "backup", tmp_path / "saved").returncode == 0
    key = (settings.home / "backup.key").rename(tmp_path / "backup.key")

    refused = tunemeld("db", "restore", tmp_path / "saved")
    assert refused.returncode == 1
    assert "was signed by another installation" in refused.stderr
    assert key.read_text("ascii").strip() not in refused.stderr
    for said in (["--key-file", key], ["--unsigned"]):
        assert tunemeld("db", "restore", tmp_path / "saved", *said).returncode == 0


def test_without_a_folder_it_goes_into_backup_dir_and_is_tried_out(
    tunemeld: Command, store: Store, settings: Settings, tmp_path: Path
) -> None:
    refused = tunemeld("db", "backup")
    assert (refused.returncode, "BACKUP_DIR is not set" in refused.stderr) == (1, True)
    store.playlists.put_raw_playlist(raw_playlist())

    made = tunemeld("db", "backup", BACKUP_DIR=str(tmp_path / "kept"))

    assert (made.returncode, "saved, and tried out, in" in made.stdout) == (0, True), made.stderr
    (folder,) = (one for one in (tmp_path / "kept").iterdir() if one.name.startswith(settings.database_name))
    assert (folder / "manifest.json").is_file()
