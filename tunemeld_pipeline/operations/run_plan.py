"""What a run would do, and which upstream calls it would make, judged from what is stored; it calls no service and writes nothing.

This module estimates the calls per genre and bucket. The quotas themselves are in `upstream/quotas.py`, and `cli/` prints the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import AggregatePlaylist, Lookup, ServicePlaylist
from tunemeld_pipeline.errors import NothingStored, UnreadableDocument
from tunemeld_pipeline.plugins.registry import slug_of
from tunemeld_pipeline.services.youtube.counts import VIDEOS_PER_CALL
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.lookups import BATCH_SIZE, Wanted, sorted_out, wanted_of

USUAL_ROWS = 100
ROWS_PER_PAGE = {"Spotify": 100, "AppleMusic": 10_000, "SoundCloud": 50}


@dataclass(frozen=True, slots=True)
class ExpectedCalls:
    """Calls on one upstream: which bucket of `upstream/quotas.py` pays (None where nobody counts them), how many units, and what for.

    `waiting` is how many more there would be, had the bucket units left for them.
    """

    bucket: str | None
    units: int
    purpose: str
    waiting: int = 0


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
    calls: list[ExpectedCalls] = []
    unknown = None
    if "raw_playlists" in stage.assets:
        calls += _playlists(store, genre, services, at)
    if not services and stage is not Stage.EXTRACT:
        unknown = "its playlists were never read: look-ups and counts depend on what they hold"
    elif stage is not Stage.EXTRACT:
        free_look_ups = getattr(settings, "spotify_client_id", None) is not None
        if "track_playlist" in stage.assets:
            calls += _isrcs(store, services, at, free_look_ups)
        if "view_counts_playlists" in stage.assets:
            try:
                calls += _counts(store, store.playlists.aggregate(genre.key, at), services, at, free_look_ups)
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


def _playlists(store: Store, genre: Genre, services: Iterable[ServicePlaylist], at: datetime) -> list[ExpectedCalls]:
    rows = {one.service_name: max((track.rank for track in one.tracks), default=0) for one in services}
    calls = [
        ExpectedCalls(
            slug_of(service), max(1, ceil(rows.get(service, 0) / ROWS_PER_PAGE.get(service, USUAL_ROWS))), "playlist"
        )
        for service in genre.services
    ]
    listed = genre.playlists.get("Spotify")
    if listed and store.lookups.playlist_description(f"Spotify/{listed[0].url}", at) is None:
        calls.append(ExpectedCalls("spotify", 1, "name and cover"))
    return calls


def _isrcs(store: Store, services: Iterable[ServicePlaylist], at: datetime, free_look_ups: bool) -> list[ExpectedCalls]:
    unknown = {
        track.track_id: Wanted(track.track_id, wanted_of(track).row)
        for playlist in services
        for track in playlist.tracks
        if track.isrc is None
    }
    searches = _waiting(store, "isrc_cache", list(unknown.values()), at)
    completing = 0 if free_look_ups else ceil(searches / BATCH_SIZE)
    return [
        ExpectedCalls(None if free_look_ups else "spotify", searches, "ISRC look-ups"),
        ExpectedCalls("spotify", completing, "ISRCs of what is found"),
    ]


def _counts(
    store: Store,
    aggregate: AggregatePlaylist,
    services: Iterable[ServicePlaylist],
    at: datetime,
    free_look_ups: bool,
) -> list[ExpectedCalls]:
    wanted = [wanted_of(track) for track in aggregate.tracks]
    videos, no_video = sorted_out(store, "youtube_cache", wanted, at)
    albums = {
        row.track_id: row.album_id
        for playlist in services
        if playlist.service_name == "Spotify"
        for row in playlist.tracks
        if row.album_id
    }
    not_listed = [want for want in wanted if want.key not in albums]
    found, no_track = sorted_out(store, "spotify_cache", not_listed, at)
    counted = {albums[want.key] for want in wanted if want.key in albums}
    counted |= {facts["album_id"] for facts in found.values() if "album_id" in facts}
    return [
        ExpectedCalls("youtube", ceil(len(videos) / VIDEOS_PER_CALL), f"counts of {len(videos)} videos"),
        ExpectedCalls("youtube_search", len(no_video), "video look-ups"),
        ExpectedCalls("spotify", len(counted), "counts of albums"),
        ExpectedCalls(None if free_look_ups else "spotify", len(no_track), "track look-ups"),
    ]


def _waiting(store: Store, cache: Lookup, wanted: Sequence[Wanted], at: datetime) -> int:
    return len(sorted_out(store, cache, wanted, at)[1])
