"""The layer in front of Dagster's UI: the UI itself and programs pass, other pages and foreign host names do not."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tunemeld_pipeline.local.own_pages import OwnPages
from tunemeld_pipeline.local.processes import wait_until

SECONDS = 300
PROXY = "https://dagster.example"
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="
}  # fmt: skip
OPENED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def _told(request: Request) -> Response:
    return PlainTextResponse("runs")


async def _connected(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where something listens behind the layer, by real HTTP."""
    app = Starlette(
        routes=[
            WebSocketRoute("/graphql", _connected),
            Route("/{path:path}", _told, methods=["GET", "POST", "OPTIONS"]),
        ],
        middleware=[Middleware(OwnPages, addresses=[f"{PROXY}/ui"])],
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        assert wait_until(lambda: server.started, seconds=SECONDS)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(SECONDS)


def status(port: int, start: str, *headers: tuple[str, str]) -> int:
    """Of the answer to one request, whose headers are sent as they are given."""
    lines = [f"{start} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "Content-Length: 0", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:PORT"},
        {"Host": "127.0.0.1:PORT", "Origin": "http://127.0.0.1:PORT"},
        {"Host": "127.0.0.1:PORT", "Origin": "http://127.0.0.1:PORT", "Sec-Fetch-Site": "same-origin"},
        {"Host": "LOCALHOST:PORT", "Sec-Fetch-Site": "none"},
        {"Host": "[::1]:PORT", "Origin": "http://[::1]:PORT"},
        {"Host": "192.168.7.7:PORT", "Origin": "http://192.168.7.7:PORT"},
        {"Host": "dagster.example", "Origin": PROXY},
        {"Host": "127.0.0.1:PORT", "Origin": PROXY},
    ],
)
@pytest.mark.parametrize("start", ["GET /runs/1", "POST /graphql", "GET /graphql"])
def test_the_ui_itself_and_programs_pass(port: int, start: str, headers: dict[str, str]) -> None:
    sent = [(name, value.replace("PORT", str(port))) for name, value in headers.items()]
    assert status(port, start, *sent) == 200
    if start == "GET /graphql":
        assert status(port, start, *sent, *UPGRADE.items()) == 101


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:PORT"},
        {"Host": "evil.example:PORT", "Origin": "http://evil.example:PORT", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "dagster.example.evil.example"},
        {"Host": "dagster.example@evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Host": "127.0.0.1:PORT", "Origin": "https://evil.example"},
        {"Host": "127.0.0.1:PORT", "Origin": "null"},
        {"Host": "127.0.0.1:PORT", "Origin": ""},
        {"Host": "127.0.0.1:PORT", "Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-site"},
        {"Host": "127.0.0.1:PORT", "Origin": "http://localhost:PORT"},
        {"Host": "127.0.0.1:PORT", "Origin": "https://dagster.example.evil.example"},
        {"Host": "127.0.0.1:PORT", "Origin": "http://dagster.example"},
    ],
)
@pytest.mark.parametrize(
    "start",
    ["GET /runs/1", "POST /graphql", "GET /graphql", "OPTIONS /graphql", "POST /report_asset_materialization/a"],
)
def test_other_pages_and_names_do_not(port: int, start: str, headers: dict[str, str]) -> None:
    sent = [(name, value.replace("PORT", str(port))) for name, value in headers.items()]
    # Starlette's server itself refuses some of them as no HTTP.
    assert status(port, start, *sent) in (400, 403)
    if start == "GET /graphql":
        assert status(port, start, *sent, *UPGRADE.items()) in (400, 403)


def test_two_hosts_or_two_origins_are_refused(port: int) -> None:
    own, origin = ("Host", f"127.0.0.1:{port}"), ("Origin", f"http://127.0.0.1:{port}")
    assert status(port, "GET /", own, origin) == 200
    assert status(port, "GET /", own, ("Host", "evil.example")) in (400, 403)
    assert status(port, "GET /", own, origin, ("Origin", "https://evil.example")) == 403


def test_a_link_may_be_followed_but_not_loaded_into_another_page(port: int) -> None:
    own = ("Host", f"127.0.0.1:{port}")
    assert status(port, "GET /runs/1", own, *OPENED.items()) == 200
    for destination in ("iframe", "image", "script", "object", "empty"):
        assert status(port, "GET /runs/1", own, *(OPENED | {"Sec-Fetch-Dest": destination}).items()) == 403
    assert status(port, "POST /graphql", own, *OPENED.items()) == 403


def test_a_link_carries_no_graphql(port: int) -> None:
    query = "/graphql?query=mutation%7BlaunchRun%7D"
    for headers in ({}, OPENED, {"Sec-Fetch-Site": "none"}):
        assert status(port, f"GET {query}", ("Host", f"127.0.0.1:{port}"), *headers.items()) == 403
        assert status(port, f"GET /ui{query}", ("Host", f"127.0.0.1:{port}"), *headers.items()) == 403


def test_a_refusal_says_what_to_do(port: int) -> None:
    printed = requests.post(
        f"http://127.0.0.1:{port}/graphql", data=json.dumps({}), headers={"Host": "dagster.test"}, timeout=SECONDS
    )
    assert printed.status_code == 403
    assert "set DAGSTER_UI_URL to the address where your proxy shows it" in printed.text
