"""Dagster's events on one machine: kept, seen by others as they happen, written and read by many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from tunemeld_pipeline.event_log import EventLog
from tunemeld_pipeline.runs import open_instance
from tunemeld_pipeline.sandbox.processes import wait_until
from tunemeld_pipeline.settings import Settings


@dg.asset
def nothing() -> None:
    """Runs, so that there are events."""


JOB = dg.Definitions(
    assets=[nothing], jobs=[dg.define_asset_job("job", executor_def=dg.in_process_executor)]
).resolve_job_def("job")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The packaged instance in a home of its own; DAGSTER_HOME is as before after the test."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with open_instance(Settings(environment="testing", home=tmp_path / "home")) as opened:
        yield opened


def run(instance: dg.DagsterInstance, run_id: str | None = None) -> dg.ExecuteInProcessResult:
    return JOB.execute_in_process(instance=instance, run_id=run_id or str(uuid4()), run_config=QUIET)


def kinds(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in instance.all_logs(run_id) if entry.dagster_event]


def test_another_process_reads_what_a_run_told(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, EventLog)
    result = run(instance)
    with dg.DagsterInstance.get() as other:
        told = kinds(other, result.run_id)
        assert (told[0], told[-1]) == ("ASSET_MATERIALIZATION_PLANNED", "PIPELINE_SUCCESS")
        assert other.get_latest_materialization_event(nothing.key) is not None


def test_the_ui_sees_events_as_they_happen(instance: dg.DagsterInstance) -> None:
    run_id, seen = str(uuid4()), list[str]()
    with dg.DagsterInstance.get() as ui:
        ui.watch_event_logs(
            run_id,
            None,
            lambda entry, _: seen.append(entry.dagster_event.event_type_value) if entry.dagster_event else None,
        )
        run(instance, run_id)
        # The run's own connection stays open: nothing but its writes can have told the other.
        assert wait_until(lambda: "PIPELINE_SUCCESS" in seen, seconds=10)


def test_more_threads_than_a_pool_has_connections_may_read_at_once(instance: dg.DagsterInstance) -> None:
    result = run(instance)
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: len(kinds(instance, result.run_id)), range(200)))
    assert set(answers) == {len(kinds(instance, result.run_id))}


def test_several_instances_may_write_at_once(instance: dg.DagsterInstance) -> None:
    # Runs in threads would share the process's output; events alone do not.
    run_ids = [run(instance).run_id for _ in range(4)]

    def tell(run_id: str) -> int:
        with dg.DagsterInstance.get() as other:
            for _ in range(25):
                other.report_engine_event("still here", run_id=run_id, job_name="job")
            return kinds(other, run_id).count("ENGINE_EVENT")

    before = kinds(instance, run_ids[0]).count("ENGINE_EVENT")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tell, run_ids)) == [before + 25] * 4
