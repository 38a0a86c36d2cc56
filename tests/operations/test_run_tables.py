"""What is read of Dagster's tables is what Dagster itself reads."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.types import DaemonHeartbeat

from tests.conftest import GenreRunner, daily_refresh_with
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.operations.recorded import SCHEDULE, SCHEDULER, Records
from tunemeld_pipeline.operations.run_records import InstanceRecords
from tunemeld_pipeline.operations.run_tables import RunTables
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.plugins.registry import keys, slug_of
from tunemeld_pipeline.run_tags import CATCH_UP_TAG, DATABASE_TAG, PARTITION_TAG
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

LOCATION = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="tunemeld_pipeline.definitions"))
SWITCH = RemoteInstigatorOrigin(RemoteRepositoryOrigin(LOCATION, "__repository__"), SCHEDULE)
DAY = ScheduleInstigatorData("30 2 * * *", None)


def found_by(records: Records, at: datetime) -> list[object]:
    """Everything that is read of them."""
    runs = records.summaries(None, 10)
    return [
        runs,
        records.summaries("dance", 1),
        [records.steps(run.run_id) for run in runs],
        [records.summary(run.run_id[:12]) for run in runs],
        records.summary(""),
        [records.why_failed(run.run_id) for run in runs if run.state == "failure"],
        records.last_asset_runs(["dance", "pop"]),
        records.runs_under_way("dance"),
        records.scheduling(at),
        records.catch_ups(f"{at:%Y-%m-%d}"),
    ]


def test_the_tables_say_what_dagster_says(settings: Settings, store: Store, faults: Faults) -> None:
    at = datetime.now(UTC)
    with open_instance(settings) as instance:
        tables = RunTables(settings.dagster_folder, settings.database_name)
        by_dagster = InstanceRecords(instance, settings.database_name)
        assert found_by(tables, at) == found_by(by_dagster, at)

        run = GenreRunner(settings, instance)
        run("dance", as_of="2026-03-01")
        run("dance")
        again = {CATCH_UP_TAG: f"{at:%Y-%m-%d}", PARTITION_TAG: "pop", DATABASE_TAG: settings.database_name}
        job = daily_refresh_with(settings)
        lost = instance.create_run_for_job(job, tags=again)
        instance.report_run_failed(lost, "its process is gone")
        # Dagster's own repetition of it.
        tags = {**again, "dagster/parent_run_id": lost.run_id}
        instance.create_run_for_job(job, tags=tags, parent_run_id=lost.run_id, root_run_id=lost.run_id)
        faults.add("soundcloud", "401", times=None)
        run("pop")
        for service in keys():
            faults.add(slug_of(service), "401", times=None)
        run("dance", raise_on_error=False)
        GenreRunner(settings.model_copy(update={"mongodb_database": "elsewhere"}), instance)(raise_on_error=False)
        instance.add_daemon_heartbeat(DaemonHeartbeat(at.timestamp(), SCHEDULER, "one", None))
        instance.add_instigator_state(InstigatorState(SWITCH, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, DAY))
        assert [len(found) for found in (tables.summaries(None, 10), tables.last_asset_runs(["dance"])["dance"])] == [
            6,
            4,
        ]
        assert tables.catch_ups(f"{at:%Y-%m-%d}") == {"pop": 1}
        assert tables.why_failed(lost.run_id) == "infrastructure failure: its process is gone"
        assert tables.scheduling(at).switched
        assert tables.scheduling(at).daemon_runs
        assert found_by(tables, at) == found_by(by_dagster, at)
        later = at + timedelta(hours=1)
        assert not tables.scheduling(later).daemon_runs
        assert tables.scheduling(later) == by_dagster.scheduling(later)
    assert {run.genre: run.state for run in tables.last_runs(100)} == {"dance": "failure", "pop": "success"}


def test_a_broken_file_is_named(settings: Settings) -> None:
    (settings.dagster_folder / "history").mkdir(parents=True)
    (settings.dagster_folder / "history" / "runs.db").write_bytes(b"no database")
    with pytest.raises(LocalServerError, match=r"history/runs\.db cannot be read"):
        RunTables(settings.dagster_folder, settings.database_name).summaries(None, 1)


def test_dagster_is_not_loaded() -> None:
    code = "import sys, tunemeld_pipeline.cli.etl_status, tunemeld_pipeline.operations.run_tables; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
