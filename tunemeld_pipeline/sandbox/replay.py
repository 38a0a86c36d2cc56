"""Recorded playlists, served exactly as they were received.

It finds the recorded body for a day, a genre, a source and a page. Anything that was not recorded gets the upstream's 404, never an
invention. The layout is `DIR/DATE/GENRE/SOURCE.json`, where the source is `deezer.api` or another of a service, with `.2` and so on behind
it for a later version of its format; `SERVICE.json` is `SERVICE.rapidapi` in its first. A file is one body, or an array of several pages'
bodies; of a public page it is the page itself, `SOURCE.html`. Which request asks for which page is in each service's folder, as `RECORDED`
in its `sandbox`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from tunemeld_pipeline.plugins.reading import FIRST_SOURCE
from tunemeld_pipeline.plugins.registry import slug_of
from tunemeld_pipeline.sandbox import halves
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Recorded

KNOWN_FILES = 16
GENRE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


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
        self._recorded = halves.recorded()
        self._read = lru_cache(KNOWN_FILES)(_read_pages)

    def describe(self) -> dict[str, object]:
        """What is replayed, for the control interface."""
        return {"seed": None, "replay_dir": str(self.directory), "tracks": None}

    def body(self, upstream: str, call: Call) -> tuple[bytes, str] | None:
        """The recorded body for this request and its media type, or None if nothing was recorded."""
        for service, recorded in self._recorded:
            asked = recorded.asked(call) if recorded.upstream == upstream else None
            if asked is None:
                continue
            playlist, offset = asked
            genre = self._playlists.genre(service, playlist)
            if genre is None or not GENRE_NAME.fullmatch(genre.key):
                continue
            for name in _file_names(service, recorded):
                path = self.directory / str(call.day) / genre.key / name
                if path.is_file():
                    found = self._read(path, path.stat().st_mtime_ns, recorded.pages).get(offset)
                    return None if found is None else (found, guess_type(name)[0] or "application/json")
        return None

    def recorded(self) -> dict[str, dict[str, list[str]]]:
        """What is available: `{date: {genre: [source or service, …]}}`, in order."""
        known = {name for service, recorded in self._recorded for name in _file_names(service, recorded)}
        found: dict[str, dict[str, list[str]]] = {}
        for path in sorted(self.directory.glob("*/*/*")):
            day, genre = path.parent.parent.name, path.parent.name
            if _is_date(day) and path.name in known:
                found.setdefault(day, {}).setdefault(genre, []).append(path.stem)
        return found


def _file_names(service: str, recorded: Recorded) -> Iterator[str]:
    """The files that may hold a source's bodies, that of the source before that of the service."""
    version = f".{recorded.format}" if recorded.format > 1 else ""
    yield f"{recorded.source}{version}.{recorded.ending}"
    if (recorded.source, recorded.format) == (f"{slug_of(service)}.{FIRST_SOURCE}", 1):
        yield f"{slug_of(service)}.{recorded.ending}"


def _read_pages(path: Path, _changed: int, by_offset: Callable[[Sequence[Any]], Mapping[int, Any]]) -> dict[int, bytes]:
    """The bodies in a file by their offset; a file that is not a list is page one, byte for byte."""
    raw = path.read_bytes()
    try:
        content = json.loads(raw)
    except ValueError:
        return {0: raw}
    pages = content if isinstance(content, list) else [content]
    bodies = {offset: json.dumps(page, ensure_ascii=False).encode() for offset, page in by_offset(pages).items()}
    return bodies if isinstance(content, list) else bodies | {0: raw}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
