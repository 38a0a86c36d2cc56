"""`tunemeld db withhold`: what visitors may not see.

This module reads what to withhold and shows what is withheld. `operations/withholding.py` finds what a key means, and
`charts/withholding.py` decides what visitors see.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.arguments import complete_service_or_counts, complete_withheld
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for

if TYPE_CHECKING:
    from tunemeld_pipeline.charts.catalog import Catalog
    from tunemeld_pipeline.charts.withholding import WithheldKind
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.storage.store import Store

app = typer.Typer(
    help="Withhold a track, an artist or a service from visitors, and take it back.", no_args_is_help=True
)

NAMED = 5
"""Recordings that are named after withholding; an artist may have hundreds."""


class KindArgument(StrEnum):
    """What can be withheld."""

    TRACK = "track"
    ARTIST = "artist"
    SERVICE = "service"


Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it is listed, and never shown to visitors.")]


@app.command()
def track(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Its track id, an ISRC, or an address on a service.")],
    reason: Reason,
) -> None:
    """Withhold one recording: its rows, counts and history leave every page, answer, feed, export and dump, also of past days.

    Ranks stay as they are, and nothing that is stored is removed. Exit status: 0 withheld, 3 withheld, but nothing has this key yet, or
    the shared cache was not reached.

    Example: tunemeld db withhold track QZZ992600001 --reason "the label asked, 2026-03-02"

    See also: tunemeld db withhold list, tunemeld db withhold take-back
    """
    _withhold(context, "track", key, reason)


@app.command()
def artist(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The name, as a chart shows it, or the slug of the artist's address.")],
    reason: Reason,
) -> None:
    """Withhold every recording in whose credit or title this artist stands, also those that are charted later.

    Artists of the same name are withheld together; for one of them alone, withhold the recordings. Exit status as for a track.

    Example: tunemeld db withhold artist "Ona Vale" --reason "her own wish"

    See also: tunemeld db withhold list, tunemeld db withhold take-back
    """
    _withhold(context, "artist", key, reason)


@app.command()
def service(
    context: typer.Context,
    key: Annotated[
        str, typer.Argument(help="The service, or source of counts.", autocompletion=complete_service_or_counts)
    ],
    reason: Reason,
) -> None:
    """Withhold a service: its lists, positions, addresses and counts. A chart keeps its ranks, and rows that no other service lists go.

    Exit status as for a track.

    Example: tunemeld db withhold service SoundCloud --reason "terms under review"

    See also: tunemeld db withhold list, tunemeld db withhold take-back
    """
    _withhold(context, "service", key, reason)


@app.command("take-back")
def take_back(
    context: typer.Context,
    kind: Annotated[KindArgument, typer.Argument(help="What it is.")],
    key: Annotated[str, typer.Argument(help="The key under which it is listed.", autocompletion=complete_withheld)],
) -> None:
    """Show visitors again what is withheld under this key. Exit status: 0 shown, 1 nothing is, 3 the shared cache was not reached.

    Example: tunemeld db withhold take-back artist "Ona Vale"

    See also: tunemeld db withhold list
    """
    from datetime import UTC, datetime

    from tunemeld_pipeline.operations import withholding
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    with open_store(settings) as store:
        taken_back = withholding.take_back(store, kind.value, key, datetime.now(UTC))
        typer.echo(f"{taken_back.kind} {taken_back.key}: shown again")
        reached = _publish_again(store, settings, load_catalog(settings.catalog_file))
    if not reached:
        raise typer.Exit(exits.DEGRADED)


@app.command("list")
def list_withheld(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Also what was taken back.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is withheld, why and since when.

    Example: tunemeld db withhold list --all
    """
    from tunemeld_pipeline.storage.connection import open_store

    with open_store(load(context)) as store:
        shown = [one for one in store.withholdings.all() if everything or one.stands]
    if as_json:
        print_json([one.model_dump(mode="json") for one in shown])
    elif not shown:
        console_for(context).print("nothing was ever withheld" if everything else "nothing is withheld")
    else:
        console = console_for(context)
        table = table_for(console, "what", "key", "since (UTC)", "until (UTC)", "ids", "reason")
        for one in shown:
            until = f"{one.taken_back_at:%Y-%m-%d %H:%M}" if one.taken_back_at else "withheld"
            since = f"{one.withheld_at:%Y-%m-%d %H:%M}"
            table.add_row(one.kind, one.key, since, until, str(len(one.ids) or ""), one.reason)
        console.print(table)


def _withhold(context: typer.Context, kind: "WithheldKind", key: str, reason: str) -> None:
    from datetime import UTC, datetime

    from tunemeld_pipeline.operations import withholding
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    catalog = load_catalog(settings.catalog_file)
    if not reason.strip():
        raise typer.BadParameter("say why; whoever takes it back has to know", param_hint="--reason")
    with open_store(settings) as store:
        found = withholding.withhold(store, catalog, kind, key, reason.strip(), datetime.now(UTC))
        typer.echo(f"{kind} {found.key}: withheld; workers leave it out within seconds")
        reached = _publish_again(store, settings, catalog)
    for name in found.names[:NAMED]:
        typer.echo(f"  {name}")
    if len(found.names) > NAMED:
        typer.echo(f"  and {len(found.names) - NAMED} more")
    is_known = bool(found.names) or kind == "service"
    if not is_known:
        typer.secho(f"no recording is known by {found.key} yet; one that comes is withheld", fg="yellow", err=True)
    if not (is_known and reached):
        raise typer.Exit(exits.DEGRADED)


def _publish_again(store: "Store", settings: "Settings", catalog: "Catalog") -> bool:
    """Whether the shared cache and the dump hold what visitors may see now."""
    from datetime import UTC, datetime

    from tunemeld_pipeline.operations.withholding import dump_again, publish_again

    problems = publish_again(store, settings, catalog)
    for genre, problem in problems.items():
        typer.secho(f"{genre}: the shared cache still has the old answers: {problem}", fg="yellow", err=True)
    if problems:
        typer.secho("next: tunemeld cache clear", fg="yellow", err=True)
    if problem := dump_again(store, settings, datetime.now(UTC)):
        typer.secho(f"the dump was removed, and could not be made again: {problem}", fg="yellow", err=True)
        typer.secho("next: tunemeld db dump", fg="yellow", err=True)
    return not problems and not problem
