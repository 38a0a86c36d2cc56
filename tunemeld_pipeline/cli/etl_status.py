"""`tunemeld etl status`: how each genre is, when its next run is, and how much of the quotas is left.

This module gathers, judges and prints what Dagster's records (`operations/run_tables.py`), the quotas (`upstream/quotas.py`) and the
incidents (`watching/incidents.py`) show. It starts no run and changes nothing.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.quota_table import quota_json, quota_table
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for
from tunemeld_pipeline.limits import CHART_TOO_OLD
from tunemeld_pipeline.stages import Stage

if TYPE_CHECKING:
    from rich.console import Console

    from tunemeld_pipeline.charts.documents import Materialization, RawPlaylist
    from tunemeld_pipeline.charts.incident import Incident
    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.errors import UnreadableDocument
    from tunemeld_pipeline.health import PartHealth
    from tunemeld_pipeline.local.supervised import SupervisedPart
    from tunemeld_pipeline.operations.recorded import AssetRun
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.upstream.quotas import QuotaUse
    from tunemeld_pipeline.watching.catching_up import Lacking


@dataclass
class Snapshot:
    """What was found at one moment, and the warnings that follow from it."""

    at: datetime
    assets: "dict[str, list[AssetRun]]"
    published: "dict[str, Materialization]"
    playlists: "dict[str, list[RawPlaylist]]"
    services: dict[str, tuple[str, ...]]
    quotas: "list[QuotaUse]"
    incidents: "list[Incident]"
    unreadable: "list[UnreadableDocument]"
    scheduled: bool = False
    daemon_runs: bool = False
    daemon_seen: datetime | None = None
    parts: "list[SupervisedPart]" = field(default_factory=list)
    workers: "list[PartHealth]" = field(default_factory=list)
    next_run: datetime | None = None
    next_look: datetime | None = None
    lacking: "list[Lacking]" = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    schedule_was_chosen: bool = True
    """Whether somebody set or switched the schedule; where nobody did, that it is off is no trouble."""


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show each genre's last runs, chart and stale sources, the next scheduled run, the quotas, and open incidents.

    Warns when the schedule is off or no daemon runs. Exit status: 0 all is fresh, 1 a genre's last run failed or it never ran, 3
    something is stale, degraded, too old or not scheduled.

    Example: tunemeld etl status --json

    See also: tunemeld etl run, tunemeld etl validate
    """
    settings = load(context)
    found = _gather(settings, datetime.now(UTC))
    _judge(found)
    console = console_for(context)
    if as_json:
        print_json(_as_json(found))
    else:
        _show(console, found)
    if found.failures:
        raise typer.Exit(exits.FAILED)
    if found.warnings:
        raise typer.Exit(exits.DEGRADED)


def _gather(settings: "Settings", at: datetime) -> Snapshot:
    from tunemeld_pipeline.local.supervised import supervised_parts
    from tunemeld_pipeline.local.ui import running_ui
    from tunemeld_pipeline.operations.run_tables import open_records
    from tunemeld_pipeline.operations.workers import health_of_workers
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.settings.cron import next_time
    from tunemeld_pipeline.settings.fields import Origin
    from tunemeld_pipeline.settings.settings import is_on_by_default
    from tunemeld_pipeline.storage.connection import open_store
    from tunemeld_pipeline.upstream.quotas import quota_use
    from tunemeld_pipeline.watching.catching_up import lacking_today, next_look

    catalog = load_catalog(settings.catalog_file)
    genres = tuple(catalog.genres)
    with open_store(settings, prepare=False) as store:
        published = store.charts.materializations()
        playlists = {genre: store.playlists.playlist_headers(genre, at) for genre in genres}
        quotas = quota_use(store, settings, at)
        incidents = store.incidents.open_now()
        workers = list(health_of_workers(settings, store.heartbeats.workers(), at))
        unreadable = store.unreadable
    with open_records(settings) as records:
        assets, state = records.last_asset_runs(genres), records.scheduling(at)
        tries = records.catch_ups(f"{at:%Y-%m-%d}")
    # `tunemeld start` switches the schedule on for its own processes only.
    ui = running_ui(settings)
    by_itself = settings.daily_refresh if ui is None else ui.daily_refresh
    scheduled = by_itself if state.switched is None else state.switched
    by_default = settings.provenance.origin("daily_refresh") is Origin.DEFAULT and not is_on_by_default(
        settings.environment
    )
    parts = supervised_parts(settings.home)
    found = Snapshot(
        at,
        assets,
        published,
        playlists,
        {key: genre.services for key, genre in catalog.genres.items()},
        quotas,
        incidents,
        unreadable,
        scheduled,
        state.daemon_runs,
        state.daemon_seen,
        parts,
        workers,
        schedule_was_chosen=not (by_default and ui is None and state.switched is None),
    )
    if scheduled and state.daemon_runs:
        found.next_run = next_time(settings.daily_refresh_cron, at)
        found.next_look = next_look(settings.daily_refresh_cron, at)
        found.lacking = lacking_today(settings.daily_refresh_cron, genres, published, tries, at)
    return found


