"""Where the commands print: in colour and within the width on a terminal, plain and in full into a pipe.

This module has the consoles, which honour `--no-color`, NO_COLOR and a pipe, and the form of tables on each. Every command words its own
output.
"""

import os
import sys
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import typer

from tunemeld_pipeline.cli.context import options_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STATE_COLOURS = {"good": "green", "degraded": "yellow", "failed": "red"}
LEAST_TITLE = 12
"""Columns that a title gets however narrow the terminal is."""

PIPE_WIDTH = 1_000
"""Columns where there is no terminal: nothing is cut or wrapped that another program reads line by line."""


def open_missing_streams() -> None:
    """Standard streams that the parent process has closed lead nowhere.

    Python would have None in their place, and the next file to be opened would get their number, and what is printed.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(number)
                continue
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, number)
            os.set_inheritable(number, True)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, open(number, mode, closefd=False, encoding="utf-8"))  # noqa: SIM115


def console_for(context: typer.Context, *, err: bool = False) -> "Console":
    """A console on standard output, or with `err` on standard error.

    A pipe gets no colour, no emphasis and no line breaks that the text does not have. What is printed may come from anywhere, so
    that square brackets are text, unless the call says `markup=True`.
    """
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    terminal = stream.isatty()
    return Console(
        stderr=err,
        no_color=True if options_of(context).no_color else None,
        color_system="auto" if terminal else None,
        force_terminal=None if terminal else False,
        width=None if terminal else PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not terminal,
    )


def print_json(data: object) -> None:
    """What a program reads: JSON, of a shape in `shapes/`."""
    import json

    writes_all = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(data, indent=2, ensure_ascii=not writes_all, default=_as_text))


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def table_for(console: "Console", *headers: str, title: str | None = None) -> "Table":
    """A table with these headers: ruled on a terminal, aligned columns without lines in a pipe.

    Where a terminal is too narrow, the first column stays whole, and long words of the others go on in the next line: nothing is cut off.
    """
    from rich import box
    from rich.table import Column, Table

    columns = [Column(header, overflow="fold", no_wrap=number == 0) for number, header in enumerate(headers)]
    return Table(
        *columns, title=title, title_justify="left", box=box.ROUNDED if console.is_terminal else None, pad_edge=False
    )


def add_title_column(table: "Table", header: str) -> None:
    """Adds the column of which texts are cut off where a terminal is too narrow; see `fit_titles`."""
    table.add_column(header, no_wrap=True, overflow="ellipsis", ratio=1, min_width=LEAST_TITLE)


def fit_titles(console: "Console", table: "Table") -> None:
    """Lets a table that is wider than the terminal fill it, so that titles alone give way.

    Where no column may wrap, rich narrows all of them alike, those of ranks to nothing.
    """
    whole = console.measure(table, options=console.options.update(width=PIPE_WIDTH)).maximum
    table.expand = console.is_terminal and whole > console.width


def short_count(count: int | None, *, sign: str = "") -> str:
    """Three digits or so, as people read them: 11.5M."""
    if count is None:
        return "–"
    for unit, size in (("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if abs(count) >= size:
            return f"{count / size:{sign}.1f}{unit}"
    return f"{count:{sign}d}"
