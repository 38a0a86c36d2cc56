"""What a chart remembers: how each recording moved, since when it is there, and how high it has been.

Pure functions make that memory from a chart and its past (`charted_tracks.py`, which `storage/charts.py` reads); `recognition.py` finds a
recording of today in a chart of the past. Nothing is carried from chart to chart: all of it follows from the days themselves. A day that
is added, repeated or withdrawn later is thus right in every chart made after it.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from tunemeld_pipeline.charts.chart_days import ChartedYear
from tunemeld_pipeline.charts.charted_tracks import ChartedPast, charted_days, day_number, weeks_in
from tunemeld_pipeline.charts.documents import AggregateTrack, Memory
from tunemeld_pipeline.charts.recognition import Ids, owners, ranks

T = TypeVar("T", bound=AggregateTrack)


def with_memory(tracks: Sequence[T], date: str, past: ChartedPast) -> list[T]:
    """The tracks of the chart of `date` (YYYY-MM-DD) with what the days before it show of them, in the same order.

    `previous_rank` is the rank on the chart of seven days before, or on the nearest earlier one; while no chart is that old, on the first
    chart of all. Only charts that are made of the same services are compared: where there is none, `status` is None, and nothing is new.
    `movement` is the number of ranks gained. A recording that is not on that chart has the `status` `re` where an earlier one had it, else
    `new`. Days count only where there was a chart; weeks are chart weeks, from Saturday on.

    Args:
        past: what the chart of `date` is compared with; days from `date` on are ignored.
    """
    rows = [(track.track_id, *track.other_ids) for track in tracks]
    found = memories(rows, [track.rank for track in tracks], date, past)
    return [track.model_copy(update=dict(memory)) for track, memory in zip(tracks, found, strict=True)]


def memories(rows: Sequence[Ids], at_ranks: Sequence[int], date: str, past: ChartedPast) -> list[Memory]:
    """The same for rows that are given by their ids and ranks alone."""
    owned = owners(rows, date, past.years)
    previous = ranks(past.compared, owned) if past.compared else {}
    years: list[list[tuple[str, ChartedYear]]] = [[] for _ in rows]
    for track_id, by_year in past.years.items():
        # Where any id of a row has an owner, `owners` has given one to its own id too.
        if track_id in owned:
            years[owned[track_id]] += [(year, charted) for year, charted in by_year.items() if year <= date[:4]]
    compared = past.compared.date if past.compared else None
    return [_memory(rank, date, years[number], previous.get(number), compared) for number, rank in enumerate(at_ranks)]


def known_ids(tracks: Iterable[AggregateTrack]) -> list[str]:
    """Every id by which these recordings are known now."""
    return [one for track in tracks for one in (track.track_id, *track.other_ids)]


def _memory(
    rank: int, date: str, years: Sequence[tuple[str, ChartedYear]], previous: int | None, compared: str | None
) -> Memory:
    today = day_number(date)
    before = charted_days(years) & (1 << today) - 1
    was_there_before = compared is not None and before & (1 << day_number(compared) + 1) - 1 != 0
    records = [(one.rank, one.date) for _, charted in years for one in charted.records if one.date < date]
    peak, peak_date = min([*records, (rank, date)])
    days = before | 1 << today
    return Memory(
        previous_rank=previous,
        movement=None if previous is None else previous - rank,
        status=_status(rank, previous, was_there_before=was_there_before) if compared is not None else None,
        peak_rank=peak,
        peak_date=peak_date,
        days_on_chart=days.bit_count(),
        weeks_on_chart=weeks_in(days),
    )


def _status(rank: int, previous: int | None, *, was_there_before: bool) -> Literal["new", "re", "up", "down", "same"]:
    if previous is None:
        return "re" if was_there_before else "new"
    return "up" if rank < previous else "down" if rank > previous else "same"
