"""Apple Music's answer, that of apple-music24 on RapidAPI, after captured responses: rows under numeric text keys, no ISRC, no artwork
per track.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.charts.playlists import ListFacts
from tunemeld_pipeline.wire_formats.reading import Format, Value, Values
from tunemeld_pipeline.wire_formats.received import (
    Unreadable,
    id_of,
    length_in_ms,
    moment_of,
    text_of,
    web_address,
)

MAX_ROWS = 10_000
"""The longest list that is read: a row's number beyond it is no position."""

SONG_FOLDERS = frozenset({"song", "music-video"})
"""What comes before the name and id in the path of one song's page; the pages of albums and playlists list many songs."""

DURATION = re.compile(r"(?:([0-9]{1,9})h)?\s*(?:([0-9]{1,9})m)?\s*(?:([0-9]{1,9})s)?")
COVER_PIXELS = "600"
STOREFRONT = re.compile(r"[a-z]{2}")
STOREFRONT_IN_LINK = re.compile(r"https://music\.apple\.com/([a-z]{2})/")


def duration_in_ms(value: object) -> int | None:
    """Apple's "3m 54s" or "1h 2m 3s" in milliseconds; None where it is blank or 0.

    Raises:
        Unreadable: it is written in another way.
    """
    text = text_of(value)
    if text is None:
        return None
    parts = DURATION.fullmatch(text)
    if parts is None:
        raise Unreadable("a duration is written like 3m 54s")
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return length_in_ms(((hours * 60 + minutes) * 60 + seconds) * 1000)


def song_id(link: object) -> str | None:
    """The id of the song that a link names: the parameter `i` of an album's link, or the end of a song's or video's link.

    None where it names only an album, whose number all its songs would share.

    Raises:
        Unreadable: it is no link.
    """
    address = web_address(link)
    if address is None:
        return None
    parts = urlsplit(address)
    named = id_of(parse_qs(parts.query).get("i", [""])[0])
    if named is not None:
        return named
    *folders, last = ["", *filter(None, parts.path.split("/"))]
    return None if SONG_FOLDERS.isdisjoint(folders) else id_of(last)


def cover_address(template: object) -> str | None:
    """The picture behind Apple's template `…{w}x{h}SC.DN01.{f}…`, as a 600-pixel JPEG.

    Raises:
        Unreadable: it is no address.
    """
    address = web_address(template)
    if address is None:
        return None
    return address.replace("{w}", COVER_PIXELS).replace("{h}", COVER_PIXELS).replace("{f}", "jpg")


def rows(details: object) -> list[Any] | None:
    """The rows of `album_details`, in order of their numeric text keys, or its `songs`; a missing number is a null row.

    Raises:
        Unreadable: this is no object, or a row's number is no position.
    """
    if not isinstance(details, Mapping):
        raise Unreadable("album_details is no object")
    songs = details.get("songs")
    if isinstance(songs, list) and songs:
        return songs
    numbered = {int(key): value for key, value in details.items() if key.isascii() and key.isdigit() and len(key) < 9}
    if not numbered:
        return None
    if max(numbered) >= MAX_ROWS or any(key.isdigit() and len(key) >= 9 for key in details):
        raise Unreadable("a row's number is no position")
    return [numbered.get(at) for at in range(max(numbered) + 1)]


def storefront(details: object) -> str | None:
    """The market whose songs the rows link to: `US` for links that begin with `https://music.apple.com/us/`; None where no row names one.

    Raises:
        Unreadable: as `rows`.
    """
    for row in rows(details) or []:
        link = row.get("link") if isinstance(row, Mapping) else None
        found = STOREFRONT_IN_LINK.match(link) if isinstance(link, str) else None
        if found:
            return found[1].upper()
    return None


def facts(pages: Sequence[Values]) -> ListFacts:
    """What the answers say of their list, of several playlists the newest date. `count` is not how many rows it has: the two can differ."""
    return {
        "cover_url": pages[0]["cover_url"],
        "country": next((page["country"] for page in pages if page["country"]), None),
        "edited_at": max((page["edited_at"] for page in pages if page["edited_at"]), default=None),
    }


def with_own_id(values: Values) -> Values:
    """A song without a usable link is known by its names."""
    named = f"{values['artist_name']}\0{values['track_name']}".casefold().encode()
    own = values["service_track_id"] or f"name-{hashlib.blake2b(named, digest_size=8).hexdigest()}"
    return {**values, "service_track_id": own, "track_url": values["track_url"] or ""}


PLAYLIST = Format(
    name="Apple Music playlist",
    needed={"rows": Value("album_details", rows, "numbered row")},
    optional={
        "cover_url": Value("album_details.thumb", cover_address),
        "edited_at": Value("album_details.date", moment_of),
        "country": Value("album_details", storefront, parts=("link",)),
    },
    ignored=("album_details.album", "album_details.artist", "album_details.count"),
)

SONG = Format(
    name="Apple Music playlist, a row",
    needed={
        "track_name": Value("name", text_of, "title"),
        "artist_name": Value("artist", text_of, "artist"),
    },
    optional={
        "service_track_id": Value("link", song_id),
        "track_url": Value("link", web_address),
        "duration_ms": Value("duration", duration_in_ms),
    },
    complete=with_own_id,
)
