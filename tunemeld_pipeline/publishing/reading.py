"""Reads what a genre's answers of today are made of: one moment of the collections, for every renderer of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tunemeld_pipeline.charts.documents import (
    AggregatePlaylist,
    Chart,
    Materialization,
    RawPlaylist,
    Reading,
    ServicePlaylist,
)
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD, Withheld
from tunemeld_pipeline.storage.store import Store

GRAPH_DAYS = 90
GRAPH_WINDOWS = (30, GRAPH_DAYS, 365, 730)
"""The numbers of days that `/graph-data` accepts; the path without a number means 90."""

UNBOUNDED = datetime.max.replace(tzinfo=UTC)


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
        withheld=store.withheld,
    )
