"""How connections move from a worker that is about to end to the one that takes its place.

What belongs here: noticing that another worker of the same server has begun. What does not: starting and ending workers (the
server's part). A worker that ends closes its connections, and a request that a client was just sending on one of them would be
lost. So for some seconds after a worker began, all others end each connection with its answer, and the next request finds a
worker that stays.
"""

import os
import time
from pathlib import Path

LOOK_SECONDS = 0.2
CHANGE_SECONDS = 10.0
"""Longer than the server waits between a new worker's start and the old one's end (`RESPAWN_SECONDS` of `cli/api.py`)."""


class Succession:
    """One worker's view of its siblings: they touch one file when they begin.

    Args:
        folder: where the file is; workers of one server have the same parent, which names it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._marker = folder / f"began-{os.getppid()}"
        self._marker.touch()
        self._own = self._marker.stat().st_mtime_ns
        self._next_look = 0.0
        self._until = 0.0

    def is_under_way(self) -> bool:
        """Whether another worker began lately; looks five times a second at most."""
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
