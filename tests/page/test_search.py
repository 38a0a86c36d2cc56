"""The search over everything: from every page with the keyboard, on its own page, and without scripts."""

import re

from playwright.sync_api import expect

from tests.django_backend.conftest import Api
from tests.page.conftest import NARROW, Open
from tests.page.world import LIVELY


def misspelt(site: Api) -> tuple[str, str]:
    """The title of a charted recording, and the same with two letters of its longest word exchanged."""
    titles = [one["title"] for one in site.ask(f"/v1/charts/{LIVELY}?fields=title").json()["tracks"]]
    title = max((one for one in titles if one.isascii()), key=lambda one: max(map(len, re.findall("[A-Za-z]+", one))))
    word = max(re.findall("[A-Za-z]+", title), key=len)
    assert len(word) > 4
    return title, word[:2] + word[3] + word[2] + word[4:]


def test_it_works_on_every_page_with_the_keyboard_and_a_misspelt_name(site: Api, opened: Open) -> None:
    title, typed = misspelt(site)
    page = opened(f"/agreement/{LIVELY}", ready=False)
    page.locator("#pairs").wait_for()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(typed)
    song = page.get_by_role("group", name="Songs").get_by_role("option").filter(has_text=title).first
    expect(song).to_be_visible()
    for _ in range(page.locator(".find-item").count()):
        page.keyboard.press("ArrowDown")
        if song.get_attribute("aria-selected") == "true":
            break
    assert page.locator("#find").get_attribute("aria-activedescendant") == song.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(title)
    page.keyboard.press("/")
    page.keyboard.type(LIVELY[:4])
    expect(page.get_by_role("group", name="Genres").get_by_role("option")).to_have_text("Dance")
    page.keyboard.press("Escape")
    expect(page.locator(".find-item")).to_have_count(0)


def test_its_page_shows_all_that_is_found_and_is_in_the_history_once(site: Api, opened: Open) -> None:
    title, typed = misspelt(site)
    page = opened("/", ready=False, width=NARROW)
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(typed)
    expect(page.locator("#results .song").get_by_text(title, exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/search[?]q={typed}$"))
    expect(page.locator("#found")).to_contain_text("result")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#results .song").first).to_be_focused()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Today")


def test_without_scripts_the_field_of_each_page_leads_to_what_is_found(site: Api, opened: Open) -> None:
    title, typed = misspelt(site)
    page = opened("/", ready=False, java_script_enabled=False)
    page.locator(".top .find-field").fill(typed)
    page.keyboard.press("Enter")
    page.locator("noscript a", has_text=title).first.click()
    expect(page.locator("h1")).to_contain_text(title)
    page.goto(f"{site.url}/search?q=qqzzxxvv")
    expect(page.locator("noscript p")).to_contain_text("Nothing is called “qqzzxxvv”.")
