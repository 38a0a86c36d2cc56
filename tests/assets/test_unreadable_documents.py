"""Runs among stored documents that cannot be read: each is named, put aside and written anew, and harms nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from tests.assets.conftest import TUESDAY, WEDNESDAY, degraded, failure
from tests.conftest import GenreRunner
from tunemeld_pipeline.operations.document_check import repair_documents
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]
Edit = Callable[["Database[Json]"], object]

EDITS: dict[str, tuple[str, str, Edit]] = {
    "a chart without one rank": (
        "view_counts_playlists",
        "tracks.3.rank",
        lambda database: database["view_counts_playlists"].update_one({}, {"$unset": {"tracks.3.rank": ""}}),
    ),
    "a publication that is a text": (
        "materializations",
        "publication",
        lambda database: database["materializations"].update_one({}, {"$set": {"publication": "x"}}),
    ),
    "a consensus whose rows are no list": (
        "track_playlist",
        "tracks",
        lambda database: database["track_playlist"].update_one(
            {"service_name": "Aggregate"}, {"$set": {"tracks": {"0": "x"}}}
        ),
    ),
    "a list of nobody's": (
        "track_playlist",
        "run_id",
        lambda database: database["track_playlist"].update_one({"service_name": "Spotify"}, {"$unset": {"run_id": ""}}),
    ),
    "a fetched list with an answer that is a number": (
        "raw_playlists",
        "data_json",
        lambda database: database["raw_playlists"].update_one({"service_name": "Spotify"}, {"$set": {"data_json": 5}}),
    ),
    "a day that is a number": (
        "chart_history",
        "chart",
        lambda database: database["chart_history"].update_one({}, {"$set": {"chart": 7}}),
    ),
    "a recording with addresses that are a text": (
        "recordings",
        "track_urls",
        lambda database: database["recordings"].update_one({}, {"$set": {"track_urls": "x"}}),
    ),
    "looked-up videos tried a text of times": (
        "youtube_cache",
        "attempts",
        lambda database: database["youtube_cache"].update_one({}, {"$set": {"attempts": "x"}}),
    ),
    "kept units that are a list": (
        "api_usage",
        "kept",
        lambda database: database["api_usage"].update_one(
            {"_id": {"$regex": "^spotify/"}, "kept": {"$exists": True}}, {"$set": {"kept": [1]}}
        ),
    ),
    "a description fetched at a text": (
        "playlist_cache",
        "fetched_at",
        lambda database: database["playlist_cache"].update_one({}, {"$set": {"fetched_at": "x"}}),
    ),
}


@pytest.fixture
def edited(database: "Database[Json]", run_genre: GenreRunner) -> "Callable[[Edit], Database[Json]]":
    """The database after one good day and an edit that passes the validators, as a shell's does."""

    def edit(change: Edit) -> "Database[Json]":
        run_genre.after(TUESDAY)
        for name in database.list_collection_names():
            database.command("collMod", name, validationLevel="off")
        change(database)
        return database

    return edit


def test_a_run_names_what_cannot_be_read_keeps_it_and_writes_it_anew(
    edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner
) -> None:
    def edit_all(database: "Database[Json]") -> None:
        for _, _, edit in EDITS.values():
            edit(database)

    database = edited(edit_all)

    result = run_genre(as_of=TUESDAY, raise_on_error=False)

    assert result.success
    named = degraded(run_genre, result)
    assert "document view_counts_playlists dance Aggregate" in named
    assert "document materializations dance" in named
    kept = {(one["collection"], one["field"]) for one in database["quarantine"].find()}
    assert kept >= {(collection, field) for collection, field, _ in EDITS.values()}
    assert degraded(run_genre, run_genre(as_of=WEDNESDAY)) == set()


@pytest.mark.slow
@pytest.mark.parametrize("case", list(EDITS))
def test_one_unreadable_document_alone_fails_no_run(
    case: str, edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner
) -> None:
    collection, field, edit = EDITS[case]
    database = edited(edit)

    result = run_genre(as_of=TUESDAY, raise_on_error=False)

    assert result.success
    assert any(one.startswith(f"document {collection} ") for one in degraded(run_genre, result))
    kept = database["quarantine"].find_one({"collection": collection})
    assert kept is not None
    assert kept["field"] == field
    assert degraded(run_genre, run_genre(as_of=WEDNESDAY)) == set()


def test_a_history_with_a_text_for_one_source_keeps_the_readings_of_the_others(
    edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner
) -> None:
    months: list[str] = []

    def breaks(database: "Database[Json]") -> None:
        history = database["historical_track_views"].find_one({"view_counts.Spotify": {"$exists": True}})
        assert history is not None
        months.append(history["_id"])
        database["historical_track_views"].update_one(
            {"_id": history["_id"]}, {"$set": {"view_counts.Youtube": "many"}}
        )

    database = edited(breaks)
    result = run_genre(as_of=WEDNESDAY, raise_on_error=False)

    assert result.success
    assert degraded(run_genre, result) == {f"document historical_track_views {months[0]}"}
    history = database["historical_track_views"].find_one({"_id": months[0]})
    assert history is not None
    assert len(history["view_counts"]["Spotify"]) == 2
    original = database["quarantine"].find_one({"key": months[0]})
    assert original is not None
    assert original["original"]["view_counts"]["Youtube"] == "many"
    assert degraded(run_genre, run_genre(as_of=WEDNESDAY)) == set()


@pytest.mark.slow
def test_a_chart_of_a_newer_release_is_refused_by_name_and_stays(
    edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner
) -> None:
    database = edited(
        lambda database: database["view_counts_playlists"].update_one({}, {"$set": {"schema_version": 9}})
    )
    before = database["view_counts_playlists"].find_one()

    result = run_genre(as_of=WEDNESDAY, raise_on_error=False)

    assert "view_counts_playlists dance" in failure(result)
    assert "was written by a newer release" in failure(result)
    assert database["view_counts_playlists"].find_one() == before
    assert database["quarantine"].find_one() is None


@pytest.mark.slow
def test_a_history_of_a_newer_release_stays_and_the_run_goes_on_without_it(
    edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner
) -> None:
    database = edited(
        lambda database: database["historical_track_views"].update_one({}, {"$set": {"schema_version": 9}})
    )
    before = database["historical_track_views"].find_one({"schema_version": 9})
    assert before is not None

    result = run_genre(as_of=WEDNESDAY, raise_on_error=False)

    assert result.success
    assert degraded(run_genre, result) == {f"document historical_track_views {before['_id']}"}
    assert database["historical_track_views"].find_one({"_id": before["_id"]}) == before


@pytest.mark.slow  # tests/storage/test_budgets.py has such days without a run
def test_a_quota_day_that_does_not_say_its_use_is_left_alone_and_nothing_is_asked_until_it_is_repaired(
    edited: "Callable[[Edit], Database[Json]]", run_genre: GenreRunner, faults: Faults, store: Store
) -> None:
    youtube = {"_id": {"$regex": "^youtube/"}}
    database = edited(lambda database: database["api_usage"].update_one(youtube, {"$set": {"used": "x"}}))
    day = database["api_usage"].find_one(youtube)
    assert day is not None
    faults.reset_requests()

    result = run_genre(as_of=TUESDAY, raise_on_error=False)

    assert result.success
    assert f"document api_usage {day['_id']}" in degraded(run_genre, result)
    assert "youtube" not in faults.requests()
    assert database["api_usage"].find_one(youtube) == day
    repair_documents(store, "sandbox")
    assert degraded(run_genre, run_genre(as_of=TUESDAY)) == set()
    assert "youtube" in faults.requests()
