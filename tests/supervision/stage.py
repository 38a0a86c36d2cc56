"""A supervisor in this process, with its log in a file, and small programs for it to run."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.supervision.output import Output
from tunemeld_pipeline.supervision.parts import Part
from tunemeld_pipeline.supervision.supervisor import Supervisor

SECONDS = 300


class Stage:
    """Runs a supervisor in this process, with its log in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "log"
        self._log.touch()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def run(
        self,
        *parts: Part,
        most_failures: int | None = None,
        when: Callable[[], bool] | None = None,
        send: str = "SIGTERM",
    ) -> int:
        """The supervisor's status; `send` is sent to this process as soon as `when` holds."""
        if when is not None:
            watcher = threading.Thread(target=self._send, args=(when, signal.Signals[send]), daemon=True)
            watcher.start()
        with self._log.open("ab") as file:
            output = Output(file.fileno(), [part.name for part in parts], colour=False)
            return Supervisor(parts, output, most_failures=most_failures).run()

    def says(self, text: str) -> Callable[[], bool]:
        return lambda: text in self.log

    @staticmethod
    def _send(when: Callable[[], bool], number: signal.Signals) -> None:
        wait_until(when, seconds=SECONDS)
        os.kill(os.getpid(), number)


def shell(name: str, script: str, **more: object) -> Part:
    return Part(name, ("/bin/sh", "-c", script), **more)  # type: ignore[arg-type]
