"""`tunemeld system`: the installation as a whole.

This module shows how it is and what it is made of; `operations/health.py` looks at each part. Both commands work even with broken
settings.
"""

from typing import Annotated

import typer

from tunemeld_pipeline.cli import debug_bundle, exits, log_commands
from tunemeld_pipeline.cli.context import AsJson, examined
from tunemeld_pipeline.cli.terminal import STATE_COLOURS, console_for, print_json, table_for

app = typer.Typer(help="See how the installation is, and what it is made of.", no_args_is_help=True)

app.command("logs")(log_commands.system_logs)
app.command("debug-bundle")(debug_bundle.debug_bundle)


@app.callback()
def system() -> None:
    """See how the installation is, and what it is made of."""


@app.command()
def health(
    context: typer.Context,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Also call each upstream once, which costs a unit each, and write, read and remove a cache entry.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say how each part is: settings, folder, disk, database, and what each genre shows; and what to do where one is not well.

    Without --deep nothing is started, changed or spent. Exit status: 0 all is well, 1 a part fails, 2 the settings cannot be used, 3
    degraded.

    Example: tunemeld system health --json

    See also: tunemeld etl validate, tunemeld api health, tunemeld db status
    """
    from dataclasses import asdict

    from rich.text import Text

    from tunemeld_pipeline.health import State, worst
    from tunemeld_pipeline.operations.health import lacks_database, system_health
    from tunemeld_pipeline.settings.named_files import problems_of_files

    settings, problems = examined(context)
    problems += problems_of_files(settings)
    parts = system_health(settings, problems)
    if deep and not problems and not lacks_database(parts):
        from tunemeld_pipeline.operations.prerequisites import live_checks, packages

        parts += [packages(), *live_checks(settings)]
    overall = worst(part.state for part in parts)
    if as_json:
        print_json({"state": overall, "parts": [asdict(one) for one in parts]})
    else:
        console = console_for(context)
        table = table_for(console, "part", "state", "seen", "what to do")
        for one in parts:
            table.add_row(one.part, Text(one.state, style=STATE_COLOURS[one.state]), one.seen, one.action)
        console.print(table)
    if problems:
        raise typer.Exit(exits.USAGE)
    if overall is not State.GOOD:
        raise typer.Exit(exits.FAILED if overall is State.FAILED else exits.DEGRADED)


@app.command()
def info(context: typer.Context, as_json: AsJson = False) -> None:
    """Show versions, paths and the environment: what somebody who helps asks for first. Secrets are not shown.

    Example: tunemeld system info

    See also: tunemeld config show, tunemeld system health
    """
    from tunemeld_pipeline.operations.info import system_info

    settings, problems = examined(context)
    found = system_info(settings)
    found["settings that cannot be used"] = ", ".join(str(one).split(":")[0] for one in problems) or "none"
    if as_json:
        print_json(found)
        return
    width = max(map(len, found))
    for name, value in found.items():
        typer.echo(f"{name:<{width}}  {value}")
