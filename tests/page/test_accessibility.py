"""axe-core finds no violation on any view, light and dark, narrow and wide.

axe enters the page through the debugger, so the Content-Security-Policy stays on.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import FRONTEND, NARROW, Visitor
from tests.page.world import DAYS, EMPTY, LIVELY, LONG, STALE, TRACKS
from tunemeld_pipeline.plugins import registry

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": TAGS}
COLOURS = {**ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules whose result a theme can change."""


def violations(page: Page, options: dict[str, Any] = ALL) -> list[str]:
    """axe's violations, one line each: the rule and the first places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


def chart(page: Page) -> None:
    page.locator("#chart-table tbody tr").first.wait_for()
    page.locator("#services li").first.wait_for()


def trouble(page: Page) -> None:
    page.locator("#trouble").wait_for()


def calendar(page: Page) -> None:
    chart(page)
    page.locator("#day").click()
    page.locator("#calendar").wait_for()


def keys(page: Page) -> None:
    chart(page)
    page.locator("#more").click()
    page.locator("#keys").click()
    page.locator("dialog.keys[open]").wait_for()


def panel(page: Page) -> None:
    page.locator("#panel .plot canvas").first.wait_for()
    for summary in page.locator("#panel summary").all():
        summary.click()


def page_itself(page: Page) -> None:
    page.locator("main section").first.wait_for()


def track_page(page: Page) -> None:
    page.locator(".record .plot canvas").first.wait_for()
    page.locator("#ranks summary").click()


VIEWS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "chart": (f"/charts/{LIVELY}", chart),
    "today": ("/", page_itself),
    "search": ("/search?q=a", page_itself),
    "track": ("/track/FIRST", track_page),
    "artist": ("/artist/ARTIST", page_itself),
    "agreement": (f"/agreement/{LIVELY}", page_itself),
    "panel": (f"/charts/{LIVELY}?track=FIRST", panel),
    "gains, a stale list": (f"/charts/{STALE}?sort=youtube&counts=gain", chart),
    "nothing found": (f"/charts/{LIVELY}?q=nobody", lambda page: page.locator("#empty-note").wait_for()),
    "past day": (f"/charts/{LIVELY}/{DAYS[0]}", chart),
    "no such day": (f"/charts/{LIVELY}/2025-11-15", trouble),
    "nothing yet": (f"/charts/{EMPTY}", trouble),
    "calendar": (f"/charts/{LIVELY}", calendar),
    "keys": (f"/charts/{LIVELY}", keys),
}


def check_all(page: Page) -> None:
    """Light and dark, wide and narrow."""
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == []
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert violations(page) == []
    page.emulate_media(color_scheme="light")
    assert violations(page, COLOURS) == []


@pytest.mark.parametrize("view", sample(VIEWS, fast=3))
def test_no_view_violates_a_rule(site: Api, visitor: Visitor, view: str) -> None:
    visitor.refused += [f"/{EMPTY}", "2025-11-15"]
    path, make_ready = VIEWS[view]
    first = site.data(f"/playlist-data/{LIVELY}")[0]["tracks"][0]["track_id"]
    artist = site.ask(f"/v1/tracks/{quote(first)}").json()["artists"][0]["slug"]
    path = path.replace("FIRST", quote(first)).replace("ARTIST", artist)
    page = visitor.open(path, ready=False, color_scheme="light")
    make_ready(page)
    check_all(page)


def test_loading_and_errors_violate_no_rule(visitor: Visitor) -> None:
    page = visitor.page(asks=True, color_scheme="light")
    page.clock.install()
    page.route("**/v1/charts/*", lambda route: None)
    page.goto(f"{visitor.url}/charts/{LONG}")
    expect(page.locator("#loading")).to_be_visible()
    assert violations(page) == []
    page.clock.run_for(11_000)
    trouble(page)
    check_all(page)


def test_axe_itself_finds_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{LIVELY}")
    page.evaluate("document.querySelector('#filter').closest('label').replaceWith(document.querySelector('#filter'))")
    page.evaluate("document.querySelector('#filter').removeAttribute('placeholder')")
    assert any(one.startswith("label:") for one in violations(page))


def test_the_table_says_what_it_shows(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{LIVELY}?sort=artist")
    table = page.locator("#chart-table")
    expect(table.locator("caption")).to_have_text("Dance chart, sorted by “Artist”, ascending")
    expect(table.get_by_role("columnheader")).to_have_count(10 + len(registry.keys()))
    expect(table.get_by_role("rowheader").first).to_be_visible()
    assert table.locator("[aria-sort=ascending]").count() == 1
    page.locator("thead .col-title button").click()
    expect(page.locator("#announcement")).to_have_text("Dance chart, sorted by “Title”, ascending.")
    assert page.evaluate("document.documentElement.lang") == "en"
    for place in ("#matches", "#sandbox-note", "#announcement"):
        expect(page.locator(place)).to_have_attribute("role", "status")


def test_a_screen_reader_has_the_cells_of_every_row(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{LONG}")
    expect(page.locator("#chart-table tbody tr")).to_have_count(TRACKS)
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    assert sum(node.get("role", {}).get("value") == "rowheader" for node in tree if not node["ignored"]) == TRACKS
