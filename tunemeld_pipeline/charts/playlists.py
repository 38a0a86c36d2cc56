"""Playlists as the services send them, read into rows.

What belongs here: pure functions from a received body to rows, for each service's wire format. What does not: fetching
(`resources/`) and deciding which rows are the same recording (`charts/matching/`). Positions are never compressed: a null row leaves a
gap. What cannot be read is reported by position, never dropped in silence. The formats are those of captured responses.
"""

import hashlib
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.received import count, id_of, loads, optional_text, text_of, web_address
from tunemeld_pipeline.errors import MalformedResponse

ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
"""ISO 3901: two letters, three alphanumerics of the registrant, two digits of the year, five of the designation."""

DURATION = re.compile(r"(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")

SONG_FOLDERS = frozenset({"song", "music-video"})
"""What stands before the name and id of one song in the path of its own Apple Music page; albums and playlists hold many."""

MAX_ROWS = 10_000
"""More rows than this are no playlist: Spotify's own limit is 10,000."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one service's playlist, as displayed there. `position` counts from 1; durations in milliseconds."""

    service: Service
    position: int
    service_track_id: str
    track_name: str
    artist_name: str
    track_url: str
    isrc: str | None = None
    album_id: str | None = None
    album_cover_url: str | None = None
    duration_ms: int | None = None
    play_count: int | None = None
    uploader: str | None = None

    @property
    def key(self) -> str:
        """What identifies the row in look-ups and as a provisional track id, for example `SoundCloud:1676685261`."""
        return f"{self.service}:{self.service_track_id}"


@dataclass(frozen=True, slots=True)
class ParsedPlaylist:
    """A service's rows in its order, and a sentence on each row that could not be read."""

    rows: list[Row]
    length: int
    irregular: list[str]


def parse_playlist(service: Service, data_json: str) -> ParsedPlaylist:
    """The rows of a stored body: one page as received, or a JSON array of several.

    Raises:
        MalformedResponse: the body does not have the structure of this service's playlists, or no row of it can be read.
    """
    try:
        body = loads(data_json)
        pages = body if isinstance(body, list) else [body]
        entries = [entry for page in pages for entry in ENTRIES[service](page)]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise MalformedResponse(
            service,
            f"its body does not have the structure of a {service} playlist: {data_json[:200]!r}",
            sample=data_json,
        ) from error
    if len(entries) > MAX_ROWS:
        raise MalformedResponse(service, f"{len(entries)} rows are more than a playlist has (at most {MAX_ROWS})")
    rows: list[Row] = []
    irregular: list[str] = []
    positions: dict[str, int] = {}
    for position, entry in enumerate(entries, start=1):
        try:
            row = READERS[service](position, entry)
            if positions.setdefault(row.key, position) != position:
                raise ValueError(f"its id is that of position {positions[row.key]}")
            rows.append(row)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            irregular.append(f"{service} position {position}: {_why(entry, error)}")
    if entries and not rows:
        raise MalformedResponse(
            service, f"none of its {len(entries)} rows can be read; first: {irregular[0]}", sample=data_json
        )
    return ParsedPlaylist(rows, len(entries), irregular)


def well_formed_isrc(value: object) -> str | None:
    """The ISRC in its one spelling, twelve characters in capitals without hyphens; None for anything else."""
    if not isinstance(value, str):
        return None
    code = value.strip().upper().replace("-", "")
    return code if ISRC.fullmatch(code) else None


def spotify_entries(page: Mapping[str, Any]) -> list[Any]:
    """The items of one `playlist_tracks` page."""
    items: list[Any] = page["items"]
    if not isinstance(items, list):
        raise TypeError("items is no list")
    return items


def apple_music_entries(body: Mapping[str, Any]) -> list[Any]:
    """The rows of a `playlist1` body, in order of their numeric string keys, or its `songs`; a missing number is a null row."""
    details = body["album_details"]
    if isinstance(details.get("songs"), list):
        songs: list[Any] = details["songs"]
        return songs
    numbered = {int(key): value for key, value in details.items() if key.isascii() and key.isdigit()}
    if not numbered:
        raise KeyError("no numbered row")
    if max(numbered) >= MAX_ROWS:
        raise ValueError("a row's number is no position")
    return [numbered.get(at) for at in range(max(numbered) + 1)]


