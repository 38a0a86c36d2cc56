"""`/v1/charts/{genre}/counts`: how often the recordings of a chart were played or viewed in the days up to it.

One count a UTC day, as a list without times, so that a page gets the counts of a whole chart at once. `tracks.py` has all counts of one
recording, with their times.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import Reading
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.past_days import last_change, past_readings
from tunemeld_pipeline.publishing.reading import Documents
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.values import Day, Row, Value, json_text
from tunemeld_pipeline.storage.store import Store

DAYS = 30
"""The days that are answered, that of the chart included."""

Readings = Mapping[str, Sequence[Reading]]


class TrackCounts(Row):
    """How often one recording of the chart had been played or viewed, day by day."""

    track_id: str = Field(description="The recording's id, as on the chart.")
    counts: dict[str, list[int | None]] = Field(
        description="By source of counts that ever counted it in these days, the last total of each UTC day from `first_date` to `date`;"
        " null for a day on which it was not counted."
    )


class ChartCounts(Value):
    """The counts of a chart's recordings in the days up to it."""

    genre: str = Field(description="The genre's key.", examples=["pop"])
    date: Day = Field(description="The UTC day of the chart, and the last day of the counts.")
    first_date: Day = Field(description="The first day of the counts.")
    tracks: list[TrackCounts] = Field(description="The recordings that were counted, best first.")


def todays_counts(documents: Documents, described: Genre) -> Content:
    """The answer with the counts of a genre's current chart."""
    shown = utc_day(documents.chart.shown_as_of)
    counted = [(track.track_id, documents.readings.get(track.isrc or "", {})) for track in documents.chart.tracks]
    found = links.described(links.counts(described.key), ChartCounts)
    text = json_text(_chart_counts(described.key, shown, counted))
    return Content(text, documents.materialization.finished_at, links=found)


def past_counts(store: Store, described: Genre, day: str) -> Content | None:
    """The answer with the counts of a past UTC day's chart; None if that day has none, or it was withdrawn.

    Raises:
        StoreError: they cannot be read.
    """
    genre = described.key
    kept = store.charts.chart_day(genre, day)
    if kept is None or kept.withdrawn:
        return None
    recordings = store.recordings.known(kept.track_ids)
    readings = past_readings(store, kept, recordings, DAYS)
    isrcs = {track_id: facts.isrc for track_id, facts in recordings.items()}
    counted = [(track_id, readings.get(isrcs.get(track_id) or "", {})) for track_id in kept.track_ids]
    found = links.described(links.counts(genre, day), ChartCounts)
    return Content(json_text(_chart_counts(genre, day, counted)), last_change(store, kept, recordings), links=found)


def _chart_counts(genre: str, last: str, counted: Sequence[tuple[str, Readings]]) -> ChartCounts:
    days = [f"{date.fromisoformat(last) - timedelta(days=back)}" for back in reversed(range(DAYS))]
    rows = [TrackCounts(track_id=track_id, counts=daily_counts(readings, days)) for track_id, readings in counted]
    return ChartCounts(genre=genre, date=last, first_date=days[0], tracks=[row for row in rows if row.counts])


def daily_counts(readings: Readings, days: Sequence[str]) -> dict[str, list[int | None]]:
    """By source that counted in these days, the last total of each; `readings` are oldest first."""
    found = {}
    for source, series in readings.items():
        totals = {utc_day(one.current_timestamp): one.view_count for one in series}
        if not totals.keys().isdisjoint(days):
            found[source] = [totals.get(day) for day in days]
    return found
