"""The tables of a dump: their columns, and the rows of one month, as visitors may see them.

A column's type is written as pyarrow writes it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tunemeld_pipeline.storage.store import Store

Row = tuple[Any, ...]
Rows = Callable[[Store, str], Iterator[Row]]


class Column(NamedTuple):
    """One column: its name, its type, and what it holds."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, its rows of one month (YYYY-MM), and about how many bytes of a file a row takes."""

    columns: tuple[Column, ...]
    rows: Rows
    row_bytes: float


DAY = Column("date", "date32[day]", "The UTC day.")
GENRE = Column("genre", "string", "The genre's key.")
TRACK = Column("track_id", "string", "The recording: its ISRC, or the id that it has while it has none.")


def chart_rows(store: Store, month: str) -> Iterator[Row]:
    """The charts' rows, by genre, day and rank."""
    for day in store.months.chart_days(month):
        known = store.recordings.known(day.track_ids)
        for rank, track_id in day.ranked:
            facts = known.get(track_id)
            described = (facts.isrc, facts.track_name, facts.artist_name) if facts else (None, None, None)
            yield (date.fromisoformat(day.date), day.genre_name, rank, track_id, *described)


def list_rows(store: Store, month: str) -> Iterator[Row]:
    """The services' lists, by genre, day, service and position."""
    for day in store.months.chart_days(month):
        for service, listed in day.lists.items():
            for position, track_id in enumerate(listed, start=1):
                if track_id is not None:
                    yield date.fromisoformat(day.date), day.genre_name, service, position, track_id


def history_rows(store: Store, month: str) -> Iterator[Row]:
    """The counts, by ISRC, source and time."""
    for isrc, series in store.histories.of_month(month):
        for source in sorted(series):
            for reading in series[source]:
                yield isrc, source, reading.current_timestamp, reading.view_count


TABLES: Mapping[str, Table] = {
    "charts": Table(
        (
            DAY,
            GENRE,
            Column("rank", "int16", "The rank, from 1; a recording that is withheld leaves a gap."),
            TRACK,
            Column("isrc", "string", "The ISRC; null if none is known."),
            Column("track_name", "string", "The title as last seen on a chart; null if it is not known."),
            Column("artist_name", "string", "The credit as last seen on a chart; null if it is not known."),
        ),
        chart_rows,
        12.0,
    ),
    "lists": Table(
        (
            DAY,
            GENRE,
            Column("service", "string", "The service whose editors keep the list."),
            Column("position", "int16", "The position on the list, from 1."),
            TRACK,
        ),
        list_rows,
        4.0,
    ),
    "histories": Table(
        (
            Column("isrc", "string", "The recording's ISRC."),
            Column("source", "string", "Where it was counted."),
            Column("read_at", "timestamp[ms, tz=UTC]", "When the count was read."),
            Column("count", "int64", "Plays or views of all time."),
        ),
        history_rows,
        10.0,
    ),
}
