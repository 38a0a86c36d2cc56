"""What a chart remembers: how each recording moved, since when it is there, and how high it has been.

Pure functions make that memory from a chart and the days before it (which `storage/charts.py` reads), and recognize a recording of today
in a chart of the past. Nothing is carried from day to day: all of it is computed from the days themselves. A day that is added, repeated
or withdrawn later is thus right in every chart made after it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from tunemeld_pipeline.charts.documents import AggregateTrack, ChartedDay, Memory
from tunemeld_pipeline.charts.history import chart_week_start

COMPARED_DAYS = 7
"""A chart is compared with that of seven days before: lists change weekly, and the same weekday shows the same half of it."""

T = TypeVar("T", bound=AggregateTrack)


def with_memory(tracks: Sequence[T], date: str, past: Sequence[ChartedDay]) -> list[T]:
    """The tracks of the chart of `date` (YYYY-MM-DD) with what the days before it show of them, in the same order.

    `previous_rank` is the rank on the chart of seven days before, or on the nearest earlier one; while no chart is that old, on the first
    chart of all. `movement` is the number of ranks gained. A recording that is not on that chart has the `status` `re` where an earlier
    one had it, else `new`. Days count only where there was a chart; weeks are chart weeks, from Saturday on.

    Args:
        past: days of the same genre in any order; those from `date` on are ignored.
    """
    days = sorted((day for day in past if day.date < date), key=lambda day: day.date, reverse=True)
    owners = _owners(tracks, days)
    ranks = [_ranks(day, owners) for day in days]
    weeks = {day: chart_week_start(_midnight(day)) for day in (date, *(one.date for one in days))}
    compared = _compared(date, days)
    return [
        track.model_copy(
            update=_memory(track.rank, date, weeks, days, [found.get(number) for found in ranks], compared)
        )
        for number, track in enumerate(tracks)
    ]


def _owners(tracks: Sequence[AggregateTrack], days: Sequence[ChartedDay]) -> dict[str, int]:
    """For each id by which a recording of today is or was known, the place of that recording in `tracks`.

    Ids are learned from the past too: a row that shares one id with a recording of today brings its other ids along. An id that two
    recordings claim stays with the first: that whose own `track_id` it is, then that which had it more recently.
    """
    owners = {track.track_id: number for number, track in enumerate(tracks)}
    for number, track in enumerate(tracks):
        for other in track.other_ids:
            owners.setdefault(other, number)
    links = [(one, *day.other_ids[one]) for day in days for one in day.chart if one in day.other_ids]
    known = -1
    while known < len(owners):
        # Again until nothing is learned: a day may link two ids of which an already visited, later day had only the older.
        known = len(owners)
        links = [ids for ids in links if not _learned(ids, owners)]
    return owners


def _learned(ids: Sequence[str], owners: dict[str, int]) -> bool:
    """Whether the recording that one of these ids belongs to is known; then all of them are its own from now on."""
    for one in ids:
        owner = owners.get(one)
        if owner is not None:
            for other in ids:
                owners.setdefault(other, owner)
            return True
    return False


def _ranks(day: ChartedDay, owners: Mapping[str, int]) -> dict[int, int]:
    """The rank of each recording of today on a past day; the better one where it was there twice, unrecognized."""
    ranks: dict[int, int] = {}
    for rank, track_id in enumerate(day.chart, start=1):
        # Where any id of a row has an owner, `_owners` has given one to its own id too.
        owner = owners.get(track_id)
        if owner is not None:
            ranks.setdefault(owner, rank)
    return ranks


def _compared(date: str, days: Sequence[ChartedDay]) -> int | None:
    """Which of the days, newest first, the chart of `date` is compared with; None where there is no day at all."""
    week_ago = f"{_midnight(date) - timedelta(days=COMPARED_DAYS):%Y-%m-%d}"
    return next((at for at, day in enumerate(days) if day.date <= week_ago), len(days) - 1 if days else None)


def _memory(
    rank: int,
    date: str,
    weeks: Mapping[str, datetime],
    days: Sequence[ChartedDay],
    ranks: Sequence[int | None],
    compared: int | None,
) -> dict[str, object]:
    charted = {date: rank} | {day.date: was for day, was in zip(days, ranks, strict=True) if was is not None}
    peak = min(charted.values())
    previous = None if compared is None else ranks[compared]
    was_there_before = compared is not None and any(was is not None for was in ranks[compared:])
    return Memory(
        previous_rank=previous,
        movement=None if previous is None else previous - rank,
        status=("re" if was_there_before else "new") if previous is None else _direction(previous - rank),
        peak_rank=peak,
        peak_date=min(day for day, was in charted.items() if was == peak),
        days_on_chart=len(charted),
        weeks_on_chart=len({weeks[day] for day in charted}),
    ).model_dump()


def _direction(movement: int) -> Literal["up", "down", "same"]:
    return "up" if movement > 0 else "down" if movement < 0 else "same"


def _midnight(date: str) -> datetime:
    return datetime.fromisoformat(date).replace(tzinfo=UTC)
