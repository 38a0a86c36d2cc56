"""Clients that hold connections without asking for anything: others are served meanwhile, and the idle ones are closed."""

import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.django_backend.conftest import Api
from tunemeld_pipeline.local.open_files import open_files

MANY = 1_100
"""More than two workers took before they had a limit of their own: 512 each."""

SECONDS = 300
NOTHING = b""
ASKED = b"GET /genres HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF_A_HEAD = b"GET /genres HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
NO_BODY = b"GET /genres HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"


@contextmanager
def clients(api: Api, number: int, first: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have sent the same bytes."""
    host, port = api.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        opened = []
        for _ in range(number):
            one = stack.enter_context(socket.create_connection((host, int(port)), timeout=SECONDS))
            one.sendall(first)
            opened.append(one)
        yield opened


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_files(2 * MANY)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def wait_until_closed(connections: Sequence[socket.socket]) -> None:
    """Fails with a time-out where the server leaves one open."""
    for one in connections:
        try:
            while one.recv(65_536):
                pass
        except ConnectionResetError:
            pass


def answer(connection: socket.socket) -> bytes:
    """The whole answer to a question, with its head."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65_536)
    start, _, body = head.partition(b"\r\n\r\n")
    (length,) = [line.split(b":")[1] for line in start.lower().split(b"\r\n") if line.startswith(b"content-length")]
    while len(body) < int(length):
        body += connection.recv(65_536)
    return start


@pytest.mark.usefixtures("many_files")
def test_idle_clients_are_closed_and_hinder_nobody(api: Api) -> None:
    with (
        clients(api, MANY, NOTHING) as silent,
        clients(api, 60, ASKED) as kept_alive,
        clients(api, 60, HALF_A_HEAD) as slow,
    ):
        for one in kept_alive:
            assert answer(one).startswith(b"HTTP/1.1 200")
        for _ in range(20):
            assert requests.get(f"{api.url}/health/live", timeout=SECONDS).status_code == 200
        for one in slow:
            one.sendall(b"x")
        for group in (silent, kept_alive, slow):
            wait_until_closed(group)
    assert api.ask("/health/live").status_code == 200


def test_a_body_is_not_waited_for(api: Api) -> None:
    with clients(api, 1, NO_BODY) as (one,):
        assert answer(one).startswith(b"HTTP/1.1 200")
        wait_until_closed([one])


def test_a_head_of_a_browser_is_read_and_an_endless_one_is_not(api: Api) -> None:
    assert api.ask("/genres", Cookie="x" * 7_000).status_code == 200
    assert api.ask("/genres", Cookie="x" * 70_000).status_code == 431


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: xchunked\r\nContent-Length: 5",
        "Transfer-Encoding : chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_what_two_servers_may_read_as_different_requests_is_refused(api: Api, method: str, framing: str) -> None:
    smuggled = "0\r\n\r\nGET /genres HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    asked = f"{method} /genres HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n\r\n{smuggled}".encode()
    with clients(api, 1, asked) as (one,):
        heard = b""
        while more := one.recv(65_536):
            heard += more
    assert heard.startswith(b"HTTP/1.1 400")
    assert heard.count(b"HTTP/1.1 ") == 1