def _judge(found: Snapshot) -> None:
    from tunemeld_pipeline.charts.documents import shortfalls
    from tunemeld_pipeline.plugins.registry import explained, name_of

    found.warnings += [f"{error}; tunemeld db check" for error in found.unreadable]
    unread = {error.document_id for error in found.unreadable if error.collection == "materializations"}
    for genre, runs in found.assets.items():
        published = found.published.get(genre)
        if published is None and genre not in unread:
            found.failures.append(f"{genre} has no chart yet; tunemeld etl run full --genre {genre}")
        elif published is not None and found.at - published.shown_as_of > CHART_TOO_OLD and not published.held:
            found.warnings.append(
                f"{genre} shows a chart of {published.shown_as_of:%Y-%m-%d %H:%M} UTC; tunemeld etl run full --genre {genre}"
            )
        # What is stale now is said below, as it is now.
        stale = {f"{one.service_name} playlist" for one in found.playlists.get(genre, []) if one.stale}
        lacking = shortfalls(published) if published else {}
        found.warnings += [
            f"{genre} is degraded: {explained(what, why)}" for what, why in lacking.items() if what not in stale
        ]
        found.failures += [
            f"{run.asset} of {genre} failed; tunemeld etl logs --genre {genre}"
            for run in runs
            if run.state == "failure"
        ]
    for playlists in found.playlists.values():
        found.warnings += [
            f"{one.genre_name}: {name_of(one.service_name)} is stale since {one.stale_since:%Y-%m-%d %H:%M} UTC ({one.error})"
            for one in playlists
            if one.stale
        ]
    # No trouble by itself: what is lacking because of it is said above.
    found.notes += [
        f"{use.title}: the quota is used up until {use.resets_at:%Y-%m-%d %H:%M} UTC"
        for use in found.quotas
        if use.exhausted
    ]
    found.warnings += of_catch_up(found)
    found.warnings += _of_incidents(found)
    if not found.scheduled:
        (found.warnings if found.schedule_was_chosen else found.notes).append(
            "the daily refresh is switched off; DAILY_REFRESH=true or the UI switches it on"
        )
    elif not found.daemon_runs:
        seen = f", which was last heard of at {found.daemon_seen:%Y-%m-%d %H:%M:%S} UTC" if found.daemon_seen else ""
        found.warnings.append(f"the daily refresh is on, but no daemon runs that starts it{seen}; tunemeld start")
    found.warnings += [f"{one.part}: {one.seen}; {one.action}" for one in found.workers if one.action]
    found.warnings += [
        f"the {part.name} {f'hangs ({part.hung_because})' if part.state == 'hangs' else 'is down'} since {part.since:%H:%M:%S} UTC;"
        " tunemeld system health"
        for part in found.parts
        if part.state != "up"
    ]


def of_catch_up(found: Snapshot) -> list[str]:
    """A line for each genre that lacks today's chart, although it was due."""
    from tunemeld_pipeline.watching.catching_up import MOST_TRIES

    look = f"; the next time is {found.next_look:%H:%M} UTC" if found.next_look else ""
    return [
        f"{one.genre} has no chart of today, and was refreshed again {one.tries} of {MOST_TRIES} times"
        + (look if one.is_tried_again else f"; tunemeld etl run full --genre {one.genre}")
        for one in found.lacking
    ]


