"""How much of each quota is used, and when it resets.

This module has the one answer to "how much is left, until when". Which quotas there are is what the installed services and counts declare
(`plugins/contract.py`, `Bucket`); `storage/budgets.py` takes units, by the rule in docs/quotas.md about who may take which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tunemeld_pipeline.plugins.contract import Bucket
from tunemeld_pipeline.plugins.registry import buckets, folders, load_catalog
from tunemeld_pipeline.settings.configured import lacking
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.plans import PlanState
from tunemeld_pipeline.storage.store import Store


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


def configured_buckets(settings: Settings) -> dict[str, Bucket]:
    """The budgets of what the settings configure, by name: what has no key spends nothing."""
    accesses = [access for folder in folders() for access in folder.accesses if not lacking(settings, access)]
    named = {bucket.name for access in accesses for bucket in access.budgets}
    return {name: bucket for name, bucket in buckets().items() if name in named}


def limit_of(bucket: Bucket, settings: Settings) -> int:
    """The units of one day, from the settings."""
    units: int = getattr(settings, bucket.field, bucket.units)
    return units


def open_budget(store: Store, settings: Settings, bucket: Bucket, at: datetime, genres: Sequence[str]) -> StoredBudget:
    """The bucket's units on the quota day of `at`; `genres` are those that units are kept for."""
    return StoredBudget(
        store.handle,
        bucket.service,
        bucket.name,
        limit_of(bucket, settings),
        bucket.day(at),
        genres=genres,
        keeps=bucket.keeps,
        plan_at=at if bucket.tells_plan else None,
    )


def quota_use(store: Store, settings: Settings, at: datetime) -> list[QuotaUse]:
    """The use of every quota of what is configured at `at`. Reads a document or two each; spends and changes nothing.

    Raises:
        StoreError: the database did not answer.
        CatalogError: the catalogue of genres cannot be read.
    """
    return _uses(store, settings, dict.fromkeys(configured_buckets(settings), at))


def quota_use_the_day_before(store: Store, settings: Settings, at: datetime) -> list[QuotaUse]:
    """Every quota's use on the quota day before that of `at`; like `quota_use`."""
    return _uses(
        store, settings, {name: bucket.a_day_before(at) for name, bucket in configured_buckets(settings).items()}
    )


def _uses(store: Store, settings: Settings, moments: Mapping[str, datetime]) -> list[QuotaUse]:
    genres = tuple(load_catalog(settings.catalog_file).genres)
    return [_use(store, settings, buckets()[name], at, genres) for name, at in moments.items()]


def _use(store: Store, settings: Settings, bucket: Bucket, at: datetime, genres: Sequence[str]) -> QuotaUse:
    budget = open_budget(store, settings, bucket, at, genres)
    usage, plan = budget.usage(), budget.plan()
    limit, said_so = limit_of(bucket, settings), bool(usage.get("exhausted"))
    left = 0 if said_so else max(0, limit - usage["used"])
    if plan is not None:
        left = min(left, plan.remaining)
    return QuotaUse(
        name=bucket.name,
        title=bucket.title or bucket.service,
        service=bucket.service,
        used=int(usage["used"]),
        limit=limit,
        left=int(left),
        exhausted=left == 0,
        resets_at=plan.resets_at if plan is not None and plan.remaining == 0 else bucket.resets_at(at),
        kept=min(int(left), int(sum(usage.get("kept", {}).values()))),
        plan=plan,
    )
