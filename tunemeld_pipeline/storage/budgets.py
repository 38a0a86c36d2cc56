"""An upstream's units on one quota day, in `api_usage`: taken atomically, shared by all runs, kept aside for what matters.

What belongs here: the rule who may take which units (docs/quotas.md), the documents it is kept in, and what the upstream itself told of its
plan. What does not: which buckets there are and when they reset (`upstream/quotas.py`), and which call is made for what (`resources/`).

    spotify/2026-01-31   {used, kept: {"counts/dance": 57, "lookups/dance": 12, …}, exhausted?, expires_at}
    spotify/habits       {genres: {dance: {day: "2026-01-31", counts: 57, lookups: 3}, …}, expires_at}
    spotify/plan         {limit, remaining, resets_at, told_at, told_on: "2026-01-31", expires_at}
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import Int64
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.errors import QuotaExhausted
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import USAGE

Json = dict[str, Any]

USAGE_KEPT = timedelta(days=90)
FIRST_COUNTS = 110
"""What a genre's playlist and counts may cost before it was ever counted: a list of a hundred, an album each."""

FIRST_LOOKUPS = 100
"""For how many look-ups a genre keeps units at most: a new list of a hundred."""

REMEMBERED_DAYS = 3
"""For a genre that nobody has run for so many days, nothing is kept."""

PLAN_LOOKS = 5
PLAN_WAIT_SECONDS = 0.02
"""How often counts look whether the plan has a unit for them, and how long they wait in between."""


class Purpose(StrEnum):
    """What a call is for; what comes first is kept units for, against what comes after it."""

    COUNTS = "counts"
    """Today's playlists and counts: what was not read today can never be read again."""
    LOOKUPS = "lookups"
    """Looking up a recording for the first time."""
    REST = "rest"
    """All that can wait: look-ups that found nothing before, and checks."""


@dataclass(frozen=True, slots=True)
class PlanTold:
    """What an answer's headers tell of the plan behind the key: requests in all and left, and the seconds until it resets."""

    limit: int
    remaining: int
    resets_in: int


@dataclass(frozen=True, slots=True)
class PlanState:
    """What the gateway last told of the plan behind a key, less what was taken since."""

    limit: int
    remaining: int
    resets_at: datetime


