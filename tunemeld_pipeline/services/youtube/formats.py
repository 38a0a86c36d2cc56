"""The YouTube Data API v3's answers that are read, after Google's documentation and captured responses."""

from typing import Any

from tunemeld_pipeline.wire_formats.reading import NO_VIDEO, Format, Value, list_of, value_at
from tunemeld_pipeline.wire_formats.received import count, id_of, is_blank, text_of

_LIST_IGNORED = ("etag", "kind", "nextPageToken", "pageInfo", "prevPageToken", "regionCode")


def _is_no_video(item: Any) -> bool:
    """Without `type=video` a result may be a channel or a playlist."""
    identity = item.get("id")
    return (
        isinstance(identity, dict)
        and is_blank(identity.get("videoId"))
        and "video" not in str(value_at(identity, "kind") or "video")
    )


SEARCH = Format(name="YouTube search", needed={"items": Value("items", list_of, "items")}, ignored=_LIST_IGNORED)

SEARCH_ITEM = Format(
    name="YouTube search, a video",
    refused={NO_VIDEO: _is_no_video},
    needed={
        "video_id": Value("id.videoId", id_of, "id"),
        "title": Value("snippet.title", text_of, "title"),
    },
    optional={"channel": Value("snippet.channelTitle", text_of)},
    ignored=(
        "etag", "kind", "snippet.channelId", "snippet.description", "snippet.liveBroadcastContent",
        "snippet.publishTime", "snippet.publishedAt", "snippet.thumbnails",
    ),
    kinds=("id.kind",),
    complete=lambda values: {**values, "channel": values["channel"] or ""},
)  # fmt: skip

VIDEOS = Format(
    name="YouTube videos' counts", needed={"items": Value("items", list_of, "items")}, ignored=_LIST_IGNORED
)

VIDEOS_ITEM = Format(
    name="YouTube videos' counts, a video",
    needed={"video_id": Value("id", id_of, "id")},
    optional={"views": Value("statistics.viewCount", count)},
    ignored=("etag", "kind", "statistics.commentCount", "statistics.favoriteCount", "statistics.likeCount"),
)
