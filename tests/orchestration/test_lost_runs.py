"""Runs whose process is gone: real ones, killed in the middle of a call, as Dagster records them."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from tests.conftest import GenreRunner, daily_refresh_with
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.orchestration import lost_runs as lost_runs_module
from tunemeld_pipeline.orchestration.findings import recent_runs
from tunemeld_pipeline.orchestration.lost_runs import LAUNCHED_WITHIN, end_lost_runs, lost_runs
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import CODE_SERVER_TAG, DEGRADED_TAG, MAX_RETRIES_TAG, PARTITION_TAG, PROCESS_TAG
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

SECONDS = 300


def run_dance(settings: Settings) -> None:
    """What a process of its own does."""
    with open_instance(settings) as instance:
        GenreRunner(settings, instance)()


@pytest.mark.parametrize(("days_later", "is_run_again"), [(0, True), (1, False)])
def test_a_run_whose_process_was_killed_is_marked_as_failed_and_run_again_on_its_day(
    settings: Settings,
    faults: Faults,
    clean_processes: ForkServerContext,
    monkeypatch: pytest.MonkeyPatch,
    days_later: int,
    is_run_again: bool,
) -> None:
    faults.add("youtube", Fault.STALL, seconds=60)
    process = clean_processes.Process(target=run_dance, args=(settings,))
    process.start()
    assert wait_until(lambda: bool(faults.requests().get("youtube")), seconds=SECONDS)
    at = datetime.now(UTC) + timedelta(days=days_later)
    with open_instance(settings) as instance:
        assert end_lost_runs(instance, at) == []
        process.kill()
        process.join()
        with monkeypatch.context() as patch:
            patch.setattr(socket, "gethostname", lambda: "elsewhere")
            assert end_lost_runs(instance, at) == []
        (run_id,) = end_lost_runs(instance, at)
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.is_failure
        assert run.tags["dagster/will_retry"] == str(is_run_again).lower()
        assert end_lost_runs(instance, at) == []
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
    inherited = {DEGRADED_TAG: "Spotify", PROCESS_TAG: "another-run somewhere 1 then"}
    result = daily_refresh_with(settings).execute_in_process(
        instance=run_genre.instance, partition_key="dance", tags=inherited
    )
    run = run_genre.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags[DEGRADED_TAG] == ""
    assert run.tags[PROCESS_TAG].startswith(result.run_id)


def test_what_a_tag_says_that_is_not_ours_to_read_ends_nothing(run_genre: GenreRunner) -> None:
    seen: list[list[str]] = []

    @dg.op
    def look(context: dg.OpExecutionContext) -> None:
        run_id = context.run.run_id
        for place in (f"another {socket.gethostname()} 1 then", f"{run_id} {socket.gethostname()} x then", run_id, ""):
            context.instance.add_run_tags(run_id, {PROCESS_TAG: place})
            seen.append(end_lost_runs(context.instance, datetime.now(UTC)))

    @dg.job
    def job() -> None:
        look()

    assert job.execute_in_process(instance=run_genre.instance).success
    assert seen == [[]] * 4


@pytest.mark.parametrize("said", ["nobody was asked", "its parent's", "its own"])
def test_a_run_that_was_cut_off_before_it_began_is_found_by_who_was_to_start_it(
    settings: Settings, tmp_path: Path, said: str
) -> None:
    @dg.job(name="daily_refresh")
    def job() -> None:
        pass

    with open_instance(settings) as instance, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "code"))
        server.listen()
        place = {CODE_SERVER_TAG: json.dumps({"host": "localhost", "socket": str(tmp_path / "code")})}
        parent = instance.create_run_for_job(job, tags={PARTITION_TAG: "dance", **place})
        instance.report_run_failed(parent)
        run = instance.create_run_for_job(
            job,
            status=dg.DagsterRunStatus.STARTING,
            tags={PARTITION_TAG: "dance", **({} if said == "nobody was asked" else place)},
            parent_run_id=parent.run_id if said == "its parent's" else None,
            root_run_id=parent.run_id if said == "its parent's" else None,
        )
        now = datetime.now(UTC)
        later = now + timedelta(seconds=30)
        # On a machine that took longer than that to get here, it is too late to look at once.
        assert now - _created(instance, run.run_id) > LAUNCHED_WITHIN or end_lost_runs(instance, now) == []
        if said == "its own":
            assert end_lost_runs(instance, later) == []
            server.close()
        assert end_lost_runs(instance, later) == [run.run_id]
        assert end_lost_runs(instance, later) == []


def test_a_command_that_was_killed_before_its_run_began_is_found_by_its_process(settings: Settings) -> None:
    @dg.job(name="daily_refresh")
    def job() -> None:
        pass

    with open_instance(settings) as instance:
        run = instance.create_run_for_job(job, tags={PARTITION_TAG: "dance"})
        instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id} {socket.gethostname()} {os.getpid()} then"})
        assert end_lost_runs(instance, datetime.now(UTC)) == [run.run_id]
        waiting = instance.create_run_for_job(job, tags={PARTITION_TAG: "dance"})
        assert end_lost_runs(instance, datetime.now(UTC) + timedelta(hours=1)) == []
        assert instance.get_run_by_id(waiting.run_id) is not None


def _created(instance: dg.DagsterInstance, run_id: str) -> datetime:
    record = instance.get_run_record_by_id(run_id)
    assert record is not None
    return record.create_timestamp


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
    assert tick(settings) == "every run that is under way has its process"
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
    assert tick(away) == tick(stopped) == "every run that is under way has its process"
    assert not (tmp_path / "elsewhere").exists()
