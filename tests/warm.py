"""The `tunemeld` command in processes forked from one that has loaded the libraries, which takes a new interpreter up to ten seconds.
What of the project reads the environment as it is imported is imported in each process, in the environment that it is given, as a new
interpreter does."""

import atexit
import builtins
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

READS_SETTINGS = "tunemeld_pipeline.assets.partitions"
"""The one module that reads the environment as it is imported: every process imports it, and all that need it, itself."""

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
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], code: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """The command with exactly this environment, from when it begins until it has ended.

        Args:
            code: what runs in place of the command, as `python -c` would run it.

        Raises:
            TimeoutError: it hung; it was killed.
        """
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            with self.begin(
                arguments, folder=folder, environment=environment, output=output, errors=errors, code=code
            ) as command:
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
        code: str = "",
    ) -> Iterator["Command"]:
        """The command while it runs; one that still does when the block is left is killed."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.start()))
            request = {"arguments": arguments, "folder": str(folder), "environment": dict(environment), "code": code}
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
    """Runs the command that each connection asks for in a process of its own, until it is killed."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    load()
    running: dict[int, socket.socket] = {}
    signal.signal(signal.SIGCHLD, lambda *_: report_ended(running))
    while True:
        connection, _ = listener.accept()
        # A command that ends at once is reported only after its connection is known.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        begin(connection, running, listener)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def load() -> None:
    """Everything that any command imports, of which the modules that depend on the environment are forgotten again."""
    with Imports() as imported:
        import_module("tests.loaded")
        import tunemeld_pipeline

        for module in pkgutil.walk_packages(tunemeld_pipeline.__path__, "tunemeld_pipeline."):
            import_module(module.name)
    for name in imported.leading_to(READS_SETTINGS) | {name for name in sys.modules if f"{name}.".startswith("tests.")}:
        forget(name)
    assert "tunemeld_pipeline.definitions" not in sys.modules, (
        "what the definitions import was loaded before it was noted"
    )
    gc.collect()
    gc.freeze()  # else the first collection in each process would copy all of it


class Imports:
    """Which module imported which as it was itself imported, while the block lasts."""

    def __init__(self) -> None:
        self._by: dict[str, set[str]] = {}
        self._real = builtins.__import__

    def __enter__(self) -> "Imports":
        builtins.__import__ = self._noted
        return self

    def __exit__(self, *_: object) -> None:
        builtins.__import__ = self._real

    def leading_to(self, name: str) -> set[str]:
        """The module and all that need it to be imported."""
        found: set[str] = set()
        more = {name}
        while more:
            found |= more
            more = {importer for importer, imported in self._by.items() if imported & found} - found
        return found

    def _noted(self, name: str, scope: Any = None, local: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        imported = self._real(name, scope, local, fromlist, level)
        importer = (scope or {}).get("__name__", "")
        self._by.setdefault(importer, set()).update((name, *(f"{name}.{part}" for part in fromlist or ())))
        return imported


def forget(name: str) -> None:
    """Has the module imported anew by who needs it next."""
    module = sys.modules.pop(name, None)
    parent, _, attribute = name.rpartition(".")
    if getattr(sys.modules.get(parent), attribute, None) is module:
        delattr(sys.modules[parent], attribute)


def report_ended(running: dict[int, socket.socket]) -> None:
    """Sends the exit status of each command that has ended to who waits for it."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        with suppress(OSError), running.pop(pid) as connection:
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def begin(connection: socket.socket, running: dict[int, socket.socket], listener: socket.socket) -> None:
    """Forks the command, and reports its pid."""
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 2)
    with connection.makefile("rb") as requests:
        request = json.loads(requests.readline())
    pid = os.fork()
    if pid == 0:
        for held in (listener, connection, *running.values()):
            held.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        become(request, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    running[pid] = connection
    with suppress(BrokenPipeError):
        connection.sendall(f"{pid}\n".encode())


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
        sys.argv = ["-c" if request["code"] else str(TUNEMELD), *request["arguments"]]
        sys.path[0] = str(PROJECT if request["code"] else TUNEMELD.parent)
        try:
            if request["code"]:
                exec(request["code"], {"__name__": "__main__"})  # noqa: S102
            else:
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
