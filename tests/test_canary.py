"""A secret that sings: put where secrets are, it must never be found anywhere else, even when things go wrong."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import dagster as dg
import pytest

from tests.cli.conftest import run_tunemeld, variables_of
from tests.django_backend.conftest import serving, settings_for_api
from tunemeld_pipeline.assets.partitions import genres
from tunemeld_pipeline.assets.steps import step
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.redaction import protect
from tunemeld_pipeline.settings.settings import Settings

CANARY = "canary-5f0c2e9a7b"
SECRETS = {
    "RAPIDAPI_KEY": f"rapid-{CANARY}",
    "YOUTUBE_API_KEY": f"youtube-{CANARY}",
    "SPOTIFY_CLIENT_ID": "client",
    "SPOTIFY_CLIENT_SECRET": f"spotify-{CANARY}",
    "DJANGO_SECRET_KEY": f"django-{CANARY}-django-{CANARY}",
}
PROJECT = Path(__file__).parents[1]
QUESTION = """{
  runsOrError(limit: 5) { ... on Runs { results { runConfigYaml status tags { key value }
    stats { ... on RunStatsSnapshot { stepsFailed } }
    eventConnection { events { __typename ... on MessageEvent { message }
      ... on ExecutionStepFailureEvent { error { message stack causes { message stack } } } } } } } }
  repositoriesOrError { ... on RepositoryConnection { nodes {
    allTopLevelResourceDetails { name configFields { name description configTypeKey defaultValueAsJson }
      configuredValues { key value type } }
    jobs { name } } } }
}"""


def singing(folder: Path) -> list[str]:
    """The files below a folder in which it is found, compressed ones unpacked."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if path.suffix == ".gz":
                with tarfile.open(path) as archive:
                    content = b"".join(one.read() for member in archive if (one := archive.extractfile(member)))
            if CANARY.encode() in content:
                found.append(str(path))
    return found


@dg.asset(partitions_def=genres)
def unforeseen(context: dg.AssetExecutionContext) -> None:
    key, headers = SECRETS["RAPIDAPI_KEY"], {"Authorization": f"Bearer {SECRETS['RAPIDAPI_KEY']}"}
    with step(context):
        raise RuntimeError(f"GET https://x.example/?key={key} failed with {headers}")


@dg.asset(partitions_def=genres)
def foreseen(context: dg.AssetExecutionContext) -> None:
    with step(context):
        try:
            raise ValueError(f"mongodb://ann:{SECRETS['RAPIDAPI_KEY']}@db.example")
        except ValueError as error:
            raise StoreError(f"it did not work with {SECRETS['RAPIDAPI_KEY']}") from error


@pytest.mark.parametrize("asset", [unforeseen, foreseen])
def test_dagster_keeps_no_secret_of_an_error(asset: dg.AssetsDefinition, tmp_path: Path) -> None:
    protect(Settings(rapidapi_key=SECRETS["RAPIDAPI_KEY"]))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = dg.materialize([asset], partition_key="dance", instance=instance, raise_on_error=False)
        assert not result.success
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        printed = failure.step_failure_data.user_failure_data
        assert printed is not None
        assert "[redacted]" in str(printed.description)
    assert any(path.suffix == ".db" for path in tmp_path.rglob("*"))
    assert singing(tmp_path) == []


@pytest.fixture
def variables(settings: Settings) -> dict[str, str]:
    """What leads a command to the session's servers, with the secrets."""
    return SECRETS | variables_of(settings)


def test_a_run_leaves_it_nowhere_and_no_command_shows_it(
    settings: Settings, variables: dict[str, str], tmp_path: Path
) -> None:
    said = ""
    commands = [
        ("-v", "etl", "run", "full", "--genre", "dance"),
        ("config", "show"),
        ("config", "validate"),
        ("system", "info"),
    ]
    for command in (*commands, ("system", "health"), ("system", "debug-bundle", "--out", "help.tar.gz")):
        answer = run_tunemeld(*command, folder=tmp_path, **variables)
        assert answer.returncode in (0, 3), answer.stderr
        said += answer.stdout + answer.stderr
    assert "the step is done" in said
    nowhere = {**variables, "MONGODB_URL": f"mongodb://ann:{CANARY}@127.0.0.1:9/?connectTimeoutMS=200"}
    failed = run_tunemeld("-v", "db", "test-connection", folder=tmp_path, **nowhere)
    assert failed.returncode == 1
    assert "Traceback" in failed.stderr
    malformed = run_tunemeld(
        "-v", "db", "stats", folder=tmp_path, **{**variables, "MONGODB_URL": f"mongo://ann:{CANARY}@x"}
    )
    assert malformed.returncode == 2
    assert CANARY not in said + failed.stdout + failed.stderr + malformed.stderr
    assert (settings.home / "dagster").is_dir()
    assert (tmp_path / "help.tar.gz").stat().st_mode & 0o777 == 0o600
    assert singing(tmp_path) == []


@pytest.mark.slow  # test_dagster_keeps_no_secret_of_an_error looks at what the UI has to show
def test_the_ui_shows_it_nowhere(settings: Settings, variables: dict[str, str], tmp_path: Path) -> None:
    run = run_tunemeld("etl", "run", "full", "--genre", "dance", folder=tmp_path, **variables)
    assert run.returncode in (0, 3), run.stderr
    asked = subprocess.run(
        [Path(sys.executable).with_name("dagster-graphql"), "-w", "workspace.yaml", "-t", QUESTION],
        cwd=PROJECT,
        env={**os.environ, **variables, "DAGSTER_HOME": str(settings.dagster_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"clients"' in asked.stdout, asked.stdout + asked.stderr
    assert "Finished execution of run" in asked.stdout
    assert CANARY not in asked.stdout + asked.stderr
    assert singing(tmp_path) == []


def test_the_api_answers_and_logs_without_it(mongod_url: str, sandbox_root: str, tmp_path: Path) -> None:
    settings = settings_for_api(mongod_url, sandbox_root, tmp_path)
    with serving(settings, **SECRETS, LOG_LEVEL="DEBUG") as api:
        for path in (
            "/",
            "/health",
            "/metrics",
            "/openapi.json",
            "/playlist-data/rap",
            "/nothing",
            f"/x%3Fkey={CANARY}&a=1",
        ):
            answer = api.ask(f"{path}?api_key={CANARY}", Authorization=f"Bearer {CANARY}", Cookie=f"a={CANARY}")
            assert CANARY not in answer.text + str(answer.headers)
    assert '"logger":"access"' in api.log.read_text()
    assert singing(tmp_path) == []
