"""What a run would do, and which upstream calls it would make, judged from what is stored; it calls no service and writes nothing.

This module puts together what each client expects, per genre, and takes it from the buckets. The quotas themselves are in
`upstream/quotas.py`, and `cli/` prints the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import ServicePlaylist
from tunemeld_pipeline.errors import NothingStored, UnreadableDocument
from tunemeld_pipeline.plugins.registry import counted_by, isrc_lookups
from tunemeld_pipeline.settings.configured import lacking, usable_sources
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.counts import Charted
from tunemeld_pipeline.upstream.expected import ExpectedCalls
from tunemeld_pipeline.upstream.lookups import Wanted, sorted_out, wanted_of
from tunemeld_pipeline.upstream.service_client import CountClient, IsrcClient, ListClient, ServiceClient, client_of

C = TypeVar("C", bound=ServiceClient)


@dataclass(frozen=True, slots=True)
class GenrePlan:
    """One genre's run. `unknown` says what nobody can know before an earlier stage has run for the first time."""

    genre: str
    assets: tuple[str, ...]
    calls: list[ExpectedCalls] = field(default_factory=list)
    unknown: str | None = None

    def waiting(self, bucket: str) -> int:
        """The genre's calls for which a bucket has no units."""
        return sum(call.waiting for call in self.calls if call.bucket == bucket)


def plan_run(
    store: Store, settings: Settings, genres: Sequence[Genre], stage: Stage, at: datetime, left: Mapping[str, int]
) -> list[GenrePlan]:
    """What running `stage` for these genres at `at` would take, as far as the last lists tell; lists may have changed since.

    Args:
        left: how many units each bucket has left, which the genres take one after another.

    Raises:
        StoreError: the database did not answer.
    """
    rest = dict(left)
    return [_genre_plan(store, settings, genre, stage, at, rest) for genre in genres]


def _genre_plan(
    store: Store, settings: Settings, genre: Genre, stage: Stage, at: datetime, left: dict[str, int]
) -> GenrePlan:
    services = store.playlists.service_playlists(genre.key, at)
    clients = _Clients(store, settings, genre.key, at)
    calls: list[ExpectedCalls] = []
    unknown = None
    if "raw_playlists" in stage.assets:
        calls += _playlists(clients, genre, services)
    if not services and stage is not Stage.EXTRACT:
        unknown = "its playlists were never read: look-ups and counts depend on what they hold"
    elif stage is not Stage.EXTRACT:
        if "track_playlist" in stage.assets:
            calls += _isrcs(clients, services)
        if "view_counts_playlists" in stage.assets:
            try:
                aggregate = store.playlists.aggregate(genre.key, at)
                charted = Charted(aggregate.tracks, services, at)
                calls += [one for client in clients.counting() for one in client.calls_for_counts(charted)]
            except NothingStored:
                unknown = "it has no consensus yet: its counts depend on what the services agree on"
            except UnreadableDocument as error:
                unknown = f"its consensus cannot be read: {error}"
    return GenrePlan(genre.key, stage.assets, [_paid(call, left) for call in calls if call.units], unknown)


class _Clients:
    """The clients that a run of a genre would call, none of them open."""

    def __init__(self, store: Store, settings: Settings, genre: str, at: datetime) -> None:
        self.store, self.at = store, at
        self._settings, self._genre = settings, genre

    def listing(self, service: str) -> ListClient | None:
        """That of the source which is tried first; None for a service that is not configured."""
        sources = usable_sources(self._settings, service)
        return self._begun(client_of(sources[0])(self._settings, self.at, sources[0])) if sources else None

    def counting(self) -> list[CountClient]:
        """Those of the sources of counts."""
        there = [one.counting for one in counted_by() if not lacking(self._settings, one.counting)]
        return [self._begun(client_of(one)(self._settings, self.at, one)) for one in there]

    def searching(self) -> IsrcClient | None:
        """That of the first service that looks ISRCs up."""
        there = [one for one in isrc_lookups() if not lacking(self._settings, one)]
        return self._begun(client_of(there[0])(self._settings, self.at, there[0])) if there else None

    def _begun(self, client: C) -> C:
        client.begin_step(self.store, self._genre)
        return client


def _paid(call: ExpectedCalls, left: dict[str, int]) -> ExpectedCalls:
    """Those of these calls for which there are units; the units are taken from `left`."""
    if call.bucket is None or call.bucket not in left:
        return replace(call, bucket=None)
    units = min(call.units, left[call.bucket])
    left[call.bucket] -= units
    return replace(call, units=units, waiting=call.units - units)


def _playlists(clients: _Clients, genre: Genre, services: Iterable[ServicePlaylist]) -> list[ExpectedCalls]:
    rows = {one.service_name: max((track.rank for track in one.tracks), default=0) for one in services}
    return [
        call
        for service in genre.services
        if (client := clients.listing(service)) is not None
        for call in client.calls_for_list(genre.playlist(service), rows.get(service, 0), clients.at)
    ]


def _isrcs(clients: _Clients, services: Iterable[ServicePlaylist]) -> list[ExpectedCalls]:
    client = clients.searching()
    if client is None:
        return []
    unknown = {
        track.track_id: Wanted(track.track_id, wanted_of(track).row)
        for playlist in services
        for track in playlist.tracks
        if track.isrc is None
    }
    waiting = sorted_out(clients.store, "isrc_cache", list(unknown.values()), clients.at)[1]
    return client.calls_for_isrcs(len(waiting))
