"""Readings on a real MongoDB, which adds them itself: none is lost or repeated, even when several runs write at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from pymongo.database import Database

from tests.documents import MONDAY, isrc
from tests.storage.acts import Act, finish
from tunemeld_pipeline.errors import NewerDocument
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


def test_gains_go_on_across_months_gaps_and_days_written_late(store: Store) -> None:
    """A song is counted in January, is away until March, and a day of February is added last."""
    january, march = SUNDAY - 40 * DAY, SUNDAY
    finish(store, january, {isrc(1): {"Spotify": 100, "Youtube": 5}})
    finish(store, march, {isrc(1): {"Spotify": 190}})

    def gains(since: datetime) -> list[int]:
        return [one.delta_count for one in store.histories.readings_since([isrc(1)], since)[isrc(1)]["Spotify"]]

    assert (gains(january), gains(march)) == ([0, 90], [90])
    assert [one.view_count for one in store.histories.recent_readings([isrc(1)], march)[isrc(1)]["Youtube"]] == [5]

    finish(store, SUNDAY - DAY, {isrc(1): {"Spotify": 130}})

    assert (gains(january), gains(march)) == ([0, 30, 60], [60])


def test_a_late_day_changes_one_document_and_first_seen_follows_it(
    store: Store, mongo_database: Database[Json]
) -> None:
    finish(store, SUNDAY, {isrc(1): {"Spotify": 190}})
    finish(store, SUNDAY - 70 * DAY, {isrc(1): {"Spotify": 100}})
    before = {one["_id"]: one for one in mongo_database["historical_track_views"].find()}

    finish(store, SUNDAY - 40 * DAY, {isrc(1): {"Spotify": 130}})

    after = {one["_id"]: one for one in mongo_database["historical_track_views"].find()}
    assert [key for key in after if after[key] != before.get(key)] == [f"{isrc(1)}/2026-01"]
    assert store.histories.first_seen([isrc(1)]) == {isrc(1): SUNDAY - 70 * DAY}


def test_a_recording_that_was_not_counted_in_the_days_that_are_asked_for_is_known_without_readings(
    store: Store,
) -> None:
    finish(store, SUNDAY - 70 * DAY, {isrc(1): {"Spotify": 100}})

    assert store.histories.readings_since([isrc(1), isrc(2)], SUNDAY) == {isrc(1): {"Spotify": []}}


def of_version_1(number: int) -> Json:
    """A history as the releases of schema version 1 kept it, over two months."""
    series = [
        {"current_timestamp": SUNDAY + (day - 1) * DAY, "view_count": Int64(count), "delta_count": Int64(gain)}
        for day, count, gain in ((0, 80, 0), (1, 100, 20), (2, 130, 30))
    ]
    return {
        "isrc": isrc(number), "first_seen": SUNDAY - DAY, "view_counts": {"Spotify": series}, "schema_version": Int64(1),
        "insert_timestamp": MONDAY, "run_id": "earlier", "upstream": "sandbox",
    }  # fmt: skip


def test_a_history_of_version_1_is_read_like_any_other(store: Store, mongo_database: Database[Json]) -> None:
    mongo_database["historical_track_views"].insert_one(of_version_1(1), bypass_document_validation=True)
    finish(store, MONDAY, {isrc(2): {"Spotify": 7}})
    asked = [isrc(1), isrc(2)]

    assert store.histories.first_seen(asked) == {isrc(1): SUNDAY - DAY, isrc(2): MONDAY}
    recent = store.histories.recent_readings(asked, SUNDAY)
    assert [one.view_count for one in recent[isrc(1)]["Spotify"]] == [80, 100]
    since = store.histories.readings_since(asked, SUNDAY)
    assert [one.delta_count for one in since[isrc(1)]["Spotify"]] == [20, 30]
    assert [len(one.view_counts["Spotify"]) for one in store.histories.of(asked)] == [3, 1]


def test_a_month_of_a_later_release_is_left_out_and_named(store: Store, mongo_database: Database[Json]) -> None:
    finish(store, SUNDAY, {isrc(1): {"Spotify": 190}})
    mongo_database["historical_track_views"].update_one({}, {"$set": {"schema_version": Int64(4)}})

    assert store.histories.of([isrc(1)]) == []
    (error,) = store.unreadable
    assert isinstance(error, NewerDocument)


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
