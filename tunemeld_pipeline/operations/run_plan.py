"""What a run would do, and which upstream calls it would make, judged from what is stored; it calls no service and writes nothing.

This module adds up what each client expects, per genre and bucket. The quotas themselves are in `upstream/quotas.py`, and `cli/` prints
the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import overload

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import AggregatePlaylist, ServicePlaylist, Track
from tunemeld_pipeline.errors import NothingStored, UnreadableDocument
from tunemeld_pipeline.plugins.contract import Access, Counting, IsrcLookup, Source
from tunemeld_pipeline.plugins.registry import counted_by, name_of
from tunemeld_pipeline.settings.configured import usable_sources, used_counting, used_isrc_lookups
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.counts import Charted
from tunemeld_pipeline.upstream.expected import ExpectedCalls
from tunemeld_pipeline.upstream.lookups import Wanted, sorted_out, wanted_of
from tunemeld_pipeline.upstream.remembered_isrcs import found_isrcs_remembered, own_isrcs_remembered
from tunemeld_pipeline.upstream.service_client import (
    CountClient,
    IsrcClient,
    ListClient,
    ServiceClient,
    TrackClient,
    client_of,
)
from tunemeld_pipeline.upstream.track_lookups import BY_ID


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
    """What running `stage` for these genres at `at` would take, as far as the last lists show; they may have changed since.

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
    lists = store.playlists.service_playlists(genre.key, at)
    planned = _Planned(store, settings, genre, lists, at)
    calls: list[ExpectedCalls] = []
    unknown = None
    if "raw_playlists" in stage.assets:
        calls += planned.playlists()
    if not lists and stage is not Stage.EXTRACT:
        unknown = "its playlists were never read: look-ups and counts depend on what they hold"
    elif stage is not Stage.EXTRACT:
        if "track_playlist" in stage.assets:
            calls += planned.isrcs()
        if "view_counts_playlists" in stage.assets:
            try:
                calls += planned.counts(store.playlists.aggregate(genre.key, at))
            except NothingStored:
                unknown = "it has no consensus yet: its counts depend on what the services agree on"
            except UnreadableDocument as error:
                unknown = f"its consensus cannot be read: {error}"
    return GenrePlan(genre.key, stage.assets, [_paid(call, left) for call in calls if call.units], unknown)


def _paid(call: ExpectedCalls, left: dict[str, int]) -> ExpectedCalls:
    """Those of these calls for which there are units; the units are taken from `left`."""
    if call.bucket is None or call.bucket not in left:
        return replace(call, bucket=None)
    units = min(call.units, left[call.bucket])
    left[call.bucket] -= units
    return replace(call, units=units, waiting=call.units - units)


@dataclass(frozen=True, slots=True)
class _Planned:
    """One genre's run, of whose parts each client says what it would call; none is opened. What is not configured calls nothing."""

    store: Store
    settings: Settings
    genre: Genre
    lists: Sequence[ServicePlaylist]
    at: datetime

    def playlists(self) -> list[ExpectedCalls]:
        """Of the source of each service that is tried first."""
        rows = {one.service_name: max((track.rank for track in one.tracks), default=0) for one in self.lists}
        calls = []
        for service in self.genre.services:
            for source in usable_sources(self.settings, service)[:1]:
                key = f"{service}/{self.genre.playlist(service).url}"
                described = self.store.lookups.playlist_description(key, self.at) is not None
                calls += self._client(source).expected(rows.get(service, 0), described=described)
        return calls

    def isrcs(self) -> list[ExpectedCalls]:
        """Of the services that have them at their tracks, and of the first that looks them up by words."""
        unknown = self._without_isrc()
        calls = [
            ExpectedCalls(None, len(waiting), f"ISRCs of {name_of(one.service_name)}'s tracks")
            for one in self.lists
            if self._has_isrcs_at_tracks(one.service_name)
            and (waiting := self._waiting(BY_ID, [track for track in unknown if track.source_name == one.service_name]))
        ]
        there = [one for one in used_isrc_lookups(self.settings) if not one.by_id]
        for one in there[:1]:
            calls += self._client(one).expected_isrcs(len(self._waiting(one.begins, unknown)))
        return calls

    def _without_isrc(self) -> list[Track]:
        """The rows of the last lists that have no ISRC, and of which none is remembered."""
        tracks = {_key(track): track for one in self.lists for track in one.tracks if track.isrc is None}
        known = own_isrcs_remembered(self.store, tracks) | found_isrcs_remembered(self.store, tracks)
        return [track for key, track in tracks.items() if key not in known]

    def _waiting(self, begins: str, tracks: Sequence[Track]) -> list[Wanted]:
        """The recordings of these rows that a look-up, whose keys begin so, has not been asked for, or is to be asked again."""
        rows: dict[str, list[Track]] = {}
        for track in tracks:
            rows.setdefault(track.track_id, []).append(track)
        wanted = []
        for same in rows.values():
            first, *others = (f"{begins}{_key(track)}" for track in same)
            wanted.append(Wanted(first, wanted_of(same[0]).row, tuple(others)))
        return sorted_out(self.store, "isrc_cache", wanted, self.at)[1]

    def _has_isrcs_at_tracks(self, service: str) -> bool:
        return any(issubclass(client_of(one), TrackClient) for one in usable_sources(self.settings, service)[:1])

    def counts(self, aggregate: AggregatePlaylist) -> list[ExpectedCalls]:
        """Of all sources of counts."""
        charted = Charted(aggregate.tracks, self.lists, self.at)
        ways = [used_counting(self.settings, one) for one in counted_by()]
        return [call for way in ways if way for call in self._client(way).expected_counts(charted)]

    @overload
    def _client(self, access: Source) -> ListClient: ...
    @overload
    def _client(self, access: Counting) -> CountClient: ...
    @overload
    def _client(self, access: IsrcLookup) -> IsrcClient: ...
    def _client(self, access: Access) -> ServiceClient:
        client = client_of(access)(self.settings, self.at, access)
        client.begin_step(self.store, self.genre.key)
        return client


def _key(track: Track) -> str:
    """The key of the row, as `PlaylistRow` has it."""
    return f"{track.source_name}:{track.service_track_id}" if track.service_track_id else track.track_id
