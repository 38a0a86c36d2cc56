"""Which of YouTube's videos are a chart's recordings, and how often they were seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.charts.documents import Lookup
from tunemeld_pipeline.charts.matching.videos import Video, best_video
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.counts import gather
from tunemeld_pipeline.upstream.lookups import Facts, LookupReport, Wanted, look_up

CACHE: Lookup = "youtube_cache"
VIDEOS_PER_CALL = 50


class VideoSearch(Protocol):
    """The calls that find videos."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, words: str, *, again: bool = False) -> list[Video]:
        """Videos by words."""


class ViewCounts(Protocol):
    """The calls that count views."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def view_counts(self, video_ids: Sequence[str]) -> Mapping[str, int | None]:
        """Views by video id, at most 50 a call; None where they are hidden, no entry for a video that is gone."""


def look_up_videos(store: Store, youtube: VideoSearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """Each recording's own video, `{"video_id"}` by key; a video once found is kept as long as YouTube has it."""

    def search(want: Wanted) -> Facts | None:
        found = youtube.search(f"{want.row.artist} {want.row.title}", again=want.again)
        kept = [video for video in found if {"video_id": video.video_id} == want.remembered]
        best = best_video(want.row, kept) or best_video(want.row, found)
        return None if best is None else {"video_id": best.video.video_id}

    return look_up(store, CACHE, wanted, search, youtube.client, at)


def view_counts(youtube: ViewCounts, videos: Mapping[str, str]) -> Counts:
    """Views per track id; `videos` names each track's video, best-ranked first. Fifty videos a call."""
    ids = list(dict.fromkeys(videos.values()))
    batches = [ids[start : start + VIDEOS_PER_CALL] for start in range(0, len(ids), VIDEOS_PER_CALL)]
    answers = gather(youtube.client, youtube.view_counts, batches)
    asked = {video for batch in answers.answered for video in batch}
    return answers.counts(videos, {track for track, video in videos.items() if video in asked})


def video_ids(facts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The video of each recording, by key."""
    return {key: one["video_id"] for key, one in facts.items()}
