"""`tunemeld demo --live`: today's real charts from the sources that need no key.

This module has the screen that asks for consent, the two passes (charts first, ISRCs after), and what is printed. `demo.py` has the
command, `operations/consent.py` remembers the answer, and `operations/runs.py` makes the runs.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import load, log_to_file, options_of

if TYPE_CHECKING:
    from rich.console import Console

    from tunemeld_pipeline.charts.documents import Chart
    from tunemeld_pipeline.operations.runs import Outcome
    from tunemeld_pipeline.plugins.contract import Source
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.storage.store import Store

Show = Callable[["Console", str, "Chart", int], None]
LIVE = {"upstreams": "live"}
WITH_PAGES = {**LIVE, "live_pages": "yes"}


def live_demo(context: typer.Context, show: Show, *, serve: bool, yes: bool) -> NoReturn:
    """Reads each list once, and prints each genre's chart as soon as its lists are matched by their words; then looks ISRCs up.

    Raises:
        typer.Exit: something failed or is lacking.
    """
    from tunemeld_pipeline.settings.choices import variable_name

    before = os.environ.get(variable_name("live_pages"))
    settings = load(context, LIVE)
    from tunemeld_pipeline.cli.dev import API_PORT, show_in_browser
    from tunemeld_pipeline.cli.terminal import console_for

    console = console_for(context)
    if not settings.live_pages and _agrees(console, settings, yes=yes):
        settings = load(context, WITH_PAGES)
    settings.require_pipeline()
    log_to_file(context, settings, "etl")
    status = _charts(context, console, settings, show)
    _what_is_unknown(console, settings)
    console.print(
        f"Every day from now on: TUNEMELD_UPSTREAMS=live tunemeld start; {variable_name('live_pages')}=yes has the public pages read too."
    )
    # What somebody looks at from now on reads no page: they have agreed to this reading alone.
    os.environ.pop(variable_name("live_pages"), None)
    if before is not None:
        os.environ[variable_name("live_pages")] = before
    if status == exits.FAILED:
        raise typer.Exit(status)
    if serve:
        show_in_browser(settings)
    console.print(f"`TUNEMELD_UPSTREAMS=live tunemeld api start` shows them on a page: http://127.0.0.1:{API_PORT}/")
    raise typer.Exit(status)


def _agrees(console: "Console", settings: "Settings", *, yes: bool) -> bool:
    """Whether the pages may be read: it was agreed to before, by --yes, or is now; asked once."""
    from tunemeld_pipeline.operations.consent import agree, agreed, pages

    asked = [source for source in pages(settings) if source.name not in agreed(settings)]
    if not asked:
        return bool(pages(settings))
    _screen(console, settings, asked)
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked; --yes says that you agree to what is above")
    if not yes and not typer.confirm("Read these pages?"):
        console.print("No page is read; the charts are made of what is left.")
        return False
    file = agree(settings, asked, datetime.now(UTC))
    console.print(f"Remembered in {file}; remove it to be asked again.")
    return True


def _screen(console: "Console", settings: "Settings", asked: "list[Source]") -> None:
    from tunemeld_pipeline.cli.terminal import table_for
    from tunemeld_pipeline.plugins.registry import folder_of, load_catalog

    genres = load_catalog(settings.catalog_file).genres.values()
    table = table_for(
        console, "page", "reads", "lists", "at most", "terms", title="Public pages that this would read for you"
    )
    for source in asked:
        key = folder_of(source).named.key
        lists = sum(len(genre.playlists.get(key, ())) for genre in genres)
        rate = min((getattr(settings, host.rate_field, host.per_second) for host in source.hosts), default=0)
        hosts = ", ".join(host.address.removeprefix("https://") for host in source.hosts)
        table.add_row(
            source.name,
            hosts,
            str(lists),
            f"once in 20 hours, {rate:g} a second",
            source.terms.address if source.terms else "",
        )
    console.print(table)
    console.print(
        "Anybody can open these pages, but their services' terms restrict reading by a program: it is for your own use alone, and at your\n"
        "own risk. They are asked for openly (User-Agent: TuneMeld), without an account, a session or a disguise; robots.txt is obeyed,\n"
        "and a refusal is an answer for a day. What is read stays in your own database. Documented APIs are read without asking you."
    )


def _charts(context: typer.Context, console: "Console", settings: "Settings", show: Show) -> int:
    from tunemeld_pipeline.operations.runs import run_days
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.run_tags import LATER, LOOK_UPS_TAG
    from tunemeld_pipeline.storage.connection import open_store

    genres = load_catalog(settings.catalog_file).genres
    console.print(f"Today's lists of {len(genres)} genres, into database {settings.database_name}")
    level = settings.log_level if options_of(context).verbose else "CRITICAL"
    workers = min(len(genres), 2 * (os.cpu_count() or 1))
    good: list[str] = []
    lacking: dict[str, None] = {}
    with open_store(settings) as store:
        first = run_days(settings, list(genres), [None], workers=workers, log_level=level, tags={LOOK_UPS_TAG: LATER})
        for outcome in first:
            if not outcome.success:
                typer.secho(f"error: {outcome.genre} failed: {outcome.error}", fg="red", err=True)
                continue
            good.append(outcome.genre)
            lacking |= dict.fromkeys(outcome.reasons.values())
            _show(console, store, outcome.genre, genres[outcome.genre].display_name, show)
        for why in lacking:
            typer.secho(f"note: {why}", fg="yellow", err=True)
        if not good:
            typer.echo("next: tunemeld etl sources", err=True)
            return exits.FAILED
        console.print("The lists were matched by their words; now their ISRCs are looked up.")
        for outcome in run_days(settings, good, [None], workers=workers, log_level=level):
            console.print(f"{genres[outcome.genre].display_name}: {_isrcs(outcome)}")
    return exits.DEGRADED if lacking or len(good) < len(genres) else exits.OK


def _show(console: "Console", store: "Store", genre: str, name: str, show: Show) -> None:
    chart = store.charts.chart(genre, datetime.now(UTC))
    isrcs = [track.isrc for track in chart.tracks if track.isrc]
    readings = sum(len(one) for history in store.histories.of(isrcs) for one in history.view_counts.values())
    show(console, name, chart, readings)


def _isrcs(outcome: "Outcome") -> str:
    if not outcome.success:
        return f"its chart stays as it is ({outcome.error})"
    share = float(outcome.metadata.get("track_playlist", {}).get("isrc_share", 0.0))
    return f"{share:.0%} of the rows have an ISRC"


def _what_is_unknown(console: "Console", settings: "Settings") -> None:
    from tunemeld_pipeline.settings.configured import unconfigured

    for what, why in unconfigured(settings).items():
        console.print(f"Unknown: {what} ({why})")
