"""Readings added to a history by MongoDB: the same rule as in Python, and nothing but data in what is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pymongo.database import Database

from tunemeld_pipeline.charts.documents import Reading
from tunemeld_pipeline.charts.history import with_reading
from tunemeld_pipeline.storage.histories import reading_update

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


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=sequences)
def test_mongodb_computes_what_python_computes(mongo_database: Database[dict[str, Any]], sequence: Any) -> None:
    histories = mongo_database["historical_track_views"]
    histories.delete_many({})
    for moment, count in sequence:
        histories.update_one(
            {"isrc": "QZZ992600001"}, reading_update({"Spotify": count}, moment, "a-run", "sandbox", 1), upsert=True
        )

    stored = histories.find_one({"isrc": "QZZ992600001"})
    kept = [Reading.model_validate(one) for one in stored["view_counts"]["Spotify"]] if stored else []
    assert kept == written(sequence)
    if stored:
        assert stored["first_seen"] == min(moment for moment, _ in sequence)
        assert stored["insert_timestamp"] == max(moment for moment, _ in sequence)


def test_text_that_looks_like_an_expression_is_stored_as_text(mongo_database: Database[dict[str, Any]]) -> None:
    histories = mongo_database["historical_track_views"]
    histories.update_one({"isrc": "I"}, reading_update({"Youtube": 5}, FRIDAY, "$isrc", "sandbox", 1), upsert=True)

    assert (histories.find_one({}) or {})["run_id"] == "$isrc"


def test_a_reading_of_one_source_leaves_the_others_alone(mongo_database: Database[dict[str, Any]]) -> None:
    histories = mongo_database["historical_track_views"]
    for readings, moment in (({"Youtube": 5, "Spotify": 7}, FRIDAY), ({"Spotify": 9}, SATURDAY)):
        histories.update_one({"isrc": "I"}, reading_update(readings, moment, "a-run", "sandbox", 1), upsert=True)

    stored = (histories.find_one({}) or {})["view_counts"]
    assert {source: [one["view_count"] for one in readings] for source, readings in stored.items()} == {
        "Youtube": [5],
        "Spotify": [7, 9],
    }
