"""The collections: their indexes, their validators, and what a server reports about them.

The table is everything that `db init`, `db indexes` and the first run know about the layout; `shapes.py` has their documents' models.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import bson
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from tunemeld_pipeline.errors import NewerLayout, StoreError
from tunemeld_pipeline.limits import MONGODB_SUPPORT_ENDS
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.shapes import SHAPES

Json = dict[str, Any]

INCIDENT_KEPT = timedelta(days=400)
PUT_ASIDE_KEPT = timedelta(days=400)
NAMESPACE_EXISTS = 48
COMMAND_BYTES = 8 * 1024 * 1024
"""Bytes of documents in one command, of which MongoDB takes 16 MB; a single larger document goes alone."""


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """A collection and its indexes; `retired` names those that an earlier release made and this one drops."""

    name: str
    indexes: tuple[IndexModel, ...] = ()
    retired: tuple[str, ...] = ()

    @property
    def expires(self) -> bool:
        """Whether MongoDB itself removes documents after a time."""
        return any("expireAfterSeconds" in index.document for index in self.indexes)

    @property
    def validator(self) -> Json:
        """The `$jsonSchema` with which MongoDB validates inserts, and updates of documents that were valid."""
        return {"$jsonSchema": SHAPES[self.name].schema} if self.name in SHAPES else {}


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server's version, its replica set or None, and how many milliseconds one answer takes."""

    version: str
    replica_set: str | None
    milliseconds: float

    def support_ended(self, on: date) -> date | None:
        """The day on which the support of this version ended, if that was before `on`; None also for a later version than is known."""
        major = int(self.version.partition(".")[0])
        ended = MONGODB_SUPPORT_ENDS.get(max(major, min(MONGODB_SUPPORT_ENDS)))
        return ended if ended is not None and ended < on else None


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

COLLECTIONS = (
    CollectionSpec(
        "raw_playlists", (IndexModel([("genre_name", ASCENDING), ("service_name", ASCENDING)], unique=True),)
    ),
    CollectionSpec(
        "wider_lists",
        (
            IndexModel(
                [("genre_name", ASCENDING), ("service_name", ASCENDING), ("insert_timestamp", DESCENDING)], unique=True
            ),
        ),
    ),
    CollectionSpec("source_states"),
    CollectionSpec(
        "track_playlist", (IndexModel([("genre_name", ASCENDING), ("service_name", ASCENDING)], unique=True),)
    ),
    CollectionSpec("view_counts_playlists", (IndexModel([("genre_name", ASCENDING)], unique=True),)),
    CollectionSpec(
        HISTORIES, (IndexModel([("isrc", ASCENDING), ("period", ASCENDING)], unique=True),), retired=("isrc_1",)
    ),
    CollectionSpec("materializations"),
    CollectionSpec(
        "chart_history",
        (
            IndexModel([("genre_name", ASCENDING), ("date", DESCENDING)], unique=True),
            # Answers which days have a chart without reading the charts.
            IndexModel([("genre_name", ASCENDING), ("withdrawn", ASCENDING), ("date", ASCENDING)]),
        ),
    ),
    CollectionSpec("charted_tracks", (IndexModel([("genre_name", ASCENDING), ("ids", ASCENDING)]),)),
    CollectionSpec(
        "positions",
        (
            IndexModel([("track_id", ASCENDING), ("genre_name", ASCENDING), ("period", ASCENDING)], unique=True),
            IndexModel([("genre_name", ASCENDING), ("period", ASCENDING)]),
        ),
    ),
    CollectionSpec(
        "recordings",
        (
            IndexModel([("ids", ASCENDING)]),
            IndexModel([("isrcs", ASCENDING)]),
            IndexModel([("terms", ASCENDING), ("prominence", DESCENDING)]),
            IndexModel([("artists.slug", ASCENDING), ("prominence", DESCENDING), ("_id", DESCENDING)]),
        ),
    ),
    CollectionSpec(
        "artists",
        (IndexModel([("key", ASCENDING)]), IndexModel([("terms", ASCENDING), ("prominence", DESCENDING)])),
    ),
    CollectionSpec("search_words", (IndexModel([("keys", ASCENDING)]),)),
    CollectionSpec("withheld"),
    CollectionSpec("playlist_cache"),
    CollectionSpec("isrc_cache"),
    CollectionSpec("youtube_cache"),
    CollectionSpec("spotify_cache"),
    CollectionSpec(USAGE, (IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),)),
    CollectionSpec("backfill", (IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),)),
    CollectionSpec(
        "incidents",
        (
            IndexModel([("key", ASCENDING)], unique=True, partialFilterExpression={"open": True}, name="key_open"),
            IndexModel([("key", ASCENDING), ("closed_at", DESCENDING)]),
            IndexModel([("opened_at", DESCENDING)]),
            IndexModel([("closed_at", ASCENDING)], expireAfterSeconds=int(INCIDENT_KEPT.total_seconds())),
        ),
    ),
    CollectionSpec(
        "quarantine", (IndexModel([("at", ASCENDING)], expireAfterSeconds=int(PUT_ASIDE_KEPT.total_seconds())),)
    ),
)

