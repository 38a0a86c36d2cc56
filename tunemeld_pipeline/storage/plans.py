"""The gateway's plan behind a key, in `api_usage`: what it says is left, minus what was taken since.

spotify/plan   {limit, remaining, resets_at, told_at, told_on: "2026-01-31", expires_at}
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.errors import QuotaExhausted
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import USAGE
from tunemeld_pipeline.storage.usage import UsagePlan, usage_expiry

Json = dict[str, Any]

PLAN_LOOKS = 5
PLAN_WAIT_SECONDS = 0.02
"""How often counts check whether the plan has a unit for them, and how long they wait in between."""


class KeptInPlan(Exception):
    """The plan has the units, but all of them are kept for what matters more."""


@dataclass(frozen=True, slots=True)
class StatedPlan:
    """What an answer's headers say about the plan behind the key: requests in total and left, and the seconds until it resets."""

    limit: int
    remaining: int
    resets_in: int


@dataclass(frozen=True, slots=True)
class PlanState:
    """What the gateway last said about the plan behind a key, minus what was taken since."""

    limit: int
    remaining: int
    resets_at: datetime


class Plan:
    """The plan of one bucket, at the time of the calls on one quota day."""

    def __init__(self, database: Handle, service: str, bucket: str, quota_day: str, at: datetime) -> None:
        self._database = database
        self._collection = database[USAGE]
        self._service = service
        self._key = f"{bucket}/plan"
        self._day = quota_day
        self._at = at
        self._left: int | None = None
        self._confirmed = False

    def note(self, stated: StatedPlan) -> None:
        """Keeps what the upstream said: its first report on a quota day unchanged, later ones only if they are lower.

        Several answers are on their way at once, and an older one may arrive last: only a falling number can be trusted. Units that the
        upstream did not charge are corrected once a day.
        """
        if self._confirmed and self._left is not None and stated.remaining >= self._left:
            return
        at = self._at
        news: Json = {
            "limit": Int64(stated.limit),
            "remaining": Int64(stated.remaining),
            "resets_at": at + timedelta(seconds=stated.resets_in),
            "told_at": at,
            "told_on": self._day,
            "expires_at": usage_expiry(),
            "used": Int64(max(0, stated.limit - stated.remaining)),
        }
        valid = {"$and": [{"$eq": ["$told_on", self._day]}, {"$gt": ["$resets_at", at]}]}
        lower = {"$cond": [valid, {"$min": ["$remaining", news["remaining"]]}, news["remaining"]]}
        update = [{"$set": {**news, "remaining": lower}}]
        with translated_errors():
            try:
                self._collection.update_one({"_id": self._key}, update, upsert=True)
            except DuplicateKeyError:  # another run stored the first report at this moment
                self._collection.update_one({"_id": self._key}, update)
        self._confirmed, self._left = True, stated.remaining

    def state(self) -> PlanState | None:
        """What is known about it now; None if the upstream has said nothing, or the plan's period is over."""
        with translated_errors():
            document = self._collection.find_one(self._known())
        plan = self._database.readable_one(USAGE, UsagePlan, document)
        return None if plan is None else PlanState(plan.limit, max(0, plan.remaining), plan.resets_at)

    def take(self, units: int, daily: int, needed_now: Callable[[], int], looks: int) -> Json | None:
        """Takes `units` if the plan has enough; returns its previous state, or None if nothing is known about it.

        A unit that is taken and given back would be missing for a moment, and another run's counts would see the plan as used up. So the
        plan never falls below what the day currently keeps for others. If it has more left than the whole day may spend, the day need not
        be read.

        Args:
            daily: all units of one day.
            needed_now: returns what the plan must have at this moment, including what is kept for others.
            looks: how often to check whether it has enough. For the last units kept for a genre, calls of the same genre can block one
                another for a moment.

        Raises:
            KeptInPlan: the units exist, but are kept for what matters more.
            QuotaExhausted: there are too few units.
        """
        enough = units + daily
        with translated_errors():
            while True:
                before = self._collection.find_one_and_update(
                    {**self._known(), "remaining": {"$gte": enough}}, {"$inc": {"remaining": Int64(-units)}}
                )
                if before is not None:
                    self._left = before["remaining"] - units
                    self._confirmed = before["told_on"] == self._day
                    return before
                known = self._collection.find_one(self._known())
                if known is None:
                    self._left, self._confirmed = None, False
                    return None
                if known["remaining"] >= units:
                    enough = max(units, needed_now())
                    if known["remaining"] >= enough:  # less is enough, or another run has just learned of more
                        continue
                looks -= 1
                if looks == 0:
                    break
                time.sleep(PLAN_WAIT_SECONDS)
        self._left, self._confirmed = None, False
        if known["remaining"] >= units:
            raise KeptInPlan
        raise QuotaExhausted.of_the_plan(self._service, known["limit"], f"{known['resets_at']:%Y-%m-%d %H:%M} UTC")

    def give_back(self, units: int, taken_from: Json) -> None:
        """Puts back units that were never spent; a report from the upstream since then already excludes them."""
        unchanged = {name: taken_from[name] for name in ("used", "resets_at", "told_on")}
        with translated_errors():
            self._collection.update_one({"_id": self._key, **unchanged}, {"$inc": {"remaining": Int64(units)}})

    def _known(self) -> Json:
        # Without live upstreams, days are run in any order: a report from a later day says nothing about this one.
        return {
            "_id": self._key,
            "resets_at": {"$gt": self._at},
            "told_at": {"$lt": self._at + timedelta(days=1)},
        }
