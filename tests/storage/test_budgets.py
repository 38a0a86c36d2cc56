"""Who may take which units of a day: counts before look-ups, each genre its share, and never more than the plan has left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from tunemeld_pipeline.errors import QuotaExhausted
from tunemeld_pipeline.operations.document_check import repair_documents
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.storage.budgets import FIRST_COUNTS, StoredBudget, kept_aside
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.storage.store import Store

TODAY, TOMORROW = "2026-03-02", "2026-03-03"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = 86_400
BOTH = (Purpose.COUNTS, Purpose.LOOKUPS)


def spotify(store: Store, limit: int = 100, day: str = TODAY) -> StoredBudget:
    return StoredBudget(store.handle, "Spotify", "spotify", limit, day, genres=("dance", "rap"), keeps=BOTH)


def counted(store: Store, **units: int) -> None:
    """On the day before, the genres' counts took so many units, and nothing had to be looked up."""
    before = spotify(store, day="2026-03-01")
    for genre, number in units.items():
        before.spend(number, Purpose.COUNTS, genre)
        before.settle(genre, Purpose.COUNTS)
        before.settle(genre, Purpose.LOOKUPS)


def taken(budget: StoredBudget, purpose: Purpose, genre: str, leaving: int = 0) -> int:
    """How many units this purpose can take before the budget refuses."""
    units = 0
    while True:
        try:
            budget.spend(1, purpose, genre, leaving)
        except QuotaExhausted:
            return units
        units += 1


def test_look_ups_leave_the_units_that_todays_counts_of_every_genre_need(store: Store) -> None:
    counted(store, dance=40, rap=35)
    budget = spotify(store)
    assert taken(budget, Purpose.LOOKUPS, "dance") == 25
    assert taken(budget, Purpose.COUNTS, "dance") == 40
    assert taken(budget, Purpose.COUNTS, "rap") == 35
    assert budget.left() == 0


def test_one_genres_counts_leave_anothers_alone(store: Store) -> None:
    counted(store, dance=40, rap=35)
    assert taken(spotify(store), Purpose.COUNTS, "dance") == 65


def test_what_a_genre_did_not_need_is_free_once_it_is_counted(store: Store) -> None:
    counted(store, dance=40, rap=35)
    budget = spotify(store)
    budget.spend(10, Purpose.COUNTS, "rap")
    assert taken(budget, Purpose.LOOKUPS, "dance") == 25
    budget.settle("rap", Purpose.COUNTS)
    assert taken(budget, Purpose.LOOKUPS, "dance") == 25
    assert taken(budget, Purpose.COUNTS, "dance") == 40


def test_look_ups_that_failed_before_leave_new_ones_their_share_in_every_genre(store: Store) -> None:
    budget = spotify(store, 1_000)
    # Both genres are new: 110 kept for counts and 100 for look-ups each.
    assert taken(budget, Purpose.REST, "dance") == 1_000 - 2 * 110 - 2 * 100
    assert taken(budget, Purpose.LOOKUPS, "dance") == 100
    assert taken(budget, Purpose.LOOKUPS, "rap") == 100


def test_counts_may_take_what_is_kept_for_look_ups(store: Store) -> None:
    counted(store, dance=10, rap=10)
    before = spotify(store, day="2026-03-01")
    before.settle("rap", Purpose.LOOKUPS, waiting=80)
    budget = spotify(store)
    assert taken(budget, Purpose.LOOKUPS, "dance") == 40
    assert taken(budget, Purpose.COUNTS, "dance") == 50


def test_a_search_whose_answer_could_not_be_used_any_more_is_not_paid_for(store: Store) -> None:
    budget = StoredBudget(store.handle, "Spotify", "spotify", 10, TODAY)
    assert taken(budget, Purpose.LOOKUPS, "dance", leaving=1) == 9
    budget.spend(1)
    assert budget.left() == 0


def test_a_refusal_says_that_units_are_kept_and_for_what(store: Store) -> None:
    counted(store, dance=60, rap=40)
    with pytest.raises(
        QuotaExhausted, match=r"the daily budget \(100 of 100, SPOTIFY_DAILY_BUDGET\) is kept for what matters more"
    ):
        spotify(store).spend(1, Purpose.LOOKUPS, "dance")


