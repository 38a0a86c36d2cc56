"""The only code that writes or reads collections.

What belongs here: the table of collections with their indexes and validators, and one verb per thing that the pipeline or the API
does with them. What does not: what the documents mean (`charts/documents.py`) and when they are written (`assets/`). Nothing here replaces
newer data with older: an older observation goes to `backfill`, where only its own run reads it.
"""

import time
from collections.abc import Callable, Container, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar, Unpack

from bson import Int64
from pymongo import ASCENDING, DESCENDING, DeleteMany, IndexModel, MongoClient, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    InvalidURI,
    OperationFailure,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    SCHEMA_VERSION,
    AggregatePlaylist,
    Chart,
    ChartDay,
    ChartedDay,
    Incident,
    LookedUp,
    Lookup,
    Materialization,
    PlaylistDescription,
    Publication,
    PublishedVersion,
    RawPlaylist,
    Reading,
    RecordingFacts,
    ServicePlaylist,
    TrackHistory,
)
from tunemeld_pipeline.charts.history import RECENT_READINGS
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import (
    DatabaseUnavailable,
    NothingStored,
    NothingToPublish,
    SettingsError,
    StoreError,
)
from tunemeld_pipeline.logs.measuring import DatabaseTimer
from tunemeld_pipeline.storage.budgets import BudgetTerms, StoredBudget
from tunemeld_pipeline.storage.errors import UNREACHABLE, translated_errors
from tunemeld_pipeline.storage.histories import reading_update

Json = dict[str, Any]
T = TypeVar("T")

SERVER_SELECTION_SECONDS = 5
SOCKET_SECONDS = 60
BACKFILL_KEPT = timedelta(days=7)
DESCRIPTION_KEPT = timedelta(days=7)
INCIDENT_KEPT = timedelta(days=400)
SAME_INCIDENT_WITHIN = timedelta(hours=1)
"""A trouble that comes back so soon after it was over was never over."""
NOTHING_UNDER_WAY: Json = {"told_to": [], "next_try_at": None, "telling_since": None}
"""An incident's fields when no message of it is under way; its `tries` say whether there was one."""

UNTOLD: Json = {**dict.fromkeys(("told_at", "reminded_at", "over_told_at")), **NOTHING_UNDER_WAY, "tries": 0}
"""An incident's fields when nothing has been told of it."""

LONGEST_RETRY_DAYS = 32
UPSERT_RACES = 5
NAMESPACE_EXISTS = 48
REMEMBERED: Json = {"withdrawn": {"$ne": True}}


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """A collection: its indexes, and the fields that every document must have, with their BSON types."""

    name: str
    indexes: tuple[IndexModel, ...] = ()
    required: Mapping[str, str | list[str]] | None = None

    @property
    def validator(self) -> Json:
        """The `$jsonSchema` that MongoDB holds inserts and updates to."""
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
    """A server's version, its replica set or None, and the milliseconds of one answer."""

    version: str
    replica_set: str | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """An index: `ok`, `missing` on the server, or `foreign`, which nobody here asks for."""

    collection: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """A collection's documents, their bytes, their bytes on the disk, and the newest observation, where they have one."""

    name: str
    documents: int
    data_bytes: int
    storage_bytes: int
    newest: datetime | None


