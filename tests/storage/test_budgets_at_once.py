"""One day's units, spent by one process and by eight at once: never more than there are, and none left over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from tests.storage.acts import PROCESSES, Act
from tunemeld_pipeline.errors import QuotaExhausted
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


def test_a_budget_is_spent_to_its_last_unit_and_no_further(store: Store) -> None:
    budget = StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02")

    budget.spend(7)
    with pytest.raises(QuotaExhausted, match=r"YouTube: the daily budget of 10 \(YOUTUBE_DAILY_BUDGET\) is used up"):
        budget.spend(4)
    assert budget.left() == 3
    budget.spend(3)

    assert budget.left() == 0
    assert StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-03").left() == 10
    assert StoredBudget(store.handle, "YouTube", "youtube_search", 10, "2026-03-02").left() == 10


def test_a_budget_of_nothing_sends_nothing(store: Store, mongo_database: Database[Json]) -> None:
    with pytest.raises(QuotaExhausted):
        StoredBudget(store.handle, "YouTube", "youtube", 0, "2026-03-02").spend(1)

    assert mongo_database["api_usage"].count_documents({}) == 0


def test_when_the_service_says_that_nothing_is_left_nothing_is_tried_again_that_day(store: Store) -> None:
    budget = StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02")
    budget.spend(1)

    budget.declare_exhausted()

    assert budget.left() == 0
    with pytest.raises(QuotaExhausted):
        budget.spend(1)
    fresh = StoredBudget(store.handle, "YouTube", "search", 10, "2026-03-02")
    fresh.declare_exhausted()
    assert fresh.left() == 0


def test_usage_is_kept_for_ninety_days(store: Store, mongo_database: Database[Json]) -> None:
    StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02").spend(1)

    (usage,) = mongo_database["api_usage"].find()
    assert usage["_id"] == "youtube/2026-03-02"
    assert timedelta(days=89) < usage["expires_at"] - datetime.now(UTC) <= timedelta(days=90)


def spend_until_refused(store: Store, number: int) -> int:
    budget, spent = StoredBudget(store.handle, "YouTube", "youtube", 100, "2026-03-02"), 0
    try:
        while True:
            budget.spend(3)
            spent += 3
    except QuotaExhausted:
        return spent


def spend_once(store: Store, number: int) -> bool:
    try:
        StoredBudget(store.handle, "YouTube", "youtube", PROCESSES, "2026-03-02").spend(1)
    except QuotaExhausted:
        return False
    return True


def test_eight_processes_together_never_overspend_and_leave_nothing_unspent(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    assert sum(at_once(spend_until_refused)) == 99
    assert StoredBudget(store.handle, "YouTube", "youtube", 100, "2026-03-02").left() == 1


def test_of_eight_processes_that_begin_a_day_at_once_none_is_refused(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(10):
        assert at_once(spend_once) == [True] * PROCESSES
        mongo_database["api_usage"].delete_many({})


def spend_on_counts_or_lookups(store: Store, number: int) -> int:
    budget = StoredBudget(
        store.handle, "Spotify", "spotify", 100, "2026-03-02", genres=("dance", "rap"), keeps=tuple(Purpose)
    )
    purpose, spent = (Purpose.COUNTS, Purpose.LOOKUPS)[number % 2], 0
    try:
        while True:
            budget.spend(1, purpose, "dance")
            spent += 1
    except QuotaExhausted:
        return spent


def test_eight_processes_of_one_genre_leave_another_genres_counts_their_units_and_spend_the_rest(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    def on(day: str) -> StoredBudget:
        return StoredBudget(store.handle, "Spotify", "spotify", 100, day, genres=("dance", "rap"), keeps=tuple(Purpose))

    yesterday = on("2026-03-01")
    for genre in ("dance", "rap"):
        yesterday.spend(30, Purpose.COUNTS, genre)
        yesterday.settle(genre, Purpose.COUNTS)
    assert sum(at_once(spend_on_counts_or_lookups)) == 70
    budget = on("2026-03-02")
    budget.spend(30, Purpose.COUNTS, "rap")
    assert budget.left() == 0
