"""Counts over time: chart weeks, first and last readings, gains.

A day is a UTC day; a source has at most one reading a day. `storage/histories.py` adds a reading to a stored history by the same rule.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tunemeld_pipeline.charts.documents import DatedCount, Reading, RowReadings

SATURDAY = 5
GAIN_DAYS = 7
RECENT_READINGS = 10
"""The readings that a chart needs of each source: today's, and those of a chart week or seven days before, with some to spare."""


def chart_week_start(moment: datetime) -> datetime:
    """The Saturday 00:00 UTC on or before `moment`: charts begin after the Friday releases."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=(midnight.weekday() - SATURDAY) % 7)


def with_reading(readings: Sequence[Reading], moment: datetime, count: int) -> list[Reading]:
    """The readings, oldest first, with one more; of several on one UTC day the latest stays. Deltas are recomputed throughout.

    The same rule as `reading_update` in `storage/histories.py`, which MongoDB carries out; a test holds the two together.
    """
    day = moment.astimezone(UTC).date()
    same_day = [reading for reading in readings if reading.current_timestamp.date() == day]
    if any(reading.current_timestamp > moment for reading in same_day):
        return list(readings)
    kept = [reading for reading in readings if reading.current_timestamp.date() != day]
    ordered = sorted(
        [*kept, Reading(current_timestamp=moment, view_count=count)], key=lambda reading: reading.current_timestamp
    )
    return [
        reading.model_copy(update={"delta_count": reading.view_count - ordered[at - 1].view_count if at else 0})
        for at, reading in enumerate(ordered)
    ]


def row_readings(readings: Sequence[Reading], at: datetime) -> RowReadings | None:
    """The first reading of the chart week of `at` and the last of all, from readings up to `at`, oldest first; None without any."""
    if not readings:
        return None
    week = chart_week_start(at)
    first = next((reading for reading in readings if reading.current_timestamp >= week), None)
    return RowReadings(first_of_week=_dated(first) if first else None, last=_dated(readings[-1]))


def _dated(reading: Reading) -> DatedCount:
    return DatedCount(current_timestamp=reading.current_timestamp, view_count=reading.view_count)


def trailing_gain(readings: Sequence[Reading], at: datetime) -> int | None:
    """The gain of the seven days up to the day of `at`; None where that day's reading or the one seven days before is missing."""
    by_day = {reading.current_timestamp.date(): reading.view_count for reading in readings}
    day = at.astimezone(UTC).date()
    today, before = by_day.get(day), by_day.get(day - timedelta(days=GAIN_DAYS))
    return None if today is None or before is None else today - before
