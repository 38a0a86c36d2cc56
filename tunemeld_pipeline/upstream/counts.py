"""Fetching how often a chart's tracks were played: which counts, in which batches, and which are missing."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.errors import NotFound, UpstreamError
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.wire_formats.reading import by_id

VIDEOS_PER_CALL = 50
KNOWS_NONE = 5
"""A source that has none of at least this many is out of order; nothing is concluded from what it leaves out."""

A = TypeVar("A")


class ViewCounts(Protocol):
    """The calls to YouTube."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def view_counts(self, video_ids: Sequence[str]) -> Mapping[str, int | None]:
        """Views by video id, at most 50 a call; None where they are hidden, no entry for a video that is gone."""


class PlayCounts(Protocol):
    """The calls to Spotify."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def play_counts(self, album_id: str, track_ids: Sequence[str]) -> Mapping[str, int | None]:
        """Plays of an album's tracks, by track id; None where they are not shown, no entry for one of `track_ids` that is gone."""


def youtube_counts(youtube: ViewCounts, videos: Mapping[str, str]) -> Counts:
    """Views per track id; `videos` names each track's video, best-ranked first. Fifty videos a call."""
    ids = list(dict.fromkeys(videos.values()))
    batches = [ids[start : start + VIDEOS_PER_CALL] for start in range(0, len(ids), VIDEOS_PER_CALL)]
    answers = _gather(youtube.client, youtube.view_counts, batches)
    asked = {video for batch in answers.answered for video in batch}
    return answers.counts(videos, {track for track, video in videos.items() if video in asked})


def spotify_counts(spotify: PlayCounts, tracks: Mapping[str, tuple[str, str]]) -> Counts:
    """Plays per track id; `tracks` names each one's Spotify track and album, best-ranked first. One call an album."""
    of_album: dict[str, list[str]] = {}
    for own, album in tracks.values():
        of_album.setdefault(album, []).append(own)
    answers = _gather(spotify.client, lambda album: spotify.play_counts(album, of_album[album]), list(of_album))
    asked = {track for track, (_, album) in tracks.items() if album in set(answers.answered)}
    return answers.counts({track: own for track, (own, _) in tracks.items()}, asked)


@dataclass
class _Answers(Generic[A]):
    """What the answers say together, which calls they answered, why some are missing, and how many are."""

    found: dict[str, int | None] = field(default_factory=dict)
    answered: list[A] = field(default_factory=list)
    error: UpstreamError | None = None
    unanswered: int = 0

    def counts(self, own_ids: Mapping[str, str], asked: Set[str]) -> Counts:
        """The same by our track id: `own_ids` names each one's id at the source, `asked` are those whose calls were answered."""
        there = {track for track, own in own_ids.items() if own in self.found}
        left_out = asked - there
        if not there and len(left_out) >= KNOWS_NONE:
            left_out = set()
        counted = {track: count for track, own in own_ids.items() if (count := self.found.get(own)) is not None}
        return Counts(counted, self.error, self.unanswered, frozenset(there), frozenset(left_out))


def _gather(client: HttpClient, ask: Callable[[A], Mapping[str, int | None]], items: Sequence[A]) -> _Answers[A]:
    answers: _Answers[A] = _Answers(unanswered=len(items))
    failed: UpstreamError | None = None
    missing: NotFound | None = None
    for batch in client.in_batches(ask, items, client.threads):
        for item, outcome in batch:
            if isinstance(outcome, UpstreamError) and not isinstance(outcome, NotFound):
                failed = failed or outcome
                continue
            answers.unanswered -= 1
            answers.answered.append(item)
            if isinstance(outcome, NotFound):
                missing = missing or outcome
            else:
                answers.found = by_id([*answers.found.items(), *outcome.items()])
    # An album that is gone means one count less; a service that knows none of them is at fault.
    answers.error = failed or (None if answers.found else missing)
    return answers
