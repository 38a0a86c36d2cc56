"""The `tunemeld` command as a user runs it: a process of its own, judged by its exit status and what it prints."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.cli.printed import command_of, differences
from tests.leftovers import kept_environment
from tests.warm import LONGEST_SECONDS, TUNEMELD, WARM
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.local.mongod import stop_mongod
from tunemeld_pipeline.local.processes import private_directory
from tunemeld_pipeline.local.sandbox_service import stop_sandbox
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.plugins.registry import hosts
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.rules import TEST_SUFFIX
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

Command = Callable[..., subprocess.CompletedProcess[str]]


def run_tunemeld(*arguments: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`tunemeld` with these arguments and variables, and nothing else of this process's environment.

    It is forked from a process that has loaded the libraries, but for variables that a running interpreter cannot follow. Data that it
    prints is compared with its schema.
    """
    run = run_in_new_interpreter if any(name.startswith(("LANG", "LC_", "PYTHON")) for name in variables) else run_warm
    ran = run(*arguments, folder=folder, **variables)
    words = [*map(str, arguments)]
    if "--json" in words and ran.stdout.strip() and (command := command_of(words)) is not None:
        assert differences(command, ran.stdout) == [], f"tunemeld {' '.join(words)}"
    return ran


def run_warm(*arguments: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return WARM.run([*map(str, arguments)], folder=folder, environment=_environment(variables))


def run_in_new_interpreter(*arguments: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The same, started as a shell would."""
    return subprocess.run(
        [TUNEMELD, *map(str, arguments)],
        cwd=folder,
        env=_environment(variables),
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )


def _environment(variables: dict[str, str]) -> dict[str, str]:
    return {**kept_environment(), "COLUMNS": "120", **variables}


@pytest.fixture
def variables(settings: Settings) -> dict[str, str]:
    return variables_of(settings)


def variables_of(settings: Settings) -> dict[str, str]:
    """What leads the command to the session's `mongod` and sandbox, with a database and a home of the test's own."""
    assert settings.mongodb_url is not None
    assert settings.sandbox_url is not None
    return {
        "TUNEMELD_ENV": "testing",
        "TUNEMELD_HOME": str(settings.home),
        "MONGODB_URL": settings.mongodb_url.get_secret_value(),
        "MONGODB_DATABASE": settings.mongodb_database,
        "TUNEMELD_SANDBOX_URL": settings.sandbox_url,
        "ETL_RETRY_DELAY": "0.01",
    }


@pytest.fixture(scope="session")
def new_dagster_home(shared_folder: Path) -> Path:
    """Dagster's folder as the first command leaves it: it takes over a second to make."""
    settings = Settings(home=shared_folder / "new-dagster-home")
    with FileLock(f"{settings.home}.lock"):
        if not settings.home.exists():
            with open_instance(settings):
                pass
    return settings.dagster_folder


@pytest.fixture
def tunemeld(variables: dict[str, str], settings: Settings, new_dagster_home: Path, tmp_path: Path) -> Command:
    """The command with these variables, and a Dagster home without a run."""
    private_directory(settings.home)
    private_directory(settings.home / "dagster")
    shutil.copytree(new_dagster_home, settings.dagster_folder)

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return run_tunemeld(*arguments, folder=tmp_path, **{**variables, **more})

    return run


@pytest.fixture
def live_without_youtube(settings: Settings, mongod_url: str) -> Iterator[dict[str, str]]:
    """Variables of a live world without YouTube's key, whose every host is the sandbox; its database is gone after the test."""
    named = settings.mongodb_database.removesuffix(TEST_SUFFIX)
    yield {
        "TUNEMELD_ENV": "development",
        "TUNEMELD_UPSTREAMS": "live",
        "MONGODB_DATABASE": named,
        "RAPIDAPI_KEY": SANDBOX_KEY,
        **{variable_name(host.address_field): f"{settings.sandbox_url}/{key}" for key, host in hosts().items()},
        **{variable_name(host.rate_field): "1000" for host in hosts().values()},
    }
    with connect(mongod_url) as client:
        client.drop_database(named)


@pytest.fixture
def fresh_machine() -> Iterator[Command]:
    """The command where nothing was ever started or set; what it starts is stopped after the test."""
    # pytest's own temporary paths can be too long for a socket.
    home = Path(tempfile.mkdtemp(prefix="tunemeld-cli-"))

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return run_tunemeld(*arguments, folder=home, **{"TUNEMELD_HOME": str(home / "data"), **more})

    try:
        yield run
    finally:
        stop_sandbox(home / "data")
        stop_mongod(home / "data")
        shutil.rmtree(home)
