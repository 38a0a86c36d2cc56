"""The collections: their indexes, their validators, and what a server reports about them.

The table is everything that `db init`, `db indexes` and the first run know about the layout; `charts/documents.py` explains the documents.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]

INCIDENT_KEPT = timedelta(days=400)
NAMESPACE_EXISTS = 48


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """A collection: its indexes, and the fields that every document must have, with their BSON types.

    `retired` names the indexes that an earlier release made and this one drops.
    """

    name: str
    indexes: tuple[IndexModel, ...] = ()
    required: Mapping[str, str | list[str]] | None = None
    retired: tuple[str, ...] = ()

    @property
    def validator(self) -> Json:
        """The `$jsonSchema` with which MongoDB validates inserts and updates."""
        if not self.required:
            return {}
        return {
            "$jsonSchema": {
                "bsonType": "object",
                "required": list(self.required),
                "properties": {name: {"bsonType": kind} for name, kind in self.required.items()},
            }
        }


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server's version, its replica set or None, and how many milliseconds one answer takes."""

    version: str
    replica_set: str | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """An index: `ok`, `missing` on the server, or `foreign`, which the table does not have."""

    collection: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """A collection's number of documents, their bytes, their bytes on disk, and the newest observation, if they have one."""

    name: str
    documents: int
    data_bytes: int
    storage_bytes: int
    newest: datetime | None


USAGE = "api_usage"
HISTORIES = "historical_track_views"

_DOCUMENT: dict[str, str | list[str]] = {
    "insert_timestamp": "date",
    "run_id": "string",
    "schema_version": "long",
    "upstream": "string",
}

COLLECTIONS = (
    CollectionSpec(
        "raw_playlists",
        (IndexModel([("genre_name", ASCENDING), ("service_name", ASCENDING)], unique=True),),
        {**_DOCUMENT, "genre_name": "string", "service_name": "string", "data_json": "string", "stale": "bool"},
    ),
    CollectionSpec(
        "track_playlist",
        (IndexModel([("genre_name", ASCENDING), ("service_name", ASCENDING)], unique=True),),
        {**_DOCUMENT, "genre_name": "string", "service_name": "string", "tracks": "array"},
    ),
    CollectionSpec(
        "view_counts_playlists",
        (IndexModel([("genre_name", ASCENDING)], unique=True),),
        {**_DOCUMENT, "genre_name": "string", "tracks": "array", "coverage": "object"},
    ),
    CollectionSpec(
        HISTORIES,
        (IndexModel([("isrc", ASCENDING), ("period", ASCENDING)], unique=True),),
        {**_DOCUMENT, "isrc": "string", "period": "string", "first_seen": "date", "view_counts": "object"},
        retired=("isrc_1",),
    ),
    CollectionSpec("materializations", (), {"version": "long", "as_of": "date", "finished_at": "date"}),
    CollectionSpec(
        "chart_history",
        (
            IndexModel([("genre_name", ASCENDING), ("date", DESCENDING)], unique=True),
            # Answers which days have a chart without reading the charts.
            IndexModel([("genre_name", ASCENDING), ("withdrawn", ASCENDING), ("date", ASCENDING)]),
        ),
        {**_DOCUMENT, "genre_name": "string", "date": "string", "chart": "array", "lists": "object"},
    ),
    CollectionSpec(
        "charted_tracks",
        (IndexModel([("genre_name", ASCENDING), ("ids", ASCENDING)]),),
        {**_DOCUMENT, "genre_name": "string", "track_id": "string", "ids": "array", "years": "object"},
    ),
    CollectionSpec("recordings", (), {**_DOCUMENT, "track_id": "string"}),
    CollectionSpec("playlist_cache"),
    CollectionSpec("isrc_cache", (), {"decided_at": "date", "method": "string"}),
    CollectionSpec("youtube_cache", (), {"decided_at": "date", "method": "string"}),
    CollectionSpec("spotify_cache", (), {"decided_at": "date", "method": "string"}),
    CollectionSpec(
        USAGE,
        (IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),),
        {"used": "long", "expires_at": "date"},
    ),
    CollectionSpec("backfill", (IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),)),
    CollectionSpec(
        "incidents",
        (
            IndexModel([("key", ASCENDING)], unique=True, partialFilterExpression={"open": True}, name="key_open"),
            IndexModel([("key", ASCENDING), ("closed_at", DESCENDING)]),
            IndexModel([("opened_at", DESCENDING)]),
            IndexModel([("closed_at", ASCENDING)], expireAfterSeconds=int(INCIDENT_KEPT.total_seconds())),
        ),
        {"key": "string", "kind": "string", "open": "bool", "opened_at": "date", "last_seen": "date"},
    ),
)

OLDER_COLLECTIONS = ("raw_playlists", "track_playlist", "view_counts_playlists", HISTORIES)
"""The collections that the older system also had; its documents have no `schema_version`."""

LAYOUT_VERSION = 5
"""Increased by one when a collection, index or validator of the table changes, or a schema version.

A backup names it, so no release restores documents that it cannot read.
"""


