"""The songs that a visitor stars, and the menus at the top of each page."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.django_backend.conftest import Api
from tests.page.conftest import NARROW, Open, Visitor
from tests.page.world import LIVELY

REFUSE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def star_first(page: Page, count: int = 1) -> list[str]:
    """Stars the first rows, and returns their titles."""
    stars = page.locator("#chart-table tbody .star")
    for at in range(count):
        stars.nth(at).click()
        expect(stars.nth(at)).to_have_attribute("aria-pressed", "true")
    return page.locator("#chart-table tbody .track").all_inner_texts()[:count]


def test_starred_songs_stand_on_a_page_of_their_own_with_their_ranks(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}", width=NARROW)
    titles = star_first(page, 2)
    expect(page.locator("#panel")).to_have_count(0)
    page.get_by_role("link", name="My songs").click()
    expect(page.locator("#songs .song")).to_have_text(titles)
    expect(page.locator("#songs .said").first).to_contain_text("Number 1 in Dance")
    page.reload()
    expect(page.locator("#songs .song")).to_have_text(titles)
    with page.expect_download() as download:
        page.locator("#export").click()
    page.locator("#songs .star").first.click()
    expect(page.locator("#songs .song")).to_have_text(titles[1:])
    page.locator("#songs .song").first.click()
    expect(page.get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    page.go_back()
    page.locator("#import").set_input_files(download.value.path())
    expect(page.locator("#songs .song")).to_have_text(titles)
    page.locator("#import").set_input_files(Path(__file__))
    expect(page.locator("#imported")).to_contain_text("no file of starred songs")


def test_where_the_browser_keeps_nothing_stars_last_until_the_page_is_closed(visitor: Visitor) -> None:
    page = visitor.page()
    page.add_init_script(REFUSE)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator("#chart-table tbody tr").first.wait_for()
    titles = star_first(page)
    page.get_by_role("link", name="My songs").click()
    expect(page.locator("#songs .song")).to_have_text(titles)
    expect(page.locator("#not-kept")).to_be_visible()


def test_the_share_menu_copies_and_closes_with_the_keyboard(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}", width=NARROW, permissions=["clipboard-read", "clipboard-write"])
    share = page.locator("#share")
    expect(share).to_have_attribute("aria-expanded", "false")
    share.focus()
    page.keyboard.press("Enter")
    page.locator("#copy-text").wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#copy-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.locator("#copy-text").click()
    first = page.locator("#chart-table tbody .track").first.inner_text()
    page.wait_for_function(
        "async (title) => (await navigator.clipboard.readText()).includes(`1. ${title} – `)", arg=first
    )
    box = page.locator("#share-menu").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW
    with page.expect_download() as download:
        page.get_by_role("link", name="JSPF").click()
    assert download.value.suggested_filename.endswith(".jspf")
    page.keyboard.press("Escape")
    expect(share).to_be_focused()
    expect(page.locator("#copy-text")).to_have_count(0)