def test_a_budget_lowered_during_the_day_still_holds(store: Store) -> None:
    spotify(store).spend(60, Purpose.COUNTS, "dance")
    assert taken(spotify(store, 50), Purpose.COUNTS, "rap") == 0
    assert taken(spotify(store, 70), Purpose.COUNTS, "rap") == 10


# What a day keeps aside


def test_a_genre_never_counted_is_kept_a_list_of_a_hundred_and_all_together_half(store: Store) -> None:
    kept = kept_aside(2_000, BOTH, ("dance", "rap"), {}, TODAY)
    assert kept["counts/dance"] == kept["counts/rap"] == FIRST_COUNTS
    assert kept_aside(100, BOTH, ("dance", "rap"), {}, TODAY) == {
        "counts/dance": 25,
        "counts/rap": 25,
        "lookups/dance": 25,
        "lookups/rap": 25,
    }


def test_more_than_there_is_is_shared_in_proportion(store: Store) -> None:
    habits = {"dance": {"day": TODAY, "counts": 300}, "rap": {"day": TODAY, "counts": 100}}
    assert kept_aside(100, (Purpose.COUNTS,), ("dance", "rap"), habits, TODAY) == {"counts/dance": 75, "counts/rap": 25}


def test_a_genre_that_nobody_runs_keeps_nothing_after_three_days(store: Store) -> None:
    first = spotify(store)
    first.spend(5, Purpose.COUNTS, "dance")
    assert first.usage()["kept"]["counts/rap"] == 25
    later = spotify(store, day="2026-03-05")
    later.spend(1, Purpose.COUNTS, "dance")
    assert "counts/rap" in later.usage()["kept"]
    last = spotify(store, day="2026-03-06")
    last.spend(1, Purpose.COUNTS, "dance")
    assert "counts/rap" not in last.usage()["kept"]


def test_a_new_genre_is_kept_units_though_others_are_known(store: Store) -> None:
    counted(store, dance=40)
    budget = spotify(store)
    budget.spend(1, Purpose.COUNTS, "dance")
    assert budget.usage()["kept"]["counts/rap"] == 25


# A day that cannot be read


def edited(database: Database[dict[str, Any]], change: dict[str, Any]) -> None:
    """Somebody in a shell changes today's document past the validator, which the next test finds as it was."""
    database["api_usage"].update_one({"_id": f"spotify/{TODAY}"}, change, bypass_document_validation=True)


SAID = "a text for what the upstream said"
UNCOUNTED: dict[str, dict[str, Any]] = {
    "a text": {"$set": {"used": "x"}},
    "none": {"$unset": {"used": ""}},
    "less than nothing": {"$set": {"used": -50}},
    "half a unit": {"$set": {"used": 7.5}},
    "true": {"$set": {"used": True}},
    SAID: {"$set": {"exhausted": "no"}},
    "a list of everything": {"$set": {"used": [1], "kept": [2], "exhausted": None}, "$unset": {"expires_at": ""}},
}


@pytest.mark.parametrize("change", UNCOUNTED.values(), ids=UNCOUNTED)
def test_a_day_that_does_not_say_its_use_counts_as_used_up_until_it_is_repaired(
    store: Store, mongo_database: Database[dict[str, Any]], change: dict[str, Any]
) -> None:
    under_way = spotify(store)
    under_way.spend(30, Purpose.COUNTS, "dance")
    edited(mongo_database, change)
    before = list(store.transfer.documents("api_usage"))

    for budget in (spotify(store), under_way):
        with pytest.raises(QuotaExhausted, match=f"api_usage spotify/{TODAY} does not say how many units") as raised:
            budget.spend(1, Purpose.COUNTS, "dance")
        assert raised.value.next_command == "tunemeld db check --repair"
        assert budget.left() == 0
        budget.settle("dance", Purpose.COUNTS)
    assert list(store.transfer.documents("api_usage")) == before
    assert f"api_usage spotify/{TODAY}" in {error.name for error in store.unreadable}
    spotify(store, day=TOMORROW).spend(1, Purpose.COUNTS, "dance")

    repair_documents(store, "sandbox")

    assert spotify(store).left() == (70 if change == UNCOUNTED[SAID] else 100)
    under_way.spend(1, Purpose.COUNTS, "dance")


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"kept": [1]}},
        {"$set": {"kept.counts/rap": "many"}},
        {"$set": {"kept.counts/rap": -1_000, "expires_at": "soon"}},
        {"$unset": {"expires_at": ""}},
    ],
    ids=str,
)
def test_what_is_used_stays_used_where_the_rest_of_a_day_cannot_be_read(
    store: Store, mongo_database: Database[dict[str, Any]], change: dict[str, Any]
) -> None:
    under_way = spotify(store)
    under_way.spend(30, Purpose.COUNTS, "dance")
    edited(mongo_database, change)
    assert spotify(store).left() == 70

    for budget in (spotify(store), under_way):
        with pytest.raises(QuotaExhausted):
            budget.spend(71, Purpose.COUNTS, "dance")
    spotify(store).spend(40, Purpose.COUNTS, "dance")

    assert spotify(store).left() == 30
    original = mongo_database["quarantine"].find_one({"collection": "api_usage"})
    assert original is not None
    assert original["original"]["used"] == 30


