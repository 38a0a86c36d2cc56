"""On which days a recording was on which lists of a genre, and at which rank: the `positions` of a month, made from days of charts.

Pure functions fold days into months and read months as days. `storage/positions.py` keeps them in step with the days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import AGGREGATE, Document

Ranks = Mapping[str, int]
"""The ranks of a recording on one day, by list: the services' names, and `Aggregate` for the chart."""


class PositionsOfMonth(Document):
    """`positions`: where one track id stood on a genre's lists in one calendar month, by list and day of the month (`"01"` to `"31"`).

    It is made from `chart_history` and can be made again from it: withdrawn days are not in it.
    """

    genre_name: str
    track_id: str
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    ranks: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A recording's ranks on one genre's lists, by list and day (YYYY-MM-DD), oldest day first."""

    genre: str
    ranks: Mapping[str, Mapping[str, int]]


def ranks_of(day: ChartDay | None) -> dict[str, dict[str, int]]:
    """The ranks of every track id of a day, by list; the best one where a list has an id twice. None without a day."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if day is not None:
        lists: list[tuple[str, Sequence[str | None]]] = [(AGGREGATE, day.chart), *sorted(day.lists.items())]
        for name, ids in lists:
            for rank, track_id in enumerate(ids, start=1):
                if track_id is not None:
                    found[track_id].setdefault(name, rank)
    return dict(found)


def months_of(days: Iterable[ChartDay]) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """The ranks of these days by track id and month, each by list and day of the month."""
    made: dict[tuple[str, str], dict[str, dict[str, int]]] = defaultdict(dict)
    for day in days:
        for track_id, ranks in ranks_of(day).items():
            month = made[track_id, day.date[:7]]
            for name, rank in ranks.items():
                month.setdefault(name, {})[day.date[8:]] = rank
    return dict(made)


def standings_of(months: Sequence[PositionsOfMonth]) -> list[Standing]:
    """The months of one recording, by genre; of several track ids with a rank on one day the better rank counts."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for month in sorted(months, key=lambda one: one.period):
        for name, days in month.ranks.items():
            ranks = found[month.genre_name][name]
            for day, rank in days.items():
                date = f"{month.period}-{day}"
                ranks[date] = min(rank, ranks.get(date, rank))
    return [
        Standing(genre, {name: dict(sorted(ranks.items())) for name, ranks in sorted(by_list.items()) if ranks})
        for genre, by_list in sorted(found.items())
        if any(by_list.values())
    ]


def first_listed(standings: Iterable[Standing]) -> dict[str, str]:
    """The first day (YYYY-MM-DD) on which each service listed the recording in any genre, the first service first."""
    days: dict[str, str] = {}
    for standing in standings:
        for name, ranks in standing.ranks.items():
            if name != AGGREGATE:
                days[name] = min(next(iter(ranks)), days.get(name, "9999"))
    return dict(sorted(days.items(), key=lambda one: (one[1], one[0])))
