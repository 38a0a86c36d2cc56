"""Finds the Dagster daemons that run on a folder, whoever started them.

Two daemons on one folder start every scheduled run twice, and Dagster itself only logs an error. `ui.py` knows the one that we start.
"""

from pathlib import Path

import psutil

DAEMON_WORDS = ("dagster-daemon", "dagster._daemon")
"""One of them is in the command line of a daemon, also of the one that `dagster dev` and `dg dev` start."""


def daemons_of(folder: Path) -> list[int]:
    """The pids of the daemons with this DAGSTER_HOME, lowest first; those of other users cannot be seen."""
    found = []
    for process in psutil.process_iter():
        try:
            if not any(word in part for part in process.cmdline() for word in DAEMON_WORDS):
                continue
            if Path(process.environ().get("DAGSTER_HOME", "")) == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return sorted(found)
