"""SoundCloud's answer, that of soundcloud-scraper on RapidAPI, after captured responses: pages whose `nextOffset` is followed until it is
null, with play counts, and titles that are often "Artist - Title".
"""

from tunemeld_pipeline.wire_formats.reading import Format, Value, Values, list_of
from tunemeld_pipeline.wire_formats.received import count, id_of, isrc_of, length_in_ms, text_of, web_address


def _with_blank_address(values: Values) -> Values:
    return {**values, "track_url": values["track_url"] or ""}


PLAYLIST_PAGE = Format(
    name="SoundCloud playlist, a page",
    needed={"items": Value("tracks.items", list_of, "items")},
    optional={"next_offset": Value("tracks.nextOffset", count)},
    ignored=("errorId", "id", "permalinkUrl", "status", "type"),
)

PLAYLIST_ITEM = Format(
    name="SoundCloud playlist, a row",
    needed={
        "service_track_id": Value("id", id_of, "id"),
        "track_name": Value("title", text_of, "title"),
        "artist_name": Value(("publisher.artist", "user.name"), text_of, "artist"),
    },
    optional={
        "track_url": Value("permalink", web_address),
        "isrc": Value("publisher.isrc", isrc_of),
        "album_cover_url": Value("artworkUrl", web_address),
        "duration_ms": Value("durationMs", length_in_ms),
        "play_count": Value("playCount", count),
        "uploader": Value("user.name", text_of),
    },
    ignored=(
        "caption", "commentCount", "commentable", "createdAt", "description", "durationText", "genre", "goPlus", "labelName",
        "lastModified", "license", "likeCount", "publisher.albumTitle", "publisher.cLine", "publisher.pLine", "publisher.upcOrEan",
        "publisher.writerComposer", "purchaseTitle", "purchaseUrl", "releaseDate", "repostCount", "stationPermalink", "tags", "type",
        "user.avatarUrl", "user.city", "user.countryCode", "user.followerCount", "user.id", "user.lastModified", "user.permalink",
        "user.pro", "user.proUnlimited", "user.stationPermalink", "user.type", "user.verified", "visuals", "waveformUrl",
    ),
    complete=_with_blank_address,
)  # fmt: skip