class Layout:
    """The collections of one database, as the server has them."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def prepare(self) -> None:
        """Creates missing collections, indexes and validators; one small read if nothing is missing.

        Raises:
            StoreError: there are documents of the older system or of an earlier release, which would be mixed with this one's.
        """
        with translated_errors():
            marker = self._database["layout"].find_one({"_id": "layout"})
            if marker and marker["version"] == LAYOUT_VERSION:
                return
            if older := self.to_take_over():
                raise StoreError(
                    f"the database holds {older}; db init takes them over, after a backup",
                    next_command="tunemeld db init --dry-run",
                )
            self.create()

    def create(self) -> None:
        """Creates missing collections, indexes and validators, and drops retired indexes, whatever the documents are."""
        with translated_errors():
            for spec in COLLECTIONS:
                self._create(spec)
                if spec.indexes:
                    self._database[spec.name].create_indexes(list(spec.indexes))
                self._drop_retired(spec)
            self._database["layout"].replace_one(
                {"_id": "layout"}, {"_id": "layout", "version": LAYOUT_VERSION}, upsert=True
            )

    def retire_indexes(self) -> None:
        """Drops the indexes of earlier releases, which would refuse this one's documents."""
        # Readers need the new ones meanwhile; what the older system wrote may hold a row more than once, which they would refuse.
        replaced = not self.holds_older_documents()
        with translated_errors():
            for spec in COLLECTIONS:
                if spec.retired and replaced:
                    self._database[spec.name].create_indexes(list(spec.indexes))
                self._drop_retired(spec)

    def _drop_retired(self, spec: CollectionSpec) -> None:
        if spec.retired:
            for name in sorted(self._database[spec.name].index_information().keys() & set(spec.retired)):
                self._database[spec.name].drop_index(name)

    def _create(self, spec: CollectionSpec) -> None:
        rules: Json = {"validator": spec.validator, "validationLevel": "moderate"}
        try:
            self._database.database.command("create", spec.name, **rules)
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:  # from an earlier release, or created by another run just now
                raise
            self._database.database.command("collMod", spec.name, **rules)

    def ready(self) -> bool:
        """Whether the collections have this release's layout."""
        with translated_errors():
            marker = self._database["layout"].find_one({"_id": "layout"})
            return marker is not None and marker["version"] == LAYOUT_VERSION

    def to_take_over(self) -> str | None:
        """What the database holds that this release does not write to: `db init` turns it into this release's documents."""
        if self.holds_older_documents():
            return "documents of the older system"
        return "histories of an earlier release, in one document each" if self.holds_undivided_histories() else None

    def holds_older_documents(self) -> bool:
        """Whether any document has no schema version."""
        with translated_errors():
            return any(
                self._database[name].find_one({"schema_version": {"$in": [None, 0]}}, {"_id": 1})
                for name in OLDER_COLLECTIONS
            )

    def holds_undivided_histories(self) -> bool:
        """Whether any history is a single document, as earlier releases kept it."""
        with translated_errors():
            return self._database[HISTORIES].find_one({"schema_version": 1}, {"_id": 1}) is not None

    def forget(self) -> None:
        """From now on `prepare` looks at the documents again."""
        with translated_errors():
            self._database["layout"].delete_one({"_id": "layout"})

    def forget_indexes(self) -> None:
        """Drops the unique indexes of these collections, so they can hold the older system's documents; `prepare` rebuilds them."""
        self.forget()
        with translated_errors():
            for spec in COLLECTIONS:
                if spec.name in OLDER_COLLECTIONS:
                    self._database[spec.name].drop_indexes()

    def server(self) -> ServerFacts:
        """What the server says about itself, and how long it takes to answer."""
        with translated_errors():
            hello = self._database.client.admin.command("hello")
            began = time.perf_counter()
            self._database.client.admin.command("ping")
            milliseconds = (time.perf_counter() - began) * 1000
            version = self._database.client.server_info()["version"]
        return ServerFacts(version, hello.get("setName"), milliseconds)

    def indexes(self) -> list[IndexFacts]:
        """Every index in the table or on the server, by collection and name, without those on `_id`."""
        found: list[IndexFacts] = []
        with translated_errors():
            for spec in COLLECTIONS:
                wanted = {index.document["name"] for index in spec.indexes}
                there = self._database[spec.name].index_information().keys() - {"_id_"}
                for name in sorted(wanted | there):
                    state = "ok" if name in wanted and name in there else "missing" if name in wanted else "foreign"
                    found.append(IndexFacts(spec.name, name, state))
        return found

    def statistics(self) -> list[CollectionFacts]:
        """How many documents each collection holds, how large they are, and the newest observation among them."""
        with translated_errors():
            found = []
            for spec in COLLECTIONS:
                sizes = self._database.database.command("collStats", spec.name)
                newest = self._database[spec.name].aggregate(
                    [{"$group": {"_id": None, "at": {"$max": {"$ifNull": ["$insert_timestamp", "$finished_at"]}}}}]
                )
                at = next((row["at"] for row in newest), None)
                found.append(CollectionFacts(spec.name, sizes["count"], sizes["size"], sizes["storageSize"], at))
            return found

    def document_counts(self) -> dict[str, int]:
        """How many documents each collection holds, according to the server's metadata."""
        with translated_errors():
            return {spec.name: self._database[spec.name].estimated_document_count() for spec in COLLECTIONS}
