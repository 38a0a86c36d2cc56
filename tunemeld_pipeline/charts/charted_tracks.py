"""How often and how high each track id stood on a genre's charts, year by year: what a chart needs of the days before it.

Pure functions fold days of charts into years of tracks. `storage/charts.py` keeps the years up to date with the days, so that a run reads
those of its own tracks alone, and `movement.py` makes a chart's memory from them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import NamedTuple

from tunemeld_pipeline.charts.chart_days import ChartedDay, ChartedLink, ChartedRank, ChartedYear

EPOCH = date(1969, 12, 27)
"""A Saturday, on which chart weeks begin: seven bits from it on are one week."""

COMPARED_DAYS = 7
"""A chart is compared with that of seven days before: lists change weekly, and the same weekday shows the same half of it."""

SEARCHED_DAYS = 31
"""How many charts are gone through, from a week before on, to find one that is made of the same services."""


@dataclass(frozen=True)
class ChartedPast:
    """What a chart is compared with.

    Attributes:
        compared: of charts that are made of the same services, that of seven days before, or the nearest earlier one; while none is that
            old, the first; None without any.
        years: by track id and calendar year, how that id was charted; more ids, and later days, than are asked for do no harm.
    """

    compared: ChartedDay | None
    years: Mapping[str, Mapping[str, ChartedYear]]


class ChartedRow(NamedTuple):
    """A track id's row on a day's chart: its rank, and what else it was known by."""

    rank: int
    other_ids: tuple[str, ...]


def past_of(days: Iterable[ChartedDay], day: str, services: Collection[str] = ()) -> ChartedPast:
    """What the chart of a day (YYYY-MM-DD) is compared with, from all days of its genre in any order.

    Args:
        services: those of which the chart is made; none where that is not known.
    """
    before = sorted((one for one in days if one.date < day), key=lambda one: one.date)
    week_old = [one for one in before if one.date <= week_before(day)]
    candidates = chain(reversed(week_old[-SEARCHED_DAYS:]), before[len(week_old) :])
    return ChartedPast(next((one for one in candidates if comparable(one.services, services)), None), years_of(before))


def comparable(services: Collection[str], others: Collection[str]) -> bool:
    """Whether charts that are made of these services can be compared; where one is not known, they can.

    Where a service has come or gone, recordings come, go and move for that alone.
    """
    return not services or not others or set(services) == set(others)


def years_of(days: Iterable[ChartedDay]) -> dict[str, dict[str, ChartedYear]]:
    """The years of every track id of these days; a year is whole where all of its days are given."""
    growing: dict[tuple[str, str], _Growing] = defaultdict(_Growing)
    for day in days:
        for track_id, row in rows_of(day).items():
            growing[track_id, day.date[:4]].add(day.date, row.rank, row.other_ids)
    years: dict[str, dict[str, ChartedYear]] = defaultdict(dict)
    for (track_id, year), one in growing.items():
        years[track_id][year] = one.charted()
    return dict(years)


def with_day(year: ChartedYear | None, day: str, rank: int, other_ids: Sequence[str]) -> ChartedYear:
    """A track id's year with one more day on the chart; days may be added in any order, and the same day again with a better rank."""
    growing = _Growing(year)
    growing.add(day, rank, other_ids)
    return growing.charted()


def with_changed_day(
    year: ChartedYear, day: str, before: ChartedRow | None, now: ChartedRow | None
) -> ChartedYear | None:
    """A track id's year after its row on a day's chart has changed; None where that needs the other days of the year."""
    if before is None and now is not None:
        return with_day(year, day, now.rank, now.other_ids)
    if before is None or now is None or before.other_ids != now.other_ids:
        return None
    was_record = any(one.date == day for one in year.records)
    return with_day(year, day, now.rank, now.other_ids) if now.rank < before.rank or not was_record else None


def rows_of(day: ChartedDay | None) -> dict[str, ChartedRow]:
    """The rows of a day's chart by track id; none without a day."""
    if day is None:
        return {}
    return {one: ChartedRow(rank, tuple(day.other_ids.get(one, ()))) for rank, one in day.ranked}


class _Growing:
    """A track id's year while days are added to it, in any order."""

    def __init__(self, year: ChartedYear | None = None) -> None:
        self._bits = int.from_bytes(year.days, "little") if year else 0
        self._records = [(one.date, one.rank) for one in year.records] if year else []
        self._links = {tuple(one.ids): (one.since, one.until) for one in year.links} if year else {}

    def add(self, day: str, rank: int, other_ids: Sequence[str]) -> None:
        self._bits |= 1 << _day_of_year(day)
        earlier = [one for one in self._records if one[0] < day]
        if not earlier or rank < earlier[-1][1]:
            later = [one for one in self._records if one[0] > day and one[1] < rank]
            self._records = [*earlier, (day, rank), *later]
        if other_ids:
            since, until = self._links.get(tuple(other_ids), (day, day))
            self._links[tuple(other_ids)] = min(since, day), max(until, day)

    def charted(self) -> ChartedYear:
        links = sorted((since, ids, until) for ids, (since, until) in self._links.items())
        return ChartedYear(
            days=self._bits.to_bytes((self._bits.bit_length() + 7) // 8, "little"),
            records=[ChartedRank(date=date, rank=rank) for date, rank in self._records],
            links=[ChartedLink(ids=list(ids), since=since, until=until) for since, ids, until in links],
        )


def charted_days(years: Iterable[tuple[str, ChartedYear]]) -> int:
    """The days of these years as a set: bit n is the n-th day after `EPOCH`."""
    days = 0
    for year, charted in years:
        days |= int.from_bytes(charted.days, "little") << day_number(f"{year}-01-01")
    return days


def day_number(day: str) -> int:
    """How many days a day (YYYY-MM-DD) is after `EPOCH`."""
    return (date.fromisoformat(day) - EPOCH).days


def weeks_in(days: int) -> int:
    """How many chart weeks, from Saturday to Friday, have a day in this set."""
    if not days:
        return 0
    first = (days & -days).bit_length() - 1
    days >>= first - first % 7
    return sum(1 for at in range(0, days.bit_length(), 7) if days >> at & 0b1111111)


def week_before(day: str) -> str:
    """The day (YYYY-MM-DD) seven days before another."""
    return f"{date.fromisoformat(day) - timedelta(days=COMPARED_DAYS)}"


@cache
def _day_of_year(day: str) -> int:
    return date.fromisoformat(day).timetuple().tm_yday - 1
