"""Runs started for the command line: the Dagster home, and what came of a run."""

from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import dagster as dg
import pytest

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.operations.dagster_config import PACKAGED_CONFIG
from tunemeld_pipeline.operations.runs import open_instance, prepare_dagster_home
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings with a separate home; the test leaves DAGSTER_HOME as it found it."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return Settings(environment="testing", home=tmp_path / "home")


def test_the_instance_has_the_packaged_configuration(local: Settings) -> None:
    with open_instance(local) as instance:
        assert instance.telemetry_enabled is False
        assert instance.run_monitoring_enabled
    assert (local.dagster_folder / "dagster.yaml").read_bytes() == PACKAGED_CONFIG.read_bytes()


def test_an_older_copy_of_the_configuration_is_replaced(local: Settings) -> None:
    home = prepare_dagster_home(local)
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n", encoding="utf-8")
    prepare_dagster_home(local)
    assert (home / "dagster.yaml").read_bytes() == PACKAGED_CONFIG.read_bytes()


def test_a_home_of_the_operators_own_keeps_its_configuration(local: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    chosen = Settings(environment="testing", home=local.home, dagster_home=own)
    assert prepare_dagster_home(chosen) == own
    assert (own / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


def create(home: Path) -> None:
    with open_instance(Settings(environment="testing", home=home)) as instance:
        instance.get_runs_count()


def test_several_processes_may_create_it_at_once(tmp_path: Path, clean_processes: ForkServerContext) -> None:
    processes = [clean_processes.Process(target=create, args=(tmp_path / "home",)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=300)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_has_a_job_of_its_assets(stage: Stage) -> None:
    from tunemeld_pipeline.definitions import defs

    job = defs.resolve_job_def(stage.job)
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == set(stage.assets)
    assert isinstance(job, dg.JobDefinition)


def test_databases_of_dagster_that_cannot_be_used_are_named_with_what_to_do(local: Settings) -> None:
    with open_instance(local) as instance:
        instance.get_runs_count()
    (local.dagster_folder / "history" / "runs.db").write_bytes(b"what a full disk left of it")
    with pytest.raises(LocalServerError, match="is the disk full"), open_instance(local) as instance:
        instance.get_runs_count()
