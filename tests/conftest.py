"""What tests of any part may ask for: a real MongoDB server and a database of their own on it."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from tunemeld_pipeline.sandbox.mongod import ensure_mongod, stop_mongod


@pytest.fixture(scope="session")
def mongod_url() -> Iterator[str]:
    """The address of one `mongod` for the whole test session; transactions work on it."""
    # pytest's own temporary paths can be too long for a socket.
    home = Path(tempfile.mkdtemp(prefix="tunemeld-test-"))
    try:
        yield ensure_mongod(home)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


@pytest.fixture
def mongo_database(mongod_url: str) -> Iterator[Database[dict[str, Any]]]:
    """An empty database of the test's own, dropped after it."""
    with MongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        database = client[f"{uuid.uuid4().hex}_test"]
        try:
            yield database
        finally:
            client.drop_database(database)
