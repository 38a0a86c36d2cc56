"""The rendered pages that a worker holds in memory: those of one genre together, the genres used longest ago leaving first.

`worker.py` decides what is rendered and when; pages that are made for single requests are in `on_demand.py`.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django_backend.caching import Rendering

PAGE_BYTES = 4_096
"""What a page takes besides its bodies: its headers, once for each encoding and once more for 304."""

NEVER = float("-inf")


@dataclass(slots=True, eq=False)
class _Group:
    """Pages that were rendered together; `used` is when one of them was last asked for, on the monotonic clock."""

    pages: Mapping[str, Rendering]
    version: int
    size: int
    used: float
    stays: bool


class HeldPages:
    """Pages by path, in groups that are replaced and dropped as a whole, so that no reader sees two versions of a genre at once.

    Args:
        most_bytes: the memory for all of them. A group that alone is larger is held all the same, alone.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._groups: dict[str, _Group] = {}
        self._names: dict[str, str] = {}
        self._size = 0

    def get(self, path: str) -> Rendering | None:
        """The page of a path, whose group counts as used now. Takes no lock: every request comes here."""
        name = self._names.get(path)
        group = None if name is None else self._groups.get(name)
        if group is None:
            return None
        group.used = time.monotonic()
        return group.pages.get(path)

    def version(self, name: str) -> int | None:
        """The version that a group was made from; None if it is not held."""
        group = self._groups.get(name)
        return group.version if group else None

    @property
    def pages(self) -> dict[str, Rendering]:
        """All that is held, by path."""
        with self._lock:
            return {path: page for group in self._groups.values() for path, page in group.pages.items()}

    @property
    def size(self) -> int:
        """The bytes that all of it takes."""
        return self._size

    def names(self) -> list[str]:
        """The groups that may leave, the one used last first."""
        with self._lock:
            return self._leaving()[::-1]

    def has_room(self) -> bool:
        """Whether another group, as large as the largest, would fit without any other leaving."""
        with self._lock:
            largest = max((one.size for one in self._groups.values()), default=0)
            return self._size + largest <= self._most_bytes

    def put(
        self, name: str, pages: Mapping[str, Rendering], version: int, *, used: bool = True, stays: bool = False
    ) -> None:
        """Replaces a group, and drops others where there is no room for it.

        Args:
            version: the version that it was made from.
            used: whether somebody asked for it; a group that was replaced keeps when it was used.
            stays: whether it is never dropped for want of room.
        """
        size = sum(page.size + PAGE_BYTES for page in pages.values())
        with self._lock:
            before = self._groups.get(name)
            last = time.monotonic() if used else before.used if before else NEVER
            # First the names: who finds the group held finds its pages too.
            self._names.update(dict.fromkeys(pages, name))
            self._groups[name] = _Group(pages, version, size, last, stays)
            self._size += size - (before.size if before else 0)
            if before is not None:
                self._forget(before.pages.keys() - pages.keys())
            for other in self._leaving():
                if self._size <= self._most_bytes:
                    break
                if other != name:
                    self._remove(other)

    def drop(self, name: str) -> None:
        """Drops a group, if it is held."""
        with self._lock:
            if name in self._groups:
                self._remove(name)

    def _leaving(self) -> list[str]:
        """The groups that may leave, the one used longest ago first."""
        return sorted(
            (name for name, one in self._groups.items() if not one.stays), key=lambda name: self._groups[name].used
        )

    def _remove(self, name: str) -> None:
        group = self._groups.pop(name)
        self._size -= group.size
        self._forget(group.pages)

    def _forget(self, paths: Mapping[str, Rendering] | set[str]) -> None:
        for path in paths:
            self._names.pop(path, None)
