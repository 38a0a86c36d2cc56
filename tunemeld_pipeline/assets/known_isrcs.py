"""ISRCs that a service once said of its tracks, for lists that leave them out now: sources of one service say more or less of a track,
and a recording must not lose its id because another source is read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.remembered_isrcs import BY_LIST


def known_isrcs(store: Store, listings: Iterable[Listing], at: datetime) -> Mapping[str, str]:
    """By the keys of rows that have no ISRC, the one that an earlier list had for the same track. Those of today's rows are noted."""
    rows = [row for listing in listings for row in listing.rows]
    known = store.lookups.looked_up("isrc_cache", [f"{BY_LIST}{row.key}" for row in rows])
    before = {key.removeprefix(BY_LIST): one.value["isrc"] for key, one in known.items() if one.value}
    news = {
        f"{BY_LIST}{row.key}": {"isrc": row.described.isrc}
        for row in rows
        if row.described.isrc and before.get(row.key) != row.described.isrc
    }
    store.lookups.remember("isrc_cache", news, "list", at)
    return {row.key: before[row.key] for row in rows if not row.described.isrc and row.key in before}
