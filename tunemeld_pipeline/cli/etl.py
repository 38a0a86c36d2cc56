"""`tunemeld etl`: running the pipeline, seeing how it is, and taking a chart back.

This module has the group's commands, and the options of a rollback and its release. The larger commands are in `etl_*.py`, and the
rollback itself is in `operations/rollback.py`.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import etl_run, etl_sources, etl_status, etl_validate, exits, log_commands
from tunemeld_pipeline.cli.arguments import complete_day, complete_genre
from tunemeld_pipeline.cli.context import AsJson, load, log_to_file
from tunemeld_pipeline.cli.terminal import print_json

if TYPE_CHECKING:
    from tunemeld_pipeline.charts.documents import Materialization
    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.storage.store import Store

app = typer.Typer(help="Run the pipeline, or take a chart back.", no_args_is_help=True)


app.command("logs")(log_commands.etl_logs)


@app.callback()
def etl() -> None:
    """Run the pipeline, or take a chart back."""


app.command()(etl_run.run)
app.command()(etl_status.status)
app.command()(etl_sources.sources)
app.command()(etl_validate.validate)


@app.command()
def rollback(
    context: typer.Context,
    genre: Annotated[
        str,
        typer.Option("--genre", "-g", help="The genre whose chart is taken back.", autocompletion=complete_genre),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="The day (2026-01-31) whose chart is shown again; by default the last one before what is shown.",
            autocompletion=complete_day,
        ),
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="Keep it until `tunemeld etl release`, and not only until the next run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a past day's chart back in front of visitors, in one step, until the next run of the genre, or with --hold until released.

    A run that is under way is named, and refused when it wants to publish. The days after the shown one are withdrawn: no later chart
    remembers them, until they are run again or rolled back to. The services' own lists and the histories of counts stay. Exit
    status: 0 done, 1 there is no such chart, 3 done, but the shared cache has not got it.

    Example: tunemeld etl rollback --genre dance --to 2026-01-31 --hold

    See also: tunemeld etl release
    """
    settings = load(context)
    log_to_file(context, settings, "etl")
    from tunemeld_pipeline.charts.observation import parse_as_of, utc_day
    from tunemeld_pipeline.operations.rollback import roll_back
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.storage.connection import open_store

    now = datetime.now(UTC)
    chosen = load_catalog(settings.catalog_file).genre(genre)
    day = utc_day(parse_as_of(to, now)) if to else None
    with open_store(settings) as store:
        published = roll_back(store, chosen.key, day, now, hold=hold)
        if as_json:
            _print_json(chosen.key, published)
        until = f"it is released: tunemeld etl release --genre {chosen.key}" if published.held else "its next run"
        typer.echo(
            f"{chosen.key} shows its chart of {published.shown_as_of:%Y-%m-%d} ({published.chart_length} tracks, version"
            f" {published.version}) until {until}",
            err=as_json,
        )
        _name_runs(settings, chosen.key, held=published.held)
        _refresh_cache(settings, store, chosen.key)


@app.command()
def release(
    context: typer.Context,
    genre: Annotated[str, typer.Option("--genre", "-g", help="The genre that is held.", autocompletion=complete_genre)],
) -> None:
    """Let the next run of a genre replace the chart at which it is held. That chart is shown until then.

    Exit status: 0 done, 1 it is not held, 3 done, but the shared cache has not got it.

    Example: tunemeld etl release --genre dance

    See also: tunemeld etl rollback, tunemeld etl run
    """
    settings = load(context)
    log_to_file(context, settings, "etl")
    from tunemeld_pipeline.operations import rollback as rollbacks
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.storage.connection import open_store

    chosen = load_catalog(settings.catalog_file).genre(genre)
    with open_store(settings) as store:
        published = rollbacks.release(store, chosen.key, datetime.now(UTC))
        typer.echo(
            f"{chosen.key} is released, and shows its chart of {published.shown_as_of:%Y-%m-%d} until its next run:"
            f" tunemeld etl run full --genre {chosen.key}"
        )
        _refresh_cache(settings, store, chosen.key)


def _print_json(genre: str, published: "Materialization") -> None:
    found: shapes.Rollback = {
        "genre": genre,
        "shown_as_of": published.shown_as_of.isoformat(),
        "version": published.version,
        "tracks": published.chart_length,
        "held": published.held,
    }
    print_json(found)


def _name_runs(settings: "Settings", genre: str, *, held: bool) -> None:
    """Says which runs of the genre have not ended, and what becomes of them."""
    from tunemeld_pipeline.operations.run_tables import open_records

    with open_records(settings) as records:
        runs = records.runs_under_way(genre)
    for run in runs:
        if run.has_begun:
            what = f"is under way since {run.since:%H:%M:%S} UTC; it is refused when it wants to publish, and says so"
        elif held:
            what = "waits to begin; it is refused, and says so"
        else:
            what = "waits to begin, and will replace this chart; --hold keeps it"
        typer.secho(f"run {run.run_id[:8]} of {genre} {what}", fg="yellow", err=True)


def _refresh_cache(settings: "Settings", store: "Store", genre: str) -> None:
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.settings.choices import CacheBackend

    if settings.cache is CacheBackend.MEMORY:
        return
    from tunemeld_pipeline.publishing.cache import open_cache, pipeline_limits
    from tunemeld_pipeline.publishing.publication import publish

    with open_cache(settings, pipeline_limits(settings)) as cache:
        problem = publish(store, cache, settings, load_catalog(settings.catalog_file), genre)
    if problem:
        typer.secho(f"warning: the shared cache was not refreshed: {problem}", fg="yellow", err=True)
        raise typer.Exit(exits.DEGRADED)
