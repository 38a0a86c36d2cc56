"""A prepared database on a real MongoDB for all tests of this folder, eight processes that use it at once, and a store without a server."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext
from typing import Any

import mongomock
import pytest
from pymongo.database import Database

from tests.storage.acts import PROCESSES, Act
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


@pytest.fixture
def in_memory() -> Store:
    """A store on mongomock, without a server: for plain reads and writes of one document or one query, and nothing else.

    mongomock 4.3 has no transactions, sessions, snapshots or `collStats`, and knows neither updates by a pipeline, array filters, `$merge`
    nor validators; its `bulk_write` fails with the current PyMongo. What is atomic, in bulk or computed by MongoDB itself is tested on
    `store`, a real server.
    """
    client: mongomock.MongoClient = mongomock.MongoClient(tz_aware=True)
    return Store(client["tunemeld_test"])


@pytest.fixture(scope="package")
def prepared(mongod_url: str) -> Iterator[Database[Json]]:
    """One database for all tests of this folder: preparing and dropping one takes half a second."""
    with connect(mongod_url) as client:
        database = client[f"{uuid.uuid4().hex}_test"]
        Store(database).layout.prepare()
        try:
            yield database
        finally:
            client.drop_database(database)


@pytest.fixture
def mongo_database(prepared: Database[Json]) -> Database[Json]:
    """The prepared database, without documents."""
    for spec in COLLECTIONS:
        prepared[spec.name].delete_many({})
    return prepared


@pytest.fixture
def store(mongo_database: Database[Json]) -> Store:
    return Store(mongo_database, batch_size=5)


def in_process(url: str, database: str, act: Act, number: int, begin: float) -> Any:
    with connect(url) as client:
        client.admin.command("ping")
        time.sleep(max(0, begin - time.time()))
        return act(Store(client[database], batch_size=5), number)


@pytest.fixture(scope="package")
def pool(clean_processes: ForkServerContext) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=clean_processes) as opened:
        yield opened


@pytest.fixture
def at_once(pool: ProcessPoolExecutor, mongod_url: str, mongo_database: Database[Json]) -> Callable[[Act], list[Any]]:
    """Does something in eight processes at the same time, on the test's database, each with a number of its own."""

    def run(act: Act) -> list[Any]:
        begin = time.time() + 0.1
        futures = [
            pool.submit(in_process, mongod_url, mongo_database.name, act, number, begin) for number in range(PROCESSES)
        ]
        return [future.result(timeout=300) for future in futures]

    return run
