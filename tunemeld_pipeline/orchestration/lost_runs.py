"""Ends runs of which nothing is heard any more, which Dagster would count as running until their time is up.

The sensor takes a run's lease away (`storage/leases.py`) and marks the run as failed, so that Dagster retries it (`run_retries` in
dagster.yaml). Dagster itself notices that a run's process has died only if the code server lives; after a power cut, a cut network, or a
stop of everything in the middle of a run, nobody is left who saw it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import LocalServerError, StoreError
from tunemeld_pipeline.limits import DATABASE_SECONDS
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import DATABASE_TAG, MAX_RETRIES_TAG, PARTITION_TAG
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.connection import is_stopped, open_store
from tunemeld_pipeline.storage.fence import ALIVE_FOR
from tunemeld_pipeline.storage.leases import Lease, Leases
from tunemeld_pipeline.storage.store import Store

INTERVAL_SECONDS = 30

STARTING_WITHIN = timedelta(minutes=3)
"""How long a run may take from when it leaves Dagster's queue until its process takes a lease: it may wait in a broker's queue, and a
process that starts on a busy machine loads its code for half a minute."""

NOBODY_HEARD = timedelta(seconds=2 * INTERVAL_SECONDS)
"""After so long without a look of this sensor, the leases may have run out because nobody could renew them: the database was away."""

STARTED, STARTING = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING
NOT_STARTED = dg.DagsterRunStatus.NOT_STARTED
JOBS = frozenset({*(stage.job for stage in Stage), "__ASSET_JOB"})
"""Those whose runs hold leases. The last is Dagster's own, for assets that somebody materializes in the UI."""

_LOG = get_logger(__name__)


def end_lost_runs(
    instance: dg.DagsterInstance, store: Store, at: datetime, *, leases_count: bool = True
) -> dict[str, str]:
    """Marks as failed the runs in progress, or about to begin, whose process is gone or silent; why, by their ids.

    A run from a day before `at` is not retried: today's own run reads today's data.

    Args:
        leases_count: whether leases that have run out say anything; where not, only processes of this machine that are gone do.

    Raises:
        StoreError: the database cannot be read.
    """
    under_way = instance.get_run_records(dg.RunsFilter(statuses=[STARTED, STARTING, NOT_STARTED]))
    records = [one for one in under_way if _holds_leases(one.dagster_run, store)]
    leases = store.leases.of([one.dagster_run.run_id for one in records])
    lost: dict[str, str] = {}
    for record in records:
        run = record.dagster_run
        why = _lost_because(instance, record, leases, at, leases_count=leases_count)
        if why is None:
            continue
        # Read again: a process that ended after its run had reported the run's end first, and one that began meanwhile has a lease.
        now = instance.get_run_by_id(run.run_id)
        if now is None or now.is_finished or now.status is not run.status:
            continue
        if not _taken_away(store.leases, run.run_id, leases.get(run.run_id)):
            continue
        if utc_day(_begin(record)) != utc_day(at):
            instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
        instance.report_run_failed(now, f"{why}; it writes nothing more.")
        lost[run.run_id] = why
    return lost


@dg.sensor(minimum_interval_seconds=INTERVAL_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def lost_runs(context: dg.SensorEvaluationContext, operator: OperatorResource) -> dg.SkipReason:
    """Ends runs whose process is gone or silent, so that Dagster retries them, and notes that the daemon is alive."""
    settings = operator.settings
    if is_stopped(settings):
        return dg.SkipReason("the database does not run, so nothing is known of leases")
    try:
        with open_store(settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS) as store:
            lost = _end_lost_runs(context.instance, store, datetime.now(UTC))
    except (StoreError, LocalServerError) as error:
        _LOG.debug("the leases of runs could not be read", error=str(error))
        return dg.SkipReason(f"nothing is known of leases: {error}")
    for run_id, why in lost.items():
        _LOG.warning("a run is ended", run_id=run_id, reason=why)
    return dg.SkipReason(
        f"marked as failed: {', '.join(lost)}" if lost else "every run that is under way holds a lease"
    )


def _end_lost_runs(instance: dg.DagsterInstance, store: Store, at: datetime) -> Mapping[str, str]:
    before = store.heartbeats.last_beat()
    store.heartbeats.beat(at)
    return end_lost_runs(instance, store, at, leases_count=before is not None and at - before < NOBODY_HEARD)


def _holds_leases(run: dg.DagsterRun, store: Store) -> bool:
    """Whether it is a run of ours into this database; other code locations of the instance know nothing of leases."""
    database = store.handle.database.name
    return (
        run.job_name in JOBS
        and genres.has_partition_key(run.tags.get(PARTITION_TAG, ""))
        and run.tags.get(DATABASE_TAG, database) == database
    )


def _lost_because(
    instance: dg.DagsterInstance,
    record: dg.RunRecord,
    leases: Mapping[str, Lease],
    at: datetime,
    *,
    leases_count: bool,
) -> str | None:
    """Why a run counts as lost; None if it does not."""
    run = record.dagster_run
    lease = leases.get(run.run_id)
    if lease is None:
        if run.status is STARTED:
            return _no_lease(at - _begin(record), ALIVE_FOR, "it began")
        return _no_lease(at - _launched(instance, record), STARTING_WITHIN, "it was to begin")
    where = f"its process ({lease.process.partition(' ')[0]} on {lease.host})"
    if lease.is_gone:
        return f"{where} is gone without a report: killed, or stopped together with the machine"
    if lease.has_run_out and leases_count:
        return f"{where} was last heard of at {lease.alive_until - ALIVE_FOR:%H:%M:%S} UTC: killed, stopped, or cut off"
    return None


def _no_lease(since: timedelta, limit: timedelta, what: str) -> str | None:
    if since <= limit:
        return None
    return f"no process has taken its lease, {since.total_seconds():.0f} s after {what}: killed, or never started"


def _taken_away(leases: Leases, run_id: str, lease: Lease | None) -> bool:
    return leases.refuse(run_id) if lease is None else leases.take_away(run_id, is_gone=lease.is_gone)


def _launched(instance: dg.DagsterInstance, record: dg.RunRecord) -> datetime:
    """When it left the queue."""
    seconds = getattr(instance.get_run_stats(record.dagster_run.run_id), "launch_time", None)
    return datetime.fromtimestamp(seconds, UTC) if seconds else record.create_timestamp


def _begin(record: dg.RunRecord) -> datetime:
    return datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp
