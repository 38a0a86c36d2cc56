"""Dagster's folders: one for each world, so that what a run on live data does is not shown over the sandbox's, nor the other way round.

This module takes over the folder that all worlds shared in earlier releases, and refuses a folder of one's own that holds another world's
runs. It does not load Dagster; `runs.py` creates the instance in the folder.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.local.daemons import daemons_of
from tunemeld_pipeline.local.processes import private_directory, start_lock
from tunemeld_pipeline.run_tags import DATABASE_TAG
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings

LOCK_SECONDS = 120.0
WORLD_FILE = ".tunemeld-world"
NEWEST_DATABASE = "SELECT value FROM run_tags WHERE key = ? ORDER BY id DESC LIMIT 1"


def dagster_home_of(settings: Settings) -> Path:
    """This world's folder, after the one that all worlds shared was taken over; it may not exist yet.

    Raises:
        LocalServerError: Dagster's daemon still runs on the shared folder, or a folder of one's own holds another world's runs.
    """
    if settings.dagster_home is None:
        _take_over(settings)
    else:
        _refuse_other_world(settings.dagster_home, settings.upstreams)
    return settings.dagster_folder


def note_world(settings: Settings) -> None:
    """Notes in a folder of one's own whose runs it holds."""
    if settings.dagster_home is not None:
        (settings.dagster_home / WORLD_FILE).write_text(f"{settings.upstreams.value}\n", "utf-8")


def _refuse_other_world(home: Path, upstreams: Upstreams) -> None:
    with suppress(OSError):
        noted = (home / WORLD_FILE).read_text("utf-8").strip()
        if noted != upstreams.value:
            raise LocalServerError(
                f"DAGSTER_HOME={home} holds the runs on {noted} data, and these settings mean {upstreams.value}; give each world a folder"
                " and a database of its own, or leave DAGSTER_HOME out",
                next_command="tunemeld config show",
            )


def _take_over(settings: Settings) -> None:
    """Moves the runs of the shared folder to the world of the newest one. Killed half-way, it goes on the next time."""
    shared = settings.home / "dagster"
    if not _is_shared(shared):
        return
    with start_lock(shared / ".lock", seconds=LOCK_SECONDS):
        if not _is_shared(shared):  # another process has done it meanwhile
            return
        if daemons := daemons_of(shared):
            raise LocalServerError(
                f"Dagster's daemon (pid {daemons[0]}) runs on {shared}, which an earlier release shares among all worlds; end it, and each"
                " world gets a folder",
                next_command="tunemeld status",
            )
        world = _world_of_newest_run(shared) or settings.upstreams
        target = private_directory(shared / world.value)
        # What says that there is something to take over goes last.
        for path in sorted(shared.iterdir(), key=lambda one: one.name == "history"):
            if path.name not in {*Upstreams, ".lock"} and not (target / path.name).exists():
                path.rename(target / path.name)


def _is_shared(folder: Path) -> bool:
    return (folder / "history").is_dir()


def _world_of_newest_run(folder: Path) -> Upstreams | None:
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{folder / 'history' / 'runs.db'}?mode=ro", uri=True)) as runs,
    ):
        row = runs.execute(NEWEST_DATABASE, (DATABASE_TAG,)).fetchone()
        if row is not None:
            name = str(row[0]).removesuffix("_test")
            return next(
                (one for one in (Upstreams.SANDBOX, Upstreams.REPLAY) if name.endswith(f"_{one}")), Upstreams.LIVE
            )
    return None
