"""The fixtures of the page's tests: one Chromium per session, and the real server over its own world."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.django_backend.conftest import Api, serving, settings_for_api
from tests.page.world import DAYS, LIVELY, STALE, fill
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

PROJECT = Path(__file__).parents[2]
FRONTEND = PROJECT / "frontend"
BUILT = FRONTEND / "dist" / "index.html"
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first has no windows to draw, so that a page takes it a third of the processor time."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Threads and processes that draw and isolate what one visitor at a time looks at: a fifth of a page's processor time.
    "--in-process-gpu",
    "--num-raster-threads=1",
    "--disable-site-isolation-trials",
)
WIDE, NARROW = 1440, 360
ANSWER_MILLISECONDS = 120_000
"""How long a test waits for a condition: long enough for a machine that is busy with other tests."""

PLAYERS = (
    "www.youtube-nocookie.com",
    "open.spotify.com",
    "w.soundcloud.com",
    "embed.music.apple.com",
    "widget.deezer.com",
)
PAGES = {
    "chart": f"/charts/{LIVELY}",
    "today": "/",
    "past day": f"/charts/{LIVELY}/{DAYS[0]}",
    "degraded": f"/charts/{STALE}",
    "track": "/track/FIRST",
    "artist": "/artist/ARTIST",
    "agreement": f"/agreement/{LIVELY}",
}
"""Each kind of page, and a chart that lacks a list."""

FORGET = """
document.addEventListener("readystatechange", () => document.getElementById("tunemeld-answers")?.remove());
"""
"""Takes what the server wrote into the page for it to start from out of it, before the page's own script runs."""

NETWORK_WORDS = "Failed to load resource"
BLOCKED_WORKER = "Service Worker registration blocked by Playwright"


def find_chromium() -> str | None:
    """Debian's Chromium without windows, or another on the PATH."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program. Without one the page's tests are skipped; in CI, which installs one, they fail."""
    found = find_chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI has to test the page and found no Chromium; .ci/run installs it")
    if found is None:
        pytest.skip(
            "there is no Chromium on this machine, so the page is not tested; install it (apt-get install chromium-headless-shell)"
        )
    return found


@pytest.fixture(scope="session")
def page_folder(chromium: str) -> Path:
    """The page, built from the current frontend/."""
    with FileLock(Path(tempfile.gettempdir()) / f"tunemeld-page-{os.getuid()}.lock"):
        sources = [
            path for folder in ("src", "public") for path in (FRONTEND / folder).rglob("*") if path.is_file()
        ] + [FRONTEND / name for name in ("index.html", "package-lock.json", "vite.config.ts")]
        sources += (PROJECT / "django_backend" / "texts").iterdir()
        if not BUILT.exists() or BUILT.stat().st_mtime < max(path.stat().st_mtime for path in sources):
            subprocess.run([PROJECT / "scripts" / "frontend", "build"], check=True)
    return BUILT.parent


@pytest.fixture(scope="session")
def site_settings(mongod_url: str, sandbox_root: str) -> Iterator[Settings]:
    """The settings of the world of `world.py`, which is there."""
    with tempfile.TemporaryDirectory(prefix="tunemeld-page-") as home:
        settings = settings_for_api(mongod_url, sandbox_root, Path(home))
        try:
            fill(settings, mongod_url, sandbox_root)
            yield settings
        finally:
            with connect(mongod_url) as client:
                client.drop_database(settings.database_name)


@pytest.fixture(scope="session")
def site(site_settings: Settings, page_folder: Path) -> Iterator[Api]:
    """The server over that world."""
    with serving(site_settings, TUNEMELD_PAGE_FOLDER=str(page_folder)) as running:
        yield running


@pytest.fixture(scope="session")
def paths(site: Api) -> dict[str, str]:
    """The path of each page."""
    first = site.data(f"/playlist-data/{LIVELY}")[0]["tracks"][0]["track_id"]
    artist = site.ask(f"/v1/tracks/{quote(first)}").json()["artists"][0]["slug"]
    return {name: path.replace("FIRST", quote(first)).replace("ARTIST", artist) for name, path in PAGES.items()}


@pytest.fixture(scope="package")
def browser(chromium: str, site: Api) -> Iterator[Browser]:
    """One Chromium for all tests of the page.

    While it runs, Playwright's loop runs too, and Dagster cannot start a run in the same thread. So it starts after the server has
    its data, and ends before the tests of other packages.
    """
    expect.set_options(timeout=ANSWER_MILLISECONDS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        try:
            yield running
        finally:
            running.close()


class Visitor:
    """Opens pages and records what they complain about.

    Attributes:
        complaints: errors and warnings of the console, and exceptions; the test fails if there are any at its end.
        refused: parts of addresses that are meant to fail to load.
        players: the addresses of the players that were loaded.
    """

    def __init__(self, browser: Browser, site: Api) -> None:
        self._browser = browser
        self.url = site.url
        self.complaints: list[str] = []
        self.refused: list[str] = []
        self.players: list[str] = []
        self._contexts: list[Any] = []

    def open(self, path: str = "/", *, width: int = WIDE, ready: bool = True, **options: Any) -> Page:
        """A page in its own profile; waits for the chart by default."""
        page = self.page(width=width, **options)
        page.goto(self.url + path)
        if ready:
            page.locator("#chart-table tbody tr").first.wait_for()
        return page

    def page(self, *, width: int = WIDE, asks: bool = False, **options: Any) -> Page:
        """An empty page; with `asks`, one that gets no answers from the server with its HTML and so asks for all of them."""
        chosen = {"viewport": {"width": width, "height": 900}, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
        # A request that a service worker makes passes by what a test answers; test_offline allows them.
        chosen["service_workers"] = "block"
        context = self._browser.new_context(**{**chosen, **options})
        context.set_default_timeout(ANSWER_MILLISECONDS)
        self._contexts.append(context)
        page = context.new_page()
        if asks:
            page.add_init_script(FORGET)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        return page

    def allow_players(self, page: Page) -> None:
        """Answers instead of the services, which no test calls. While it does, the browser caches nothing."""
        for host in PLAYERS:
            page.route(f"https://{host}/**", self._play)

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _play(self, route: Any) -> None:
        self.players.append(route.request.url)
        route.fulfill(content_type="text/html", body="<!doctype html><title>a player</title>")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or message.text == BLOCKED_WORKER:
            return
        address = str(message.location.get("url", ""))
        if message.text.startswith(NETWORK_WORDS) and any(part in address for part in self.refused):
            return
        self.complaints.append(f"{message.type}: {message.text} ({address})")


@pytest.fixture
def visitor(browser: Browser, site: Api) -> Iterator[Visitor]:
    """A visitor. The test fails if any opened page complains."""
    one = Visitor(browser, site)
    try:
        yield one
    finally:
        one.close()
    assert one.complaints == []


Open = Callable[..., Page]


@pytest.fixture
def opened(visitor: Visitor) -> Open:
    """Opens a page: `opened("/charts/dance", width=360)`."""
    return visitor.open
