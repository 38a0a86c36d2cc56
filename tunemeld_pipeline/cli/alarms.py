"""`tunemeld alarms`: what is wrong, whether alarms reach anybody, and one look at everything.

This module shows incidents, and what became of a message. `watching/judging.py` decides what counts as wrong, and `watching/incidents.py`
how long an incident lasts.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for

if TYPE_CHECKING:
    from tunemeld_pipeline.charts.incident import Incident

app = typer.Typer(help="Show what is wrong, and try whether alarms arrive.", no_args_is_help=True)

DEFAULT_LIMIT = 20


@app.command("list")
def list_incidents(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Those that are over as well, newest first.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="With --all, how many.")
    ] = DEFAULT_LIMIT,
    as_json: AsJson = False,
) -> None:
    """Show the open incidents: what is wrong, since when, and whether anybody was notified.

    Exit status: 0 nothing is open, 3 something is.

    Example: tunemeld alarms list --all
    """
    settings = load(context)
    from tunemeld_pipeline.storage.connection import open_store

    with open_store(settings) as store:
        still_open = store.incidents.open_now()
        shown = store.incidents.last_incidents(limit) if everything else still_open
    if as_json:
        print_json([one.model_dump(mode="json", exclude={"told_to"}) for one in shown])
    elif not shown:
        console_for(context).print("nothing was ever wrong" if everything else "nothing is wrong")
    else:
        from tunemeld_pipeline.plugins.registry import name_of

        console = console_for(context)
        table = table_for(console, "alarm", "genre", "about", "since (UTC)", "until (UTC)", "notified", "reason")
        for one in shown:
            until = f"{one.closed_at:%Y-%m-%d %H:%M}" if one.closed_at else "open"
            since = f"{one.opened_at:%Y-%m-%d %H:%M}"
            table.add_row(one.kind, one.genre or "", name_of(one.subject), since, until, _notified(one), one.detail)
        console.print(table)
    raise typer.Exit(exits.DEGRADED if still_open else exits.OK)


@app.command("test")
def try_addresses(context: typer.Context) -> None:
    """Send a test message to every address in ALARM_URLS, and say which it did not reach.

    An address is named by its number and service; nothing else of it is printed. Exit status: 0 all were reached, 1 one was not,
    2 none is set.

    Example: tunemeld alarms test
    """
    settings = load(context)
    from tunemeld_pipeline.errors import SettingsError
    from tunemeld_pipeline.watching.delivery import deliver, names_of
    from tunemeld_pipeline.watching.incidents import Message

    urls = settings.alarm_addresses
    if not urls:
        raise SettingsError(
            "ALARM_URLS is not set, so nobody gets alarms; set the addresses that alarms go to (docs/alarms.md)"
        )
    title = f"{settings.app_name} ({settings.environment.value}, {settings.upstreams.value}): a test"
    body = "This is a test, sent by `tunemeld alarms test`. Nothing is wrong, and you need not do anything."
    outcome = deliver(urls, Message(title, body, "info"))
    names, console = names_of(urls), console_for(context)
    for address, why in outcome.items():
        console.print(f"{names[address]}: {'sent' if why is None else why}")
    if any(outcome.values()):
        raise typer.Exit(exits.FAILED)


@app.command()
def check(context: typer.Context) -> None:
    """Look once at everything, as the sensor does every half minute, and report what is new: for cron, where no daemon runs.

    Exit status: 0 nothing is wrong, 1 the database cannot be read, 3 something is wrong.

    Example: tunemeld alarms check
    """
    settings = load(context)
    from datetime import UTC, datetime

    from tunemeld_pipeline.operations.runs import open_instance
    from tunemeld_pipeline.orchestration.alarm_sensor import look
    from tunemeld_pipeline.plugins.registry import name_of
    from tunemeld_pipeline.resources.operator import OperatorResource

    with open_instance(settings) as instance:
        still_open = look(instance, OperatorResource(settings=settings), datetime.now(UTC))
    console = console_for(context)
    for one in still_open:
        what = " ".join(filter(None, (one.kind, one.genre, name_of(one.subject))))
        console.print(f"{what} since {one.opened_at:%Y-%m-%d %H:%M} UTC: {one.detail}")
    if still_open:
        raise typer.Exit(exits.DEGRADED)
    console.print("nothing is wrong")


def _notified(incident: "Incident") -> str:
    if incident.told_at is not None:
        return f"{incident.told_at:%Y-%m-%d %H:%M}"
    return f"no, tried {incident.tries} times" if incident.tries else "no"
