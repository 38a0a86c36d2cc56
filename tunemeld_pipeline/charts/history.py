"""Counts over time: chart weeks, first and last readings, gains.

A day is a UTC day; a source has at most one reading a day. `storage/histories.py` adds a reading to a stored history by the same rule.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from tunemeld_pipeline.charts.documents import DatedCount, Reading, RowReadings

SATURDAY = 5
GAIN_DAYS = 7
RECENT_READINGS = 10
"""How many readings of each source a chart gets: today's, and those of a chart week or seven days before, with some to spare."""


def chart_week_start(moment: datetime) -> datetime:
    """The Saturday 00:00 UTC on or before `moment`: charts begin after the Friday releases."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=(midnight.weekday() - SATURDAY) % 7)


def period_of(moment: datetime) -> str:
    """The UTC month of `moment`, which names the document that keeps its reading: 2026-03."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def day_of(moment: datetime) -> str:
    """The UTC day of the month, which names the reading in that document: 07."""
    return f"{moment.astimezone(UTC):%d}"


def period_before(period: str) -> str:
    """The month before."""
    year, month = map(int, period.split("-"))
    return f"{year:04}-{month - 1:02}" if month > 1 else f"{year - 1:04}-12"


def with_reading(readings: Iterable[Reading], moment: datetime, count: int) -> list[Reading]:
    """The readings with one more, oldest first and with their gains; of several on one UTC day the latest stays.

    The same rule as `reading_update` in `storage/histories.py`, which MongoDB carries out; a test holds the two together.
    """
    by_day = {reading.current_timestamp.date(): reading for reading in readings}
    day = moment.astimezone(UTC).date()
    if day not in by_day or by_day[day].current_timestamp <= moment:
        by_day[day] = Reading(moment, count)
    return with_gains(by_day[day] for day in sorted(by_day))


def with_gains(readings: Iterable[Reading], before: int | None = None) -> list[Reading]:
    """Readings, oldest first, each with its gain on the one before; `before` is the count before the first, None without any.

    Gains are never stored: a day that is written late would change that of the day after, in another document.
    """
    gained = []
    for moment, count, _ in readings:
        gained.append(Reading(moment, count, 0 if before is None else count - before))
        before = count
    return gained


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
