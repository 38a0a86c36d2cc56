"""What a chart remembers: how each recording moved, since when it is there, and how high it has been.

Pure functions make that memory from a chart and its past (`charted_tracks.py`, which `storage/charts.py` reads), and recognize a recording
of today in a chart of the past. Nothing is carried from chart to chart: all of it follows from the days themselves. A day that is added,
repeated or withdrawn later is thus right in every chart made after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from tunemeld_pipeline.charts.charted_tracks import ChartedPast, charted_days, day_number, weeks_in
from tunemeld_pipeline.charts.documents import AggregateTrack, ChartedDay, ChartedYear, Memory

T = TypeVar("T", bound=AggregateTrack)


def with_memory(tracks: Sequence[T], date: str, past: ChartedPast) -> list[T]:
    """The tracks of the chart of `date` (YYYY-MM-DD) with what the days before it show of them, in the same order.

    `previous_rank` is the rank on the chart of seven days before, or on the nearest earlier one; while no chart is that old, on the first
    chart of all. `movement` is the number of ranks gained. A recording that is not on that chart has the `status` `re` where an earlier
    one had it, else `new`. Days count only where there was a chart; weeks are chart weeks, from Saturday on.

    Args:
        past: what the chart of `date` is compared with; days from `date` on are ignored.
    """
    owners = _owners(tracks, date, past)
    ranks = _ranks(past.compared, owners) if past.compared else {}
    years: list[list[tuple[str, ChartedYear]]] = [[] for _ in tracks]
    for track_id, by_year in past.years.items():
        # Where any id of a row has an owner, `_owners` has given one to its own id too.
        if track_id in owners:
            years[owners[track_id]] += [(year, charted) for year, charted in by_year.items() if year <= date[:4]]
    compared = past.compared.date if past.compared else None
    return [
        track.model_copy(update=_memory(track.rank, date, years[number], ranks.get(number), compared))
        for number, track in enumerate(tracks)
    ]


def known_ids(tracks: Iterable[AggregateTrack]) -> list[str]:
    """Every id by which these recordings are known now."""
    return [one for track in tracks for one in (track.track_id, *track.other_ids)]


def _owners(tracks: Sequence[AggregateTrack], date: str, past: ChartedPast) -> dict[str, int]:
    """For each id by which a recording of today is or was known, the place of that recording in `tracks`.

    Ids are learned from the past too: a row that shares one id with a recording of today brings its other ids along. An id that two
    recordings claim stays with the first: that whose own `track_id` it is, then that which had it more recently.
    """
    owners = {track.track_id: number for number, track in enumerate(tracks)}
    for number, track in enumerate(tracks):
        for other in track.other_ids:
            owners.setdefault(other, number)
    dated = [
        (min(link.until, date), (track_id, *link.ids))
        for track_id, by_year in past.years.items()
        for charted in by_year.values()
        for link in charted.links
        if link.since < date
    ]
    links = [ids for _, ids in sorted(dated, reverse=True)]
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
    for rank, track_id in day.ranked:
        owner = owners.get(track_id)
        if owner is not None:
            ranks.setdefault(owner, rank)
    return ranks


def _memory(
    rank: int, date: str, years: Sequence[tuple[str, ChartedYear]], previous: int | None, compared: str | None
) -> dict[str, object]:
    today = day_number(date)
    before = charted_days(years) & (1 << today) - 1
    was_there_before = compared is not None and before & (1 << day_number(compared) + 1) - 1 != 0
    records = [(one.rank, one.date) for _, charted in years for one in charted.records if one.date < date]
    peak, peak_date = min([*records, (rank, date)])
    days = before | 1 << today
    return Memory(
        previous_rank=previous,
        movement=None if previous is None else previous - rank,
        status=("re" if was_there_before else "new") if previous is None else _direction(previous - rank),
        peak_rank=peak,
        peak_date=peak_date,
        days_on_chart=days.bit_count(),
        weeks_on_chart=weeks_in(days),
    ).model_dump()


def _direction(movement: int) -> Literal["up", "down", "same"]:
    return "up" if movement > 0 else "down" if movement < 0 else "same"
