"""The words for how something is, the same in commands, in `/health`, in checks and in alarms: good, degraded or failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tunemeld_pipeline.limits import CHART_ABANDONED, CHART_TOO_OLD


class State(StrEnum):
    """How a part is; the worst of all is how the whole is."""

    GOOD = "good"
    DEGRADED = "degraded"
    """It works, and something is missing or late."""
    FAILED = "failed"
    """It does not do what it is there for."""


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part: how it is, what was seen, and what to do where it is not good."""

    part: str
    state: State
    seen: str
    action: str = ""


def worst(states: Iterable[State]) -> State:
    """How the whole is."""
    return max(states, key=list(State).index, default=State.GOOD)


def by_age(age: timedelta) -> State:
    """How a chart of this age is."""
    return State.FAILED if age > CHART_ABANDONED else State.DEGRADED if age > CHART_TOO_OLD else State.GOOD
