"""Observations older than the current documents, each kept where only its own run reads it.

Newer data is never replaced with older. Two schedulers, or a person and the schedule, may start seconds apart, and a past day may be run
again: such a run writes to `backfill`, and its next step reads from there.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import AGGREGATE, AggregatePlaylist, Chart, RawPlaylist, ServicePlaylist
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.plugins.registry import in_order
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

Json = dict[str, Any]
T = TypeVar("T", bound=BaseModel)

BACKFILL_KEPT = timedelta(days=7)


class Observations:
    """The older documents that runs of one genre read and write, apart from the current ones."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine

    def only(
        self,
        collection: str,
        model: type[T],
        genre: str,
        as_of: datetime,
        more: Json | None = None,
        *,
        or_else: NothingStored,
    ) -> T:
        """The one document that a run at `as_of` works on.

        Raises:
            UnreadableDocument: it is there, but cannot be read.
            NothingStored: `or_else`, where there is none.
        """
        known = set(self._database.unreadable)
        found = self.observed(collection, model, genre, as_of, more)
        if not found:
            for place, error in self._database.unreadable.items():
                if place not in known and error.collection == collection:
                    raise error
            raise or_else
        return found[0]

    def observed(
        self,
        collection: str,
        model: type[T],
        genre: str,
        as_of: datetime,
        more: Json | None = None,
        without: str | None = None,
    ) -> list[T]:
        """The documents that a run at `as_of` works on, without those that cannot be read."""
        # Current documents first: a transaction that ends in between leaves a document in one place or in both.
        with translated_errors():
            current = {
                str(document.get("service_name", AGGREGATE)): document
                for document in self._database[collection].find(
                    {"genre_name": genre, "insert_timestamp": {"$lte": as_of}, **(more or {})},
                    {without: 0} if without else None,
                    session=self._database.session,
                )
            }
            # The index leads to the genre's keys, of which this reads only those of the one moment.
            of_this_moment = f"^{re.escape(f'{collection}/{genre}/')}[^/]+{re.escape(f'/{as_of.isoformat()}')}$"
            own = self._database["backfill"].find(
                {"_id": {"$regex": of_this_moment}},
                {f"document.{without}": 0} if without else None,
                session=self._database.session,
            )
            wanted = (more or {}).get("service_name")
            for entry in own:
                document = entry.get("document")
                if not isinstance(document, dict):
                    continue
                name = document.get("service_name", AGGREGATE)
                if wanted is None or name == wanted or (isinstance(wanted, dict) and name != wanted["$ne"]):
                    current[name] = document
        left_out = {without: ""} if without else {}
        names = [*in_order(current.keys() - {AGGREGATE}), *({AGGREGATE} & current.keys())]
        wholes = ({**current[name], **left_out} for name in names)
        return list(self._database.readable(collection, model, wholes))

    def replace_unless_newer(
        self, collection: str, key: Json, document: RawPlaylist | Chart, session: ClientSession
    ) -> bool:
        target = self._database[collection]
        self._quarantine.make_way(collection, key, document.run_id, session)
        newer = {**key, "insert_timestamp": {"$gt": document.insert_timestamp}}
        if target.find_one(newer, {"_id": 1}, session=session):
            return False
        self.keep_what_is_overtaken(collection, key, document, session)
        target.replace_one(key, to_bson(document), upsert=True, session=session)
        return True

    def keep_what_is_overtaken(
        self, collection: str, key: Json, by: RawPlaylist | AggregatePlaylist | Chart, session: ClientSession
    ) -> None:
        """Moves documents that `by` is about to replace to where their own run finds them, if that run has not published yet.

        Two schedulers, or a person and the schedule, may start seconds apart; the earlier one continues with its own observation. It
        happens in the transaction that replaces them, since anything written in between would be lost.
        """
        older = {**key, "insert_timestamp": {"$lt": by.insert_timestamp}}
        target = self._database[collection]
        runs = {one["run_id"] for one in target.find(older, {"run_id": 1}, session=session)}
        published = (
            self._database["materializations"].find_one({"_id": by.genre_name}, {"run_id": 1}, session=session)
            if runs
            else None
        )
        runs.discard(published["run_id"] if published else None)
        if not runs:
            return
        for document in target.find({**older, "run_id": {"$in": sorted(runs)}}, {"_id": 0}, session=session):
            self._keep(collection, by.genre_name, document["service_name"], document, session)

    def put(
        self,
        collection: str,
        genre: str,
        service: str,
        document: RawPlaylist | ServicePlaylist | AggregatePlaylist | Chart,
    ) -> None:
        """Keeps a document that is older than the current one."""
        kept = to_bson(document)
        self._database.write(lambda own: self._keep(collection, genre, service, kept, own))

    def _keep(self, collection: str, genre: str, service: str, document: Json, session: ClientSession | None) -> None:
        own = {"_id": _backfill_key(collection, genre, service, document["insert_timestamp"])}
        kept = {**own, "document": document, "expires_at": datetime.now(UTC) + BACKFILL_KEPT}
        self._database["backfill"].replace_one(own, kept, upsert=True, session=session)


def _backfill_key(collection: str, genre: str, service: str, as_of: datetime) -> str:
    return f"{collection}/{genre}/{service}/{as_of.isoformat()}"
