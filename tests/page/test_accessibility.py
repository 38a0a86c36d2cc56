"""axe-core finds no violation on any view, light and dark, narrow and wide.

axe runs within the page by the debugger's way in, so that the Content-Security-Policy stays on.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import FRONTEND, NARROW, WIDE, Visitor
from tests.page.world import DAYS, EMPTY, LIVELY, LONG, STALE

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
Scheme = Literal["light", "dark"]


def violations(page: Page) -> list[str]:
    """What axe finds, one line each: the rule, why, and the first places."""
    page.evaluate(Path(AXE).read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {one['help']}: "
        + " | ".join(f"{node['html'][:160]} {node['failureSummary'][:200]}" for node in one["nodes"][:3])
        for one in found["violations"]
    ]


def chart(page: Page) -> None:
    page.locator("#chart-table tbody tr").first.wait_for()


def trouble(page: Page) -> None:
    page.locator("#trouble").wait_for()


VIEWS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "chart": (f"/?genre={LIVELY}", chart),
    "sorted gains": (f"/?genre={STALE}&sort=youtube&counts=gain", chart),
    "search without a find": (f"/?genre={LIVELY}&q=nobody", lambda page: page.locator("#empty-note").wait_for()),
    "past day": (f"/?genre={LIVELY}&date={DAYS[0]}", chart),
    "no such day": (f"/?genre={LIVELY}&date=2025-11-15", trouble),
    "nothing yet": (f"/?genre={EMPTY}", trouble),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_violates_a_rule(visitor: Visitor, view: str, scheme: Scheme) -> None:
    visitor.refused += [f"/{EMPTY}", "date=2025-11-15"]
    path, is_ready = VIEWS[view]
    page = visitor.open(path, ready=False, color_scheme=scheme)
    is_ready(page)
    assert violations(page) == []
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_loading_and_trouble_violate_none(visitor: Visitor, scheme: Scheme) -> None:
    page = visitor.page(color_scheme=scheme, width=WIDE)
    page.clock.install()
    page.route("**/playlist-data/**", lambda route: None)
    page.goto(f"{visitor.url}/?genre={LONG}")
    expect(page.locator("#loading")).to_be_visible()
    assert violations(page) == []
    page.clock.run_for(11_000)
    trouble(page)
    assert violations(page) == []


def test_axe_itself_finds_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open(f"/?genre={LIVELY}")
    page.evaluate("document.querySelector('#search').closest('label').replaceWith(document.querySelector('#search'))")
    page.evaluate("document.querySelector('#search').removeAttribute('placeholder')")
    assert any(one.startswith("label:") for one in violations(page))


def test_the_table_tells_what_it_is(visitor: Visitor) -> None:
    page = visitor.open(f"/?genre={LIVELY}&sort=artist")
    table = page.get_by_role("table")
    expect(table.locator("caption")).to_have_text("Dance chart, sorted by artist, ascending")
    expect(page.get_by_role("columnheader")).to_have_count(12)
    expect(page.get_by_role("rowheader").first).to_be_visible()
    assert page.locator("[aria-sort=ascending]").count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"
    for place in ("#matches", "#sandbox-note"):
        expect(page.locator(place)).to_have_attribute("role", "status")
