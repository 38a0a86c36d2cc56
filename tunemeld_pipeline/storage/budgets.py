"""One day's units of an upstream, in `api_usage`: taken atomically, shared by all runs, kept for what matters most.

docs/quotas.md explains who may take which units. The folders of `services/` declare the buckets; `plans.py` has the gateway's
own plan, which ends a day early if it has less. The documents:

    spotify/2026-01-31   {used, kept: {"counts/dance": 57, "lookups/dance": 12, …}, exhausted?, expires_at}
    spotify/habits       {genres: {dance: {day: "2026-01-31", counts: 57, lookups: 3}, …}, expires_at}
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from bson import Int64
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.errors import DatabaseUnavailable, QuotaExhausted, StoreError
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import USAGE
from tunemeld_pipeline.storage.plans import PLAN_LOOKS, KeptInPlan, Plan, PlanState, StatedPlan
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.usage import UsageDay, is_counted, usage_expiry

Json = dict[str, Any]

FIRST_COUNTS = 110
"""The units for a genre's playlist and counts before it was ever counted: a list of a hundred tracks, each on its own album."""

FIRST_LOOKUPS = 100
"""The most look-ups that a genre keeps units for: a new list of a hundred tracks."""

REMEMBERED_DAYS = 3
"""A genre that nobody has run for this many days keeps nothing."""


class StoredBudget:
    """One bucket's units on one quota day.

    Args:
        limit: the units of one day.
        quota_day: YYYY-MM-DD, by the upstream's own clock.
        genres: the genres that units are kept for.
        keeps: the purposes that units are kept for.
        plan_at: the time of the calls if the upstream says what is left of its plan; None if it does not.
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
        self._database = database
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
        self._is_readable = False
        self.spent: Counter[tuple[Purpose, str]] = Counter()

    def for_calls(self, purpose: Purpose, genre: str, leaving: int = 0) -> "CallBudget":
        """This budget, as spent by the calls for one genre and purpose."""
        return CallBudget(self, purpose, genre, leaving)

    def spend(self, units: int, purpose: Purpose = Purpose.REST, genre: str = "", leaving: int = 0) -> None:
        """Takes `units`, or takes nothing.

        Args:
            leaving: units that must be left afterwards, for the call that uses this one's answer.

        Raises:
            QuotaExhausted: the units are used up, or kept for what matters more, or nobody knows how many are used.
            LeaseLost: the run that spends them has lost its lease, and asks no upstream any more.
        """
        self._database.refuse_if_lost()
        try:
            self._spend(units, purpose, genre, leaving)
        except DatabaseUnavailable:
            raise
        except StoreError:
            # MongoDB cannot count with what somebody has made of the day since it was last found readable.
            self._is_readable = False
            self._spend(units, purpose, genre, leaving)

    def _spend(self, units: int, purpose: Purpose, genre: str, leaving: int) -> None:
        if not self._make_way():
            raise self._uncounted()
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
        """Notes that a genre is done with a purpose today: units still kept for it are freed, and the next days keep what it needed.

        Args:
            waiting: units that it could have used besides those that it took; without them, a day cut short would leave the next too few.
        """
        if not genre or purpose not in self._keeps:
            return
        needed = {
            f"genres.{genre}.{purpose}": Int64(self.spent[purpose, genre] + waiting),
            "expires_at": usage_expiry(),
        }
        if not self._make_way():
            return
        with translated_errors():
            self._collection.update_one({"_id": self._key}, {"$set": {f"kept.{purpose}/{genre}": Int64(0)}})
            self._remember({"$set": needed, "$max": {f"genres.{genre}.day": self._day}})

    def declare_exhausted(self) -> None:
        """Notes that the upstream reported nothing left; no call of this quota day tries again."""
        with translated_errors():
            self._collection.update_one(
                {"_id": self._key},
                {"$set": {"exhausted": True}, "$setOnInsert": {"used": Int64(0), "expires_at": usage_expiry()}},
                upsert=True,
            )

    def note_plan(self, stated: StatedPlan) -> None:
        """Keeps what the upstream said about its plan, if anything."""
        if self._plan is not None:
            self._plan.note(stated)

    def plan(self) -> PlanState | None:
        """What is known about the upstream's plan now; None if the upstream has said nothing, or the plan's period is over."""
        return self._plan.state() if self._plan is not None else None

    def left(self) -> int:
        """The units that may still be spent, including those kept for something."""
        usage = self.usage()
        left = 0 if usage.get("exhausted") else max(0, self._limit - usage["used"])
        plan = self.plan()
        return left if plan is None else min(left, plan.remaining)

    def usage(self) -> Json:
        """The day's document: at least `used`; `kept` and `exhausted` if they apply. A day that does not say its use counts as used up."""
        with translated_errors():
            document = self._collection.find_one({"_id": self._key})
        if document is None:
            return {"used": 0}
        if self._database.readable_one(USAGE, UsageDay, document) is not None:
            return document
        if not is_counted(document):
            return {"used": self._limit}
        return {name: document[name] for name in ("used", "exhausted") if name in document}

    def _make_way(self) -> bool:
        """Puts what cannot be read of this budget aside, once; what can be read of it stays in its place.

        A day that does not say how much is used stays as it is, for a person: units must not be spent twice.

        Returns:
            Whether it is known how much of the day is used.
        """
        if self._is_readable:
            return True
        which = {"_id": {"$in": [self._key, f"{self._bucket}/habits", f"{self._bucket}/plan"]}}
        quarantine = Quarantine(self._database)
        found = list(quarantine.unreadable(USAGE, which))
        for document, error in found:
            if document["_id"] == self._key and not is_counted(document):
                self._database.leave_out(error)
                self._open = False  # a repair may remove it
                return False
        if found:
            # In a transaction, since other runs spend meanwhile.
            self._database.transaction(lambda session: quarantine.make_way(USAGE, which, "a call", session))
        self._is_readable = True
        return True

    def _uncounted(self) -> QuotaExhausted:
        return QuotaExhausted.uncounted(self._service, f"{USAGE} {self._key}")

    def _taken_from_plan(self, units: int, needed: Json, purpose: Purpose) -> Json | None:
        """Takes `units` from the plan; returns its previous state, or None if there is no plan or nothing is known about it."""
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
            "exhausted": {"$in": [False, None]},
            "used": {"$type": ["int", "long"], "$gte": 0},
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
        self._is_readable = False
        if not self._make_way():
            return self._uncounted()
        if self.usage().get("exhausted"):
            return QuotaExhausted.reported_before(self._service)
        left = self.left()
        if left >= units:
            return QuotaExhausted.kept_for_others(self._service, self._limit, self._bucket, left)
        return QuotaExhausted.of_the_day(self._service, self._limit, self._bucket)

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
    """A budget, as spent by the calls for one genre and purpose."""

    def __init__(self, budget: StoredBudget, purpose: Purpose, genre: str, leaving: int) -> None:
        self._leaving = leaving
        self._budget = budget
        self._purpose = purpose
        self._genre = genre

    def spend(self, units: int) -> None:
        """Takes `units`, or raises QuotaExhausted and takes nothing."""
        self._budget.spend(units, self._purpose, self._genre, self._leaving)

    def declare_exhausted(self) -> None:
        """Notes that the upstream itself reported nothing left until its quota resets."""
        self._budget.declare_exhausted()

    def note_plan(self, stated: StatedPlan) -> None:
        """Keeps what the upstream said of its plan."""
        self._budget.note_plan(stated)


