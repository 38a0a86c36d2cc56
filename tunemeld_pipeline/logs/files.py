"""Where log lines are kept: each process has its own file, in a folder that only its owner can read.

This module names the files, keeps them below the size and age that the settings `LOG_…` in `settings/fields.py` allow, and has the handler
that writes to one and never fails its caller.
`logs/lines.py` decides what a line says; `logs/reading.py` reads the files.
"""

import contextlib
import fcntl
import logging
import os
import re
import shutil
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import BinaryIO

import psutil

from tunemeld_pipeline.logs.lines import json_line, timestamp
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.settings.settings import Settings

NAME = re.compile(r"(?P<process>[a-z]+)-(?P<began>\d{8}T\d{6})-(?P<pid>\d+)\.log(?:\.(?P<number>\d+))?")
"""`etl-20260131T023000-4711.log`; with `.1` appended, the file before it, and so on."""

PRINTED = ("mongod.log", "sandbox.log")
"""What the programs that are started detached print; `local/` names these files."""

LOOK_SECONDS = 1.0
"""How often to check whether somebody has removed the file; a check takes as long as writing half a line."""

RETRY_SECONDS = 5.0
"""How long to wait after a failed write, for example on a full disk; meanwhile lines are dropped and counted."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file as its name describes it: which process wrote it, and how many files of that process are newer."""

    path: Path
    process: str
    pid: int
    number: int

    @classmethod
    def of(cls, path: Path) -> "LogFile | None":
        """The file, or None if this is not the name of a log file."""
        match = NAME.fullmatch(path.name)
        return cls(path, match["process"], int(match["pid"]), int(match["number"] or 0)) if match else None

    @property
    def stem(self) -> str:
        """The part of the name that all files of one process share."""
        return self.path.name.partition(".log")[0]


def log_folder(settings: Settings) -> Path:
    """The folder that holds the files of all processes."""
    return settings.home / "logs"


def log_files(folder: Path) -> list[LogFile]:
    """The existing files, in no particular order; none if there is no folder."""
    try:
        return [found for path in folder.iterdir() if (found := LogFile.of(path)) is not None]
    except OSError:
        return []


class ProcessFile(RotatingFileHandler):
    """Writes a process's lines to its own file, each in one write.

    The file is created with the first line, and created again after a fork or once somebody has removed it. Lines that cannot be
    written, usually because the disk is full, are dropped and counted: the process goes on with its work.

    Args:
        folder: where the file is.
        process: what kind of process this is, in lower case.
        largest: bytes after which a new file starts.
        kept: how many full files are kept.
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
        self._size = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record's line."""
        try:
            line = f"{self.format(record)}\n".encode()
        except Exception:  # noqa: BLE001 - a line that cannot be made is no reason to stop
            line = _about_the_log("error", f"a line of {record.name} could not be formatted")
        self.write(line)

    def write(self, line: bytes) -> None:
        """Writes one or more whole lines, including their line ends."""
        with self.lock or nullcontext():
            if self._broken_until and time.monotonic() < self._broken_until:
                self._lost += line.count(b"\n")
                return
            try:
                self._write(line)
            except OSError as error:
                self._give_up(error, line.count(b"\n"))

    def doRollover(self) -> None:  # noqa: N802 - the standard library's name
        """Starts a new file; if no full files are kept, the full one is removed."""
        if not self.backupCount:
            Path(self.baseFilename).unlink(missing_ok=True)
        super().doRollover()

    def _write(self, line: bytes) -> None:
        if self._pid != os.getpid() or self.stream is None or self._was_removed(self.stream):
            self._reopen()
        elif self._size and self._size + len(line) > self.maxBytes:
            self.doRollover()
        stream = self.stream = self.stream or self._open()
        if self._lost:
            line = _about_the_log("warning", f"{self._lost} log lines were lost") + line
        written = stream.write(line) or 0
        self._size += written
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written")
        self._lost, self._broken_until = 0, 0.0

    def _was_removed(self, stream: FileIO) -> bool:
        now = time.monotonic()
        if now < self._look_again:
            return False
        self._look_again = now + LOOK_SECONDS
        found = os.fstat(stream.fileno())
        self._size = found.st_size
        return not found.st_nlink

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
        self._size = stream.tell()
        return stream

    def _release(self) -> None:
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
            self.stream = None

    def _give_up(self, error: OSError, lines: int) -> None:
        if not self._lost:
            with contextlib.suppress(OSError, ValueError):
                print(f"log lines cannot be written to {self._folder} ({error.strerror or error})", file=sys.stderr)  # noqa: T201
        self._lost += lines
        self._broken_until = time.monotonic() + RETRY_SECONDS
        self._release()


def _end_cut_line(stream: FileIO) -> None:
    """Starts a new line after one that a full disk cut off."""
    if stream.seek(0, os.SEEK_END):
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            stream.write(b"\n")


def remove_old(folder: Path, *, days: float, most_bytes: int) -> int:
    """Removes files of ended processes: those older than `days`, then the oldest until the rest fit. Returns how many.

    What `mongod` and the sandbox print counts too; their full files are removed like those of ended processes.
    """
    own = [file.path for file in log_files(folder) if not _is_running(file)]
    printed = _printed(folder)
    removable = [*own, *(path for path in printed if path.suffix != ".log")]
    oldest_first = sorted(((_facts(path), path) for path in removable), key=lambda one: one[0][0])
    left = sum(_facts(path)[1] for path in (*(file.path for file in log_files(folder)), *printed))
    removed = 0
    for (modified, size), path in oldest_first:
        if time.time() - modified > days * 86_400 or left > most_bytes:
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
            left -= size
    return removed


def rotate_printed(folder: Path, *, largest: int, kept: int) -> int:
    """Starts the logs of `mongod` and the sandbox anew where they are larger than `largest` bytes; returns how many.

    Those programs hold their file open and write at its end, so it is copied and emptied, and not renamed; a line that is written in
    between is lost. `kept` copies stay.
    """
    rotated = 0
    for name in PRINTED:
        path = folder / name
        with contextlib.suppress(OSError):
            if path.stat().st_size > largest:
                with path.open("r+b") as stream:
                    # Another process may be at it; BlockingIOError is an OSError.
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if os.fstat(stream.fileno()).st_size > largest:
                        _keep_copy(path, stream, kept)
                        stream.truncate(0)
                        rotated += 1
    return rotated


def _keep_copy(path: Path, stream: BinaryIO, kept: int) -> None:
    for number in range(kept, 0, -1):
        copy = path.with_name(f"{path.name}.{number}")
        if copy.exists():
            if number == kept:
                copy.unlink()
            else:
                copy.rename(path.with_name(f"{path.name}.{number + 1}"))
    if kept:
        with open(path.with_name(f"{path.name}.1"), "wb", opener=private) as target:
            shutil.copyfileobj(stream, target)


def _printed(folder: Path) -> list[Path]:
    """What `mongod` and the sandbox print, the current files and the full ones."""
    return [path for name in PRINTED for path in folder.glob(f"{name}*")]


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
    # Another process may have the pid by now; then the file is kept until that process ends too.
    return file.pid == os.getpid() or psutil.pid_exists(file.pid)
