"""ISRCs that are remembered for rows whose list leaves them out: said by another list, by the service's own track, or found by a look-up.

It calls nobody, and does not tell what a run may still ask again from what it may not: `lookups.py` does.
"""

from collections.abc import Iterable

from tunemeld_pipeline.plugins.registry import isrc_lookups
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.isrc_chain import CACHE
from tunemeld_pipeline.upstream.track_lookups import BY_ID

BY_LIST = "list:"
"""What the key of an ISRC that a list said begins with in `isrc_cache`; no look-up has such keys."""


def own_isrcs_remembered(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """By the keys of rows, the ISRC that their service said: in an earlier list, or at the track."""
    return _remembered(store, keys, (BY_LIST, BY_ID))


def found_isrcs_remembered(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """By the keys of rows, the ISRC that a look-up found, the first in their order."""
    return _remembered(store, keys, [one.begins for one in isrc_lookups()])


def _remembered(store: Store, keys: Iterable[str], beginnings: Iterable[str]) -> dict[str, str]:
    named = {f"{begins}{key}": key for begins in beginnings for key in keys}
    known = store.lookups.looked_up(CACHE, named)
    found: dict[str, str] = {}
    for name, key in named.items():
        answer = known.get(name)
        if answer is not None and answer.value is not None:
            found.setdefault(key, answer.value["isrc"])
    return found
