"""ISRCs that take too long for a run: what the runs have left without one is looked up between them, for the next ones to find.

`upstream/isrc_chain.py` has the look-up. What is asked keeps to its host's rate, so an hour brings a few hundred at most.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamError
from tunemeld_pipeline.orchestration.upkeep import WHERE_LIVE, plain_failure
from tunemeld_pipeline.plugins.registry import isrc_lookups
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG
from tunemeld_pipeline.settings.configured import lacking
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.upstream.isrc_chain import look_up_between_runs
from tunemeld_pipeline.upstream.service_client import IsrcClient, client_of

HOURLY = "25 * * * *"


@dg.op
def look_up_slow_isrcs(operator: OperatorResource) -> dg.Output[int]:
    """The ISRCs of recordings on any list that no run has found; what is asked for them, and what came of it."""
    at = datetime.now(UTC)
    asked = found = waiting = 0
    slow = [one for one in isrc_lookups() if one.background and not lacking(operator.settings, one)]
    with plain_failure(), open_store(operator.settings) as store:
        for lookup in slow:
            with client_of(lookup)(operator.settings, at, lookup).opened() as client:
                assert isinstance(client, IsrcClient)  # noqa: S101
                failed: UpstreamError | None = None
                for genre in genres.get_partition_keys():
                    client.begin_step(store, genre)
                    lists = store.playlists.service_playlists(genre, at)
                    report = look_up_between_runs(store, lookup, client, lists, at)
                    asked, found, waiting = asked + report.asked, found + report.found, waiting + report.deferred
                    failed = failed or report.error
                if failed is not None and not isinstance(failed, QuotaExhausted):
                    raise failed
    return dg.Output(found, metadata={"asked": asked, "found": found, "waiting": waiting})


@dg.job(
    name="background_isrcs",
    description="ISRCs that no run has found, looked up slowly between the runs.",
    executor_def=dg.in_process_executor,
    tags={MAX_RETRIES_TAG: "0"},
)
def background_isrcs() -> None:
    """One step."""
    look_up_slow_isrcs()


@dg.schedule(
    job=background_isrcs,
    cron_schedule=HOURLY,
    execution_timezone="UTC",
    default_status=WHERE_LIVE,
)
def background_isrcs_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Once an hour, where the live services are read every day."""
    yield dg.RunRequest(run_key=f"background_isrcs/{context.scheduled_execution_time:%Y-%m-%dT%H}")
