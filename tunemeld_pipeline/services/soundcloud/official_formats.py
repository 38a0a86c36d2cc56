"""The answers of SoundCloud's documented API to an application's token: where an address leads, a playlist, and pages of its tracks.

Tracks rarely have an ISRC here, and `metadata_artist` only where their uploader gave one.
"""

import re
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from tunemeld_pipeline.wire_formats.reading import Format, Value, list_of
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

PLAYLIST_PATH = re.compile(r"/playlists/([A-Za-z0-9:_-]+)")
TRACKS_PATH = re.compile(r"/playlists/[A-Za-z0-9:_-]+/tracks")
EDITORS = re.compile(r"soundcloud(-[a-z0-9-]+)?")
"""The accounts of SoundCloud's editors: `soundcloud-hustle`, `soundcloud-the-peak`."""


def playlist_in(location: str) -> str:
    """The id of the playlist that an address of the API leads to; the address itself is never called.

    Raises:
        Unreadable: it leads to something else.
    """
    address = web_address(location)
    found = PLAYLIST_PATH.fullmatch(unquote(urlsplit(address).path)) if address else None
    if found is None:
        raise Unreadable("this address is no playlist's")
    return found[1]


def query_of(following: object) -> dict[str, str] | None:
    """The parameters of the next page of a playlist's tracks; the address itself is never called.

    Raises:
        Unreadable: this is no such address.
    """
    address = web_address(following)
    if address is None:
        return None
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query))
    if not TRACKS_PATH.fullmatch(unquote(parts.path)) or not query:
        raise Unreadable("this address is no page of a playlist's tracks")
    return query


def number_in(identity: object) -> str | None:
    """The number of a track, alone or at the end of `soundcloud:tracks:NUMBER`.

    Raises:
        Unreadable: this is no id.
    """
    text = id_of(identity)
    return id_of(text.rpartition(":")[2]) if text else None


def is_editors(account: object) -> bool | None:
    """Whether a playlist belongs to SoundCloud's editors, by their accounts' names.

    Raises:
        Unreadable: this is no account's name.
    """
    name = text_of(account)
    return None if name is None else EDITORS.fullmatch(name.casefold()) is not None


def large_picture(address: object) -> str | None:
    """A picture's address with 500 pixels, where it names a size.

    Raises:
        Unreadable: it is no address.
    """
    found = web_address(address)
    return found and found.replace("-large.", "-t500x500.")


def moment_in(value: object) -> datetime | None:
    """A time, which the API writes as `2026/11/20 05:00:00 +0000` or as ISO 8601 has it.

    Raises:
        Unreadable: this is none.
    """
    return moment_of(value.replace("/", "-").replace(" +", "+") if isinstance(value, str) else value)


RESOLVED = Format(
    name="SoundCloud API, where an address leads",
    needed={"location": Value("location", text_of, "location")},
    ignored=("status",),
)

PAGE = Format(
    name="SoundCloud API, a page of a playlist's tracks, the first with the playlist",
    needed={"rows": Value("collection", list_of, "tracks")},
    optional={
        "following": Value("next_href", query_of),
        "rows_total": Value("playlist.track_count", count),
        "name": Value("playlist.title", text_of),
        "description": Value("playlist.description", text_of),
        "cover_url": Value("playlist.artwork_url", large_picture),
        "editorial": Value("playlist.user.permalink", is_editors),
        "edited_at": Value("playlist.last_modified", moment_in),
    },
    ignored=(
        "playlist.created_at", "playlist.duration", "playlist.genre", "playlist.id", "playlist.kind", "playlist.permalink_url",
        "playlist.sharing", "playlist.tag_list", "playlist.uri", "playlist.urn", "playlist.user.id", "playlist.user.kind",
        "playlist.user.username",
    ),
)  # fmt: skip

ROW = Format(
    name="SoundCloud API, a track",
    needed={
        "service_track_id": Value(("id", "urn"), number_in, "id"),
        "track_name": Value("title", text_of, "title"),
        "artist_name": Value(("metadata_artist", "user.username"), text_of, "artist"),
    },
    optional={
        "track_url": Value("permalink_url", web_address),
        "isrc": Value(("isrc", "publisher_metadata.isrc"), isrc_of),
        "duration_ms": Value("duration", length_in_ms),
        "album_cover_url": Value("artwork_url", large_picture),
        "play_count": Value("playback_count", count),
        "uploader": Value("user.username", text_of),
    },
    ignored=(
        "access", "available_country_codes", "bpm", "comment_count", "commentable", "created_at", "description", "download_count",
        "download_url", "downloadable", "embeddable_by", "favoritings_count", "genre", "key_signature", "kind", "label_name", "license",
        "purchase_title", "purchase_url", "release", "release_day", "release_month", "release_year", "reposts_count", "secret_uri",
        "sharing", "stream_url", "streamable", "tag_list", "uri", "user.avatar_url", "user.id", "user.kind", "user.permalink",
        "user.permalink_url", "user.uri", "user.urn", "waveform_url",
    ),
    complete=lambda values: {**values, "track_url": values["track_url"] or ""},
)  # fmt: skip