USAGE = "api_usage"

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
        "historical_track_views",
        (IndexModel([("isrc", ASCENDING)], unique=True),),
        {**_DOCUMENT, "isrc": "string", "first_seen": "date", "view_counts": "object"},
    ),
    CollectionSpec("materializations", (), {"version": "long", "as_of": "date", "finished_at": "date"}),
    CollectionSpec(
        "chart_history",
        (IndexModel([("genre_name", ASCENDING), ("date", DESCENDING)], unique=True),),
        {**_DOCUMENT, "genre_name": "string", "date": "string", "chart": "array", "lists": "object"},
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

OLDER_COLLECTIONS = ("raw_playlists", "track_playlist", "view_counts_playlists", "historical_track_views")
"""The collections that the older system had too; it gave its documents no `schema_version`."""

LAYOUT_VERSION = 3
"""Raised by one when a collection, index or validator of the table changes."""


def connect(url: str, find_within: float | None = None, answer_within: float | None = None) -> "MongoClient[Json]":
    """A client for `url` with the project's choices: aware times, majority writes, five seconds to find the server.

    Args:
        find_within: seconds after which a server that cannot be found counts as unreachable; by default five.
        answer_within: seconds that one operation may go without an answer; by default a minute.

    Raises:
        SettingsError: it is no address of a MongoDB.
        DatabaseUnavailable: it is one whose servers cannot be found by name (mongodb+srv://).
    """
    find = int((find_within or SERVER_SELECTION_SECONDS) * 1000)
    try:
        with translated_errors():
            return MongoClient(
                url,
                tz_aware=True,
                appname="tunemeld",
                serverSelectionTimeoutMS=find,
                connectTimeoutMS=find,
                socketTimeoutMS=int((answer_within or SOCKET_SECONDS) * 1000),
                w="majority",
                event_listeners=[DatabaseTimer()],
            )
    except (InvalidURI, ValueError):
        # From None: PyMongo's own words may quote a part of a password that was not percent-encoded.
        raise SettingsError(
            "MONGODB_URL is no address that MongoDB's driver can read; write mongodb://USER:PASSWORD@HOST:PORT/, and in user"
            " and password %40 for @, %2F for / and so on"
        ) from None


class Store:
    """The collections of one database.

    Args:
        database: where they are.
        batch_size: the most operations that one bulk write holds.
        session: what the verbs that readers use read through; None reads what stands at each moment.
    """

    def __init__(self, database: "Database[Json]", batch_size: int = 100, session: ClientSession | None = None) -> None:
        self._database = database
        self._batch_size = batch_size
        self._session = session

    @contextmanager
    def snapshot(self) -> Generator["Store"]:
        """A store whose readers' verbs all see the collections as they stood at one moment, for as long as the block lasts."""
        with translated_errors(), self._database.client.start_session(snapshot=True) as session:
            yield Store(self._database, self._batch_size, session)

    # -- layout

    def prepare(self) -> None:
        """Creates collections, indexes and validators where they are missing; one small read where they are not.

        Raises:
            StoreError: documents of the older system are there, which would be mixed with this one's.
        """
        with translated_errors():
            marker = self._database["layout"].find_one({"_id": "layout"})
            if marker and marker["version"] == LAYOUT_VERSION:
                return
            if self.holds_older_documents():
                raise StoreError(
                    "the database holds documents of the older system; `tunemeld db init` takes them over, after a backup"
                    " (--dry-run says what it would do)"
                )
            for spec in COLLECTIONS:
                self._create(spec)
                if spec.indexes:
                    self._database[spec.name].create_indexes(list(spec.indexes))
            self._database["layout"].replace_one(
                {"_id": "layout"}, {"_id": "layout", "version": LAYOUT_VERSION}, upsert=True
            )

    def _create(self, spec: CollectionSpec) -> None:
        rules: Json = {"validator": spec.validator, "validationLevel": "moderate"}
        try:
            self._database.command("create", spec.name, **rules)
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:  # from an earlier release, or created by another run just now
                raise
            self._database.command("collMod", spec.name, **rules)

    def ready(self) -> bool:
        """Whether the collections have this release's layout."""
        with translated_errors():
            marker = self._database["layout"].find_one({"_id": "layout"})
            return marker is not None and marker["version"] == LAYOUT_VERSION

    def server(self) -> ServerFacts:
        """What the server says of itself, and how long it takes to answer."""
        with translated_errors():
            hello = self._database.client.admin.command("hello")
            began = time.perf_counter()
            self._database.client.admin.command("ping")
            milliseconds = (time.perf_counter() - began) * 1000
            version = self._database.client.server_info()["version"]
        return ServerFacts(version, hello.get("setName"), milliseconds)

    def indexes(self) -> list[IndexFacts]:
        """Every index that the table asks for or the server has, by collection and name; `_id` has none here."""
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
                sizes = self._database.command("collStats", spec.name)
                newest = self._database[spec.name].aggregate(
                    [{"$group": {"_id": None, "at": {"$max": {"$ifNull": ["$insert_timestamp", "$finished_at"]}}}}]
                )
                at = next((row["at"] for row in newest), None)
                found.append(CollectionFacts(spec.name, sizes["count"], sizes["size"], sizes["storageSize"], at))
            return found

    # -- backup and restore

    def documents(self, collection: str) -> Generator[Json]:
        """All documents of a collection as they are kept, in the order of their ids."""
        with translated_errors():
            yield from self._database[collection].find(session=self._session).sort("_id")

    def restore_documents(self, collection: str, documents: Sequence[Json], *, rows_once: bool = True) -> None:
        """Puts documents in the place of those with the same id, and unless told otherwise unique key, all of them in one step."""
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
            if only.items() <= document.items()  # an index of some documents says nothing of the others
        ]
        written = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents]

        def write(session: ClientSession) -> None:
            self._database[collection].bulk_write(
                [*replaced, *written], session=session, bypass_document_validation=True
            )

        self._transaction(write)

    def restore_usage(self, documents: Sequence[Json]) -> None:
        """Adds the usage of quotas that is missing, all of it in one step; of what is there only `used` rises, and `exhausted` comes on.

        What was spent stays spent: upstreams do not go back with the database.
        """
        updates = []
        for document in documents:
            used = {"$max": ["$used", {"$literal": document.get("used")}]}
            both = {"$mergeObjects": [{"$literal": document}, "$$ROOT", {"used": used}]}
            updates.append(UpdateOne({"_id": document["_id"]}, [{"$replaceWith": both}], upsert=True))

        def write(session: ClientSession) -> None:
            self._database[USAGE].bulk_write(updates, session=session, bypass_document_validation=True)

        self._transaction(write)

    def remove_others(self, collection: str, kept: Container[Any]) -> int:
        """Removes the documents with other ids; returns how many there were."""
        with translated_errors():
            others = [row["_id"] for row in self._database[collection].find({}, {"_id": 1}) if row["_id"] not in kept]
            for start in range(0, len(others), self._batch_size):
                self._database[collection].delete_many({"_id": {"$in": others[start : start + self._batch_size]}})
            return len(others)

    # -- taking over what the older system wrote

    def holds_older_documents(self) -> bool:
        """Whether a document is there that names no schema version."""
        with translated_errors():
            return any(
                self._database[name].find_one({"schema_version": {"$in": [None, 0]}}, {"_id": 1})
                for name in OLDER_COLLECTIONS
            )

    def fields(self, collection: str, names: Iterable[str]) -> Generator[Json]:
        """These fields of all documents, and their ids."""
        with translated_errors():
            yield from self._database[collection].find({}, dict.fromkeys(names, 1))

    def forget_layout(self) -> None:
        """Drops the unique indexes of these collections, so that they can hold what the older system wrote; `prepare` makes them anew."""
        with translated_errors():
            self._database["layout"].delete_one({"_id": "layout"})
            for spec in COLLECTIONS:
                if spec.name in OLDER_COLLECTIONS:
                    self._database[spec.name].drop_indexes()

    def documents_by_id(self, collection: str, ids: Sequence[Any]) -> dict[Any, Json]:
        """Documents as they are kept, by their ids."""
        with translated_errors():
            found = self._database[collection].find({"_id": {"$in": list(ids)}})
            return {document["_id"]: document for document in found}

    def exchange(self, collection: str, written: Sequence[Json], removed: Sequence[Any]) -> None:
        """Replaces documents by their ids and removes others, in one step."""
        operations: list[DeleteMany | ReplaceOne[Json]] = [
            *([DeleteMany({"_id": {"$in": list(removed)}})] if removed else []),
            *(ReplaceOne({"_id": document["_id"]}, document) for document in written),
        ]

        def write(session: ClientSession) -> None:
            self._database[collection].bulk_write(operations, session=session)

        if operations:
            self._transaction(write)

    def charts_of_run(self, run_id: str) -> list[Chart]:
        """The charts that one run wrote."""
        with translated_errors():
            return [read(Chart, one) for one in self._database["view_counts_playlists"].find({"run_id": run_id})]

    def introduce(self, materialization: Materialization) -> None:
        """Tells readers of a genre of which they were never told; what they know of others stays."""
        key = {"_id": materialization.genre_name}
        with translated_errors():
            self._database["materializations"].update_one(key, {"$setOnInsert": to_bson(materialization)}, upsert=True)

    # -- raw_playlists

    def put_raw_playlist(self, playlist: RawPlaylist) -> bool:
        """Replaces one service's playlist; False where a newer one is there, which then stays."""
        genre, service = playlist.genre_name, playlist.service_name
        key = {"genre_name": genre, "service_name": service}
        if self._transaction(lambda session: self._replace_unless_newer("raw_playlists", key, playlist, session)):
            return True
        with translated_errors():
            self._put_backfill("raw_playlists", genre, service, playlist)
        return False

    def mark_raw_playlist_stale(self, genre: str, service: Service, at: datetime, error: str) -> RawPlaylist | None:
        """Notes on the last good playlist that a fetch at `at` failed; None where there is none that old."""
        with translated_errors():
            document = self._database["raw_playlists"].find_one_and_update(
                {"genre_name": genre, "service_name": service, "insert_timestamp": {"$lte": at}},
                [
                    {
                        "$set": {
                            "stale": True,
                            "error": {"$literal": error},
                            "stale_since": {"$min": [{"$ifNull": ["$stale_since", at]}, at]},
                        }
                    }
                ],
                return_document=True,
            )
            return read(RawPlaylist, document) if document else None

    def raw_playlists(self, genre: str, as_of: datetime) -> list[RawPlaylist]:
        """The playlists that a run at `as_of` works on: its own, and of the current ones those that are not newer."""
        return self._observed("raw_playlists", RawPlaylist, genre, as_of)

    def playlist_headers(self, genre: str, as_of: datetime) -> list[RawPlaylist]:
        """The same without what the services sent: `data_json`, megabytes of a long list, is empty."""
        return self._observed("raw_playlists", RawPlaylist, genre, as_of, without="data_json")

    # -- track_playlist

    def put_track_playlists(self, services: Sequence[ServicePlaylist], aggregate: AggregatePlaylist) -> bool:
        """Replaces a genre's rows and its consensus in one step; False where newer ones are there, which then stay."""
        genre, as_of = aggregate.genre_name, aggregate.insert_timestamp
        documents: list[ServicePlaylist | AggregatePlaylist] = [*services, aggregate]

        def write(session: ClientSession) -> bool:
            newer = self._database["track_playlist"].find_one(
                {"genre_name": genre, "service_name": AGGREGATE, "insert_timestamp": {"$gt": as_of}},
                {"_id": 1},
                session=session,
            )
            if newer:
                return False
            self._keep_what_is_overtaken("track_playlist", {"genre_name": genre}, aggregate, session)
            self._bulk(
                self._database["track_playlist"],
                [
                    ReplaceOne(
                        {"genre_name": genre, "service_name": document.service_name}, to_bson(document), upsert=True
                    )
                    for document in documents
                ],
                session,
            )
            return True

        if self._transaction(write):
            return True
        with translated_errors():
            for document in documents:
                self._put_backfill("track_playlist", genre, document.service_name, document)
        return False

    def service_playlists(self, genre: str, as_of: datetime) -> list[ServicePlaylist]:
        """The services' rows that a run at `as_of` works on."""
        return self._observed(
            "track_playlist", ServicePlaylist, genre, as_of, {"service_name": {"$in": [s.value for s in Service]}}
        )

    def aggregate(self, genre: str, as_of: datetime) -> AggregatePlaylist:
        """The consensus that a run at `as_of` works on.

        Raises:
            NothingStored: `track_playlist` has not been materialized for this genre up to then.
        """
        found = self._observed("track_playlist", AggregatePlaylist, genre, as_of, {"service_name": AGGREGATE})
        if not found:
            raise NothingStored(
                f"{genre} has no consensus up to {as_of:%Y-%m-%d}; run `tunemeld etl run transform --genre {genre}` first (track_playlist)"
            )
        return found[0]

    # -- view_counts_playlists

    def put_chart(self, chart: Chart) -> bool:
        """Replaces a genre's chart; False where a newer one is there, which then stays.

        Raises:
            NothingToPublish: the consensus that it was counted from was rolled back meanwhile; the chart that is shown stays.
        """
        key = {"genre_name": chart.genre_name}

        def write(session: ClientSession) -> bool:
            as_old = {"service_name": AGGREGATE, "insert_timestamp": {"$lte": chart.insert_timestamp}}
            self._refuse_rolled_back("track_playlist", {**key, **as_old}, session)
            return self._replace_unless_newer("view_counts_playlists", key, chart, session)

        if self._transaction(write):
            return True
        with translated_errors():
            self._put_backfill("view_counts_playlists", chart.genre_name, AGGREGATE, chart)
        return False

    def chart(self, genre: str, as_of: datetime) -> Chart:
        """The chart that a run at `as_of` works on.

        Raises:
            NothingStored: `view_counts_playlists` has not been materialized for this genre up to then.
        """
        found = self._observed("view_counts_playlists", Chart, genre, as_of)
        if not found:
            raise NothingStored(
                f"{genre} has no chart up to {as_of:%Y-%m-%d};"
                f" run `tunemeld etl run view_count --genre {genre}` first (view_counts_playlists)"
            )
        return found[0]

    def last_chart(self, genre: str, as_of: datetime) -> Chart | None:
        """The genre's chart as it stands, where it is not newer than `as_of`."""
        with translated_errors():
            document = self._database["view_counts_playlists"].find_one(
                {"genre_name": genre, "insert_timestamp": {"$lte": as_of}}
            )
            return read(Chart, document) if document else None

    # -- historical_track_views

    def first_seen(self, isrcs: Iterable[str]) -> dict[str, datetime]:
        """When each ISRC that has a history was first seen."""
        with translated_errors():
            found = self._database["historical_track_views"].find(
                {"isrc": {"$in": list(isrcs)}}, {"isrc": 1, "first_seen": 1}
            )
            return {document["isrc"]: document["first_seen"] for document in found}

    def recent_readings(self, isrcs: Iterable[str], as_of: datetime) -> dict[str, dict[str, list[Reading]]]:
        """The last ten readings up to `as_of` of each ISRC and source, oldest first; what is not known is left out."""
        return self._readings(isrcs, {"$lte": ["$$r.current_timestamp", as_of]}, RECENT_READINGS)

    def readings_since(
        self, isrcs: Iterable[str], since: datetime, before: datetime | None = None
    ) -> dict[str, dict[str, list[Reading]]]:
        """The readings from `since` on of each ISRC and source, oldest first, those from `before` on left out where it is given."""
        wanted: list[Json] = [{"$gte": ["$$r.current_timestamp", since]}]
        if before is not None:
            wanted.append({"$lt": ["$$r.current_timestamp", before]})
        return self._readings(isrcs, {"$and": wanted}, None)

    def histories(self, isrcs: Iterable[str]) -> list[TrackHistory]:
        """The whole histories of these ISRCs, in the order of their ISRC."""
        with translated_errors():
            found = self._database["historical_track_views"].find({"isrc": {"$in": list(isrcs)}}).sort("isrc")
            return [read(TrackHistory, document) for document in found]

    def finish(
        self,
        readings: Mapping[str, Mapping[str, int]],
        day: ChartDay,
        materialization: Materialization,
    ) -> Materialization:
        """Adds a day's readings to the histories and tells readers of the new version, in one transaction.

        Args:
            readings: per ISRC, what each source counted at `materialization.as_of`.
            day: the chart of that day, kept unless a later run of the same day wrote it.
            materialization: its `version` and `previous` are set here.

        Returns:
            The materialization as written. Where a newer one was there only its version has risen: what is served stays.

        Raises:
            NothingToPublish: the genre was rolled back after this run made its chart.
        """
        as_of = materialization.as_of

        def write(session: ClientSession) -> Materialization:
            # Made batch by batch: each is 30 kB of expressions, which are 100 MB for a list of thousands.
            updates = (
                UpdateOne(
                    {"isrc": isrc},
                    reading_update(counts, as_of, materialization.run_id, materialization.upstream, SCHEMA_VERSION),
                    upsert=True,
                )
                for isrc, counts in sorted(readings.items())
                if counts
            )
            self._bulk(self._database["historical_track_views"], updates, session)
            self._put_chart_day(day, session)
            collection = self._database["materializations"]
            key = {"_id": materialization.genre_name}
            before = collection.find_one(key, session=session)
            if before is None:
                written = materialization.model_copy(update={"version": 1})
            elif before["as_of"] > as_of:
                written = read(Materialization, before)
                written = written.model_copy(
                    update={"version": written.version + 1, "finished_at": materialization.finished_at}
                )
            else:
                self._refuse_rolled_back("view_counts_playlists", {"genre_name": materialization.genre_name}, session)
                summary = read(Materialization, before).summary
                written = materialization.model_copy(update={"version": before["version"] + 1, "previous": summary})
            collection.replace_one(key, {**key, **to_bson(written)}, upsert=True, session=session)
            return written

        return self._transaction(write)

    def roll_back(
        self, chart: Chart, aggregate: AggregatePlaylist, published: Materialization, at: datetime
    ) -> Materialization:
        """Puts a past day's chart and consensus in the place of those that `published` tells of, in one transaction.

        Days after that day are withdrawn; days that an earlier rollback withdrew are not any more where this one goes forward past them.

        Args:
            chart: what visitors see from now on, `rolled_back_to` set.
            at: when that happens.

        Returns:
            The materialization as written.

        Raises:
            StoreError: something else was published since `published` was read.
        """
        genre, date = chart.genre_name, utc_day(chart.shown_as_of)
        changes = {
            "version": published.version + 1,
            "finished_at": at,
            "run_id": chart.run_id,
            "chart_length": len(chart.tracks),
            "previous": published.summary,
            **chart.model_dump(include={"outcomes", "coverage", "count_errors", "matched_share", "rolled_back_to"}),
        }
        written = Materialization.model_validate({**published.model_dump(), **changes, "degraded": chart.degraded})

        def write(session: ClientSession) -> Materialization:
            key = {"_id": genre, "version": published.version}
            replaced = self._database["materializations"].replace_one(
                key, {"_id": genre, **to_bson(written)}, session=session
            )
            if replaced.matched_count == 0:
                raise StoreError(
                    f"{genre} was published anew at this moment; look at it, and roll back again if need be"
                )
            for collection, document, more in (
                ("view_counts_playlists", chart, {}),
                ("track_playlist", aggregate, {"service_name": AGGREGATE}),
            ):
                self._database[collection].replace_one(
                    {"genre_name": genre, **more}, to_bson(document), upsert=True, session=session
                )
            history = self._database["chart_history"]
            shown = {"$gt": utc_day(published.shown_as_of), "$lte": date}
            for days, withdrawn in (({"$gt": date}, True), (shown, False), (date, False)):
                history.update_many(
                    {"genre_name": genre, "date": days}, {"$set": {"withdrawn": withdrawn}}, session=session
                )
            return written

        return self._transaction(write)

    def _readings(self, isrcs: Iterable[str], condition: Json, last: int | None) -> dict[str, dict[str, list[Reading]]]:
        chosen: Json = {"$filter": {"input": "$$source.v", "as": "r", "cond": condition}}
        if last is not None:
            chosen = {"$slice": [chosen, -last]}
        by_source = {
            "$map": {
                "input": {"$objectToArray": "$view_counts"},
                "as": "source",
                "in": {"k": "$$source.k", "v": chosen},
            }
        }
        pipeline: list[Json] = [
            {"$match": {"isrc": {"$in": list(isrcs)}}},
            {"$project": {"isrc": 1, "view_counts": {"$arrayToObject": by_source}}},
        ]
        with translated_errors():
            return {
                document["isrc"]: {
                    source: [Reading.model_validate(reading) for reading in readings]
                    for source, readings in document["view_counts"].items()
                }
                for document in self._database["historical_track_views"].aggregate(pipeline, session=self._session)
            }

    def _refuse_rolled_back(self, collection: str, key: Json, session: ClientSession) -> None:
        if self._database[collection].find_one(
            {**key, "rolled_back_to": {"$type": "date"}}, {"_id": 1}, session=session
        ):
            raise NothingToPublish(
                f"{key['genre_name']} was rolled back while this run was under way, which stays; run it again"
            )

    def _put_chart_day(self, day: ChartDay, session: ClientSession) -> None:
        key = {"genre_name": day.genre_name, "date": day.date}
        collection = self._database["chart_history"]
        before = collection.find_one(key, {"insert_timestamp": 1}, session=session)
        if before is None or before["insert_timestamp"] <= day.insert_timestamp:
            collection.replace_one(key, to_bson(day), upsert=True, session=session)

    def put_recordings(self, recordings: Sequence[RecordingFacts]) -> None:
        """Keeps what is known of each recording, unless a later observation is there already; addresses add up."""
        updates = [
            UpdateOne(
                {"_id": facts.track_id},
                [
                    {
                        "$replaceWith": {
                            "$cond": [
                                {"$gt": ["$insert_timestamp", facts.insert_timestamp]},
                                _with_urls("$$ROOT", [{"$literal": facts.track_urls}, "$track_urls"]),
                                _with_urls(
                                    {"$literal": {"_id": facts.track_id, **to_bson(facts)}},
                                    ["$track_urls", {"$literal": facts.track_urls}],
                                ),
                            ]
                        }
                    }
                ],
                upsert=True,
            )
            for facts in recordings
        ]
        with translated_errors():
            self._bulk(self._database["recordings"], updates)

    def recordings(self, track_ids: Iterable[str]) -> dict[str, RecordingFacts]:
        """What is known of these recordings; those never on a chart are left out."""
        with translated_errors():
            return {
                document["_id"]: read(RecordingFacts, document)
                for document in self._database["recordings"].find(
                    {"_id": {"$in": list(track_ids)}}, session=self._session
                )
            }

    def chart_day(self, genre: str, date: str) -> ChartDay | None:
        """The chart of one UTC day (YYYY-MM-DD), withdrawn or not."""
        with translated_errors():
            document = self._database["chart_history"].find_one(
                {"genre_name": genre, "date": date}, session=self._session
            )
            return read(ChartDay, document) if document else None

    def chart_dates(self, genre: str, *, withdrawn: bool = False) -> list[str]:
        """The UTC days that have a chart, oldest first; withdrawn ones are left out, unless asked for."""
        remembered: Json = {} if withdrawn else REMEMBERED
        with translated_errors():
            found = (
                self._database["chart_history"]
                .find({"genre_name": genre, **remembered}, {"_id": 0, "date": 1}, session=self._session)
                .sort("date", ASCENDING)
            )
            return [document["date"] for document in found]

    def chart_days(self, genre: str, before: str, limit: int) -> list[ChartDay]:
        """The last `limit` chart days before the day `before` (YYYY-MM-DD), newest first; withdrawn ones are left out."""
        with translated_errors():
            found = (
                self._database["chart_history"]
                .find({"genre_name": genre, "date": {"$lt": before}, **REMEMBERED})
                .sort("date", DESCENDING)
                .limit(limit)
            )
            return [read(ChartDay, document) for document in found]

    def charted_days(self, genre: str, before: str, restored_after: str | None = None) -> list[ChartedDay]:
        """Every chart before the day `before` (YYYY-MM-DD), oldest first, without the lists behind it.

        Withdrawn ones are left out, but for those after the day `restored_after`.
        """
        remembered: Json = {"$or": [REMEMBERED, {"date": {"$gt": restored_after}}]} if restored_after else REMEMBERED
        fields = dict.fromkeys(("schema_version", *ChartedDay.model_fields), 1)
        with translated_errors():
            found = (
                self._database["chart_history"]
                .find({"genre_name": genre, "date": {"$lt": before}, **remembered}, fields)
                .sort("date", ASCENDING)
            )
            return [read(ChartedDay, document) for document in found]

    def materializations(self) -> dict[str, Materialization]:
        """What readers may trust, per genre."""
        with translated_errors():
            return {
                document["_id"]: read(Materialization, document)
                for document in self._database["materializations"].find(session=self._session).sort("_id")
            }

    def versions(self) -> dict[str, PublishedVersion]:
        """What a reader asks for every few seconds, per genre: little, so that it costs little."""
        with translated_errors():
            found = self._database["materializations"].find({}, {"version": 1, "publication": 1}).sort("_id")
            return {document["_id"]: PublishedVersion.model_validate(document) for document in found}

    def note_publication(self, genre: str, publication: Publication) -> None:
        """Keeps what became of the last bulk write to the shared cache, beside what readers may trust."""
        with translated_errors():
            self._database["materializations"].update_one(
                {"_id": genre}, {"$set": {"publication": to_bson(publication)}}
            )

    def document_counts(self) -> dict[str, int]:
        """How many documents each collection holds, from its own bookkeeping."""
        with translated_errors():
            return {spec.name: self._database[spec.name].estimated_document_count() for spec in COLLECTIONS}

    # -- look-ups already paid for

    def looked_up(self, cache: Lookup, keys: Iterable[str]) -> dict[str, LookedUp]:
        """What is known of these keys; those never asked for are left out."""
        with translated_errors():
            return {
                document["_id"]: LookedUp.model_validate(document)
                for document in self._database[cache].find({"_id": {"$in": list(keys)}})
            }

    def remember(self, cache: Lookup, found: Mapping[str, Mapping[str, str] | None], method: str, at: datetime) -> None:
        """Keeps the outcome of look-ups made at `at`. Nothing found is tried again after 1, 2, 4 … 32 days; a value stays."""
        updates = []
        for key, value in sorted(found.items()):
            before = {"$ifNull": ["$attempts", 0]}
            days = {"$toLong": {"$min": [LONGEST_RETRY_DAYS, {"$pow": [2, before]}]}}
            # An object is greater than null, and null than what is missing.
            stays = {"$gt": ["$value", None]} if value is None else {"$eq": ["$value", {"$literal": dict(value)}]}
            outcome = {
                "value": {"$literal": None if value is None else dict(value)},
                "method": {"$literal": method},
                "decided_at": at,
                "retry_after": {"$dateAdd": {"startDate": at, "unit": "day", "amount": days}}
                if value is None
                else None,
                "attempts": {"$add": [before, 1]},
            }
            update = {"$replaceWith": {"$cond": [stays, "$$ROOT", {"$mergeObjects": ["$$ROOT", outcome]}]}}
            updates.append(UpdateOne({"_id": key}, [update], upsert=True))
        with translated_errors():
            self._bulk(self._database[cache], updates)

    def playlist_description(self, key: str, at: datetime) -> PlaylistDescription | None:
        """A playlist's name, cover and description, where they were fetched in the week before `at`."""
        with translated_errors():
            document = self._database["playlist_cache"].find_one({"_id": key})
        if document is None or document["fetched_at"] + DESCRIPTION_KEPT <= at:
            return None
        return PlaylistDescription.model_validate(document)

    def last_playlist_description(self, key: str) -> PlaylistDescription:
        """A playlist's name, cover and description, however old; empty where none was ever fetched."""
        with translated_errors():
            return PlaylistDescription.model_validate(self._database["playlist_cache"].find_one({"_id": key}) or {})

    def put_playlist_description(self, key: str, description: PlaylistDescription, at: datetime) -> None:
        """Keeps a playlist's name, cover and description; what is unknown now does not overwrite what was known."""
        known = description.model_dump(exclude_none=True)
        with translated_errors():
            self._database["playlist_cache"].update_one(
                {"_id": key}, {"$set": {**known, "fetched_at": at}}, upsert=True
            )

    # -- budgets

    def budget(
        self, service: str, bucket: str, limit: int, quota_day: str, **more: Unpack[BudgetTerms]
    ) -> StoredBudget:
        """What may still be spent of `limit` units in one bucket on one quota day, shared by all runs; `more` as in `StoredBudget`."""
        return StoredBudget(self._database[USAGE], service, bucket, limit, quota_day, **more)

    # -- incidents

    def open_incidents(self) -> list[Incident]:
        """What is wrong now, the longest first."""
        return self._incidents({"open": True}, ASCENDING)

    def last_incidents(self, limit: int) -> list[Incident]:
        """The incidents that began last, newest first, open or over."""
        return self._incidents({}, DESCENDING, limit)

    def incidents_to_tell(self) -> list[Incident]:
        """Those that are open, and those whose end nobody has been told."""
        untold = {"open": False, "over_told_at": None, "$or": [{"told_at": {"$ne": None}}, {"tries": {"$gt": 0}}]}
        return self._incidents({"$or": [{"open": True}, untold]}, ASCENDING)

    def note_incident(self, seen: Incident) -> None:
        """Opens the incident, or goes on with the open one of its key, or with one that was over less than an hour ago.

        However many processes see the same trouble at once, one incident is open.
        """
        collection, at = self._database["incidents"], seen.last_seen
        now = {"last_seen": at, "detail": seen.detail, "run_id": seen.run_id}
        fresh = to_bson(seen)
        document = {"_id": fresh.pop("incident_id"), "open": True, **fresh}
        with translated_errors():
            for _ in range(UPSERT_RACES):
                try:
                    if collection.update_one({"key": seen.key, "open": True}, {"$set": now}).matched_count:
                        return
                    before = collection.find_one(
                        {"key": seen.key, "open": False, "closed_at": {"$gte": at - SAME_INCIDENT_WITHIN}},
                        sort=[("closed_at", DESCENDING)],
                    )
                    if before is None:
                        collection.insert_one(document)
                        return
                    # Whoever was told that it is over, or may have been, has to hear that it is not.
                    again = _incident(before).end_may_be_known
                    as_read = {name: before[name] for name in ("_id", "open", "over_told_at", "tries")}
                    reopened = {**now, "open": True, "closed_at": None, **(UNTOLD if again else {})}
                    if collection.update_one(as_read, {"$set": reopened, "$inc": {"reopened": 1}}).matched_count:
                        return
                except DuplicateKeyError:
                    continue  # another process opened it at this moment: it goes on with that one

    def close_incident(self, incident_id: str, at: datetime) -> None:
        """Notes that it is over. Of the tries of a message that is under way it stays known that there were any."""
        over = {**NOTHING_UNDER_WAY, "open": False, "closed_at": at}
        with translated_errors():
            self._database["incidents"].update_one(
                {"_id": incident_id, "open": True}, {"$set": over, "$min": {"tries": Int64(1)}}
            )

    def claim_telling(self, incident: Incident, stage: str, at: datetime, until: datetime) -> Incident | None:
        """Takes it upon the caller to tell of `incident`, until `until`; None where another process has, or it has changed.

        Args:
            stage: the field that will say when it was told: `told_at`, `reminded_at` or `over_told_at`.
        """
        unclaimed = {
            "_id": incident.incident_id,
            "open": incident.closed_at is None,
            "tries": incident.tries,
            stage: getattr(incident, stage),
            "$or": [{"next_try_at": None}, {"next_try_at": {"$lte": at}}],
        }
        with translated_errors():
            document = self._database["incidents"].find_one_and_update(
                unclaimed,
                {
                    "$set": {"next_try_at": until, "telling_since": incident.telling_since or at},
                    "$inc": {"tries": Int64(1)},
                },
                return_document=True,
            )
        return _incident(document) if document else None

    def note_told(self, claimed: Incident, stage: str) -> None:
        """Notes that the message was told since its first try, unless the incident has changed since it was claimed."""
        done = {**NOTHING_UNDER_WAY, stage: claimed.telling_since, "tries": Int64(0)}
        with translated_errors():
            self._database["incidents"].update_one(_as_claimed(claimed), {"$set": done})

    def note_untold(self, claimed: Incident, told_to: Sequence[str], next_try_at: datetime) -> None:
        """Notes which addresses the message has reached, and when the others are tried again; like `note_told`."""
        with translated_errors():
            self._database["incidents"].update_one(
                _as_claimed(claimed), {"$set": {"told_to": list(told_to), "next_try_at": next_try_at}}
            )

    def _incidents(self, which: Json, order: int, limit: int = 0) -> list[Incident]:
        with translated_errors():
            found = self._database["incidents"].find(which, session=self._session).sort("opened_at", order).limit(limit)
            return [_incident(document) for document in found]

    # -- the parts that the verbs above share

    def _observed(
        self,
        collection: str,
        model: type[T],
        genre: str,
        as_of: datetime,
        more: Json | None = None,
        without: str | None = None,
    ) -> list[T]:
        # Current documents first: a transaction that ends in between leaves a document in one place or in both.
        with translated_errors():
            current = {
                document.get("service_name", AGGREGATE): document
                for document in self._database[collection].find(
                    {"genre_name": genre, "insert_timestamp": {"$lte": as_of}, **(more or {})},
                    {without: 0} if without else None,
                    session=self._session,
                )
            }
            names = [*(s.value for s in Service), AGGREGATE]
            own = self._database["backfill"].find(
                {"_id": {"$in": [_backfill_key(collection, genre, name, as_of) for name in names]}},
                {f"document.{without}": 0} if without else None,
                session=self._session,
            )
            wanted = (more or {}).get("service_name")
            for entry in own:
                document = entry["document"]
                name = document.get("service_name", AGGREGATE)
                if wanted is None or name == wanted or (isinstance(wanted, dict) and name in wanted["$in"]):
                    current[name] = document
        left_out = {without: ""} if without else {}
        return [read(model, {**current[name], **left_out}) for name in names if name in current]

    def _replace_unless_newer(
        self, collection: str, key: Json, document: RawPlaylist | Chart, session: ClientSession
    ) -> bool:
        target = self._database[collection]
        newer = {**key, "insert_timestamp": {"$gt": document.insert_timestamp}}
        if target.find_one(newer, {"_id": 1}, session=session):
            return False
        self._keep_what_is_overtaken(collection, key, document, session)
        target.replace_one(key, to_bson(document), upsert=True, session=session)
        return True

    def _keep_what_is_overtaken(
        self, collection: str, key: Json, by: RawPlaylist | AggregatePlaylist | Chart, session: ClientSession
    ) -> None:
        """Puts older documents, which `by` is about to replace, where their own run finds them, if that run has not published yet.

        Two schedulers, or a person and the schedule, begin seconds apart; the earlier one goes on with what it has observed. In the
        transaction that replaces them: what is written in between would be lost.
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
            own = _backfill_key(collection, by.genre_name, document["service_name"], document["insert_timestamp"])
            kept = {"_id": own, "document": document, "expires_at": datetime.now(UTC) + BACKFILL_KEPT}
            self._database["backfill"].replace_one({"_id": own}, kept, upsert=True, session=session)

    def _put_backfill(
        self,
        collection: str,
        genre: str,
        service: str,
        document: RawPlaylist | ServicePlaylist | AggregatePlaylist | Chart,
    ) -> None:
        key = _backfill_key(collection, genre, service, document.insert_timestamp)
        self._database["backfill"].replace_one(
            {"_id": key},
            {"_id": key, "document": to_bson(document), "expires_at": datetime.now(UTC) + BACKFILL_KEPT},
            upsert=True,
        )

    def _bulk(
        self,
        collection: "Collection[Json]",
        operations: Iterable[ReplaceOne[Json] | UpdateOne],
        session: ClientSession | None = None,
    ) -> None:
        left = iter(operations)
        while batch := list(islice(left, self._batch_size)):
            collection.bulk_write(batch, ordered=False, session=session)

    def _transaction(self, write: Callable[[ClientSession], T]) -> T:
        def write_at_once(session: ClientSession) -> T:
            try:
                return write(session)
            except ServerSelectionTimeoutError as error:
                # MongoDB's driver takes this for a passing trouble of the transaction, and would go on for two minutes.
                raise DatabaseUnavailable(UNREACHABLE) from error

        with translated_errors(), self._database.client.start_session() as session:
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


def read(model: type[T], document: Json) -> T:
    """A document as its model; those of the current and of the previous schema version are accepted.

    Raises:
        StoreError: a later release wrote it, or it does not have the shape of its collection.
    """
    version = document.get("schema_version", 0)
    if version not in (SCHEMA_VERSION, SCHEMA_VERSION - 1):
        raise StoreError(
            f"a {model.__name__} document has schema version {version}, and this release reads {SCHEMA_VERSION - 1} and"
            f" {SCHEMA_VERSION}; use the release that wrote it"
        )
    try:
        return model.model_validate(document)  # type: ignore[attr-defined, no-any-return]
    except ValueError as error:
        raise StoreError(
            f"a {model.__name__} document does not have its shape; the next run writes it anew: {error}"
        ) from error


def _as_claimed(incident: Incident) -> Json:
    """Finds an incident that nobody has closed, reopened or claimed anew since it was claimed."""
    return {
        "_id": incident.incident_id,
        "open": incident.closed_at is None,
        "tries": incident.tries,
        "next_try_at": incident.next_try_at,
    }


def _incident(document: Json) -> Incident:
    return Incident.model_validate({**document, "incident_id": document["_id"]})


def to_bson(document: Any) -> Json:
    """A model as MongoDB keeps it: whole numbers as 64 bits, whatever their size."""
    converted: Json = _longs(document.model_dump())
    return converted


def _longs(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _longs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_longs(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Int64(value)
    if isinstance(value, str):
        return str(value)  # an enum's value, not the enum
    return value


def _with_urls(document: Json | str, urls: Sequence[Json | str]) -> Json:
    return {"$mergeObjects": [document, {"track_urls": {"$mergeObjects": urls}}]}


def _is_duplicate_key(error: OperationFailure) -> bool:
    failed = (error.details or {}).get("writeErrors", [])
    return error.code == 11000 or (bool(failed) and all(one.get("code") == 11000 for one in failed))


def _backfill_key(collection: str, genre: str, service: str, as_of: datetime) -> str:
    return f"{collection}/{genre}/{service}/{as_of.isoformat()}"
