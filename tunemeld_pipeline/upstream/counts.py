"""Asking how often a chart's tracks were played: which counts, in which batches, and what is missing of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.errors import NotFound, UpstreamError
from tunemeld_pipeline.upstream.client import HttpClient

VIDEOS_PER_CALL = 50

A = TypeVar("A")


class ViewCounts(Protocol):
    """What is asked of YouTube."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def view_counts(self, video_ids: Sequence[str]) -> dict[str, int]:
        """Views by video id, at most 50 a call."""


class PlayCounts(Protocol):
    """What is asked of Spotify."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def play_counts(self, album_id: str) -> dict[str, int]:
        """Plays of an album's tracks, by track id."""


def youtube_counts(youtube: ViewCounts, videos: Mapping[str, str]) -> Counts:
    """Views per track id; `videos` names each track's video, best-ranked first. Fifty videos a call."""
    ids = list(dict.fromkeys(videos.values()))
    batches = [ids[start : start + VIDEOS_PER_CALL] for start in range(0, len(ids), VIDEOS_PER_CALL)]
    views, error, unanswered = _gather(youtube.client, youtube.view_counts, batches)
    return Counts({track: views[video] for track, video in videos.items() if video in views}, error, unanswered)


def spotify_counts(spotify: PlayCounts, tracks: Mapping[str, tuple[str, str]]) -> Counts:
    """Plays per track id; `tracks` names each one's Spotify track and album, best-ranked first. One call an album."""
    albums = list(dict.fromkeys(album for _, album in tracks.values()))
    plays, error, unanswered = _gather(spotify.client, spotify.play_counts, albums)
    return Counts({track: plays[own] for track, (own, _) in tracks.items() if own in plays}, error, unanswered)


def _gather(
    client: HttpClient, ask: Callable[[A], Mapping[str, int]], items: Sequence[A]
) -> tuple[dict[str, int], UpstreamError | None, int]:
    """What the answers say together, why some are missing, and how many are."""
    merged: dict[str, int] = {}
    unanswered = len(items)
    failed: UpstreamError | None = None
    missing: NotFound | None = None
    for batch in client.in_batches(ask, items, client.threads):
        for _, outcome in batch:
            if isinstance(outcome, UpstreamError) and not isinstance(outcome, NotFound):
                failed = failed or outcome
                continue
            unanswered -= 1
            if isinstance(outcome, NotFound):
                missing = missing or outcome
            else:
                merged |= outcome
    # An album that is gone is a count less; a service that knows none of them is a fault.
    return merged, failed or (None if merged else missing), unanswered
