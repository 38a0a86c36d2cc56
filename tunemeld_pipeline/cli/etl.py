"""`tunemeld etl`: running the pipeline, seeing how it is, and taking a chart back.

This module has the group's commands, and the rollback's options. The larger commands are in `etl_*.py`, and the rollback itself is in
`operations/rollback.py`.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tunemeld_pipeline.cli import etl_run, etl_status, etl_validate, exits, log_commands
from tunemeld_pipeline.cli.context import load, log_to_file

app = typer.Typer(help="Run the pipeline, or take a chart back.", no_args_is_help=True)


app.command("logs")(log_commands.etl_logs)


@app.callback()
def etl() -> None:
    """Run the pipeline, or take a chart back."""


app.command()(etl_run.run)
app.command()(etl_status.status)
app.command()(etl_validate.validate)


@app.command()
def rollback(
    context: typer.Context,
    genre: Annotated[str, typer.Option("--genre", "-g", help="The genre whose chart is taken back.")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="The day (2026-01-31) whose chart is shown again; by default the last one before what is shown.",
        ),
    ] = None,
) -> None:
    """Put a past day's chart back in front of visitors, in one step, until the next run of the genre.

    The days after it are withdrawn: no later chart remembers them, until they are run again or rolled back to. The services' own
    lists and the histories of counts stay. Exit status: 0 done, 1 there is no such chart, 3 done, but the shared cache has not got it.

    Example: tunemeld etl rollback --genre dance --to 2026-01-31
    """
    settings = load(context)
    log_to_file(context, settings, "etl")
    from tunemeld_pipeline.charts.catalog import load_catalog
    from tunemeld_pipeline.charts.observation import parse_as_of, utc_day
    from tunemeld_pipeline.operations.rollback import roll_back
    from tunemeld_pipeline.settings.choices import CacheBackend
    from tunemeld_pipeline.storage.connection import open_store

    now = datetime.now(UTC)
    catalog = load_catalog(settings.catalog_file)
    chosen = catalog.genre(genre)
    day = utc_day(parse_as_of(to, now)) if to else None
    with open_store(settings) as store:
        published = roll_back(store, chosen.key, day, now)
        typer.echo(
            f"{chosen.key} shows its chart of {published.shown_as_of:%Y-%m-%d} ({published.chart_length} tracks, version"
            f" {published.version}) until its next run"
        )
        if settings.cache is CacheBackend.MEMORY:
            return
        from tunemeld_pipeline.publishing.cache import open_cache, pipeline_limits
        from tunemeld_pipeline.publishing.responses import publish

        with open_cache(settings, pipeline_limits(settings)) as cache:
            problem = publish(store, cache, settings, catalog, chosen.key)
        if problem:
            typer.secho(f"warning: the shared cache was not refreshed: {problem}", fg="yellow", err=True)
            raise typer.Exit(exits.DEGRADED)
