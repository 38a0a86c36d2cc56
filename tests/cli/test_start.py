"""`tunemeld start`: the product in the foreground for a supervisor, with the daily schedule running."""

import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from pydantic import SecretStr

from tests.cli.conftest import Command, run_tunemeld
from tests.cli.started import Started, free_ports
from tunemeld_pipeline.cli.parts import warn_of_an_old_server
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.local.supervised import supervised_parts
from tunemeld_pipeline.local.ui import running_ui
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]
SECONDS = 300
"""Until a condition that always comes true counts as hopeless."""
REPOSITORY = '{repositoryName: "__repository__", repositoryLocationName: "tunemeld_pipeline"}'
SCHEDULES = f"""{{
  schedulesOrError(repositorySelector: {REPOSITORY}) {{
    ... on Schedules {{ results {{ name scheduleState {{ status }} }} }}
  }}
}}"""

LAUNCH = f"""mutation {{
  launchRun(executionParams: {{
    selector: {{{REPOSITORY[1:-1]}, jobName: "daily_refresh"}}
    executionMetadata: {{tags: [{{key: "dagster/partition", value: "dance"}}]}}
  }}) {{ ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }} }}
}}"""
RUNS = "{ runsOrError { ... on Runs { results { runId rootRunId status } } } }"


@pytest.fixture
def home() -> Iterator[Path]:
    """A TUNEMELD_HOME where nothing was ever started."""
    # pytest's own temporary paths can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-start-"))
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.mark.slow  # test_dev.py starts the API under the same supervisor
def test_it_serves_the_api_and_runs_the_schedule_until_sigterm(home: Path) -> None:
    api_port, ui_port = free_ports(2)
    started = Started(["start", "--port", api_port, "--ui-port", ui_port, "--workers", "1"], home=home)
    settings = Settings(home=home)
    try:
        started.wait_for("All is up")
        assert requests.get(f"http://127.0.0.1:{api_port}/genres", timeout=SECONDS).status_code == 200
        ui = running_ui(settings)
        assert ui is not None
        assert ui.daily_refresh
        answer = requests.post(f"{ui.url}/graphql", json={"query": SCHEDULES}, timeout=SECONDS).json()
        schedules = answer["data"]["schedulesOrError"]["results"]
        running = {one["name"] for one in schedules if one["scheduleState"]["status"] == "RUNNING"}
        assert running == {"daily_refresh_schedule", "catch_up_schedule", "prune_records_schedule"}
        foreign = [
            {"Host": f"rebound.example:{ui_port}"},
            {"Origin": "https://evil.example"},
            {"Origin": f"http://127.0.0.1:{api_port}"},
        ]
        for headers in foreign:
            refused = requests.post(f"{ui.url}/graphql", json={"query": LAUNCH}, headers=headers, timeout=SECONDS)
            assert refused.status_code == 403
        assert requests.get(f"{ui.url}/graphql", params={"query": LAUNCH}, timeout=SECONDS).status_code == 403
        assert started.one("dagster-daemon", "run").is_running()
        printed = run_tunemeld("etl", "status", folder=home.parent, TUNEMELD_HOME=str(home)).stdout
        assert "the daily refresh is switched off" not in printed
        started.send(signal.SIGTERM)
        assert started.wait() == 0
        assert started.left() == []
        assert not (home / "ui.json").exists()
    finally:
        started.end()


@pytest.mark.slow
def test_live_data_on_a_mongod_without_support_are_warned_of_as_it_starts(home: Path) -> None:
    ports = free_ports(2)
    live = {
        "TUNEMELD_UPSTREAMS": "live",
        "MONGODB_DATABASE": "tunemeld_live",
        "RAPIDAPI_KEY": "no-key-of-anybody",
        "YOUTUBE_API_KEY": "no-key-of-anybody",
    }
    started = Started(["start", "--port", ports[0], "--ui-port", ports[1], "--no-schedule"], home=home, **live)
    try:
        started.wait_for("gets no fixes since")
        assert 'as docs/operations.md says in "MongoDB\'s version"' in started.output
        started.send(signal.SIGTERM)
        assert started.wait() == 0
        assert started.output.count("gets no fixes since") == 1
    finally:
        started.end()


def test_a_server_that_is_not_ours_is_asked_its_age_only_for_live_data(settings: Settings, store: Store) -> None:
    supported = store.layout.server().support_ended(datetime.now(UTC).date()) is None
    live = settings.model_copy(update={"upstreams": Upstreams.LIVE})
    away = live.model_copy(update={"mongodb_url": SecretStr("mongodb://127.0.0.1:9/")})
    for chosen, expected in ((settings, 0), (live, 0 if supported else 1), (away, 0)):
        said: list[str] = []
        warn_of_an_old_server(chosen, said.append)
        assert len(said) == expected


class Service:
    """`tunemeld start` on the session's servers, started as often as it is called, with the schedule off."""

    def __init__(self, home: Path, variables: dict[str, str]) -> None:
        api_port, self._ui_port = free_ports(2)
        self._arguments = ["start", "--port", api_port, "--ui-port", self._ui_port, "--workers", "1", "--no-schedule"]
        self._api_url = f"http://127.0.0.1:{api_port}"
        self._variables = {**variables, "TUNEMELD_HOME": str(home)}
        self._home = home

    def start(self) -> Started:
        self.process = Started(self._arguments, home=self._home, **self._variables)
        self.process.wait_for("All is up")
        return self.process

    def answers(self) -> bool:
        """Whether the API answers, on a new connection each time."""
        try:
            return all(requests.get(f"{self._api_url}/health/live", timeout=5).ok for _ in range(5))
        except requests.RequestException:
            return False

    def launch(self) -> str:
        run_id: str = self._ask(LAUNCH)["launchRun"]["run"]["runId"]
        return run_id

    def tries(self, run_id: str) -> list[str]:
        """How the run ended, and then those that were made in its place, in their order."""
        runs = self._ask(RUNS)["runsOrError"]["results"]
        return [run["status"] for run in reversed(runs) if run_id in (run["runId"], run["rootRunId"])]

    def _ask(self, query: str) -> Json:
        url = f"http://127.0.0.1:{self._ui_port}/graphql"
        data: Json = requests.post(url, json={"query": query}, timeout=SECONDS).json()["data"]
        return data


