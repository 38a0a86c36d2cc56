"""The monthly dump: a job of one step, and its schedule.

`dumps/dump.py` makes it; docs/operations.md says how it is published.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.assets.partitions import settings
from tunemeld_pipeline.dumps.dump import make_dump
from tunemeld_pipeline.orchestration.upkeep import plain_failure
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG
from tunemeld_pipeline.storage.connection import open_store

MONTHLY = "15 5 2 * *"
"""UTC: on the second of the month, after its refresh and backup, when no chart of the month before changes any more."""


@dg.op
def monthly_dump(operator: OperatorResource) -> dg.Output[int]:
    """All charts, lists and histories in DUMP_DIR, as Parquet by month."""
    with plain_failure(), open_store(operator.settings) as store:
        manifest = make_dump(store, operator.settings, datetime.now(UTC))
    size = sum(one.bytes for one in manifest.files)
    return dg.Output(size, metadata={"files": len(manifest.files), "bytes": size})


@dg.job(
    name="dump",
    description="A public dump of all charts, lists and histories.",
    executor_def=dg.in_process_executor,
    tags={MAX_RETRIES_TAG: "0"},
)
def dump() -> None:
    """One step."""
    monthly_dump()


@dg.schedule(
    job=dump,
    cron_schedule=MONTHLY,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING if settings.dump_dir else dg.DefaultScheduleStatus.STOPPED,
)
def dump_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One dump a month, where DUMP_DIR is set."""
    yield dg.RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m}")
