"""`tunemeld etl run`: a stage for some genres, shown while it runs and summed up at its end; or what it would do.

This module has the command's options, progress, closing table and exit status. `operations/runs.py` makes the runs, and
`operations/run_plan.py` the estimate of a dry run.
"""

import os
import shlex
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.arguments import Genres, genres_named
from tunemeld_pipeline.cli.context import AsJson, load, log_to_file, options_of
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for
from tunemeld_pipeline.stages import Stage

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from rich.console import Console

    from tunemeld_pipeline.charts.catalog import Catalog
    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.operations.run_plan import GenrePlan
    from tunemeld_pipeline.operations.runs import Outcome
    from tunemeld_pipeline.settings.settings import Settings


ENOUGH_TO_SHARE = 2
"""Processors, above which genres run at once."""


def run(
    context: typer.Context,
    stage: Annotated[
        Stage,
        typer.Argument(
            help="extract: the playlists; transform (or aggregate): matching and consensus; view_count: counts and histories;"
            " full: all of it."
        ),
    ],
    genre: Genres = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and what it would cost; change nothing.")
    ] = False,
    parallel: Annotated[
        bool | None,
        typer.Option(
            "--parallel/--sequential",
            help="All genres at once, a process each, or one after another; by default at once on more than two processors.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", min=1, max=500, help="Concurrent requests per upstream; beats ETL_THREAD_COUNT."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Observe the world as of this day (2026-01-31) or time; sandbox and replay only."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Play recorded answers from this folder: DATE/GENRE/SOURCE.json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Refresh the charts: fetch the playlists, match and rank them, read the counts, add them to the histories.

    Each genre is a separate run, recorded in the Dagster instance; a stage alone goes on from what the one before it left. Exit
    status: 0 all fresh, 1 a genre failed, 3 a genre is degraded (a service was stale, or counts are missing), 130 after Ctrl-C: the run
    is recorded as failed, no document is half-written, and the same command goes on.

    Example: tunemeld etl run full --genre dance

    See also: tunemeld etl status, tunemeld etl rollback
    """
    overrides: dict[str, Any] = {"etl_thread_count": threads}
    if replay:
        overrides |= {"upstreams": "replay", "replay_dir": replay.absolute()}
    settings = load(context, overrides)
    settings.require_pipeline()
    from tunemeld_pipeline.charts.matching.overrides import read_overrides
    from tunemeld_pipeline.plugins.registry import load_catalog

    catalog = load_catalog(settings.catalog_file)
    read_overrides(settings.match_overrides)  # an unusable file is reported before a run is recorded
    named = genres_named(catalog, genre)
    genres = named or list(catalog.genres)
    at = _observation_time(settings, catalog, as_of)
    console = console_for(context)
    if dry_run:
        _show_plan(console, settings, catalog, genres, stage, at, as_json=as_json)
        return
    log_to_file(context, settings, "etl")
    progress = console_for(context, err=True) if as_json else console
    held = _held(settings) if not named and as_of is None else {}
    for why in held.values():
        progress.print(f"skipped: {why}", style="yellow")
    genres = [one for one in genres if one not in held]
    if not options_of(context).quiet:
        progress.print(
            f"{settings.upstreams.value} data, as of {as_of or 'now'}, into database {settings.database_name}"
        )
    level = settings.log_level if options_of(context).verbose else "CRITICAL"
    outcomes = _run(progress, settings, genres, stage, as_of, level, parallel=_at_once(parallel, genres))
    if as_json:
        print_json(_as_json(settings, stage, as_of, outcomes))
    elif not options_of(context).quiet or any(not one.success or one.degraded for one in outcomes):
        _show(console, settings, outcomes)
    interrupted = len(outcomes) < len(genres) or any(outcome.interrupted for outcome in outcomes)
    _exit(outcomes, stage, interrupted=interrupted, given=[*_given("--as-of", as_of), *_given("--replay", replay)])
    if held:
        raise typer.Exit(exits.DEGRADED)


def _at_once(wanted: bool | None, genres: Sequence[str]) -> bool:
    """Whether the genres get a process each. Every process loads Dagster, which on two processors takes longer than it saves."""
    return len(genres) > 1 and len(os.sched_getaffinity(0)) > ENOUGH_TO_SHARE if wanted is None else wanted


def _held(settings: "Settings") -> dict[str, str]:
    """What is left out where no genre was named, as the schedule leaves it out."""
    from tunemeld_pipeline.orchestration.schedules import held_genres

    return held_genres(settings)


def _observation_time(settings: "Settings", catalog: "Catalog", as_of: str | None) -> datetime:
    from tunemeld_pipeline.charts.observation import parse_as_of, refuse_impossible, utc_day
    from tunemeld_pipeline.errors import ObservationTimeError
    from tunemeld_pipeline.settings.choices import Upstreams

    now = datetime.now(UTC)
    at = parse_as_of(as_of, now) if as_of is not None else None
    if at is not None:
        refuse_impossible(at, settings.upstreams.value, now)
    if settings.upstreams is Upstreams.REPLAY and settings.replay_dir is not None:
        from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
        from tunemeld_pipeline.sandbox.replay import Replay

        recorded = Replay(settings.replay_dir, PlaylistDirectory(catalog)).recorded()
        if at is None or utc_day(at) not in recorded:
            dates = ", ".join(recorded) or "nothing"
            raise ObservationTimeError(
                f"a replay needs a recorded day, name it with --as-of DATE; recorded in {settings.replay_dir}: {dates}"
            )
    return at or now


def _run(
    console: "Console",
    settings: "Settings",
    genres: list[str],
    stage: Stage,
    as_of: str | None,
    level: str,
    *,
    parallel: bool,
) -> "list[Outcome]":
    from tunemeld_pipeline.operations.runs import open_instance, run_at_once, run_genre, watched

    run_ids = {genre: str(uuid.uuid4()) for genre in genres}
    outcomes: list[Outcome] = []
    with open_instance(settings) as instance, _progress(console, stage, genres) as advance:
        try:
            if parallel:
                with watched(instance, run_ids, advance):
                    outcomes += run_at_once(settings, run_ids, stage=stage, as_of=as_of, log_level=level)
            else:
                for genre, run_id in run_ids.items():
                    with watched(instance, {genre: run_id}, advance):
                        outcome = run_genre(instance, genre, stage=stage, as_of=as_of, run_id=run_id, log_level=level)
                    outcomes.append(outcome)
                    if outcome.interrupted:
                        break
            if stage is Stage.FULL and as_of is None and settings.heartbeat_url is not None:
                _report_day(settings, instance)
        except KeyboardInterrupt:  # between two runs: there is nothing to end
            pass
    return sorted(outcomes, key=lambda outcome: genres.index(outcome.genre))


def _report_day(settings: "Settings", instance: "DagsterInstance") -> None:
    """Calls HEARTBEAT_URL if the day needed only these runs; a call that fails changes nothing of their outcome."""
    from tunemeld_pipeline.errors import TuneMeldError
    from tunemeld_pipeline.orchestration.day_report import report_day
    from tunemeld_pipeline.storage.connection import open_store

    with suppress(TuneMeldError), open_store(settings) as store:
        report_day(store, instance, settings, datetime.now(UTC))


@contextmanager
def _progress(console: "Console", stage: Stage, genres: Sequence[str]) -> Generator[Any]:
    """A line per genre on a terminal; the function that it gives takes each asset that is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[asset]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {genre: progress.add_task(genre, total=len(stage.assets), asset=stage.assets[0]) for genre in genres}

        def advance(genre: str, asset: str) -> None:
            if asset in stage.assets:
                at = stage.assets.index(asset) + 1
                progress.update(tasks[genre], completed=at, asset=stage.assets[at] if at < len(stage.assets) else "")

        yield advance


def _given(option: str, value: object) -> list[str]:
    return [option, shlex.quote(str(value))] if value else []


def _exit(outcomes: "list[Outcome]", stage: Stage, *, interrupted: bool, given: list[str]) -> None:
    """Ends with the status for these outcomes; names failures, with the command that runs them again with the `given` options."""
    if interrupted:
        raise typer.Exit(exits.INTERRUPTED)
    failed = [outcome.genre for outcome in outcomes if not outcome.success]
    if failed:
        what = f"{len(failed)} of {len(outcomes)} genres failed: {', '.join(failed)}; the outcome of each says why"
        typer.secho(f"error: {what}", fg="red", err=True)
        for command in _next_commands([one for one in outcomes if not one.success], stage):
            options = given if command.startswith("tunemeld etl run") else []
            typer.echo(f"next: {' '.join([command, *options])}", err=True)
        raise typer.Exit(exits.FAILED)
    if any(outcome.degraded for outcome in outcomes):
        raise typer.Exit(exits.DEGRADED)


def _next_commands(failed: "list[Outcome]", stage: Stage) -> list[str]:
    """What the errors say to run, each once; what failed of itself is run again."""
    again = [f"--genre {outcome.genre}" for outcome in failed if outcome.next_command is None]
    named = dict.fromkeys(outcome.next_command for outcome in failed if outcome.next_command)
    return [*named, *([" ".join([f"tunemeld etl run {stage}", *again])] if again else [])]


def _state(outcome: "Outcome") -> str:
    if not outcome.success:
        return "stopped" if outcome.interrupted else "FAILED"
    from tunemeld_pipeline.plugins.registry import name_of

    return "\n".join(map(name_of, outcome.degraded))


def _show(console: "Console", settings: "Settings", outcomes: "list[Outcome]") -> None:
    from tunemeld_pipeline.local.ui import running_ui
    from tunemeld_pipeline.plugins.registry import count_sources, explained, name_of, services
    from tunemeld_pipeline.upstream.left_out import sentences

    table = table_for(console, "genre", "rows", "agreed", "counted", "calls", "seconds", "degraded")
    for outcome in outcomes:
        rows = outcome.metadata.get("track_playlist") or outcome.metadata.get("raw_playlists", {})
        agreed = outcome.metadata.get("track_playlist", {}).get("agreed_tracks", "–")
        counted = outcome.metadata.get("view_counts_playlists", {})
        shares = {source: counted.get(f"coverage/{source.lower()}") for source in (one.key for one in count_sources())}
        table.add_row(
            outcome.genre,
            "\n".join(f"{service.name} {rows.get(f'rows/{service.slug}', '–')}" for service in services()),
            str(agreed),
            "\n".join(
                f"{name_of(source)} {'–' if share is None else f'{share:.0%}'}" for source, share in shares.items()
            ),
            str(outcome.calls),
            f"{outcome.seconds:.1f}",
            _state(outcome),
            end_section=True,
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.error:
            console.print(f"{outcome.genre} failed:", style="red", end=" ")
            console.print(outcome.error)
        else:
            for what, why in outcome.reasons.items():
                console.print(f"{outcome.genre} is degraded: {explained(what, why)}", style="yellow")
        for sentence in sentences(outcome.metadata):
            console.print(f"{outcome.genre}: {sentence}")
    if any(outcome.success for outcome in outcomes):
        _show_rollbacks(console, settings)
    ui = running_ui(settings)
    for outcome in outcomes if ui else []:
        console.print(f"{outcome.genre}: {ui.url if ui else ''}/runs/{outcome.run_id}")
    if not ui:
        console.print("`tunemeld start` shows the runs in Dagster's UI")


def _show_rollbacks(console: "Console", settings: "Settings") -> None:
    from tunemeld_pipeline.storage.connection import open_store

    with open_store(settings) as store:
        for genre, published in store.charts.materializations().items():
            if published.rolled_back_to is not None:
                console.print(
                    f"{genre} shows its chart of {published.rolled_back_to:%Y-%m-%d}, "
                    + ("at which it is held" if published.held else "to which it was rolled back")
                )


def _as_json(settings: "Settings", stage: Stage, as_of: str | None, outcomes: "list[Outcome]") -> "shapes.Runs":
    from tunemeld_pipeline.local.ui import running_ui

    ui = running_ui(settings)
    return {
        "stage": stage.value,
        "as_of": as_of,
        "upstreams": settings.upstreams,
        "database": settings.database_name,
        "runs": [
            {
                "genre": outcome.genre,
                "run_id": outcome.run_id,
                "url": f"{ui.url}/runs/{outcome.run_id}" if ui else None,
                "success": outcome.success,
                "interrupted": outcome.interrupted,
                "degraded": list(outcome.degraded),
                "reasons": outcome.reasons,
                "error": outcome.error,
                "seconds": round(outcome.seconds, 3),
                "calls": outcome.calls,
                "assets": {
                    asset: {name: value for name, value in numbers.items() if isinstance(value, int | float)}
                    for asset, numbers in outcome.metadata.items()
                },
            }
            for outcome in outcomes
        ],
    }


def _show_plan(
    console: "Console",
    settings: "Settings",
    catalog: "Catalog",
    genres: list[str],
    stage: Stage,
    at: datetime,
    *,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from tunemeld_pipeline.cli.quota_table import quota_json, quota_table
    from tunemeld_pipeline.operations.run_plan import plan_run
    from tunemeld_pipeline.storage.connection import open_store
    from tunemeld_pipeline.upstream.quotas import quota_use

    with open_store(settings, prepare=False) as store:
        uses = quota_use(store, settings, at)
        left = {use.name: use.left for use in uses}
        plans = plan_run(store, settings, [catalog.genre(key) for key in genres], stage, at, left)
    if as_json:
        print_json(
            {
                "dry_run": True,
                "stage": stage.value,
                "as_of": at.isoformat(),
                "database": settings.database_name,
                "genres": [asdict(plan) for plan in plans],
                "quotas": [quota_json(use) for use in uses],
            }
        )
        return
    console.print(
        f"Dry run of {stage.value}: {settings.upstreams.value} data as of {at:%Y-%m-%d %H:%M} UTC, into database"
        f" {settings.database_name}; nothing is asked and nothing changed"
    )
    table = table_for(console, "genre", "assets", "calls to expect", title="Plan")
    for plan in plans:
        table.add_row(plan.genre, "\n".join(plan.assets), "\n".join(_expected(plan)), end_section=True)
    console.print(table)
    console.print(quota_table(console, uses))
    for use in uses:
        waiting = sum(plan.waiting(use.name) for plan in plans)
        if waiting:
            console.print(f"{use.title}: no units are left for {waiting} more calls, which wait for the next quota day")


def _expected(plan: "GenrePlan") -> list[str]:
    lines = [f"{call.bucket or 'without a budget'}: {call.units} ({call.purpose})" for call in plan.calls if call.units]
    return [*lines, *filter(None, [plan.unknown])]
