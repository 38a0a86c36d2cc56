"""What the consoles print: for people on a terminal, for programs into a pipe."""

import os
import pty
import subprocess
import sys
from pathlib import Path

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
    told = b""
    try:
        while part := os.read(ours, 65536):
            told += part
    except OSError:
        pass  # Linux says so that the other end is closed
    os.close(ours)
    assert process.wait() == 0
    return told.decode()


def test_a_pipe_gets_plain_text_and_all_of_it(tmp_path: Path) -> None:
    for width in ({}, {"COLUMNS": "80"}):
        first, headers, row = printed(tmp_path, terminal=False, **width).splitlines()
        assert first == "[red]as it is[/red] " + 200 * "x"
        assert headers.split() == ["genre", "what"]
        assert row.split() == ["dance", 200 * "y"]


def test_a_terminal_gets_colour_and_rules(tmp_path: Path) -> None:
    told = printed(tmp_path, terminal=True)
    assert "\x1b[31m" in told
    assert "╭" in told


def test_a_terminal_without_colour_where_it_is_not_wanted(tmp_path: Path) -> None:
    assert "\x1b[31m" not in printed(tmp_path, "--no-color", terminal=True)
    assert "\x1b[31m" not in printed(tmp_path, terminal=True, NO_COLOR="1")
