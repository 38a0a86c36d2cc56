"""`tunemeld start`: the product in the foreground for a supervisor, with the daily schedule running."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.cli.conftest import Command, run_tunemeld
from tests.cli.started import Started, free_ports
from tunemeld_pipeline.settings import Settings
from tunemeld_pipeline.ui import running_ui

SECONDS = 60
REPOSITORY = '{repositoryName: "__repository__", repositoryLocationName: "tunemeld_pipeline"}'
SCHEDULES = f"""{{
  schedulesOrError(repositorySelector: {REPOSITORY}) {{
    ... on Schedules {{ results {{ name scheduleState {{ status }} }} }}
  }}
}}"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A TUNEMELD_HOME where nothing was ever started."""
    # pytest's own temporary paths can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-start-"))
    yield folder / "data"
    shutil.rmtree(folder)


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
        assert schedules == [{"name": "daily_refresh_schedule", "scheduleState": {"status": "RUNNING"}}]
        assert started.one("dagster-daemon", "run").is_running()
        told = run_tunemeld("etl", "status", folder=home.parent, TUNEMELD_HOME=str(home)).stdout
        assert "the daily refresh is switched off" not in told
        started.send(signal.SIGTERM)
        assert started.wait() == 0
        assert started.left() == []
        assert not (home / "ui.json").exists()
    finally:
        started.end()


def test_production_without_its_secrets_does_not_start(tunemeld: Command) -> None:
    refused = tunemeld("start", TUNEMELD_ENV="production", TUNEMELD_UPSTREAMS="live", MONGODB_DATABASE="tunemeld")
    assert refused.returncode == 2
    for name in ("DJANGO_SECRET_KEY", "RAPIDAPI_KEY", "YOUTUBE_API_KEY"):
        assert f"{name}: is required" in refused.stderr