# The plan behind the key


def gateway(store: Store, at: datetime = NOON) -> StoredBudget:
    return StoredBudget(store.handle, "Spotify", "spotify", 100, f"{at:%Y-%m-%d}", plan_at=at)


def test_nothing_is_asked_of_a_plan_that_is_used_up_until_it_resets(store: Store) -> None:
    gateway(store).note_plan(StatedPlan(500, 0, 9 * DAY))
    with pytest.raises(QuotaExhausted, match="quota of 500 requests is used up until 2026-03-11 12:00 UTC"):
        gateway(store, NOON + timedelta(days=8)).spend(1)
    assert gateway(store, NOON + timedelta(days=8)).usage() == {"used": 0}
    gateway(store, NOON + timedelta(days=9)).spend(1)


def test_a_plan_that_another_run_learns_of_at_this_moment_does_not_count_as_used_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_and_update = Collection.find_one_and_update
    stated: list[object] = []

    def with_news_after_it(collection: Collection[Any], *args: object, **kwargs: object) -> object:
        answer = find_and_update(collection, *args, **kwargs)
        if not stated:
            stated.append(answer)
            gateway(store).note_plan(StatedPlan(500, 499, 9 * DAY))
        return answer

    monkeypatch.setattr(Collection, "find_one_and_update", with_news_after_it)
    budget = gateway(store)
    budget.spend(1)
    assert stated == [None]
    plan = budget.plan()
    assert plan is not None
    assert plan.remaining == 498


def test_every_call_counts_down_what_the_plan_has_left(store: Store) -> None:
    gateway(store).note_plan(StatedPlan(500, 3, 9 * DAY))
    for budget in (gateway(store), gateway(store), gateway(store)):
        budget.spend(1)
    with pytest.raises(QuotaExhausted, match="used up until"):
        gateway(store).spend(1)


def test_an_answer_that_arrives_late_does_not_raise_what_is_left(store: Store) -> None:
    budget = gateway(store)
    budget.note_plan(StatedPlan(500, 100, DAY))
    budget.spend(1)
    budget.note_plan(StatedPlan(500, 90, DAY))
    budget.note_plan(StatedPlan(500, 95, DAY))
    gateway(store).note_plan(StatedPlan(500, 95, DAY))
    plan = budget.plan()
    assert plan is not None
    assert plan.remaining == 90
    # Dagster's metadata takes no BSON integers.
    assert type(budget.left()) is int


def test_the_first_answer_of_a_day_puts_right_what_was_not_charged(store: Store) -> None:
    gateway(store).note_plan(StatedPlan(500, 100, 9 * DAY))
    tomorrow = gateway(store, NOON + timedelta(days=1))
    tomorrow.spend(1)
    tomorrow.note_plan(StatedPlan(500, 120, 8 * DAY))
    plan = tomorrow.plan()
    assert plan is not None
    assert (plan.limit, plan.remaining) == (500, 120)


def test_a_call_that_our_own_budget_refuses_is_not_counted_against_the_plan(store: Store) -> None:
    gateway(store).note_plan(StatedPlan(500, 300, DAY))
    budget = gateway(store)
    budget.spend(100)
    with pytest.raises(QuotaExhausted, match=r"the daily budget of 100 \(SPOTIFY_DAILY_BUDGET\) is used up"):
        budget.spend(1)
    plan = budget.plan()
    assert plan is not None
    assert plan.remaining == 200


