"""Clients that hold connections of the API without asking for much: silent ones, slow ones, and ones that keep theirs alive.

They come on top of the visitors of `load.py`, whom they must not hinder.
"""

import contextlib
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tunemeld_pipeline.local.open_files import open_files

CLIENTS = 1_100
"""More than two workers take without settings of their own: 512 each."""

HOLD_SECONDS = 30.0
"""Much longer than the server holds an idle connection, for a machine under load."""

TICK_SECONDS = 0.5
ASKED = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF_A_HEAD = b"GET /genres HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


def hold_connections(url: str, first: bytes, slowly: bytes, seconds: float) -> tuple[int, int]:
    """Opens connections, sends `first` on each and then `slowly` again and again, for as long as the server lets them.

    Returns:
        How many were opened, and how many of them the server closed.
    """
    open_files(4 * CLIENTS)
    address = urlsplit(url)
    held: list[socket.socket] = []
    with contextlib.ExitStack() as stack:
        for _ in range(CLIENTS):
            one = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=15))
            one.sendall(first)
            one.setblocking(False)
            held.append(one)
        opened, ends = len(held), time.monotonic() + seconds
        while held and time.monotonic() < ends:
            time.sleep(TICK_SECONDS)
            held = [one for one in held if _is_open(one, slowly)]
        return opened, opened - len(held)


def _is_open(one: socket.socket, slowly: bytes) -> bool:
    try:
        if slowly:
            one.send(slowly)
        while True:
            if not one.recv(65_536):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False


CLIENTS_THAT_HOLD: dict[str, Callable[[str, float], tuple[int, int]]] = {
    "idle clients": lambda url, seconds: hold_connections(url, b"", b"", seconds),
    "slow clients": lambda url, seconds: hold_connections(url, HALF_A_HEAD, b"x", seconds),
    "kept-alive clients": lambda url, seconds: hold_connections(url, ASKED, b"", seconds),
}
