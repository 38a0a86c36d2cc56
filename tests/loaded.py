"""Imported in advance where clean processes are forked from: Dagster loads a third of itself, some two seconds' worth, only when it
first runs something. Nothing else belongs here."""

import dagster as dg

import tests.conftest
import tunemeld_pipeline.definitions  # noqa: F401


@dg.asset
def nothing() -> None:
    """Runs, so that Dagster is loaded."""


with dg.DagsterInstance.ephemeral(settings=tests.conftest.QUIET) as instance:
    dg.materialize([nothing], instance=instance)
