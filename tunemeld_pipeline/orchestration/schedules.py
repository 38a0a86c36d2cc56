"""When the pipeline runs: the daily job and its schedule, and jobs that run a part of it on demand.

What a run does is in `assets/`.
"""

from collections.abc import Iterator

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres, settings
from tunemeld_pipeline.stages import Stage

DESCRIPTIONS = {
    Stage.FULL: "One genre from the services' playlists to the published chart.",
    Stage.EXTRACT: "Only one genre's playlists from the services.",
    Stage.TRANSFORM: "One genre's consensus, rebuilt from the stored playlists.",
    Stage.VIEW_COUNT: "One genre's counts, read again for the stored consensus, and published.",
}

jobs = {
    stage: dg.define_asset_job(
        stage.job,
        selection=dg.AssetSelection.assets(*stage.assets),
        description=description,
        executor_def=dg.in_process_executor,
        # Retried as a whole: a chart's lists and counts belong to the same moment.
        tags={"dagster/retry_strategy": "ALL_STEPS"},
        config={"loggers": {"console": {"config": {"log_level": settings.log_level}}}},
    )
    for stage, description in DESCRIPTIONS.items()
}
daily_refresh = jobs[Stage.FULL]


@dg.schedule(
    job=daily_refresh,
    cron_schedule=settings.daily_refresh_cron,
    execution_timezone="UTC",
    default_status=(dg.DefaultScheduleStatus.RUNNING if settings.daily_refresh else dg.DefaultScheduleStatus.STOPPED),
)
def daily_refresh_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run per genre, so trouble with one genre leaves the others fresh."""
    for genre in genres.get_partition_keys():
        yield dg.RunRequest(partition_key=genre, run_key=f"{genre}/{context.scheduled_execution_time:%Y-%m-%dT%H:%M}")
