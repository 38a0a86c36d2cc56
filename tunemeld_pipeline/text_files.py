"""Reads the operator's small text files, whole or not at all.

All of them are ordinary UTF-8 files of limited size. What they say is parsed in `settings/sources.py`, `charts/catalog.py`,
`charts/matching/overrides.py` and `backups/backup.py`.
"""

import errno
import stat
import tomllib
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000
"""A catalogue of a thousand genres takes a third of it."""


def read_small_text(path: Path) -> str:
    """The text of an ordinary UTF-8 file of at most 1 MB.

    Raises:
        OSError: it cannot be read, is a folder, a pipe or a device, or is larger; `strerror` says which.
        UnicodeDecodeError: it is not UTF-8.
    """
    if "\x00" in str(path):
        raise OSError(errno.EINVAL, "its name holds a NUL character")
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):  # reading a pipe would wait for ever
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 1_000_000} MB")
    return content.decode("utf-8")


def toml_tables(text: str) -> dict[str, Any]:
    """Parses a TOML text.

    Raises:
        ValueError: it is not TOML, or it is nested more deeply than any such file needs.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
