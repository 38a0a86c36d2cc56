"""The pages that a worker made for single requests and keeps: past days, tracks, searches, chosen fields.

A page stays until the versions that it was made from have changed, or until newer pages need its memory.
"""

import threading
from collections.abc import Mapping

from cachetools import LRUCache

from django_backend.caching import Rendering


class OnDemand:
    """The kept pages by address: a path with its canonical query. The page used longest ago goes first.

    Args:
        most_bytes: the memory for all of them; 64 MB have room for some five hundred charts, or the counts of a hundred.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._pages: LRUCache[str, Rendering] = LRUCache(most_bytes, getsizeof=lambda page: page.size)

    def get(self, address: str, versions: Mapping[str, int] | None) -> Rendering | None:
        """The page of an address, if the versions that it was made from are still these; None for `versions` takes any."""
        with self._lock:
            page = self._pages.get(address)
        if page is None or versions is None:
            return page
        is_current = all(versions.get(name, 0) == version for name, version in page.made_from.items())
        return page if is_current else None

    def keep(self, address: str, page: Rendering) -> None:
        """Keeps a page, unless it alone is larger than all the memory."""
        if page.size <= self._most_bytes:
            with self._lock:
                self._pages[address] = page
