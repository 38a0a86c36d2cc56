"""Backups of the collections, and their way back.

This module writes and reads a backup's files and manifest, and refuses a backup that is unfit to be restored; `storage/` reads and writes
the collections. A backup is a folder with one gzipped file per collection, one line per document as canonical Extended JSON
(https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), and a signed manifest that is written last: without it, or with
a file that does not match it, nothing is restored. `signing.py` has the key and the signature.
"""

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import bson
from bson import json_util
from bson.errors import BSONError
from pydantic import BaseModel, ConfigDict

from tunemeld_pipeline.backups.signing import KEY_FILE, is_signed, key_name, signature
from tunemeld_pipeline.errors import BackupError
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.storage.layout import COLLECTIONS, HISTORIES, LAYOUT_VERSION, OLDER_COLLECTIONS, USAGE
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.suggestions import did_you_mean
from tunemeld_pipeline.text_files import read_small_text

FORMAT = "tunemeld-backup/2"
UNSIGNED_FORMAT = "tunemeld-backup/1"
"""What releases before the signature wrote."""

MADE_FROM_DAYS = ("charted_tracks", "positions")
"""Collections that are made from `chart_history`: without them in the backup, the next runs make them again from the days that it has."""

KEPT_BESIDE = (USAGE, "artists")
"""Collections of which a restore removes nothing: what was spent stays spent, and a slug stays its artist's."""

ADDED_IN_LAYOUT: Mapping[str, int] = {
    "quarantine": 5,
    "charted_tracks": 6,
    "withheld": 7,
    "positions": 8,
    "artists": 8,
    "search_words": 8,
    "wider_lists": 11,
    "source_states": 11,
}
"""Collections that not every layout has, with the first one that has them; a backup of an earlier layout does not hold them."""

MANIFEST = "manifest.json"
BATCH = 100
"""Documents that one transaction of a restore replaces."""

LONGEST_LINE = 40_000_000
"""Bytes of one document as text; the largest that is written here, a playlist's 15 MB, takes half of it."""

LARGEST_DOCUMENT = 16 * 1024 * 1024

DAMAGE = (
    OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError, re.error, BSONError,
)  # fmt: skip
"""What reading a damaged or crafted file raises: gzip's, Extended JSON's and BSON's own errors."""


class BackedUp(BaseModel):
    """One collection's file: how many documents it holds, the bytes of their lines, and the SHA-256 of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documents: int
    text_bytes: int | None = None
    sha256: str


class Manifest(BaseModel):
    """What a backup holds, of which database, the layout that its documents had, and who signed this with which key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    database: str
    upstreams: str
    layout: int
    taken_at: datetime
    collections: dict[str, BackedUp]
    key: str = ""
    signature: str = ""

    @property
    def signed(self) -> str:
        """The text that the signature is over."""
        return self.model_dump_json(exclude={"signature"})


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did to one collection: documents written, and documents removed that the backup does not have."""

    written: int
    removed: int


def back_up(store: Store, folder: Path, *, database: str, upstreams: str, key: bytes) -> Manifest:
    """Writes all collections, all of one moment, into `folder`, which must be new or empty, and signs them with the key.

    Raises:
        BackupError: the folder holds something or cannot be written.
        StoreError: the collections cannot be read.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty; name a new folder, so that no earlier backup is lost")
        folder.chmod(0o700)
        with store.snapshot() as view:
            collections = {spec.name: _write(view, spec.name, folder) for spec in COLLECTIONS}
        manifest = Manifest(
            format=FORMAT,
            database=database,
            upstreams=upstreams,
            layout=LAYOUT_VERSION,
            taken_at=datetime.now(UTC),
            collections=collections,
            key=key_name(key),
        )
        manifest = manifest.model_copy(update={"signature": signature(key, manifest.signed)})
        unfinished = folder / f"{MANIFEST}.unfinished"
        with open(unfinished, "x", opener=private) as file:
            file.write(manifest.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / MANIFEST)
    except OSError as error:
        raise BackupError(
            f"{folder} cannot be written ({error.strerror}); the backup is not complete, choose another folder"
        ) from error
    return manifest


