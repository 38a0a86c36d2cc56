"""Deezer's answers, those of its public API, after recorded responses and its documentation.

Errors come with status 200. Rows that are not licensed where the caller is are left out, and positions close up: `nb_tracks` says how many
the list has.
"""

import re
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.wire_formats.reading import Format, Value, list_of, names
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

EDITORS = re.compile(r"Deezer\b.*\bEditors?", re.IGNORECASE)
"""The names of the accounts that its editors' lists belong to: "Deezer Rap Editor", "Deezer Editors"."""

INLINE_ROWS = 400
"""The most rows that come with a playlist; the others are requested page by page."""


def seconds_in_ms(value: object) -> int | None:
    """A length in whole seconds, in milliseconds; None for 0 too.

    Raises:
        Unreadable: it is no number.
    """
    seconds = count(value)
    return length_in_ms(seconds * 1000) if seconds else None


def is_editors(name: object) -> bool | None:
    """Whether a list's owner is one of Deezer's editors, by name.

    Raises:
        Unreadable: it is no text.
    """
    owner = text_of(name)
    return None if owner is None else EDITORS.fullmatch(owner) is not None


def index_in(address: object) -> int | None:
    """The index that a next page's address names; None where there is no such page.

    Raises:
        Unreadable: it is no address, or names no index.
    """
    following = web_address(address)
    if following is None:
        return None
    index = count(parse_qs(urlsplit(following).query).get("index", [""])[0])
    if index is None:
        raise Unreadable("this address names no index")
    return index


def artists(value: object) -> str | None:
    """The names of all who take part, or the one name of the main artist.

    Raises:
        Unreadable: it is neither a list nor a text.
    """
    return names("name")(value) if isinstance(value, list) else text_of(value)


_COVERS = ("xl", "big", "medium", "small")

PLAYLIST = Format(
    name="Deezer playlist",
    needed={"rows": Value(("tracks.data", "data"), list_of, "rows")},
    optional={
        "rows_total": Value("nb_tracks", count),
        "name": Value("title", text_of),
        "description": Value("description", text_of),
        "cover_url": Value(tuple(f"picture_{size}" for size in _COVERS), web_address),
        "editorial": Value("creator.name", is_editors),
        "next_index": Value("next", index_in),
    },
    ignored=(
        "add_date", "checksum", "collaborative", "creation_date", "creator.id", "creator.tracklist", "creator.type", "duration", "fans",
        "id", "is_loved_track", "link", "md5_image", "mod_date", "picture", "picture_type", "prev", "public", "share", "total",
        "tracklist", "tracks.checksum", "type", "unseen_track_count",
    ),
)  # fmt: skip

_TRACK_IGNORED = (
    "album.cover", "album.id", "album.link", "album.md5_image", "album.title", "album.tracklist", "album.type", "album.upc",
    "artist.id", "artist.link", "artist.picture", "artist.picture_big", "artist.picture_medium", "artist.picture_small",
    "artist.picture_xl", "artist.radio", "artist.share", "artist.tracklist", "artist.type", "available_countries", "bpm", "disk_number",
    "explicit_content_cover", "explicit_content_lyrics", "explicit_lyrics", "gain", "md5_image", "preview", "rank", "readable",
    "release_date", "share", "title_version", "track_position", "track_token", "type", "user_id",
)  # fmt: skip

ROW = Format(
    name="Deezer playlist, a row",
    needed={
        "service_track_id": Value("id", id_of, "id"),
        "track_name": Value(("title", "title_short"), text_of, "title"),
        "artist_name": Value("artist.name", text_of, "artist"),
    },
    optional={
        "track_url": Value("link", web_address),
        "isrc": Value("isrc", isrc_of),
        "duration_ms": Value("duration", seconds_in_ms),
        "album_cover_url": Value(tuple(f"album.cover_{size}" for size in _COVERS), web_address),
        "added_at": Value("time_add", moment_of),
    },
    ignored=_TRACK_IGNORED,
    complete=lambda values: {
        **values,
        "track_url": values["track_url"] or f"https://www.deezer.com/track/{values['service_track_id']}",
    },
)

TRACK = Format(
    name="Deezer track",
    needed={
        "title": Value(("title", "title_short"), text_of, "title"),
        "artist": Value(("contributors", "artist.name"), artists, "artist"),
    },
    optional={"isrc": Value("isrc", isrc_of), "duration_ms": Value("duration", seconds_in_ms)},
    ignored=("album", "artist", "id", "link", *(name for name in _TRACK_IGNORED if "." not in name)),
)

SEARCH = Format(
    name="Deezer search",
    needed={"rows": Value("data", list_of, "rows")},
    ignored=("next", "prev", "total"),
)
