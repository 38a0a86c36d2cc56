"""`tunemeld chart`, `track` and `changes`: what it is all about, in the terminal.

This module prints what `operations/chart_view.py` reads. Tables fit the terminal: a narrow one shows one source of counts, the one
that counted most of the chart.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.arguments import GenreArgument, complete_day
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import add_title_column, console_for, fit_titles, print_json, short_count, table_for

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tunemeld_pipeline.charts.catalog import Genre
    from tunemeld_pipeline.charts.changes import Change
    from tunemeld_pipeline.charts.documents import Chart, ChartTrack
    from tunemeld_pipeline.cli.shapes import charts as shapes
    from tunemeld_pipeline.operations.chart_view import ChangesView, RecordingView
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.storage.store import Store

TOP = 20
WIDE = 120
"""Columns from which a chart shows every source of counts."""

LOOK_SECONDS = 5.0
BARS = "▁▂▃▄▅▆▇█"
SIGNS = {"up": "▲", "down": "▼", "same": "=", "new": "new", "re": "back", "gone": "gone"}

Day = Annotated[
    str | None, typer.Option("--date", help="The day (2026-01-31); by default today's.", autocompletion=complete_day)
]


def chart(
    context: typer.Context,
    genre: GenreArgument,
    date: Day = None,
    top: Annotated[int, typer.Option("--top", "-n", min=1, max=10_000, help="How many rows.")] = TOP,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again with each new version, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a genre's chart as visitors see it: rank, movement, positions on the services, counts, gains and their trend.

    Movement compares with a week before. The trend is the gain from day to day of two weeks. Exit status: 0 shown, 1 there is none.

    Example: tunemeld chart dance --top 10

    See also: tunemeld changes, tunemeld track, tunemeld open
    """
    from tunemeld_pipeline.operations.chart_view import shown_chart

    if watch and (as_json or date):
        raise typer.BadParameter("--watch shows the chart of now to people; leave out --date and --json")
    settings, described = _genre_of(context, genre)
    day = _day(date)
    with _opened(settings) as store:
        console = console_for(context)
        while True:
            with store.for_visitors() as view:
                found = shown_chart(view, described.key, day, datetime.now(UTC))
                if as_json:
                    print_json(_chart_json(found, top))
                else:
                    if watch and console.is_terminal:
                        console.clear()
                    _show_chart(console, view, described, found, top)
            if not watch:
                return
            _wait_for_a_version(store, described.key)


def track(
    context: typer.Context,
    isrc: Annotated[str, typer.Argument(help="The recording's ISRC, such as QZAAA2600001, with or without hyphens.")],
    as_json: AsJson = False,
) -> None:
    """Show one recording: its rows on today's charts, its addresses, and its counts from the first to the last.

    Exit status: 0 shown, 1 no recording with this ISRC was ever on a chart.

    Example: tunemeld track QZAAA2600001

    See also: tunemeld chart, tunemeld match explain
    """
    from tunemeld_pipeline.operations.chart_view import recording
    from tunemeld_pipeline.plugins.registry import load_catalog

    settings = load(context)
    genres = list(load_catalog(settings.catalog_file).genres)
    with _opened(settings) as store, store.for_visitors() as view:
        found = recording(view, genres, isrc, datetime.now(UTC))
    if as_json:
        print_json(_track_json(found))
    else:
        _show_track(console_for(context), found)


