"""What must hold of a source's client, tried against the service's half of the sandbox over real HTTP, and against a server that refuses
everything and repeats what it was sent.

The client is opened without a database: its calls are paid by nobody. Each check gives a sentence for each thing that does not hold.
"""

import base64
import logging
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from time import monotonic
from typing import Any, cast

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import TuneMeldError, UpstreamError
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins.contract import Host, SettingKind, Source
from tunemeld_pipeline.plugins.registry import Installed, load_catalog
from tunemeld_pipeline.sandbox import halves
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.serve import SandboxServer
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.service_kit.reading_checks import FEWEST_ROWS, wrong_values
from tunemeld_pipeline.service_kit.watching import watched
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.hosts import Hosts, Turn
from tunemeld_pipeline.upstream.client import HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.manners import Manners
from tunemeld_pipeline.upstream.service_client import ListClient, client_of

DAY = date(2026, 3, 2)
CANARY = "canary-5d0c7e91b3a8462f"
"""A key that must never be seen anywhere."""


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """One request as a server got it: the upstream, and the rest of its address."""

    upstream: str
    rest: str


@dataclass(slots=True)
class Server:
    """A server on this machine, and what it was asked."""

    url: str
    asked: list[ReceivedCall] = field(default_factory=list)


@contextmanager
def sandbox() -> Generator[Server]:
    """The sandbox with the installed services, until the block ends."""
    catalog = load_catalog()
    with _serving(create_app(World(1, catalog, halves.sizes()), catalog)) as server:
        yield server


@contextmanager
def refusing() -> Generator[Server]:
    """A server that refuses every request, and repeats in its answer what it was sent."""

    async def refuse(request: Request) -> Response:
        sent = {"headers": dict(request.headers), "address": str(request.url), "body": (await request.body()).decode()}
        return JSONResponse({"message": f"not for you: {sent}", "error": sent}, 401)

    methods = ["GET", "POST", "PUT"]
    with _serving(Starlette(routes=[Route("/{path:path}", refuse, methods=methods)])) as server:
        yield server


class _Server(SandboxServer):
    def __init__(self, app: Starlette) -> None:
        super().__init__(app)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def _serving(app: ASGIApp) -> Generator[Server]:
    asked: list[ReceivedCall] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _, upstream, *rest = scope["path"].split("/")
            asked.append(ReceivedCall(upstream, f"{'/'.join(rest)}?{scope['query_string'].decode()}"))
        await app(scope, receive, send)

    server = _Server(cast(Starlette, noting))
    thread = threading.Thread(target=server.run, name="sandbox of the kit")
    thread.start()
    try:
        server.ready.wait()
        yield Server(server.url, asked)
    finally:
        server.should_exit = True
        thread.join()


def settings_for(found: Installed, source: Source, server: Server, key: str) -> Settings:
    """Settings of a live run whose hosts are all on this server, with `key` for whatever the service's folder wants to know.

    Live, so that rates are kept and keys are sent as they are; but for a source that needs a file, which only its service can make: that is
    asked as in the sandbox.
    """
    wanted = [one for one in found.settings if not one.default]
    if any(one.kind is SettingKind.FILE and one.name in source.needs for one in wanted):
        return Settings().model_copy(
            update={"upstreams": Upstreams.SANDBOX, "sandbox_url": server.url, "etl_retry_attempts": 1}
        )
    values: dict[str, Any] = {
        one.field: SecretStr(key) if one.kind is SettingKind.SECRET else key
        for one in wanted
        if one.kind is not SettingKind.FILE
    }
    values |= {host.address_field: f"{server.url}/{host.key}/at/{DAY}" for host in source.hosts}
    return Settings().model_copy(update={"upstreams": Upstreams.LIVE, "etl_retry_attempts": 1, **values})


class _Turns:
    """The turns at hosts of this process alone, which has no database to keep them in."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def take_turn(self, host: str, apart: float, patience: float, lease: float | None) -> Turn:  # noqa: ARG002
        with self._lock:
            now = monotonic()
            at = max(now, self._next.get(host, now))
            self._next[host] = at + apart
        return Turn(is_taken=True, is_near=True, seconds=at - now)


@contextmanager
def opened(source: Source, settings: Settings) -> Generator[ListClient]:
    """The source's client, at the beginning of a step; nobody pays its calls, and no other run waits for their turns."""
    kind: Any = client_of(source)
    turns = _Turns()

    class Unpaid(kind):  # type: ignore[misc]
        def _pay(self, *_: object, **__: object) -> UnlimitedBudget:
            return UnlimitedBudget()

        @property
        def is_polite(self) -> bool:
            return False  # the runs of an installation keep in its database what they owe a host together

        def _manners(self, host: Host, rate: float) -> Manners:
            return Manners(self.label, host.key, rate, lambda: cast(Hosts, turns))

    client: ListClient = Unpaid(settings, datetime.combine(DAY, time(12), UTC), source)
    with client.opened():
        client.begin_step(cast(Any, None))
        yield client


