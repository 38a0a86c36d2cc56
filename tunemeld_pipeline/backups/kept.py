"""The backups in BACKUP_DIR: a new one is tried out before it counts, and the newest BACKUP_KEEP stay.

A backup is written into a folder whose name begins with a dot and gets its own name, the database and the moment, only after it was
restored into a scratch database. So a folder with such a name is whole, and none is removed before a newer one has proved good.
"""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tunemeld_pipeline.backups.backup import MANIFEST, Manifest, back_up, restore
from tunemeld_pipeline.backups.signing import own_key
from tunemeld_pipeline.errors import BackupError
from tunemeld_pipeline.local.processes import start_lock
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store, scratch_store
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

MOMENT = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished-"
OTHERS_SECONDS = 5.0
"""How long a backup waits for another into the same folder."""


def back_up_and_keep(settings: Settings, at: datetime) -> tuple[Path, Manifest]:
    """Makes a backup in BACKUP_DIR, tries it out, and removes the oldest ones beyond BACKUP_KEEP; returns the new one.

    Raises:
        BackupError: BACKUP_DIR is not set or cannot be written, or what was written does not come back. All earlier backups stay.
        StoreError: the database, or the scratch database, cannot be read or written. All earlier backups stay.
        LocalServerError: another backup into the same folder is under way.
    """
    place = _place(settings)
    name = f"{settings.database_name}-{at.astimezone(UTC).strftime(MOMENT)}"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with start_lock(place / ".lock", seconds=OTHERS_SECONDS):
            _clear_unfinished(place, settings.database_name)
            if (place / name).exists():
                raise BackupError(f"{place / name} is there already; try again in a second")
            unfinished = place / f"{UNFINISHED}{name}"
            with open_store(settings) as store:
                key = own_key(settings.home)
                manifest = back_up(
                    store, unfinished, database=settings.database_name, upstreams=settings.upstreams.value, key=key
                )
                try_out(store, settings, unfinished, manifest, key)
            unfinished.rename(place / name)
            for older in kept_backups(settings)[: -settings.backup_keep]:
                shutil.rmtree(older)
    except OSError as error:
        raise BackupError(
            f"{place} cannot be written ({error.strerror}); make room, or set BACKUP_DIR to another folder"
        ) from error
    return place / name, manifest


def try_out(store: Store, settings: Settings, folder: Path, manifest: Manifest, key: bytes) -> None:
    """Restores a backup into a scratch database, which is dropped afterwards.

    Raises:
        BackupError: it does not come back whole.
        StoreError: the scratch database cannot be written.
    """
    with scratch_store(store, settings) as scratch:
        restore(scratch, folder, database=manifest.database, upstreams=manifest.upstreams, key=key)
        there = scratch.layout.document_counts()
    for spec in COLLECTIONS:
        # What has a time to live may be gone already.
        if not spec.expires and there[spec.name] != manifest.collections[spec.name].documents:
            raise BackupError(
                f"{folder} does not come back whole: of {manifest.collections[spec.name].documents} documents of {spec.name}"
                f" {there[spec.name]} are there; look at the disk, and at the database's log"
            )


def kept_backups(settings: Settings) -> list[Path]:
    """The whole backups of this database in BACKUP_DIR, oldest first.

    Raises:
        OSError: the folder cannot be read.
    """
    place = _place(settings)
    if not place.exists():
        return []
    pattern = re.compile(rf"{re.escape(settings.database_name)}-\d{{8}}T\d{{6}}Z")
    return sorted(
        one
        for one in place.iterdir()
        if pattern.fullmatch(one.name) and not one.is_symlink() and (one / MANIFEST).is_file()
    )


def newest_backup(settings: Settings) -> datetime | None:
    """When the newest whole backup in BACKUP_DIR was made; None without any, and where the folder cannot be read."""
    try:
        kept = kept_backups(settings)
    except OSError:
        return None
    moment = kept[-1].name.removeprefix(f"{settings.database_name}-") if kept else ""
    return datetime.strptime(moment, MOMENT).replace(tzinfo=UTC) if kept else None


def _place(settings: Settings) -> Path:
    if settings.backup_dir is None:
        raise BackupError("BACKUP_DIR is not set; set it, or name a folder", next_command="tunemeld db backup --help")
    return settings.backup_dir


def _clear_unfinished(place: Path, database: str) -> None:
    """Removes what backups that were cut off have left."""
    for one in place.glob(f"{UNFINISHED}{database}-*"):
        shutil.rmtree(one)
