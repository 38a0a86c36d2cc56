"""`tunemeld demo`: two weeks of invented music, from nothing to charts with counts and histories.

This module has the sequence of the demonstration and what it prints; `operations/runs.py` makes the runs.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.context import load, log_to_file, options_of

if TYPE_CHECKING:
    from rich.console import Console

    from tunemeld_pipeline.charts.documents import Chart

FAILED = 1
TOP = 5
SHOWN_SOURCES = 2
"""Sources of counts that have room in a table."""


def demo(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=60, help="How many days, ending today.")] = 14,
    serve: Annotated[bool, typer.Option(help="Show API and Dagster UI at the end, until Ctrl-C.")] = True,
    live: Annotated[
        bool, typer.Option("--live", help="Today's real charts instead, from the sources that need no key.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --live: agree to have the services' public pages read, unasked.")
    ] = False,
) -> None:
    """Run the pipeline for two weeks of a sandbox's invented music, all genres, and show the charts. No account, no key.

    With --live it reads today's real lists into the live world's database, each once. The services' public pages are read only if you
    agree, which it asks once; docs/live.md says what it costs them, and what no key leaves unknown.
    Exit status: 0 all went well, 1 a genre failed (with --live: all did), 3 with --live: a list or a genre is lacking.

    Example: tunemeld demo --days 2 --no-serve
    """
    if live:
        from tunemeld_pipeline.cli.live_demo import live_demo

        given = context.get_parameter_source("days")
        if given is not None and given.name == "COMMANDLINE":
            raise typer.BadParameter("--live has one day, today; leave out --days")
        live_demo(context, _show, serve=serve, yes=yes)
    if yes:
        raise typer.BadParameter("--yes goes with --live")
    settings = load(context, {"upstreams": "sandbox"})
    log_to_file(context, settings, "etl")

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tunemeld_pipeline.cli.dev import API_PORT, show_in_browser
    from tunemeld_pipeline.cli.terminal import console_for
    from tunemeld_pipeline.operations.runs import run_days
    from tunemeld_pipeline.plugins.registry import load_catalog, services
    from tunemeld_pipeline.storage.connection import open_store

    console = console_for(context)
    genres = load_catalog(settings.catalog_file).genres
    today = datetime.now(UTC).date()
    dates = [(today - timedelta(days=back)).isoformat() for back in reversed(range(days))]
    console.print(f"Invented music, {days} days, {len(genres)} genres, into database {settings.database_name}")
    level = settings.log_level if options_of(context).verbose else "CRITICAL"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=len(dates) * len(genres))
        workers = min(len(genres), 2 * (os.cpu_count() or 1))
        for outcome in run_days(settings, list(genres), dates, workers=workers, log_level=level):
            if not outcome.success:
                typer.secho(f"error: {outcome.genre} failed: {outcome.error}", fg="red", err=True)
                typer.echo(f"next: {outcome.next_command or 'tunemeld etl logs'}", err=True)
                raise typer.Exit(FAILED)
            progress.update(task, advance=1, description=f"{outcome.genre:8}")
    with open_store(settings) as store:
        places = "; ".join(f"{one.short}: the position on {one.name}" for one in services())
        console.print(f"{places}; 7 days: the gain of the last seven days")
        for key, genre in genres.items():
            chart = store.charts.chart(key, datetime.now(UTC))
            isrcs = [track.isrc for track in chart.tracks if track.isrc]
            readings = sum(len(one) for history in store.histories.of(isrcs) for one in history.view_counts.values())
            _show(console, genre.display_name, chart, readings)
    if not serve:
        console.print(f"`tunemeld api start` shows them on a page: http://127.0.0.1:{API_PORT}/")
    console.print("The database and the sandbox go on running; `tunemeld db stop` ends them.")
    if serve:
        show_in_browser(settings)


def _show(console: "Console", name: str, chart: "Chart", readings: int) -> None:
    from tunemeld_pipeline.cli.terminal import add_title_column, fit_titles, short_count, table_for
    from tunemeld_pipeline.plugins.registry import count_sources, services

    counting = count_sources()[:SHOWN_SOURCES]
    title = f"{name}: top {TOP} of {len(chart.tracks)} agreed, {readings:,} readings in their histories"
    table = table_for(console, title=title)
    table.add_column("#", justify="right", no_wrap=True)
    add_title_column(table, "title and artist")
    counted = (header for source in counting for header in (source.name, "7 days"))
    for header in (*(service.short for service in services()), *counted):
        table.add_column(header, justify="right", no_wrap=True)
    for track in chart.tracks[:TOP]:
        totals = {source: kept.last.view_count for source, kept in track.readings.items()}
        table.add_row(
            str(track.rank),
            f"{track.track_name} – {track.artist_name}",
            *(str(track.sources.get(service.key, "")) for service in services()),
            *(
                text
                for source in counting
                for text in (short_count(totals.get(source.key)), short_count(track.gain_7d.get(source.key), sign="+"))
            ),
        )
    fit_titles(console, table)
    console.print(table)
