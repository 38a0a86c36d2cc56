"""Reports the end of a day to HEARTBEAT_URL, once: reads the charts and the runs that `watching/day_end.py` judges.

The alarm sensor calls it at each tick, and `tunemeld etl run full` at its end, for installations without a daemon. It looks at the
state, so it does not matter who ran what; a note in the database keeps two callers from reporting the same day twice.
"""

from datetime import datetime

import dagster as dg

from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.orchestration.run_watch import RunWatch
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.cron import last_time
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.day_end import day_end, report

_LOG = get_logger(__name__)


def report_day(
    store: Store, instance: dg.DagsterInstance, settings: Settings, at: datetime, runs: RunWatch | None = None
) -> str | None:
    """Reports how the last scheduled day ended, if it has ended and nobody has said so; the outcome that was reported now.

    An address that does not answer is tried again at later calls, up to ten times; it fails nothing.

    Args:
        runs: what earlier looks know of the runs; None reads them all.

    Raises:
        StoreError: the database cannot be read.
    """
    scheduled = last_time(settings.daily_refresh_cron, at)
    if settings.heartbeat_url is None or scheduled is None or store.heartbeats.is_reported(scheduled):
        return None
    published = store.charts.materializations()
    genres = load_catalog(settings.catalog_file).genres
    runs = runs or RunWatch()
    runs.look(instance, genres.keys(), at, settings.database_name)
    end = day_end(
        scheduled, {genre: published.get(genre) for genre in genres}, {genre: runs.runs(genre) for genre in genres}
    )
    if end is None or not store.heartbeats.claim_day(scheduled, end.outcome, at):
        return None
    why = report(settings.heartbeat_url.get_secret_value(), end)
    if why is None:
        store.heartbeats.day_reported(scheduled, end.outcome)
        _LOG.info("the end of the day was reported", outcome=end.outcome)
        return end.outcome
    _LOG.warning("the end of the day could not be reported, and is tried again", outcome=end.outcome, reason=why)
    return None
