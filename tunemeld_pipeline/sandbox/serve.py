"""`python -m tunemeld_pipeline.sandbox.serve`: runs the sandbox's upstreams as a separate process.

Options, listening on loopback, announcing the address, and ending are here. `app.py` decides what is served;
`local/sandbox_service.py` starts this process.
"""

import argparse
import asyncio
import ipaddress
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.errors import SettingsError, TuneMeldError
from tunemeld_pipeline.logs.setup import configure_logging, get_logger
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.sandbox import halves
from tunemeld_pipeline.sandbox.app import TRANSPORT, create_app
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.replay import Replay
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.settings.sources import load_settings

GRACE_SECONDS = 1
"""How long unfinished answers may take at the end; otherwise a stalled one would hold up the process for 30 s."""


log = get_logger(__name__)


class CuttableConnection(H11Protocol):
    """uvicorn's HTTP/1.1, with the connection's transport in the ASGI scope for faults that cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGIApp = self.app

        async def app_with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = app_with_transport


class SandboxServer(uvicorn.Server):
    """A uvicorn server that announces where it listens, and exits after a while without requests.

    Args:
        app: the sandbox's application.
        announce: the file that gets `{"url", "pid"}` once the server listens, written atomically.
        idle_exit: seconds without a request after which the server exits; None for never.
    """

    def __init__(
        self,
        app: Starlette,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        announce: Path | None = None,
        idle_exit: float | None = None,
    ) -> None:
        self._last_request = time.monotonic()
        self._announce = announce
        self._idle_exit = idle_exit
        super().__init__(
            uvicorn.Config(
                self._noting_requests(app),
                host=host,
                port=port,
                http=CuttableConnection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def _noting_requests(self, app: ASGIApp) -> ASGIApp:
        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            self._last_request = began = time.monotonic()
            await app(scope, receive, send)
            # If these lines are not wanted, checking the level is all they cost.
            log.debug("answered", path=scope.get("path"), duration_ms=round((time.monotonic() - began) * 1000, 3))

        return noting

    @property
    def url(self) -> str:
        """The sandbox's address, known once the server has started."""
        address = self.servers[0].sockets[0].getsockname()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        return f"http://{host}:{address[1]}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        print(f"sandbox: {self.url}", flush=True)  # noqa: T201 - for a person at a terminal
        if self._announce is not None:
            draft = self._announce.with_name(f".{self._announce.name}.{os.getpid()}")
            draft.write_text(json.dumps({"url": self.url, "pid": os.getpid()}), "utf-8")
            draft.replace(self._announce)

    async def on_tick(self, counter: int) -> bool:
        idle = self._idle_exit is not None and time.monotonic() - self._last_request > self._idle_exit
        return await super().on_tick(counter) or idle


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM, SIGINT or idleness; returns 0 then, 2 for options that cannot be used."""
    options = _parser().parse_args(arguments)
    if options.home is not None:
        _configure_logging(options.home)
    try:
        catalog = load_catalog(options.catalog)
        app = create_app(_source(options, catalog), catalog, latency_ms=options.latency_ms)
    except (TuneMeldError, ValueError, NotADirectoryError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    server = SandboxServer(app, options.host, options.port, announce=options.announce, idle_exit=options.idle_exit)

    def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        # uvicorn raises the signal again after its own clean end; for this process that is a normal end.
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    server.run()
    return 0


def _configure_logging(home: Path) -> None:
    try:
        settings = load_settings(overrides={"home": home})
    except SettingsError:
        # Code that needs these settings reports what is wrong with them; the sandbox uses only the log folder.
        settings = Settings(home=home)
    configure_logging(settings, "sandbox", console=False)


def _source(options: argparse.Namespace, catalog: Catalog) -> World | Replay:
    if options.replay is not None:
        return Replay(options.replay, PlaylistDirectory(catalog))
    return World(options.seed, catalog, halves.sizes(options.tracks))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tunemeld_pipeline.sandbox.serve",
        description="The upstream services played over HTTP on this machine, with invented or recorded music.",
    )
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another invented world")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="serve DIR/DATE/GENRE/SOURCE.json instead")
    parser.add_argument("--tracks", type=int, metavar="N", help="rows per list; as the real ones without it")
    parser.add_argument("--latency-ms", type=float, default=0.0, metavar="N", help="how long every upstream takes")
    parser.add_argument("--announce", type=Path, metavar="FILE", help='where to say {"url", "pid"} once listening')
    parser.add_argument("--idle-exit", type=float, metavar="SECONDS", help="end after so long without a request")
    parser.add_argument("--home", type=Path, metavar="DIR", help="write a log file into DIR/logs")
    parser.add_argument("--catalog", type=Path, metavar="FILE", help="another catalogue of genres and playlists")
    return parser


def _loopback(text: str) -> str:
    host = "127.0.0.1" if text == "localhost" else text
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a loopback address; the sandbox is for this machine only")


if __name__ == "__main__":
    sys.exit(main())
