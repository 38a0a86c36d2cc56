"""`tunemeld etl logs` and `tunemeld api logs`: the log files, read as one.

This module has the commands' options, and shows the lines; `logs/reading.py` finds, merges and follows the files.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.arguments import ALL, complete_genre, complete_run
from tunemeld_pipeline.cli.context import AsJson, load, options_of

if TYPE_CHECKING:
    from tunemeld_pipeline.logs.reading import Line, LineFilter


class Level(StrEnum):
    """The least severe lines to show."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


Count = Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with each new line, until Ctrl-C.")]
LeastLevel = Annotated[
    Level, typer.Option("--level", case_sensitive=False, help="Only lines that are at least so severe.")
]


def etl_logs(
    context: typer.Context,
    genre: Annotated[
        str | None,
        typer.Option("--genre", "-g", help="Only lines about this genre.", autocompletion=complete_genre),
    ] = None,
    run_id: Annotated[
        str | None,
        typer.Option("--run-id", help="Only lines of this run; its beginning will do.", autocompletion=complete_run),
    ] = None,
    level: LeastLevel = Level.DEBUG,
    lines: Count = 100,
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Show the log of runs, of all processes in the order of time: for people on a terminal, JSON through a pipe.

    tunemeld api logs shows the API's; docs/logs.md says what the fields mean.

    Example: tunemeld etl logs --genre dance --level warning
    """
    from tunemeld_pipeline.logs.reading import LineFilter

    _show(context, LineFilter(frozenset({"etl", "dagster"}), level.value, genre, run_id), lines, follow, as_json)


def api_logs(
    context: typer.Context,
    level: LeastLevel = Level.DEBUG,
    lines: Count = 100,
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Show the log of the API, requests included, of all workers in the order of time: for people on a terminal, JSON through a pipe.

    tunemeld etl logs shows that of runs; docs/logs.md says what the fields mean.

    Example: tunemeld api logs -n 20
    """
    from tunemeld_pipeline.logs.reading import LineFilter

    _show(context, LineFilter(frozenset({"api"}), level.value), lines, follow, as_json)


def system_logs(
    context: typer.Context,
    part: Annotated[
        str | None,
        typer.Option("--part", help="Only lines of this part: daemon, ui, api, …; tunemeld is the supervisor itself."),
    ] = None,
    level: LeastLevel = Level.DEBUG,
    lines: Count = 100,
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Show what the supervisor said, and what its parts printed that is in no log of their own: Dagster's daemon and UI, granian.

    tunemeld etl logs shows the log of runs, tunemeld api logs that of the API.

    Example: tunemeld system logs --part daemon
    """
    from tunemeld_pipeline.logs.reading import LineFilter

    _show(context, LineFilter(frozenset({"supervisor"}), level.value, part=part), lines, follow, as_json)


def _show(context: typer.Context, wanted: "LineFilter", count: int, follow: bool, as_json: bool) -> None:
    settings = load(context)
    if wanted.genre is not None and wanted.genre.lower() == ALL:
        wanted = replace(wanted, genre=None)
    if wanted.genre is not None:
        from tunemeld_pipeline.plugins.registry import load_catalog

        load_catalog(settings.catalog_file).genre(wanted.genre)
    from tunemeld_pipeline.logs import reading as log_reading
    from tunemeld_pipeline.logs.files import log_folder

    folder = log_folder(settings)
    found = log_reading.follow(folder, wanted, count) if follow else log_reading.last_lines(folder, wanted, count)
    for text in _texts(found, as_json=as_json, colors=not options_of(context).no_color):
        sys.stdout.write(f"{text}\n")
        if follow:
            sys.stdout.flush()
    if not follow and not found:
        typer.echo(f"no such lines in {folder}", err=True)


def _texts(lines: "Iterable[Line]", *, as_json: bool, colors: bool) -> Iterable[str]:
    from tunemeld_pipeline.logs.lines import json_line, text_renderer

    if as_json or not sys.stdout.isatty():
        return map(json_line, lines)
    render = text_renderer(colors=colors)
    return (render(None, "", dict(line)) for line in lines)
