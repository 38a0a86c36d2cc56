"""A chart as `/playlist-data` shows it: in the shape that the older page reads, which is frozen.

Its rows have each source's first and last count of the chart week under the names of the older system, complete in structure for
YouTube and Spotify also where nothing was ever read. An unknown count is an empty string: the older page prints each count and
subtracts one from the other, and loses a row with a null and all rows after it. Only the code that reads documents of earlier times
knows these names too.
"""

from typing import Literal

from pydantic import BaseModel

from tunemeld_pipeline.charts.documents import AggregateTrack, Chart, ChartTrack, DatedCount, RowReadings

Count = int | Literal[""]
"""A count as the older page prints it; empty where it is unknown."""

SHOWN_SOURCES = ("Spotify", "Youtube", "SoundCloud")
ALWAYS_SHOWN = ("Youtube", "Spotify")
SHOWN_SCHEMA_VERSION = 1
"""The version of this shape, which does not change with the version of the documents."""


class InitialCount(BaseModel):
    """The first reading of the chart week; the time as an ISO string, null where the count is unknown."""

    initial_timestamp: str | None = None
    initial_view_count: Count = ""


class CurrentCount(BaseModel):
    """The last reading; the time as an ISO string, null where the count is unknown."""

    current_timestamp: str | None = None
    current_view_count: Count = ""


class ViewCount(BaseModel):
    """One source's counts of one track, complete in structure also where nothing was ever read."""

    initial_count_json: InitialCount = InitialCount()
    current_count_json: CurrentCount = CurrentCount()


class PlaylistRow(AggregateTrack):
    """A row of the chart with counts. `gain_7d` is null per source where a reading is missing, or the track has no ISRC."""

    view_count_data_json: dict[str, ViewCount]
    gain_7d: dict[str, int | None]


class PlaylistData(Chart):
    """The consensus of one genre with counts; `coverage` is the share of tracks counted now, per source.

    After a rollback `rolled_back_to` is when what is shown was observed, while `insert_timestamp` is that of the chart that it replaces.
    """

    schema_version: int = SHOWN_SCHEMA_VERSION
    tracks: list[PlaylistRow]  # type: ignore[assignment]  # rows of another shape


def playlist_data(chart: Chart) -> PlaylistData:
    """The chart in this shape. Nothing is validated: the document's own model has done so."""
    rows = [_row(track) for track in chart.tracks]
    return PlaylistData.model_construct(**{**dict(chart), "schema_version": SHOWN_SCHEMA_VERSION, "tracks": rows})


def _row(track: ChartTrack) -> PlaylistRow:
    counts = {
        source: _view_count(track.readings.get(source))
        for source in SHOWN_SOURCES
        if source in track.readings or source in ALWAYS_SHOWN
    }
    return PlaylistRow.model_construct(**{**dict(track), "view_count_data_json": counts})


def _view_count(kept: RowReadings | None) -> ViewCount:
    if kept is None:
        return ViewCount()
    moment, count = _shown(kept.first_of_week)
    initial = InitialCount(initial_timestamp=moment, initial_view_count=count)
    moment, count = _shown(kept.last)
    return ViewCount(
        initial_count_json=initial,
        current_count_json=CurrentCount(current_timestamp=moment, current_view_count=count),
    )


def _shown(dated: DatedCount | None) -> tuple[str | None, Count]:
    return (dated.current_timestamp.isoformat(), dated.view_count) if dated else (None, "")