class StoredBudget:
    """One bucket's units on one quota day.

    Args:
        limit: the units of one day.
        quota_day: YYYY-MM-DD, by the upstream's own clock.
        genres: those for which units are kept aside.
        keeps: for which purposes.
        plan_at: the time of the calls, where the upstream tells what is left of its plan; None where it does not.
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
        self._slots = {f"{purpose}/{genre}" for purpose in keeps for genre in genres}
        self._plan_at = plan_at
        self._key = f"{bucket}/{quota_day}"
        self._open = False
        self._plan_left: int | None = None
        self._plan_confirmed = False
        self.spent: Counter[tuple[Purpose, str]] = Counter()

    def share(self, purpose: Purpose, genre: str, spare: int = 0) -> "Share":
        """This budget as calls for one genre and purpose are paid from it."""
        return Share(self, purpose, genre, spare)

    def spend(self, units: int, purpose: Purpose = Purpose.REST, genre: str = "", spare: int = 0) -> None:
        """Takes `units`, or takes nothing.

        Args:
            spare: units that have to be there beside them, for the call that makes use of this one's answer.

        Raises:
            QuotaExhausted: they are used up, or kept for what matters more.
        """
        slot = f"{purpose}/{genre}"
        needed = _needed(units + spare, purpose, slot)
        plan = self._take_from_plan(units, needed, PLAN_LOOKS if purpose is Purpose.COUNTS else 1)
        if units + spare <= self._limit and self._take(units, needed, slot, plan):
            self.spent[purpose, genre] += units
            return
        if plan is not None:
            self._give_back_to_plan(units, plan)
        raise self._refusal(units)

    def settle(self, genre: str, purpose: Purpose, waiting: int = 0) -> None:
        """A genre has had what it could today for a purpose: what is still kept for it is free, and the next days keep what it needed.

        Args:
            waiting: units that it had use for beside those that it took: without them a day cut short would leave the next one too few.
        """
        if not genre or purpose not in self._keeps:
            return
        needed = {f"genres.{genre}.{purpose}": Int64(self.spent[purpose, genre] + waiting), "expires_at": _expiry()}
        with translated_errors():
            self._collection.update_one({"_id": self._key}, {"$set": {f"kept.{purpose}/{genre}": Int64(0)}})
            self._remember({"$set": needed, "$max": {f"genres.{genre}.day": self._day}})

    def declare_exhausted(self) -> None:
        """Notes that the upstream said that nothing is left; no call of this quota day tries again."""
        with translated_errors():
            self._collection.update_one(
                {"_id": self._key},
                {"$set": {"exhausted": True}, "$setOnInsert": {"used": Int64(0), "expires_at": _expiry()}},
                upsert=True,
            )

    def note_plan(self, told: PlanTold) -> None:
        """Keeps what the upstream told of its plan: the first word of a quota day as it is, later ones where they are lower.

        Several answers are under way at once, and an older one may arrive last: only what falls can be believed. What the upstream did not
        charge is put right once a day.
        """
        if self._plan_at is None:
            return
        if self._plan_confirmed and self._plan_left is not None and told.remaining >= self._plan_left:
            return
        at = self._plan_at
        news: Json = {
            "limit": Int64(told.limit),
            "remaining": Int64(told.remaining),
            "resets_at": at + timedelta(seconds=told.resets_in),
            "told_at": at,
            "told_on": self._day,
            "expires_at": _expiry(),
            "used": Int64(max(0, told.limit - told.remaining)),
        }
        valid = {"$and": [{"$eq": ["$told_on", self._day]}, {"$gt": ["$resets_at", at]}]}
        lower = {"$cond": [valid, {"$min": ["$remaining", news["remaining"]]}, news["remaining"]]}
        with translated_errors():
            try:
                self._collection.update_one(
                    {"_id": self._plan_key}, [{"$set": {**news, "remaining": lower}}], upsert=True
                )
            except DuplicateKeyError:  # another run was told the first word at this moment
                self._collection.update_one({"_id": self._plan_key}, [{"$set": {**news, "remaining": lower}}])
        self._plan_confirmed, self._plan_left = True, told.remaining

    def plan(self) -> PlanState | None:
        """What is known of the upstream's plan now; None where it told nothing, or its time is over."""
        if self._plan_at is None:
            return None
        with translated_errors():
            document = self._collection.find_one(self._plan_filter())
        if document is None:
            return None
        return PlanState(int(document["limit"]), max(0, int(document["remaining"])), document["resets_at"])

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

    # -- the day

    def _take(self, units: int, needed: Json, slot: str, plan: Json | None) -> bool:
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
        if slot in self._slots:
            rest = {"$subtract": [{"$ifNull": [f"$kept.{slot}", Int64(0)]}, Int64(units)]}
            taken[f"kept.{slot}"] = {"$max": [Int64(0), rest]}
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
                " before look-ups and each genre its share; the rest waits for the next quota day",
            )
        return QuotaExhausted(
            self._service,
            f"the daily budget of {self._limit} for {self._bucket} is used up; the rest waits for the next quota day",
        )

    def _begin_day(self) -> None:
        if self._open:
            return
        with translated_errors():
            if self._collection.find_one({"_id": self._key, "expires_at": {"$exists": True}}) is None:
                fresh: Json = {"used": Int64(0), "expires_at": _expiry()}
                if self._keeps:
                    fresh["kept"] = {slot: Int64(units) for slot, units in self._kept_at_first().items()}
                with suppress(DuplicateKeyError):  # another run began the day at this moment
                    self._collection.update_one({"_id": self._key}, {"$setOnInsert": fresh}, upsert=True)
        self._open = True

    def _kept_at_first(self) -> dict[str, int]:
        habits = (self._collection.find_one({"_id": f"{self._bucket}/habits"}) or {}).get("genres", {})
        unknown = [genre for genre in self._genres if genre not in habits]
        if unknown:
            self._remember(
                {"$max": {f"genres.{genre}.day": self._day for genre in unknown}, "$set": {"expires_at": _expiry()}}
            )
        return kept_aside(self._limit, self._keeps, self._genres, habits, self._day)

    def _remember(self, update: Json) -> None:
        key = {"_id": f"{self._bucket}/habits"}
        update = {**update, "$setOnInsert": {"used": Int64(0)}}
        try:
            self._collection.update_one(key, update, upsert=True)
        except DuplicateKeyError:
            self._collection.update_one(key, update)

    # -- the upstream's own plan

    @property
    def _plan_key(self) -> str:
        return f"{self._bucket}/plan"

    def _plan_filter(self) -> Json:
        at = self._plan_at or datetime.now(UTC)
        # Outside live, days are run in any order: what was told on a later day says nothing of this one.
        return {"_id": self._plan_key, "resets_at": {"$gt": at}, "told_at": {"$lt": at + timedelta(days=1)}}

    def _take_from_plan(self, units: int, needed: Json, looks: int) -> Json | None:
        """Takes `units` where the plan has what is `needed`; returns it as it was before, None where nothing is known of it.

        A unit that is taken and given back again would be missing for a moment, and another run's counts would take the plan for used up:
        so the plan is never taken below what is kept for others, as the day has it now. One that has more left than the whole day may
        spend can be taken from without reading the day.

        Args:
            looks: how often to look whether it has enough. In the last units kept for a genre, calls of the same genre can be in one
                another's way for a moment.
        """
        if self._plan_at is None:
            return None
        enough = units + self._limit
        with translated_errors():
            while True:
                before = self._collection.find_one_and_update(
                    {**self._plan_filter(), "remaining": {"$gte": enough}}, {"$inc": {"remaining": Int64(-units)}}
                )
                if before is not None:
                    self._plan_left = before["remaining"] - units
                    self._plan_confirmed = before["told_on"] == self._day
                    return before
                known = self._collection.find_one(self._plan_filter())
                if known is None:
                    self._plan_left, self._plan_confirmed = None, False
                    return None
                if known["remaining"] >= units:
                    enough = max(units, self._needed_now(needed))
                    if known["remaining"] >= enough:  # less is enough, or another run was just told of more
                        continue
                looks -= 1
                if looks == 0:
                    break
                time.sleep(PLAN_WAIT_SECONDS)
        self._plan_left, self._plan_confirmed = None, False
        if known["remaining"] >= units:
            raise self._refusal(units)
        raise QuotaExhausted(
            self._service,
            f"the RapidAPI plan's quota of {known['limit']} requests is used up until {known['resets_at']:%Y-%m-%d %H:%M} UTC;"
            " wait, or take a larger plan",
        )

    def _give_back_to_plan(self, units: int, taken_from: Json) -> None:
        # What was told since then is what is left without these units: they were never asked for.
        told = {name: taken_from[name] for name in ("used", "resets_at", "told_on")}
        with translated_errors():
            self._collection.update_one({"_id": self._plan_key, **told}, {"$inc": {"remaining": Int64(units)}})


class Share:
    """A budget as calls for one genre and purpose are paid from it."""

    def __init__(self, budget: StoredBudget, purpose: Purpose, genre: str, spare: int) -> None:
        self._spare = spare
        self._budget = budget
        self._purpose = purpose
        self._genre = genre

    def spend(self, units: int) -> None:
        """Takes `units`, or raises QuotaExhausted and takes nothing."""
        self._budget.spend(units, self._purpose, self._genre, self._spare)

    def declare_exhausted(self) -> None:
        """Notes that the upstream itself said that nothing is left until its quota resets."""
        self._budget.declare_exhausted()

    def note_plan(self, told: PlanTold) -> None:
        """Keeps what the upstream told of its plan."""
        self._budget.note_plan(told)


def kept_aside(
    limit: int, keeps: Sequence[Purpose], genres: Sequence[str], habits: Mapping[str, Json], day: str
) -> dict[str, int]:
    """The units that a new quota day keeps aside, by `PURPOSE/GENRE`; together never more than `limit`.

    Counts come first: what the genre's last counts needed; FIRST_COUNTS where it has none yet, together at most half of all; scaled down
    where all together are more than there is. Of what is left, each genre keeps an equal share for look-ups, at most FIRST_LOOKUPS, and
    no more than it last had use for. Genres that were not run for REMEMBERED_DAYS keep nothing.

    Args:
        habits: per genre, the `day` that it was last run or first known, and the units of each purpose.
        day: YYYY-MM-DD.
    """
    oldest = (date.fromisoformat(day) - timedelta(days=REMEMBERED_DAYS)).isoformat()
    alive = [genre for genre in genres if habits.get(genre, {}).get("day", day) >= oldest]
    if not alive:
        return {}
    kept: dict[str, int] = {}
    if Purpose.COUNTS in keeps:
        guess = min(FIRST_COUNTS, limit // (2 * len(genres)))
        needed = {genre: int(habits.get(genre, {}).get(Purpose.COUNTS, guess)) for genre in alive}
        together = max(limit, sum(needed.values()), 1)
        kept |= {f"{Purpose.COUNTS}/{genre}": units * limit // together for genre, units in needed.items()}
    if Purpose.LOOKUPS in keeps:
        share = min(FIRST_LOOKUPS, (limit - sum(kept.values())) // len(alive))
        kept |= {
            f"{Purpose.LOOKUPS}/{genre}": min(share, int(habits.get(genre, {}).get(Purpose.LOOKUPS, share)))
            for genre in alive
        }
    return kept


def _kept(which: Json) -> Json:
    slots = {"$objectToArray": {"$ifNull": ["$kept", {}]}}
    chosen = {"$filter": {"input": slots, "as": "slot", "cond": which}}
    return {"$sum": {"$map": {"input": chosen, "as": "slot", "in": "$$slot.v"}}}


def _counts() -> Json:
    return {"$eq": [{"$indexOfBytes": ["$$slot.k", f"{Purpose.COUNTS}/"]}, 0]}


def _needed(wanted: int, purpose: Purpose, slot: str) -> Json:
    """What must be there for a call that wants so much: that, and the kept units that it must leave alone.

    Those are what is kept for others with the same purpose and for whatever matters more; while the call's own part lasts, only the latter.
    """
    others = {"$ne": ["$$slot.k", slot]}
    own = {"$gte": [{"$ifNull": [f"$kept.{slot}", 0]}, wanted]}
    left_alone = {
        Purpose.COUNTS: {"$cond": [own, 0, _kept({"$and": [_counts(), others]})]},
        Purpose.LOOKUPS: {"$cond": [own, _kept(_counts()), _kept(others)]},
        Purpose.REST: _kept(others),
    }
    return {"$add": [wanted, left_alone[purpose]]}


def _expiry() -> datetime:
    return datetime.now(UTC) + USAGE_KEPT
