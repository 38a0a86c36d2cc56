"""What may be kept for the names that visitors choose (dates, hosts, paths, headers): never more than a fixed amount, no matter how many
they make up."""

import threading
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar

LOCKS = 64
LONGEST = 260
"""Characters of a name that is remembered: a host of 253 with its port, and more than any path, browser or proxy needs."""

T = TypeVar("T")


class NamedLocks:
    """A fixed number of locks for any number of names. Two names may have the same lock."""

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def of(self, name: Hashable) -> threading.Lock:
        """The lock of a name."""
        return self._locks[hash(name) % LOCKS]


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keeps a function's results for the last `most` names, except for long names, whose results are found anew each time."""

    def remembering(function: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(most)(function)

        @wraps(function)
        def found(name: str) -> T:
            return kept(name) if len(name) <= LONGEST else function(name)

        return found

    return remembering