OLDER_COLLECTIONS = ("raw_playlists", "track_playlist", "view_counts_playlists", HISTORIES)
"""The collections that the older system also had; its documents have no `schema_version`."""

LAYOUT_VERSION = 12
"""Increased by one when a collection, index or validator of the table changes, or a schema version.

A backup names it, so no release restores documents that it cannot read.
"""


class Layout:
    """The collections of one database, as the server has them."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def prepare(self, *, going_back: bool = False, restoring: bool = False) -> None:
        """Creates missing collections, indexes and validators; one small read if nothing is missing.

        Args:
            going_back: also where a newer release has prepared them.
            restoring: for a restore itself, which no unfinished one hinders.

        Raises:
            NewerLayout: a newer release has prepared them.
            StoreError: there are documents of the older system or of an earlier release, which would be mixed with this one's, or a
                restore was cut off.
        """
        with translated_errors():
            markers = {one["_id"]: one for one in self._database["layout"].find()}
            version = _version(markers.get("layout"))
            if not restoring and (unfinished := markers.get("restore")):
                raise StoreError(_cut_off(unfinished), next_command=_again(unfinished))
            if version == LAYOUT_VERSION:
                return
            if version is not None and version > LAYOUT_VERSION and not going_back:
                raise NewerLayout(
                    f"the collections were prepared by a newer release (layout {version}, here {LAYOUT_VERSION}); use"
                    " that one, or go back to this release as docs/operations.md says"
                )
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
            return self.version() == LAYOUT_VERSION

    def is_marked(self) -> bool:
        """Whether anything says which layout the collections have, readable or not."""
        with translated_errors():
            return self._database["layout"].find_one({"_id": "layout"}) is not None

    def version(self) -> int | None:
        """The layout of the collections; None where they were never prepared, or nothing readable says so."""
        with translated_errors():
            return _version(self._database["layout"].find_one({"_id": "layout"}))

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
            return self._database[HISTORIES].find_one({"schema_version": 1, "period": None}, {"_id": 1}) is not None

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

    def begin_restore(self, folder: str, at: datetime) -> None:
        """Notes that a restore is under way, until `end_restore`: the documents are neither the old ones nor all of the backup's."""
        with translated_errors():
            self._database["layout"].replace_one(
                {"_id": "restore"}, {"_id": "restore", "folder": folder, "began_at": at}, upsert=True
            )

    def end_restore(self) -> None:
        """Takes that note back."""
        with translated_errors():
            self._database["layout"].delete_one({"_id": "restore"})

    def unfinished_restore(self) -> tuple[str, str] | None:
        """What to say of a restore that has begun and not ended, and the command that completes it; None where all have ended."""
        with translated_errors():
            marker = self._database["layout"].find_one({"_id": "restore"})
        return (_cut_off(marker), _again(marker)) if marker else None

    def misshapen(self, collection: str, documents: Sequence[Json]) -> Any:
        """The id of a document that MongoDB would refuse by the collection's validator; None where it takes all. Writes nothing."""
        validator = next(spec.validator for spec in COLLECTIONS if spec.name == collection)
        if not validator:
            return None
        with translated_errors():
            for some in _small_enough(documents):
                found = self._database.database.aggregate(
                    [
                        {"$documents": {"$literal": some}},
                        {"$match": {"$nor": [validator]}},
                        {"$limit": 1},
                        {"$project": {"_id": 1}},
                    ]
                )
                if (first := next(found, None)) is not None:
                    return first["_id"]
        return None

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
                observed = {"$ifNull": ["$insert_timestamp", "$finished_at"]}
                is_date = {"$eq": [{"$type": observed}, "date"]}
                newest = self._database[spec.name].aggregate(
                    [{"$group": {"_id": None, "at": {"$max": {"$cond": [is_date, observed, None]}}}}]
                )
                at = next((row["at"] for row in newest if isinstance(row["at"], datetime)), None)
                found.append(CollectionFacts(spec.name, sizes["count"], sizes["size"], sizes["storageSize"], at))
            return found

    def document_counts(self) -> dict[str, int]:
        """How many documents each collection holds, according to the server's metadata."""
        with translated_errors():
            return {spec.name: self._database[spec.name].estimated_document_count() for spec in COLLECTIONS}


def _version(marker: Json | None) -> int | None:
    version = (marker or {}).get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _cut_off(marker: Json) -> str:
    return (
        f"a restore of {marker['folder']} began on {marker['began_at']:%Y-%m-%d %H:%M} UTC and has not ended, so the documents are mixed;"
        " restore again"
    )


def _again(marker: Json) -> str:
    return f"tunemeld db restore {marker['folder']}"


def _small_enough(documents: Sequence[Json]) -> Iterator[list[Json]]:
    """The documents in parts that fit one command."""
    part: list[Json] = []
    size = 0
    for document in documents:
        own = len(bson.encode(document))
        if part and size + own > COMMAND_BYTES:
            yield part
            part, size = [], 0
        part.append(document)
        size += own
    if part:
        yield part
