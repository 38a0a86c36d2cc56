"""The daily canary: one list of each source that may be asked, so that a change of a service is known before its list is needed.

It is `tunemeld etl sources --probe` on a schedule; `upstream/source_probe.py` asks and compares.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.orchestration.upkeep import WHERE_LIVE, plain_failure
from tunemeld_pipeline.plugins.registry import in_order, load_catalog
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.upstream.ladder import GOOD
from tunemeld_pipeline.upstream.source_probe import probe
from tunemeld_pipeline.upstream.source_standing import standings

DAILY = "40 14 * * *"
"""UTC: half a day from the refresh, so that a source that it could not read is looked at again before the next one."""

_LOG = get_logger(__name__)


@dg.op
def look_at_sources(context: dg.OpExecutionContext, operator: OperatorResource) -> dg.Output[int]:
    """One list of each source that may be asked: its outcome, and what is not as it was or as the source declares."""
    now = datetime.now(UTC)
    wrong: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    with plain_failure(), open_store(operator.settings) as store:
        services = in_order(load_catalog(operator.settings.catalog_file).services())
        asked = [one for one in standings(operator.settings, services, store.sources.states(), now) if one.place]
        for one in probe(operator.settings, store, asked, now, context.run.run_id):
            outcomes[one.tried.source] = one.tried.outcome.value
            said = [one.tried.reason] if one.tried.reason and one.tried.outcome not in GOOD else []
            if why := "; ".join(said or (one.look.unlike if one.look else [])):
                wrong[one.tried.source] = why
                _LOG.warning("a source is not as it should be", source=one.tried.source, reason=why)
    return dg.Output(
        len(wrong),
        metadata={
            **{f"outcome/{source}": outcome for source, outcome in outcomes.items()},
            **{f"wrong/{source}": why for source, why in wrong.items()},
        },
    )


@dg.job(
    name="canary",
    description="One list of each source that may be asked, compared with the day before and with what the source declares.",
    executor_def=dg.in_process_executor,
    tags={MAX_RETRIES_TAG: "0"},
)
def canary() -> None:
    """One step."""
    look_at_sources()


@dg.schedule(
    job=canary,
    cron_schedule=DAILY,
    execution_timezone="UTC",
    default_status=WHERE_LIVE,
)
def canary_schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One look a day, where the live services are read every day."""
    yield dg.RunRequest(run_key=f"canary/{context.scheduled_execution_time:%Y-%m-%d}")
