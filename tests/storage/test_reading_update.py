"""Readings added to a history by MongoDB: the same rule as in Python, and nothing but data in what is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pymongo.database import Database

from tunemeld_pipeline.charts.documents import HistoryPeriod, Reading
from tunemeld_pipeline.charts.history import period_of, with_gains, with_reading
from tunemeld_pipeline.storage.encoding import history_readings, read
from tunemeld_pipeline.storage.histories import history_id, reading_update

FRIDAY = datetime(2026, 3, 6, 2, 30, tzinfo=UTC)
SATURDAY = FRIDAY + timedelta(days=1)


def milliseconds(moment: datetime) -> datetime:
    """As BSON keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


moments = st.datetimes(datetime(2026, 2, 26), datetime(2026, 3, 6), timezones=st.just(UTC)).map(milliseconds)  # noqa: DTZ001
counts = st.integers(0, 2**62)
sequences = st.lists(st.tuples(moments, counts), max_size=8, unique_by=lambda written: written[0])


def written(sequence: Sequence[tuple[datetime, int]]) -> list[Reading]:
    readings: list[Reading] = []
    for moment, count in sequence:
        readings = with_reading(readings, moment, count)
    return readings


ISRC = "QZZ992600001"


def add(histories: Any, readings: dict[str, int], moment: datetime, run_id: str = "a-run") -> None:
    update = reading_update(ISRC, readings, moment, run_id, "sandbox")
    histories.update_one({"_id": history_id(ISRC, period_of(moment))}, update, upsert=True)


def kept(histories: Any, source: str) -> list[Reading]:
    return with_gains(
        sorted(one for document in histories.find() for one in history_readings(document).get(source, []))
    )


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=sequences)
def test_mongodb_computes_what_python_computes(mongo_database: Database[dict[str, Any]], sequence: Any) -> None:
    histories = mongo_database["historical_track_views"]
    histories.delete_many({})
    for moment, count in sequence:
        add(histories, {"Spotify": count}, moment)

    assert kept(histories, "Spotify") == written(sequence)
    by_month: dict[str, list[datetime]] = {}
    for moment, _ in sequence:
        by_month.setdefault(period_of(moment), []).append(moment)
    months = {one["period"]: read(HistoryPeriod, one) for one in histories.find()}
    assert months.keys() == by_month.keys()
    for period, seen in by_month.items():
        assert (months[period].first_seen, months[period].insert_timestamp) == (min(seen), max(seen))


def test_text_that_looks_like_an_expression_is_stored_as_text(mongo_database: Database[dict[str, Any]]) -> None:
    histories = mongo_database["historical_track_views"]
    add(histories, {"Youtube": 5}, FRIDAY, "$isrc")

    assert (histories.find_one({}) or {})["run_id"] == "$isrc"


def test_a_reading_of_one_source_leaves_the_others_alone(mongo_database: Database[dict[str, Any]]) -> None:
    histories = mongo_database["historical_track_views"]
    for readings, moment in (({"Youtube": 5, "Spotify": 7}, FRIDAY), ({"Spotify": 9}, SATURDAY)):
        add(histories, readings, moment)

    assert [one.view_count for one in kept(histories, "Youtube")] == [5]
    assert [one.view_count for one in kept(histories, "Spotify")] == [7, 9]
