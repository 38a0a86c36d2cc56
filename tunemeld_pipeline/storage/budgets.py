"""One day's units of an upstream, in `api_usage`: taken atomically, shared by all runs, kept for what matters most.

Who may take which units is docs/quotas.md. Which buckets there are and when they reset is in `upstream/quotas.py`; the gateway's own plan,
which ends a day early where it has less, in `plans.py`. The documents:

    spotify/2026-01-31   {used, kept: {"counts/dance": 57, "lookups/dance": 12, …}, exhausted?, expires_at}
    spotify/habits       {genres: {dance: {day: "2026-01-31", counts: 57, lookups: 3}, …}, expires_at}
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import Int64
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.errors import QuotaExhausted
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import USAGE
from tunemeld_pipeline.storage.plans import PLAN_LOOKS, KeptInPlan, Plan, PlanState, PlanTold, usage_expiry

Json = dict[str, Any]

FIRST_COUNTS = 110
"""What a genre's playlist and counts may cost before it was ever counted: a list of a hundred, an album each."""

FIRST_LOOKUPS = 100
"""For how many look-ups a genre keeps units at most: a new list of a hundred."""

REMEMBERED_DAYS = 3
"""For a genre that nobody has run for so many days, nothing is kept."""


class Purpose(StrEnum):
    """What a call is for: units are kept for the first, so that the later ones cannot use them up."""

    COUNTS = "counts"
    """Today's playlists and counts: what was not read today can never be read again."""
    LOOKUPS = "lookups"
    """Looking up a recording for the first time."""
    REST = "rest"
    """All that can wait: look-ups that found nothing before, and checks."""


