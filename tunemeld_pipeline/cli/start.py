"""`tunemeld start`: the whole product in the foreground, for a machine that runs it day and night.

This module has the command's options. The parts are in `parts.py`, `supervision/` runs them, and `dev.py` is for people who work on the
project.
"""

from typing import Annotated

import typer

from tunemeld_pipeline.cli.api import PORT
from tunemeld_pipeline.cli.context import load

MOST_FAILURES = 5


def start(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="The address that the API listens on; 0.0.0.0 for all of them.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="The API's port.")] = PORT,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="The API's processes; by default as many as processors."),
    ] = None,
    ui_host: Annotated[
        str, typer.Option(help="The address of Dagster's UI. It asks nobody who they are: leave it on this machine.")
    ] = "127.0.0.1",
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="The port of Dagster's UI.")] = 3000,
    schedule: Annotated[
        bool | None,
        typer.Option(
            "--schedule/--no-schedule", help="Whether the daily refresh runs; it does, unless DAILY_REFRESH=false."
        ),
    ] = None,
    api: Annotated[
        bool, typer.Option("--api/--no-api", help="Whether the API runs here too; not where other machines answer.")
    ] = True,
) -> None:
    """Run the daily refresh, Dagster's UI and the HTTP API in the foreground until Ctrl-C or SIGTERM, for systemd or the like.

    A part that crashes is started again; one that keeps on crashing, or cannot start, ends all with its message. A local database
    and a sandbox are brought up where the settings need them. docs/operations.md has a unit for systemd. To work on the project
    there is `tunemeld dev start`, for the API alone `tunemeld api start`. With BROKER_URL the runs go to workers (`tunemeld worker`), and
    this command runs on one machine alone.

    Exit status: 0 it was asked to end, 1 a part kept on crashing, 2 the settings cannot be used.

    Example: tunemeld start --port 8000 --ui-port 3000
    """
    from tunemeld_pipeline.cli.parts import api_server, dagster_services, local_servers, run_parts
    from tunemeld_pipeline.settings.choices import Component
    from tunemeld_pipeline.settings.fields import Origin
    from tunemeld_pipeline.supervision.ports import Port

    settings = load(context, needed_by=[*([Component.DJANGO] if api else []), Component.PIPELINE])
    if schedule is None:
        unset = settings.provenance.origin("daily_refresh") is Origin.DEFAULT
        schedule = unset or settings.daily_refresh
    parts = [
        *local_servers(settings),
        *([api_server(settings, Port(port, host), workers=workers)] if api else []),
        *dagster_services(settings, Port(ui_port, ui_host, "--ui-port"), schedule=schedule),
    ]
    raise typer.Exit(run_parts(context, settings, parts, daily_refresh=schedule, most_failures=MOST_FAILURES))
