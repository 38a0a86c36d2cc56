"""Spotify's answers, from spotify23 on RapidAPI and from Spotify's Web API, after captured responses and documentation."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.charts.playlists import ListFacts
from tunemeld_pipeline.wire_formats.reading import (
    NOT_FOUND,
    NULL_ROW,
    Format,
    Value,
    Values,
    goes_on,
    largest_image,
    list_of,
    names,
    value_at,
)
from tunemeld_pipeline.wire_formats.received import (
    count,
    id_of,
    is_blank,
    isrc_of,
    length_in_ms,
    moment_of,
    text_of,
    web_address,
)

_TRACK_IGNORED = (
    "album.album_type", "album.artists", "album.available_markets", "album.external_urls", "album.href", "album.is_playable",
    "album.name", "album.release_date", "album.release_date_precision", "album.total_tracks", "album.type", "album.uri",
    "available_markets", "disc_number", "explicit", "href", "is_playable", "linked_from", "popularity", "preview_url",
    "restrictions", "track", "track_number", "uri",
)  # fmt: skip


def id_in(uri: object) -> str | None:
    """The id at the end of `spotify:track:ID`."""
    text = id_of(uri)
    return id_of(text.rpartition(":")[2]) if text else None


def offset_in(address: object) -> int | None:
    """The offset that a next page's address names; None where it names none."""
    try:
        text = text_of(address) or ""
        return count(parse_qs(urlsplit(text).query).get("offset", [""])[0])
    except ValueError:
        return None


def _is_episode(track: Any) -> bool:
    return isinstance(track, dict) and (
        track.get("episode") is True or track.get("type") in ("episode", "show") or _is_of_kind(track, "episode")
    )


def _is_listeners_file(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("is_local") is True or _is_of_kind(item, "local"))


def _is_of_kind(thing: dict[str, Any], kind: str) -> bool:
    """Whether something's address is `spotify:KIND:…`."""
    uri = thing.get("uri")
    return isinstance(uri, str) and uri.startswith(f"spotify:{kind}:")


def _with_address(values: Values) -> Values:
    return {
        **values,
        "track_url": values["track_url"] or f"https://open.spotify.com/track/{values['service_track_id']}",
    }


def facts(pages: Sequence[Values]) -> ListFacts:
    """What the pages say of their list: how many rows it has, of several playlists all of them."""
    totals = [page["total"] for page in pages if not page["offset"]]
    return {"rows_total": None if None in totals or not totals else sum(totals)}


PLAYLIST_PAGE = Format(
    name="Spotify playlist, a page",
    needed={"items": Value("items", list_of, "items")},
    optional={
        "more": Value("next", goes_on),
        "next_offset": Value("next", offset_in),
        "limit": Value("limit", count),
        "offset": Value("offset", count),
        "total": Value("total", count),
    },
    ignored=("href", "previous"),
)

PLAYLIST_ITEM = Format(
    name="Spotify playlist, a row",
    refused={
        NULL_ROW: lambda item: is_blank(item.get("track")),
        "podcast episode": lambda item: _is_episode(item.get("track")),
        "a listener's own file": lambda item: _is_listeners_file(item) or _is_listeners_file(item["track"]),
    },
    needed={
        "service_track_id": Value("track.id", id_of, "id"),
        "track_name": Value("track.name", text_of, "title"),
        "artist_name": Value("track.artists", names("name"), "artist", parts=("name",)),
    },
    optional={
        "track_url": Value("track.external_urls.spotify", web_address),
        "isrc": Value("track.external_ids.isrc", isrc_of),
        "album_id": Value("track.album.id", id_of),
        "album_cover_url": Value("track.album.images", largest_image("url", "height"), parts=("url", "height")),
        "duration_ms": Value("track.duration_ms", length_in_ms),
        "added_at": Value("added_at", moment_of),
    },
    ignored=(
        "added_by", "primary_color", "video_thumbnail",
        "track.artists[].external_urls", "track.artists[].href", "track.artists[].id", "track.artists[].type",
        "track.artists[].uri", "track.album.images[].width", *(f"track.{name}" for name in _TRACK_IGNORED if name != "uri"),
    ),
    kinds=("is_local", "track.episode", "track.is_local", "track.type", "track.uri"),
    complete=_with_address,
)  # fmt: skip

