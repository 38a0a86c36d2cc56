"""What the consoles print: for people on a terminal, for programs into a pipe."""

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm import TUNEMELD

SCRIPT = """
import typer
from tunemeld_pipeline.cli.context import Options
from tunemeld_pipeline.cli.terminal import console_for, table_for

app = typer.Typer()

@app.command()
def show(context: typer.Context, no_color: bool = False) -> None:
    context.obj = Options(no_color=no_color)
    console = console_for(context)
    console.print("[red]as it is[/red] " + 200 * "x", style="red")
    table = table_for(console, "genre", "what")
    table.add_row("dance", 200 * "y")
    console.print(table)

app()
"""


def printed(folder: Path, *arguments: str, terminal: bool, **variables: str) -> str:
    """What the script prints into a pipe, or on a terminal."""
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **variables}
    command = [sys.executable, "-c", SCRIPT, *arguments]
    if not terminal:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs)
    os.close(theirs)
    output = b""
    try:
        while part := os.read(ours, 65536):
            output += part
    except OSError:
        pass  # Linux says so that the other end is closed
    os.close(ours)
    assert process.wait() == 0
    return output.decode()


def test_a_pipe_gets_plain_text_and_all_of_it(tmp_path: Path) -> None:
    for width in ({}, {"COLUMNS": "80"}):
        first, headers, row = printed(tmp_path, terminal=False, **width).splitlines()
        assert first == "[red]as it is[/red] " + 200 * "x"
        assert headers.split() == ["genre", "what"]
        assert row.split() == ["dance", 200 * "y"]


def test_a_terminal_gets_colour_and_rules(tmp_path: Path) -> None:
    output = printed(tmp_path, terminal=True)
    assert "\x1b[31m" in output
    assert "╭" in output


def test_a_terminal_without_colour_where_it_is_not_wanted(tmp_path: Path) -> None:
    assert "\x1b[31m" not in printed(tmp_path, "--no-color", terminal=True)
    assert "\x1b[31m" not in printed(tmp_path, terminal=True, NO_COLOR="1")


def heard(folder: Path, command: str, streams: str) -> tuple[int, str]:
    """A command's exit status, and what is heard of it where the shell has done this to its streams."""
    environment = {"PATH": os.environ["PATH"], "TUNEMELD_ENV": "testing", "TUNEMELD_HOME": str(folder / "home")}
    shell = f"{shlex.quote(str(TUNEMELD))} {command} {streams}"
    ended = subprocess.run(
        ["/bin/sh", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("--version", 0),
        ("etl run --help", 0),
        ("config validate", 0),
        ("config show --json", 0),
        ("etl logs", 0),
        ("etl run full --genre polka", 2),
        ("etl nonsense", 2),
    ],
)
@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_without_standard_streams_does_its_work(
    tmp_path: Path, command: str, status: int, streams: str
) -> None:
    found, output = heard(tmp_path, command, streams)
    assert found == status
    assert "Traceback" not in output


@pytest.mark.parametrize("streams", [">/dev/full", "1</dev/null"])
def test_output_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path, streams: str) -> None:
    status, output = heard(tmp_path, "--version", streams)
    assert status == 1
    assert "error: " in output
    assert "Traceback" not in output
    assert "unexpected" not in output


def test_where_nothing_can_be_said_the_status_says_it(tmp_path: Path) -> None:
    assert heard(tmp_path, "etl run full --genre polka", "2>/dev/full") == (1, "")
