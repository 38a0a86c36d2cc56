"""Fixtures for the tests of the clients: a client opened as a run opens it, a sandbox with long lists, and servers that play bytes."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import pytest

from tests.sandbox.conftest import serving
from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.observation import parse_as_of
from tunemeld_pipeline.plugins.contract import Access
from tunemeld_pipeline.plugins.registry import folders, keys, load_catalog
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.service_client import ServiceClient

DAY = "2025-11-22"
MANY = 250

R = TypeVar("R", bound=ServiceClient)


class Opener(Protocol):
    """Opens a client of an upstream until the test ends, observing `as_of`, at the beginning of a step."""

    def __call__(self, kind: type[R], settings: Settings | None = None, *, as_of: str = DAY) -> R: ...


def access_of(kind: type[ServiceClient]) -> Access:
    """The source or counting that a client is of."""
    named = f"{kind.__module__}:{kind.__qualname__}"
    return next(access for folder in folders() for access in folder.accesses if access.client == named)


@pytest.fixture
def store(settings: Settings, mongod_url: str) -> Iterator[Store]:
    """The collections, not prepared: budgets need no index, and indexes take half a second to make."""
    with connect(mongod_url) as client:
        yield Store(client[settings.database_name], settings.etl_batch_size)


@pytest.fixture
def open_client(settings: Settings, store: Store) -> Iterator[Opener]:
    test_settings = settings
    with ExitStack() as stack:

        def opened(kind: type[R], settings: Settings | None = None, *, as_of: str = DAY) -> R:
            client = kind(settings or test_settings, parse_as_of(as_of, datetime.now(UTC)), access_of(kind))
            stack.enter_context(client.opened())
            client.begin_step(store, "dance")
            return client

        yield opened


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def dance(catalog: Catalog) -> Genre:
    return catalog.genre("dance")


@pytest.fixture(scope="session")
def long_lists(catalog: Catalog) -> Iterator[str]:
    """The root of a sandbox whose playlists have 250 rows."""
    with serving(create_app(World(1, catalog, dict.fromkeys(keys(), MANY)), catalog)) as url:
        yield url


def at(settings: Settings, sandbox_url: str, **more: object) -> Settings:
    """The same settings with another sandbox."""
    return settings.model_copy(update={"sandbox_url": sandbox_url, **more})
