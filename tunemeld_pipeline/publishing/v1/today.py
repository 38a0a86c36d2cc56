"""`/v1/today`: over all genres, what the editors agree on most, what is new, climbs and leaves, and where the editors disagree."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pydantic import Field

from tunemeld_pipeline.charts.agreement import agreed_day, dispute
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.changes import Change, changes
from tunemeld_pipeline.charts.charted_tracks import comparable
from tunemeld_pipeline.charts.documents import AggregateTrack, Chart
from tunemeld_pipeline.publishing.reading import LastDays
from tunemeld_pipeline.publishing.v1.agreement import DECIMALS
from tunemeld_pipeline.publishing.v1.named import NamedRow, names
from tunemeld_pipeline.publishing.v1.values import Day, Share, Value

MOST_ROWS = 10
"""Rows of each list of the answer."""


class TodayGenre(Value):
    """Which day of a genre the answer is about."""

    genre: str = Field(description="The genre's key.")
    name: str = Field(description="The genre's name for people.")
    date: Day = Field(description="The day of its newest chart.")
    compared_with: Day | None = Field(
        description="The day with a chart before it; null if there is none, or if a service has come or gone since."
    )
    agreement: Share | None = Field(
        description="How much the services' lists agree that day: the mean rank-biased overlap of their pairs, as `/v1/agreement` has it; "
        "null if fewer than two services had a list."
    )


class TodayRow(NamedRow):
    """A recording on a genre's chart, or one that has just left it."""

    genre: str = Field(description="The genre's key; a recording on two charts may be listed for each.")
    status: Literal["new", "re", "up", "down", "same", "gone"] | None = Field(
        description="What it did since the day before, as in `/v1/charts/{genre}/changes`; null if there is no day before."
    )
    rank: int | None = Field(description="Its rank on the newest chart; null if it is gone.")
    previous_rank: int | None = Field(description="Its rank on the chart before; null if it was not there.")
    movement: int | None = Field(description="The number of ranks gained; null unless it is on both charts.")
    positions: dict[str, int] = Field(
        description="By service, its position on that service's list; empty if it is gone."
    )
    not_on: list[str] = Field(
        description="The services that have a list of the genre on which it is not; empty if it is gone."
    )
    score: float | None = Field(description="Its score, by which charts are ordered; null if it is gone.")
    dispute: Share | None = Field(
        description="How far apart the services are on it: the weight p^(position − 1) of its best position less that of its worst, "
        "where a list without it has the weight 0; null if it is gone."
    )


class Today(Value):
    """What is worth knowing today, over all genres; each list holds at most ten recordings."""

    genres: list[TodayGenre] = Field(
        description="The genres that have a chart, in the order of the page, each with its day."
    )
    most_agreed: list[TodayRow] = Field(
        description="The recordings on most services, and of these those with the highest score."
    )
    new: list[TodayRow] = Field(description="The recordings that the day before did not have, best rank first.")
    climbers: list[TodayRow] = Field(description="The recordings that gained most ranks since the day before.")
    leavers: list[TodayRow] = Field(
        description="The recordings that left since the day before, best earlier rank first."
    )
    disputed: list[TodayRow] = Field(description="The charted recordings on which the services are furthest apart.")


class GenreToday(Value):
    """What one genre adds to `Today`: its best rows of each list."""

    genre: TodayGenre
    most_agreed: list[TodayRow]
    new: list[TodayRow]
    climbers: list[TodayRow]
    leavers: list[TodayRow]
    disputed: list[TodayRow]


def genre_today(genre: Genre, chart: Chart, last: LastDays) -> GenreToday | None:
    """What a genre adds; None where no day of it is kept.

    Args:
        chart: its chart as visitors see it.
        last: its last days with a chart, two of which are enough.
    """
    if not last.days:
        return None
    newest, before = last.days[0], next(iter(last.days[1:]), None)
    if before is not None and not comparable(before.services, newest.services):
        before = None
    services = [name for name, rows in newest.lists.items() if rows]
    found = changes(before, newest, last.years) if before else []
    changed, tracks = {one.track_id: one for one in found}, {one.track_id: one for one in chart.tracks}

    def row(track_id: str) -> TodayRow:
        change, track = changed.get(track_id), tracks.get(track_id)
        return TodayRow(
            **names(track_id, last.recordings),
            genre=genre.key,
            status=change.status if change else None,
            rank=change.rank if change else track.rank if track else None,
            previous_rank=change.previous_rank if change else None,
            movement=change.movement if change else None,
            positions=dict(track.sources) if track else {},
            not_on=[name for name in services if name not in track.sources] if track else [],
            score=track.score if track else None,
            dispute=_dispute(track, services),
        )

    rows = [row(one.track_id) for one in chart.tracks]
    moved = [(one, row(one.track_id)) for one in found]
    return GenreToday(
        genre=TodayGenre(
            genre=genre.key,
            name=genre.display_name,
            date=newest.date,
            compared_with=before.date if before else None,
            agreement=None if (mean := agreed_day(newest).mean) is None else round(mean, DECIMALS),
        ),
        most_agreed=_most(rows, _agreed),
        new=_most(_of(moved, "new", "re"), _best),
        climbers=_most(_of(moved, "up"), _climbed),
        leavers=_most(_of(moved, "gone"), _left),
        disputed=_most(rows, _disputed),
    )


def today(genres: Sequence[GenreToday]) -> Today:
    """The answer from what each genre adds, in the order of the catalogue."""
    return Today(
        genres=[one.genre for one in genres],
        most_agreed=_most([row for one in genres for row in one.most_agreed], _agreed),
        new=_most([row for one in genres for row in one.new], _best),
        climbers=_most([row for one in genres for row in one.climbers], _climbed),
        leavers=_most([row for one in genres for row in one.leavers], _left),
        disputed=_most([row for one in genres for row in one.disputed], _disputed),
    )


def _dispute(track: AggregateTrack | None, services: Sequence[str]) -> float | None:
    return round(dispute(track.sources, services), DECIMALS) if track else None


def _of(moved: Iterable[tuple[Change, TodayRow]], *statuses: str) -> list[TodayRow]:
    return [row for change, row in moved if change.status in statuses]


def _most(rows: Sequence[TodayRow], key: Callable[[TodayRow], tuple[float, ...]]) -> list[TodayRow]:
    """The first rows in this order; of equal ones, those of the genre that is shown first."""
    return sorted(rows, key=key)[:MOST_ROWS]


def _agreed(row: TodayRow) -> tuple[float, ...]:
    return -len(row.positions), -(row.score or 0)


def _best(row: TodayRow) -> tuple[float, ...]:
    return (row.rank or 0,)


def _climbed(row: TodayRow) -> tuple[float, ...]:
    return -(row.movement or 0), row.rank or 0


def _left(row: TodayRow) -> tuple[float, ...]:
    return (row.previous_rank or 0,)


def _disputed(row: TodayRow) -> tuple[float, ...]:
    return -(row.dispute or 0), row.rank or 0
