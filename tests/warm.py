"""The `tunemeld` command in processes forked from one that has loaded the libraries, which takes a new interpreter up to ten seconds.
What of the project reads the environment as it is imported is imported in each process, in the environment that it is given, as a new
interpreter does."""

import atexit
import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tests.leftovers import kept_environment

OURS = (
    "tests",
    *(f"tunemeld_pipeline.{name}" for name in ("assets", "cli", "definitions", "operations", "orchestration")),
)
"""Modules and packages that every process imports itself: `assets.partitions` reads the settings, and the layers above may import it."""

SOCKET, LOG = "socket", "log"
TUNEMELD = Path(sys.executable).with_name("tunemeld")
PROJECT = Path(__file__).parents[1]
LONGEST_SECONDS = 600
"""Until a command counts as hanging; a busy machine takes minutes for what takes seconds."""


class Warm:
    """The process that commands are forked from. It starts when it is first needed, and ends with the session.

    Attributes:
        folder: where its socket and its log are; once it is set, the process that listens there is asked.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Path:
        """Where its socket is. It answers once it has loaded everything."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="warm-"))
            with socket.socket(socket.AF_UNIX) as listener, (self.folder / LOG).open("wb") as log:
                listener.bind(str(self.folder / SOCKET))
                listener.listen(64)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.warm", str(listener.fileno())],
                    cwd=PROJECT,
                    env={**kept_environment(), "COLUMNS": "120"},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
        return self.folder / SOCKET

    def run(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """The command with exactly this environment, from when it begins until it has ended.

        Raises:
            TimeoutError: it hung; it was killed.
        """
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            with self.begin(arguments, folder=folder, environment=environment, output=output, errors=errors) as command:
                status = command.wait(LONGEST_SECONDS)
            said, complaints = (file.seek(0) or file.read().decode() for file in (output, errors))
        return subprocess.CompletedProcess([TUNEMELD, *arguments], status, said, complaints)

    @contextmanager
    def begin(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        output: IO[bytes],
        errors: IO[bytes],
    ) -> Iterator["Command"]:
        """The command while it runs; one that still does when the block is left is killed."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.start()))
            request = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
            socket.send_fds(connection, [b"."], [output.fileno(), errors.fileno()])
            connection.sendall(json.dumps(request).encode() + b"\n")
            command = Command(connection)
            try:
                yield command
            finally:
                command.kill()


class Command:
    """A running command, with the methods of `subprocess.Popen` that tests need."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        with connection.makefile("rb", buffering=0) as stream:
            self.pid = int(stream.readline())
        self._status: int | None = None

    def wait(self, timeout: float) -> int:
        """Its exit status once it has ended.

        Raises:
            TimeoutError: it has not, within so many seconds.
        """
        if self._status is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise TimeoutError(f"the command still runs after {timeout} s")
            with self._connection.makefile("rb", buffering=0) as stream:
                self._status = int(stream.readline())
        return self._status

    def poll(self) -> int | None:
        """Its exit status, if it has ended."""
        with suppress(TimeoutError):
            return self.wait(0)
        return None

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


WARM = Warm()


def main() -> None:
    """Answers each connection in a process of its own, until it is killed."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    load()
    signal.signal(signal.SIGCHLD, reap)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            answer(connection)
        connection.close()


def load() -> None:
    """Everything that any command imports, of which the modules that depend on the environment are forgotten again."""
    import_module("tests.loaded")
    import tunemeld_pipeline

    for module in pkgutil.walk_packages(tunemeld_pipeline.__path__, "tunemeld_pipeline."):
        import_module(module.name)
    for name in [name for name in sys.modules if f"{name}.".startswith(tuple(f"{one}." for one in OURS))]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()  # else the first collection in each process would copy all of it


def reap(*_: object) -> None:
    """Waits for those that have answered."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def answer(connection: socket.socket) -> None:
    """Runs one command, and reports its pid when it begins and its exit status when it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 2)
    with connection.makefile("rb") as requests:
        request = json.loads(requests.readline())
    pid = os.fork()
    if pid == 0:
        connection.close()
        become(request, descriptors)
    with suppress(BrokenPipeError):
        connection.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def become(request: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Goes on as the command, and ends with its status."""
    status = 1
    try:
        for descriptor, place in zip(descriptors, (1, 2), strict=True):
            os.dup2(descriptor, place)
            os.close(descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None
        sys.argv = [str(TUNEMELD), *request["arguments"]]
        sys.path[0] = str(TUNEMELD.parent)
        try:
            runpy.run_path(str(TUNEMELD), run_name="__main__")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:  # noqa: BLE001 - as the interpreter would, whatever it is
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
