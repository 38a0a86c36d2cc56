"""Reads Dagster's records of runs and checks as plain facts, which the alarms judge and the commands show."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.orchestration.run_logger import check_reason
from tunemeld_pipeline.orchestration.schedules import daily_refresh
from tunemeld_pipeline.run_tags import AS_OF_TAG, DATABASE_TAG, PARTITION_TAG, WILL_RETRY_TAG
from tunemeld_pipeline.watching import run_failures
from tunemeld_pipeline.watching.judging import CheckFacts, RunFacts
from tunemeld_pipeline.watching.run_failures import RecordedError, RecordedFailure

RUNS_LOOKED_AT = 50
RETRY_DECIDED_WITHIN = timedelta(minutes=1)
"""Dagster first marks a run as failed, and only then says whether it is retried; its process may be killed in between."""


def recent_runs(instance: dg.DagsterInstance, genre: str, at: datetime, database: str) -> list[RunFacts]:
    """The genre's last daily runs, newest first, without those for a past day, which somebody starts by hand and watches.

    Runs into another database are left out too; a run that ended before it could note its database is included. A run that
    Dagster retries, or may retry, is also left out: the result of the retry counts.
    """
    records = instance.get_run_records(
        dg.RunsFilter(
            job_name=daily_refresh.name,
            tags={PARTITION_TAG: genre},
            statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
        ),
        limit=RUNS_LOOKED_AT,
    )
    runs = [
        _facts(record)
        for record in records
        if AS_OF_TAG not in record.dagster_run.tags
        and record.dagster_run.tags.get(DATABASE_TAG, database) == database
        and not _is_run_again(instance, record, at)
    ]
    newest = next((number for number, run in enumerate(runs) if run.state != "running"), None)
    if newest is not None and runs[newest].state == "failure":
        runs[newest] = _with_reason(instance, runs[newest])
    return runs


def last_run_of(instance: dg.DagsterInstance, job: dg.JobDefinition) -> RunFacts | None:
    """The last run of a job of upkeep that has ended; None if there was none."""
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    records = instance.get_run_records(dg.RunsFilter(job_name=job.name, statuses=ended), limit=1)
    return _with_reason(instance, _facts(records[0])) if records else None


def check_results(instance: dg.DagsterInstance, run_id: str) -> list[CheckFacts]:
    """The results of a run's asset checks; none while it is running, or if another instance has it."""
    run = instance.get_run_by_id(run_id)
    if run is None or not run.is_finished:
        return []
    found = []
    for event in _events(instance, run_id, {dg.DagsterEventType.ASSET_CHECK_EVALUATION}):
        evaluation = event.asset_check_evaluation_data
        low = str(evaluation.metadata["low"].value) if "low" in evaluation.metadata else "none"
        found.append(
            CheckFacts(
                evaluation.check_name,
                evaluation.passed,
                tuple(low.split(", ")) if low != "none" else (),
                check_reason(evaluation),
            )
        )
    return found


def why_failed(events: Iterable[dg.DagsterEvent]) -> str:
    """The message of a run's first failure: that of our own error if there is one, else the innermost."""
    return run_failures.why_failed(map(_failure, events))


def why_run_failed(instance: dg.DagsterInstance, run_id: str) -> str:
    """The same for a run of the instance."""
    return why_failed(_events(instance, run_id, {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}))


def own_error(events: Iterable[dg.DagsterEvent]) -> type[TuneMeldError] | None:
    """The class of our own error that a run's first failure is, or comes from; None where it is another's."""
    seen = list(events)
    for event in seen:
        if event.is_step_failure and (failure := event.step_failure_data.user_failure_data):
            named = failure.metadata.get("error")
            return run_failures.class_named(str(named.value)) if named else None
    error = run_failures.first_error(map(_failure, seen))
    return error.own_class if error is not None else None


def _failure(event: dg.DagsterEvent) -> RecordedFailure:
    data = event.step_failure_data.user_failure_data if event.is_step_failure else None
    return RecordedFailure(
        data.description if data else None,
        _recorded(getattr(event.event_specific_data, "error", None)),
        event.message,
    )


def _recorded(error: Any) -> RecordedError | None:
    return None if error is None else RecordedError(error.cls_name, error.message, _recorded(error.cause))


def _events(instance: dg.DagsterInstance, run_id: str, of_type: set[dg.DagsterEventType]) -> list[dg.DagsterEvent]:
    records = instance.get_records_for_run(run_id, of_type=of_type).records
    return [record.event_log_entry.dagster_event for record in records if record.event_log_entry.dagster_event]


def _is_run_again(instance: dg.DagsterInstance, record: dg.RunRecord, at: datetime) -> bool:
    """Whether Dagster retries the failed run; until it has said so, it may."""
    if not record.dagster_run.is_failure:
        return False
    said, ended = record.dagster_run.tags.get(WILL_RETRY_TAG), moment_of(record.end_time)
    if said is None and instance.run_retries_enabled and ended is not None:
        return at < ended + RETRY_DECIDED_WITHIN
    return said == "true"


def _with_reason(instance: dg.DagsterInstance, run: RunFacts) -> RunFacts:
    """The run, and of a failed one why it failed."""
    if run.state != "failure":
        return run
    return replace(run, error=why_run_failed(instance, run.run_id))


def _facts(record: dg.RunRecord) -> RunFacts:
    run = record.dagster_run
    return RunFacts(
        run.run_id,
        "success" if run.is_success else "failure" if run.is_failure else "running",
        moment_of(record.start_time) or record.create_timestamp,
        moment_of(record.end_time),
    )


def moment_of(seconds: float | None) -> datetime | None:
    """A time of Dagster's, in seconds since 1970; None where it has none yet."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
