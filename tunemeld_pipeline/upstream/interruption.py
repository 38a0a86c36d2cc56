"""Ending this process's work early, between two calls and not in the middle of a write.

This module holds the one request to stop, and the check for it; `operations/runs.py` makes it on Ctrl-C. Dagster keeps Ctrl-C from a run
in its own process, and forgets it.
"""

import threading

from tunemeld_pipeline.errors import RunStopped

REQUESTED = threading.Event()
"""Set once somebody wants this process to end; code that waits for it instead of sleeping stops at once."""


def stop_if_asked() -> None:
    """Goes on, unless somebody has asked this process to end.

    Raises:
        RunStopped: somebody has.
    """
    if REQUESTED.is_set():
        raise RunStopped(
            "stopped by Ctrl-C; what was there before stays, nothing is half-written, and the same command goes on from it"
        )
