"""The command as a whole: its version, its help, and how it fails."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from tests.cli.conftest import Command, run_in_new_interpreter, run_tunemeld
from tests.warm import TUNEMELD
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.main import PANELS, WITHIN, _needed, application
from tunemeld_pipeline.cli.tree import command_tree, nodes

TREE = dict(nodes(command_tree(application(), PANELS, WITHIN, plain=True)))
COMMANDS = [path for path, node in TREE.items() if isinstance(node, TyperCommand)]


def test_it_tells_its_version(tmp_path: Path) -> None:
    shown = run_in_new_interpreter("--version", folder=tmp_path)
    assert (shown.returncode, shown.stdout.strip()) == (0, f"tunemeld {version('tunemeld')}")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_says_what_it_is_for_with_an_example(path: tuple[str, ...]) -> None:
    purpose, *more = (TREE[path].help or "").split("\n\n")
    assert purpose.endswith(".")
    assert [one for one in more if one.startswith(f"Example: tunemeld {' '.join(path)}")]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_names_neighbours_that_exist(path: tuple[str, ...]) -> None:
    (paragraph,) = [one for one in (TREE[path].help or "").split("\n\n") if one.startswith("See also: ")]
    named = [tuple(one.split()[1:]) for one in paragraph.removeprefix("See also: ").split(", ")]
    assert named
    assert [one for one in named if one not in TREE or one == path] == []


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    assert [param.name for param in TREE[path].params if not getattr(param, "help", None)] == []


def test_every_command_has_its_place_in_the_help(tmp_path: Path) -> None:
    placed = [name for names in PANELS.values() for name in names]
    assert {path[0] for path in TREE if path} <= set(placed)
    shown = run_tunemeld("--help", folder=tmp_path).stdout
    assert [shown.index(f"\n{panel}:") for panel in PANELS] == sorted(shown.index(f"\n{panel}:") for panel in PANELS)


def test_help_works_however_broken_the_settings_are(tmp_path: Path) -> None:
    assert run_tunemeld("etl", "run", "--help", folder=tmp_path, TUNEMELD_ENV="nonsense").returncode == 0


def test_help_in_a_pipe_is_plain_and_tells_the_exit_status(tmp_path: Path) -> None:
    shown = run_tunemeld("--help", folder=tmp_path).stdout
    assert not set("\x1b╭│") & set(shown)
    assert "Exit status: 0 fine, 1 failed, 2 wrong usage or settings, 3 done but degraded" in " ".join(shown.split())


@pytest.mark.parametrize("before", [True, False], ids=["before the command", "after it"])
def test_global_options_hold_wherever_they_stand(tmp_path: Path, before: bool) -> None:
    options = ["--json", "--env", "production", "--log-level", "error"]
    command = ["config", "show"]
    printed = json.loads(run_tunemeld(*(options + command if before else command + options), folder=tmp_path).stdout)
    assert (printed["TUNEMELD_ENV"]["value"], printed["LOG_LEVEL"]["value"]) == ("production", "ERROR")


@pytest.mark.parametrize("arguments", [("--json", "db", "stop"), ("db", "stop", "--json")], ids=" ".join)
def test_json_is_refused_where_there_is_no_data(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    refused = run_tunemeld(*arguments, folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "leave --json out" in refused.stderr


@pytest.mark.parametrize("arguments", [("config", "show"), ("--help",)], ids=" ".join)
def test_a_reader_that_ends_early_is_no_failure_and_no_complaint(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([TUNEMELD, *arguments], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (exits.READER_GONE, b"")


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


def test_every_group_has_its_commands_in_an_order() -> None:
    groups = {
        " ".join(path): list(node.commands) for path, node in TREE.items() if path and isinstance(node, TyperGroup)
    }
    assert {name: found for name, found in groups.items() if len(found) > 1} == {
        name: list(ordered) for name, ordered in WITHIN.items()
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["status", "--json"], {"status"}),
        (["--env", "testing", "--quiet", "etl", "run", "full"], {"etl"}),
        (["--env", "status"], None),
        (["statsu"], None),
        (["etl", "run", "--help"], None),
        ([], None),
    ],
)
def test_only_what_is_called_is_made(words: list[str], expected: set[str] | None) -> None:
    made = command_tree(_needed(words), PANELS, WITHIN, plain=True).commands.keys()
    assert made == (expected or {path[0] for path in TREE if len(path) == 1})
