"""`tunemeld dev start`: all parts together, whatever happens to one of them or to whoever watches them."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.cli.conftest import Command
from tests.cli.started import Started, free_ports
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.local.ui import running_ui
from tunemeld_pipeline.settings.settings import Settings

SECONDS = 300


@pytest.fixture
def home() -> Iterator[Path]:
    """A TUNEMELD_HOME where nothing was ever started."""
    # pytest's own temporary paths can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-dev-"))
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def api(home: Path) -> Iterator[tuple[Started, str]]:
    """The API with the database that it needs, and its address."""
    (port,) = free_ports(1)
    started = Started(["dev", "start", "--only", "api", "--api-port", port], home=home)
    try:
        started.wait_for("All is up")
        yield started, f"http://127.0.0.1:{port}"
    finally:
        started.end()


def test_the_api_comes_with_its_database_and_comes_back_when_killed_and_control_c_leaves_nothing_running(
    api: tuple[Started, str],
) -> None:
    started, url = api
    assert requests.get(f"{url}/genres", timeout=SECONDS).status_code == 200
    assert mongod_status(started.home).running
    assert "database | ready: mongod" in started.output
    assert f"tunemeld | API: {url}/docs" in started.output
    assert "\x1b[" not in started.output

    first = started.one("granian")
    first.kill()
    started.wait_for("api was ended by SIGKILL")
    started.wait_for("it is started again in 1 s")

    def answers() -> bool:
        try:
            return requests.get(f"{url}/genres", timeout=SECONDS).status_code == 200
        except requests.ConnectionError:
            return False

    assert wait_until(answers, seconds=SECONDS)
    assert started.one("granian").pid != first.pid

    started.send(signal.SIGINT)
    assert started.wait() == 0
    assert started.left() == []
    assert "All has ended." in started.output


def test_when_it_is_killed_itself_nothing_is_left(api: tuple[Started, str]) -> None:
    started, _ = api
    started.send(signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL
    assert started.left() == []


def test_a_terminal_that_is_closed_ends_it(home: Path) -> None:
    started = Started(["dev", "start", "--only", "database"], home=home, terminal=True)
    try:
        started.wait_for("All is up")
        assert "\x1b[36mdatabase |" in started.output
        started.close_terminal()
        assert started.wait() == 0
        assert started.left() == []
    finally:
        started.end()


def test_a_database_that_ran_before_is_left_running(home: Path) -> None:
    ensure_mongod(home)
    pid = mongod_status(home).pid
    started = Started(["dev", "start", "--only", "database"], home=home)
    try:
        started.wait_for("All is up")
        started.send(signal.SIGTERM)
        assert started.wait() == 0
        assert mongod_status(home).pid == pid
    finally:
        started.end()
        stop_mongod(home)


def test_whoever_holds_a_port_is_named_and_nothing_is_started(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        started = Started(["dev", "start", "--api-port", port], home=home)
        assert started.wait() == 1
        assert f"port {port} is taken by {psutil.Process().name()} (pid {os.getpid()}: " in started.output
        assert "choose another port with --api-port" in started.output
        assert started.left() == []
        assert not mongod_status(home).running


@pytest.mark.slow
def test_everything_comes_up_together_and_killing_the_supervisor_leaves_nothing_of_dagster(home: Path) -> None:
    api_port, ui_port = free_ports(2)
    ports = ["--api-port", api_port, "--ui-port", ui_port]
    started = Started(["dev", "start", "--only", "api,sandbox,dagster", *ports], home=home)
    settings = Settings(home=home)
    try:
        started.wait_for("All is up")
        for part in ("database", "sandbox", "api", "dagster"):
            assert f"\n{part:<8} | " in f"\n{started.output}"
        ui = running_ui(settings)
        assert ui is not None
        assert not ui.daily_refresh
        assert ui.url == f"http://127.0.0.1:{ui_port}"
        assert "dagster_webserver_version" in requests.get(f"{ui.url}/server_info", timeout=SECONDS).text
        for headers in ({"Host": "rebound.example"}, {"Origin": "https://evil.example"}):
            assert requests.get(f"{ui.url}/server_info", headers=headers, timeout=SECONDS).status_code == 403
        assert requests.get(f"http://127.0.0.1:{api_port}/genres", timeout=SECONDS).status_code == 200
        assert started.one("dagster", "api", "grpc").ppid() != started.process.pid

        second = Started(["dev", "start", "--only", "dagster", "--ui-port", free_ports(1)[0]], home=home)
        assert second.wait() == 1
        assert f"Dagster runs already for {home}, at {ui.url} (pid {ui.pid})" in second.output

        started.send(signal.SIGKILL)
        started.wait()
        assert started.left() == []
        assert running_ui(settings) is None
    finally:
        started.end()


def test_an_unknown_part_is_wrong_usage(tunemeld: Command) -> None:
    refused = tunemeld("dev", "start", "--only", "api,kitchen")
    assert refused.returncode == 2
    assert "there are database, sandbox, api, dagster, page" in " ".join(refused.stderr.split())
