"""`tunemeld status`: the everyday question, answered for all parts on one screen.

This module prints the answer and sets the exit status; `operations/status.py` finds it. Each row that is not well names the command that
knows more.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.context import AsJson, examined, options_of
from tunemeld_pipeline.cli.terminal import STATE_COLOURS, print_json

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import health as shapes
    from tunemeld_pipeline.health import State
    from tunemeld_pipeline.operations.status import GenreStatus, InstallationStatus

WORDS = {"good": "OK", "degraded": "LOOK", "failed": "FAILED"}


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show on one screen whether everything is all right: settings, database, refresh, runs, alarms, and each genre's chart.

    A part that is not well names the command that knows more. Nothing is started, changed or spent, and no service is called.

    Exit status: 0 all is well, 1 a part fails, 2 the settings cannot be used, 3 something should be looked at.

    Example: tunemeld status

    See also: tunemeld etl status, tunemeld system health, tunemeld runs
    """
    from tunemeld_pipeline.health import State
    from tunemeld_pipeline.operations.status import installation_status

    settings, problems = examined(context)
    found = installation_status(settings, problems, datetime.now(UTC))
    if as_json:
        print_json(_as_json(found))
    else:
        _show(context, found)
    if problems:
        raise typer.Exit(exits.USAGE)
    if found.state is not State.GOOD:
        raise typer.Exit(exits.FAILED if found.state is State.FAILED else exits.DEGRADED)


def _show(context: typer.Context, found: "InstallationStatus") -> None:
    quiet = options_of(context).quiet
    parts = [part for part in found.parts if not quiet or part.state != "good"]
    genres = [genre for genre in found.genres if not quiet or genre.state != "good"]
    width = max([len(part.part) for part in parts] + [len(genre.genre) for genre in genres], default=0)
    for part in parts:
        _line(part.state, part.part, width, part.seen)
        if part.action and part.state != "good":
            typer.echo(f"{'':8}{'':{width}}next: {part.action}")
    if parts and genres:
        typer.echo()
    for genre in genres:
        _line(genre.state, genre.genre, width, _said(genre, found.at))
    never = [genre.genre for genre in found.genres if genre.shown_as_of is None]
    if never and len(never) == len(found.genres):
        typer.echo(f"{'':8}{'':{width}}next: tunemeld etl run full")
    elif any(genre.state != "good" for genre in found.genres):
        typer.echo(f"{'':8}{'':{width}}next: tunemeld etl status")


def _line(state: "State", name: str, width: int, seen: str) -> None:
    typer.secho(f"{WORDS[state]:<8}", fg=STATE_COLOURS[state], nl=False)
    typer.echo(f"{name:<{width}}  {seen}")


def _said(genre: "GenreStatus", at: datetime) -> str:
    from tunemeld_pipeline.plugins.registry import name_of

    if genre.shown_as_of is None:
        return "; ".join(genre.lacking)
    counted = ", ".join(f"{name_of(source)} {share:.0%}" for source, share in genre.coverage.items())
    lacking = "".join(f"; {what}" for what in map(name_of, genre.lacking))
    return f"{ago(genre.shown_as_of, at)}, {genre.tracks} tracks, {counted}{lacking}"


def _as_json(found: "InstallationStatus") -> "shapes.Status":
    return {
        "at": found.at.isoformat(),
        "state": found.state,
        "parts": [
            {"part": part.part, "state": part.state, "seen": part.seen, "action": part.action} for part in found.parts
        ],
        "genres": [
            {
                "genre": genre.genre,
                "state": genre.state,
                "shown_as_of": genre.shown_as_of.isoformat() if genre.shown_as_of else None,
                "tracks": genre.tracks,
                "coverage": dict(genre.coverage),
                "lacking": list(genre.lacking),
            }
            for genre in found.genres
        ],
    }
