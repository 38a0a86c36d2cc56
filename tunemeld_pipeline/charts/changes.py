"""What changed on a genre's chart between two days: what is new, gone, climbed, fell or stayed, and what came into the top ten.

Pure functions over days of track ids. `movement.py` compares each chart with that of a week before; here any two days are compared, and a
feed goes from each day to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tunemeld_pipeline.charts.chart_days import ChartedDay, ChartedYear
from tunemeld_pipeline.charts.charted_tracks import ChartedPast, comparable
from tunemeld_pipeline.charts.movement import memories
from tunemeld_pipeline.charts.recognition import owners, ranked

TOP = 10
"""The ranks of a chart's top ten."""

Years = Mapping[str, Mapping[str, ChartedYear]]
"""By track id and calendar year, how that id was charted on a genre's charts."""

EntryKind = Literal["new", "re", "top"]
"""A recording's first day on the chart, its return, and its rise into the top ten."""


@dataclass(frozen=True, slots=True)
class Change:
    """A recording on one or both of two days' charts.

    `status` is `gone` where it is on the first alone, and `new` or `re` where it is on the second alone: `re` where a chart of the first
    day or before had it, None where it may have been on a list all the time, behind the rows that could be seen. `movement` counts the
    ranks gained.
    """

    track_id: str
    rank: int | None
    previous_rank: int | None
    status: Literal["new", "re", "up", "down", "same", "gone"] | None

    @property
    def movement(self) -> int | None:
        """The ranks gained; None where it is on one of the days alone."""
        return None if self.rank is None or self.previous_rank is None else self.previous_rank - self.rank


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """A recording that came onto a chart, came back, or rose into its top ten, on a day (YYYY-MM-DD)."""

    date: str
    kind: EntryKind
    track_id: str
    rank: int
    previous_rank: int | None


def changes(before: ChartedDay, day: ChartedDay, years: Years) -> list[Change]:
    """What changed from one day to a later one: the recordings of `day`, best first, then those that are gone, as they stood.

    Args:
        years: how the recordings of `day` were charted until then, by any id; more, and later days, do no harm.
    """
    rows = ranked(day)
    ids = [one for _, one in rows]
    found = memories(ids, [rank for rank, _ in rows], day.date, ChartedPast(before, years))
    unknown = set(day.uncovered)
    there = [
        Change(
            track_id,
            rank,
            memory.previous_rank,
            None if memory.previous_rank is None and track_id in unknown else memory.status or "new",
        )
        for (rank, (track_id, *_)), memory in zip(rows, found, strict=True)
    ]
    known = owners(ids, day.date, years)
    gone = [Change(one, None, rank, "gone") for rank, (one, *_) in ranked(before) if one not in known]
    return there + gone


def joined_and_left(before: ChartedDay, day: ChartedDay) -> tuple[frozenset[str], frozenset[str]]:
    """The services of which the later chart alone is made, and those of which the earlier one was; none where one is not known."""
    if comparable(before.services, day.services):
        return frozenset(), frozenset()
    return day.services - before.services, before.services - day.services


def entries(days: Sequence[ChartedDay], years: Years) -> list[ChartEntry]:
    """What came onto the chart, came back or rose into the top ten on each of these days but the first; the latest day first, best first.

    A recording that comes straight into the top ten is one entry. A day on which a service came or went has none.

    Args:
        days: oldest first.
        years: how the recordings of these days were charted, by any id.
    """
    found = []
    for before, day in reversed(list(pairwise(days))):
        if not comparable(before.services, day.services):
            continue
        for change in changes(before, day, years):
            kind = _entered(change)
            if kind is not None and change.rank is not None:
                found.append(ChartEntry(day.date, kind, change.track_id, change.rank, change.previous_rank))
    return found


def _entered(change: Change) -> EntryKind | None:
    if change.status in ("new", "re"):
        return change.status
    rose = change.rank is not None and change.previous_rank is not None and change.rank <= TOP < change.previous_rank
    return "top" if rose else None
