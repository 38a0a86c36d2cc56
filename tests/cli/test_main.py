"""The command as a whole: its version, its help, and how it fails."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Command, run_tunemeld

GROUPS = ("etl", "match", "dev", "db", "config")
COMMANDS = (
    "etl run",
    "etl rollback",
    "match explain",
    "match report",
    "match evaluate",
    "demo",
    "dev start",
    "sandbox",
    "db start",
    "db stop",
    "db status",
    "db test-connection",
    "db init",
    "db indexes",
    "db stats",
    "db backup",
    "db restore",
    "config show",
    "config validate",
)


def test_it_tells_its_version(tmp_path: Path) -> None:
    shown = run_tunemeld("--version", folder=tmp_path)
    assert (shown.returncode, shown.stdout.strip()) == (0, f"tunemeld {version('tunemeld')}")


@pytest.mark.parametrize(
    "command",
    [
        "",
        "etl",
        "etl run",
        "etl rollback",
        "match explain",
        "match report",
        "match evaluate",
        "demo",
        "dev start",
        "sandbox",
        "db start",
        "db stop",
        "db status",
        "db test-connection",
        "db init",
        "db indexes",
        "db stats",
        "db backup",
        "db restore",
        "config show",
        "config validate",
    ],
)
def test_every_command_has_help(tmp_path: Path, command: str) -> None:
    shown = run_tunemeld(*command.split(), "--help", folder=tmp_path)
    assert shown.returncode == 0
    assert "Usage:" in shown.stdout


@pytest.mark.parametrize(
    "command",
    [
        "etl run",
        "etl rollback",
        "match explain",
        "match report",
        "match evaluate",
        "demo",
        "dev start",
        "sandbox",
        "db start",
        "db stop",
        "db status",
        "db test-connection",
        "db init",
        "db indexes",
        "db stats",
        "db backup",
        "db restore",
        "config show",
        "config validate",
    ],
)
def test_the_help_of_every_command_has_an_example(tmp_path: Path, command: str) -> None:
    assert f"Example: tunemeld {command}" in " ".join(
        run_tunemeld(*command.split(), "-h", folder=tmp_path).stdout.split()
    )


def test_help_works_however_broken_the_settings_are(tmp_path: Path) -> None:
    assert run_tunemeld("etl", "run", "--help", folder=tmp_path, TUNEMELD_ENV="nonsense").returncode == 0


def test_help_does_not_load_dagster() -> None:
    code = "import sys, tunemeld_pipeline.cli.main; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_settings_that_cannot_be_used_are_one_line_each_and_wrong_usage(tunemeld: Command) -> None:
    failed = tunemeld("etl", "run", "full", MONGODB_URL="postgres://user:hunter2@db", LOG_LEVEL="LOUD")
    assert failed.returncode == 2
    assert "MONGODB_URL: MongoDB URL must start with mongodb:// or mongodb+srv://" in failed.stderr
    assert "LOG_LEVEL: Log level must be one of:" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "hunter2" not in failed.stdout + failed.stderr


def test_the_environment_can_be_chosen_by_option(tunemeld: Command) -> None:
    failed = tunemeld("--env", "staging", "db", "status")
    assert failed.returncode == 2
    assert "must be one of: development, testing, production" in failed.stderr


def test_an_unknown_name_in_the_env_file_is_reported_and_stops_nothing(fresh_machine: Command, tmp_path: Path) -> None:
    env_file = tmp_path / "mine.env"
    env_file.write_text("LOG_LEVLE=INFO\n", encoding="utf-8")
    shown = fresh_machine("--env-file", env_file, "db", "status")
    assert shown.returncode == 0
    assert "did you mean LOG_LEVEL?" in shown.stderr
