"""The `tunemeld` command: its groups, its global options, and how it begins and ends.

This module puts the commands together. Each command is in a module next to this one, which is loaded when it is called and imports what it
needs when it runs; `tree.py` has what all commands share, and `failures.py` reports an error.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.arguments import complete_environment, complete_log_level
from tunemeld_pipeline.cli.context import Options, options_of
from tunemeld_pipeline.cli.failures import forget_output, report
from tunemeld_pipeline.cli.terminal import open_missing_streams
from tunemeld_pipeline.cli.tree import Root, command_tree

PANELS = {
    "Every day": ("status", "chart", "track", "changes", "open", "etl", "runs", "api", "start", "demo"),
    "Operating": ("worker", "alarms", "db", "cache", "config", "system"),
    "Looking closer": ("match",),
    "Developing": ("dev", "service", "sandbox", "catalog"),
}
"""The order in which the help shows the commands."""

WITHIN = {
    "etl": ("run", "status", "sources", "validate", "logs", "rollback", "release"),
    "api": ("start", "health", "logs"),
    "alarms": ("list", "check", "test"),
    "db": (
        *("status", "test-connection", "start", "stop", "init", "stats", "indexes", "check"),
        *("backup", "restore", "dump", "withhold"),
    ),
    "db withhold": ("list", "track", "artist", "service", "take-back"),
    "cache": ("status", "clear"),
    "config": ("show", "validate", "get", "set", "migrate-env"),
    "system": ("health", "info", "logs", "debug-bundle"),
    "service": ("list", "test", "new", "record"),
    "match": ("report", "explain", "evaluate"),
    "dev": ("setup", "start", "test", "lint", "format"),
    "sandbox": ("fault", "faults", "well"),
}
"""The order of the commands of a group: as they are used, what only looks first."""

GARBAGE_THRESHOLD = 50_000
"""New objects after which Python looks for garbage, in place of its 700."""

COMPLETES = "_TUNEMELD_COMPLETE"
"""Set by the shell that asks for a completion."""

COMMANDS = {
    "etl": "etl.app",
    "api": "api.app",
    "demo": "demo.demo",
    "start": "start.start",
    "worker": "worker.worker",
    "status": "status.status",
    "chart": "charts.chart",
    "track": "charts.track",
    "changes": "charts.changes",
    "open": "opening.open_place",
    "runs": "runs.app",
    "cache": "cache.app",
    "config": "config.app",
    "db": "database.app",
    "alarms": "alarms.app",
    "match": "match.app",
    "system": "system.app",
    "dev": "dev.app",
    "service": "service.app",
    "sandbox": "sandbox.app",
    "catalog": "catalog.app",
}
"""Where each command or group is: a module next to this one, and what it is called there. It is loaded when it is called."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tunemeld {version('tunemeld')}")
        raise typer.Exit


def global_options(
    context: typer.Context,
    environment: Annotated[
        str | None,
        typer.Option(
            "--env",
            help="development, testing or production; beats TUNEMELD_ENV.",
            autocompletion=complete_environment,
        ),
    ] = None,
    env_file: Annotated[Path | None, typer.Option("--env-file", help="The only .env to read.")] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            help="DEBUG, INFO, WARNING, ERROR or CRITICAL; beats LOG_LEVEL.",
            autocompletion=complete_log_level,
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show logs, and the traceback of an error.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour, as with NO_COLOR=1.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Leave out what only says that all is well; errors and data stay.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, where the output is data.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """The options that every command shares; all but --json and --version may also stand after it."""
    options = context.obj = options_of(context)
    options.environment, options.env_file, options.log_level = environment, env_file, log_level
    options.verbose, options.quiet, options.json = verbose, quiet, as_json
    # typer's own printing looks at the context, rich and the programs that are started look at the variable.
    options.no_color = no_color or bool(os.environ.get("NO_COLOR"))
    context.color = False if options.no_color else None


def application(*names: str) -> typer.Typer:
    """The command with these of its commands and groups; with all where none is named."""
    app = typer.Typer(
        name="tunemeld",
        cls=Root,
        help="""The songs on which the editors of music services agree, genre by genre, every day.

    New here? tunemeld demo shows it all, without an account or a key.

    Exit status: 0 fine, 1 failed, 2 wrong usage or settings, 3 done but degraded; 130 after Ctrl-C, 141 when what reads the output ends.

    Example: tunemeld --env testing config show""",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(global_options)
    for name in names or COMMANDS:
        module, _, attribute = COMMANDS[name].partition(".")
        found = getattr(import_module(f"{__package__}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """The entry point of the console script."""
    # What a command loads stays as long as it runs; Python would look through it for garbage hundreds of times, a tenth of `status`.
    gc.set_threshold(GARBAGE_THRESHOLD)
    # pydantic would look through all installed packages for plug-ins of its own; we have none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    open_missing_streams()
    options = Options()
    if "--no-color" in sys.argv:
        os.environ["NO_COLOR"] = "1"  # in any place: --help is answered before the other options are read
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows ? in its place
    try:
        status = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        forget_output()
        status = exits.READER_GONE
    except OSError as error:  # what was printed cannot be written, as on a full disk
        forget_output()
        status = _reported(error, options)
    sys.exit(status)


def _run(options: Options) -> int:
    try:
        command_tree(_needed(sys.argv[1:]), PANELS, WITHIN, plain=not sys.stdout.isatty()).main(obj=options)
    except SystemExit as end:
        if isinstance(end.code, str):
            typer.echo(end.code, err=True)
        return end.code if isinstance(end.code, int) else exits.FAILED if end.code else exits.OK
    except Exception as error:  # noqa: BLE001 - nobody gets a traceback without asking for it
        return report(error, options)
    return exits.OK


def _needed(words: Sequence[str]) -> typer.Typer:
    """The application with no more than the command or group that is called, since to make all sixty takes longer than many of them.

    It is whole where that cannot be known, and where help or a completion may speak of the others.
    """
    name = _called(words)
    may_speak_of_others = {"--help", "-h"} & {*words} or COMPLETES in os.environ
    return application() if may_speak_of_others or name not in COMMANDS else application(name)


def _called(words: Sequence[str]) -> str:
    """The first word that is neither a global option nor the value of one; nothing where there is none."""
    following = iter(words)
    for word in following:
        if not word.startswith("-"):
            return word
        if word in ("--env", "--env-file", "--log-level"):
            next(following, None)
    return ""


def _reported(error: Exception, options: Options) -> int:
    try:
        return report(error, options)
    except OSError:  # standard error takes nothing either: the exit status is all that is left to say
        forget_output(sys.stderr)
        return exits.FAILED