class StoredBudget:
    """One bucket's units on one quota day.

    Args:
        limit: the units of one day.
        quota_day: YYYY-MM-DD, by the upstream's own clock.
        genres: those for which units are kept aside.
        keeps: for which purposes.
        plan_at: the time of the calls, where the upstream says what is left of its plan; None where it does not.
    """

    def __init__(
        self,
        database: Handle,
        service: str,
        bucket: str,
        limit: int,
        quota_day: str,
        *,
        genres: Sequence[str] = (),
        keeps: Sequence[Purpose] = (),
        plan_at: datetime | None = None,
    ) -> None:
        self._collection = database[USAGE]
        self._service = service
        self._bucket = bucket
        self._limit = limit
        self._day = quota_day
        self._genres = genres
        self._keeps = keeps
        self._kept_keys = {f"{purpose}/{genre}" for purpose in keeps for genre in genres}
        self._plan = Plan(database, service, bucket, quota_day, plan_at) if plan_at is not None else None
        self._key = f"{bucket}/{quota_day}"
        self._open = False
        self.spent: Counter[tuple[Purpose, str]] = Counter()

    def for_calls(self, purpose: Purpose, genre: str, leaving: int = 0) -> "CallBudget":
        """This budget as the calls for one genre and purpose spend it."""
        return CallBudget(self, purpose, genre, leaving)

    def spend(self, units: int, purpose: Purpose = Purpose.REST, genre: str = "", leaving: int = 0) -> None:
        """Takes `units`, or takes nothing.

        Args:
            leaving: units that have to be left after it, for the call that makes use of this one's answer.

        Raises:
            QuotaExhausted: they are used up, or kept for what matters more.
        """
        key = f"{purpose}/{genre}"
        needed = _needed(units + leaving, purpose, key)
        plan = self._taken_from_plan(units, needed, purpose)
        if units + leaving <= self._limit and self._take(units, needed, key, plan):
            self.spent[purpose, genre] += units
            return
        if self._plan is not None and plan is not None:
            self._plan.give_back(units, plan)
        raise self._refusal(units)

    def settle(self, genre: str, purpose: Purpose, waiting: int = 0) -> None:
        """A genre has had what it could today for a purpose: what is still kept for it is free, and the next days keep what it needed.

        Args:
            waiting: units that it had use for beside those that it took: without them a day cut short would leave the next one too few.
        """
        if not genre or purpose not in self._keeps:
            return
        needed = {
            f"genres.{genre}.{purpose}": Int64(self.spent[purpose, genre] + waiting),
            "expires_at": usage_expiry(),
        }
        with translated_errors():
            self._collection.update_one({"_id": self._key}, {"$set": {f"kept.{purpose}/{genre}": Int64(0)}})
            self._remember({"$set": needed, "$max": {f"genres.{genre}.day": self._day}})

    def declare_exhausted(self) -> None:
        """Notes that the upstream said that nothing is left; no call of this quota day tries again."""
        with translated_errors():
            self._collection.update_one(
                {"_id": self._key},
                {"$set": {"exhausted": True}, "$setOnInsert": {"used": Int64(0), "expires_at": usage_expiry()}},
                upsert=True,
            )

    def note_plan(self, told: PlanTold) -> None:
        """Keeps what the upstream said of its plan, where it says anything."""
        if self._plan is not None:
            self._plan.note(told)

    def plan(self) -> PlanState | None:
        """What is known of the upstream's plan now; None where it said nothing, or its time is over."""
        return self._plan.state() if self._plan is not None else None

    def left(self) -> int:
        """The units that may still be spent, those kept for something included."""
        usage = self.usage()
        left = 0 if usage.get("exhausted") else max(0, self._limit - usage["used"])
        plan = self.plan()
        return left if plan is None else min(left, plan.remaining)

    def usage(self) -> Json:
        """The day's document: at least `used`; `kept` and `exhausted` where there is something to tell."""
        with translated_errors():
            return self._collection.find_one({"_id": self._key}) or {"used": 0}

    def _taken_from_plan(self, units: int, needed: Json, purpose: Purpose) -> Json | None:
        """Takes `units` from the plan; returns it as it was before, None where there is none or nothing is known of it."""
        if self._plan is None:
            return None
        try:
            return self._plan.take(
                units, self._limit, lambda: self._needed_now(needed), PLAN_LOOKS if purpose is Purpose.COUNTS else 1
            )
        except KeptInPlan:
            raise self._refusal(units) from None

    def _take(self, units: int, needed: Json, key: str, plan: Json | None) -> bool:
        self._begin_day()
        room: list[Json | int] = [{"$subtract": [self._limit, "$used"]}]
        if plan is not None:
            room.append(plan["remaining"])
        condition = {
            "_id": self._key,
            "exhausted": {"$ne": True},
            "$expr": {"$lte": [needed, {"$min": room}]},
        }
        taken: Json = {"used": {"$add": ["$used", Int64(units)]}}
        if key in self._kept_keys:
            rest = {"$subtract": [{"$ifNull": [f"$kept.{key}", Int64(0)]}, Int64(units)]}
            taken[f"kept.{key}"] = {"$max": [Int64(0), rest]}
        with translated_errors():
            return self._collection.update_one(condition, [{"$set": taken}]).matched_count == 1

    def _needed_now(self, needed: Json) -> int:
        self._begin_day()
        with translated_errors():
            return int((self._collection.find_one({"_id": self._key}, {"needed": needed}) or {"needed": 0})["needed"])

    def _refusal(self, units: int) -> QuotaExhausted:
        left = self.left()
        if left >= units:
            return QuotaExhausted(
                self._service,
                f"what is left of the daily budget of {self._limit} for {self._bucket} ({left}) is kept for what matters more, counts"
                " before look-ups and each genre its share",
                remedy="the rest waits for the next quota day",
            )
        return QuotaExhausted(
            self._service,
            f"the daily budget of {self._limit} for {self._bucket} is used up",
            remedy="the rest waits for the next quota day",
        )

    def _begin_day(self) -> None:
        if self._open:
            return
        with translated_errors():
            if self._collection.find_one({"_id": self._key, "expires_at": {"$exists": True}}) is None:
                fresh: Json = {"used": Int64(0), "expires_at": usage_expiry()}
                if self._keeps:
                    fresh["kept"] = {key: Int64(units) for key, units in self._kept_at_first().items()}
                with suppress(DuplicateKeyError):  # another run began the day at this moment
                    self._collection.update_one({"_id": self._key}, {"$setOnInsert": fresh}, upsert=True)
        self._open = True

    def _kept_at_first(self) -> dict[str, int]:
        last_needed = (self._collection.find_one({"_id": f"{self._bucket}/habits"}) or {}).get("genres", {})
        unknown = [genre for genre in self._genres if genre not in last_needed]
        if unknown:
            self._remember(
                {
                    "$max": {f"genres.{genre}.day": self._day for genre in unknown},
                    "$set": {"expires_at": usage_expiry()},
                }
            )
        return kept_aside(self._limit, self._keeps, self._genres, last_needed, self._day)

    def _remember(self, update: Json) -> None:
        key = {"_id": f"{self._bucket}/habits"}
        update = {**update, "$setOnInsert": {"used": Int64(0)}}
        try:
            self._collection.update_one(key, update, upsert=True)
        except DuplicateKeyError:
            self._collection.update_one(key, update)


