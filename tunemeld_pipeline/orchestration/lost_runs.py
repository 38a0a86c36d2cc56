"""Finds runs whose process is gone, which Dagster would count as running until their time is up.

The sensor marks the runs of ended processes as failed, so that Dagster retries them (`run_retries` in dagster.yaml). Dagster itself notices
that a run's process has died only if the code server lives; after a power cut, or a stop of everything in the middle of a run, nobody is
left who saw it.
"""

import socket
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.local.processes import Process
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG, PROCESS_TAG

INTERVAL_SECONDS = 30


def end_lost_runs(instance: dg.DagsterInstance, at: datetime) -> list[str]:
    """Marks as failed the runs that were in progress in an ended process of this host; returns their ids.

    A run from a day before `at` is not retried: today's own run reads today's data.
    """
    lost = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        run = record.dagster_run
        if not _has_lost_its_process(run):
            continue
        # Read again: a process that ended after its run had reported the run's end first.
        now = instance.get_run_by_id(run.run_id)
        if now is None or now.is_finished:
            continue
        if utc_day(datetime.fromtimestamp(record.start_time or 0, UTC)) != utc_day(at):
            instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
        instance.report_run_failed(
            now, "The process of this run is gone without a report: killed, or stopped together with the machine."
        )
        lost.append(run.run_id)
    return lost


@dg.sensor(minimum_interval_seconds=INTERVAL_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Marks runs whose process is gone as failed, so that Dagster retries them."""
    lost = end_lost_runs(context.instance, datetime.now(UTC))
    return dg.SkipReason(
        f"marked as failed: {', '.join(lost)}" if lost else "every run that is under way has its process"
    )


def _has_lost_its_process(run: dg.DagsterRun) -> bool:
    words = run.tags.get(PROCESS_TAG, "").split(" ", 3)
    if len(words) != 4 or words[:2] != [run.run_id, socket.gethostname()] or not words[2].isdecimal():
        return False
    return not Process(int(words[2]), words[3]).is_alive
