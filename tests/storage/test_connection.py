"""A server that cannot be used: bounded time, clear words, and no password in them."""

import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable

import pytest

from tests.documents import MONDAY, chart, isrc, raw_playlist
from tests.storage.acts import finish
from tunemeld_pipeline.errors import DatabaseUnavailable, TuneMeldError
from tunemeld_pipeline.storage import connection
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

PASSWORD = "hunter2-in-the-url"


def unreachable() -> str:
    """An address of this machine where nobody listens, with a password in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"mongodb://tunemeld:{PASSWORD}@127.0.0.1:{free.getsockname()[1]}/"


def complaint(act: Callable[[], object]) -> tuple[TuneMeldError, str, float]:
    """What went wrong, its whole traceback as text, and how many seconds that took."""
    begin = time.monotonic()
    with pytest.raises(TuneMeldError) as caught:
        act()
    return caught.value, "".join(traceback.format_exception(caught.value)), time.monotonic() - begin


def read_something(url: str) -> None:
    with connect(url) as client:
        Store(client["tunemeld_test"]).charts.chart("dance", MONDAY)


def finish_something(url: str) -> None:
    with connect(url) as client:
        finish(Store(client["tunemeld_test"]), MONDAY, {isrc(1): {"Spotify": 1}})


def test_connecting_waits_five_seconds_for_a_server_and_not_longer() -> None:
    with connect("mongodb://127.0.0.1:9") as client:
        assert client.options.server_selection_timeout == 5


@pytest.mark.parametrize("act", [read_something, finish_something])
def test_a_server_that_is_not_there_is_unavailable_within_bounded_time(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_SECONDS", 0.3)

    error, shown, seconds = complaint(lambda: act(unreachable()))

    assert isinstance(error, DatabaseUnavailable)
    assert error.transient
    assert "check MONGODB_URL" in str(error)
    assert seconds < 60
    assert PASSWORD not in shown


def test_a_server_that_takes_the_connection_and_says_nothing_is_unavailable_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mongodb://tunemeld:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/"

        error, shown, seconds = complaint(lambda: read_something(url))

    assert isinstance(error, DatabaseUnavailable)
    assert seconds < 60
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://tunemeld:{PASSWORD}@host:99999999/",
        f"mongodb://tunemeld:{PASSWORD}/.{PASSWORD}@host/",
        f"mongodb://tunemeld:p@{PASSWORD}@host/",
        f"mongodb://tunemeld:%zz{PASSWORD}@host/",
        "mongodb://",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_showing_it(url: str) -> None:
    error, shown, _ = complaint(lambda: connect(url))

    assert "MONGODB_URL" in str(error)
    assert not error.transient
    assert PASSWORD not in shown


def test_a_document_that_mongodb_refuses_is_a_store_error_without_its_content(store: Store) -> None:
    broken = chart().model_copy(update={"coverage": PASSWORD})

    with pytest.warns(UserWarning, match="serialized value"):
        error, _, _ = complaint(lambda: store.charts.put_chart(broken))

    assert str(error) == "MongoDB refused an operation (code 121); its log says why"


def test_a_document_beyond_mongodbs_bound_is_refused_in_words(store: Store) -> None:
    error, _, _ = complaint(lambda: store.playlists.put_raw_playlist(raw_playlist(data_json="x" * 17_000_000)))

    assert "larger than MongoDB's 16 MB" in str(error)
    assert store.playlists.raw_playlists("dance", MONDAY) == []


def test_a_process_ends_without_waiting_for_the_drivers_threads(mongod_url: str) -> None:
    code = """
import atexit, sys, threading

atexit.register(lambda: print(*(one.name for one in threading.enumerate())))  # what is registered first runs last
from tunemeld_pipeline.storage.connection import connect

with connect(sys.argv[1], timed=False) as client:
    client.admin.command("ping")
"""
    ran = subprocess.run([sys.executable, "-c", code, mongod_url], capture_output=True, text=True, check=True)
    assert "pymongo" in ran.stdout  # such a thread sleeps, and would have ended if the process had waited for it
    assert ran.stderr == ""
