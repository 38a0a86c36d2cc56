"""`tunemeld sandbox`: the upstream services on their own, and making one that runs fail.

This module has the commands' options; the services are in `sandbox/`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.arguments import complete_fault, complete_upstream
from tunemeld_pipeline.cli.context import AsJson, load, log_to_file
from tunemeld_pipeline.cli.terminal import print_json
from tunemeld_pipeline.errors import ServerNotAnswering

if TYPE_CHECKING:
    from tunemeld_pipeline.sandbox.faults import Faults

PORT = 8899
ADDRESS = f"http://127.0.0.1:{PORT}"

app = typer.Typer()

Url = Annotated[
    str, typer.Option(help="The sandbox's address; `tunemeld db status` shows that of one in the background.")
]


@app.callback(invoke_without_command=True)
def sandbox(
    context: typer.Context,
    replay: Annotated[
        Path | None, typer.Option(help="Play recorded answers from this folder: DATE/GENRE/SOURCE.json.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which invented world to play.")] = 1,
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="The port on 127.0.0.1; 0 for any free one.")
    ] = PORT,
) -> None:
    """Play the upstream services on this machine until Ctrl-C.

    Set TUNEMELD_SANDBOX_URL to the address that it prints to run the pipeline against it. `tunemeld sandbox fault` makes it fail while it
    runs.

    Example: tunemeld sandbox --port 0 --seed 7
    """
    if context.invoked_subcommand is not None:
        return
    from tunemeld_pipeline.sandbox.serve import main
    from tunemeld_pipeline.supervision.ports import Port, require_free

    settings = load(context)
    if port:
        require_free(Port(port))
    log_to_file(context, settings, "sandbox")
    arguments = ["--port", str(port), "--seed", str(seed)]
    arguments += ["--replay", str(replay)] if replay else []
    arguments += ["--catalog", str(settings.catalog_file)] if settings.catalog_file else []
    raise typer.Exit(main(arguments))


@app.command()
def fault(
    upstream: Annotated[
        str,
        typer.Argument(
            help="Such as a service's slug; for a wrong one the answer lists the known ones.",
            autocompletion=complete_upstream,
        ),
    ],
    kind: Annotated[
        str,
        typer.Argument(
            metavar="FAULT",
            help="500, 429, stall, cut, quota, …: docs/sandbox.md has all.",
            autocompletion=complete_fault,
        ),
    ],
    times: Annotated[int | None, typer.Option(min=1, help="How many requests meet it.", show_default="1")] = None,
    always: Annotated[bool, typer.Option("--always", help="Every request, until `tunemeld sandbox well`.")] = False,
    endpoint: Annotated[str | None, typer.Option(help="Only endpoints with this in their name.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="How long a stall takes, or Retry-After.")] = None,
    url: Url = ADDRESS,
) -> None:
    """Make a running sandbox fail: the next requests to an upstream meet this fault.

    `tunemeld sandbox faults` lists what is ordered, `tunemeld sandbox well` ends it.

    Example: tunemeld sandbox fault soundcloud 500 --times 3
    """
    if always and times is not None:
        raise typer.BadParameter("--times and --always exclude each other")
    with _sandbox_at(url) as control:
        control.add(upstream, kind, endpoint=endpoint, times=None if always else times or 1, seconds=seconds)
    faults(url)


@app.command()
def faults(url: Url = ADDRESS, as_json: AsJson = False) -> None:
    """List the faults that a running sandbox still has to play.

    Example: tunemeld sandbox faults
    """
    with _sandbox_at(url) as control:
        orders = control.orders()
    if as_json:
        print_json(orders)
        return
    for order in orders:
        where = f"{order['upstream']} {order['endpoint'] or ''}".strip()
        often = "always" if order["times"] is None else f"{order['times']} times"
        typer.echo(f"{where}: {order['fault']}, {often}")
    if not orders:
        typer.echo("all upstreams are well")


@app.command()
def well(url: Url = ADDRESS) -> None:
    """End all faults of a running sandbox.

    Example: tunemeld sandbox well
    """
    with _sandbox_at(url) as control:
        control.clear()
    typer.echo("all upstreams are well")


@contextmanager
def _sandbox_at(url: str) -> "Iterator[Faults]":
    """The control of the sandbox at this address; what it refuses is wrong usage."""
    from http.client import HTTPException

    from tunemeld_pipeline.sandbox.faults import Faults

    try:
        yield Faults(url)
    except (OSError, HTTPException) as error:
        raise _no_sandbox(url, str(error)) from error
    except (json.JSONDecodeError, KeyError) as error:
        raise _no_sandbox(url, "what answers there is something else") from error
    except ValueError as error:
        raise typer.BadParameter(f"{error}") from error


def _no_sandbox(url: str, why: str) -> ServerNotAnswering:
    return ServerNotAnswering(
        f"no sandbox answers at {url} ({why}); start one, or name another with --url",
        next_command="tunemeld sandbox",
    )