def changes(
    context: typer.Context,
    genre: GenreArgument,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", help="The earlier day (2026-01-31); by default the one before.", autocompletion=complete_day
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", help="The later day; by default the last one.", autocompletion=complete_day),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed on a genre's chart between two days: what is new, back, gone, and what moved most.

    Exit status: 0 shown, 1 there is no chart of one of the days.

    Example: tunemeld changes dance

    See also: tunemeld chart, tunemeld etl rollback
    """
    from tunemeld_pipeline.operations.chart_view import changes_between

    settings, described = _genre_of(context, genre)
    with _opened(settings) as store, store.for_visitors() as view:
        found = changes_between(view, described.key, _day(since), _day(date))
    if as_json:
        print_json(_changes_json(found))
    else:
        _show_changes(console_for(context), found)


def _genre_of(context: typer.Context, genre: str) -> "tuple[Settings, Genre]":
    from tunemeld_pipeline.plugins.registry import load_catalog

    settings = load(context)
    return settings, load_catalog(settings.catalog_file).genre(genre)


def _opened(settings: "Settings") -> Any:
    from tunemeld_pipeline.storage.connection import open_store, running_url

    return open_store(settings, prepare=False, timed=False, url=running_url(settings))


def _day(date: str | None) -> str | None:
    from tunemeld_pipeline.charts.observation import parse_as_of, utc_day

    return utc_day(parse_as_of(date, datetime.now(UTC))) if date else None


def _wait_for_a_version(store: "Store", genre: str) -> None:
    shown = store.charts.versions()[genre].version
    while True:
        time.sleep(LOOK_SECONDS)
        published = store.charts.versions().get(genre)
        if published is None or published.version != shown:
            return


def _show_chart(console: "Console", store: "Store", genre: "Genre", chart: "Chart", top: int) -> None:
    from tunemeld_pipeline.operations.chart_view import trends
    from tunemeld_pipeline.plugins.registry import name_of

    sources = sorted(chart.coverage, key=lambda source: -chart.coverage[source])
    gains = trends(store, chart, sources[0]) if sources else {}
    at = ago(chart.shown_as_of, datetime.now(UTC))
    console.print(
        f"{genre.display_name}: {min(top, len(chart.tracks))} of {len(chart.tracks)}, {chart.shown_as_of:%Y-%m-%d}, {at}"
    )
    if chart.only_service is not None:
        console.print(f"{name_of(chart.only_service)}'s list alone: no second service counts, so this is no consensus")
    console.print(chart_table(console, chart, sources, gains, top))
    services = dict.fromkeys(service for one in chart.tracks for service in one.sources)
    console.print("; ".join(f"{_initials(service)}: position on {name_of(service)}" for service in services))


def chart_table(
    console: "Console", chart: "Chart", sources: Sequence[str], gains: Mapping[str, Sequence[int]], top: int
) -> "Table":
    """The first rows of a chart; where a terminal is too narrow, titles are cut off, and nothing else.

    Args:
        sources: the sources of counts, that with most counts first.
        gains: what a track's counts grew by, by ISRC, for the trend.
    """
    from tunemeld_pipeline.plugins.registry import name_of

    shown = sources if console.width >= WIDE else sources[:1]
    headers = [text for source in shown for text in (name_of(source), "7 days")]
    table = table_for(console)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("week", no_wrap=True)
    add_title_column(table, "title – artist")
    table.add_column("on", no_wrap=True)
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column("trend", no_wrap=True)
    for one in chart.tracks[:top]:
        table.add_row(
            str(one.rank),
            _movement(one.status, one.movement),
            f"{one.track_name} – {one.artist_name}",
            " ".join(f"{_initials(service)}{rank}" for service, rank in one.sources.items()),
            *(
                text
                for source in shown
                for text in (_count(one, source), short_count(one.gain_7d.get(source), sign="+"))
            ),
            sparkline(gains.get(one.isrc or "", ())),
        )
    fit_titles(console, table)
    return table


def _initials(service: str) -> str:
    """Two letters for a service: its own, or the first two of one that is no longer installed."""
    from tunemeld_pipeline.plugins.registry import services

    return next((one.short for one in services() if one.key == service), service[:2])


def _movement(status: str | None, movement: int | None) -> str:
    if status is None:
        return ""
    return f"{SIGNS[status]}{abs(movement)}" if movement and status in ("up", "down") else SIGNS[status]


def _count(one: "ChartTrack", source: str) -> str:
    kept = one.readings.get(source)
    return short_count(kept.last.view_count if kept else None)


def sparkline(values: Sequence[int]) -> str:
    """A bar for each value, from the smallest to the largest; nothing for fewer than two."""
    if len(values) < 2:
        return ""
    least, span = min(values), max(values) - min(values)
    return "".join(BARS[round((value - least) / span * (len(BARS) - 1))] if span else BARS[0] for value in values)


def _show_track(console: "Console", found: "RecordingView") -> None:
    from tunemeld_pipeline.plugins.registry import name_of

    named = found.facts or next(iter(found.rows.values()), None)
    console.print(f"{named.track_name} – {named.artist_name}" if named else "its names are not kept")
    console.print(f"ISRC {found.isrc}")
    for genre, row in found.rows.items():
        places = ", ".join(f"{name_of(service)} {rank}" for service, rank in row.sources.items())
        peak = f", peak {row.peak_rank} on {row.peak_date}" if row.peak_rank else ""
        days = f", {row.days_on_chart} days" if row.days_on_chart else ""
        console.print(
            f"{genre} {row.rank} {_movement(row.status, row.movement)} ({places}){peak}{days}".replace("  ", " ")
        )
    if not found.rows:
        console.print("on no chart now")
    for service, url in (found.facts.track_urls if found.facts else {}).items():
        console.print(f"{name_of(service)}: {url}")
    for source, readings in (found.history.view_counts if found.history else {}).items():
        first, last = readings[0], readings[-1]
        gains = sparkline([one.delta_count for one in readings[-15:]][1:])
        console.print(
            f"{name_of(source)}: {last.view_count:,} on {last.current_timestamp:%Y-%m-%d}, {first.view_count:,} on"
            f" {first.current_timestamp:%Y-%m-%d}, {len(readings)} readings {gains}".rstrip()
        )


def _show_changes(console: "Console", found: "ChangesView") -> None:
    from tunemeld_pipeline.plugins.registry import name_of, written_list

    console.print(f"{found.genre}: from {found.since} to {found.until}")
    table = table_for(console, "change", "rank", "before", "title – artist")
    for one in _noteworthy(found.changes):
        table.add_row(
            _movement(one.status, one.movement),
            "" if one.rank is None else str(one.rank),
            "" if one.previous_rank is None else str(one.previous_rank),
            _name(found, one),
        )
    console.print(table)
    same = sum(one.status == "same" for one in found.changes)
    console.print(f"{same} stayed where they were")
    for what, services in (("came", found.joined), ("went", found.left)):
        if services:
            names = written_list(map(name_of, services))
            console.print(f"{names} {what} between these days, for which alone much is new, gone or moved")


def _noteworthy(found: "Sequence[Change]") -> "list[Change]":
    """New ones and returns first, best first, then the moves, the largest first, then what is gone; what stayed is left out."""
    order: dict[str | None, int] = {"new": 0, "re": 1, "up": 2, "down": 2, "gone": 3}
    return sorted(
        (one for one in found if one.status in order),
        key=lambda one: (order[one.status], -abs(one.movement or 0), one.rank or one.previous_rank or 0),
    )


def _name(found: "ChangesView", one: "Change") -> str:
    facts = found.recordings.get(one.track_id)
    return f"{facts.track_name} – {facts.artist_name}" if facts else one.track_id


def _chart_json(chart: "Chart", top: int) -> "shapes.Chart":
    return {
        "genre": chart.genre_name,
        "shown_as_of": chart.shown_as_of.isoformat(),
        "only_service": chart.only_service,
        "length": len(chart.tracks),
        "tracks": [_row_json(one) for one in chart.tracks[:top]],
    }


def _row_json(one: "ChartTrack") -> "shapes.ChartRow":
    return {
        "rank": one.rank,
        "isrc": one.isrc,
        "title": one.track_name,
        "artist": one.artist_name,
        "status": one.status,
        "movement": one.movement,
        "peak_rank": one.peak_rank,
        "days_on_chart": one.days_on_chart,
        "positions": dict(one.sources),
        "counts": {source: kept.last.view_count for source, kept in one.readings.items()},
        "gains_7d": dict(one.gain_7d),
    }


def _track_json(found: "RecordingView") -> "shapes.Track":
    named = found.facts or next(iter(found.rows.values()), None)
    return {
        "isrc": found.isrc,
        "title": named.track_name if named else None,
        "artist": named.artist_name if named else None,
        "urls": dict(found.facts.track_urls) if found.facts else {},
        "charts": {genre: _row_json(row) for genre, row in found.rows.items()},
        "counts": {
            source: [{"at": one.current_timestamp.isoformat(), "count": one.view_count} for one in readings]
            for source, readings in (found.history.view_counts if found.history else {}).items()
        },
    }


def _changes_json(found: "ChangesView") -> "shapes.Changes":
    return {
        "genre": found.genre,
        "since": found.since,
        "until": found.until,
        "services_joined": list(found.joined),
        "services_left": list(found.left),
        "changes": [
            {
                "track_id": one.track_id,
                "name": _name(found, one),
                "status": one.status,
                "rank": one.rank,
                "previous_rank": one.previous_rank,
                "movement": one.movement,
            }
            for one in found.changes
        ],
    }
