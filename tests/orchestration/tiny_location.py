"""A code location with one job that does nothing, which loads quickly."""

import dagster as dg


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def idle() -> None:
    """A run of it is a mutation that shows."""
    nothing()


defs = dg.Definitions(jobs=[idle])
