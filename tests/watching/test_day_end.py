"""The dead man's switch: how a day ended, and a real HTTP server that hears of it."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import documents
from tests.receivers import serving
from tunemeld_pipeline.charts.documents import Materialization
from tunemeld_pipeline.watching import day_end as module
from tunemeld_pipeline.watching.day_end import DayEnd, day_end, failing, report
from tunemeld_pipeline.watching.judging import RunFacts

DUE = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
GOOD = DayEnd("good", "2 genres")


class Switch(ThreadingHTTPServer):
    """Notes the calls that it gets; `answers` are its next statuses, then 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.heard: list[tuple[str, str, str]] = []
        self.answers: list[int] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/token-of-the-switch"


class _Take(BaseHTTPRequestHandler):
    server: Switch

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with self.server.lock:
            status = self.server.answers.pop(0) if self.server.answers else 200
            self.server.heard.append((self.command, self.path.removeprefix("/token-of-the-switch"), body))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.0)
    with serving(Switch()) as server:
        yield server


def shown(genre: str, hours: float, **more: object) -> Materialization:
    return documents.materialization(at=DUE + timedelta(hours=hours), genre=genre).model_copy(update=more)


def run(state: str, hours: float, error: str = "") -> RunFacts:
    started = DUE + timedelta(hours=hours)
    return RunFacts("a-run", state, started, None if state == "running" else started, error)  # type: ignore[arg-type]


def test_a_day_is_good_once_every_genre_was_refreshed_fresh_or_not() -> None:
    degraded = shown("rap", 0.1, count_errors={"Youtube": "the quota is used up"})
    end = day_end(DUE, {"dance": shown("dance", 0), "rap": degraded}, {})
    assert end == DayEnd(
        "good", "2 genres, refreshed at 2026-01-05 02:30 UTC\nrap: Youtube counts: the quota is used up"
    )


def test_a_day_has_not_ended_while_a_genre_is_still_to_come() -> None:
    dance = shown("dance", 0.1)
    for rap, runs in (
        (None, []),
        (shown("rap", -24), []),
        (shown("rap", -24), [run("running", 0.1)]),
        (shown("rap", -24), [run("failure", -24)]),
        (shown("rap", -24), [run("running", 0.2), run("failure", 0.1)]),
    ):
        assert day_end(DUE, {"dance": dance, "rap": rap}, {"rap": runs}) is None


def test_a_day_failed_when_a_genre_s_last_run_did_and_says_why() -> None:
    end = day_end(
        DUE,
        {"dance": shown("dance", 0.1), "rap": shown("rap", -24)},
        {"rap": [run("failure", 0.1, "no service answered")]},
    )
    assert end is not None
    assert end.outcome == "failed"
    assert end.text.splitlines()[1:] == ["rap failed: no service answered"]


def test_a_good_day_calls_the_address_and_a_failed_one_its_fail(switch: Switch) -> None:
    assert report(switch.url, GOOD) is None
    assert report(switch.url, DayEnd("failed", "rap failed: ä")) is None
    assert switch.heard == [("POST", "", "2 genres"), ("POST", "/fail", "rap failed: ä")]


def test_what_follows_the_path_stays_where_it_is() -> None:
    assert failing("https://h.example/ping/uuid/?rid=1") == "https://h.example/ping/uuid/fail?rid=1"


def test_it_is_tried_a_few_times_and_a_reason_holds_no_address(switch: Switch) -> None:
    switch.answers = [500, 503]
    assert report(switch.url, GOOD) is None
    assert len(switch.heard) == 3
    switch.answers = [500, 500, 429]
    assert report(switch.url, GOOD) == "it answers 429"
    assert report("http://127.0.0.1:9/token-of-the-switch", GOOD) == "no answer (ConnectionError)"


def test_one_that_takes_only_get_gets_that_and_a_redirect_is_not_followed(switch: Switch) -> None:
    switch.answers = [405]
    assert report(switch.url, GOOD) is None
    assert [method for method, _, _ in switch.heard] == ["POST", "GET"]
    switch.answers = [302] * 3
    assert report(switch.url, GOOD) == "it answers 302"
