"""Reads what a genre's answers of today are made of: one moment of the collections, for every renderer of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedYear
from tunemeld_pipeline.charts.documents import (
    AggregatePlaylist,
    Chart,
    Materialization,
    RawPlaylist,
    Reading,
    ServicePlaylist,
)
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD, Withheld
from tunemeld_pipeline.storage.store import Store

GRAPH_DAYS = 90
GRAPH_WINDOWS = (30, GRAPH_DAYS, 365, 730)
"""The numbers of days that `/graph-data` accepts; the path without a number means 90."""

UNBOUNDED = datetime.max.replace(tzinfo=UTC)


LAST_DAYS = 31
"""Days with a chart that today's answers look back to, today's included."""


@dataclass(frozen=True, slots=True)
class LastDays:
    """A genre's last days with a chart.

    Attributes:
        days: newest first, up to the one that visitors see; none where none is kept.
        years: by track id and calendar year, how the recordings of these days were charted, by any id.
        recordings: what is known of them, by track id; after a rollback also of those on the lists of the day that is shown again.
    """

    days: Sequence[ChartDay]
    years: Mapping[str, Mapping[str, ChartedYear]]
    recordings: Mapping[str, RecordingFacts]


@dataclass(frozen=True, slots=True)
class Documents:
    """What one genre's responses are made of."""

    materialization: Materialization
    chart: Chart
    aggregate: AggregatePlaylist
    services: Sequence[ServicePlaylist]
    playlists: Sequence[RawPlaylist]
    readings: Mapping[str, Mapping[str, Sequence[Reading]]]
    dates: Sequence[str]
    last_days: LastDays
    withheld: Withheld = NOTHING_WITHHELD

    @property
    def settled(self) -> bool:
        """Whether all of it belongs to the materialization; not so while a later run is writing, or after it failed half-way."""
        as_of = self.materialization.as_of
        documents = (self.chart, self.aggregate, *self.services, *self.playlists)
        return all(document.insert_timestamp <= as_of for document in documents)


def read_documents(store: Store, materialization: Materialization) -> Documents:
    """One genre's documents now. Give it a snapshot of the store, so that they belong together.

    Raises:
        NothingStored: the genre has no chart.
        UnreadableDocument: its chart or its consensus cannot be read.
        StoreError: they cannot be read.
    """
    genre = materialization.genre_name
    chart = store.charts.chart(genre, UNBOUNDED)
    since = materialization.as_of - timedelta(days=max(GRAPH_WINDOWS))
    return Documents(
        materialization=materialization,
        chart=chart,
        aggregate=store.playlists.aggregate(genre, UNBOUNDED),
        services=store.playlists.service_playlists(genre, UNBOUNDED),
        playlists=store.playlists.playlist_headers(genre, UNBOUNDED),
        readings=store.histories.readings_since([track.isrc for track in chart.tracks if track.isrc], since),
        dates=store.charts.chart_dates(genre),
        last_days=read_last_days(store, materialization, LAST_DAYS),
        withheld=store.withheld,
    )


def read_last_days(store: Store, materialization: Materialization, limit: int) -> LastDays:
    """A genre's last days with a chart, at most `limit`, up to the one that visitors see.

    Raises:
        StoreError: they cannot be read.
    """
    genre, shown = materialization.genre_name, utc_day(materialization.shown_as_of)
    days = store.charts.chart_days(genre, day_after(shown), limit)
    ids = {one for day in days for one in chain(day.track_ids, *day.other_ids.values())}
    named = {one for day in days for one in day.track_ids}
    if materialization.rolled_back_to is not None and days:
        # Of the day that is shown again, the services' lists are shown too.
        named.update(one for listed in days[0].lists.values() for one in listed if one is not None)
    return LastDays(
        days=days,
        years=store.charts.past(genre, shown, ids).years if days else {},
        recordings=store.recordings.known(named),
    )


def day_after(day: str) -> str:
    """The day (YYYY-MM-DD) after another."""
    return f"{date.fromisoformat(day) + timedelta(days=1)}"
