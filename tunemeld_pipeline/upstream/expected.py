"""Calls that a run is expected to make, as the clients that would make them tell from what is stored; nothing is called.

`operations/run_plan.py` asks them, and takes the units from the budgets.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExpectedCalls:
    """Calls on one upstream: which bucket of `upstream/quotas.py` pays (None where nobody counts them), how many units, and what for.

    `waiting` is how many more there would be, had the bucket units left for them.
    """

    bucket: str | None
    units: int
    purpose: str
    waiting: int = 0
