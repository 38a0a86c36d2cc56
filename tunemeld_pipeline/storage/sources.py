"""What is known of each source of lists, in `source_states`: its last tries, and until when it rests."""

from collections.abc import Callable, Iterable, Mapping

from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.source_states import SourceState
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

COLLECTION = "source_states"

Change = Callable[[SourceState | None], SourceState]


class Sources:
    """`source_states`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine

    def states(self, names: Iterable[str] | None = None) -> dict[str, SourceState]:
        """What is known of these sources, by default of all; those that were never asked are left out."""
        asked = {} if names is None else {"_id": {"$in": list(names)}}
        with translated_errors():
            found = self._database[COLLECTION].find(asked, session=self._database.session).sort("_id")
            return {one.source: one for one in self._database.readable(COLLECTION, SourceState, found)}

    def change(self, changes: Mapping[str, Change], by: str) -> None:
        """Puts what each of these sources' states becomes in its place, in one transaction; several runs may do so at once.

        Args:
            changes: by source; a change may be computed more than once.
            by: the run, for what it puts aside because it cannot be read.
        """
        if not changes:
            return

        def write(session: ClientSession) -> None:
            collection = self._database[COLLECTION]
            for name, change in sorted(changes.items()):
                self._quarantine.make_way(COLLECTION, {"_id": name}, by, session)
                before = self._database.readable_one(
                    COLLECTION, SourceState, collection.find_one({"_id": name}, session=session)
                )
                now = change(before)
                if now != before:
                    collection.replace_one({"_id": name}, {"_id": name, **to_bson(now)}, upsert=True, session=session)

        self._database.transaction(write)
