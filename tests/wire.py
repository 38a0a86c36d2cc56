"""A server that plays bytes, for what a well-behaved service and the sandbox's faults cannot: trickles, floods, cut chunks, echoes.

It handles sockets and the bytes of HTTP; each service's format is in the tests that use it.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import requests


@dataclass(frozen=True)
class Received:
    """One request as it came: `target` is path and query, header names are in lower case, `at` is monotonic seconds."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float


Reply = bytes | Callable[[Received], bytes | Iterator[bytes]]
"""What one request is answered with. An iterator is sent piece by piece, and the connection is closed after it."""


CANARY = "canary-7f3a9c51e2b84d06"
"""A key that must never be seen anywhere."""


@dataclass
class WireServer:
    """Answers the requests in their order with `replies`, the last of them again and again."""

    replies: list[Reply]
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    busiest: int = 0
    """The most requests that were being answered at once."""
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(timeout=5)

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _start(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            while first := stream.readline().decode():
                headers = {}
                while line := stream.readline().decode().strip():
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                body = stream.read(int(headers.get("content-length", 0)))
                method, target, _ = first.split(" ", 2)
                received = Received(method, target, headers, body, time.monotonic())
                with self._lock:
                    self.requests.append(received)
                    reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
                    self._busy += 1
                    self.busiest = max(self.busiest, self._busy)
                try:
                    pieces = reply(received) if callable(reply) else reply
                    if isinstance(pieces, bytes):
                        connection.sendall(pieces)
                        continue
                    for piece in pieces:
                        connection.sendall(piece)
                    return
                finally:
                    with self._lock:
                        self._busy -= 1


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 answer; `content` is sent as it is where it is bytes, else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return head({"Content-Length": str(len(body)), **(headers or {})}, status) + body


def head(headers: Mapping[str, str], status: int = 200) -> bytes:
    """The head of an answer whose body follows."""
    lines = [f"HTTP/1.1 {status} Played", "Content-Type: application/json"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def in_front_of(root: str, edit: Callable[[str, Any], Any]) -> Callable[[Received], bytes]:
    """What the server at `root` answers, after `edit` has made another body of the path and the body, where it is JSON."""

    def reply(received: Received) -> bytes:
        headers = {
            name: value
            for name, value in received.headers.items()
            if name not in ("host", "connection", "accept-encoding")
        }
        answered = requests.request(
            received.method, root + received.target, headers=headers, data=received.body, timeout=30
        )
        body = edit(received.target.partition("?")[0], answered.json()) if answered.content else answered.content
        return answer(body, answered.status_code)

    return reply


Play = Callable[..., WireServer]
"""Starts a server that plays these replies, until the test ends."""
