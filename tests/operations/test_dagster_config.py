"""Dagster's configuration for one machine and for several."""

from pathlib import Path

import pytest
import yaml

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.operations.dagster_config import (
    PACKAGED_CONFIG,
    dagster_yaml,
    require_records,
    server_variables,
)
from tunemeld_pipeline.settings.settings import Settings

PASSWORD = "hunter2-hunter2"


def cluster(home: Path, **fields: object) -> Settings:
    servers = {
        "postgres_url": f"postgresql://dagster:{PASSWORD}@127.0.0.1:1/dagster",
        "broker_url": f"redis://:{PASSWORD}@127.0.0.1:1/0",
        "mongodb_url": "mongodb://127.0.0.1:1/?replicaSet=rs0",
    }
    return Settings(environment="testing", home=home, **{**servers, **fields})


def test_one_machine_has_the_packaged_file(tmp_path: Path) -> None:
    alone = Settings(environment="testing", home=tmp_path)
    assert dagster_yaml(alone) == PACKAGED_CONFIG.read_bytes()
    assert server_variables(alone) == {}


def test_several_machines_share_records_and_a_broker_and_keep_the_rest(tmp_path: Path) -> None:
    packaged = yaml.safe_load(PACKAGED_CONFIG.read_bytes())
    found = yaml.safe_load(dagster_yaml(cluster(tmp_path, cluster_slots=7)))
    assert found["storage"] == {"postgres": {"postgres_url": {"env": "POSTGRES_URL"}}}
    assert found["run_launcher"]["config"]["broker"] == {"env": "BROKER_URL"}
    assert found["concurrency"]["runs"]["max_concurrent_runs"] == 7
    changed = {"storage", "run_launcher", "concurrency"}
    assert {name: found[name] for name in packaged if name not in changed} == {
        name: packaged[name] for name in packaged if name not in changed
    }


def test_the_file_holds_no_secret_and_the_variables_name_dagsters_driver(tmp_path: Path) -> None:
    settings = cluster(tmp_path)
    assert PASSWORD.encode() not in dagster_yaml(settings)
    assert server_variables(settings) == {
        "POSTGRES_URL": f"postgresql+psycopg2://dagster:{PASSWORD}@127.0.0.1:1/dagster",
        "BROKER_URL": f"redis://:{PASSWORD}@127.0.0.1:1/0",
    }


def test_records_without_workers_leave_the_runs_to_the_daemons_machine(tmp_path: Path) -> None:
    found = yaml.safe_load(dagster_yaml(cluster(tmp_path, broker_url=None)))
    assert "postgres" in found["storage"] and "run_launcher" not in found


def test_a_postgres_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"POSTGRES_URL: .*refused.*start Postgres") as refused:
        require_records(cluster(tmp_path))
    assert PASSWORD not in str(refused.value)
