"""The documents of `api_usage`, by the end of their id: a quota day, `…/habits` and `…/plan`. `budgets.py` and `plans.py` write them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, ValidationError

from tunemeld_pipeline.charts.documents import Model, Moment

USAGE_KEPT = timedelta(days=90)
Units = Annotated[int, Field(ge=0)]


class UsageCount(Model):
    """How much of one budget is used on one quota day."""

    used: Units
    exhausted: bool = False


class UsageDay(UsageCount):
    """One budget on one quota day: the units used, and those kept per purpose and genre."""

    kept: dict[str, Units] = Field(default_factory=dict)
    expires_at: Moment


class Habit(Model):
    """The day on which a genre last ran or first appeared, and the units that each purpose could use then."""

    day: str
    counts: int | None = None
    lookups: int | None = None


class UsageHabits(Model):
    """What each genre last needed of a budget."""

    genres: dict[str, Habit] = Field(default_factory=dict)
    expires_at: Moment


class UsagePlan(Model):
    """What the gateway last said of its plan, minus what was taken since."""

    used: int
    limit: int
    remaining: int
    resets_at: Moment
    told_at: Moment
    told_on: str
    expires_at: Moment


def is_counted(day: Mapping[str, Any]) -> bool:
    """Whether the stored document of a quota day, readable or not, says how much is used."""
    try:
        UsageCount.model_validate(day)
    except ValidationError:
        return False
    return True


def usage_expiry() -> datetime:
    """When a document of `api_usage` that is written now expires."""
    return datetime.now(UTC) + USAGE_KEPT
