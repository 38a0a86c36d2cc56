"""`tunemeld etl`: running the pipeline, and taking a chart back.

What belongs here: the commands' options, a run's progress and its closing table. What does not: the runs themselves (`runs.py`) and
the rollback itself (`rollback.py`).
"""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import log_commands
from tunemeld_pipeline.cli.context import load, log_to_file, options_of

if TYPE_CHECKING:
    from rich.console import Console

    from tunemeld_pipeline.runs import Outcome
    from tunemeld_pipeline.settings import Settings

app = typer.Typer(help="Run the pipeline, or take a chart back.", no_args_is_help=True)

FAILED = 1
DEGRADED = 3


class Stage(StrEnum):
    """What to run."""

    FULL = "full"


app.command("logs")(log_commands.etl_logs)


@app.callback()
def etl() -> None:
    """Run the pipeline, or take a chart back."""


@app.command()
def run(
    context: typer.Context,
    stage: Annotated[Stage, typer.Argument(help="full: all four assets, from the playlists to the histories.")],
    genre: Annotated[
        list[str] | None, typer.Option("--genre", "-g", help="Only this genre; may be given several times.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Observe the world as of this day (2026-01-31) or time; sandbox and replay only."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Play recorded answers from this folder: DATE/GENRE/SERVICE.json."),
    ] = None,
) -> None:
    """Refresh the charts: fetch the playlists, match and rank them, read the counts, add them to the histories.

    Each genre is a run of its own, recorded in the Dagster instance. Exit status: 0 all fresh, 1 a genre failed, 3 a genre is
    degraded (a service was stale, or counts are missing).

    Example: tunemeld etl run full --genre dance
    """
    del stage  # there is one so far
    overrides = {"upstreams": "replay", "replay_dir": replay.absolute()} if replay else {}
    settings = load(context, overrides)
    settings.require_pipeline()
    log_to_file(context, settings, "etl")
    from tunemeld_pipeline.catalog import load_catalog
    from tunemeld_pipeline.errors import ObservationTimeError
    from tunemeld_pipeline.observation import parse_as_of, refuse_impossible
    from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
    from tunemeld_pipeline.sandbox.replay import Replay
    from tunemeld_pipeline.settings import Upstreams

    catalog = load_catalog(settings.catalog_file)
    genres = [catalog.genre(key).key for key in dict.fromkeys(genre or catalog.genres)]
    if settings.upstreams is Upstreams.REPLAY and settings.replay_dir is not None and as_of is None:
        dates = ", ".join(Replay(settings.replay_dir, PlaylistDirectory(catalog)).recorded()) or "nothing"
        raise ObservationTimeError(
            f"a replay needs a day to play, name it with --as-of DATE; recorded in {settings.replay_dir}: {dates}"
        )
    if as_of is not None:
        now = datetime.now(UTC)
        refuse_impossible(parse_as_of(as_of, now), settings.upstreams.value, now)

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    from tunemeld_pipeline.runs import STAGES, open_instance, run_genre

    console = Console()
    console.print(f"{settings.upstreams.value} data, as of {as_of or 'now'}, into database {settings.database_name}")
    outcomes: list[Outcome] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[stage]}"), TimeElapsedColumn())
    with (
        open_instance(settings) as instance,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        for key in genres:
            task = progress.add_task(key, total=len(STAGES), stage=STAGES[0])

            def advance(done: str, task: TaskID = task) -> None:
                at = STAGES.index(done) + 1
                progress.update(task, completed=at, stage=STAGES[at] if at < len(STAGES) else "")

            level = settings.log_level if options_of(context).verbose else "CRITICAL"
            outcomes.append(run_genre(instance, key, as_of=as_of, on_stage=advance, log_level=level))
            progress.update(task, completed=len(STAGES), stage="")
    _show(console, outcomes)
    if any(outcome.success for outcome in outcomes):
        _show_rollbacks(console, settings)
    if any(not outcome.success for outcome in outcomes):
        raise typer.Exit(FAILED)
    if any(outcome.degraded for outcome in outcomes):
        raise typer.Exit(DEGRADED)


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
    from tunemeld_pipeline.catalog import load_catalog
    from tunemeld_pipeline.database import open_store
    from tunemeld_pipeline.observation import parse_as_of, utc_day
    from tunemeld_pipeline.rollback import roll_back
    from tunemeld_pipeline.settings import CacheBackend

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
        from tunemeld_pipeline.cache import open_cache, pipeline_limits
        from tunemeld_pipeline.responses import publish

        with open_cache(settings, pipeline_limits(settings)) as cache:
            problem = publish(store, cache, settings, catalog, chosen.key)
        if problem:
            typer.secho(f"warning: the shared cache was not refreshed: {problem}", fg="yellow", err=True)
            raise typer.Exit(DEGRADED)


def _show_rollbacks(console: "Console", settings: "Settings") -> None:
    from tunemeld_pipeline.database import open_store

    with open_store(settings) as store:
        for genre, published in store.materializations().items():
            if published.rolled_back_to is not None:
                console.print(
                    f"{genre} shows its chart of {published.rolled_back_to:%Y-%m-%d}, to which it was rolled back"
                )


def _show(console: "Console", outcomes: "list[Outcome]") -> None:
    from rich.table import Table

    from tunemeld_pipeline.catalog import Service
    from tunemeld_pipeline.models import COUNT_SOURCES

    table = Table("genre", "rows", "agreed", "counted", "calls", "seconds", "degraded")
    for outcome in outcomes:
        rows = outcome.metadata.get("track_playlist", {})
        counted = outcome.metadata.get("view_counts_playlists", {})
        shares = {source: counted.get(f"coverage/{source.lower()}") for source in COUNT_SOURCES}
        table.add_row(
            outcome.genre,
            "\n".join(f"{service} {rows.get(f'rows/{service.slug}', '–')}" for service in Service),
            str(rows.get("agreed_tracks", "–")),
            "\n".join(f"{source} {'–' if share is None else f'{share:.0%}'}" for source, share in shares.items()),
            str(outcome.calls),
            f"{outcome.seconds:.1f}",
            "\n".join(outcome.degraded) if outcome.success else "FAILED",
            end_section=True,
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.error:
            console.print(f"[red]{outcome.genre} failed:[/red] ", end="")
            console.print(outcome.error, markup=False, highlight=False)