@pytest.mark.slow
def test_a_run_that_was_killed_is_run_again_and_so_is_one_that_all_was_killed_with(
    home: Path, variables: dict[str, str], faults: Faults
) -> None:
    service = Service(home, variables)

    def run_until_it_asks_youtube() -> str:
        faults.reset_requests()
        faults.add("youtube", Fault.STALL, seconds=60)
        run_id = service.launch()
        assert wait_until(lambda: bool(faults.requests().get("youtube")), seconds=SECONDS)
        faults.clear()
        return run_id

    try:
        started = service.start()
        run_id = run_until_it_asks_youtube()
        for child in started.children_of("dagster", "api", "grpc"):
            child.kill()
        assert wait_until(lambda: service.tries(run_id) == ["FAILURE", "SUCCESS"], seconds=SECONDS), started.output

        run_id = run_until_it_asks_youtube()
        started.send(signal.SIGKILL)
        started.wait()
        assert started.left() == []
        started = service.start()
        assert wait_until(lambda: service.tries(run_id) == ["FAILURE", "SUCCESS"], seconds=2 * SECONDS), started.output
    finally:
        service.process.end()


@pytest.mark.slow
def test_a_run_that_all_was_killed_with_before_it_began_is_run_again_by_the_next_start(
    home: Path, variables: dict[str, str]
) -> None:
    service = Service(home, variables)
    try:
        # On a fast machine a run may begin, and even end, before everything is killed: then another is tried.
        for _ in range(5):
            started = service.start()
            run_id = service.launch()
            assert wait_until(lambda run_id=run_id: service.tries(run_id)[-1:] not in ([], ["QUEUED"]), seconds=SECONDS)
            started.send(signal.SIGKILL)
            started.wait()
            assert started.left() == []
            with closing(sqlite3.connect(home / "dagster" / "sandbox" / "history" / "runs.db")) as runs:
                ((stands_as,),) = runs.execute("SELECT status FROM runs WHERE run_id = ?", [run_id]).fetchall()
            if stands_as not in ("STARTED", "SUCCESS"):
                break
        # The daemon may live a moment longer than the code server, and note that the launch failed.
        assert stands_as in ("STARTING", "FAILURE")
        started = service.start()
        assert wait_until(lambda: service.tries(run_id) == ["FAILURE", "SUCCESS"], seconds=2 * SECONDS), started.output
    finally:
        service.process.end()


@pytest.mark.slow
def test_a_worker_and_the_daemon_that_hang_are_replaced_while_the_rest_goes_on(
    home: Path, variables: dict[str, str]
) -> None:
    service = Service(home, variables)
    try:
        started = service.start()
        daemon = started.one("dagster-daemon", "run")
        assert wait_until(lambda: bool(list((home / "api").glob("alive-*"))), seconds=SECONDS)
        worker = psutil.Process(int(next((home / "api").glob("alive-*")).name.removeprefix("alive-")))
        daemon.suspend()
        worker.suspend()
        # At once, before anybody has judged it.
        own = {**variables, "TUNEMELD_HOME": str(home)}
        health = run_tunemeld("system", "health", folder=home.parent, **own).stdout
        assert "is stopped" in health
        started.wait_for("daemon hangs: it is stopped")
        started.wait_for(f"api: process {worker.pid} hangs: it is stopped")
        assert wait_until(lambda: started.output.count("daemon was ended by SIGKILL") == 1, seconds=SECONDS)
        assert wait_until(lambda: service.answers(), seconds=SECONDS), started.output
        assert wait_until(
            lambda: (
                {part.name: part.state for part in supervised_parts(home)}
                == dict.fromkeys(("api", "daemon", "ui"), "up")
            ),
            seconds=SECONDS,
        )
        assert {part.name for part in supervised_parts(home) if part.hung_at} == {"api", "daemon"}
    finally:
        service.process.end()


def test_what_cannot_work_is_reported_before_anything_starts(tunemeld: Command, tmp_path: Path) -> None:
    twice = tunemeld("start", "--port", "3457", "--ui-port", "3457")
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "port 3457 is used twice" in twice.stderr
    (tmp_path / "file").touch()
    no_home = tunemeld("start", TUNEMELD_HOME=str(tmp_path / "file" / "home"))
    assert no_home.returncode == 1
    assert "choose another TUNEMELD_HOME\nnext: tunemeld system health" in no_home.stderr
    assert "Traceback" not in no_home.stderr


def test_production_without_its_secrets_does_not_start(tunemeld: Command, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalog.toml"
    catalogue.write_text('[genres.pop]\ndisplay_name = "Pop"\nSoundCloud = "https://soundcloud.com/a/sets/b"\n')
    production = {"TUNEMELD_ENV": "production", "TUNEMELD_UPSTREAMS": "live", "MONGODB_DATABASE": "tunemeld"}
    refused = tunemeld("start", TUNEMELD_CATALOG=str(catalogue), **production)
    assert refused.returncode == 2
    for name in ("DJANGO_SECRET_KEY", "RAPIDAPI_KEY"):
        assert f"{name}: is required" in refused.stderr