class CallBudget:
    """A budget as the calls for one genre and purpose spend it."""

    def __init__(self, budget: StoredBudget, purpose: Purpose, genre: str, leaving: int) -> None:
        self._leaving = leaving
        self._budget = budget
        self._purpose = purpose
        self._genre = genre

    def spend(self, units: int) -> None:
        """Takes `units`, or raises QuotaExhausted and takes nothing."""
        self._budget.spend(units, self._purpose, self._genre, self._leaving)

    def declare_exhausted(self) -> None:
        """Notes that the upstream itself said that nothing is left until its quota resets."""
        self._budget.declare_exhausted()

    def note_plan(self, told: PlanTold) -> None:
        """Keeps what the upstream said of its plan."""
        self._budget.note_plan(told)


def kept_aside(
    limit: int, keeps: Sequence[Purpose], genres: Sequence[str], last_needed: Mapping[str, Json], day: str
) -> dict[str, int]:
    """The units that a new quota day keeps aside, by `PURPOSE/GENRE`; together never more than `limit`.

    Counts come first: what the genre's last counts needed; FIRST_COUNTS where it has none yet, together at most half of all; scaled down
    where all together are more than there is. Of what is left, each genre keeps an equal share for look-ups, at most FIRST_LOOKUPS, and
    no more than it last had use for. Genres that were not run for REMEMBERED_DAYS keep nothing.

    Args:
        last_needed: per genre, the `day` that it was last run or first known, and the units of each purpose.
        day: YYYY-MM-DD.
    """
    oldest = (date.fromisoformat(day) - timedelta(days=REMEMBERED_DAYS)).isoformat()
    alive = [genre for genre in genres if last_needed.get(genre, {}).get("day", day) >= oldest]
    if not alive:
        return {}
    kept: dict[str, int] = {}
    if Purpose.COUNTS in keeps:
        guess = min(FIRST_COUNTS, limit // (2 * len(genres)))
        needed = {genre: int(last_needed.get(genre, {}).get(Purpose.COUNTS, guess)) for genre in alive}
        together = max(limit, sum(needed.values()), 1)
        kept |= {f"{Purpose.COUNTS}/{genre}": units * limit // together for genre, units in needed.items()}
    if Purpose.LOOKUPS in keeps:
        share = min(FIRST_LOOKUPS, (limit - sum(kept.values())) // len(alive))
        kept |= {
            f"{Purpose.LOOKUPS}/{genre}": min(share, int(last_needed.get(genre, {}).get(Purpose.LOOKUPS, share)))
            for genre in alive
        }
    return kept


def _kept(which: Json) -> Json:
    entries = {"$objectToArray": {"$ifNull": ["$kept", {}]}}
    chosen = {"$filter": {"input": entries, "as": "kept", "cond": which}}
    return {"$sum": {"$map": {"input": chosen, "as": "kept", "in": "$$kept.v"}}}


def _counts() -> Json:
    return {"$eq": [{"$indexOfBytes": ["$$kept.k", f"{Purpose.COUNTS}/"]}, 0]}


def _needed(wanted: int, purpose: Purpose, key: str) -> Json:
    """What must be there for a call that wants so much: that, and the kept units that it must leave alone.

    Those are what is kept for others with the same purpose and for whatever matters more; while the call's own part lasts, only the latter.
    """
    others = {"$ne": ["$$kept.k", key]}
    own = {"$gte": [{"$ifNull": [f"$kept.{key}", 0]}, wanted]}
    left_alone = {
        Purpose.COUNTS: {"$cond": [own, 0, _kept({"$and": [_counts(), others]})]},
        Purpose.LOOKUPS: {"$cond": [own, _kept(_counts()), _kept(others)]},
        Purpose.REST: _kept(others),
    }
    return {"$add": [wanted, left_alone[purpose]]}