PLAYLIST = Format(
    name="Spotify playlist, its name and cover",
    needed={"name": Value("name", text_of, "name")},
    optional={
        "description": Value("description", text_of),
        "cover_url": Value("images", largest_image("url", "height"), parts=("url", "height")),
    },
    ignored=(
        "collaborative", "external_urls", "followers", "href", "id", "images[].width", "owner", "primary_color", "public",
        "snapshot_id", "tracks", "type", "uri",
    ),
)  # fmt: skip

SEARCH = Format(
    name="Spotify search",
    needed={"items": Value("tracks.items", list_of, "items")},
    ignored=(
        "albums", "artists", "episodes", "genres", "playlists", "podcasts", "query", "topResults", "tracks.pagingInfo",
        "tracks.totalCount", "users",
    ),
)  # fmt: skip

SEARCH_ITEM = Format(
    name="Spotify search, a track",
    refused={
        NULL_ROW: lambda item: is_blank(item.get("data")),
        NOT_FOUND: lambda item: isinstance(item["data"], dict) and item["data"].get("__typename") == "NotFound",
    },
    needed={
        "track_id": Value("data.id", id_of, "id"),
        "name": Value("data.name", text_of, "title"),
        "artist_name": Value("data.artists.items", names("profile.name"), "artist", parts=("profile.name",)),
    },
    optional={
        "duration_ms": Value("data.duration.totalMilliseconds", length_in_ms),
        "album_id": Value("data.albumOfTrack.id", id_of),
        "cover_url": Value(
            "data.albumOfTrack.coverArt.sources", largest_image("url", "width"), parts=("url", "width")
        ),
    },
    ignored=(
        "data.albumOfTrack.coverArt.sources[].height", "data.albumOfTrack.name", "data.albumOfTrack.sharingInfo",
        "data.albumOfTrack.uri", "data.artists.items[].uri", "data.contentRating", "data.playability", "data.uri",
    ),
    kinds=("data.__typename",),
)  # fmt: skip

TRACKS = Format(name="Spotify tracks by id", needed={"tracks": Value("tracks", list_of, "tracks")})

TRACKS_ITEM = Format(
    name="Spotify tracks by id, a track",
    needed={"track_id": Value("id", id_of, "id")},
    optional={"isrc": Value("external_ids.isrc", isrc_of)},
    ignored=(
        "album", "artists", "duration_ms", "episode", "external_urls", "is_local", "name", "type",
        *(name for name in _TRACK_IGNORED if not name.startswith("album.")),
    ),
)  # fmt: skip

ALBUM = Format(
    name="Spotify album's play counts",
    needed={"items": Value("data.album.tracks.items", list_of, "items")},
    optional={"total": Value("data.album.tracks.totalCount", count)},
    ignored=("data.album.playability",),
    kinds=("data.album.__typename",),
)

ALBUM_ITEM = Format(
    name="Spotify album's play counts, a track",
    refused={NULL_ROW: lambda item: is_blank(item.get("track"))},
    needed={"track_id": Value("track.uri", id_in, "id")},
    optional={"plays": Value("track.playcount", count)},
    ignored=(
        "uid", "track.artists", "track.contentRating", "track.discNumber", "track.duration", "track.name", "track.playability",
        "track.relinkingInformation", "track.saved", "track.trackNumber",
    ),
)  # fmt: skip

WEB_API_SEARCH = Format(
    name="Spotify Web API search",
    needed={"items": Value("tracks.items", list_of, "items")},
    ignored=("tracks.href", "tracks.limit", "tracks.next", "tracks.offset", "tracks.previous", "tracks.total"),
)

WEB_API_TRACK = Format(
    name="Spotify Web API search, a track",
    needed={
        "track_id": Value("id", id_of, "id"),
        "name": Value("name", text_of, "title"),
        "artist_name": Value("artists", names("name"), "artist", parts=("name",)),
    },
    optional={
        "duration_ms": Value("duration_ms", length_in_ms),
        "album_id": Value("album.id", id_of),
        "cover_url": Value("album.images", largest_image("url", "height"), parts=("url", "height")),
        "isrc": Value("external_ids.isrc", isrc_of),
    },
    ignored=(
        "artists[].external_urls", "artists[].href", "artists[].id", "artists[].type", "artists[].uri", "album.images[].width",
        "episode", "external_urls", "is_local", "type", *_TRACK_IGNORED,
    ),
)  # fmt: skip


def is_no_album(body: Any) -> bool:
    """Whether an album's answer says that there is no such album."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict) or "album" not in body["data"]:
        return False
    album = body["data"]["album"]
    return album is None or (isinstance(album, dict) and value_at(album, "__typename") == "NotFound")
