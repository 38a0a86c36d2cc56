"""The workers of all machines: what they note of themselves, and what is said of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.operations.test_dagster_config import cluster
from tunemeld_pipeline.health import State
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.worker_beats import WorkerBeats
from tunemeld_pipeline.operations.workers import health_of_workers
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.heartbeats import WorkerBeat
from tunemeld_pipeline.storage.store import Store

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECONDS = 300


def states(settings: Settings, *workers: WorkerBeat) -> dict[str, State]:
    return {one.part: one.state for one in health_of_workers(settings, workers, AT)}


def test_a_worker_is_there_from_its_start_to_its_end(settings: Settings, store: Store) -> None:
    beats = WorkerBeats(settings, 3, every=0.05)
    assert store.heartbeats.workers() == []
    beats.ready()
    assert wait_until(lambda: len(store.heartbeats.workers()) == 1, seconds=SECONDS)
    (worker,) = store.heartbeats.workers()
    assert (worker.slots, worker.version) == (3, settings.app_version)
    assert wait_until(lambda: store.heartbeats.workers()[0].at > worker.at, seconds=SECONDS)
    beats.close()
    assert store.heartbeats.workers() == []


def test_one_that_was_killed_is_silent_and_at_last_forgotten(store: Store) -> None:
    killed = WorkerBeat("alpha", 1, "1.0", 2, AT, AT)
    store.heartbeats.beat_of_worker(killed)
    store.heartbeats.beat_of_worker(replace(killed, host="beta", at=AT + timedelta(minutes=59)))
    assert [one.host for one in store.heartbeats.workers()] == ["alpha", "beta"]
    store.heartbeats.beat_of_worker(replace(killed, host="beta", at=AT + timedelta(minutes=61)))
    assert [one.host for one in store.heartbeats.workers()] == ["beta"]


def test_each_worker_is_named_and_their_slots_are_counted(tmp_path: Path) -> None:
    settings = cluster(tmp_path, cluster_slots=4, app_version="1.0")
    good = WorkerBeat("alpha", 1, "1.0", 2, AT, AT)
    assert states(settings, good, replace(good, host="beta")) == {
        "worker alpha": State.GOOD,
        "worker beta": State.GOOD,
    }
    assert states(settings, good) == {"worker alpha": State.GOOD, "workers": State.DEGRADED}
    assert states(settings) == {"workers": State.FAILED}
    older = replace(good, version="0.9", slots=4)
    assert states(settings, older) == {"worker alpha": State.DEGRADED}
    silent = replace(good, slots=4, at=AT - timedelta(minutes=2))
    assert states(settings, silent) == {"worker alpha": State.DEGRADED, "workers": State.FAILED}


def test_one_machine_has_no_workers_to_name(settings: Settings) -> None:
    assert states(settings) == {}
