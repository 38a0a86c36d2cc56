"""When the pipeline runs: the daily job and its schedule.

What belongs here: jobs and schedules. What does not: what a run does (`assets/`).
"""

from collections.abc import Iterator

import dagster as dg

from tunemeld_pipeline.assets.historical_track_views import historical_track_views
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.partitions import genres, settings

daily_refresh = dg.define_asset_job(
    "daily_refresh",
    selection=dg.AssetSelection.assets(raw_playlists, track_playlist, view_counts_playlists, historical_track_views),
    description="One genre from the services' playlists to the published chart.",
    executor_def=dg.in_process_executor,
    config={"loggers": {"console": {"config": {"log_level": settings.log_level}}}},
)


@dg.schedule(
    job=daily_refresh,
    cron_schedule=settings.daily_refresh_cron,
    execution_timezone="UTC",
    default_status=(dg.DefaultScheduleStatus.RUNNING if settings.daily_refresh else dg.DefaultScheduleStatus.STOPPED),
)
def daily_refresh_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run per genre, so that one genre's trouble leaves the others fresh."""
    for genre in genres.get_partition_keys():
        yield dg.RunRequest(partition_key=genre, run_key=f"{genre}/{context.scheduled_execution_time:%Y-%m-%dT%H:%M}")
