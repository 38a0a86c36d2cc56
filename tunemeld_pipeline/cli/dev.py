"""`tunemeld dev`: for people who work on the project.

This module has the commands' options, and starts all parts together. `dev_setup.py` sets up, `dev_checks.py` has the tools of development,
`etl.py` runs the pipeline, and `start.py` starts what runs day and night.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import api
from tunemeld_pipeline.cli.context import load, options_of
from tunemeld_pipeline.cli.dev_checks import Component
from tunemeld_pipeline.suggestions import did_you_mean

if TYPE_CHECKING:
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.supervision.parts import Part

app = typer.Typer(help="Work on the project.", no_args_is_help=True)

API_PORT = api.PORT
UI_PORT = 3000
PAGE_PORT = 5173
NAMES = ("database", "sandbox", "api", "dagster", "page")


@app.callback()
def dev() -> None:
    """Work on the project."""


def _names(values: list[str] | None) -> list[str]:
    names = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    for name in names:
        if name not in NAMES:
            raise typer.BadParameter(f"{name!r} is no part; there are {', '.join(NAMES)}{did_you_mean(name, NAMES)}")
    return names


@app.command()
def start(
    context: typer.Context,
    only: Annotated[
        list[str] | None,
        typer.Option(callback=_names, help=f"Only these parts, and what they need: {', '.join(NAMES)}; a,b or again."),
    ] = None,
    ui_port: Annotated[
        int, typer.Option("--port", "-p", "--ui-port", min=1, max=65535, help="The port of Dagster's UI.")
    ] = UI_PORT,
    api_port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the HTTP API.")] = API_PORT,
    page_port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the web page's own server.")
    ] = PAGE_PORT,
) -> None:
    """Bring everything up together until Ctrl-C: database, sandbox where keys are missing, API, Dagster and the web page.

    One log with a name before each line. A part that crashes is started again. The API and the page take changes at once, Dagster
    when you press "Reload" in its UI. What ran before is left running at the end, all else is ended. To run it day and night there
    is `tunemeld start`.

    Example: tunemeld dev start --only api --api-port 8001
    """
    from tunemeld_pipeline.cli.parts import run_parts

    settings = load(context)
    parts = _chosen(_all_parts(settings, api_port, ui_port, page_port), only or ())
    raise typer.Exit(run_parts(context, settings, parts, daily_refresh=settings.daily_refresh))


@app.command()
def setup(context: typer.Context) -> None:
    """Set a checkout up to work in: packages, commit hooks, `.env`, settings, database; stop at the first failure, with its remedy.

    What is done already takes no time, so that it can be run at any time. It works from any folder, and however broken the settings
    are, up to the step that reads them. Without a `tunemeld` yet, `make .venv/.dev` brings it.

    Example: tunemeld dev setup
    """
    from tunemeld_pipeline.cli.dev_checks import checkout
    from tunemeld_pipeline.cli.dev_setup import set_up

    options = options_of(context)
    given = ["--env", options.environment] if options.environment else []
    given += ["--env-file", str(options.env_file.absolute())] if options.env_file else []
    raise typer.Exit(set_up(checkout(), given))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    component: Annotated[
        Component | None, typer.Option("--component", "-c", help="Only the pipeline's, the API's or the page's tests.")
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Show which lines of Python no test runs.")] = False,
) -> None:
    """Run the tests, the page's and then Python's; all other arguments go to pytest.

    Exit status: that of the first that failed, vitest or pytest.

    Example: tunemeld dev test -c api -k health
    """
    from tunemeld_pipeline.cli import dev_checks

    if status := dev_checks.test_page(component):
        raise typer.Exit(status)
    dev_checks.become_pytest(component, coverage=coverage, arguments=context.args)


@app.command()
def lint() -> None:
    """Show what the linters find, in Python and in TypeScript.

    `tunemeld dev format` mends what can be mended; `make check` is all that CI runs.

    Example: tunemeld dev lint
    """
    from tunemeld_pipeline.cli import dev_checks

    raise typer.Exit(dev_checks.lint())


@app.command("format")
def format_code() -> None:
    """Format Python and TypeScript, and mend what the linter can mend.

    Example: tunemeld dev format
    """
    from tunemeld_pipeline.cli import dev_checks

    raise typer.Exit(dev_checks.reformat())


def show_in_browser(settings: "Settings") -> None:
    """Becomes `tunemeld dev start` for what a demonstration left to look at, on the first ports that are free."""
    from tunemeld_pipeline.local.ui import running_ui
    from tunemeld_pipeline.supervision.ports import free_port

    if already := running_ui(settings):
        typer.echo(f"Dagster UI: {already.url}")
        return
    command = [str(Path(sys.executable).with_name("tunemeld")), "dev", "start", "--only", "api,dagster"]
    command += ["--api-port", str(free_port(API_PORT)), "--ui-port", str(free_port(UI_PORT))]
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606


def _all_parts(settings: "Settings", api_port: int, ui_port: int, page_port: int) -> "list[Part]":
    from tunemeld_pipeline.cli.parts import api_server, dagster_dev, local_servers, page
    from tunemeld_pipeline.supervision.ports import Port

    server = Port(api_port, option="--api-port")
    shown = page(Port(page_port, option="--page-port"), server.url)
    return [
        *local_servers(settings),
        api_server(settings, server, workers=1, reload=True),
        dagster_dev(settings, Port(ui_port)),
        *([shown] if shown else []),
    ]


def _chosen(parts: "list[Part]", only: Sequence[str]) -> "list[Part]":
    """The parts with these names and what they need; all where none is named.

    Raises:
        LocalServerError: none of those that were named is there to be started.
    """
    from tunemeld_pipeline.errors import LocalServerError

    if not only:
        return parts
    wanted = [part for part in parts if part.name in only]
    if not wanted:
        raise LocalServerError(
            f"nothing to start for --only {','.join(only)}: MONGODB_URL or TUNEMELD_SANDBOX_URL names a server of yours, live "
            "upstreams need no sandbox, and the page needs its sources in frontend/"
        )
    needed = {part.name for part in wanted}.union(*(part.needs for part in wanted))
    return [part for part in parts if part.name in needed]
