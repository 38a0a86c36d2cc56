"""Where log lines are kept: a file of its own for each process, in a folder that only its owner can read.

What belongs here: the files' names, modes, sizes and ages, and a handler that writes to one and never fails its caller. What does not:
what a line says (`logs/lines.py`) and reading the files (`logs/reading.py`).
"""

import contextlib
import logging
import os
import re
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from logging.handlers import RotatingFileHandler
from pathlib import Path

import psutil

from tunemeld_pipeline.logs.lines import json_line, timestamp
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.settings.settings import Settings

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


class ProcessFile(RotatingFileHandler):
    """Writes a process's lines to its own file, each in one write.

    The file is made with the first line, and made anew after a fork or once somebody has removed it. Lines that cannot be written, above
    all on a full disk, are let go and counted: the process goes on with its work.

    Args:
        folder: where the file is.
        process: what kind of process this is, in small letters.
        largest: bytes after which a new file is begun.
        kept: how many full ones are kept.
    """

    stream: FileIO | None  # type: ignore[assignment]  # the standard library's own says text

    def __init__(self, folder: Path, process: str, *, largest: int, kept: int) -> None:
        super().__init__(folder / process, mode="ab", maxBytes=largest, backupCount=kept, delay=True)
        self._folder = folder
        self._process = process
        self._pid = 0
        self._lost = 0
        self._broken_until = 0.0
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
        with self.lock or nullcontext():
            if self._broken_until and time.monotonic() < self._broken_until:
                self._lost += 1
                return
            try:
                self._write(line)
            except OSError as error:
                self._give_up(error)

    def doRollover(self) -> None:  # noqa: N802 - the standard library's name
        """Begins a new file; where none is kept, the full one goes."""
        if not self.backupCount:
            Path(self.baseFilename).unlink(missing_ok=True)
        super().doRollover()

    def _write(self, line: bytes) -> None:
        if self._pid != os.getpid() or self.stream is None or self._was_removed(self.stream):
            self._reopen()
        elif (size := os.fstat(self.stream.fileno()).st_size) and size + len(line) > self.maxBytes:
            self.doRollover()
        stream = self.stream = self.stream or self._open()
        if self._lost:
            line = _about_the_log("warning", f"{self._lost} log lines were lost") + line
        written = stream.write(line) or 0
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written")
        self._lost, self._broken_until = 0, 0.0

    def _was_removed(self, stream: FileIO) -> bool:
        now = time.monotonic()
        if now < self._look_again:
            return False
        self._look_again = now + LOOK_SECONDS
        return not os.fstat(stream.fileno()).st_nlink

    def _reopen(self) -> None:
        if self._pid != os.getpid():  # after a fork, the parent's file is the parent's
            self._pid = os.getpid()
            name = f"{self._process}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{self._pid}.log"
            self.baseFilename = str((self._folder / name).absolute())
        self._release()
        self.stream = self._open()

    def _open(self) -> FileIO:  # type: ignore[override]  # lines are bytes here, unbuffered
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # `parents` alone leaves it open to others
        self._folder.mkdir(mode=0o700, exist_ok=True)
        stream = open(self.baseFilename, "a+b", buffering=0, opener=private)  # noqa: SIM115 - closed by the handler
        try:
            _end_cut_line(stream)
        except OSError:
            stream.close()
            raise
        return stream

    def _release(self) -> None:
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
            self.stream = None

    def _give_up(self, error: OSError) -> None:
        if not self._lost:
            with contextlib.suppress(OSError, ValueError):
                print(f"log lines cannot be written to {self._folder} ({error.strerror or error})", file=sys.stderr)  # noqa: T201
        self._lost += 1
        self._broken_until = time.monotonic() + RETRY_SECONDS
        self._release()


def _end_cut_line(stream: FileIO) -> None:
    """Begins a new line after one that a full disk cut off."""
    if stream.seek(0, os.SEEK_END):
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            stream.write(b"\n")


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
