"""What charts remember of the days before, read from years of tracks on a real MongoDB: the same as from all days themselves."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pymongo.database import Database

from tests.documents import MONDAY, aggregate, aggregate_track, chart, chart_day, isrc, materialization
from tests.storage.listening import listened_to
from tunemeld_pipeline.charts.charted_tracks import past_of
from tunemeld_pipeline.charts.documents import AggregateTrack
from tunemeld_pipeline.charts.movement import known_ids, with_memory
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]
DAY = timedelta(days=1)
BEGAN = datetime(2025, 12, 26, 2, 30, tzinfo=UTC)
"""A Friday: some days of the tests are in the old year, some in the new one."""


def charted(store: Store, at: datetime, numbers: Sequence[int]) -> None:
    """Keeps a day's chart; an odd number is known by another id of its own, too."""
    day = chart_day(at=at, numbers=numbers)
    others = {isrc(number): [f"Spotify:{number}"] for number in numbers if number % 2}
    store.charts.put_chart(chart(at=at))  # in the place of one that was rolled back
    store.charts.finish({}, day.model_copy(update={"other_ids": others}), materialization(at=at))


def rolled_back(store: Store, to: datetime) -> None:
    published = store.charts.materializations()["dance"]
    shown = chart(at=published.as_of).model_copy(update={"rolled_back_to": to})
    store.charts.roll_back(shown, aggregate(at=published.as_of), published, published.finished_at)


def remembered(store: Store, date: str) -> tuple[list[AggregateTrack], list[AggregateTrack]]:
    """A chart's memory from the years of its tracks, and from all days."""
    tracks = [aggregate_track(number, number) for number in range(1, 6)]
    tracks[4] = tracks[4].model_copy(update={"track_id": "Spotify:5"})
    from_years = store.charts.past("dance", date, known_ids(tracks))
    from_days = past_of(store.charts.charted_days("dance", date), date)
    return with_memory(tracks, date, from_years), with_memory(tracks, date, from_days)


def dates(days: Iterable[int]) -> list[str]:
    return [f"{BEGAN + day * DAY:%Y-%m-%d}" for day in days]


some_day = st.sampled_from([0, 1, 4, 5, 6, 9, 13, 20, 372])
day_charts = st.lists(st.integers(1, 6), unique=True, max_size=5)
acts = st.lists(st.tuples(some_day, st.one_of(day_charts, st.none())), min_size=1, max_size=9)


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_days_in_any_order_repeated_and_rolled_back_are_remembered_as_they_are(
    mongo_database: Database[Json], store: Store, acts: list[tuple[int, list[int] | None]]
) -> None:
    for name in ("chart_history", "charted_tracks", "materializations", "view_counts_playlists"):
        mongo_database[name].delete_many({})
    for number, (day, numbers) in enumerate(acts):
        if numbers is not None:
            charted(store, BEGAN + day * DAY + number * timedelta(minutes=1), numbers)
        elif store.charts.materializations():
            rolled_back(store, BEGAN + day * DAY)

    for date in dates([2, 6, 21, 400]):
        from_years, from_days = remembered(store, date)
        assert from_years == from_days


def test_a_run_reads_its_own_tracks_and_the_compared_day_alone(
    mongod_url: str, mongo_database: Database[Json], store: Store
) -> None:
    for day in range(20):
        charted(store, BEGAN + day * DAY, [1, 2, 100 + day])

    with listened_to(mongod_url, mongo_database.name) as (listened, seen):
        listened.charts.past("dance", *dates([20]), [isrc(1), isrc(2)])
        listened.charts.finish({}, chart_day(at=BEGAN + 20 * DAY), materialization(at=BEGAN + 20 * DAY))

    finds = [command for name, command in seen if name == "find" and command["find"] == "chart_history"]
    # The dates alone come from an index, and no day is read for them.
    asked = [command for command in finds if command.get("projection") != {"_id": 0, "date": 1}]
    assert asked
    for command in asked:
        (which, *_) = command["filter"].get("$and", [command["filter"]])
        assert isinstance(which.get("date"), str) or command.get("limit") == 1 or command.get("batchSize") == 2, command


def test_without_years_readers_go_through_the_days_and_the_next_day_makes_them_all(
    mongo_database: Database[Json], store: Store
) -> None:
    for day in (0, 1, 9):
        charted(store, BEGAN + day * DAY, [1, 2, 3])
    made = list(mongo_database["charted_tracks"].find().sort("_id"))
    mongo_database["charted_tracks"].delete_many({})
    from_years, from_days = remembered(store, *dates([10]))
    assert from_years == from_days
    assert from_years[0].days_on_chart == 4

    charted(store, BEGAN + 9 * DAY + timedelta(hours=1), [1, 2, 3])

    again = list(mongo_database["charted_tracks"].find().sort("_id"))
    assert [one["years"] for one in again] == [one["years"] for one in made]
    assert [sorted(one["ids"]) for one in again] == [sorted(one["ids"]) for one in made]


def test_the_days_with_a_chart_are_known_without_reading_their_charts(
    mongod_url: str, mongo_database: Database[Json], store: Store
) -> None:
    charted(store, MONDAY, [1])
    with listened_to(mongod_url, mongo_database.name) as (listened, seen):
        assert listened.charts.chart_dates("dance") == ["2026-03-02"]

    (find,) = (command for name, command in seen if name == "find")
    asked = {key: value for key, value in find.items() if key not in ("lsid", "$db", "$clusterTime")}
    plan = mongo_database.command("explain", asked, verbosity="executionStats")
    assert plan["executionStats"]["totalDocsExamined"] == 0
