"""When the pipeline runs: the daily job and its schedule, and jobs that run a part of it on demand.

What a run does is in `assets/`.
"""

from collections.abc import Iterator

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres, settings
from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.limits import DATABASE_SECONDS
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.connection import is_stopped, open_store

_LOG = get_logger(__name__)

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
def daily_refresh_schedule(
    context: dg.ScheduleEvaluationContext, operator: OperatorResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per genre, so trouble with one genre leaves the others fresh; a genre that somebody holds is left out."""
    held = held_genres(operator.settings)
    for genre, why in held.items():
        _LOG.warning("the scheduled run is skipped", genre=genre, reason=why)
    wanted = [genre for genre in genres.get_partition_keys() if genre not in held]
    for genre in wanted:
        yield dg.RunRequest(partition_key=genre, run_key=f"{genre}/{context.scheduled_execution_time:%Y-%m-%dT%H:%M}")
    if not wanted:
        yield dg.SkipReason("; ".join(held.values()))


def held_genres(settings: Settings) -> dict[str, str]:
    """The genres that somebody holds, each with a sentence; none where the database cannot say: their runs are refused then."""
    if is_stopped(settings):
        return {}
    try:
        with open_store(settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS) as store:
            published = store.charts.materializations()
    except TuneMeldError as error:
        _LOG.warning("whether a genre is held could not be read", error=str(error))
        return {}
    return {
        genre: f"{genre} is held at its chart of {one.shown_as_of:%Y-%m-%d}; tunemeld etl release --genre {genre}"
        for genre, one in published.items()
        if one.held
    }
