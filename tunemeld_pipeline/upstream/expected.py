"""Calls that a run would make, as a value: each client knows its own, and `operations/run_plan.py` adds them up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExpectedCalls:
    """Calls on one upstream: which bucket pays (None where nobody counts them), how many units, and what for.

    `waiting` is how many more there would be, had the bucket units left for them.
    """

    bucket: str | None
    units: int
    purpose: str
    waiting: int = 0
