"""YouTube: view counts, and videos by words.

This module knows the two paths of the YouTube Data API v3 that we use, their two quotas, and its errors, after Google's documentation and
captured responses; `counts.py` chooses which video is a recording's own. The key travels in a header, since addresses end up
in logs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.matching.videos import Video
from tunemeld_pipeline.errors import CredentialsRefused, QuotaExhausted, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.youtube import HOST, KEY
from tunemeld_pipeline.services.youtube import formats as youtube
from tunemeld_pipeline.services.youtube.counts import CACHE, VIDEOS_PER_CALL, look_up_videos, video_ids, view_counts
from tunemeld_pipeline.upstream.client import Answer, HttpClient
from tunemeld_pipeline.upstream.counts import Charted, Counted, or_lookup_error
from tunemeld_pipeline.upstream.expected import ExpectedCalls
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.lookups import note_presence, shown, sorted_out
from tunemeld_pipeline.upstream.service_client import CountClient
from tunemeld_pipeline.wire_formats.reading import ReadItems, by_id

SEARCH_RESULTS = 5
VIDEO_PAGE = "https://www.youtube.com/watch?v={}"

A_VIDEO = "dQw4w9WgXcQ"
"""It has been there for a decade; where it is missing, as in the sandbox, the answer says so, and the key is accepted anyway."""


class YouTubeClient(CountClient):
    """YouTube: views of many videos in one call, and videos by words within a small daily budget."""

    @property
    def client(self) -> HttpClient:
        """The client whose threads concurrent look-ups and counts run on."""
        return self._clients[HOST.key]

    def _make_clients(self) -> dict[str, HttpClient]:
        return {HOST.key: self._client(HOST.key, {"X-Goog-Api-Key": self.setting(KEY.name)}, read_youtube_error)}

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """The views of one video."""
        return [(KEY.name, partial(self.view_counts, [A_VIDEO]))]

    def expected_counts(self, charted: Charted) -> list[ExpectedCalls]:
        """A call for fifty videos, and a search for each recording without one."""
        videos, unknown = sorted_out(self.store, CACHE, charted.wanted(), charted.at)
        calls = ceil(len(videos) / VIDEOS_PER_CALL)
        return [
            ExpectedCalls("youtube", calls, f"counts of {len(videos)} videos"),
            ExpectedCalls("youtube_search", len(unknown), "video look-ups"),
        ]

    def count(self, charted: Charted) -> Counted:
        """Today's views; videos that are not known yet are looked up first."""
        wanted = charted.wanted()
        report = look_up_videos(self.store, self, wanted, charted.at)
        self.settle("youtube_search", Purpose.LOOKUPS, waiting=report.deferred)
        counts = view_counts(self, video_ids(report.facts))
        note_presence(self.store, CACHE, wanted, report, counts, charted.at)
        seen = or_lookup_error(counts, report)
        return Counted(
            seen,
            videos={key: VIDEO_PAGE.format(video) for key, video in video_ids(shown(report, seen)).items()},
            numbers={
                "video_lookups/asked": report.asked,
                "video_lookups/deferred": report.deferred,
                "video_lookups/verified": report.verified,
                "videos_left_out": len(seen.left_out),
            },
        )

    def view_counts(self, video_ids: Sequence[str]) -> dict[str, int | None]:
        """The views of at most 50 videos, by id; None for those that hide them. Private and unknown ones are left out.

        Raises:
            UpstreamError: no list came.
        """
        reading = self._clients[HOST.key].get(
            "/videos",
            {"part": "statistics", "id": ",".join(video_ids)},
            read_views,
            budget=self._pay("youtube", Purpose.COUNTS),
        )
        # An item without a readable id may be any of the videos: then none is taken for gone.
        unsure = dict.fromkeys(video_ids) if reading.irregular else {}
        return {**unsure, **by_id(self._noted("videos", reading))}

    def search(self, words: str, *, again: bool = False) -> list[Video]:
        """At most five videos that YouTube finds for these words, its best first.

        Args:
            again: whether the same was asked before and not found, so that others go first.

        Raises:
            UpstreamError: no list came.
        """
        reading = self._clients[HOST.key].get(
            "/search",
            {"part": "snippet", "type": "video", "q": words, "maxResults": SEARCH_RESULTS},
            read_videos,
            budget=self._pay("youtube_search", Purpose.REST if again else Purpose.LOOKUPS),
        )
        return self._noted("search", reading)


def read_views(answer: Answer) -> ReadItems[tuple[str, int | None]]:
    """Each video's id and views, None where they are hidden."""
    return youtube.VIDEOS_ITEM.read_answer(
        youtube.VIDEOS.read(answer.data)["items"], lambda values: (values["video_id"], values["views"])
    )


def read_videos(answer: Answer) -> ReadItems[Video]:
    """The videos that a search found."""
    return youtube.SEARCH_ITEM.read_answer(youtube.SEARCH.read(answer.data)["items"], lambda values: Video(**values))


def read_youtube_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """Google's error body, `{"error": {"code", "message", "status", "errors": [{"reason"}], "details": [{"reason"}]}}`."""
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return None
    listed = [one for part in ("errors", "details") if isinstance(error.get(part), list) for one in error[part]]
    reasons = {str(one.get("reason")) for one in listed if isinstance(one, dict)}
    message = str(error.get("message") or "")
    # A limit "per minute" comes with the same words and reasons as one "per day".
    if reasons & {"quotaExceeded", "dailyLimitExceeded"} or (
        message.startswith("Quota exceeded") and " per minute" not in message and " per second" not in message
    ):
        return QuotaExhausted.of_the_upstream(service, "day's quota", "at midnight Pacific time")
    if status == 429 or reasons & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return UpstreamUnavailable(service, "too many requests at once", retry_after=retry_after(headers))
    if reasons & {"API_KEY_INVALID", "keyInvalid", "keyExpired"}:
        return CredentialsRefused(service, "the key was refused", remedy="check YOUTUBE_API_KEY")
    if reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        return CredentialsRefused(
            service,
            "the YouTube Data API v3 is not enabled for YOUTUBE_API_KEY's project",
            remedy="enable it in Google Cloud",
        )
    if status >= 500:
        return UpstreamUnavailable(service, f"answered {status}", retry_after=retry_after(headers))
    if status in (401, 403):
        return CredentialsRefused(
            service, f"refused the call ({message[:120]})", remedy="check what YOUTUBE_API_KEY may do"
        )
    return None
