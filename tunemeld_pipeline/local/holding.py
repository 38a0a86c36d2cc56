"""`python -m tunemeld_pipeline.local.holding database|sandbox`: a local server for as long as this process lives.

It makes a detached server (`mongod.py`, `sandbox_service.py`) look like a program in the foreground, which `supervision/` can watch like
any other. The servers stay detached because other commands share them, and start a missing one themselves.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from tunemeld_pipeline.errors import ConfigurationError, LocalServerError, TuneMeldError
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import Process, terminate
from tunemeld_pipeline.local.sandbox_service import sandbox_of, sandbox_status
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.settings.sources import load_settings

READY = "ready"
"""The beginning of the line that says that the server is ready for use."""

LOOK_SECONDS = 0.3
ASK_SECONDS = 60.0
"""How often the sandbox gets a request: without any for half an hour, it exits."""
STOP_SECONDS = 5.0


class Database:
    """The home's `mongod`."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        ensure_mongod(self._home)
        status = mongod_status(self._home)
        self.process = Process.of(status.pid or 0)
        self.description = f"mongod {status.version}, data in {status.data}, log in {status.log}"

    def ask(self) -> None:
        """Does nothing: `mongod` stays until it is stopped."""

    def stop(self) -> None:
        stop_mongod(self._home)


class Sandbox:
    """The sandbox service that these settings need."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        self._url = sandbox_of(settings)
        pids = [status.pid for status in sandbox_status(self._home) if status.url == self._url]
        self.process = Process.of(pids[0] if pids else 0)
        self.description = f"the upstream services are played at {self._url}"

    def ask(self) -> None:
        """Asks for its status, which counts as use."""
        sandbox_status(self._home)

    def stop(self) -> None:
        terminate(self.process, seconds=STOP_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    """Starts or finds the server, watches it until SIGTERM or SIGINT, and stops it; 1 if it exited early, 2 for wrong settings."""
    options = _parser().parse_args(arguments)
    ending = False

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        settings = load_settings()
        held = Database(settings) if options.server == "database" else Sandbox(settings)
        _say(f"{READY}: {held.description}")
        _watch(held, lambda: ending)
        if not options.leave:
            held.stop()
    except TuneMeldError as error:
        _say(f"error: {error}")
        return 2 if isinstance(error, ConfigurationError) else 1
    return 0


def _watch(held: Database | Sandbox, is_ending: Callable[[], bool]) -> None:
    asked = time.monotonic()
    while not is_ending():
        time.sleep(LOOK_SECONDS)
        if not held.process.is_alive:
            raise LocalServerError(f"{held.description}: it ended; its log says why")
        if time.monotonic() - asked > ASK_SECONDS:
            asked = time.monotonic()
            held.ask()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the supervisor reads it


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tunemeld_pipeline.local.holding",
        description="A local server for as long as this process lives.",
    )
    parser.add_argument("server", choices=["database", "sandbox"])
    parser.add_argument("--leave", action="store_true", help="leave it running at the end, as it was found")
    return parser


if __name__ == "__main__":
    sys.exit(main())