def _of_incidents(found: Snapshot) -> list[str]:
    """A line for each open incident, the last with the command that lists them; what a line above says already is not said again."""
    said = "\n".join([*found.failures, *found.warnings])
    lines = [
        f"open incident: {one.detail if one.detail and one.detail not in said else one.key}" for one in found.incidents
    ]
    return [*lines[:-1], *(f"{line}; tunemeld alarms list" for line in lines[-1:])]


def _age(found: Snapshot, moment: datetime) -> str:
    return ago(moment, found.at)


def _runs(found: Snapshot, runs: "list[AssetRun]") -> str:
    """A line for each asset; one line where all went the same way in one run, with when that ended."""
    outcomes = [f"{run.state}{f', {_age(found, run.at)}' if run.at else ''}" for run in runs]
    if len(runs) == len(Stage.FULL.assets) and len({(run.state, run.run_id) for run in runs}) == 1:
        return f"all four: {outcomes[-1]}"
    return "\n".join(f"{run.asset}: {outcome}" for run, outcome in zip(runs, outcomes, strict=True)) or "none"


def _sources(found: Snapshot, genre: str) -> list[str]:
    """Each service's list and its age; a service that never gave one is absent."""
    from tunemeld_pipeline.plugins.registry import in_order, name_of

    lists = {one.service_name: one for one in found.playlists[genre]}
    return [
        f"{name_of(service)} "
        + (
            f"{'stale, ' if one.stale else ''}{_age(found, one.insert_timestamp)}"
            if (one := lists.get(service))
            else "absent"
        )
        for service in (in_order(found.services[genre]) if lists else ())
    ]


def _show(console: "Console", found: Snapshot) -> None:
    from tunemeld_pipeline.plugins.registry import name_of

    table = table_for(console, "genre", "last runs", "tracks", "shown", "coverage", "sources", title="Genres")
    for genre, runs in found.assets.items():
        published = found.published.get(genre)
        table.add_row(
            genre,
            _runs(found, runs),
            str(published.chart_length) if published else "–",
            _age(found, published.shown_as_of) if published else "never",
            "\n".join(f"{name_of(source)} {share:.0%}" for source, share in published.coverage.items())
            if published
            else "",
            "\n".join(_sources(found, genre)),
            end_section=True,
        )
    console.print(table)
    console.print(quota_table(console, found.quotas))
    for one in found.workers:
        if not one.action:
            console.print(f"{one.part}: {one.seen}")
    console.print(f"next scheduled run: {f'{found.next_run:%Y-%m-%d %H:%M} UTC' if found.next_run else 'none'}")
    for text in found.failures:
        console.print(f"failed: {text}", style="red")
    for text in found.warnings:
        console.print(f"warning: {text}", style="yellow")
    for text in found.notes:
        console.print(f"note: {text}")


def _as_json(found: Snapshot) -> "shapes.EtlStatus":
    from tunemeld_pipeline.charts.documents import shortfalls

    return {
        "at": found.at.isoformat(),
        "genres": {
            genre: {
                "assets": [
                    {
                        "asset": run.asset,
                        "state": run.state,
                        "at": run.at.isoformat() if run.at else None,
                        "run_id": run.run_id,
                    }
                    for run in runs
                ],
                "tracks": published.chart_length if (published := found.published.get(genre)) else 0,
                "shown_as_of": published.shown_as_of.isoformat() if published else None,
                "coverage": dict(published.coverage) if published else {},
                "degraded": published.degraded if published else [],
                "reasons": shortfalls(published) if published else {},
                "sources": [
                    {
                        "service": one.service_name,
                        "at": one.insert_timestamp.isoformat(),
                        "stale": one.stale,
                        "error": one.error,
                    }
                    for one in found.playlists[genre]
                ],
            }
            for genre, runs in found.assets.items()
        },
        "scheduled": found.scheduled,
        "daemon_runs": found.daemon_runs,
        "daemon_seen": found.daemon_seen.isoformat() if found.daemon_seen else None,
        "parts": {part.name: part.state for part in found.parts},
        "workers": {one.part: one.seen for one in found.workers},
        "next_run": found.next_run.isoformat() if found.next_run else None,
        "quotas": [quota_json(use) for use in found.quotas],
        "incidents": [
            {"key": one.key, "genre": one.genre, "since": one.opened_at.isoformat()} for one in found.incidents
        ],
        "failures": found.failures,
        "warnings": found.warnings,
        "notes": found.notes,
    }
