"""Asking what this process does to end early, between two calls and not in the middle of a write.

What belongs here: the one request, and where it is heard. What does not: who makes it (`operations/runs.py`, on Ctrl-C). Dagster keeps
Ctrl-C from a run in its own process, and forgets it.
"""

import threading

from tunemeld_pipeline.errors import RunStopped

REQUESTED = threading.Event()
"""Set once somebody wants this process to end; waiting for it in place of sleeping is heard at once."""


def stop_if_asked() -> None:
    """Goes on, unless the end was asked for.

    Raises:
        RunStopped: it was.
    """
    if REQUESTED.is_set():
        raise RunStopped(
            "stopped by Ctrl-C; what was there before stays, nothing is half-written, and the same command goes on from it"
        )
