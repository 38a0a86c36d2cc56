"""Processes that outlive the command that started them, and how to find them again.

It starts a detached program, knows whether a recorded process is still the same one, and ends it. It also has the lock under which servers
start, and the small JSON files that say where a server is. `mongod.py` and `sandbox_service.py` build on it.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunemeld_pipeline.errors import LocalServerError

POLL_SECONDS = 0.02
# After SIGKILL only the kernel's work is left.
KILL_SECONDS = 10.0
_PROC = Path("/proc/self/stat")
# The shell exits, so its child has no parent among us and leaves no zombie of ours; the shell prints the child's pid.
_DETACH = 'umask 077; log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'


@dataclass(frozen=True)
class Process:
    """A process that a file can name: its pid, and when it started, since pids are reused.

    `started` is text for comparison, not a time; it is None if the process had already ended when it was examined.
    """

    pid: int
    started: str | None

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that currently has this pid."""
        return cls(pid, _start_of(pid))

    @property
    def is_alive(self) -> bool:
        """Whether exactly this process still runs; a zombie or a later process with the same pid does not count."""
        return self.started is not None and _start_of(self.pid) == self.started


def _start_of(pid: int) -> str | None:
    if not _PROC.exists():
        return _start_by_ps(pid)
    try:
        # proc(5): the name in parentheses may hold anything; after it come the state (field 3), the number of threads (20) and
        # the start (22).
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The first thread of a killed program is already a zombie while the others still hold its files and locks.
    has_ended = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if has_ended else f"{boot}/{fields[19]}"


def _start_by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()  # noqa: S603
    return " ".join(answer[1:]) if answer and not answer[0].startswith("Z") else None


def spawn_detached(command: Sequence[str | Path], *, directory: Path, log: Path) -> Process:
    """Starts a program that survives its starter and the starter's terminal; its output is appended to `log`.

    It has its own session, reads nothing, and inherits no file, lock or socket. It may end at once: check `is_alive`.
    The log is kept from growing by `logs/files.py`.
    """
    shell = ["/bin/sh", "-c", _DETACH, "sh", str(log), *map(str, command)]
    started = subprocess.run(  # noqa: S603
        shell, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, start_new_session=True
    )
    return Process.of(int(started.stdout))


def terminate(process: Process, *, seconds: float) -> None:
    """Ends a process: SIGTERM, then SIGKILL if it is still there after `seconds`.

    Raises:
        LocalServerError: it belongs to another user, or not even SIGKILL ended it.
    """
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILL_SECONDS)):
        if not process.is_alive:
            return
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise LocalServerError(
                f"process {process.pid} belongs to another user; it was left running, end it as that user"
            ) from error
        if wait_until(lambda: not process.is_alive, seconds=patience):
            return
    raise LocalServerError(f"process {process.pid} does not end, not even by SIGKILL")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Checks until the condition holds; False if it still does not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def private_directory(path: Path) -> Path:
    """The directory, created if needed, open to its owner only. Missing parents are created the same way.

    Raises:
        LocalServerError: it cannot be created, or it belongs to another user (which can happen in the shared temporary directory).
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        # For a link, both the link and its target.
        owners = {path.lstat().st_uid, path.stat().st_uid}
        if owners != {os.geteuid()}:
            raise LocalServerError(f"{path} belongs to another user; remove it or choose another TUNEMELD_HOME")
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise LocalServerError(
            f"{path} cannot be used as a folder of ours ({error.strerror}); choose another TUNEMELD_HOME",
            next_command="tunemeld system health",
        ) from error
    return path


@contextmanager
def start_lock(path: Path, *, seconds: float) -> Iterator[None]:
    """A lock that one process on this machine can hold at a time; a killed process releases it.

    Raises:
        LocalServerError: it was not free within `seconds`, or the file cannot be opened.
    """
    from filelock import FileLock, Timeout  # who only looks takes no lock

    lock = FileLock(path, timeout=seconds, poll_interval=POLL_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise LocalServerError(f"another process has held {path} for {seconds:.0f} s; end it and try again") from error
    except OSError as error:
        raise LocalServerError(f"{path} cannot be locked: {error}; choose another TUNEMELD_HOME") from error
    try:
        yield
    finally:
        lock.release()


def read_record(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file, or None if it is missing or unreadable."""
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Writes a JSON object to a file; a reader sees the old or the new one, never half of it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log file, without empty ones; none if there is no log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 64 * 1024))
            text = stream.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]
