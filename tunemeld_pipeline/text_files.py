"""The operator's small text files, read whole or not at all.

What belongs here: what holds of all of them: UTF-8, an ordinary file, a size that fits. What does not: what they say
(`settings/fields.py`, `charts/catalog.py`, `matching/overrides.py`, `operations/backup.py`).
"""

import errno
import stat
import tomllib
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000
"""A catalogue of a thousand genres has a third of it."""


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
        raise OSError(errno.EINVAL, "it is no ordinary file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 1_000_000} MB")
    return content.decode("utf-8")


def toml_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ValueError: it is not TOML, or nested beyond what any such file needs.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
