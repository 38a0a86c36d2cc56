"""What Dagster has recorded of runs, schedules and daemons, without loading the definitions.

This module reads the instance for people; `runs.py` starts runs, and `cli/etl_status.py` shows what is read here.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.limits import DAEMON_SILENT
from tunemeld_pipeline.operations.dagster_homes import dagster_home_of
from tunemeld_pipeline.run_tags import AS_OF_TAG, DATABASE_TAG, DEGRADED_TAG, PARTITION_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage

SCHEDULE = "daily_refresh_schedule"
SCHEDULER = "SCHEDULER"
RECENT_RUNS = 20
RUNS_SEARCHED = 10_000
RUNS_LOOKED_AT = 200
"""Runs of past days among them, of which a demonstration leaves some sixty, are not examined further."""


@dataclass(frozen=True, slots=True)
class AssetRun:
    """The last time that an asset was made, or failed to be, for one genre. `state` is success, failure, running or skipped."""

    asset: str
    state: str
    at: datetime | None
    run_id: str


@dataclass(frozen=True, slots=True)
class Scheduling:
    """Whether the daily refresh runs automatically.

    `switched` is how somebody switched it in the UI, None where nobody did; `daemon_seen` is when the daemon was last heard of, and
    `daemon_runs` whether that is a moment ago.
    """

    switched: bool | None
    daemon_runs: bool
    daemon_seen: datetime | None = None


def last_asset_runs(instance: dg.DagsterInstance, genres: Sequence[str], database: str) -> dict[str, list[AssetRun]]:
    """Per genre, each asset's last run among the genre's recent ones into this database, in the order of the pipeline.

    Runs for a past day, which somebody started and looks at, are not among them.
    """
    return {genre: _asset_runs(instance, genre, database) for genre in genres}


def _asset_runs(instance: dg.DagsterInstance, genre: str, database: str) -> list[AssetRun]:
    found: dict[str, AssetRun] = {}
    of_genre = dg.RunsFilter(tags={PARTITION_TAG: genre, DATABASE_TAG: database})
    records = instance.get_run_records(of_genre, limit=RUNS_LOOKED_AT)
    for run in [record.dagster_run for record in records if _observes_its_own_day(record)][:RECENT_RUNS]:
        for stats in instance.get_run_step_stats(run.run_id):
            if stats.step_key in Stage.FULL.assets and stats.step_key not in found:
                at = stats.end_time or stats.start_time
                found[stats.step_key] = AssetRun(
                    stats.step_key,
                    (stats.status.value if stats.status else "running").lower().replace("in_progress", "running"),
                    datetime.fromtimestamp(at, UTC) if at else None,
                    run.run_id,
                )
        if len(found) == len(Stage.FULL.assets):
            break
    return [found[asset] for asset in Stage.FULL.assets if asset in found]


def _observes_its_own_day(record: dg.RunRecord) -> bool:
    day = utc_day(record.create_timestamp)
    return record.dagster_run.tags.get(AS_OF_TAG, day).startswith(day)


@dataclass(frozen=True, slots=True)
class RunUnderWay:
    """A run that has not ended: whether it has begun, and since when."""

    run_id: str
    has_begun: bool
    since: datetime


def runs_under_way(instance: dg.DagsterInstance, genre: str, database: str) -> list[RunUnderWay]:
    """The genre's runs into this database that have not ended, oldest first; one that has not begun has not named its database."""
    statuses = [dg.DagsterRunStatus[name] for name in ("QUEUED", "NOT_STARTED", "STARTING", "STARTED")]
    records = instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: genre}, statuses=statuses))
    return [
        RunUnderWay(
            record.dagster_run.run_id,
            record.start_time is not None,
            datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp,
        )
        for record in reversed(records)
        if record.dagster_run.tags.get(DATABASE_TAG, database) == database
    ]


def scheduling(instance: dg.DagsterInstance, at: datetime) -> Scheduling:
    """How the schedule was switched, and whether the daemon that ticks it has been heard of lately."""
    states = [state for state in instance.all_instigator_state() if state.instigator_name == SCHEDULE]
    switched = next((state.is_running for state in states if state.status.value != "DECLARED_IN_CODE"), None)
    # Dagster itself believes in a daemon for half an hour after its last heartbeat.
    status = instance.get_daemon_statuses([SCHEDULER]).get(SCHEDULER)
    beat = status.last_heartbeat if status else None
    seen = datetime.fromtimestamp(beat.timestamp, UTC) if beat else None
    runs = bool(status and status.healthy) and seen is not None and at - seen < DAEMON_SILENT
    return Scheduling(switched, runs, seen)


@contextmanager
def recorded(settings: Settings) -> Generator[dg.DagsterInstance | None]:
    """The existing instance; None where no run was ever recorded. Creates nothing."""
    home = dagster_home_of(settings)
    if not (home / "dagster.yaml").is_file():
        yield None
        return
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.get() as instance:
        yield instance


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a line: its stage is the job's name, `state` Dagster's status in lower case, `degraded` what was missing."""

    run_id: str
    genre: str
    stage: str
    state: str
    began: datetime
    seconds: float | None
    degraded: str


def summaries(settings: Settings, genre: str | None, limit: int) -> list[RunSummary]:
    """The last runs into this database, newest first; none where no run was ever recorded."""
    tags = {DATABASE_TAG: settings.database_name, **({PARTITION_TAG: genre} if genre else {})}
    with recorded(settings) as instance:
        records = instance.get_run_records(dg.RunsFilter(tags=tags), limit=limit) if instance is not None else []
    return [_summary(record) for record in records]


def summary(settings: Settings, beginning: str) -> RunSummary | None:
    """The one run whose id begins so; None if there is none, or several."""
    with recorded(settings) as instance:
        if instance is None or not beginning:
            return None
        records = instance.get_run_records(limit=RUNS_SEARCHED)
    found = [record for record in records if record.dagster_run.run_id.startswith(beginning)]
    return _summary(found[0]) if len(found) == 1 else None


def details(settings: Settings, run: RunSummary) -> tuple[list[dict[str, Any]], str | None]:
    """The run's assets with their state and seconds, and why it failed, if it did."""
    with recorded(settings) as instance:
        assert instance is not None, "it has this run"  # noqa: S101
        steps = [
            {
                "asset": stats.step_key,
                "state": (stats.status.value if stats.status else "running").lower(),
                "seconds": stats.end_time - stats.start_time if stats.end_time and stats.start_time else None,
            }
            for stats in instance.get_run_step_stats(run.run_id)
            if stats.step_key in Stage.FULL.assets
        ]
        if run.state != "failure":
            return steps, None
        from tunemeld_pipeline.orchestration.findings import why_run_failed  # it loads the definitions

        return steps, why_run_failed(instance, run.run_id)


def _summary(record: dg.RunRecord) -> RunSummary:
    run = record.dagster_run
    began = datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp
    seconds = record.end_time - record.start_time if record.end_time and record.start_time else None
    stage = Stage.FULL.value if run.job_name == Stage.FULL.job else run.job_name
    tags = run.tags
    return RunSummary(
        run.run_id,
        tags.get(PARTITION_TAG, ""),
        stage,
        run.status.value.lower(),
        began,
        seconds,
        tags.get(DEGRADED_TAG, ""),
    )
