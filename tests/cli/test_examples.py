"""The example in every command's help is run as it stands: on servers and in a folder of the test's own.

The tables name the examples that run until they are ended, those that need something prepared, and those that another test runs because
they bring up whole servers or work on the checkout.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Timer

import pytest
from typer.core import TyperCommand

from tests.cli.conftest import Command
from tests.leftovers import kept_environment
from tests.warm import TUNEMELD
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.main import PANELS, WITHIN, application
from tunemeld_pipeline.cli.tree import command_tree, nodes
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.storage.store import Store

PROJECT = Path(__file__).parents[2]
RUN_ELSEWHERE = {
    ("demo",): "tests/cli/test_demo.py",
    ("dev", "start"): "tests/cli/test_dev.py",
    ("dev", "setup"): "tests/cli/test_dev_setup.py",
    ("dev", "test"): "tests/cli/test_dev_checks.py",
    ("dev", "lint"): "tests/cli/test_dev_checks.py",
    ("dev", "format"): "tests/cli/test_dev_checks.py",
    ("start",): "tests/cli/test_start.py",
}
"""They take minutes, or work on the checkout: the test there runs them in a bounded form."""

API = {("api", "start"), ("api", "health")}
"""One of them is asked by the other."""

ANSWERS = {
    ("config", "validate"): {exits.OK, exits.USAGE},
    ("config", "show"): {exits.OK, exits.USAGE},
    ("alarms", "test"): {exits.USAGE},
    ("etl", "status"): {exits.FAILED},
    ("status",): {exits.FAILED},
    ("db", "dump"): {exits.FAILED},
    ("track",): {exits.FAILED},
    ("changes",): {exits.OK, exits.FAILED},
    ("runs", "show"): {exits.FAILED},
    ("open",): {exits.FAILED},
    ("worker",): {exits.USAGE},
}
"""Some examples ask for production, for which nothing is set here, and for messages to nobody; and all genres but one have no chart. No
recording, run or server is the one of the example, and no folder is set for dumps."""

PLACEHOLDERS = {
    "FILE": "tests/charts/matching/pairs.jsonl",
    "A": "The Hollow Kettles - Tin Rivers",
    "B": "Someone - Something",
}
RECORDED = "DIR"
"""A folder of recorded answers: tests/cli/test_etl.py has one."""

FOLLOWING = {"-f", "--follow"}
LONGEST_SECONDS = 600


def examples() -> dict[tuple[str, ...], list[str]]:
    """The words after `tunemeld` of every example, by its command."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path, node in nodes(command_tree(application(), PANELS, WITHIN, plain=True)):
        if path:
            for line in re.findall(r"^Example: tunemeld (.+)$", node.help or "", flags=re.MULTILINE):
                found[path] = shlex.split(line)
    return found


def shown_in_the_readme() -> list[list[str]]:
    """The words after `tunemeld` of every command that the README shows, without its comment; all genres are bounded to one."""
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("tunemeld ")]
    shown = [[PLACEHOLDERS.get(word, word) for word in shlex.split(line, comments=True)[1:]] for line in lines]
    for words in shown:
        if words[:2] == ["etl", "run"] and "--genre" not in words:
            words += ["--genre", "dance"]
    return [words for words in shown if RECORDED not in words]


