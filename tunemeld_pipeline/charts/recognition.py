"""Which recording an id of another day belongs to.

A row's id changes when its ISRC becomes known, and the charts say which ids a row had: these pure functions follow them, from one chart
back through the years before it, or through a row of days. `movement.py`, `changes.py` and `agreement.py` compare days by them.
"""

from collections.abc import Iterable, Mapping, Sequence

from tunemeld_pipeline.charts.chart_days import ChartedDay, ChartedYear

Ids = tuple[str, ...]
"""A row's `track_id`, then what else it may be known by."""


def ranked(day: ChartedDay) -> list[tuple[int, Ids]]:
    """Each row of a day's chart that may be shown with its rank, best first."""
    return [(rank, (track_id, *day.other_ids.get(track_id, ()))) for rank, track_id in day.ranked]


def owners(rows: Sequence[Ids], date: str, years: Mapping[str, Mapping[str, ChartedYear]]) -> dict[str, int]:
    """For each id by which a row of the chart of `date` is or was known, the place of that row in `rows`.

    Ids are learned from the past too: a row that shares one id with a recording of today brings its other ids along. An id that two
    recordings claim stays with the first: that whose own `track_id` it is, then that which had it more recently.

    Args:
        years: by track id and calendar year, how that id was charted.
    """
    found = {ids[0]: number for number, ids in enumerate(rows)}
    for number, ids in enumerate(rows):
        for other in ids[1:]:
            found.setdefault(other, number)
    dated = [
        (min(link.until, date), (track_id, *link.ids))
        for track_id, by_year in years.items()
        for charted in by_year.values()
        for link in charted.links
        if link.since < date
    ]
    links = [ids for _, ids in sorted(dated, reverse=True)]
    known = -1
    while known < len(found):
        # Again until nothing is learned: a day may link two ids of which an already visited, later day had only the older.
        known = len(found)
        links = [ids for ids in links if not _learned(ids, found)]
    return found


def ranks(day: ChartedDay, owned: Mapping[str, int]) -> dict[int, int]:
    """The rank of each recording of today on another day; the better one where it was there twice, unrecognized."""
    found: dict[int, int] = {}
    for rank, (track_id, *_) in ranked(day):
        owner = owned.get(track_id)
        if owner is not None:
            found.setdefault(owner, rank)
    return found


def recordings(days: Iterable[ChartedDay]) -> dict[str, int]:
    """For each id on these days' charts, in any order, a number that stands for its recording; the latest day's rows come first.

    Two rows of one day are never one recording unless an earlier day's ids say so; an id that two claim stays with the later.
    """
    found: dict[str, int] = {}
    count = 0
    for day in sorted(days, key=lambda one: one.date, reverse=True):
        rows = [ids for _, ids in ranked(day)]
        own = {ids[0]: found[ids[0]] for ids in rows if ids[0] in found}
        taken = set(own.values())
        for track_id, *others in rows:
            if track_id in own:
                continue
            number = next((found[one] for one in others if one in found and found[one] not in taken), count)
            count = max(count, number + 1)
            taken.add(number)
            found[track_id] = own[track_id] = number
        for track_id, *others in rows:
            for other in others:
                found.setdefault(other, own[track_id])
    return found


def _learned(ids: Sequence[str], found: dict[str, int]) -> bool:
    """Whether the recording that one of these ids belongs to is known; then all of them are its own from now on."""
    for one in ids:
        owner = found.get(one)
        if owner is not None:
            for other in ids:
                found.setdefault(other, owner)
            return True
    return False
