"""Dagster's records, read through Dagster: where they are in Postgres, or DAGSTER_HOME is a folder of one's own.

This module reads the instance for people; `run_tables.py` does the same without Dagster for our own folder, and `runs.py` starts runs.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.limits import DAEMON_SILENT
from tunemeld_pipeline.local.processes import private_directory
from tunemeld_pipeline.operations.dagster_config import configure, dagster_yaml, require_records, write_config
from tunemeld_pipeline.operations.dagster_homes import dagster_home_of
from tunemeld_pipeline.operations.recorded import (
    RECENT_RUNS,
    RUNS_LOOKED_AT,
    SCHEDULE,
    SCHEDULER,
    AssetRun,
    Records,
    RunSummary,
    RunUnderWay,
    Scheduling,
    Step,
    last_of_each,
    stage_of,
)
from tunemeld_pipeline.orchestration.findings import moment_of
from tunemeld_pipeline.run_tags import AS_OF_TAG, DATABASE_TAG, DEGRADED_TAG, PARTITION_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage

RUNS_SEARCHED = 10_000


class InstanceRecords(Records):
    """An instance's records of runs into one database; none of an instance that was never made."""

    def __init__(self, instance: dg.DagsterInstance | None, database: str) -> None:
        self._instance, self._database = instance, database

    def last_asset_runs(self, genres: Sequence[str]) -> dict[str, list[AssetRun]]:
        return {genre: self._asset_runs(genre) for genre in genres}

    def _asset_runs(self, genre: str) -> list[AssetRun]:
        records = self._records({PARTITION_TAG: genre, DATABASE_TAG: self._database}, RUNS_LOOKED_AT)
        own = [record.dagster_run.run_id for record in records if _observes_its_own_day(record)][:RECENT_RUNS]
        return last_of_each((run_id, self.steps(run_id)) for run_id in own)

    def runs_under_way(self, genre: str) -> list[RunUnderWay]:
        statuses = [dg.DagsterRunStatus[name] for name in ("QUEUED", "NOT_STARTED", "STARTING", "STARTED")]
        return [
            RunUnderWay(record.dagster_run.run_id, record.start_time is not None, _began(record))
            for record in reversed(self._records({PARTITION_TAG: genre}, None, statuses))
            if record.dagster_run.tags.get(DATABASE_TAG, self._database) == self._database
        ]

    def summaries(self, genre: str | None, limit: int) -> list[RunSummary]:
        tags = {DATABASE_TAG: self._database, **({PARTITION_TAG: genre} if genre else {})}
        return [_summary(record) for record in self._records(tags, limit)]

    def summary(self, beginning: str) -> RunSummary | None:
        records = self._records({}, RUNS_SEARCHED) if beginning else []
        found = [record for record in records if record.dagster_run.run_id.startswith(beginning)]
        return _summary(found[0]) if len(found) == 1 else None

    def steps(self, run_id: str) -> list[Step]:
        if self._instance is None:
            return []
        return [
            Step(
                stats.step_key,
                (stats.status.value if stats.status else "running").lower().replace("in_progress", "running"),
                moment_of(stats.start_time),
                moment_of(stats.end_time),
            )
            for stats in self._instance.get_run_step_stats(run_id)
            if stats.step_key in Stage.FULL.assets
        ]

    def why_failed(self, run_id: str) -> str | None:
        from tunemeld_pipeline.orchestration.findings import why_run_failed  # it loads the definitions

        return None if self._instance is None else why_run_failed(self._instance, run_id)

    def catch_ups(self, day: str) -> dict[str, int]:
        from tunemeld_pipeline.orchestration.catch_up import catch_ups  # it loads the definitions

        return {} if self._instance is None else dict(catch_ups(self._instance, day, self._database))

    def scheduling(self, at: datetime) -> Scheduling:
        if self._instance is None:
            return Scheduling(None, daemon_runs=False)
        states = [state for state in self._instance.all_instigator_state() if state.instigator_name == SCHEDULE]
        switched = next((state.is_running for state in states if state.status.value != "DECLARED_IN_CODE"), None)
        # Dagster itself believes in a daemon for half an hour after its last heartbeat.
        status = self._instance.get_daemon_statuses([SCHEDULER]).get(SCHEDULER)
        beat = status.last_heartbeat if status else None
        seen = datetime.fromtimestamp(beat.timestamp, UTC) if beat else None
        runs = bool(status and status.healthy) and seen is not None and at - seen < DAEMON_SILENT
        return Scheduling(switched, runs, seen)

    def _records(
        self, tags: dict[str, str], limit: int | None, statuses: Sequence[dg.DagsterRunStatus] = ()
    ) -> Sequence[dg.RunRecord]:
        if self._instance is None:
            return []
        return self._instance.get_run_records(dg.RunsFilter(tags=tags, statuses=list(statuses)), limit=limit)


@contextmanager
def open_instance_records(settings: Settings) -> Generator[Records]:
    """The records of the instance in the settings' folder. Creates nothing."""
    with recorded(settings) as instance:
        yield InstanceRecords(instance, settings.database_name)


@contextmanager
def recorded(settings: Settings) -> Generator[dg.DagsterInstance | None]:
    """The existing instance; None where no run was ever recorded. Creates nothing but the folder that says where Postgres is.

    Raises:
        LocalServerError: Postgres cannot be reached.
    """
    home = dagster_home_of(settings)
    if settings.postgres_url is not None:
        require_records(settings)
        private_directory(settings.home / "dagster")
        write_config(private_directory(home), dagster_yaml(settings))
    elif not (home / "dagster.yaml").is_file():
        yield None
        return
    configure(settings, home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def _observes_its_own_day(record: dg.RunRecord) -> bool:
    day = utc_day(record.create_timestamp)
    return record.dagster_run.tags.get(AS_OF_TAG, day).startswith(day)


def _began(record: dg.RunRecord) -> datetime:
    return moment_of(record.start_time) or record.create_timestamp


def _summary(record: dg.RunRecord) -> RunSummary:
    run = record.dagster_run
    seconds = record.end_time - record.start_time if record.end_time and record.start_time else None
    tags = run.tags
    return RunSummary(
        run.run_id,
        tags.get(PARTITION_TAG, ""),
        stage_of(run.job_name),
        run.status.value.lower(),
        _began(record),
        seconds,
        tags.get(DEGRADED_TAG, ""),
    )
