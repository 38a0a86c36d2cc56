"""Dagster's configuration: the packaged one of one machine, or from it that of several machines.

Several machines keep their records in Postgres, and their runs go to workers. The file holds no secret: it names the variables that
`configure` sets. This module does not load Dagster; `runs.py` creates the instance.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import SecretStr

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.settings.formats import plain
from tunemeld_pipeline.settings.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

PACKAGED_CONFIG = Path(__file__).with_name("dagster.yaml")
HEAD = """\
# Dagster's instance on one of several machines, made from the settings each time that it differs. It holds no secret: what follows
# `env:` are variables, which every tunemeld command sets for itself and for what it starts.
"""
POSTGRES_VARIABLE, BROKER_VARIABLE = "POSTGRES_URL", "BROKER_URL"

LAUNCH_PATIENCE = {"max_retries": 15, "interval_start": 0.5, "interval_step": 0.5, "interval_max": 3.0}
"""How the daemon tries again to hand a run to a broker that is away: for some 35 s, so that its restart loses no run."""

CONNECT_SECONDS = 10
CREATION_LOCK = 7_471_201_711
"""Any number, the same on all machines: who holds Postgres' advisory lock of this number creates Dagster's tables."""


def dagster_yaml(settings: Settings) -> bytes:
    """The content of `dagster.yaml`."""
    packaged = PACKAGED_CONFIG.read_bytes()
    if settings.postgres_url is None:
        return packaged
    config: dict[str, Any] = yaml.safe_load(packaged)
    config["storage"] = {"postgres": {"postgres_url": {"env": POSTGRES_VARIABLE}}}
    if settings.broker_url is not None:
        config["run_launcher"] = {
            "module": "tunemeld_pipeline.orchestration.worker_launcher",
            "class": "WorkerRunLauncher",
            "config": {
                "broker": {"env": BROKER_VARIABLE},
                "backend": "disabled://",
                "config_source": celery_settings(),
            },
        }
        config["concurrency"]["runs"]["max_concurrent_runs"] = settings.cluster_slots
    return f"{HEAD}{yaml.safe_dump(config, sort_keys=False)}".encode()


def celery_settings() -> dict[str, Any]:
    """What the daemon, which hands runs out, and the workers have to agree on."""
    return {
        "task_publish_retry_policy": LAUNCH_PATIENCE,
        "broker_transport_options": {"socket_keepalive": True},
    }


def configure(settings: Settings, home: Path) -> None:
    """Points this process, and what it starts, to Dagster's folder and to the servers that its `dagster.yaml` names."""
    os.environ |= {"DAGSTER_HOME": str(home), **server_variables(settings)}


def server_variables(settings: Settings) -> dict[str, str]:
    """The variables that `dagster.yaml` names, with the servers' addresses."""
    servers = {POSTGRES_VARIABLE: settings.postgres_url, BROKER_VARIABLE: settings.broker_url}
    return {name: plain(url) for name, url in servers.items() if url is not None}


def write_config(home: Path, content: bytes) -> None:
    """Puts `dagster.yaml` into Dagster's folder, in one piece."""
    (home / "dagster.yaml.new").write_bytes(content)
    (home / "dagster.yaml.new").replace(home / "dagster.yaml")


def require_records(settings: Settings) -> None:
    """Looks whether Postgres can be reached, where Dagster's records are there.

    Raises:
        LocalServerError: it cannot.
    """
    if settings.postgres_url is not None:
        _connected(settings.postgres_url).close()


@contextmanager
def alone(settings: Settings) -> Generator[None]:
    """Holds the lock under which one machine at a time creates Dagster's tables; at once where there is no Postgres.

    Raises:
        LocalServerError: Postgres cannot be reached.
    """
    if settings.postgres_url is None:
        yield
        return
    from sqlalchemy import text

    with _connected(settings.postgres_url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": CREATION_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": CREATION_LOCK})


def _connected(url: SecretStr) -> "Connection":
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    engine = create_engine(
        plain(url), poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": CONNECT_SECONDS}
    )
    try:
        return engine.connect()
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise LocalServerError(
            f"Dagster's records cannot be reached: POSTGRES_URL: {why}; start Postgres and pgbouncer, or correct the address"
        ) from error
