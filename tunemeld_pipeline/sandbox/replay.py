"""Recorded playlists, served exactly as they were received.

It finds the recorded body for a day, a genre, a service and a page. Anything that was not recorded gets the gateway's 404, never an
invention. The layout is `DIR/DATE/GENRE/SERVICE.json`, where the service is `spotify`, `apple_music` or `soundcloud`; a file is one body,
or a JSON array of the bodies of several pages.
"""

import json
import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from tunemeld_pipeline.plugins.registry import services, slug_of
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call

KNOWN_FILES = 16
GENRE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")

ENDPOINTS = {
    ("spotify", "playlist_tracks"): ("Spotify", "id"),
    ("apple_music", "playlist1"): ("AppleMusic", "url"),
    ("soundcloud", "v1/playlist/tracks"): ("SoundCloud", "playlist"),
}
"""The recorded endpoints: for each upstream's endpoint, the service and the parameter that names the playlist."""


class Replay:
    """A folder of recorded playlists.

    Args:
        directory: the folder that has one sub-folder per date.
        playlists: which genre a playlist's id or address belongs to.

    Raises:
        NotADirectoryError: there is no such folder.
    """

    def __init__(self, directory: Path, playlists: PlaylistDirectory) -> None:
        if not directory.is_dir():
            raise NotADirectoryError(f"{directory}: there is no such folder to replay from")
        self.directory = directory
        self._playlists = playlists
        self._read = lru_cache(KNOWN_FILES)(_read_pages)

    def describe(self) -> dict[str, object]:
        """What is replayed, for the control interface."""
        return {"seed": None, "replay_dir": str(self.directory), "tracks": None}

    def body(self, upstream: str, call: Call) -> bytes | None:
        """The recorded body for this request, or None if nothing was recorded.

        If a file holds several pages, Spotify's are found by their own `offset`, SoundCloud's by the `nextOffset` of the previous
        page.
        """
        recorded = ENDPOINTS.get((upstream, call.path))
        if recorded is None:
            return None
        service, parameter = recorded
        genre = self._playlists.genre(service, call.query.get(parameter, ""))
        if genre is None or not GENRE_NAME.fullmatch(genre.key):
            return None
        path = self.directory / str(call.day) / genre.key / f"{slug_of(service)}.json"
        if not path.is_file():
            return None
        return self._read(path, path.stat().st_mtime_ns).get(call.number("offset", 0))

    def recorded(self) -> dict[str, dict[str, list[str]]]:
        """What is available: `{date: {genre: [service, …]}}`, in order."""
        found: dict[str, dict[str, list[str]]] = {}
        for path in sorted(self.directory.glob("*/*/*.json")):
            day, genre = path.parent.parent.name, path.parent.name
            if _is_date(day) and path.stem in {service.slug for service in services()}:
                found.setdefault(day, {}).setdefault(genre, []).append(path.stem)
        return found


def _read_pages(path: Path, _changed: int) -> dict[int, bytes]:
    """The bodies in a file by their offset; a file that is not a list is page one, byte for byte."""
    raw = path.read_bytes()
    try:
        content = json.loads(raw)
    except ValueError:
        return {0: raw}
    if not isinstance(content, list):
        return {0: raw}
    pages: dict[int, bytes] = {}
    following: int | None = 0
    for page in content:
        fields = page if isinstance(page, dict) else {}
        tracks = fields.get("tracks")
        offset = fields.get("offset", following)
        if not isinstance(offset, int):
            break
        pages[offset] = json.dumps(page, ensure_ascii=False).encode()
        following = tracks.get("nextOffset") if isinstance(tracks, dict) else None
    return pages


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
