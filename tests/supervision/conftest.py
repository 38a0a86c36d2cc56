"""What tests of the supervisor may ask for: one that leaves nothing running."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.supervision.stage import SECONDS, Stage

Manager = Callable[[int], AbstractContextManager[list[str]]]
"""Listens as the service manager does, with a watchdog of so many microseconds; yields what it hears, all of it at the end."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A supervisor for this test; afterwards nothing that it started may be left."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield Stage(tmp_path)
    left = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.fixture
def service_manager(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Manager:
    @contextmanager
    def listening(watchdog: int) -> Iterator[list[str]]:
        messages: list[str] = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(stage.folder / "notify"))
            monkeypatch.setenv("NOTIFY_SOCKET", str(stage.folder / "notify"))
            monkeypatch.setenv("WATCHDOG_USEC", str(watchdog))

            def listen() -> None:
                while not messages or messages[-1] != "STOPPING=1":
                    messages.append(manager.recv(4096).decode())

            listener = threading.Thread(target=listen, daemon=True)
            listener.start()
            yield messages
            listener.join(SECONDS)

    return listening