def misbehaving(found: Installed, source: Source, server: Server) -> Iterator[str]:
    """Its client brings each list from the sandbox, asks nobody but its hosts, at their rates, and puts no key into an address."""
    lists = _lists(found)
    if not lists:
        yield "no genre of the catalogue has a list of this service"
        return
    server.asked.clear()
    connections: list[str] = []
    with ExitStack() as stack:
        try:
            client = stack.enter_context(opened(source, settings_for(found, source, server, SANDBOX_KEY)))
            stack.enter_context(watched(connections, ("socket.connect",)))
            for playlist in lists[:2]:
                fetched = client.playlist(playlist)
                yield from _poor(source.read(fetched.pages, fetched.data_json))
        except TuneMeldError as error:
            yield f"its client brings no list from the sandbox: {error}"
            return
        yield from _elsewhere(source, server, connections)
        yield from _too_fast(source, client, server)
    yield from _telling(source, server)


def _lists(found: Installed) -> list[Playlist]:
    genres = load_catalog().genres.values()
    return [genre.playlist(found.service.key) for genre in genres if found.service.key in genre.services]


def _poor(listing: Listing) -> Iterator[str]:
    if len(listing.rows) < FEWEST_ROWS or len(listing.rows) * 2 < listing.length:
        yield f"of a list of {listing.length} rows in the sandbox it reads {len(listing.rows)}"
    for row in listing.rows:
        for wrong in wrong_values(row):
            yield f"row {row.position} of a list in the sandbox {wrong}"


def _elsewhere(source: Source, server: Server, connections: list[str]) -> Iterator[str]:
    declared = {host.key for host in source.hosts}
    for other in sorted({one.upstream for one in server.asked} - declared):
        yield f"it asks {other}, which is none of its hosts ({', '.join(sorted(declared))})"
    port = server.url.rpartition(":")[2]
    for other in dict.fromkeys(one for one in connections if port not in one):
        yield f"it connects to something else than its hosts: {other}"


def _too_fast(source: Source, client: ListClient, server: Server) -> Iterator[str]:
    rates = {host.key: host.per_second for host in source.hosts}
    made: dict[str, HttpClient] = client._clients  # noqa: SLF001 - what it opened is all that it may call with
    is_held = client.settings.upstreams is Upstreams.LIVE
    for key, one in made.items():
        if not is_held:
            continue
        if one.per_second is None or one.per_second > rates.get(key, 0):
            yield f"it asks {key} {one.per_second or 'any number of'} times a second, and declares {rates.get(key)}"
    counted = sum(one.tally.calls for one in made.values())
    if counted != len(server.asked):
        yield f"it sent {len(server.asked)} requests, of which {counted} went through its clients, which keep the rates"


def _telling(source: Source, server: Server) -> Iterator[str]:
    if not source.needs:
        return
    for one in server.asked:
        if f"={SANDBOX_KEY}&" in f"{one.rest}&" or f"/{SANDBOX_KEY}/" in one.rest:
            yield f"it sends a key in an address: {one.upstream}/{one.rest}; send it in a header"


def indiscreet(found: Installed, source: Source, server: Server) -> Iterator[str]:
    """Refused by a server that repeats what it was sent, it fails with an error of ours, and reveals no key in that or in the log."""
    lists = _lists(found) or [Playlist(url=f"https://{found.service.hosts[0]}/x")]
    lines: list[str] = []
    with _logged(lines):
        try:
            with opened(source, settings_for(found, source, server, CANARY)) as client:
                client.playlist(lists[0])
            yield "it takes a refusal for a list"
        except UpstreamError as error:
            lines += [str(error), error.explained, str(getattr(error, "sample", ""))]
        except Exception as error:  # noqa: BLE001
            yield f"of a refusal it raises {type(error).__name__}, and no UpstreamError"
            lines.append(str(error))
    for form in _forms(CANARY):
        for line in lines:
            if form in line:
                yield f"it reveals a key: {line.replace(form, '[the key]')[:200]}"


def _forms(key: str) -> Iterator[str]:
    """The key as it is, and as it is sent with HTTP's basic authentication."""
    yield key
    yield base64.b64encode(f"{key}:{key}".encode()).decode()


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.getMessage()} {record.__dict__}")


@contextmanager
def _logged(lines: list[str]) -> Generator[None]:
    root, handler = logging.getLogger(), _Lines(lines)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
