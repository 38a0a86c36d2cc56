"""The `tunemeld` command: its groups, its global options, and what its exit status means.

What belongs here: putting the commands together, and turning an error into one line and an exit status. What does not: any
command's own work (the modules beside this one, which import what they need when they run).

Exit status: 0 fine, 1 failed, 2 wrong usage or settings, 3 done but degraded.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli import api, config, database, demo, dev, etl, exits, match, sandbox
from tunemeld_pipeline.cli.context import Options
from tunemeld_pipeline.errors import ConfigurationError, TuneMeldError

app = typer.Typer(
    name="tunemeld",
    help="The songs on which the editors of Spotify, Apple Music and SoundCloud agree, genre by genre, every day.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.add_typer(etl.app, name="etl")
app.add_typer(match.app, name="match")
app.add_typer(dev.app, name="dev")
app.add_typer(api.app, name="api")
app.add_typer(database.app, name="db")
app.add_typer(config.app, name="config")
app.command("sandbox")(sandbox.sandbox)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tunemeld {version('tunemeld')}")
        raise typer.Exit


@app.callback()
def global_options(
    context: typer.Context,
    environment: Annotated[
        str | None, typer.Option("--env", help="development, testing or production; beats TUNEMELD_ENV.")
    ] = None,
    env_file: Annotated[Path | None, typer.Option("--env-file", help="The only .env to read.")] = None,
    log_level: Annotated[
        str | None, typer.Option("--log-level", help="DEBUG, INFO, WARNING, ERROR or CRITICAL; beats LOG_LEVEL.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show logs, and the traceback of an error.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON where the output is data.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour, as with NO_COLOR=1.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """The options that every command shares."""
    if no_color:
        os.environ["NO_COLOR"] = "1"
    # typer's own printing asks the context, rich asks the variable.
    context.color = False if os.environ.get("NO_COLOR") else None
    context.obj = Options(
        environment=environment,
        env_file=env_file,
        log_level=log_level,
        verbose=verbose,
        json=as_json,
        no_color=context.color is False,
    )


def main() -> None:
    """The entry point of the console script."""
    try:
        app()
    except TuneMeldError as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        typer.secho(f"error: {error}", fg=None if os.environ.get("NO_COLOR") else "red", err=True)
        sys.exit(exits.USAGE if isinstance(error, ConfigurationError) else exits.FAILED)
