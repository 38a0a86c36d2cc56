"""The page without a connection: what was seen is there, the page says that it is offline, and no release runs on another's page."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.django_backend.conftest import Api, serving
from tests.page.conftest import FRONTEND, Visitor
from tests.page.world import DAYS, LIVELY
from tunemeld_pipeline.settings.settings import Settings

ROWS = "#chart-table tbody tr"
CONTROLLED = """async () => {
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller === null) {
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
  }
}"""
KEPT = "async () => (await (await caches.open('tunemeld-answers')).keys()).map((one) => new URL(one.url).pathname)"
REGISTERED = "async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length"


def kept(visitor: Visitor, path: str = f"/charts/{LIVELY}", url: str | None = None) -> Page:
    """A page whose service worker has kept what it needs, in a browser that is offline now and then."""
    visitor.refused.append("/")
    page = visitor.page(service_workers="allow")
    page.goto((url or visitor.url) + path)
    page.locator(ROWS).first.wait_for()
    page.evaluate(CONTROLLED)
    page.wait_for_function(f"({KEPT})().then((paths) => paths.includes('/v1/charts/{LIVELY}'))")
    return page


def test_it_works(visitor: Visitor) -> None:
    page = kept(visitor)
    rows = page.locator(ROWS).count()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(ROWS)).to_have_count(rows)
    expect(page.locator("#trouble")).to_have_text("You are offline. You see what we loaded before.")
    expect(page.locator("h1")).to_have_text("Dance")
    # A day that was not seen.
    page.goto(f"{visitor.url}/charts/{LIVELY}/{DAYS[0]}")
    expect(page.locator("#trouble")).to_contain_text("as soon as you are back online")
    page.context.set_offline(False)
    page.locator(ROWS).first.wait_for()
    expect(page.locator("#trouble")).to_have_count(0)


def test_the_page_can_be_installed(visitor: Visitor) -> None:
    page = kept(visitor)
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert (found["url"], found["errors"]) == (f"{visitor.url}/manifest.webmanifest", [])
    problems = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A profile of a test is a private window.
    assert [one["errorId"] for one in problems if one["errorId"] != "in-incognito"] == []


@pytest.mark.slow
def test_no_release_runs_on_anothers_page_and_a_worker_can_be_taken_away(
    visitor: Visitor, site: Api, site_settings: Settings, page_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    shutil.copytree(page_folder, folder, ignore=shutil.ignore_patterns("*.br", "*.gz"))
    entry = re.findall(r'src="\./(assets/index-[^"]+)"', (folder / "index.html").read_text("utf-8"))[0]
    with serving(site_settings, TUNEMELD_PAGE_FOLDER=str(folder)) as running:
        page = kept(visitor, url=running.url)
        newer = entry.replace("index-", "index-newer-")
        (folder / entry).rename(folder / newer)
        for name in ("index.html", "worker.js"):
            text = (folder / name).read_text("utf-8")
            (folder / name).write_text(text.replace(entry, newer).replace('BUILD = "', 'BUILD = "newer-'), "utf-8")
        (folder / "assets" / "touched").touch()
        scripts = "[...document.querySelectorAll('script[type=module]')].map((one) => new URL(one.src).pathname)"
        page.reload()
        page.locator(ROWS).first.wait_for()
        assert page.evaluate(scripts) == [f"/{newer}"]
        # The newer worker waits for the older one's pages; without a connection the older one's page comes with its own files.
        page.context.set_offline(True)
        page.reload()
        page.locator(ROWS).first.wait_for()
        assert page.evaluate(scripts) == [f"/{entry}"]
        page.context.set_offline(False)
        shutil.copy(FRONTEND / "src" / "worker" / "farewell.js", folder / "worker.js")
        (folder / "assets" / "touched again").touch()
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        page.wait_for_function(f"({REGISTERED})().then((count) => count === 0)")
