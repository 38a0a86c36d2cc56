"""The three states of health, the same in commands, in `/health`, in checks and in alarms: good, degraded or failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tunemeld_pipeline.limits import CHART_ABANDONED, CHART_TOO_OLD, DAEMON_FORGOTTEN, DAEMON_SILENT


class State(StrEnum):
    """The state of a part; the state of the whole is the worst of its parts."""

    GOOD = "good"
    DEGRADED = "degraded"
    """It works, but something is missing or late."""
    FAILED = "failed"
    """It does not do its job."""


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part: its state, what was seen, and what to do if it is not good."""

    part: str
    state: State
    seen: str
    action: str = ""


def worst(states: Iterable[State]) -> State:
    """The state of the whole."""
    return max(states, key=list(State).index, default=State.GOOD)


def by_age(age: timedelta) -> State:
    """The state of a chart of this age."""
    return State.FAILED if age > CHART_ABANDONED else State.DEGRADED if age > CHART_TOO_OLD else State.GOOD


def is_silent(last_beat: datetime, at: datetime) -> bool:
    """Whether a daemon that was last heard of at `last_beat` is missed at `at`: neither alive nor given up long ago."""
    return DAEMON_SILENT < at - last_beat < DAEMON_FORGOTTEN
