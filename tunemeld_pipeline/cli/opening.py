"""`tunemeld open`: the page, Dagster's UI or the API's documentation in a browser."""

import webbrowser
from enum import StrEnum
from typing import Annotated

import typer

from tunemeld_pipeline.cli.api import PORT
from tunemeld_pipeline.cli.context import load
from tunemeld_pipeline.errors import ServerNotAnswering


class Openable(StrEnum):
    """What can be opened."""

    PAGE = "page"
    UI = "ui"
    DOCS = "docs"


def open_place(
    context: typer.Context,
    place: Annotated[Openable, typer.Argument(help="The charts, Dagster's UI, or the API to try.")] = Openable.PAGE,
    port: Annotated[
        int, typer.Option("--port", "-p", min=1, max=65535, help="The API's port, for page and docs.")
    ] = PORT,
) -> None:
    """Open the page, Dagster's UI or the API's documentation in a browser, and print its address.

    Exit status: 0 it runs, and where there is a browser it was opened; 1 it does not run.

    Example: tunemeld open page

    See also: tunemeld start, tunemeld api start
    """
    from tunemeld_pipeline.local.ui import running_ui
    from tunemeld_pipeline.supervision.ports import Port

    settings = load(context)
    if place is Openable.UI:
        ui = running_ui(settings)
        if ui is None:
            raise ServerNotAnswering("Dagster's UI does not run for this TUNEMELD_HOME", next_command="tunemeld start")
        url = ui.url
    else:
        api = Port(port)
        if not api.answers:
            raise ServerNotAnswering(f"nothing answers on port {port}; start the API, or name its port with --port")
        url = f"{api.url}/{'docs' if place is Openable.DOCS else ''}"
    typer.echo(url)
    webbrowser.open(url)
