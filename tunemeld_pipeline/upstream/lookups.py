"""Look-ups that cost a call: which ISRC, which Spotify track, which video is this recording?

What belongs here: asking only what is not known yet, new ones first and best-ranked first, until the budget is used up; and believing an
answer only if the matching judges it to be the same recording. What does not: the calls themselves (`resources/`) and the judgement
(`charts/matching/`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.charts.documents import AggregateTrack, Lookup, Track
from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.videos import Video, best_video
from tunemeld_pipeline.errors import UpstreamError
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import SpotifyTrack
from tunemeld_pipeline.upstream.client import HttpClient

BATCH_SIZE = 20
"""How many look-ups are remembered, and completed by one call, at a time."""

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One recording to look up: the key to remember the answer by, older keys it may be known by, and what is known of it.

    `again` is whether it was asked for before, and nothing found.
    """

    key: str
    row: Row
    other_keys: tuple[str, ...] = ()
    again: bool = False


@dataclass
class LookupReport:
    """What the look-ups of one step came to."""

    known: int = 0
    asked: int = 0
    found: int = 0
    deferred: int = 0
    error: UpstreamError | None = None
    facts: dict[str, Facts] = field(default_factory=dict)


class SpotifySearch(Protocol):
    """What is asked of Spotify."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SpotifyTrack]:
        """Tracks by words."""

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """ISRCs by track id."""


class VideoSearch(Protocol):
    """What is asked of YouTube."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, words: str, *, again: bool = False) -> list[Video]:
        """Videos by words."""


def look_up_isrcs(store: Store, spotify: SpotifySearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """The ISRC of each recording, and its Spotify track's facts, by key: from `isrc_cache` or by asking Spotify."""

    def with_isrcs(found: Mapping[str, Facts]) -> dict[str, Facts | None]:
        unknown = [facts["track_id"] for facts in found.values() if "isrc" not in facts]
        isrcs = spotify.isrcs(unknown) if unknown else {}
        complete: dict[str, Facts | None] = {}
        for key, facts in found.items():
            isrc = facts.get("isrc") or isrcs.get(facts["track_id"])
            complete[key] = {**facts, "isrc": isrc} if isrc else None
        return complete

    return _look_up(store, "isrc_cache", wanted, _spotify_search(spotify), spotify.client, at, with_isrcs)


def look_up_spotify_tracks(
    store: Store, spotify: SpotifySearch, wanted: Sequence[Wanted], at: datetime
) -> LookupReport:
    """Spotify's track, album and cover of each recording, `{"track_id", "album_id", "cover_url"}` by key."""
    return _look_up(store, "spotify_cache", wanted, _spotify_search(spotify), spotify.client, at)


def look_up_videos(store: Store, youtube: VideoSearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """Each recording's own video on YouTube, `{"video_id"}` by key; a video once found is kept for ever."""

    def search(want: Wanted) -> Facts | None:
        best = best_video(want.row, youtube.search(f"{want.row.artist} {want.row.title}", again=want.again))
        return None if best is None else {"video_id": best.video.video_id}

    return _look_up(store, "youtube_cache", wanted, search, youtube.client, at)


def _look_up(
    store: Store,
    cache: Lookup,
    wanted: Sequence[Wanted],
    search: Callable[[Wanted], Facts | None],
    client: HttpClient,
    at: datetime,
    complete: Callable[[Mapping[str, Facts]], Mapping[str, Facts | None]] | None = None,
) -> LookupReport:
    """What is known, and then what is found; `complete` turns what a batch found into the facts to keep."""
    report = LookupReport()
    unsettled = _known(store, cache, wanted, at, report)
    report.deferred = len(unsettled)
    for batch in client.in_batches(search, unsettled, BATCH_SIZE):
        found = {want.key: facts for want, facts in batch if isinstance(facts, dict)}
        outcome: dict[str, Facts | None] = {want.key: None for want, facts in batch if facts is None}
        errors = [error for _, error in batch if isinstance(error, UpstreamError)]
        try:
            outcome |= complete(found) if complete and found else found
        except UpstreamError as error:
            errors.append(error)
        # Kept batch by batch: a run that is killed does not pay twice.
        store.lookups.remember(cache, outcome, "search", at)
        report.facts |= {key: facts for key, facts in outcome.items() if facts is not None}
        report.asked += len(outcome)
        report.found += sum(facts is not None for facts in outcome.values())
        report.deferred -= len(outcome)
        report.error = report.error or next(iter(errors), None)
    return report


def _known(store: Store, cache: Lookup, wanted: Sequence[Wanted], at: datetime, report: LookupReport) -> list[Wanted]:
    """Fills in what needs no call, and returns what does: what was never asked for first, each in the order wanted."""
    known = store.lookups.looked_up(cache, {key for want in wanted for key in (want.key, *want.other_keys)})
    unsettled: list[Wanted] = []
    tried: list[Wanted] = []
    for want in wanted:
        answers = [known[key] for key in (want.key, *want.other_keys) if key in known]
        value = next((answer.value for answer in answers if answer.value is not None), None)
        if value is not None:
            report.facts[want.key] = value
            report.known += 1
        elif want.key not in known:
            unsettled.append(want)
        elif not known[want.key].is_settled(at):
            tried.append(replace(want, again=True))
    return [*unsettled, *tried]


def sorted_out(
    store: Store, cache: Lookup, wanted: Sequence[Wanted], at: datetime
) -> tuple[dict[str, Facts], list[Wanted]]:
    """What is known already, by key, and what a look-up at `at` would ask for; without a call."""
    report = LookupReport()
    waiting = _known(store, cache, wanted, at, report)
    return report.facts, waiting


def wanted_of(track: Track) -> Wanted:
    """The recording that a row of a playlist or of the consensus is, as it is looked up."""
    row = Row(track.track_name, track.artist_name, track.duration_ms, track.isrc, key=track.track_id)
    isrcs = track.isrcs if isinstance(track, AggregateTrack) else []
    return Wanted(track.track_id, row, tuple(isrc for isrc in isrcs if isrc != track.track_id))


def _spotify_search(spotify: SpotifySearch) -> Callable[[Wanted], Facts | None]:
    def search(want: Wanted) -> Facts | None:
        track = _believed(want.row, spotify.search(want.row.title, want.row.artist, again=want.again))
        return _facts(track) if track else None

    return search


def _believed(row: Row, tracks: Sequence[SpotifyTrack]) -> SpotifyTrack | None:
    """The track that is judged to be the same recording, the surest first, then the service's order."""
    judged = [
        (judge(row, Row(track.name, track.artist_name, track.duration_ms, track.isrc, service="Spotify")), track)
        for track in tracks
    ]
    same = [(judgement.confidence, track) for judgement, track in judged if judgement.verdict is Verdict.SAME]
    return max(same, key=lambda pair: pair[0])[1] if same else None


def _facts(track: SpotifyTrack) -> Facts:
    facts = {
        "track_id": track.track_id,
        "album_id": track.album_id,
        "cover_url": track.cover_url,
        "isrc": track.isrc,
    }
    return {name: value for name, value in facts.items() if value}