def kept_aside(
    limit: int, keeps: Sequence[Purpose], genres: Sequence[str], last_needed: Mapping[str, Json], day: str
) -> dict[str, int]:
    """The units that a new quota day keeps, by `PURPOSE/GENRE`; together never more than `limit`.

    Counts come first: each genre keeps what its last counts needed. A genre without counts yet keeps FIRST_COUNTS; together those keep at
    most half of all units. If the sum is more than the limit, everything is scaled down. Of the rest, each genre keeps an equal share for
    look-ups, at most FIRST_LOOKUPS and no more than it last could use. Genres that were not run for REMEMBERED_DAYS keep nothing.

    Args:
        last_needed: per genre, the `day` on which it last ran or first appeared, and the units of each purpose.
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
    """The units that must be left for a call to go ahead: its own, plus the kept units that it must not touch.

    Those are kept for other genres with the same purpose, and for purposes that matter more; while the call's own part lasts, only the
    latter count.
    """
    others = {"$ne": ["$$kept.k", key]}
    own = {"$gte": [{"$ifNull": [f"$kept.{key}", 0]}, wanted]}
    left_alone = {
        Purpose.COUNTS: {"$cond": [own, 0, _kept({"$and": [_counts(), others]})]},
        Purpose.LOOKUPS: {"$cond": [own, _kept(_counts()), _kept(others)]},
        Purpose.REST: _kept(others),
    }
    return {"$add": [wanted, left_alone[purpose]]}
