"""Readings on a real MongoDB, which adds them itself: none is lost or repeated, even when several runs write at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from tests.documents import MONDAY, isrc
from tests.storage.acts import Act, finish
from tunemeld_pipeline.storage.store import Store

DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


def test_recent_readings_are_the_last_ten_up_to_a_time_and_readings_since_are_all_after_one_or_until_another(
    store: Store,
) -> None:
    for day in range(14):
        finish(store, SUNDAY + day * DAY, {isrc(1): {"Spotify": 100 + day}})

    recent = store.histories.recent_readings([isrc(1), isrc(9)], SUNDAY + 11 * DAY)
    since = store.histories.readings_since([isrc(1)], SUNDAY + 11 * DAY)
    between = store.histories.readings_since([isrc(1)], SUNDAY + 11 * DAY, SUNDAY + 13 * DAY)

    assert [one.view_count for one in recent[isrc(1)]["Spotify"]] == list(range(102, 112))
    assert recent.keys() == {isrc(1)}
    assert [one.view_count for one in since[isrc(1)]["Spotify"]] == [111, 112, 113]
    assert [one.view_count for one in between[isrc(1)]["Spotify"]] == [111, 112]


def test_a_history_that_the_older_system_began_goes_on(store: Store, mongo_database: Database[Json]) -> None:
    """It wrote no run, no version and no first day, and deltas on the oldest reading."""
    mongo_database.command("collMod", "historical_track_views", validationLevel="off")
    older = [
        {"current_timestamp": SUNDAY - DAY, "view_count": 80, "delta_count": 0},
        {"current_timestamp": SUNDAY, "view_count": 100, "delta_count": 20},
        {"current_timestamp": MONDAY, "view_count": 130, "delta_count": 50},
    ]
    mongo_database["historical_track_views"].insert_one({"isrc": isrc(1), "view_counts": {"Spotify": older}})
    mongo_database.command("collMod", "historical_track_views", validationLevel="moderate")

    finish(store, TUESDAY, {isrc(1): {"Spotify": 190}})

    (history,) = store.histories.of([isrc(1)])
    assert [one.delta_count for one in history.view_counts["Spotify"]] == [0, 20, 30, 60]


def finish_a_day_of_its_own_genre(store: Store, number: int) -> None:
    for day in range(4):
        at = SUNDAY + ((day + number) % 4) * DAY
        readings = {isrc(track): {"Spotify": 100 * track + 10 * at.day, "Youtube": at.day} for track in range(1, 8)}
        finish(store, at, readings, genre=f"genre-{number % 4}", run_id=f"run-{number}")


def test_eight_runs_at_once_lose_and_repeat_no_reading_of_the_tracks_they_share(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    at_once(finish_a_day_of_its_own_genre)

    histories = store.histories.of(isrc(track) for track in range(1, 8))
    assert len(histories) == 7
    for history in histories:
        spotify = history.view_counts["Spotify"]
        assert [one.current_timestamp for one in spotify] == [SUNDAY + day * DAY for day in range(4)]
        assert [one.delta_count for one in spotify] == [0, 10, 10, 10]
        assert len(history.view_counts["Youtube"]) == 4
    assert {genre: one.version for genre, one in store.charts.materializations().items()} == {
        f"genre-{number}": 8 for number in range(4)
    }
