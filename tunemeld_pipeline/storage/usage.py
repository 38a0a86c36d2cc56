"""The documents of `api_usage`, by the end of their id: a quota day, `…/habits` and `…/plan`. `budgets.py` and `plans.py` write them."""

from pydantic import Field

from tunemeld_pipeline.charts.documents import Model, Moment


class UsageDay(Model):
    """One budget on one quota day: the units used, and those kept per purpose and genre."""

    used: int
    kept: dict[str, int] = Field(default_factory=dict)
    exhausted: bool = False
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
