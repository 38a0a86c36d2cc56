"""Keeps Dagster's own records from growing for ever: a weekly job removes runs older than `DAGSTER_DAYS_KEPT`.

A run leaves a third of a megabyte, 1.5 GB in three years of four genres. Runs are removed through Dagster's own call; what that leaves of
its SQLite storage, a file per run and free pages, is cleared afterwards. Ticks have a retention of their own in `dagster.yaml`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from tunemeld_pipeline.assets.partitions import settings as process_settings
from tunemeld_pipeline.resources.operator import OperatorResource

WEEKLY = "20 4 * * 0"
"""Sunday at 04:20 UTC, when no refresh is under way."""

BATCH = 100
LEAST_FREE = 0.25
"""The share of free pages from which on a database is vacuumed, which rewrites it and keeps others waiting for that long."""

BUSY_SECONDS = 10.0
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: runs, files of runs without a record, and the databases that were vacuumed, with the bytes that this gave back."""

    runs: int
    files: int
    vacuumed: dict[str, int]


def prune(instance: dg.DagsterInstance, history: Path, days: float, at: datetime, own_run: str = "") -> Pruned:
    """Removes the runs that ended and were created more than `days` days before `at`.

    Args:
        history: where Dagster's SQLite storage is, `DAGSTER_HOME/history`; nothing is cleared there if it is elsewhere.
        own_run: the run that does this, which keeps no database from being vacuumed.
    """
    before = at - timedelta(days=days)
    runs = 0
    old = dg.RunsFilter(statuses=ENDED, created_before=before)
    while ids := [record.dagster_run.run_id for record in instance.get_run_records(old, limit=BATCH)]:
        for run_id in ids:
            instance.delete_run(run_id)
            _remove(history / "runs" / f"{run_id}.db")
        runs += len(ids)
    files = 0
    for left in _files_of_runs(history / "runs", before):
        if not instance.has_run(left.stem):
            _remove(left)
            files += 1
    # A run that wants to write while a database is rewritten would wait for it, and fail after half a minute.
    others = [one for one in instance.get_run_ids(dg.RunsFilter(statuses=UNDER_WAY)) if one != own_run]
    paths = (history / "runs" / "index.db", history / "runs.db", history.parent / "schedules" / "schedules.db")
    vacuumed = {} if others else {path.name: freed for path in paths if (freed := vacuum(path)) is not None}
    return Pruned(runs, files, vacuumed)


def vacuum(path: Path) -> int | None:
    """Gives the free pages of a SQLite database back to the disk; the bytes, or None where that is not worth it or not possible now."""
    if not path.is_file():
        return None
    before = path.stat().st_size
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            if not pages or free / pages < LEAST_FREE:
                return None
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:  # somebody writes, or the disk has no room for a second copy: next week
        return None
    return before - path.stat().st_size


@dg.op(description="Removes runs older than DAGSTER_DAYS_KEPT, and what they leave of Dagster's databases.")
def remove_old_runs(context: dg.OpExecutionContext, operator: OperatorResource) -> None:
    """One look at all records."""
    history = Path(context.instance.root_directory) / "history"
    pruned = prune(
        context.instance, history, operator.settings.dagster_days_kept, datetime.now(UTC), own_run=context.run_id
    )
    context.log.info(
        "%s runs older than %g days were removed, %s files without a run; vacuumed: %s",
        pruned.runs,
        operator.settings.dagster_days_kept,
        pruned.files,
        ", ".join(f"{name} (-{freed:,} bytes)" for name, freed in pruned.vacuumed.items()) or "nothing",
    )


@dg.job(executor_def=dg.in_process_executor, description="Dagster's own records of runs that are older than needed.")
def prune_records() -> None:
    """The weekly job."""
    remove_old_runs()


prune_records_schedule = dg.ScheduleDefinition(
    name="prune_records_schedule",
    job=prune_records,
    cron_schedule=WEEKLY,
    execution_timezone="UTC",
    description="Once a week.",
    default_status=(
        dg.DefaultScheduleStatus.RUNNING if process_settings.daily_refresh else dg.DefaultScheduleStatus.STOPPED
    ),
)


def _files_of_runs(folder: Path, before: datetime) -> Iterator[Path]:
    """Files of runs that nobody has written to since, for example of a run that was removed when this was cut off."""
    for path in folder.glob("*-*-*-*-*.db"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            yield path


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
