"""The tags that a run carries in Dagster's records, and where a run notes its database in them.

Every tag is named once, here, so that the commands, the resources and Dagster's own parts can read what the others wrote. Nothing here
imports Dagster: the command line reads tags without it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import dagster as dg

AS_OF_TAG = "tunemeld/as_of"
"""An observation time other than the run's start: a date, or an ISO 8601 time."""

CATCH_UP_TAG = "tunemeld/catch_up"
"""On a run for a genre that lacked the chart of its day: that day. It reads only the lists that were not read on it."""

DATABASE_TAG = "tunemeld/database"
"""The database that the run writes into: a Dagster instance that an earlier release made holds runs on live, sandbox and replayed data."""

DEGRADED_TAG = "tunemeld/degraded"
"""On a run whose result is good but incomplete: which services are stale or absent, which counts are missing."""

DEGRADED_BECAUSE = "degraded/"
"""Begins the name of an asset's metadata that say why something is lacking: `degraded/Spotify playlist`."""

LOOK_UPS_TAG = "tunemeld/look_ups"
LATER = "later"
"""On a run that matches lists by what they hold: what they lack is left to the next run, so that a chart is there soon."""

NEXT_COMMAND = "next"
"""Of a failed step's metadata: the command that its error names; its description ends with it too, in brackets."""

MAX_RETRIES_TAG = "dagster/max_retries"
PARTITION_TAG = "dagster/partition"
WILL_RETRY_TAG = "dagster/will_retry"


def reasons_in(metadata: Mapping[str, Any]) -> dict[str, str]:
    """What an asset's metadata, by name, say is lacking, each with the reason and the next step."""
    return {
        name.removeprefix(DEGRADED_BECAUSE): str(value)
        for name, value in metadata.items()
        if name.startswith(DEGRADED_BECAUSE)
    }


def note_database(instance: "dg.DagsterInstance", run: "dg.DagsterRun", database: str) -> None:
    """Notes which database `run` writes into, unless it began with that; a degraded mark inherited from an earlier run is cleared.

    Does nothing for a run that the instance does not have.
    """
    inherited = {DEGRADED_TAG: ""} if DEGRADED_TAG in run.tags else {}
    tags = {DATABASE_TAG: database} | inherited
    if not tags.items() <= run.tags.items() and instance.has_run(run.run_id):
        instance.add_run_tags(run.run_id, tags)
