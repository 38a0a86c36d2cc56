"""Counts over time: one reading a UTC day, deltas on the reading before, chart weeks and gains."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.charts.documents import DatedCount, Reading
from tunemeld_pipeline.charts.history import (
    chart_week_start,
    day_of,
    period_before,
    period_of,
    row_readings,
    trailing_gain,
    with_gains,
    with_reading,
)

FRIDAY = datetime(2026, 3, 6, 2, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)


moments = st.datetimes(datetime(2026, 2, 26), datetime(2026, 3, 6), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(0, 2**62)
sequences = st.lists(st.tuples(moments, counts), max_size=8, unique_by=lambda written: written[0])


def written(sequence: Sequence[tuple[datetime, int]]) -> list[Reading]:
    readings: list[Reading] = []
    for moment, count in sequence:
        readings = with_reading(readings, moment, count)
    return readings


def test_each_reading_tells_what_it_gained_on_the_one_before() -> None:
    readings = written([(FRIDAY, 100), (SATURDAY, 130), (SATURDAY + DAY, 190)])

    assert [(one.view_count, one.delta_count) for one in readings] == [(100, 0), (130, 30), (190, 60)]


def test_a_second_reading_of_a_day_replaces_the_first() -> None:
    readings = written([(FRIDAY, 100), (SATURDAY, 130), (SATURDAY + timedelta(hours=9), 141)])

    assert [(one.current_timestamp.hour, one.view_count, one.delta_count) for one in readings] == [
        (2, 100, 0),
        (11, 141, 41),
    ]


def test_an_earlier_reading_of_a_day_does_not_replace_the_later_one() -> None:
    later = written([(SATURDAY, 130)])

    assert with_reading(later, SATURDAY - timedelta(hours=1), 120) == later


def test_a_second_reading_of_one_moment_replaces_the_first() -> None:
    assert [one.view_count for one in with_reading(written([(SATURDAY, 130)]), SATURDAY, 131)] == [131]


def test_a_day_written_late_mends_the_delta_of_the_day_after() -> None:
    readings = written([(FRIDAY, 100), (SATURDAY + DAY, 190), (SATURDAY, 130)])

    assert [one.delta_count for one in readings] == [0, 30, 60]


def test_a_count_that_goes_down_is_kept_as_it_is() -> None:
    assert [one.delta_count for one in written([(FRIDAY, 100), (SATURDAY, 70)])] == [0, -30]


def test_a_day_is_a_utc_day_wherever_its_time_was_read() -> None:
    in_sydney = datetime.fromisoformat("2026-03-08T09:00:00+11:00")  # 22:00 UTC on the 7th

    assert [one.view_count for one in written([(SATURDAY, 130), (in_sydney, 150)])] == [150]


@given(sequences, st.randoms(use_true_random=False))
def test_the_order_in_which_days_are_written_makes_no_difference(sequence: Any, shuffler: Any) -> None:
    shuffled = list(sequence)
    shuffler.shuffle(shuffled)

    assert written(shuffled) == written(sequence)


@given(sequences)
def test_there_is_one_reading_a_day_and_the_deltas_add_up(sequence: Any) -> None:
    readings = written(sequence)

    days = [one.current_timestamp.date() for one in readings]
    assert days == sorted({moment.date() for moment, _ in sequence})
    if readings:
        assert sum(one.delta_count for one in readings) == readings[-1].view_count - readings[0].view_count


def test_a_chart_week_starts_on_saturday_at_midnight_utc() -> None:
    saturday = datetime(2026, 3, 7, tzinfo=UTC)

    assert chart_week_start(saturday) == saturday
    assert chart_week_start(saturday - timedelta(microseconds=1)) == saturday - 7 * DAY
    assert {chart_week_start(saturday + day * DAY) for day in range(7)} == {saturday}
    assert chart_week_start(datetime.fromisoformat("2026-03-07T08:00:00+11:00")) == saturday - 7 * DAY


def test_a_row_keeps_the_first_reading_of_the_chart_week_and_the_last_one() -> None:
    kept = row_readings(written([(FRIDAY, 100), (SATURDAY, 130), (SATURDAY + DAY, 190)]), SATURDAY + DAY)

    assert kept is not None
    assert kept.first_of_week == DatedCount(current_timestamp=SATURDAY, view_count=130)
    assert kept.last == DatedCount(current_timestamp=SATURDAY + DAY, view_count=190)


@pytest.mark.parametrize(("early", "initial"), [(timedelta(microseconds=1), 130), (timedelta(0), 100)])
def test_the_chart_week_begins_with_a_reading_at_its_very_start(early: timedelta, initial: int) -> None:
    midnight = datetime(2026, 3, 7, tzinfo=UTC)

    kept = row_readings(written([(midnight - early, 100), (midnight + DAY, 130)]), midnight + 6 * DAY)

    assert kept is not None
    assert kept.first_of_week is not None
    assert kept.first_of_week.view_count == initial


def test_without_a_reading_in_this_week_there_is_no_first_one_but_the_last_one_stays() -> None:
    kept = row_readings(written([(FRIDAY, 100)]), SATURDAY)

    assert kept is not None
    assert kept.first_of_week is None
    assert kept.last == DatedCount(current_timestamp=FRIDAY, view_count=100)


def test_of_what_was_never_read_nothing_is_kept() -> None:
    assert row_readings([], SATURDAY) is None


def test_the_trailing_gain_needs_the_readings_of_both_days() -> None:
    readings = written([(SATURDAY - 7 * DAY, 100), (SATURDAY - 6 * DAY, 120), (SATURDAY, 190)])

    assert trailing_gain(readings, SATURDAY) == 90
    assert trailing_gain(readings, SATURDAY + timedelta(hours=20)) == 90
    assert trailing_gain(readings, SATURDAY + DAY) is None
    assert trailing_gain(readings[1:], SATURDAY) is None


@pytest.mark.parametrize(("back", "gain"), [(6, None), (7, 90), (8, None)])
def test_the_trailing_gain_is_that_of_seven_days(back: int, gain: int | None) -> None:
    assert trailing_gain(written([(SATURDAY - back * DAY, 100), (SATURDAY, 190)]), SATURDAY) == gain


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-03", "2026-02"),
        ("2026-02", "2026-01"),
        ("2026-01", "2025-12"),
        ("2026-12", "2026-11"),
        ("0101-01", "0100-12"),
        ("0101-02", "0101-01"),
    ],
)
def test_the_month_before_january_is_december_of_the_year_before(period: str, before: str) -> None:
    assert period_before(period) == before


def test_a_reading_is_kept_under_its_utc_month_and_day() -> None:
    moment = datetime.fromisoformat("2026-03-01T09:00:00+11:00")

    assert (period_of(moment), day_of(moment)) == ("2026-02", "28")
    assert (period_of(SATURDAY), day_of(SATURDAY)) == ("2026-03", "07")


def test_the_first_gain_is_on_the_count_before_or_none() -> None:
    readings = [Reading(FRIDAY, 100), Reading(SATURDAY, 130)]

    assert [one.delta_count for one in with_gains(readings)] == [0, 30]
    assert [one.delta_count for one in with_gains(readings, 0)] == [100, 30]
    assert [one.delta_count for one in with_gains(readings, 90)] == [10, 30]
