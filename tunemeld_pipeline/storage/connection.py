"""Opens the database that the settings mean.

Every command, run and worker opens it here. `store.py` knows what is stored in it; `local/mongod.py` finds or starts a local server.
"""

import atexit
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import InvalidURI
from pymongo.monitoring import CommandListener
from pymongo.synchronous import monitor

from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.local.mongod import ensure_mongod, listening_mongod, mongod_answers
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]

# The driver's threads are daemons, which end with their process. At its end the driver would wait for each, which sleeps half a second at
# a time: longer than most commands take.
atexit.unregister(monitor._shutdown_resources)  # noqa: SLF001 - the driver has no public way

SERVER_SELECTION_SECONDS = 5
SOCKET_SECONDS = 60


def connect(
    url: str, find_within: float | None = None, answer_within: float | None = None, *, timed: bool = True
) -> "MongoClient[Json]":
    """A client for `url` with the project's defaults: aware times, majority writes, five seconds to find the server.

    Args:
        find_within: seconds after which a server that cannot be found counts as unreachable; by default five.
        answer_within: seconds that one operation may go without an answer; by default a minute.
        timed: whether its operations count among the measured ones of a run or request; a command that only looks is faster without.

    Raises:
        SettingsError: it is not a MongoDB address.
        DatabaseUnavailable: its servers cannot be found by name (mongodb+srv://).
    """
    find = int((find_within or SERVER_SELECTION_SECONDS) * 1000)
    try:
        with translated_errors():
            return MongoClient(
                url,
                tz_aware=True,
                datetime_conversion="DATETIME_AUTO",  # a date beyond Python's years makes one document unreadable, not all of a query
                appname="tunemeld",
                serverSelectionTimeoutMS=find,
                connectTimeoutMS=find,
                socketTimeoutMS=int((answer_within or SOCKET_SECONDS) * 1000),
                w="majority",
                event_listeners=_timers() if timed else [],
            )
    except (InvalidURI, ValueError):
        # From None: PyMongo's own message may quote part of a password that was not percent-encoded.
        raise SettingsError(
            "MONGODB_URL is no address that MongoDB's driver can read; write mongodb://USER:PASSWORD@HOST:PORT/, and in user"
            " and password %40 for @, %2F for / and so on"
        ) from None


def _timers() -> list[CommandListener]:
    from tunemeld_pipeline.logs.measuring import DatabaseTimer  # structlog takes as long as the driver

    return [DatabaseTimer()]


def mongodb_url(settings: Settings) -> str:
    """The server's address: MONGODB_URL, else the local server, which is found or started.

    Raises:
        LocalServerError: there is no local server and none can be started.
    """
    if settings.mongodb_url is not None:
        return settings.mongodb_url.get_secret_value()
    return ensure_mongod(settings.home)


def running_url(settings: Settings) -> str | None:
    """The same without starting a local server: None where nothing listens. Whether it answers is seen by who opens it."""
    if settings.mongodb_url is not None:
        return settings.mongodb_url.get_secret_value()
    return listening_mongod(settings.home)


def is_stopped(settings: Settings) -> bool:
    """Whether the database is the local server, and that does not run: who only looks must not start what an operator has stopped."""
    return settings.mongodb_url is None and not mongod_answers(settings.home)


def connected_store(
    settings: Settings,
    find_within: float | None = None,
    answer_within: float | None = None,
    *,
    timed: bool = True,
    url: str | None = None,
) -> Store:
    """The collections of this world, open as long as the process lives; `open_store` is for shorter times."""
    client = connect(url or mongodb_url(settings), find_within, answer_within, timed=timed)
    return Store(client[settings.database_name], settings.etl_batch_size)


@contextmanager
def open_store(
    settings: Settings,
    *,
    prepare: bool = True,
    find_within: float | None = None,
    answer_within: float | None = None,
    timed: bool = True,
    url: str | None = None,
) -> Generator[Store]:
    """The collections of this world, closed at the end of the block.

    Args:
        prepare: whether to create missing collections and indexes.
        find_within: as in `connect`.
        answer_within: as in `connect`.
        timed: as in `connect`.
        url: the server's address, where the caller has found it already.
    """
    store = connected_store(settings, find_within, answer_within, timed=timed, url=url)
    with store.handle.client:
        if prepare:
            store.layout.prepare()
        yield store


@contextmanager
def scratch_store(store: Store, settings: Settings) -> Generator[Store]:
    """An empty database on the same server, which is dropped at the end of the block and never is that of any settings."""
    client, name = store.handle.client, settings.scratch_database_name
    with translated_errors():
        client.drop_database(name)
    try:
        yield Store(client[name], settings.etl_batch_size)
    finally:
        with translated_errors():
            client.drop_database(name)
