"""Reads the log files of several processes as one log, in order of time, either the last lines or new ones as they arrive.

It selects lines, merges files, and follows files through rotation. `logs/files.py` writes the files, and `cli/log_commands.py` shows
the lines.
"""

import heapq
import json
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from tunemeld_pipeline.logs.files import LogFile, log_files
from tunemeld_pipeline.logs.lines import LEVELS

Line = dict[str, Any]

BLOCK_BYTES = 64 * 1024
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines to read; None does not restrict them.

    `processes` are the kinds of process whose files are read, `level` is the least severe one, `run_id` may be the beginning of an id.
    """

    processes: frozenset[str]
    level: str = "debug"
    genre: str | None = None
    run_id: str | None = None
    part: str | None = None

    def wants(self, line: Line) -> bool:
        """Whether this line is wanted."""
        return (
            LEVELS.get(str(line.get("level")), 0) >= LEVELS[self.level]
            and (self.genre is None or line.get("genre") == self.genre)
            and (self.part is None or line.get("part") == self.part)
            and (self.run_id is None or str(line.get("run_id", "")).startswith(self.run_id))
        )

    def files(self, folder: Path) -> list[LogFile]:
        """The files that may hold wanted lines."""
        return [file for file in log_files(folder) if file.process in self.processes]


def last_lines(folder: Path, wanted: LineFilter, count: int) -> list[Line]:
    """The last `count` wanted lines of all files together, the oldest first."""
    processes: dict[str, list[LogFile]] = {}
    for file in wanted.files(folder):
        processes.setdefault(file.stem, []).append(file)
    newest_first = heapq.merge(*(_backwards(files, wanted) for files in processes.values()), key=_time, reverse=True)
    return list(islice(newest_first, count))[::-1]


def follow(
    folder: Path, wanted: LineFilter, count: int, wait: Callable[[float], object] = time.sleep
) -> Iterator[Line]:
    """The last lines, then each new one, for ever: from these files, their successors, and processes that start later."""
    followed: dict[str, _Followed] = {
        file.stem: _Followed(file.path) for file in wanted.files(folder) if not file.number
    }
    try:
        yield from last_lines(folder, wanted, count) if count else ()
        while True:
            # Start with the oldest file of a new process, which may already have filled several.
            for file in sorted(wanted.files(folder), key=lambda one: -one.number):
                if file.stem not in followed:
                    newest = file.path.with_name(f"{file.stem}.log")
                    followed[file.stem] = _Followed(newest, begin_with=file.path)
            fresh = [line for one in followed.values() for line in one.read() if wanted.wants(line)]
            yield from sorted(fresh, key=_time)
            followed = {stem: one for stem, one in followed.items() if not one.is_gone}
            wait(POLL_SECONDS)
    finally:
        for one in followed.values():
            one.close()


class _Followed:
    """One process's file and its successors, read from the current end onwards."""

    def __init__(self, path: Path, *, begin_with: Path | None = None) -> None:
        self._path = path
        self._open: IO[bytes] | None = None
        self._rest = b""
        self.is_gone = False
        self._take(begin_with or path)
        if self._open is not None and begin_with is None:
            self._open.seek(0, os.SEEK_END)

    def read(self) -> list[Line]:
        """The lines written since the last call, even if they are in newer files by now."""
        if self._open is None:
            self.is_gone = True
            return []
        lines = self._rest_of(self._open)
        for path in self._successors(self._open):
            self._take(path)
            lines += self._rest_of(self._open) if self._open is not None else []
        return lines

    def close(self) -> None:
        """Stops reading."""
        if self._open is not None:
            self._open.close()

    def _take(self, path: Path) -> None:
        self.close()
        try:
            self._open = path.open("rb")
        except OSError:
            self._open = None
        self._rest = b""

    def _rest_of(self, stream: IO[bytes]) -> list[Line]:
        *whole, self._rest = (self._rest + stream.read()).split(b"\n")
        return [line for one in whole if (line := _parsed(one)) is not None]

    def _successors(self, stream: IO[bytes]) -> list[Path]:
        """The files newer than the open one, in order; none while it is the newest."""
        own = os.fstat(stream.fileno()).st_ino
        newer: list[Path] = []
        number = 0
        while True:
            path = self._path.with_name(f"{self._path.name}.{number}") if number else self._path
            try:
                if path.stat().st_ino == own:
                    return newer[::-1]
            except OSError:
                return newer[::-1]
            newer.append(path)
            number += 1


def _backwards(files: list[LogFile], wanted: LineFilter) -> Iterator[Line]:
    """A process's lines, the newest first."""
    needles = [json.dumps(one)[1:-1].encode() for one in (wanted.genre, wanted.run_id) if one and one.isascii()]
    for file in sorted(files, key=lambda one: one.number):
        for raw in _lines_backwards(file.path):
            if all(needle in raw for needle in needles):
                line = _parsed(raw)
                if line is not None and wanted.wants(line):
                    yield line


def _lines_backwards(path: Path) -> Generator[bytes]:
    try:
        stream = path.open("rb")
    except OSError:
        return
    with stream:
        at = stream.seek(0, os.SEEK_END)
        rest = b""
        while at > 0:
            start = max(0, at - BLOCK_BYTES)
            stream.seek(start)
            first, *whole = (stream.read(at - start) + rest).split(b"\n")
            yield from reversed(whole)
            rest, at = first, start
        yield rest


def _parsed(raw: bytes) -> Line | None:
    """The parsed line, or None if it is not one: empty, or cut off by a full disk."""
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _time(line: Line) -> str:
    return str(line.get("timestamp", ""))
