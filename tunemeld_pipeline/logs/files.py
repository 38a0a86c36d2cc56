"""Where log lines are kept: a file of its own for each process, in a folder that only its owner can read.

What belongs here: the files' names, modes, sizes and ages, and a handler that writes to one and never fails its caller. What does not:
what a line says (`logs/lines.py`) and reading the files (`logs/reading.py`).
"""

import contextlib
import logging
import os
import re
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tunemeld_pipeline.logs.lines import json_line, timestamp
from tunemeld_pipeline.settings.fields import Settings

NAME = re.compile(r"(?P<process>[a-z]+)-(?P<began>\d{8}T\d{6})-(?P<pid>\d+)\.log(?:\.(?P<number>\d+))?")
"""`etl-20260131T023000-4711.log`; `.1` after it is the one before, and so on."""

LOOK_SECONDS = 1.0
"""Between looks whether somebody has removed the file; each costs as much as half a line."""

RETRY_SECONDS = 5.0
"""After a line could not be written, for example on a full disk; until then lines are counted and let go."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file by what its name says: which process wrote it, and how many files of that process are newer."""

    path: Path
    process: str
    pid: int
    number: int

    @classmethod
    def of(cls, path: Path) -> "LogFile | None":
        """The file, or None where the name is no log file's."""
        match = NAME.fullmatch(path.name)
        return cls(path, match["process"], int(match["pid"]), int(match["number"] or 0)) if match else None

    @property
    def stem(self) -> str:
        """What all files of one process share."""
        return self.path.name.partition(".log")[0]


def log_folder(settings: Settings) -> Path:
    """Where the files of all processes are."""
    return settings.home / "logs"


def log_files(folder: Path) -> list[LogFile]:
    """The files that are there, in no order; none where there is no folder."""
    try:
        return [found for path in folder.iterdir() if (found := LogFile.of(path)) is not None]
    except OSError:
        return []


class ProcessFile(logging.Handler):
    """Writes a process's lines to its file, each in one write, and begins a new file when one is full.

    The file is made with the first line. Whatever goes wrong with it, a full disk above all, lines are let go and counted, and what the
    process is about goes on.

    Args:
        folder: where the file is.
        process: what kind of process this is, in small letters.
        largest: bytes after which a new file is begun.
        kept: how many full ones are kept.
    """

    def __init__(self, folder: Path, process: str, *, largest: int, kept: int) -> None:
        super().__init__()
        self._folder = folder
        self._process = process
        self._largest = largest
        self._kept = kept
        self._own = threading.Lock()
        self._descriptor: int | None = None
        self._pid = 0
        self._size = 0
        self._path = folder
        self._lost = 0
        self._broken_until = 0.0
        self._cut = False
        self._look_again = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record's line."""
        try:
            line = f"{self.format(record)}\n".encode()
        except Exception:  # noqa: BLE001 - a line that cannot be made is no reason to stop
            line = _about_the_log("error", f"a line of {record.name} could not be made")
        self.write(line)

    def write(self, line: bytes) -> None:
        """Writes a whole line, its end included."""
        with self._own:
            if self._broken_until and time.monotonic() < self._broken_until:
                self._lost += 1
                return
            try:
                self._write(line)
            except OSError as error:
                self._give_up(error)

    def close(self) -> None:
        """Closes the file; a later line opens it again."""
        with self._own:
            self._release()
        super().close()

    def _write(self, line: bytes) -> None:
        descriptor = self._descriptor
        if self._pid != os.getpid():
            # After a fork, the parent's file is the parent's.
            descriptor = self._open()
        elif descriptor is None or self._was_removed(descriptor):
            # Closed after trouble, or removed by somebody.
            descriptor = self._append()
        elif self._size and self._size + len(line) > self._largest:
            descriptor = self._rotate()
        if self._lost:
            line = _about_the_log("warning", f"{self._lost} log lines were lost") + line
        if self._cut:
            line = b"\n" + line
        written = os.write(descriptor, line)
        self._size += written
        self._cut = written < len(line)
        if self._cut:
            raise OSError(f"only {written} of {len(line)} bytes could be written")
        self._lost, self._broken_until = 0, 0.0

    def _was_removed(self, descriptor: int) -> bool:
        now = time.monotonic()
        if now < self._look_again:
            return False
        self._look_again = now + LOOK_SECONDS
        return not os.fstat(descriptor).st_nlink

    def _open(self) -> int:
        self._pid = os.getpid()
        self._path = self._folder / f"{self._process}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{self._pid}.log"
        return self._append()

    def _append(self) -> int:
        self._release()
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # `parents` alone leaves it open to others
        self._folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._descriptor).st_size
        return self._descriptor

    def _rotate(self) -> int:
        for number in range(self._kept, 0, -1):
            source = self._numbered(number - 1)
            with contextlib.suppress(FileNotFoundError):
                source.replace(self._numbered(number))
        if not self._kept:
            self._path.unlink(missing_ok=True)
        self._cut = False
        return self._append()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path

    def _release(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _give_up(self, error: OSError) -> None:
        if not self._lost:
            with contextlib.suppress(OSError, ValueError):
                print(f"log lines cannot be written to {self._folder} ({error.strerror or error})", file=sys.stderr)  # noqa: T201
        self._lost += 1
        self._broken_until = time.monotonic() + RETRY_SECONDS
        if self._descriptor is not None and not self._cut:
            self._release()


def remove_old(folder: Path, *, days: float, most_bytes: int) -> int:
    """Removes what processes that have ended left: files older than `days`, then the oldest until all fit; how many those were."""
    own = [file for file in log_files(folder) if not _is_running(file)]
    oldest_first = sorted(((_facts(file.path), file.path) for file in own), key=lambda one: one[0][0])
    left = sum(_facts(file.path)[1] for file in log_files(folder))
    removed = 0
    for (modified, size), path in oldest_first:
        if time.time() - modified > days * 86_400 or left > most_bytes:
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
            left -= size
    return removed


def _about_the_log(level: str, event: str) -> bytes:
    line = {"timestamp": timestamp(time.time()), "level": level, "event": event, "logger": __name__}
    return f"{json_line(line)}\n".encode()


def _facts(path: Path) -> tuple[float, int]:
    try:
        status = path.stat()
    except OSError:
        return (0.0, 0)
    return (status.st_mtime, status.st_size)


def _is_running(file: LogFile) -> bool:
    # The number may be another process's by now; then its file is kept until that one ends too.
    return file.pid == os.getpid() or psutil.pid_exists(file.pid)
