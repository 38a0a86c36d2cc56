"""Takes over a database of the older system: its four collections in this release's shape, each row once.

Histories of earlier releases, which were one document each, are divided into months in the same way. The module finds old and double
documents, exchanges them in order, and reports what it did. `older_system/documents.py` converts single documents, `backups/backup.py`
makes the backup before, and `storage/layout.py` prepares the layout after. Each batch is one transaction, and converted documents no
longer count as old: if it is killed at any point, the next attempt continues from there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tunemeld_pipeline.charts.documents import HISTORY_SCHEMA_VERSION
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.older_system import documents as older
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.histories import history_documents
from tunemeld_pipeline.storage.layout import HISTORIES, OLDER_COLLECTIONS
from tunemeld_pipeline.storage.store import Store

BATCH = 20
"""How many documents one transaction exchanges: a received list can be megabytes."""

Json = dict[str, Any]
Key = Hashable | None
_KEYS: Mapping[str, Callable[[Json], Key]] = {
    "raw_playlists": lambda one: _both(older.genre_of(one), older.service_of(one)),
    "track_playlist": lambda one: _both(older.genre_of(one), older.service_of(one)),
    "view_counts_playlists": older.genre_of,
    HISTORIES: older.isrc_of,
}
"""What the documents of one row or recording have in common, in this release's spelling."""

_KEY_FIELDS = ("genre_name", "service_name", "isrc", "schema_version", "insert_timestamp")
_MODELS = {
    "raw_playlists": older.raw_playlist,
    "track_playlist": older.track_playlist,
    "view_counts_playlists": older.chart,
}


@dataclass(slots=True)
class TakenOver:
    """What was done to one collection, or would be done.

    Attributes:
        documents: documents that now have this release's shape.
        doubles: further documents of the same row, removed; histories were merged first.
        unusable: documents without the necessary fields, removed; only the backup has them.
        changes: repairs within documents → how often.
    """

    collection: str
    documents: int = 0
    doubles: int = 0
    unusable: int = 0
    changes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = [f"{self.documents} documents taken over"]
        parts += [f"{self.doubles} doubles removed"] if self.doubles else []
        parts += [f"{self.unusable} unusable documents removed"] if self.unusable else []
        parts += [f"{number} {what}" for what, number in sorted(self.changes.items()) if number]
        return f"{self.collection}: {', '.join(parts)}"


def take_over(store: Store, *, dry_run: bool = False) -> list[TakenOver]:
    """Gives every old document this release's shape and leaves one document per row; prepares the layout at the end.

    Nothing else may write meanwhile. Of several documents of a list the newest stays; those of a recording become one history, which
    is kept by month.

    Args:
        dry_run: only count; nothing is changed.

    Raises:
        StoreError: the server is no replica set, which transactions need, or cannot be written to; finished batches are complete.
    """
    if store.layout.server().replica_set is None:
        raise StoreError(
            "the server is no replica set, which taking a database over needs; start mongod with --replSet and call rs.initiate()"
        )
    if not dry_run:
        store.layout.retire_indexes()
    done = [_collection(store, name, dry_run=dry_run) for name in OLDER_COLLECTIONS]
    if not dry_run:
        # By run id, not by what was just done: an earlier attempt may have ended between the two.
        for chart in store.charts.charts_of_run(older.RUN_ID):
            store.charts.introduce(older.materialization(chart, datetime.now(UTC)))
        store.layout.prepare()
    return done


def _both(genre: str | None, service: str | None) -> Key:
    return None if genre is None or service is None else (genre, service)


def _collection(store: Store, name: str, *, dry_run: bool) -> TakenOver:
    done = TakenOver(name)
    for group in _groups(store, name):
        written: list[Json] = []
        removed: list[Any] = []
        documents = store.transfer.documents_by_id(name, [one for ids in group for one in ids])
        for ids in group:
            _exchange(name, [documents[one] for one in ids if one in documents], written, removed, done)
        if not dry_run:
            store.transfer.exchange(name, written, removed)
    return done


def _groups(store: Store, name: str) -> Iterator[list[list[Any]]]:
    """Ids of documents that belong together, if one of them is old or there are several; some groups at a time."""
    together: dict[Key, list[tuple[datetime, Any]]] = defaultdict(list)
    old: set[Key] = set()
    for document in store.transfer.fields(name, _KEY_FIELDS):
        # A document without a key is a group by itself.
        key = _KEYS[name](document) or ("no key", document["_id"])
        together[key].append((older.written_at(document), document["_id"]))
        if _is_outdated(name, document):
            old.add(key)
    batch: list[list[Any]] = []
    for key, members in together.items():
        if key in old or (len(members) > 1 and name != HISTORIES):
            batch.append([one for _, one in sorted(members, key=lambda member: member[0])])
            if sum(map(len, batch)) >= BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _exchange(name: str, documents: list[Json], written: list[Json], removed: list[Any], done: TakenOver) -> None:
    """Decides on the documents of one row, oldest first."""
    if not documents:
        return
    if name == HISTORIES:
        _exchange_history(documents, written, removed, done)
        return
    stays = documents[-1]
    if not older.is_old(stays):
        removed += [one["_id"] for one in documents[:-1]]
        done.doubles += len(documents) - 1
        return
    taken = _MODELS[name](stays, done.changes)
    if taken is None:
        removed += [one["_id"] for one in documents]
        done.unusable += len(documents)
        return
    written.append({**_known_of_any(documents), **stays, **to_bson(taken)})
    removed += [one["_id"] for one in documents[:-1]]
    done.documents += 1
    done.doubles += len(documents) - 1


def _exchange_history(documents: list[Json], written: list[Json], removed: list[Any], done: TakenOver) -> None:
    """Puts the months of one recording in the place of its documents."""
    removed += [one["_id"] for one in documents]
    history = older.history(documents, done.changes)
    if history is None:
        done.unusable += len(documents)
        return
    ours = [one for one in documents if not older.is_old(one)]
    head = ours[-1] if ours else {"run_id": older.RUN_ID, "upstream": "live"}
    first, *others = history_documents(history, head["run_id"], head["upstream"])
    written += [{**_known_of_any(documents), **first}, *others]
    done.documents += 1
    done.doubles += len(documents) - 1


def _known_of_any(documents: list[Json]) -> Json:
    """Fields that this release does not know stay next to those that it does."""
    return {field: value for one in documents for field, value in one.items()}


def _is_outdated(name: str, document: Json) -> bool:
    return older.is_old(document) or (name == HISTORIES and document["schema_version"] < HISTORY_SCHEMA_VERSION)
