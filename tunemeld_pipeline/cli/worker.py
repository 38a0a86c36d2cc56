"""`tunemeld worker`: does the runs that the daemon of another machine hands out.

This module has the command's options. The worker is one part of `parts.py`, and `supervision/` starts it again when it ends, as it does
when the broker is gone for long.
"""

from typing import Annotated

import typer

from tunemeld_pipeline.cli.context import load


def worker(
    context: typer.Context,
    slots: Annotated[
        int | None,
        typer.Option("--slots", "-s", min=1, max=100, help="How many runs it does at once; by default WORKER_SLOTS."),
    ] = None,
) -> None:
    """Do the pipeline's runs in the foreground, as they come from the broker, until Ctrl-C or SIGTERM.

    Needs POSTGRES_URL, BROKER_URL and MONGODB_URL, the same on all machines, and the extra tunemeld[cluster]. One machine runs the daemon
    (tunemeld start), any number of them workers, whose slots together are CLUSTER_SLOTS. The runs under way are waited for at the end, at
    most two minutes; one that is cut off is run again. docs/scaling.md says when this is worth it.

    Exit status: 0 it was asked to end, 1 the worker cannot run, 2 the settings cannot be used.

    Example: tunemeld worker --slots 4

    See also: tunemeld start, tunemeld system health
    """
    from tunemeld_pipeline.cli.parts import local_servers, run_parts
    from tunemeld_pipeline.cli.parts import worker as worker_part
    from tunemeld_pipeline.errors import SettingsError
    from tunemeld_pipeline.settings.choices import Component

    settings = load(context, needed_by=[Component.PIPELINE])
    if settings.broker_url is None:
        raise SettingsError("BROKER_URL: is not set, so nobody hands out runs; set it, POSTGRES_URL and MONGODB_URL")
    chosen = settings.worker_slots if slots is None else slots
    parts = [*local_servers(settings), worker_part(settings, chosen)]
    raise typer.Exit(run_parts(context, settings, parts, daily_refresh=False, slots=chosen))
