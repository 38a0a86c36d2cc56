"""Refreshes what has no chart of today, once an hour: after an outage of the database, of Dagster's storage or of an upstream, and on a
machine that was off when the daily refresh was due.

`watching/catching_up.py` says which genres those are. Dagster itself repeats a run whose process was killed (`lost_runs.py`); what fails
in a step is tried again here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.limits import DATABASE_SECONDS
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.orchestration.schedules import daily_refresh, daily_refresh_schedule
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import CATCH_UP_TAG, DATABASE_TAG, PARTITION_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import is_stopped, open_store
from tunemeld_pipeline.watching.catching_up import HOURLY, Lacking, lacking_today

MISSED = timedelta(minutes=50)
"""A look that comes so late is left to the next one: after a long stop, Dagster makes up for several at once."""

UNDER_WAY = [dg.DagsterRunStatus[name] for name in ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")]

_LOG = get_logger(__name__)


@dg.schedule(
    job=daily_refresh,
    cron_schedule=HOURLY,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def catch_up_schedule(
    context: dg.ScheduleEvaluationContext, operator: OperatorResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Once an hour, a run for each genre without a chart of today, at most three a day; none with the daily refresh off."""
    at = datetime.now(UTC)
    if at - context.scheduled_execution_time > MISSED:
        yield dg.SkipReason("too late: the next look is near")
    else:
        yield from refreshes(context.instance, operator.settings, at)


def refreshes(
    instance: dg.DagsterInstance, settings: Settings, at: datetime
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """The runs for the genres that lack the chart of the day of `at`, or why there are none."""
    if not daily_refresh_is_on(instance, settings):
        yield dg.SkipReason("the daily refresh is switched off")
        return
    day = utc_day(at)
    try:
        lacking = _lacking(instance, settings, at)
    except TuneMeldError as error:
        yield dg.SkipReason(f"which genres lack a chart of {day} could not be read: {error}")
        return
    busy = _under_way(instance)
    wanted = [one for one in lacking if one.is_tried_again and one.genre not in busy]
    for one in wanted:
        _LOG.warning("a genre has no chart of today and is refreshed again", genre=one.genre, tries=one.tries)
        yield dg.RunRequest(
            partition_key=one.genre, run_key=f"{one.genre}/catch-up/{day}/{one.tries + 1}", tags={CATCH_UP_TAG: day}
        )
    if not wanted:
        waiting = ", ".join(one.genre for one in lacking)
        yield dg.SkipReason(
            f"under way, or tried often enough today: {waiting}" if waiting else "no genre lacks a chart that is due"
        )


def daily_refresh_is_on(instance: dg.DagsterInstance, settings: Settings) -> bool:
    """Whether the daily schedule runs: as somebody has switched it in the UI, else as it was set."""
    for state in instance.all_instigator_state():
        if state.instigator_name == daily_refresh_schedule.name and state.status.value != "DECLARED_IN_CODE":
            return bool(state.is_running)
    return settings.daily_refresh


def catch_ups(instance: dg.DagsterInstance, day: str, database: str) -> Mapping[str, int]:
    """How often each genre was refreshed again on a day (YYYY-MM-DD); what Dagster itself repeats of that does not count."""
    found = Counter[str]()
    for record in instance.get_run_records(dg.RunsFilter(job_name=daily_refresh.name, tags={CATCH_UP_TAG: day})):
        run = record.dagster_run
        if run.parent_run_id is None and run.tags.get(DATABASE_TAG, database) == database:
            found[run.tags.get(PARTITION_TAG, "")] += 1
    return found


def _lacking(instance: dg.DagsterInstance, settings: Settings, at: datetime) -> list[Lacking]:
    if is_stopped(settings):
        return []
    with open_store(settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS) as store:
        published = store.charts.materializations()
    tries = catch_ups(instance, utc_day(at), settings.database_name)
    return lacking_today(settings.daily_refresh_cron, genres.get_partition_keys(), published, tries, at)


def _under_way(instance: dg.DagsterInstance) -> set[str]:
    records = instance.get_run_records(dg.RunsFilter(statuses=UNDER_WAY))
    return {record.dagster_run.tags.get(PARTITION_TAG, "") for record in records}
