"""Look-ups that cost a call: which ISRC, which Spotify track, which video is this recording?

What belongs here: asking only what is not known yet, best-ranked first, until the budget is used up; and believing an answer only if
the matching judges it to be the same recording. What does not: the calls themselves (`resources/`) and the judgement (`matching/`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.answers import SpotifyTrack
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamError
from tunemeld_pipeline.http import HttpClient
from tunemeld_pipeline.matching.judge import Verdict, judge
from tunemeld_pipeline.matching.rows import Row
from tunemeld_pipeline.matching.videos import Video, best_video
from tunemeld_pipeline.models import Lookup
from tunemeld_pipeline.store import Store

FAILURES_ALLOWED = 3
"""After so many failed calls the rest of the look-ups wait for the next run: each has been retried by the funnel already."""

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One recording to look up: the key to remember the answer by, older keys it may be known by, and what is known of it."""

    key: str
    row: Row
    other_keys: tuple[str, ...] = ()


@dataclass
class LookupReport:
    """What the look-ups of one step came to."""

    known: int = 0
    asked: int = 0
    found: int = 0
    deferred: int = 0
    error: UpstreamError | None = None
    facts: dict[str, Facts] = field(default_factory=dict)

    @property
    def failure(self) -> UpstreamError | None:
        """Why the upstream did not answer; running out of a quota is no failure."""
        return None if isinstance(self.error, QuotaExhausted) else self.error


class SpotifySearch(Protocol):
    """What is asked of Spotify."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, title: str, artist: str) -> list[SpotifyTrack]:
        """Tracks by words."""

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """ISRCs by track id."""


class VideoSearch(Protocol):
    """What is asked of YouTube."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, words: str) -> list[Video]:
        """Videos by words."""


def look_up_isrcs(store: Store, spotify: SpotifySearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """The ISRC of each recording, `{"isrc"}` by key, from `isrc_cache` or by asking Spotify."""

    def ask(batch: Sequence[Wanted]) -> dict[str, Facts | UpstreamError | None]:
        tracks = _tracks(spotify, batch)
        unknown = [t.track_id for t in tracks.values() if isinstance(t, SpotifyTrack) and t.isrc is None]
        try:
            isrcs = spotify.isrcs(unknown) if unknown else {}
        except UpstreamError as error:
            return {key: error if isinstance(t, SpotifyTrack) else t for key, t in tracks.items()}
        outcome: dict[str, Facts | UpstreamError | None] = {}
        for key, track in tracks.items():
            if isinstance(track, SpotifyTrack):
                isrc = track.isrc or isrcs.get(track.track_id)
                outcome[key] = {"isrc": isrc, **_facts(track)} if isrc else None
            else:
                outcome[key] = track
        return outcome

    return _look_up(store, "isrc_cache", wanted, ask, spotify.client.threads, at)


def look_up_spotify_tracks(
    store: Store, spotify: SpotifySearch, wanted: Sequence[Wanted], at: datetime
) -> LookupReport:
    """Spotify's track, album and cover of each recording, `{"track_id", "album_id", "cover_url"}` by key."""

    def ask(batch: Sequence[Wanted]) -> dict[str, Facts | UpstreamError | None]:
        return {
            key: _facts(track) if isinstance(track, SpotifyTrack) else track
            for key, track in _tracks(spotify, batch).items()
        }

    return _look_up(store, "spotify_cache", wanted, ask, spotify.client.threads, at)


def look_up_videos(store: Store, youtube: VideoSearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """Each recording's own video on YouTube, `{"video_id"}` by key; a video once found is kept for ever."""

    def ask(batch: Sequence[Wanted]) -> dict[str, Facts | UpstreamError | None]:
        def one(want: Wanted) -> Facts | UpstreamError | None:
            try:
                videos = youtube.search(f"{want.row.artist} {want.row.title}")
            except UpstreamError as error:
                return error
            best = best_video(want.row, videos)
            return None if best is None else {"video_id": best.video.video_id}

        return dict(zip((want.key for want in batch), youtube.client.map(one, batch), strict=True))

    return _look_up(store, "youtube_cache", wanted, ask, youtube.client.threads, at)


def _look_up(
    store: Store,
    cache: Lookup,
    wanted: Sequence[Wanted],
    ask: Callable[[Sequence[Wanted]], Mapping[str, Facts | UpstreamError | None]],
    batch_size: int,
    at: datetime,
) -> LookupReport:
    report = LookupReport()
    known = store.looked_up(cache, {key for want in wanted for key in (want.key, *want.other_keys)})
    unsettled: list[Wanted] = []
    for want in wanted:
        answers = [known[key] for key in (want.key, *want.other_keys) if key in known]
        value = next((answer.value for answer in answers if answer.value is not None), None)
        if value is not None:
            report.facts[want.key] = value
            report.known += 1
        elif want.key not in known or not known[want.key].is_settled(at):
            unsettled.append(want)
    failed = 0
    for start in range(0, len(unsettled), batch_size):
        batch = unsettled[start : start + batch_size]
        outcome = ask(batch)
        answered = {key: facts for key, facts in outcome.items() if not isinstance(facts, UpstreamError)}
        # Kept batch by batch: a run that is killed does not pay twice.
        store.remember(cache, answered, "search", at)
        report.asked += len(answered)
        for key, facts in answered.items():
            if facts is not None:
                report.facts[key] = facts
                report.found += 1
        errors = [error for error in outcome.values() if isinstance(error, UpstreamError)]
        report.deferred += len(errors)
        failed += len(errors)
        if errors:
            report.error = errors[0]
        if any(not error.transient for error in errors) or failed >= FAILURES_ALLOWED:
            report.deferred += len(unsettled) - start - len(batch)
            break
    return report


def _tracks(spotify: SpotifySearch, batch: Sequence[Wanted]) -> dict[str, SpotifyTrack | UpstreamError | None]:
    def one(want: Wanted) -> SpotifyTrack | UpstreamError | None:
        try:
            return _believed(want.row, spotify.search(want.row.title, want.row.artist))
        except UpstreamError as error:
            return error

    return dict(zip((want.key for want in batch), spotify.client.map(one, batch), strict=True))


def _believed(row: Row, tracks: Sequence[SpotifyTrack]) -> SpotifyTrack | None:
    """The track that is judged to be the same recording, the surest first, then the service's order."""
    judged = [
        (judge(row, Row(track.name, track.artist_name, track.duration_ms, track.isrc, service="Spotify")), track)
        for track in tracks
    ]
    same = [(judgement.confidence, track) for judgement, track in judged if judgement.verdict is Verdict.SAME]
    return max(same, key=lambda pair: pair[0])[1] if same else None


def _facts(track: SpotifyTrack) -> Facts:
    facts = {"track_id": track.track_id, "album_id": track.album_id, "cover_url": track.cover_url}
    return {name: value for name, value in facts.items() if value}
