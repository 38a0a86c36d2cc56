"""Moves connections from a worker that is about to end to its successor, by noticing that another worker of the server has started.

A worker that ends closes its connections, which would lose a request that a client is just sending. So for some seconds after a
worker starts, all others close each connection after its answer, and the next request finds a worker that stays. The server itself
starts and ends the workers.
"""

import os
import time
from pathlib import Path

LOOK_SECONDS = 0.2
CHANGE_SECONDS = 10.0
"""Longer than the server's wait between a new worker's start and the old one's end (`RESPAWN_SECONDS` in `cli/api.py`)."""


class Succession:
    """One worker's view of its siblings: each touches the same file when it starts.

    Args:
        folder: the file's folder; the file is named after the workers' common parent process.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._marker = folder / f"began-{os.getppid()}"
        self._marker.touch()
        self._own = self._marker.stat().st_mtime_ns
        self._next_look = 0.0
        self._until = 0.0

    def is_under_way(self) -> bool:
        """Whether another worker started recently; checks at most five times a second."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            try:
                began = self._marker.stat().st_mtime_ns
            except OSError:
                return False
            if began != self._own:
                self._own = began
                self._until = now + CHANGE_SECONDS
        return now < self._until
