"""The YouTube Data API v3: search and statistics of videos.

Bodies and errors follow captured responses and Google's reference; `world.py` decides which videos exist about a recording.
"""

import html
from hashlib import blake2b
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Video, VideoKind, World

MOST_IDS = 50
THUMBNAILS = (("default", 120, 90), ("medium", 320, 180), ("high", 480, 360))


class YouTube(Upstream):
    """`GET /search` and `GET /videos`; the key travels in `X-Goog-Api-Key` or as `?key=`."""

    name = "youtube"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        del playlists  # every upstream is made alike; this one has none
        self._world = world

    def refusal(self, call: Call) -> Response | None:
        key = call.headers.get("x-goog-api-key") or call.query.get("key")
        if not key:
            message = (
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API."
            )
            return _error(403, message, "global", "forbidden", "PERMISSION_DENIED")
        return None if key == SANDBOX_KEY else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:
        match problem:
            case Problem.UNAUTHORIZED:
                message = "API key not valid. Please pass a valid API key."
                return _error(400, message, "global", "badRequest", "INVALID_ARGUMENT", "API_KEY_INVALID")
            case Problem.FORBIDDEN:
                message = "YouTube Data API v3 has not been used in project 0 before or it is disabled."
                return _error(
                    403, message, "usageLimits", "accessNotConfigured", "PERMISSION_DENIED", "SERVICE_DISABLED"
                )
            case Problem.TOO_MANY:
                message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'"
                return _error(429, message, "global", "rateLimitExceeded", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
            case Problem.QUOTA if call.path == "search":
                message = (
                    "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service "
                    "'youtube.googleapis.com' for consumer 'project_number:0'."
                )
                return _error(429, message, "global", "rateLimitExceeded", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
            case Problem.QUOTA:
                message = (
                    "The request cannot be completed because you have exceeded your "
                    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
                )
                return _error(403, message, "youtube.quota", "quotaExceeded")
            case Problem.BROKEN:
                return _error(500, "Internal error encountered.", "global", "backendError", "INTERNAL")
            case Problem.UNKNOWN:
                return _error(404, "Method not found.", "global", "notFound", "NOT_FOUND")

    def bucket(self, call: Call) -> str | None:
        """Searches have a bucket of their own, 100 a day since June 2026; anything else costs one of 10,000 units."""
        return "youtube_search" if call.path == "search" else "youtube"

    def answer(self, call: Call) -> Response:
        match call.path:
            case "search":
                return self._search(call)
            case "videos":
                return self._videos(call)
        return self.problem(Problem.UNKNOWN, call)

    def _videos(self, call: Call) -> Response:
        """Up to 50 ids per call. Counts are strings; unknown and private ids are left out; a count can be missing."""
        parts = [part for part in call.query.get("part", "").split(",") if part]
        ids = [identity for identity in call.query.get("id", "").split(",") if identity]
        if not parts:
            return _missing("part")
        if not ids:
            message = "No filter selected. Expected one of: chart, myRating, id"
            return _error(400, message, "youtube.parameter", "missingRequiredParameter")
        if len(ids) > MOST_IDS:
            message = "The request specifies an invalid filter parameter."
            return _error(400, message, "youtube.parameter", "invalidFilters")
        items = []
        for identity in dict.fromkeys(ids):
            place = self._world.identifiers.video_of(identity)
            video = self._world.video(place, call.day) if place is not None else None
            if video is None:
                continue
            item: dict[str, Any] = {"kind": "youtube#video", "etag": _etag(identity, str(call.day)), "id": identity}
            if "snippet" in parts:
                item["snippet"] = _snippet(video, call.root, escaped=False) | {"categoryId": "10"}
            if "contentDetails" in parts:
                seconds = video.recording.duration_ms // 1000
                item["contentDetails"] = {"duration": f"PT{seconds // 60}M{seconds % 60}S", "licensedContent": True}
            if "statistics" in parts:
                item["statistics"] = _statistics(video)
            items.append(item)
        return json_answer(
            {
                "kind": "youtube#videoListResponse",
                "etag": _etag(*ids, str(call.day)),
                "items": items,
                "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
            }
        )

    def _search(self, call: Call) -> Response:
        """`items[].id.videoId` and `items[].snippet`, whose title is HTML-escaped. Without `type=video` a channel comes first."""
        if not call.query.get("part"):
            return _missing("part")
        wanted = min(call.number("maxResults", 5), MOST_IDS)
        query = call.query.get("q", "")
        found: list[Video] = []
        hits = self._world.search(query, call.day, limit=3)
        for recording in hits:
            videos = self._world.videos(recording, call.day)
            # Sorting by relevance does not always put the official video first.
            if len(videos) > 1 and recording.chance("official second") < 0.2:
                videos[0], videos[1] = videos[1], videos[0]
            found.extend(videos)
        found.extend(self._unrelated(query, call, wanted - len(found), {video.youtube_id for video in found}))
        items: list[dict[str, Any]] = []
        if call.query.get("type") != "video" and hits:
            items.append(self._channel(hits[0].artists[0].name, call.root))
        items.extend(
            {
                "kind": "youtube#searchResult",
                "etag": _etag(video.youtube_id),
                "id": {"kind": "youtube#video", "videoId": video.youtube_id},
                "snippet": _snippet(video, call.root, escaped=True) | {"publishTime": f"{video.published}T04:00:08Z"},
            }
            for video in found
        )
        return json_answer(
            {
                "kind": "youtube#searchListResponse",
                "etag": _etag(query, str(call.day)),
                "nextPageToken": "CAUQAA",
                "regionCode": "US",
                "pageInfo": {"totalResults": 1_000_000, "resultsPerPage": wanted},
                "items": items[:wanted],
            }
        )

    def _unrelated(self, query: str, call: Call, count: int, taken: set[str]) -> list[Video]:
        """Videos of other songs, since YouTube finds something for every query."""
        others: list[Video] = []
        start = int.from_bytes(blake2b(query.encode(), digest_size=4).digest(), "big")
        recordings = self._world.charting(call.day)
        for step in range(min(len(recordings), 20)):
            if len(others) >= count:
                break
            recording = recordings[(start + step * 7) % len(recordings)]
            for video in self._world.videos(recording, call.day)[:1]:
                if video.kind is VideoKind.OFFICIAL and video.youtube_id not in taken:
                    taken.add(video.youtube_id)
                    others.append(video)
        return others

    def _channel(self, name: str, root: str) -> dict[str, Any]:
        identity = _channel_id(name)
        return {
            "kind": "youtube#searchResult",
            "etag": _etag(identity),
            "id": {"kind": "youtube#channel", "channelId": identity},
            "snippet": {
                "publishedAt": "2015-01-02T00:00:00Z",
                "channelId": identity,
                "title": html.escape(name),
                "description": "",
                "thumbnails": {size: {"url": f"{root}/covers/{identity}.png"} for size, _, _ in THUMBNAILS},
                "channelTitle": html.escape(name),
                "liveBroadcastContent": "none",
                "publishTime": "2015-01-02T00:00:00Z",
            },
        }


def _snippet(video: Video, root: str, *, escaped: bool) -> dict[str, Any]:
    title, channel = video.title, video.channel
    if escaped:
        # As in captured searches: `&amp;`, `&quot;`, `&#39;`; only `videos` sends titles as they are.
        title, channel = (html.escape(text).replace("&#x27;", "&#39;") for text in (title, channel))
    return {
        "publishedAt": f"{video.published}T04:00:08Z",
        "channelId": _channel_id(video.channel),
        "title": title,
        "description": "Made by the TuneMeld sandbox.",
        "thumbnails": {
            size: {"url": f"{root}/covers/{video.youtube_id}-{size}.png", "width": width, "height": height}
            for size, width, height in THUMBNAILS
        },
        "channelTitle": channel,
        "liveBroadcastContent": "none",
    }


def _statistics(video: Video) -> dict[str, str]:
    counts = {
        "viewCount": str(video.views),
        "likeCount": str(video.views // 60),
        "favoriteCount": "0",
        "commentCount": str(video.views // 900),
    }
    if video.recording.chance("views hidden") < 0.005:
        del counts["viewCount"]
    return counts


def _error(
    code: int, message: str, domain: str, reason: str, status: str | None = None, detail: str | None = None
) -> Response:
    """Google's envelope: `errors[]` of the older API, `status` and `details[]` of the newer one."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    if status is not None:
        error["status"] = status
    if detail is not None:
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": detail,
                "domain": "googleapis.com",
                "metadata": {"service": "youtube.googleapis.com"},
            }
        ]
    return json_answer({"error": error}, code)


def _missing(parameter: str) -> Response:
    message = f"Required parameter: {parameter}"
    return _error(400, message, "global", "required")


def _channel_id(name: str) -> str:
    return f"UC{blake2b(name.encode(), digest_size=11).hexdigest()}"


def _etag(*parts: str) -> str:
    return blake2b("/".join(parts).encode(), digest_size=13).hexdigest()


UPSTREAMS = (YouTube,)
