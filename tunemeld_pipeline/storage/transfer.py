"""Reads and writes whole collections, for backups, restores and the takeover of the older system."""

from collections.abc import Container, Generator, Iterable, Sequence
from typing import Any

from pymongo import DeleteMany, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import COLLECTIONS, USAGE

Json = dict[str, Any]


class Transfer:
    """Documents of any collection, exactly as stored."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def documents(self, collection: str) -> Generator[Json]:
        """All documents of a collection exactly as stored, ordered by id."""
        with translated_errors():
            yield from self._database[collection].find(session=self._database.session).sort("_id")

    def fields(self, collection: str, names: Iterable[str]) -> Generator[Json]:
        """These fields and the ids of all documents."""
        with translated_errors():
            yield from self._database[collection].find({}, dict.fromkeys(names, 1))

    def documents_by_id(self, collection: str, ids: Sequence[Any]) -> dict[Any, Json]:
        """Documents exactly as stored, by their ids."""
        with translated_errors():
            found = self._database[collection].find({"_id": {"$in": list(ids)}})
            return {document["_id"]: document for document in found}

    def restore_documents(self, collection: str, documents: Sequence[Json], *, rows_once: bool = True) -> None:
        """Replaces documents with the same id, and by default those with the same unique key, all in one step."""
        unique = [
            (list(index.document["key"]), index.document.get("partialFilterExpression", {}))
            for spec in COLLECTIONS
            if spec.name == collection and rows_once
            for index in spec.indexes
            if index.document.get("unique")
        ]
        replaced = [
            DeleteMany({**{field: document.get(field) for field in fields}, **only, "_id": {"$ne": document["_id"]}})
            for fields, only in unique
            for document in documents
            if only.items() <= document.items()  # an index of some documents says nothing about the others
        ]
        written = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents]

        def write(session: ClientSession) -> None:
            self._database[collection].bulk_write(
                [*replaced, *written], session=session, bypass_document_validation=True
            )

        self._database.transaction(write)

    def restore_usage(self, documents: Sequence[Json]) -> None:
        """Adds missing quota usage, all in one step; in existing documents only `used` rises, and `exhausted` is added.

        Spent units stay spent: upstreams do not go back in time with the database.
        """
        updates = []
        for document in documents:
            used = {"$max": ["$used", {"$literal": document.get("used")}]}
            both = {"$mergeObjects": [{"$literal": document}, "$$ROOT", {"used": used}]}
            updates.append(UpdateOne({"_id": document["_id"]}, [{"$replaceWith": both}], upsert=True))

        def write(session: ClientSession) -> None:
            self._database[USAGE].bulk_write(updates, session=session, bypass_document_validation=True)

        self._database.transaction(write)

    def remove_others(self, collection: str, kept: Container[Any]) -> int:
        """Removes all documents with other ids; returns how many there were."""
        with translated_errors():
            others = [row["_id"] for row in self._database[collection].find({}, {"_id": 1}) if row["_id"] not in kept]
            for start in range(0, len(others), self._database.batch_size):
                self._database[collection].delete_many(
                    {"_id": {"$in": others[start : start + self._database.batch_size]}}
                )
            return len(others)

    def exchange(self, collection: str, written: Sequence[Json], removed: Sequence[Any]) -> None:
        """Removes documents by their ids and puts others in their place or beside them, in one step."""
        operations: list[DeleteMany | ReplaceOne[Json]] = [
            *([DeleteMany({"_id": {"$in": list(removed)}})] if removed else []),
            *(ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in written),
        ]

        def write(session: ClientSession) -> None:
            self._database[collection].bulk_write(operations, session=session)

        if operations:
            self._database.transaction(write)