def soundcloud_entries(page: Mapping[str, Any]) -> list[Any]:
    """The items of one `v1/playlist/tracks` page."""
    items: list[Any] = page["tracks"]["items"]
    if not isinstance(items, list):
        raise TypeError("items is no list")
    return items


def _spotify_row(position: int, item: Mapping[str, Any]) -> Row:
    track = item["track"]
    images = sorted(track["album"].get("images") or [], key=lambda image: -(image.get("height") or 0))
    return Row(
        service=Service.SPOTIFY,
        position=position,
        service_track_id=id_of(track["id"]),
        track_name=text_of(track["name"]),
        artist_name=", ".join(text_of(artist["name"]) for artist in track["artists"]),
        track_url=web_address((track.get("external_urls") or {}).get("spotify"))
        or f"https://open.spotify.com/track/{id_of(track['id'])}",
        isrc=well_formed_isrc((track.get("external_ids") or {}).get("isrc")),
        album_id=id_of(track["album"]["id"]) if track["album"].get("id") else None,
        album_cover_url=web_address(images[0]["url"]) if images else None,
        duration_ms=count(track.get("duration_ms")),
    )


def _apple_music_row(position: int, song: Mapping[str, Any]) -> Row:
    link = html.unescape(html.unescape(text_of(song["link"])))  # some are escaped twice
    title, artist = text_of(song["name"]), text_of(song["artist"])
    return Row(
        service=Service.APPLE_MUSIC,
        position=position,
        service_track_id=song_id(link) or _id_by_names(title, artist),
        track_name=title,
        artist_name=artist,
        track_url=web_address(link) or "",
        duration_ms=duration_in_ms(song.get("duration")),
    )


def _soundcloud_row(position: int, item: Mapping[str, Any]) -> Row:
    publisher = item.get("publisher") or {}
    uploader = (item.get("user") or {}).get("name")
    return Row(
        service=Service.SOUNDCLOUD,
        position=position,
        service_track_id=id_of(item["id"]),
        track_name=text_of(item["title"]),
        artist_name=text_of(publisher.get("artist") or uploader),
        track_url=web_address(item["permalink"]) or "",
        isrc=well_formed_isrc(publisher.get("isrc")),
        album_cover_url=web_address(item.get("artworkUrl")),
        duration_ms=count(item.get("durationMs")),
        play_count=count(item.get("playCount")),
        uploader=optional_text(uploader),
    )


ENTRIES: dict[Service, Callable[[Any], list[Any]]] = {
    Service.SPOTIFY: spotify_entries,
    Service.APPLE_MUSIC: apple_music_entries,
    Service.SOUNDCLOUD: soundcloud_entries,
}

READERS: dict[Service, Callable[[int, Any], Row]] = {
    Service.SPOTIFY: _spotify_row,
    Service.APPLE_MUSIC: _apple_music_row,
    Service.SOUNDCLOUD: _soundcloud_row,
}


def song_id(link: str) -> str | None:
    """The id of the song that an Apple Music link names, in the parameter `i` of an album's or at the end of a song's or video's own.

    None where it names an album alone, whose number all its songs would share.
    """
    parts = urlsplit(link)
    named = parse_qs(parts.query).get("i", [""])[0].strip()
    if named:
        return id_of(named)
    *folders, last = [""] + [folder for folder in parts.path.split("/") if folder]
    return id_of(last) if not SONG_FOLDERS.isdisjoint(folders) else None


def _id_by_names(title: str, artist: str) -> str:
    """What a song is known by whose link does not name it: the same on every day, and for no other song of its album."""
    named = f"{artist}\0{title}".casefold().encode()
    return f"name-{hashlib.blake2b(named, digest_size=8).hexdigest()}"


def duration_in_ms(value: object) -> int | None:
    """Apple's "3m 54s" or "1h 2m 3s" in milliseconds; None for anything else."""
    if not isinstance(value, str) or not value.strip():
        return None
    parts = DURATION.fullmatch(value.strip())
    if parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return count(((hours * 60 + minutes) * 60 + seconds) * 1000)


def _why(entry: Any, error: Exception) -> str:
    if entry is None or (isinstance(entry, dict) and entry.get("track", ...) is None):
        return "null row"
    return f"{type(error).__name__}: {error}"[:160]
