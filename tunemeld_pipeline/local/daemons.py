"""Finds the Dagster daemons that run on a folder, whoever started them.

Two daemons on one folder start every scheduled run twice, and Dagster itself only logs an error. `ui.py` knows the one that we start.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
DAEMON_WORDS = (b"dagster-daemon", b"dagster._daemon")
"""One of them is in the command line of a daemon, also of the one that `dagster dev` and `dg dev` start."""


def daemons_of(folder: Path) -> list[int]:
    """The pids of the daemons with this DAGSTER_HOME, lowest first; those of other users cannot be seen, nor any without /proc."""
    return sorted(pid for pid in _daemons() if _variable(pid, b"DAGSTER_HOME") == str(folder).encode())


def _daemons() -> Iterator[int]:
    with suppress(OSError):
        for process in PROCESSES.iterdir():
            if process.name.isdigit():
                with suppress(OSError):
                    command = (process / "cmdline").read_bytes()
                    if any(word in command for word in DAEMON_WORDS):
                        yield int(process.name)


def _variable(pid: int, name: bytes) -> bytes | None:
    with suppress(OSError):
        for one in (PROCESSES / str(pid) / "environ").read_bytes().split(b"\0"):
            if one.startswith(name + b"="):
                return one.partition(b"=")[2]
    return None
