"""What the tests of the sandbox's upstreams may ask for: a server on a free port, and a client that knows its keys."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.sandbox.halves import sizes
from tunemeld_pipeline.sandbox.serve import SandboxServer
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.services.spotify.sandbox_web_api import ACCESS_TOKEN

DAY = "2026-11-22"
KEYS = {
    "X-RapidAPI-Key": SANDBOX_KEY,
    "X-RapidAPI-Host": "sandbox",
    "X-Goog-Api-Key": SANDBOX_KEY,
    "Authorization": f"Bearer {ACCESS_TOKEN}",
}


class Client:
    """Asks one sandbox over HTTP, with all keys by default."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = Faults(url)

    def ask(
        self,
        upstream: str,
        path: str = "",
        *,
        day: str = DAY,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        timeout: float = 300,
        body: bytes | None = None,
        **parameters: Any,
    ) -> requests.Response:
        """One request to an upstream, as of a day."""
        url = (
            f"{self.url}/{upstream}/at/{day}/{path}".rstrip("/")
            if upstream != "cloudflare"
            else f"{self.url}/cloudflare/{path}"
        )
        keys = KEYS if headers is None else headers
        return requests.request(method, url, params=parameters, headers=keys, timeout=timeout, data=body)

    def data(self, upstream: str, path: str = "", *, day: str = DAY, **parameters: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = self.ask(upstream, path, day=day, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """The address of a server for this app, in a thread."""
    server = SandboxServer(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 300
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield server.url
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def world(catalog: Catalog) -> World:
    return World(1, catalog, sizes())


@pytest.fixture
def serve_app() -> Iterator[Callable[[Starlette], Client]]:
    """Serves any app until the test ends."""
    with ExitStack() as stack:
        yield lambda app: Client(stack.enter_context(serving(app)))


@pytest.fixture(scope="session")
def shared_sandbox(world: World, catalog: Catalog) -> Iterator[Client]:
    with serving(create_app(world, catalog)) as url:
        yield Client(url)


@pytest.fixture
def sandbox(shared_sandbox: Client) -> Client:
    """The invented world's sandbox: no faults, no quotas used, nothing counted."""
    shared_sandbox.control.reset()
    return shared_sandbox