def restore(
    store: Store,
    folder: Path,
    *,
    database: str,
    upstreams: str,
    key: bytes | None,
    force: bool = False,
    only: Collection[str] = (),
) -> dict[str, Restored]:
    """Gives the collections the documents of a backup; what it does not have is removed after all is written.

    What was spent of quotas since stays spent, and artists who got a slug since keep it.

    A backup of the older system's database is restored unchanged, without this release's indexes: `tunemeld db init` takes it over.
    So it does with a backup of an earlier release, whose histories were not divided into months.

    A restore that was cut off is noted in the database: no run and no backup begins before a restore there has ended.

    Args:
        key: the key that must have signed the backup; None takes one that anybody made, if its documents have the right shape.
        force: also where the backup is of a database with another name; never where it is of another world.
        only: these collections, the others stay unchanged; none named means all.

    Raises:
        BackupError: the backup is damaged, unfinished, foreign, not signed with the key or of a later release, or lacks a collection, or
            a document of it has a wrong shape; nothing was changed.
        StoreError: the collections cannot be written; restoring again completes it.
    """
    manifest = verified(folder, key)
    if manifest.upstreams != upstreams:
        raise BackupError(
            f"the backup is of {manifest.upstreams} data and these settings mean {upstreams}, which never mix;"
            f" set TUNEMELD_UPSTREAMS={manifest.upstreams}"
        )
    if manifest.database != database and not force:
        raise BackupError(
            f"the backup is of the database {manifest.database} and these settings mean {database};"
            " --force restores it all the same"
        )
    names = _chosen(folder, manifest, only)
    # What the older system wrote may hold a row more than once, which the unique indexes would refuse.
    older = any(
        not document.get("schema_version")
        for name in OLDER_COLLECTIONS
        if name in manifest.collections
        for document in _documents(folder, name)
    )
    if older and only:
        raise BackupError("a backup of the older system is restored as a whole; leave --only away")
    # What this installation has signed comes back as it was; readers put aside what they cannot read.
    if key is None and not older and manifest.layout == LAYOUT_VERSION:
        _refuse_misshapen(store, folder, names)
    store.layout.begin_restore(str(folder.resolve()), datetime.now(UTC))
    if older:
        store.layout.forget_indexes()
    elif HISTORIES in names and any(one["schema_version"] == 1 for one in _documents(folder, HISTORIES)):
        store.layout.create()
        store.layout.forget()
    else:
        store.layout.prepare(restoring=True)
    if "chart_history" in names:
        for name in set(MADE_FROM_DAYS) - set(names):
            store.transfer.remove_others(name, ())
    done = _write_back(store, folder, names, older=older)
    store.layout.end_restore()
    return done


def _write_back(store: Store, folder: Path, names: Collection[str], *, older: bool) -> dict[str, Restored]:
    ids: dict[str, set[Any]] = {}
    for name in names:
        ids[name] = set()
        documents = _documents(folder, name)
        while batch := list(islice(documents, BATCH)):
            if name == USAGE:
                store.transfer.restore_usage(batch)
            else:
                store.transfer.restore_documents(name, batch, rows_once=not older)
            ids[name].update(document["_id"] for document in batch)
    return {
        name: Restored(len(kept), 0 if name in KEPT_BESIDE else store.transfer.remove_others(name, kept))
        for name, kept in ids.items()
    }


def _chosen(folder: Path, manifest: Manifest, only: Collection[str]) -> list[str]:
    if missing := sorted(set(only) - set(manifest.collections)):
        raise BackupError(
            f"{folder} holds no collection {', '.join(missing)}; choose from {', '.join(sorted(manifest.collections))}"
            + did_you_mean(missing[0], manifest.collections)
        )
    chosen = [name for name in manifest.collections if not only or name in only]
    if "chart_history" not in chosen and (made := [name for name in chosen if name in MADE_FROM_DAYS]):
        raise BackupError(f"{made[0]} is made from chart_history; restore that, with --only chart_history")
    return chosen


def _refuse_misshapen(store: Store, folder: Path, names: Collection[str]) -> None:
    for name in names:
        documents = _documents(folder, name)
        while batch := list(islice(documents, BATCH)):
            if (found := store.layout.misshapen(name, batch)) is not None:
                raise BackupError(
                    f"{_file(folder, name)} holds a document of another shape, {found}; use another backup"
                )


