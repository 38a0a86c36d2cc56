"""The watch over stored documents: which of them cannot be read, searched as often as a search costs little."""

import time
from collections.abc import Mapping

from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.storage.shapes import SHAPES
from tunemeld_pipeline.storage.store import Store

QUICK_SECONDS = 0.05
"""A search that takes no longer is made at every look."""

PAUSE = 200
"""Another collection rests this many times as long as its last search took: watching takes half a percent of a processor at most."""


class DocumentWatch:
    """What the last searches of each database and collection found."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[float, list[UnreadableDocument]]] = {}

    def look(self, store: Store) -> Mapping[str, list[UnreadableDocument]]:
        """The unreadable documents by collection; what was searched a moment ago is as it was then.

        Raises:
            StoreError: the database does not answer.
        """
        return {collection: self._of(store, collection) for collection in SHAPES}

    def _of(self, store: Store, collection: str) -> list[UnreadableDocument]:
        key = (store.handle.database.name, collection)
        again_at, found = self._found.get(key, (float("-inf"), []))
        begin = time.monotonic()
        if begin >= again_at:
            found = [error for _, error in store.quarantine.unreadable(collection)]
            took = time.monotonic() - begin
            self._found[key] = (begin + PAUSE * took if took > QUICK_SECONDS else begin, found)
        return found
