"""The open database that every class of this package uses: its collections, one session for reading, bulk writes, transactions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel
from pymongo import MongoClient, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.errors import DatabaseUnavailable, UnreadableDocument
from tunemeld_pipeline.storage.encoding import read
from tunemeld_pipeline.storage.errors import UNREACHABLE, translated_errors
from tunemeld_pipeline.storage.fence import Fence

Json = dict[str, Any]
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

UPSERT_RACES = 5


class Handle:
    """One open database.

    Args:
        database: where the collections are.
        batch_size: the most operations in one bulk write.
        session: the session for reading; None reads the latest state each time.
        withheld: what is withheld, if this is for visitors: no document is read without it.
        fence: what every write passes, if this is for a run.

    Attributes:
        unreadable: what was left out since this was opened, because it could not be read; by collection and id.
    """

    def __init__(
        self,
        database: "Database[Json]",
        batch_size: int = 100,
        session: ClientSession | None = None,
        withheld: Withheld | None = None,
        fence: Fence | None = None,
    ) -> None:
        self.database = database
        self.batch_size = batch_size
        self.session = session
        self.withheld = withheld
        self.fence = fence
        self.unreadable: dict[tuple[str, str], UnreadableDocument] = {}

    def __getitem__(self, name: str) -> "Collection[Json]":
        return self.database[name]

    @property
    def client(self) -> "MongoClient[Json]":
        """The client that the database was opened with."""
        return self.database.client

    def readable(self, collection: str, model: type[M], documents: Iterable[Json]) -> Iterator[M]:
        """The documents as their model. One that cannot be read is left out and noted; the others do not suffer from it."""
        for document in documents:
            one = self.readable_one(collection, model, document)
            if one is not None:
                yield one

    def readable_one(self, collection: str, model: type[M], document: Json | None) -> M | None:
        """The document as its model; None where there is none, it may not be shown, or it cannot be read, which is noted."""
        if document is None:
            return None
        try:
            return self.read(collection, model, document)
        except UnreadableDocument as error:
            self.leave_out(error)
            return None

    def read(self, collection: str, model: type[M], document: Json) -> M | None:
        """The document as its model; for visitors what they may see of it, perhaps nothing.

        Raises:
            UnreadableDocument: it cannot be read.
        """
        one = read(model, document, collection)
        return one if self.withheld is None else self.withheld.shown(one)

    def leave_out(self, error: UnreadableDocument) -> None:
        """Notes that this document was left out."""
        self.unreadable[error.collection, error.document_id] = error

    def bulk(
        self,
        collection: "Collection[Json]",
        operations: Iterable[ReplaceOne[Json] | UpdateOne],
        session: ClientSession | None = None,
    ) -> None:
        """Writes the operations in any order, one batch after the other."""
        left = iter(operations)
        while batch := list(islice(left, self.batch_size)):
            if session is None:
                self.write(partial(self._write_batch, collection, batch))
            else:
                self._write_batch(collection, batch, session)

    @staticmethod
    def _write_batch(
        collection: "Collection[Json]", batch: Sequence[ReplaceOne[Json] | UpdateOne], session: ClientSession | None
    ) -> None:
        collection.bulk_write(batch, ordered=False, session=session)

    def write(self, write: Callable[[ClientSession | None], T]) -> T:
        """Does a single write: as it is, or for a run in a transaction that confirms its lease.

        Raises:
            LeaseLost: this is for a run whose lease was taken away.
        """
        if self.fence is not None:
            return self.transaction(write)
        with translated_errors():
            return write(None)

    def transaction(self, write: Callable[[ClientSession], T]) -> T:
        """Does `write` in a transaction, and again if another run inserted the same key at that moment.

        Raises:
            LeaseLost: this is for a run whose lease was taken away.
        """

        def write_at_once(session: ClientSession) -> T:
            try:
                if self.fence is not None:
                    self.fence.confirm(session)
                return write(session)
            except ServerSelectionTimeoutError as error:
                # MongoDB's driver considers this a transient problem of the transaction, and would retry for two minutes.
                raise DatabaseUnavailable(UNREACHABLE) from error

        with self._alone(), translated_errors(), self.client.start_session() as session:
            for attempt in range(UPSERT_RACES):
                try:
                    return session.with_transaction(
                        write_at_once, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
                    )
                except (BulkWriteError, DuplicateKeyError) as error:
                    # Another run inserted the same key after this one's snapshot; MongoDB does not call that transient.
                    if attempt == UPSERT_RACES - 1 or not _is_duplicate_key(error):
                        raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def refuse_if_lost(self) -> None:
        """Goes on, unless this is for a run that is known to have lost its lease. Asks nobody.

        Raises:
            LeaseLost: it is.
        """
        if self.fence is not None:
            self.fence.refuse_if_lost()

    def _alone(self) -> AbstractContextManager[object]:
        return nullcontext() if self.fence is None else self.fence.one_at_a_time


def _is_duplicate_key(error: OperationFailure) -> bool:
    failed = (error.details or {}).get("writeErrors", [])
    return error.code == 11000 or (bool(failed) and all(one.get("code") == 11000 for one in failed))
