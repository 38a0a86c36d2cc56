"""The folder of a dump: one file per table and month, named after its content, and a manifest that is replaced last.

Whoever reads the manifest finds every file that it names, with the checksum that it gives; a file never changes. Nothing that is withheld
is in it: `db withhold` makes it again, and the API serves none that is older than a withholding.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tunemeld_pipeline.dumps.parquet import write_parquet
from tunemeld_pipeline.dumps.tables import TABLES, Column, Table
from tunemeld_pipeline.errors import DumpError
from tunemeld_pipeline.local.processes import start_lock
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.text_files import read_small_text

FORMAT = "tunemeld-dump/1"
MANIFEST = "manifest.json"
UNFINISHED = ".unfinished"
OTHERS_SECONDS = 5.0
"""How long a dump waits for another one into the same folder."""


class Described(BaseModel):
    """A column: its name, its type as pyarrow writes it, and what it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: str
    description: str


class DumpedFile(BaseModel):
    """One file: its table and month (YYYY-MM), its rows and bytes, and its SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    table: str
    month: str
    rows: int
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a dump holds, of which world, when it was made, and up to which withholding it leaves out what is withheld."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = FORMAT
    made_at: datetime
    upstreams: str
    withheld_as_of: datetime | None
    tables: dict[str, list[Described]]
    files: list[DumpedFile]


@dataclass(frozen=True, slots=True)
class DumpPlan:
    """What a dump would hold: its months, rows per table and bytes, all estimated, and the months whose files it would remove."""

    folder: Path
    months: list[str]
    rows: Mapping[str, int]
    bytes: int
    removed: list[str]


def plan_dump(store: Store, settings: Settings) -> DumpPlan:
    """What a dump would hold, from the sizes of the collections and, where there is an earlier dump, from its files.

    Raises:
        DumpError: DUMP_DIR is not set.
        StoreError: the collections cannot be read.
    """
    folder, known = _folder(settings), store.months.known()
    months = _kept(known, settings)
    share = len(months) / len(known) if known else 0.0
    with store.for_visitors() as view:
        rows = {table: round(count * share) for table, count in view.months.rows().items()}
    before = read_manifest(folder)
    sizes = _row_bytes(before)
    there = {one.month for one in before.files} if before else set()
    return DumpPlan(
        folder, months, rows, round(sum(sizes[table] * rows[table] for table in rows)), sorted(there - set(months))
    )


def make_dump(store: Store, settings: Settings, at: datetime) -> Manifest:
    """Writes all tables of all months that are kept, replaces the manifest, and removes files that it does not name.

    Raises:
        DumpError: DUMP_DIR is not set or cannot be written, or pyarrow is missing; the dump of before stays.
        StoreError: the collections cannot be read; the dump of before stays.
        LocalServerError: another dump into the same folder is under way.
    """
    folder = _folder(settings)
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with start_lock(folder / ".lock", seconds=OTHERS_SECONDS):
            withheld_as_of = store.withholdings.now().changed_at
            files = [
                file
                for month in _kept(store.months.known(), settings)
                for name, table in TABLES.items()
                if (file := _write(store, folder, name, table, month)) is not None
            ]
            manifest = Manifest(
                made_at=at.astimezone(UTC),
                upstreams=settings.upstreams.value,
                withheld_as_of=withheld_as_of,
                tables={name: list(map(_described, table.columns)) for name, table in TABLES.items()},
                files=files,
            )
            unfinished = folder / UNFINISHED
            unfinished.write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
            unfinished.replace(folder / MANIFEST)
            _remove_others(folder, {one.name for one in files})
    except OSError as error:
        raise DumpError(
            f"{folder} cannot be written ({error.strerror}); make room, or set DUMP_DIR to another folder"
        ) from error
    return manifest


def remove_dump(settings: Settings) -> None:
    """Removes the manifest and all files of a dump, if there is one."""
    if settings.dump_dir is not None and settings.dump_dir.is_dir():
        (settings.dump_dir / MANIFEST).unlink(missing_ok=True)
        _remove_others(settings.dump_dir, set())


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in this folder; None without one that can be read."""
    try:
        return Manifest.model_validate_json(read_small_text(folder / MANIFEST))
    except (OSError, ValueError):
        return None


def _folder(settings: Settings) -> Path:
    if settings.dump_dir is None:
        raise DumpError("DUMP_DIR is not set; set it to the folder that dumps are published from")
    return settings.dump_dir


def _kept(months: list[str], settings: Settings) -> list[str]:
    return months if settings.dump_months is None else months[-settings.dump_months :]


def _write(store: Store, folder: Path, name: str, table: Table, month: str) -> DumpedFile | None:
    """One table's file of one month; None if the month has no rows of it."""
    unfinished = folder / f"{UNFINISHED}.parquet"
    # A snapshot of its own for each file: MongoDB keeps one for five minutes only.
    with store.for_visitors() as view:
        rows = write_parquet(unfinished, table.columns, table.rows(view, month))
    if rows == 0:
        return None
    digest = _sha256(unfinished)
    size = unfinished.stat().st_size
    file = f"{name}-{month}-{digest[:12]}.parquet"
    unfinished.chmod(0o644)
    unfinished.replace(folder / file)
    return DumpedFile(name=file, table=name, month=month, rows=rows, bytes=size, sha256=digest)


def _remove_others(folder: Path, names: set[str]) -> None:
    for one in _dumped(folder):
        if one.name not in names:
            one.unlink(missing_ok=True)


def _dumped(folder: Path) -> Iterator[Path]:
    """The Parquet files that a dump has made; anything else in the folder is somebody else's."""
    for name in TABLES:
        yield from folder.glob(f"{name}-[0-9][0-9][0-9][0-9]-[0-9][0-9]-*.parquet")


def _row_bytes(before: Manifest | None) -> dict[str, float]:
    """The bytes of a row of each table: of the dump before, or as the table estimates them."""
    found = {name: table.row_bytes for name, table in TABLES.items()}
    for name in found:
        files = [one for one in before.files if one.table == name] if before else []
        if rows := sum(one.rows for one in files):
            found[name] = sum(one.bytes for one in files) / rows
    return found


def _described(column: Column) -> Described:
    return Described(name=column.name, type=column.kind, description=column.description)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
