"""The answers of Apple Music's documented API to a developer's token: a playlist with its first tracks, and further pages of tracks."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.services.apple_music.formats import cover_address
from tunemeld_pipeline.wire_formats.reading import Format, Value, list_of, readable, value_at
from tunemeld_pipeline.wire_formats.received import (
    Unreadable,
    count,
    id_of,
    isrc_of,
    length_in_ms,
    moment_of,
    text_of,
    web_address,
)

STOREFRONT_IN_PATH = re.compile(r"/v1/catalog/([a-z]{2})/")


def tracks_in(data: object) -> list[Any] | None:
    """The tracks of a playlist, which is the answer's only entry, or of a further page, which is a list of tracks.

    Raises:
        Unreadable: this is no list, or the playlist has no tracks.
    """
    entries = list_of(data)
    if not entries or not _is_playlist(entries[0]):
        return entries
    return list_of(value_at(entries[0], "relationships.tracks.data"))


def is_editors(kind: object) -> bool | None:
    """Whether a playlist's `playlistType` is that of Apple's editors.

    Raises:
        Unreadable: this is no text.
    """
    text = text_of(kind)
    return None if text is None else text == "editorial"


def offset_in(address: object) -> int | None:
    """The offset that the path of a next page names; None where there is no such page.

    Raises:
        Unreadable: this is no path, or has no number there.
    """
    text = text_of(address)
    if text is None:
        return None
    offset = count(parse_qs(urlsplit(text).query).get("offset", [""])[0])
    if offset is None:
        raise Unreadable("this path names no offset")
    return offset


def as_sent(value: object) -> object:
    """The value itself, for its reader to judge."""
    return value


def country_of(path: object) -> str | None:
    """The market whose catalogue a path is in.

    Raises:
        Unreadable: this is no text.
    """
    found = STOREFRONT_IN_PATH.match(text_of(path) or "")
    return found[1].upper() if found else None


def _is_playlist(entry: Any) -> bool:
    return readable(entry, "type", text_of) == "playlists"


def of_playlist(data: object, path: str, read: Any) -> Any:
    """A value of the answer's playlist; None on a further page."""
    entries = list_of(data)
    if not entries or not _is_playlist(entries[0]):
        return None
    return read(value_at(entries[0], path))


def _told(path: str, read: Any) -> Value:
    return Value("data", lambda data: of_playlist(data, path, read), parts=(path,))


ANSWER = Format(
    name="Apple Music API, a playlist or a page of its tracks",
    needed={"rows": Value("data", tracks_in, "tracks")},
    optional={
        "name": _told("attributes.name", text_of),
        "description": _told("attributes.description.standard", text_of),
        "cover_url": _told("attributes.artwork.url", cover_address),
        "editorial": _told("attributes.playlistType", is_editors),
        "edited_at": _told("attributes.lastModifiedDate", moment_of),
        "country": _told("href", country_of),
        "first_next": _told("relationships.tracks.next", as_sent),
        "next": Value("next", as_sent),
    },
)

ROW = Format(
    name="Apple Music API, a track",
    refused={"music video": lambda item: readable(item, "type", text_of) == "music-videos"},
    needed={
        "service_track_id": Value("id", id_of, "id"),
        "track_name": Value("attributes.name", text_of, "title"),
        "artist_name": Value("attributes.artistName", text_of, "artist"),
    },
    optional={
        "track_url": Value("attributes.url", web_address),
        "isrc": Value("attributes.isrc", isrc_of),
        "duration_ms": Value("attributes.durationInMillis", length_in_ms),
        "album_cover_url": Value("attributes.artwork.url", cover_address),
    },
    ignored=(
        "attributes.albumName", "attributes.artwork", "attributes.audioLocale", "attributes.audioTraits", "attributes.composerName",
        "attributes.contentRating", "attributes.discNumber", "attributes.genreNames", "attributes.hasLyrics",
        "attributes.hasTimeSyncedLyrics", "attributes.isAppleDigitalMaster", "attributes.playParams", "attributes.previews",
        "attributes.releaseDate", "attributes.trackNumber", "href", "meta", "relationships",
    ),
    kinds=("type",),
    complete=lambda values: {
        **values,
        "track_url": values["track_url"] or f"https://music.apple.com/us/song/{values['service_track_id']}",
    },
)  # fmt: skip
