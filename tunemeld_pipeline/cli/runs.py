"""`tunemeld runs`: which runs there were, and what became of one.

This module prints what `operations/run_tables.py` reads of Dagster's records.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.arguments import complete_genre, complete_run
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for
from tunemeld_pipeline.errors import NothingStored

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.operations.recorded import RunSummary, Step
    from tunemeld_pipeline.settings.settings import Settings

SHOWN = 20
ID_LETTERS = 8

app = typer.Typer()


@app.callback(invoke_without_command=True)
def runs(
    context: typer.Context,
    genre: Annotated[
        str | None, typer.Option("--genre", "-g", help="Only runs of this genre.", autocompletion=complete_genre)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many of the last runs.")] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """List the last runs into this database, newest first: genre, stage, outcome, when, how long, and what was missing.

    Example: tunemeld runs --genre dance

    See also: tunemeld status, tunemeld etl status, tunemeld etl logs
    """
    if context.invoked_subcommand is not None:
        return
    from tunemeld_pipeline.operations.run_tables import open_records
    from tunemeld_pipeline.plugins.registry import load_catalog

    settings = load(context)
    wanted = load_catalog(settings.catalog_file).genre(genre).key if genre and genre.lower() != "all" else None
    with open_records(settings) as records:
        found = records.summaries(wanted, limit)
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    console = console_for(context)
    if not found:
        console.print("no run was ever recorded here; tunemeld etl run full makes one")
        return
    now = datetime.now(UTC)
    table = table_for(console, "run", "genre", "stage", "state", "began", "seconds", "missing")
    for one in found:
        seconds = "" if one.seconds is None else f"{one.seconds:.0f}"
        table.add_row(
            one.run_id[:ID_LETTERS], one.genre, one.stage, one.state, ago(one.began, now), seconds, one.degraded
        )
    console.print(table)


@app.command()
def show(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(metavar="ID", help="The run's id; its beginning will do.", autocompletion=complete_run)
    ],
    as_json: AsJson = False,
) -> None:
    """Show one run: its assets with their seconds, why it failed or is degraded, and the command that shows its lines.

    Exit status: 0 it was a success or is under way, 1 it failed, or there is none of that id, 3 it is degraded.

    Example: tunemeld runs show 1a2b3c4d

    See also: tunemeld runs, tunemeld etl logs
    """
    from tunemeld_pipeline.operations.run_tables import open_records

    settings = load(context)
    with open_records(settings) as records:
        found = _one(records.summary(run), run)
        steps = records.steps(found.run_id)
    why = _why_failed(settings, found)
    if as_json:
        print_json(_in_full(found, steps, why))
    else:
        typer.echo(f"{found.run_id}: {found.stage} of {found.genre or 'all genres'}, {found.state}")
        typer.echo(f"began {found.began:%Y-%m-%d %H:%M:%S} UTC, {ago(found.began, datetime.now(UTC))}")
        for step in steps:
            seconds = "" if step.seconds is None else f"{step.seconds:6.1f} s"
            typer.echo(f"  {step.asset:<24} {step.state:<8} {seconds}".rstrip())
        if why:
            typer.secho(f"failed: {why}", fg="red")
        if found.degraded:
            typer.secho(f"degraded: {found.degraded}", fg="yellow")
        typer.echo(f"lines: tunemeld etl logs --run-id {found.run_id[:ID_LETTERS]}")
    if found.state == "failure":
        raise typer.Exit(exits.FAILED)
    if found.degraded:
        raise typer.Exit(exits.DEGRADED)


def _why_failed(settings: "Settings", run: "RunSummary") -> str | None:
    if run.state != "failure":
        return None
    from tunemeld_pipeline.operations.run_records import why_failed  # it loads Dagster, which wrote the reason

    return why_failed(settings, run.run_id)


def _one(found: "RunSummary | None", run: str) -> "RunSummary":
    if found is None:
        raise NothingStored(
            f"no run has an id that begins with {run}, or more than one has", next_command="tunemeld runs"
        )
    return found


def _as_json(one: "RunSummary") -> "shapes.Run":
    return {
        "run_id": one.run_id,
        "genre": one.genre,
        "stage": one.stage,
        "state": one.state,
        "began": one.began.isoformat(),
        "seconds": one.seconds,
        "degraded": [what for what in one.degraded.split(", ") if what],
    }


def _in_full(one: "RunSummary", steps: "list[Step]", why: str | None) -> "shapes.RunInFull":
    assets: list[shapes.RunStep] = [
        {"asset": step.asset, "state": step.state, "seconds": step.seconds} for step in steps
    ]
    return {**_as_json(one), "assets": assets, "error": why}
