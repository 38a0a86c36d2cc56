"""Files that nobody else on this machine may read: creating one, and checking existing ones.

Folders are created with mode 0700 by the code that needs them.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE = ("", "mongo", "logs", "dagster", "drift")
"""The private folders of TUNEMELD_HOME: the home itself, the database with its socket, logs, Dagster's records, changed answers."""


def private(path: str, flags: int) -> int:
    """An opener for `open`: only the owner can read and write the files that it creates."""
    return os.open(path, flags, 0o600)


def open_to_others(path: Path) -> bool:
    """Whether group or others may read, write or enter it; a path that is missing, or cannot be examined, is open to nobody."""
    if os.name != "posix":
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def remedy(path: Path) -> str:
    """The command that closes it."""
    return f"chmod {'700' if path.is_dir() else '600'} {path}"


def open_paths(home: Path) -> Iterator[Path]:
    """The private folders in the home that are open to others."""
    for name in PRIVATE:
        path = home / name
        if open_to_others(path):
            yield path
