"""The table of contents: everything that Dagster knows about TuneMeld, on one screen."""

import dagster as dg

from tunemeld_pipeline.assets.historical_track_views import historical_track_views
from tunemeld_pipeline.assets.partitions import settings
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.orchestration.alarm_sensor import alarms
from tunemeld_pipeline.orchestration.background_isrcs import background_isrcs, background_isrcs_schedule
from tunemeld_pipeline.orchestration.backups import backup, backup_schedule
from tunemeld_pipeline.orchestration.canary import canary, canary_schedule
from tunemeld_pipeline.orchestration.catch_up import catch_up_schedule
from tunemeld_pipeline.orchestration.checks import (
    counts_cover_the_chart,
    every_genre_is_recent,
    services_fresh,
    track_playlist_checks,
)
from tunemeld_pipeline.orchestration.dumps import dump, dump_schedule
from tunemeld_pipeline.orchestration.lost_runs import lost_runs
from tunemeld_pipeline.orchestration.pruning import prune_records, prune_records_schedule
from tunemeld_pipeline.orchestration.run_logger import run_logger
from tunemeld_pipeline.orchestration.schedules import daily_refresh_schedule, jobs
from tunemeld_pipeline.resources.bindings import resources

defs = dg.Definitions(
    assets=[raw_playlists, track_playlist, view_counts_playlists, historical_track_views],
    asset_checks=[
        services_fresh,
        track_playlist_checks,
        counts_cover_the_chart,
        every_genre_is_recent,
    ],
    jobs=[*jobs.values(), background_isrcs, backup, canary, dump, prune_records],
    schedules=[
        daily_refresh_schedule,
        catch_up_schedule,
        background_isrcs_schedule,
        backup_schedule,
        canary_schedule,
        dump_schedule,
        prune_records_schedule,
    ],
    sensors=[alarms, lost_runs],
    resources=resources(settings),
    executor=dg.in_process_executor,
    loggers={"console": run_logger},
)
