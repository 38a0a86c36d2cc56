"""Finds runs whose process is gone, which Dagster would count as running until their time is up.

The sensor marks the runs of ended processes as failed, so that Dagster retries them (`run_retries` in dagster.yaml). Dagster itself notices
that a run's process has died only if the code server lives; after a power cut, or a stop of everything in the middle of a run, nobody is
left who saw it.
"""

import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import LocalServerError, StoreError
from tunemeld_pipeline.limits import DATABASE_SECONDS
from tunemeld_pipeline.local.processes import Process
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import CODE_SERVER_TAG, MAX_RETRIES_TAG, PROCESS_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import is_stopped, open_store

INTERVAL_SECONDS = 30

ANSWER_SECONDS = 2.0
LAUNCHED_WITHIN = timedelta(seconds=20)
"""How long a run may be about to begin before anybody asks what became of it; its code server is asked to start it within a second."""

STARTED, STARTING = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING
BEGINNING = (STARTING, dg.DagsterRunStatus.NOT_STARTED)

_LOG = get_logger(__name__)


def end_lost_runs(instance: dg.DagsterInstance, at: datetime) -> list[str]:
    """Marks as failed the runs that were in progress, or about to begin, in an ended process of this host; returns their ids.

    A run from a day before `at` is not retried: today's own run reads today's data.
    """
    lost = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=[STARTED, *BEGINNING])):
        run = record.dagster_run
        if not _is_lost(instance, record, at):
            continue
        # Read again: a process that ended after its run had reported the run's end first, and one that began meanwhile has its process.
        now = instance.get_run_by_id(run.run_id)
        if now is None or now.is_finished or now.status is not run.status:
            continue
        if utc_day(_begin(record)) != utc_day(at):
            instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
        instance.report_run_failed(
            now, "The process of this run is gone without a report: killed, or stopped together with the machine."
        )
        lost.append(run.run_id)
    return lost


@dg.sensor(minimum_interval_seconds=INTERVAL_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def lost_runs(context: dg.SensorEvaluationContext, operator: OperatorResource) -> dg.SkipReason:
    """Marks runs whose process is gone as failed, so that Dagster retries them, and notes that the daemon is alive."""
    _beat(operator.settings, datetime.now(UTC))
    lost = end_lost_runs(context.instance, datetime.now(UTC))
    return dg.SkipReason(
        f"marked as failed: {', '.join(lost)}" if lost else "every run that is under way has its process"
    )


def _beat(settings: Settings, at: datetime) -> None:
    if is_stopped(settings):
        return
    try:
        with open_store(settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS) as store:
            store.heartbeats.beat(at)
    except (StoreError, LocalServerError) as error:
        _LOG.debug("the daemon's sign of life was not noted", error=str(error))


def _is_lost(instance: dg.DagsterInstance, record: dg.RunRecord, at: datetime) -> bool:
    run = record.dagster_run
    if (process := _process_of(run)) is not None:
        return not process.is_alive
    # A run that is about to begin has not named its process; what was to start it is known.
    if run.status is not STARTING or at - _launched(instance, record) < LAUNCHED_WITHIN:
        return False
    launcher = _launcher_of(instance, run)
    return launcher is not None and not launcher.accepts()


def _process_of(run: dg.DagsterRun) -> Process | None:
    words = run.tags.get(PROCESS_TAG, "").split(" ", 3)
    if len(words) != 4 or words[:2] != [run.run_id, socket.gethostname()] or not words[2].isdecimal():
        return None
    return Process(int(words[2]), words[3])


@dataclass(frozen=True)
class _Launcher:
    """The code server that was asked to start a run: a socket or port of this host, or none if nobody was asked."""

    address: str | tuple[str, int] | None

    def accepts(self) -> bool:
        if self.address is None:
            return False
        kind = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        with socket.socket(kind) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(self.address)
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError:  # one that is busy or stopped has not ended
                return True
        return True


def _launcher_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> _Launcher | None:
    """None if it is not on this host."""
    place_tag = run.tags.get(CODE_SERVER_TAG)
    before = instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None
    if place_tag is None or (
        before is not None and before.tags.get(CODE_SERVER_TAG) == place_tag
    ):  # a retry inherits the tag
        return _Launcher(None)
    place = json.loads(place_tag)
    if "socket" in place:
        return _Launcher(str(place["socket"]))
    return _Launcher((place["host"], int(place["port"]))) if place["host"] in ("localhost", "127.0.0.1") else None


def _launched(instance: dg.DagsterInstance, record: dg.RunRecord) -> datetime:
    """When it left the queue."""
    seconds = getattr(instance.get_run_stats(record.dagster_run.run_id), "launch_time", None)
    return datetime.fromtimestamp(seconds, UTC) if seconds else record.create_timestamp


def _begin(record: dg.RunRecord) -> datetime:
    return datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp
