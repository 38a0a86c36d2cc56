"""Which quotas there are, when each resets, and how much of each is used.

This module has the table of buckets, and the one answer to "how much is left, until when". `storage/budgets.py` takes units, by the rule
in docs/quotas.md about who may take which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from tunemeld_pipeline.charts.observation import PACIFIC, pacific_day, utc_day
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import Purpose, StoredBudget
from tunemeld_pipeline.storage.plans import PlanState
from tunemeld_pipeline.storage.store import Store


@dataclass(frozen=True, slots=True)
class Bucket:
    """One quota of an upstream.

    Attributes:
        zone: where its day begins at midnight.
        tells_plan: whether answers say what is left of a plan besides our own daily budget.
        keeps: for which purposes units are kept aside per genre; none where all its calls matter alike.
    """

    name: str
    service: str
    zone: tzinfo = UTC
    tells_plan: bool = False
    keeps: tuple[Purpose, ...] = ()

    @property
    def title(self) -> str:
        """Its name for people."""
        return f"{self.service} searches" if self.name == "youtube_search" else self.service

    def limit(self, settings: Settings) -> int:
        """The units of one day, from the settings."""
        units: int = getattr(settings, f"{self.name}_daily_budget")
        return units

    def day(self, at: datetime) -> str:
        """The quota day of a moment, as YYYY-MM-DD."""
        return pacific_day(at) if self.zone is PACIFIC else utc_day(at)

    def resets_at(self, at: datetime) -> datetime:
        """The first moment of the quota day after `at`, in UTC; a day in California has 23 or 25 hours twice a year."""
        tomorrow = at.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)

    def a_day_before(self, at: datetime) -> datetime:
        """The same time by the zone's clock, on the quota day before that of `at`; 24 hours before may be another day."""
        return (at.astimezone(self.zone) - timedelta(days=1)).astimezone(UTC)


BUCKETS = {
    bucket.name: bucket
    for bucket in (
        Bucket("spotify", "Spotify", tells_plan=True, keeps=(Purpose.COUNTS, Purpose.LOOKUPS)),
        Bucket("apple_music", "Apple Music", tells_plan=True),
        Bucket("soundcloud", "SoundCloud", tells_plan=True),
        Bucket("youtube", "YouTube", PACIFIC),
        # Since June 2026 searches have a separate bucket.
        Bucket("youtube_search", "YouTube", PACIFIC, keeps=(Purpose.LOOKUPS,)),
    )
}


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What is used and left of one quota at one moment.

    Attributes:
        limit: our own daily budget.
        left: what may still be spent today, the smaller of what is left of the budget and of the plan.
        exhausted: whether nothing is left, or the upstream itself has said so.
        resets_at: when there is more: the next quota day, or the plan's reset where the plan is used up.
        kept: how much of `left` is kept aside for genres not counted yet today.
        plan: what the upstream last said of its plan, where it says anything.
    """

    name: str
    title: str
    service: str
    used: int
    limit: int
    left: int
    exhausted: bool
    resets_at: datetime
    kept: int = 0
    plan: PlanState | None = None


def open_budget(store: Store, settings: Settings, bucket: Bucket, at: datetime, genres: Sequence[str]) -> StoredBudget:
    """The bucket's units on the quota day of `at`; `genres` are those that units are kept for."""
    return StoredBudget(
        store.handle,
        bucket.service,
        bucket.name,
        bucket.limit(settings),
        bucket.day(at),
        genres=genres,
        keeps=bucket.keeps,
        plan_at=at if bucket.tells_plan else None,
    )


def quota_use(store: Store, settings: Settings, at: datetime) -> list[QuotaUse]:
    """Every quota's use at `at`. Reads a document or two each; spends and changes nothing.

    Raises:
        StoreError: the database did not answer.
        CatalogError: the catalogue of genres cannot be read.
    """
    return _uses(store, settings, dict.fromkeys(BUCKETS, at))


def quota_use_the_day_before(store: Store, settings: Settings, at: datetime) -> list[QuotaUse]:
    """Every quota's use on the quota day before that of `at`; like `quota_use`."""
    return _uses(store, settings, {name: bucket.a_day_before(at) for name, bucket in BUCKETS.items()})


def _uses(store: Store, settings: Settings, moments: Mapping[str, datetime]) -> list[QuotaUse]:
    genres = tuple(load_catalog(settings.catalog_file).genres)
    return [_use(store, settings, BUCKETS[name], at, genres) for name, at in moments.items()]


def _use(store: Store, settings: Settings, bucket: Bucket, at: datetime, genres: Sequence[str]) -> QuotaUse:
    budget = open_budget(store, settings, bucket, at, genres)
    usage, plan = budget.usage(), budget.plan()
    limit, told_so = bucket.limit(settings), bool(usage.get("exhausted"))
    left = 0 if told_so else max(0, limit - usage["used"])
    if plan is not None:
        left = min(left, plan.remaining)
    return QuotaUse(
        name=bucket.name,
        title=bucket.title,
        service=bucket.service,
        used=int(usage["used"]),
        limit=limit,
        left=int(left),
        exhausted=left == 0,
        resets_at=plan.resets_at if plan is not None and plan.remaining == 0 else bucket.resets_at(at),
        kept=min(int(left), int(sum(usage.get("kept", {}).values()))),
        plan=plan,
    )
