"""A `tunemeld` that stays in the foreground: started as a user does, watched, and everything that it started found again."""

import os
import pty
import select
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psutil

from tests.leftovers import kept_environment
from tests.warm import TUNEMELD
from tunemeld_pipeline.local.processes import wait_until

SECONDS = 300
"""Until a condition that always comes true counts as hopeless; a busy machine takes minutes for what takes seconds."""


class Started:
    """One call of `tunemeld`, its output so far, and all processes of its home.

    Args:
        home: TUNEMELD_HOME. Whatever carries it in its environment was started by this call, however many generations ago, and
            whether or not it left its group, its session or its parent.
        terminal: whether it sits in a terminal of its own, and not in a pipe.
    """

    def __init__(self, arguments: Sequence[str], *, home: Path, terminal: bool = False, **variables: str) -> None:
        self.home = home
        environment = {**kept_environment(), "TUNEMELD_HOME": str(home), **variables}
        self._controller, output = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [TUNEMELD, *arguments],
            cwd=home.parent,
            env=environment,
            stdin=output if terminal else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_take_terminal if terminal else None,
        )
        os.close(output)
        self._heard: list[bytes] = []
        self._is_closing = False
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def output(self) -> str:
        return b"".join(self._heard).decode(errors="replace")

    def wait_for(self, text: str) -> None:
        """Until it says so; fails with its output where it ends before or says nothing."""
        wait_until(lambda: text in self.output or self.process.poll() is not None, seconds=SECONDS)
        assert text in self.output, self.output

    def close_terminal(self) -> None:
        """As when its window is closed."""
        self._is_closing = True
        self._listener.join(SECONDS)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Its exit status."""
        status = self.process.wait(SECONDS)
        self._listener.join(SECONDS)
        return status

    def processes(self) -> list[psutil.Process]:
        """All that run for this home now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def one(self, *words: str) -> psutil.Process:
        """The oldest process of its home whose command has all of these words; waits for one that is about to be."""
        found: list[psutil.Process] = []

        def is_there() -> bool:
            found.extend(one for one in self.processes() if all(word in " ".join(_command(one)) for word in words))
            return bool(found)

        assert wait_until(is_there, seconds=SECONDS), self.output
        return min(found, key=lambda process: process.create_time())

    def children_of(self, *words: str) -> list[psutil.Process]:
        """The processes that were started by those of its home whose command has all of these words."""
        parents = [
            process for process in self.processes() if all(word in " ".join(_command(process)) for word in words)
        ]
        return [child for parent in parents for child in parent.children()]

    def left(self) -> list[str]:
        """What still runs, once there was time to end it."""
        wait_until(lambda: not self.processes(), seconds=SECONDS)
        return [" ".join(_command(process)) for process in self.processes()]

    def end(self) -> None:
        """Whatever a test did, nothing of it stays."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        self.process.wait(SECONDS)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            ended = process.status() == psutil.STATUS_ZOMBIE
            return not ended and process.environ().get("TUNEMELD_HOME") == str(self.home)
        except psutil.Error:
            return False

    def _listen(self) -> None:
        with suppress(OSError):  # the terminal was closed, or nobody writes any more
            # A terminal is closed once nobody is inside a read of it any more.
            while not self._is_closing:
                if select.select([self._controller], [], [], 0.1)[0]:
                    heard = os.read(self._controller, 65536)
                    if not heard:
                        break
                    self._heard.append(heard)
        os.close(self._controller)


def free_ports(count: int) -> list[str]:
    """Ports that nobody listens on."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [str(server.getsockname()[1]) for server in servers]
    for server in servers:
        server.close()
    return numbers


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
