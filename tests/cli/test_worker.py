"""`tunemeld worker`, and which daemon `tunemeld start` refuses; `tests/test_cluster.py` starts both for real."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from tests.cli.conftest import Command
from tunemeld_pipeline.cli.parts import refuse_second_daemon, worker
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


def test_without_a_broker_it_says_what_to_set(tunemeld: Command) -> None:
    done = tunemeld("worker")
    assert done.returncode == 2
    assert "BROKER_URL: is not set, so nobody hands out runs" in done.stderr


def test_its_slots_and_the_servers_reach_what_it_starts(settings: Settings) -> None:
    shared = settings.model_copy(
        update={"broker_url": SecretStr("redis://h:1"), "postgres_url": SecretStr("postgresql+psycopg2://h/d")}
    )
    part = worker(shared, 3)
    assert part.command[part.command.index("--concurrency") + 1] == "3"
    assert part.environment["BROKER_URL"] == "redis://h:1"
    assert "redis" not in " ".join(part.command)


def test_a_second_daemon_is_refused_while_the_first_gives_signs_of_life(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = settings.model_copy(update={"postgres_url": SecretStr("postgresql+psycopg2://h/d")})
    now = datetime.now(UTC)
    store.heartbeats.beat(now)
    refuse_second_daemon(shared)  # its own, from before a restart
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    with pytest.raises(LocalServerError, match="Dagster's daemon runs on "):
        refuse_second_daemon(shared)
    refuse_second_daemon(settings)  # of one machine there is no other
    store.heartbeats.beat(now - timedelta(minutes=2))
    monkeypatch.setattr(socket, "gethostname", lambda: "a third")
    refuse_second_daemon(shared)
