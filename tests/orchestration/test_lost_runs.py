"""Runs whose process is gone: real ones, killed in the middle of a call, as Dagster records them."""

from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from tests.conftest import GenreRunner, daily_refresh_with
from tunemeld_pipeline.errors import LeaseLost
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.orchestration import lost_runs as lost_runs_module
from tunemeld_pipeline.orchestration.findings import recent_runs
from tunemeld_pipeline.orchestration.lost_runs import STARTING_WITHIN, end_lost_runs, lost_runs
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import DATABASE_TAG, DEGRADED_TAG, MAX_RETRIES_TAG, PARTITION_TAG
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.fence import ALIVE_FOR
from tunemeld_pipeline.storage.store import Store

SECONDS = 300


def run_dance(settings: Settings) -> None:
    """What a process of its own does."""
    with open_instance(settings) as instance:
        GenreRunner(settings, instance)()


def silence(store: Store) -> None:
    """Makes every lease one of which nothing was heard for a minute, of a process on another machine."""
    ago = datetime.now(UTC) - timedelta(minutes=1)
    store.handle["run_leases"].update_many({}, {"$set": {"alive_until": ago, "machine": "another"}})


@pytest.mark.parametrize(
    ("where", "days_later", "is_run_again"), [("here", 0, True), ("elsewhere", 0, True), ("elsewhere", 1, False)]
)
def test_a_run_whose_process_was_killed_is_marked_as_failed_and_run_again_on_its_day(
    settings: Settings,
    store: Store,
    faults: Faults,
    clean_processes: ForkServerContext,
    where: str,
    days_later: int,
    is_run_again: bool,
) -> None:
    faults.add("youtube", Fault.STALL, seconds=60)
    process = clean_processes.Process(target=run_dance, args=(settings,))
    process.start()
    assert wait_until(lambda: bool(faults.requests().get("youtube")), seconds=SECONDS)
    at = datetime.now(UTC) + timedelta(days=days_later)
    with open_instance(settings) as instance:
        assert end_lost_runs(instance, store, at) == {}
        process.kill()
        process.join()
        if where == "elsewhere":
            store.handle["run_leases"].update_many({}, {"$set": {"machine": "another"}})
            assert end_lost_runs(instance, store, at) == {}
            silence(store)
            assert end_lost_runs(instance, store, at, leases_count=False) == {}
        ((run_id, why),) = end_lost_runs(instance, store, at).items()
        assert ("is gone without a report" if where == "here" else "was last heard of at") in why
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.is_failure
        assert run.tags["dagster/will_retry"] == str(is_run_again).lower()
        assert end_lost_runs(instance, store, at) == {}
        assert store.leases.held() == []
        # No alarm for a failure that is being retried.
        assert [one.state for one in recent_runs(instance, "dance", datetime.now(UTC), settings.database_name)] == (
            [] if is_run_again else ["failure"]
        )


