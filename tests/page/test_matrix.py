"""Every page as every visitor meets it: at four widths in two themes, by mouse, touch and keyboard, in German, from right to left, with
forced colours, over an empty database, and a chart of 5,000 rows. test_states and test_offline have what goes wrong with a connection."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.django_backend.conftest import Api, serving, settings_for_api
from tests.matrix import sample
from tests.page.conftest import PAGES, Visitor
from tests.page.test_accessibility import violations
from tests.page.world import EMPTY, LIVELY, LONG

WIDTHS = (360, 600, 1024, 1440)
HUGE = 5_000
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HIDDEN_FOCUS = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + box.height / 2];
  const over = document.elementFromPoint(x, y);
  return over !== null && !document.activeElement.contains(over) && !over.contains(document.activeElement) ? over.outerHTML : null;
}"""


def opened(visitor: Visitor, path: str, **options: Any) -> Page:
    page = visitor.open(path, ready=False, **options)
    page.locator("main :is(section, article)").first.wait_for()
    expect(page.locator("h1")).not_to_have_text("")
    return page


@pytest.mark.parametrize(
    ("name", "width"), sample([(name, width) for name in PAGES for width in WIDTHS], mark=pytest.mark.matrix)
)
def test_every_page_is_whole_at_every_width_and_in_both_themes(
    visitor: Visitor, paths: dict[str, str], name: str, width: int
) -> None:
    page = opened(visitor, paths[name], width=width, color_scheme="light")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert violations(page) == []
        assert page.evaluate(OVERFLOW) <= 0


def by_mouse(page: Page) -> None:
    page.locator("main a[href]:visible").first.click()


def by_touch(page: Page) -> None:
    page.locator("main a[href]:visible").first.tap()


def by_keyboard(page: Page) -> None:
    target = page.locator("main a[href]:visible").first.element_handle()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(HIDDEN_FOCUS) is None
        if page.evaluate("(one) => document.activeElement === one", target):
            break
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("name", "act"),
    sample([(name, act) for name in PAGES for act in (by_keyboard, by_touch, by_mouse)], mark=pytest.mark.matrix),
)
def test_every_page_can_be_used_by_every_hand(
    visitor: Visitor, paths: dict[str, str], name: str, act: Callable[[Page], None]
) -> None:
    page = opened(visitor, paths[name], has_touch=act is by_touch)
    before = page.url
    # A link to a service opens there, in a tab of its own.
    page.context.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    act(page)
    page.wait_for_function("(before) => location.href !== before", arg=before)
    expect(page.locator("h1").first).to_be_visible()


@pytest.mark.parametrize("name", sample(PAGES, mark=pytest.mark.matrix))
def test_every_page_is_german_for_who_reads_german(visitor: Visitor, paths: dict[str, str], name: str) -> None:
    page = opened(visitor, paths[name], width=360, locale="de-AT")
    assert page.evaluate("document.documentElement.lang") == "de"
    expect(page.get_by_role("link", name="Heute")).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    # The choice holds for addresses that name no language, though the browser asks for German.
    page.goto(visitor.url)
    expect(page.locator("h1")).to_have_text("Today")


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(PAGES, mark=pytest.mark.matrix))
def test_every_page_holds_from_right_to_left_and_with_forced_colours(
    visitor: Visitor, paths: dict[str, str], name: str
) -> None:
    page = opened(visitor, paths[name], forced_colors="active")
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOW) <= 0
    assert violations(page) == []


@pytest.fixture
def nothing(mongod_url: str, sandbox_root: str, page_folder: Path, tmp_path: Path) -> Iterator[Api]:
    """The server over an empty database."""
    with serving(
        settings_for_api(mongod_url, sandbox_root, tmp_path), TUNEMELD_PAGE_FOLDER=str(page_folder)
    ) as running:
        yield running


@pytest.mark.slow
def test_over_an_empty_database_every_page_says_what_there_is_not(visitor: Visitor, nothing: Api) -> None:
    visitor.refused.append("/")
    page = visitor.page()
    for path in ("/", f"/charts/{EMPTY}", "/track/QZZ992600001", "/artist/nobody", f"/agreement/{LIVELY}"):
        page.goto(nothing.url + path)
        expect(page.locator("#trouble, #empty-note")).to_be_visible()
        assert violations(page) == []


def huge(route: Route) -> None:
    """A chart of 5,000 rows, made of the 300 of the longest."""
    answer = route.fetch()
    chart = answer.json()
    rows = [
        {
            **chart["tracks"][at % len(chart["tracks"])],
            "track_id": f"QZZ99{at:07}",
            "rank": at + 1,
            "title": f"Nr {at}.",
        }
        for at in range(HUGE)
    ]
    route.fulfill(response=answer, body=json.dumps({**chart, "tracks": rows}))


@pytest.mark.slow
def test_finding_and_printing_reach_each_of_5000_rows(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    page.route(f"**/v1/charts/{LONG}", huge)
    page.goto(f"{visitor.url}/charts/{LONG}")
    rows = page.locator("#chart-table tbody").locator("> tr")
    expect(rows).to_have_count(HUGE)
    assert page.evaluate("window.find('Nr 4987.')")
    expect(page.get_by_text("Nr 4987.", exact=True)).to_be_in_viewport()
    page.emulate_media(media="print")
    assert page.locator("#chart-table").bounding_box()["height"] > HUGE * 10  # type: ignore[index]
