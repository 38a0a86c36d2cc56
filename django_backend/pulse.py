"""A worker's sign of life: a file that it touches every few seconds, so that a worker that hangs differs from its siblings.

A server accepts connections as long as one of its workers does, and a request does not choose its worker. `cli/probes.py` reads the files.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path

TOUCH_SECONDS = 5.0
PULSES = "alive-"
"""How the names of the files begin."""


def start_pulse(folder: Path) -> None:
    """Touches this process's file in the folder from now on; where it cannot be written, nobody misses it."""
    mark = folder / f"{PULSES}{os.getpid()}"

    def touch() -> None:
        while True:
            with suppress(OSError):
                mark.touch()
            pause.wait(TOUCH_SECONDS)

    pause = threading.Event()
    threading.Thread(target=touch, name="pulse", daemon=True).start()
