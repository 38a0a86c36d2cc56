"""Leases of runs, and the fence that every write of a run passes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout

from tunemeld_pipeline.errors import LeaseLost
from tunemeld_pipeline.storage.fence import ALIVE_FOR, Fence
from tunemeld_pipeline.storage.leases import Leases, this_machine
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


@pytest.fixture
def store(mongo_database: Database[Json]) -> Store:
    for name in ("run_leases", "written"):
        mongo_database[name].delete_many({})
    return Store(mongo_database)


def run_out(store: Store, run_id: str = "one") -> None:
    """Makes the lease one of which nothing was heard for a minute."""
    ago = datetime.now(UTC) - timedelta(minutes=1)
    store.handle["run_leases"].update_one({"_id": run_id}, {"$set": {"alive_until": ago}})


def taken(store: Store, run_id: str = "one", genre: str = "dance") -> Fence:
    return store.leases.take(run_id, genre, "1.2.3")


def write(store: Store, fence: Fence, value: int) -> None:
    fenced = store.fenced(fence).handle
    fenced.transaction(lambda own: fenced["written"].replace_one({"_id": 1}, {"by": value}, upsert=True, session=own))


def written(store: Store) -> int | None:
    found = store.handle["written"].find_one({"_id": 1})
    return found["by"] if found else None


def test_the_holder_of_a_lease_writes_and_every_write_renews_it(store: Store) -> None:
    fence = taken(store)
    run_out(store)
    assert store.leases.of(["one"])["one"].has_run_out
    write(store, fence, 1)
    (lease,) = store.leases.held()
    assert (lease.run_id, lease.genre, lease.code_version, lease.machine) == ("one", "dance", "1.2.3", this_machine())
    assert (lease.has_run_out, lease.is_gone, lease.ended_at, lease.lost_at) == (False, False, None, None)
    assert timedelta(0) < lease.alive_until - datetime.now(UTC) <= ALIVE_FOR + timedelta(seconds=1)
    assert written(store) == 1
    store.leases.end(fence)
    assert store.leases.held() == []
    assert store.leases.of(["one", "other"])["one"].ended_at is not None


def test_a_lease_that_was_taken_away_lets_nothing_through(store: Store) -> None:
    fence = taken(store)
    assert not store.leases.take_away("one")  # its process is alive
    run_out(store)
    assert store.leases.take_away("one")
    with pytest.raises(LeaseLost, match=r"writes nothing more: its lease ran out at .*, since nothing was heard"):
        write(store, fence, 1)
    with pytest.raises(LeaseLost):
        store.leases.renew(fence)
    fenced = store.fenced(fence)
    with pytest.raises(LeaseLost):
        fenced.handle.refuse_if_lost()
    with pytest.raises(LeaseLost):
        fenced.lookups.remember("isrc_cache", {"key": None}, "search", datetime.now(UTC))
    assert written(store) is None
    assert store.handle["isrc_cache"].find_one() is None
    store.handle.refuse_if_lost()  # who is no run needs no lease


def test_the_next_run_of_a_genre_takes_away_what_has_run_out_and_nothing_else(store: Store) -> None:
    silent, alive, other = taken(store, "silent"), taken(store, "alive"), taken(store, "other", "pop")
    run_out(store, "silent")
    run_out(store, "other")
    write(store, taken(store, "next"), 1)
    with pytest.raises(LeaseLost):
        write(store, silent, 2)
    write(store, alive, 3)
    write(store, other, 4)
    assert written(store) == 4


def test_a_process_that_takes_the_same_run_over_is_the_only_one_that_writes(store: Store) -> None:
    first, second = taken(store), taken(store)
    write(store, second, 2)
    with pytest.raises(LeaseLost, match="another process has taken it over"):
        write(store, first, 1)
    store.leases.end(first)
    assert [lease.run_id for lease in store.leases.held()] == ["one"]


def test_a_run_that_was_ended_before_it_began_gets_no_lease(store: Store) -> None:
    assert store.leases.refuse("late")
    with pytest.raises(LeaseLost, match="was ended before this process began it"):
        taken(store, "late")
    taken(store, "early")
    assert not store.leases.refuse("early")
    run_out(store, "early")
    assert store.leases.take_away("early")
    with pytest.raises(LeaseLost):
        taken(store, "early")


def test_a_write_under_way_and_the_end_of_its_lease_wait_for_one_another(store: Store) -> None:
    fence = taken(store)
    run_out(store)
    fenced = store.fenced(fence).handle
    other = Leases(store.handle)

    def slowly(own: Any) -> None:
        # The lease has been confirmed in this transaction, which nobody else sees yet.
        with pytest.raises(ExecutionTimeout):
            store.handle["run_leases"].find_one_and_update(
                {"_id": "one"}, {"$set": {"lost_at": datetime.now(UTC)}}, maxTimeMS=200
            )
        fenced["written"].insert_one({"_id": 1, "by": 1}, session=own)

    fenced.transaction(slowly)
    assert written(store) == 1
    assert not other.take_away("one")


def test_a_lease_whose_process_is_gone_need_not_run_out(store: Store) -> None:
    taken(store)
    store.handle["run_leases"].update_one({"_id": "one"}, {"$set": {"process": "1 then"}})
    assert store.leases.of(["one"])["one"].is_gone
    store.handle["run_leases"].update_one({"_id": "one"}, {"$set": {"machine": "another"}})
    assert not store.leases.of(["one"])["one"].is_gone
    assert not store.leases.take_away("one")
    assert store.leases.take_away("one", is_gone=True)


def test_leases_are_kept_for_two_days(store: Store) -> None:
    taken(store, "old")
    store.handle["run_leases"].update_one({"_id": "old"}, {"$set": {"alive_until": datetime(2026, 1, 1, tzinfo=UTC)}})
    taken(store, "new")
    assert store.handle["run_leases"].distinct("_id") == ["new"]