def test_a_failed_run_counts_once_it_is_known_that_it_is_not_run_again_and_after_a_minute_in_any_case(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def states(later: timedelta = timedelta(0)) -> list[str]:
        return [one.state for one in recent_runs(instance, "dance", datetime.now(UTC) + later, settings.database_name)]

    def look_before_it_is_said(*_: object) -> None:
        seen.append((states(), states(timedelta(minutes=1))))

    def fail(**tags: str) -> None:
        run = instance.create_run_for_job(job, tags={PARTITION_TAG: "dance", **tags})
        instance.report_run_failed(run)

    @dg.job(name="daily_refresh")
    def job() -> None:
        pass

    seen: list[tuple[list[str], list[str]]] = []
    with open_instance(settings) as instance:
        with monkeypatch.context() as patch:
            patch.setattr(dg.DagsterInstance, "add_run_tags", look_before_it_is_said)
            fail()
        assert seen == [([], ["failure"])]
        fail(**{MAX_RETRIES_TAG: "0"})
        assert states() == ["failure"]


def test_a_run_that_is_run_again_is_not_marked_with_what_its_first_try_found(
    settings: Settings, run_genre: GenreRunner
) -> None:
    inherited = {DEGRADED_TAG: "Spotify"}
    result = daily_refresh_with(settings).execute_in_process(
        instance=run_genre.instance, partition_key="dance", tags=inherited
    )
    run = run_genre.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags[DEGRADED_TAG] == ""


Case = tuple[dg.DagsterRunStatus, dict[str, str], timedelta, bool]
NEW, SOON, LATER = timedelta(0), ALIVE_FOR + timedelta(seconds=10), STARTING_WITHIN + timedelta(seconds=10)
STARTED, STARTING, NOT_STARTED = (dg.DagsterRunStatus[name] for name in ("STARTED", "STARTING", "NOT_STARTED"))
CASES: list[Case] = [
    (STARTED, {}, NEW, False),
    (STARTED, {}, SOON, True),  # killed before it took a lease, or begun by an earlier release
    (STARTED, {PARTITION_TAG: "another"}, LATER, False),  # another code location's
    (STARTED, {DATABASE_TAG: "another"}, LATER, False),
    (STARTING, {}, SOON, False),
    (STARTING, {}, LATER, True),
    (NOT_STARTED, {}, SOON, False),
    (NOT_STARTED, {}, LATER, True),
]


@pytest.mark.parametrize(("status", "tags", "later", "is_lost"), CASES)
def test_a_run_without_a_lease_is_ended_after_a_while(
    settings: Settings,
    store: Store,
    instance: dg.DagsterInstance,
    status: dg.DagsterRunStatus,
    tags: dict[str, str],
    later: timedelta,
    is_lost: bool,
) -> None:
    @dg.job(name="daily_refresh")
    def job() -> None:
        pass

    tags = {PARTITION_TAG: "dance", DATABASE_TAG: settings.database_name} | tags
    run = instance.create_run_for_job(job, status=status, tags=tags)
    at = datetime.now(UTC) + later
    assert list(end_lost_runs(instance, store, at)) == ([run.run_id] if is_lost else [])
    assert list(end_lost_runs(instance, store, at)) == []
    if is_lost:
        with pytest.raises(LeaseLost):  # the worker that had it in its queue comes too late
            store.leases.take(run.run_id, "dance", "")


def test_jobs_that_hold_no_lease_are_left_alone(settings: Settings, store: Store, instance: dg.DagsterInstance) -> None:
    @dg.job(name="backup")
    def job() -> None:
        pass

    instance.create_run_for_job(job, status=STARTED)
    assert end_lost_runs(instance, store, datetime.now(UTC) + timedelta(hours=1)) == {}


def tick(settings: Settings) -> str | None:
    with (
        dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance,
        dg.build_sensor_context(
            instance=instance, resources={"operator": OperatorResource(settings=settings)}
        ) as context,
    ):
        return lost_runs.evaluate_tick(context).skip_message


def test_the_sensor_says_what_it_found_and_that_the_daemon_is_alive(settings: Settings, store: Store) -> None:
    assert store.heartbeats.last_beat() is None
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert tick(settings) == "every run that is under way holds a lease"
    beat = store.heartbeats.last_beat()
    assert beat is not None
    assert beat > before
    assert lost_runs.default_status is dg.DefaultSensorStatus.RUNNING


def test_a_database_that_is_away_or_was_stopped_does_not_stop_the_sensor(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_runs_module, "DATABASE_SECONDS", 0.1)
    away = settings.model_copy(update={"mongodb_url": SecretStr("mongodb://127.0.0.1:9/")})
    stopped = settings.model_copy(update={"mongodb_url": None, "home": tmp_path / "elsewhere"})
    assert tick(away) == "nothing is known of leases: MongoDB cannot be reached; start it, or check MONGODB_URL"
    assert tick(stopped) == "the database does not run, so nothing is known of leases"
    assert not (tmp_path / "elsewhere").exists()
