"""Looking up ISRCs by a service's own track ids: for services whose lists leave them out, and whose tracks have them.

What is remembered, tried again and verified is as in `lookups.py`; a call costs nothing here but time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.lookups import Facts, LookupReport, Wanted, look_up

BY_ID = "id:"
"""What the key of such a look-up begins with in `isrc_cache`: a track without an ISRC may still be found by its words."""


class TrackSource(Protocol):
    """The calls to a service that has ISRCs at its tracks."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def recording(self, track_id: str) -> Row | None:
        """What the service says of a track, as a row that can be compared; None where it has no such track."""


def look_up_isrcs_by_id(
    store: Store, service: TrackSource, rows: Sequence[PlaylistRow], at: datetime
) -> tuple[dict[str, str], LookupReport]:
    """The ISRCs of rows that have none, by the rows' keys: each from `isrc_cache` or from the service's own track.

    A track that is judged to be another recording than its row, since the service shows something else in its place, gives none.
    """
    by_key = {f"{BY_ID}{row.key}": row for row in rows}

    def search(want: Wanted) -> Facts | None:
        found = service.recording(by_key[want.key].service_track_id)
        if found is None or found.isrc is None or judge(want.row, found).verdict is not Verdict.SAME:
            return None
        return {"isrc": found.isrc}

    wanted = [Wanted(key, row.described) for key, row in by_key.items()]
    report = look_up(store, "isrc_cache", wanted, search, service.client, at)
    return {by_key[key].key: facts["isrc"] for key, facts in report.facts.items()}, report
