"""Nothing from a test session outlives it, no matter how pytest ends: all its files are in one temporary folder, all its processes have
that folder in their environment, and a process that waits for pytest's end removes both."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

FOLDER = "TMPDIR"
"""The variable that names the session's folder to every process that the session starts."""

KEEPS_ENVIRONMENT = "SPT_NOENV"
"""With it, a server that renames itself (granian does, by setproctitle) leaves its environment where others can read it."""

LONGEST_SECONDS = 8
"""Between SIGTERM and the end."""

PROJECT = Path(__file__).parents[1]


class Session:
    """From when pytest begins until it has ended, on purpose or not."""

    def __init__(self) -> None:
        # pytest keeps the folders of its last three sessions, for a look at what failed.
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
        # Short, since the path of a socket may have some hundred characters.
        self.folder = tempfile.mkdtemp(prefix="tunemeld-")
        os.environ[KEEPS_ENVIRONMENT] = "1"
        self._before = os.environ.get(FOLDER)
        self._sweeper = subprocess.Popen(
            [sys.executable, "-m", "tests.leftovers", self.folder],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._name(self.folder)

    def end(self) -> None:
        """Nothing of it runs when this returns. The folder goes after this process, which may itself have something there to remove."""
        for pipe in (self._sweeper.stdin, self._sweeper.stdout):
            assert pipe is not None
            if pipe.readable():
                pipe.read()
            pipe.close()
        self._name(self._before)

    def _name(self, folder: str | None) -> None:
        if folder is None:
            del os.environ[FOLDER]
        else:
            os.environ[FOLDER] = folder
        tempfile.tempdir = None


def interrupt_on_sigterm(*, workers: bool = False) -> None:
    """Has SIGTERM do what Ctrl-C does, once.

    Args:
        workers: whether this process's children run the tests: a terminal sends Ctrl-C to all, but SIGTERM reaches only one.
    """

    def interrupt(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        # Processes that would hang now are killed: a SIGTERM is soon followed by SIGKILL anyway.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST_SECONDS)
        for worker in psutil.Process().children() if workers else ():
            with suppress(psutil.Error):
                worker.terminate()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def kept_environment() -> dict[str, str]:
    """What a program needs of this process's environment, for one that is given nothing else."""
    return {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", FOLDER, KEEPS_ENVIRONMENT) if name in os.environ
    }


def started_by(folder: str) -> list[psutil.Process]:
    """All processes that descend from a session."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ended = process.status() == psutil.STATUS_ZOMBIE
            if not ended and process.environ().get(FOLDER) == folder:
                found.append(process)
    return found


def main() -> None:
    """Waits until nobody holds the other end of its standard input, then ends what was started; after its parent, it removes the folder."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    while left := started_by(sys.argv[1]):
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=1)
    os.close(sys.stdout.fileno())
    while os.getppid() == parent:
        time.sleep(0.02)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
