"""Leases as a run's process holds them: it renews them, and writes nothing once it has lost one."""

import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.queues import SimpleQueue
from typing import Any

import dagster as dg
import pytest
from pymongo.monitoring import CommandListener

from tests.conftest import QUIET, GenreRunner
from tests.storage.listening import Commands
from tests.test_invariants import State, differences, state
from tunemeld_pipeline.errors import LeaseLost
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.runs import why_failed
from tunemeld_pipeline.resources import held_leases
from tunemeld_pipeline.resources.held_leases import held_lease
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage import connection
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
SECONDS = 300
WRITES = {"insert", "update", "delete", "findAndModify", "bulkWrite"}
SHARED = {"run_leases", "api_usage", "layout"}
"""Collections that are written outside of a fenced transaction: the leases, units that were spent, and the layout, made before the run."""


def lose(store: Store) -> None:
    """What a minute of silence does."""
    ago = datetime.now(UTC) - timedelta(minutes=1)
    store.handle["run_leases"].update_many({"ended_at": None}, {"$set": {"alive_until": ago}})


def test_a_lease_is_renewed_while_it_is_held_and_by_whoever_joins(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_leases, "RENEWED_EVERY", 0.01)
    with held_lease(store, "run", "dance", "1") as fence:
        with held_lease(store, "run", "dance", "1") as joined:
            assert joined is fence
        lose(store)
        assert wait_until(lambda: not store.leases.of(["run"])["run"].has_run_out, seconds=SECONDS)
        store.handle["run_leases"].update_one({}, {"$set": {"lost_at": datetime.now(UTC)}})
        assert wait_until(lambda: refuses(store.fenced(fence)), seconds=SECONDS)
    assert store.leases.held() == []


def refuses(store: Store) -> bool:
    try:
        store.handle.refuse_if_lost()
    except LeaseLost:
        return True
    return False


def test_every_write_of_a_run_confirms_its_lease_first(
    run_genre: GenreRunner, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = Commands()

    def listeners() -> list[CommandListener]:
        return [commands]

    monkeypatch.setattr(connection, "_timers", listeners)
    run_genre(as_of=MONDAY)
    faults.add("spotify", Fault.SERVER_ERROR, times=None)  # it marks lists as stale, and counts as missing
    run_genre(as_of=TUESDAY)
    run_genre(as_of=MONDAY)  # it keeps its own documents apart

    fenced: set[tuple[str, int]] = set()
    written = set()
    for name, command in commands.seen:
        if name not in WRITES:
            continue
        where, transaction = command[name], (str(command.get("lsid")), int(command.get("txnNumber", 0)))
        if command.get("startTransaction"):
            assert where == "run_leases", command
            fenced.add(transaction)
        elif command.get("autocommit") is not False:
            assert where in SHARED, command
            continue
        assert transaction in fenced, command
        written.add(where)
    assert written > {spec.name for spec in COLLECTIONS} - {
        *("wider_lists", "withheld", "incidents", "quarantine"),  # nothing of these happened
        *("api_usage", "spotify_cache"),
    }


def run_tuesday(settings: Settings, said: "SimpleQueue[str]") -> None:
    """What a process of its own does."""
    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        result = GenreRunner(settings, instance)(as_of=f"{TUESDAY}T06:00:00Z", raise_on_error=False)
        said.put("" if result.success else why_failed(result.all_events))


@pytest.mark.parametrize(
    ("service", "has_written"), [("youtube", True), pytest.param("spotify", False, marks=pytest.mark.slow)]
)
def test_a_run_that_was_stopped_past_its_lease_writes_nothing_once_another_has_published(
    settings: Settings,
    store: Store,
    run_genre: GenreRunner,
    faults: Faults,
    clean_processes: ForkServerContext,
    service: str,
    has_written: bool,
) -> None:
    run_genre.after(MONDAY)
    faults.add(service, Fault.STALL, seconds=2)
    faults.reset_requests()
    said: SimpleQueue[str] = clean_processes.SimpleQueue()
    process = clean_processes.Process(target=run_tuesday, args=(settings, said))
    process.start()
    try:
        assert wait_until(lambda: bool(faults.requests().get(service)), seconds=SECONDS)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        assert (
            bool(store.handle["raw_playlists"].find_one({"insert_timestamp": {"$gt": moment(TUESDAY)}})) is has_written
        )
        lose(store)
        second = run_genre(
            as_of=f"{TUESDAY}T05:00:00Z"
        )  # observed earlier, so that nothing but the fence stops the first
        published = everything(store)
        os.kill(process.pid, signal.SIGCONT)
        process.join(SECONDS)
        error = said.get()
    finally:
        process.kill()
        process.join()
    assert "this run writes nothing more: its lease ran out at" in error
    assert differences(published, everything(store)) == []
    shown = store.charts.materialization("dance")
    assert shown is not None
    assert shown.run_id == second.run_id


def moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def everything(store: Store) -> State:
    return state(store.handle.database)


def test_a_run_whose_lease_was_taken_away_asks_no_upstream_and_fails_for_good(
    settings: Settings, store: Store, run_genre: GenreRunner, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Sequence[str] = ()
    take = Store.fenced

    def fenced_and_lost(self: Store, fence: Any) -> Store:
        store.handle["run_leases"].update_one({}, {"$set": {"lost_at": datetime.now(UTC)}})
        with pytest.raises(LeaseLost):
            store.leases.renew(fence)
        return take(self, fence)

    monkeypatch.setattr(Store, "fenced", fenced_and_lost)
    faults.reset_requests()
    result = run_genre(raise_on_error=False)
    assert not result.success
    assert "writes nothing more" in why_failed(result.all_events)
    asked = [service for service, count in faults.requests().items() if count]
    assert asked == []
    assert not any(event.is_step_up_for_retry for event in result.all_events)