def verified(folder: Path, key: bytes | None) -> Manifest:
    """The manifest of a backup, after every file of it was read to its end and found to be what was written.

    Args:
        key: the key that must have signed it; None takes it as it is.

    Raises:
        BackupError: it cannot be restored; the message says why.
    """
    try:
        manifest = Manifest.model_validate_json(read_small_text(folder / MANIFEST))
    except FileNotFoundError as error:
        raise BackupError(f"{folder} holds no finished backup: there is no {MANIFEST}; use another backup") from error
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{folder / MANIFEST} is not the manifest of a TuneMeld backup, or is damaged; use another"
        ) from error
    if manifest.format not in (FORMAT, UNSIGNED_FORMAT):
        raise BackupError(f"{folder} has the format {manifest.format!r}, and this release reads {FORMAT!r}")
    if key is not None:
        _refuse_unsigned(folder, manifest, key)
    if manifest.layout > LAYOUT_VERSION:
        raise BackupError(
            f"{folder} was made by a later release (layout {manifest.layout}, here {LAYOUT_VERSION}); use that release"
        )
    _refuse_other_collections(folder, manifest)
    for name, listed in manifest.collections.items():
        try:
            if not _file(folder, name).is_file():  # reading a pipe would wait for ever
                raise FileNotFoundError(_file(folder, name))
            if _sha256(_file(folder, name)) != listed.sha256:
                raise BackupError(
                    f"{_file(folder, name)} is damaged: its SHA-256 is not the manifest's; use another backup"
                )
            _refuse_unlike(_file(folder, name), _documents(folder, name, listed.text_bytes), listed)
        except DAMAGE as error:
            raise BackupError(f"{_file(folder, name)} is missing or damaged; use another backup") from error
    return manifest


def _refuse_unsigned(folder: Path, manifest: Manifest, key: bytes) -> None:
    if manifest.format == UNSIGNED_FORMAT or not manifest.signature:
        raise BackupError(
            f"{folder} is not signed, so nothing shows who made it; --unsigned restores it if you know where it comes from"
        )
    if manifest.key != key_name(key):
        raise BackupError(
            f"{folder} was signed by another installation, with the key {manifest.key[:12]!r}, and not with {key_name(key)!r};"
            f" name that installation's {KEY_FILE} with --key-file, or restore it with --unsigned if you know where it comes from"
        )
    if not is_signed(key, manifest.signed, manifest.signature):
        raise BackupError(f"{folder / MANIFEST} was changed after it was signed; use another backup")


def _refuse_unlike(path: Path, documents: Iterator[dict[str, Any]], listed: BackedUp) -> None:
    """Refuses a file with other documents than its manifest says; reads no further than to the first too many."""
    count = 0
    for document in documents:
        _refuse_unstorable(document)
        count += 1
        if count > listed.documents:
            break
    if count != listed.documents:
        held = f"more than {listed.documents}" if count > listed.documents else count
        raise BackupError(f"{path} holds {held} documents, its manifest says {listed.documents}; use another")


def _refuse_other_collections(folder: Path, manifest: Manifest) -> None:
    expected = {spec.name for spec in COLLECTIONS if ADDED_IN_LAYOUT.get(spec.name, 1) <= manifest.layout}
    if unknown := sorted(set(manifest.collections) - {spec.name for spec in COLLECTIONS}):
        raise BackupError(
            f"{folder} holds collections that are not TuneMeld's: {', '.join(unknown)}; use another backup"
        )
    if missing := sorted(expected - set(manifest.collections)):
        raise BackupError(
            f"{folder} lacks the collections {', '.join(missing)}, which a restore would empty or leave; use another backup"
        )


def _write(store: Store, name: str, folder: Path) -> BackedUp:
    path, count, text_bytes = _file(folder, name), 0, 0
    with open(path, "xb", opener=private) as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
            for document in store.transfer.documents(name):
                line = json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS).encode() + b"\n"
                file.write(line)
                count, text_bytes = count + 1, text_bytes + len(line)
        raw.flush()
        os.fsync(raw.fileno())
    return BackedUp(documents=count, text_bytes=text_bytes, sha256=_sha256(path))


def _documents(folder: Path, name: str, most_bytes: int | None = None) -> Iterator[dict[str, Any]]:
    read = 0
    with gzip.open(_file(folder, name), "rb") as lines:
        # A few kilobytes of gzip can be one line of many gigabytes.
        while line := lines.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise ValueError("a line is longer than any document")
            read += len(line)
            if most_bytes is not None and read > most_bytes:
                raise ValueError("there are more lines than were written")
            document = json_util.loads(line.decode("utf-8"), json_options=json_util.CANONICAL_JSON_OPTIONS)
            if "_id" not in document:
                raise ValueError("a line is no document")
            yield document


def _refuse_unstorable(document: dict[str, Any]) -> None:
    """Refuses what MongoDB would refuse when others are already written."""
    if isinstance(document["_id"], dict | list | bson.Regex) or any(name.startswith("$") for name in document):
        raise ValueError("MongoDB keeps no such document")
    if len(bson.encode(document)) > LARGEST_DOCUMENT:
        raise ValueError("a document is larger than MongoDB's 16 MB")


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json.gz"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
