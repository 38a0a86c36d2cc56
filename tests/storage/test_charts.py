"""Charts on a real MongoDB: what finishing a day writes in one transaction, and what readers see of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from tests.documents import MONDAY, chart, chart_day, chart_of_version_1, isrc, materialization
from tests.storage.acts import Act, finish, put_recordings
from tunemeld_pipeline.charts.chart_days import ChartedDay
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.store import Store

DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


def put_chart_of_its_own_hour(store: Store, number: int) -> bool:
    return store.charts.put_chart(chart([number + 1], at=MONDAY + timedelta(hours=number)))


def test_of_first_charts_written_at_once_the_newest_stays(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(5):
        assert at_once(put_chart_of_its_own_hour)[-1] is True
        assert store.charts.chart("dance", TUESDAY).tracks[0].isrc == isrc(8)
        mongo_database["view_counts_playlists"].delete_many({})


def test_an_older_chart_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    assert store.charts.put_chart(chart((1, 2)))

    assert not store.charts.put_chart(chart((3, 4), at=SUNDAY))

    assert store.charts.chart("dance", SUNDAY) == chart((3, 4), at=SUNDAY)
    assert store.charts.chart("dance", MONDAY) == store.charts.last_chart("dance", TUESDAY) == chart((1, 2))
    assert store.charts.last_chart("dance", SUNDAY) is None


def test_what_was_never_written_is_named_with_the_stage_to_run(store: Store) -> None:
    with pytest.raises(NothingStored, match="dance has no consensus up to 2026-03-02; run the stage") as no_consensus:
        store.playlists.aggregate("dance", MONDAY)
    with pytest.raises(NothingStored, match="dance has no chart up to 2026-03-02; run the stage") as no_chart:
        store.charts.chart("dance", MONDAY)
    assert no_consensus.value.next_command == "tunemeld etl run transform --genre dance"
    assert no_chart.value.next_command == "tunemeld etl run view_count --genre dance"


def test_finishing_a_day_adds_readings_keeps_the_day_and_raises_the_version(store: Store) -> None:
    assert finish(store, SUNDAY, {isrc(1): {"Spotify": 100}}) == 1
    assert finish(store, MONDAY, {isrc(1): {"Spotify": 130, "Youtube": 7}, isrc(2): {"Youtube": 9}}) == 2

    first, second = store.histories.of([isrc(2), isrc(1)])
    assert [(one.view_count, one.delta_count) for one in first.view_counts["Spotify"]] == [(100, 0), (130, 30)]
    assert (first.first_seen, second.first_seen) == (SUNDAY, MONDAY)
    assert store.histories.first_seen([isrc(1), isrc(2), isrc(3)]) == {isrc(1): SUNDAY, isrc(2): MONDAY}
    published = store.charts.materializations()["dance"]
    assert (published.version, published.as_of) == (2, MONDAY)
    assert published.previous == {"version": 1, "as_of": SUNDAY, "run_id": "a-run"}
    assert [day.date for day in store.charts.chart_days("dance", "2026-03-03", 10)] == ["2026-03-02", "2026-03-01"]


def test_finishing_an_older_day_keeps_the_served_chart_and_announces_the_longer_histories(store: Store) -> None:
    finish(store, TUESDAY, {isrc(1): {"Spotify": 190}}, run_id="newest")

    assert finish(store, SUNDAY, {isrc(1): {"Spotify": 100}}, run_id="older") == 2

    published = store.charts.materializations()["dance"]
    assert (published.as_of, published.run_id, published.version) == (TUESDAY, "newest", 2)
    (history,) = store.histories.of([isrc(1)])
    assert [one.delta_count for one in history.view_counts["Spotify"]] == [0, 90]
    assert history.first_seen == SUNDAY


def test_a_second_run_of_a_day_replaces_its_chart_day_and_an_earlier_one_does_not(store: Store) -> None:
    finish(store, MONDAY, {})
    later, earlier = MONDAY + timedelta(hours=3), MONDAY - timedelta(hours=1)

    store.charts.finish({}, chart_day(at=later, numbers=(5,)), materialization(at=later))
    store.charts.finish({}, chart_day(at=earlier, numbers=(9,)), materialization(at=earlier))

    (kept,) = store.charts.chart_days("dance", "2026-03-03", 10)
    assert kept.chart == [isrc(5)]


def test_chart_days_are_the_genres_own_newest_first_and_before_the_day(store: Store) -> None:
    for days in range(5):
        finish(store, SUNDAY + days * DAY, {})
    finish(store, SUNDAY, {}, genre="rap")

    assert [day.date for day in store.charts.chart_days("dance", "2026-03-04", 2)] == ["2026-03-03", "2026-03-02"]
    assert [day.date for day in store.charts.chart_days("rap", "2026-03-04", 2)] == ["2026-03-01"]


def test_charted_days_are_all_of_the_genre_before_the_day_without_their_lists(store: Store) -> None:
    for days in range(3):
        finish(store, SUNDAY + days * DAY, {})
    finish(store, SUNDAY, {}, genre="rap")
    linked = chart_day(at=MONDAY).model_copy(update={"other_ids": {isrc(1): ["AppleMusic:1.5", isrc(9)]}})
    store.charts.finish({}, linked, materialization(at=MONDAY))

    assert store.charts.charted_days("dance", "2026-03-03") == [
        ChartedDay(date="2026-03-01", chart=[isrc(1), isrc(2), isrc(3)]),
        ChartedDay(date="2026-03-02", chart=[isrc(1), isrc(2), isrc(3)], other_ids=linked.other_ids),
    ]


def test_a_chart_of_version_1_is_read_and_written_anew_in_version_2(
    store: Store, mongo_database: Database[Json]
) -> None:
    mongo_database["view_counts_playlists"].insert_one(chart_of_version_1(), bypass_document_validation=True)

    kept = store.charts.chart("dance", MONDAY)

    assert kept == store.charts.last_chart("dance", MONDAY) == chart()
    store.charts.put_chart(kept)
    assert mongo_database["view_counts_playlists"].find_one({}, {"_id": 0}) == to_bson(chart())


def test_what_was_last_known_about_a_recording_is_kept_in_any_order(store: Store) -> None:
    def facts(day: int, name: str, *services: str) -> RecordingFacts:
        return RecordingFacts(
            insert_timestamp=datetime(2026, 3, day, tzinfo=UTC),
            run_id="run",
            upstream="sandbox",
            track_id="XXTST2600001",
            isrc="XXTST2600001",
            track_name=name,
            artist_name="The Hollow Kettles",
            track_url="https://open.spotify.com/track/x",
            track_urls={service: f"https://example.org/{service}/{name}" for service in services},
        )

    put_recordings(store, [facts(2, "$second", "Spotify", "AppleMusic")])
    put_recordings(store, [facts(1, "first", "Spotify", "SoundCloud")])
    put_recordings(store, [facts(3, "third", "AppleMusic")])
    known = store.recordings.known(["XXTST2600001", "XXTST2600002"])
    assert known.keys() == {"XXTST2600001"}
    assert known["XXTST2600001"].track_name == "third"
    assert known["XXTST2600001"].track_urls == {
        "Spotify": "https://example.org/Spotify/$second",
        "SoundCloud": "https://example.org/SoundCloud/first",
        "AppleMusic": "https://example.org/AppleMusic/third",
    }


def test_a_day_says_when_what_is_shown_of_it_last_changed(store: Store) -> None:
    def changed(at: datetime, genre: str = "dance") -> datetime | None:
        return store.charts.changed_at([genre], f"{at:%Y-%m-%d}")

    for at in (SUNDAY, MONDAY, TUESDAY):
        finish(store, at, {})
    # Each day but the newest got a day after it, to which it links.
    assert [changed(at) for at in (SUNDAY, MONDAY, TUESDAY)] == [MONDAY, TUESDAY, TUESDAY]
    finish(store, TUESDAY, {}, genre="pop")
    assert changed(SUNDAY) == MONDAY
    later = TUESDAY + timedelta(hours=1)
    again = materialization(at=MONDAY).model_copy(update={"finished_at": later})
    store.charts.finish({}, chart_day(at=MONDAY), again)
    assert [changed(at) for at in (SUNDAY, MONDAY, TUESDAY)] == [later, later, later]
    assert changed(TUESDAY, "pop") == TUESDAY
    assert store.charts.changed_at(["dance", "pop"], f"{TUESDAY:%Y-%m-%d}") == later
    assert store.charts.changed_at(["dance"], "2020-01-01") is None
    assert changed(TUESDAY) and changed(TUESDAY).tzinfo is UTC, "the only one that an HTTP date can be made of"  # type: ignore[union-attr]


def test_a_day_of_an_earlier_release_does_not_say_when_it_changed(store: Store, mongo_database: Database[Json]) -> None:
    finish(store, MONDAY, {})
    mongo_database["chart_history"].update_many({}, {"$unset": {"changed_at": ""}})
    assert store.charts.changed_at(["dance"], f"{MONDAY:%Y-%m-%d}") is None
