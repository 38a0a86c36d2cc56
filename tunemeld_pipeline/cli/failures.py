"""How a command ends that could not do its work: one message, the command to run next, an exit status, and no traceback.

This module turns any error into these three. The code that raises an error words it, and `errors.py` has the tree of errors.
"""

import errno
import os
import sys
from pathlib import Path
from typing import TextIO

import typer

from tunemeld_pipeline import errors
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import Options

MACHINES_NEXT = "tunemeld system health"
UNEXPECTED_NEXT = "tunemeld system debug-bundle"

# The machine's own troubles, each with its remedy; Python's text names the file.
REMEDIES = {
    errno.EACCES: "check its permissions, and as whom you run this",
    errno.EPERM: "check its permissions, and as whom you run this",
    errno.EROFS: "the file system is read-only; set TUNEMELD_HOME to a folder that can be written",
    errno.ENOSPC: "the disk is full; free some space and run it again, nothing is half-written",
    errno.ENOENT: "check the path",
    errno.EBADF: "check where its output goes",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n) or lower ETL_THREAD_COUNT",
    errno.EADDRINUSE: "the port is taken; choose another one, or end what holds it",
}


def next_command(error: BaseException, options: Options) -> str:
    """What to run after this error of a command; never the same command once more."""
    if isinstance(error, errors.TuneMeldError):
        command = _of_database(error, options) or error.next_command
    else:
        command = MACHINES_NEXT if isinstance(error, OSError) and error.errno in REMEDIES else UNEXPECTED_NEXT
    candidates = (command, errors.TuneMeldError.next_command, errors.THIS_HELP)
    return next(one for one in candidates if one != options.command).format(command=options.command)


def _of_database(error: errors.TuneMeldError, options: Options) -> str | None:
    """The local server, which is the usual one, has nothing to do with a database elsewhere."""
    if (
        not isinstance(error, errors.DatabaseUnavailable)
        or not options.settings
        or options.settings.mongodb_url is None
    ):
        return None
    return "tunemeld config show" if options.command.endswith("test-connection") else error.next_elsewhere


def report(error: Exception, options: Options) -> int:
    """Prints on standard error what happened and what to run next, with the traceback under `-v`; the exit status."""
    from tunemeld_pipeline.redaction import redact

    if options.verbose:
        _print_traceback(error)
    _log(error, options)
    colour = None if options.no_color or os.environ.get("NO_COLOR") else "red"
    typer.secho(f"error: {redact(_message(error))}", fg=colour, err=True)
    typer.echo(f"next: {next_command(error, options)}", err=True)
    return exits.USAGE if isinstance(error, errors.ConfigurationError) else exits.FAILED


def forget_output(stream: TextIO | None = None) -> None:
    """What is still to be written there, on standard output by default, goes nowhere: Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def _message(error: Exception) -> str:
    if isinstance(error, errors.UpstreamError):
        return error.explained
    if isinstance(error, errors.TuneMeldError):
        return str(error)
    if isinstance(error, OSError) and error.errno in REMEDIES:
        what = f"{error.filename}: " if error.filename else ""
        return f"{what}{error.strerror}; {REMEDIES[error.errno]}"
    return f"unexpected {type(error).__name__} {_place(error)}: {error}; -v shows the traceback"


def _place(error: Exception) -> str:
    """The last line of our own code on the way to the error: what somebody who helps wants first."""
    package = Path(__file__).parents[1]
    place, step = "", error.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.is_relative_to(package):
            place = f"at {file.relative_to(package.parent)}:{step.tb_lineno}"
        step = step.tb_next
    return place


def _print_traceback(error: Exception) -> None:
    import traceback

    from tunemeld_pipeline.redaction import redact

    sys.stderr.write(redact("".join(traceback.format_exception(error))))


def _log(error: Exception, options: Options) -> None:
    """Into the log file of the process; a command without one gets one for this, since somebody who helps will want it."""
    if options.settings is None:
        return
    from tunemeld_pipeline.logs.setup import configure_logging, get_logger

    configure_logging(options.settings, "cli", console=False)
    unexpected = None if isinstance(error, errors.TuneMeldError) else error
    get_logger(__name__).error(
        "the command failed",
        error=str(error),
        error_type=type(error).__name__,
        arguments=sys.argv[1:],
        exc_info=unexpected,
    )
