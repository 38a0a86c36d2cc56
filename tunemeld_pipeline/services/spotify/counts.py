"""Which of Spotify's tracks are a chart's recordings, and how often they were played: an album shows the plays of all its tracks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.charts.documents import Lookup, ServicePlaylist
from tunemeld_pipeline.errors import NotFound
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.counts import gather
from tunemeld_pipeline.upstream.lookups import LookupReport, TrackSearch, Wanted, by_words, look_up

CACHE: Lookup = "spotify_cache"


class PlayCounts(Protocol):
    """The calls that count plays."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def play_counts(self, album_id: str, track_ids: Sequence[str]) -> Mapping[str, int | None]:
        """Plays of an album's tracks, by track id; None where they are not shown, no entry for one of `track_ids` that is gone."""


def look_up_tracks(store: Store, spotify: TrackSearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """Spotify's track, album and cover of each recording, `{"track_id", "album_id", "cover_url"}` by key."""
    return look_up(store, CACHE, wanted, by_words(spotify), spotify.client, at)


def play_counts(spotify: PlayCounts, tracks: Mapping[str, tuple[str, str]]) -> Counts:
    """Plays per track id; `tracks` names each one's Spotify track and album, best-ranked first. One call an album."""
    of_album: dict[str, list[str]] = {}
    for own, album in tracks.values():
        of_album.setdefault(album, []).append(own)
    answers = gather(spotify.client, lambda album: spotify.play_counts(album, of_album[album]), list(of_album))
    asked = {track for track, (_, album) in tracks.items() if album in set(answers.answered)}
    return answers.counts({track: own for track, (own, _) in tracks.items()}, asked)


def on_own_list(service: str, playlists: Iterable[ServicePlaylist]) -> dict[str, tuple[str, str]]:
    """Per track id, the Spotify track and album that Spotify's own list names."""
    listed: dict[str, tuple[str, str]] = {}
    for playlist in playlists:
        if playlist.service_name == service:
            for row in playlist.tracks:
                if row.service_track_id and row.album_id:
                    listed.setdefault(row.track_id, (row.service_track_id, row.album_id))
    return listed


def track_and_album(facts: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    """The same of what was looked up."""
    return {key: (one["track_id"], one["album_id"]) for key, one in facts.items() if "album_id" in one}


def together(known: Counts, new: Counts) -> Counts:
    """The counts of what was known and of what was looked up."""
    counts = known.counts | new.counts
    errors = [error for error in (known.error, new.error) if error and not (counts and isinstance(error, NotFound))]
    return Counts(
        counts,
        next(iter(errors), None),
        known.unanswered + new.unanswered,
        known.there | new.there,
        known.left_out | new.left_out,
    )
