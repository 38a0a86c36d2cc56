"""The daily backup: a job of one step, and its schedule.

`backups/kept.py` makes the backup and tries it out. The alarm sensor sees from the folder, and from the job's last run, whether there is
a good one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.assets.partitions import settings
from tunemeld_pipeline.backups.kept import back_up_and_keep
from tunemeld_pipeline.orchestration.upkeep import plain_failure
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG

CRON = "45 4 * * *"
"""UTC: two hours after the daily refresh by default begins, which takes minutes."""


@dg.op
def daily_backup(operator: OperatorResource) -> dg.Output[str]:
    """A backup in BACKUP_DIR, tried out in a scratch database; the newest BACKUP_KEEP stay."""
    with plain_failure():
        folder, _ = back_up_and_keep(operator.settings, datetime.now(UTC))
    return dg.Output(str(folder), metadata={"folder": str(folder)})


@dg.job(
    name="backup",
    description="A backup of the database, tried out.",
    executor_def=dg.in_process_executor,
    tags={MAX_RETRIES_TAG: "0"},
)
def backup() -> None:
    """One step."""
    daily_backup()


@dg.schedule(
    job=backup,
    cron_schedule=CRON,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING if settings.backup_dir else dg.DefaultScheduleStatus.STOPPED,
)
def backup_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One backup a day, where BACKUP_DIR is set."""
    yield dg.RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}")