def test_look_ups_leave_a_plan_that_runs_out_what_counts_need(store: Store) -> None:
    counted(store, dance=10, rap=10)
    StoredBudget(store.handle, "Spotify", "spotify", 100, TODAY, plan_at=NOON).note_plan(StatedPlan(500, 30, DAY))
    budget = StoredBudget(
        store.handle, "Spotify", "spotify", 100, TODAY, genres=("dance", "rap"), keeps=BOTH, plan_at=NOON
    )
    assert taken(budget, Purpose.LOOKUPS, "dance") == 10
    assert taken(budget, Purpose.COUNTS, "dance") == 10
    assert taken(budget, Purpose.COUNTS, "rap") == 10


def sharing(store: Store, at: datetime = NOON) -> StoredBudget:
    return StoredBudget(
        store.handle, "Spotify", "spotify", 100, f"{at:%Y-%m-%d}", genres=("dance", "rap"), keeps=BOTH, plan_at=at
    )


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_call_that_has_to_leave_the_plans_last_unit_does_not_take_it_for_a_moment_either(
    store: Store, monkeypatch: pytest.MonkeyPatch, purpose: Purpose
) -> None:
    counted(store, dance=0, rap=1)
    sharing(store).note_plan(StatedPlan(500, 1, 9 * DAY))
    find_and_update = Collection.find_one_and_update
    found: list[int] = []

    def with_what_another_run_finds(collection: Collection[Any], *args: Any, **kwargs: Any) -> Any:
        answer = find_and_update(collection, *args, **kwargs)
        plan = sharing(store).plan()
        assert plan is not None
        found.append(plan.remaining)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Collection, "find_one_and_update", with_what_another_run_finds)
        with pytest.raises(QuotaExhausted, match=r"the daily budget \(1 of 100, SPOTIFY_DAILY_BUDGET\) is kept"):
            sharing(store).spend(1, purpose, "dance")
    assert set(found) == {1}
    assert taken(sharing(store), Purpose.COUNTS, "rap") == 1


def test_counts_look_again_before_they_take_a_plan_for_used_up(
    store: Store, mongo_database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(store, dance=0, rap=1)
    sharing(store).note_plan(StatedPlan(500, 1, 9 * DAY))
    find_one, of_the_plan = Collection.find_one, {"_id": "spotify/plan"}

    def with_a_unit_given_back_after_it(collection: Collection[Any], *args: Any, **kwargs: Any) -> Any:
        answer = find_one(collection, *args, **kwargs)
        if answer and answer["_id"] == "spotify/plan":
            monkeypatch.setattr(Collection, "find_one", find_one)
            collection.update_one(of_the_plan, {"$inc": {"remaining": 1}})
        return answer

    mongo_database["api_usage"].update_one(of_the_plan, {"$inc": {"remaining": -1}})
    monkeypatch.setattr(Collection, "find_one", with_a_unit_given_back_after_it)
    sharing(store).spend(1, Purpose.COUNTS, "rap")


def test_a_unit_given_back_does_not_raise_what_the_gateway_reported_in_between(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway(store).note_plan(StatedPlan(500, 300, DAY))
    gateway(store).spend(100)
    find_and_update = Collection.find_one_and_update

    def with_news_after_it(collection: Collection[Any], *args: Any, **kwargs: Any) -> Any:
        answer = find_and_update(collection, *args, **kwargs)
        gateway(store).note_plan(StatedPlan(500, 150, DAY))
        return answer

    monkeypatch.setattr(Collection, "find_one_and_update", with_news_after_it)
    with pytest.raises(QuotaExhausted, match=r"the daily budget of 100 \(SPOTIFY_DAILY_BUDGET\) is used up"):
        gateway(store).spend(1)
    plan = gateway(store).plan()
    assert plan is not None
    assert plan.remaining == 150


def test_a_plan_with_more_left_than_the_day_may_spend_costs_two_round_trips_a_call(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = sharing(store)
    budget.note_plan(StatedPlan(500, 300, 9 * DAY))
    budget.spend(1, Purpose.COUNTS, "dance")
    asked: list[str] = []
    for name in ("find_one", "find_one_and_update", "update_one"):
        was = getattr(Collection, name)

        def noted(collection: Collection[Any], *args: Any, _was: Any = was, _name: str = name, **kwargs: Any) -> Any:
            asked.append(_name)
            return _was(collection, *args, **kwargs)

        monkeypatch.setattr(Collection, name, noted)
    budget.spend(1, Purpose.COUNTS, "dance")
    budget.spend(1, Purpose.LOOKUPS, "dance")
    assert asked == ["find_one_and_update", "update_one"] * 2