def free_port() -> str:
    """A port that nobody listens on just now."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@contextmanager
def serving(words: list[str], folder: Path, variables: dict[str, str]) -> Iterator[None]:
    """The command from when it has named its address until it is ended as a supervisor would, and has ended."""
    process = subprocess.Popen(
        [TUNEMELD, *words],
        cwd=folder,
        env={**kept_environment(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    too_long = Timer(LONGEST_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    too_long.start()
    try:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "http://" in line:
                break
        assert "http://" in printed[-1], printed
        yield
    finally:
        process.terminate()
        process.communicate()
        too_long.cancel()


def answers(tunemeld: Command, words: list[str], port: str) -> bool:
    """Whether the API answers; it also says that the other genres have no chart."""
    return " 200 " in tunemeld(*(word.replace("8000", port) for word in words)).stdout


def test_every_example_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").symlink_to(PROJECT / "tests")
    (tmp_path / "old.env").touch()
    commands = dict(nodes(command_tree(application(), PANELS, WITHIN, plain=True)))
    found = examples()
    assert len(found) > 30
    for path, words in found.items():
        with commands[path].make_context(path[-1], words[len(path) :]):
            pass


@pytest.mark.slow  # the tests of each command run most of them, with other words
def test_every_example_works(tunemeld: Command, variables: dict[str, str], store: Store, tmp_path: Path) -> None:
    (tmp_path / "tests").symlink_to(PROJECT / "tests")
    (tmp_path / "old.env").write_text("X_RAPIDAPI_KEY=from-before\n")
    assert tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", "2026-01-31").returncode in (0, 3)
    port = free_port()
    wrong = {}

    def run(path: tuple[str, ...], words: list[str]) -> None:
        ran = tunemeld(*(word for word in words if word not in FOLLOWING))
        if ran.returncode not in ANSWERS.get(path, {exits.OK, exits.DEGRADED}):
            wrong[path] = f"{ran.returncode}: {ran.stdout}{ran.stderr}"

    found = examples()
    for path, stated in found.items():
        words = [word.replace("8000", port) for word in stated]
        if path == ("match", "explain"):
            (spotify, *_) = store.playlists.service_playlists("dance", datetime.now(UTC))
            words[2] = next(track.isrc for track in spotify.tracks if track.isrc)
        if path == ("api", "start"):
            with serving(words, tmp_path, variables):
                assert wait_until(partial(answers, tunemeld, found["api", "health"], port), seconds=LONGEST_SECONDS / 2)
        elif path == ("sandbox",):
            with serving([port if word == "0" else word for word in words], tmp_path, variables):
                for below in (one for one in found if one[:1] == path and one != path):
                    run(below, [*found[below], "--url", f"http://127.0.0.1:{port}"])
        elif path[:1] != ("sandbox",) and path not in {*RUN_ELSEWHERE, *API}:
            run(path, words)
    ended_by_itself = [one for one in shown_in_the_readme() if not one_of(one, {*RUN_ELSEWHERE, *API, ("sandbox",)})]
    for words in ended_by_itself:
        # Where the examples of these were run, a second time has no empty folder, or nothing more to take back.
        if words not in found.values() and words[:2] not in (["db", "backup"], ["etl", "rollback"]):
            run(tuple(words), words)
    assert wrong == {}


def one_of(words: list[str], paths: set[tuple[str, ...]]) -> bool:
    """Whether these words call one of the commands."""
    return any(tuple(words[: len(path)]) == path for path in paths)


def test_the_readme_shows_commands_and_targets_that_exist() -> None:
    tree = dict(nodes(command_tree(application(), PANELS, WITHIN, plain=True)))
    shown = shown_in_the_readme()
    assert len(shown) > 10
    assert [words for words in shown if not one_of(words, set(tree) - {()})] == []
    targets = set(re.findall(r"^make ([\w-]+)$", (PROJECT / "README.md").read_text(), flags=re.MULTILINE))
    assert {"demo", "test"} <= targets
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=PROJECT, check=True, capture_output=True)


def test_every_command_is_named_in_the_documentation() -> None:
    printed = " ".join(path.read_text() for path in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")))
    commands = [
        path
        for path, node in nodes(command_tree(application(), PANELS, WITHIN, plain=True))
        if isinstance(node, TyperCommand)
    ]
    assert [path for path in commands if f"tunemeld {' '.join(path)}" not in printed] == []


def test_the_examples_that_are_left_out_are_run_elsewhere() -> None:
    found = examples()
    for path, file in RUN_ELSEWHERE.items():
        if path in found:
            words = ", ".join(f'"{word}"' for word in path)
            assert words in (PROJECT / file).read_text()


def test_the_map_in_the_readme_names_every_folder_of_code() -> None:
    _, shown = (PROJECT / "README.md").read_text().split("## The map")
    folders = {path.relative_to(PROJECT).parts[0] for path in PROJECT.glob("*/*.py")} | {"frontend"}
    assert {folder for folder in folders - {"scripts"} if f"`{folder}/`" not in shown} == set()
