"""A page that the operator visits can neither start runs in Dagster's UI nor read from it: tried in a real browser, on the real UI.

`tests/cli` tests that `tunemeld start` and `dev start` put the layer in front, and `tests/local/test_own_pages.py` all that it refuses."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from tests.django_backend.conftest import free_port
from tests.leftovers import kept_environment
from tests.orchestration.foreign_page import ATTACK, REBOUND, RUNS
from tests.page.conftest import ARGUMENTS, find_chromium
from tunemeld_pipeline.local.processes import wait_until

SECONDS = 300
LOCATION = Path(__file__).with_name("tiny_location.py")
PROXY = "http://dagster.example"


@contextmanager
def ui(home: Path) -> Iterator[str]:
    """The address of the UI, over a code location that loads quickly."""
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    port = free_port()
    environment = {
        **kept_environment(),
        "TUNEMELD_ENV": "testing",
        "TUNEMELD_HOME": str(home),
        "DAGSTER_HOME": str(home),
        "DAGSTER_UI_URL": f"{PROXY}:{port}",
    }
    command = [sys.executable, "-m", "tunemeld_pipeline.orchestration.guarded_ui", "webserver", "-f", str(LOCATION)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)], env=environment, cwd=home, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: answers(url) or process.poll() is not None, seconds=SECONDS)
        assert process.poll() is None, (home / "log").read_text()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/server_info", timeout=SECONDS).ok
    except requests.ConnectionError:
        return False


def runs(url: str) -> int:
    asked = requests.post(f"{url}/graphql", json={"query": RUNS}, timeout=SECONDS).json()
    return len(asked["data"]["runsOrError"]["results"])


class Foreign(BaseHTTPRequestHandler):
    """A page of another origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def foreign_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser for which every name under `example` is this machine."""
    found = find_chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI has to try this in a browser and found no Chromium; .ci/run installs it")
    if found is None:
        pytest.skip("there is no Chromium on this machine; install it (apt-get install chromium-headless-shell)")
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, "--host-resolver-rules=MAP *.example 127.0.0.1"]
        opened = playwright.chromium.launch(executable_path=found, args=arguments)
        yield opened
        opened.close()


@pytest.mark.slow
def test_another_page_starts_no_run_and_reads_nothing(tmp_path: Path, foreign_port: int, browser: Browser) -> None:
    with ui(tmp_path / "home") as url:
        port = url.rpartition(":")[2]
        for origin in (f"http://evil.example:{foreign_port}", f"http://127.0.0.1:{foreign_port}"):
            page = browser.new_page()
            page.goto(f"{origin}/")
            tried = page.evaluate(ATTACK, url)
            # A page does not learn what became of what it may send blindly.
            assert len(tried) == 9
            assert tried["json"].startswith("refused")
            assert tried["websocket"] == "refused: closed"
        rebound = browser.new_page()
        rebound.goto(f"http://rebound.example:{port}/")
        assert all("not known by this host name" in answer for answer in rebound.evaluate(REBOUND))
        assert runs(url) == 0

        own = browser.new_page()
        own.goto(f"{PROXY}:{port}/")  # the operator's own name for it
        answered = own.evaluate(REBOUND)
        assert "LaunchRunSuccess" in answered[1], answered
        assert runs(url) == 1
        own.goto(f"{url}/runs")
        own.get_by_text("idle").first.wait_for(timeout=SECONDS * 1_000)  # the UI itself works, over its WebSocket too
