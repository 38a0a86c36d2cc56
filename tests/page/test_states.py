"""The page while something is wrong: slow, offline, failing, stale; what it had stays, it says what is wrong, and it recovers."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import Open, Visitor
from tests.page.world import LIVELY, LONG, STALE, TRACKS

ROWS = "#chart-table tbody tr"
TROUBLE = "#trouble"


def again(page: Page) -> None:
    page.locator(TROUBLE).get_by_role("button", name="Try again").click()


def never(route: Route) -> None:
    """Leaves a request without an answer."""


def test_it_works_again_when_the_connection_is_back(visitor: Visitor) -> None:
    visitor.refused.append("/")
    page = visitor.open(f"/?genre={LIVELY}")
    shown = page.locator(ROWS).count()
    page.context.set_offline(True)
    expect(page.locator(TROUBLE)).to_contain_text("You are offline")
    expect(page.locator(TROUBLE)).to_have_role("alert")
    expect(page.locator(ROWS)).to_have_count(shown)
    page.get_by_role("link", name="Rap").click()
    expect(page.locator("h1")).to_have_text("Rap")
    expect(page.locator(TROUBLE)).to_contain_text("as soon as you are back")
    page.context.set_offline(False)
    expect(page.locator(ROWS)).to_have_count(TRACKS)
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_after_ten_seconds_without_an_answer_it_says_so_and_tries_again_when_asked(visitor: Visitor) -> None:
    page = visitor.page()
    page.clock.install()
    page.route(f"**/playlist-data/{LIVELY}", never, times=1)
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    expect(page.locator("#loading")).to_be_visible()
    # The clock goes on by itself as well, by seconds where the machine is busy.
    page.clock.run_for(3_000)
    expect(page.locator(TROUBLE)).to_have_count(0)
    page.clock.run_for(7_500)
    expect(page.locator(TROUBLE)).to_contain_text("No answer for 10 seconds")
    again(page)
    page.locator(ROWS).first.wait_for()
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_what_there_was_stays_while_a_later_answer_is_awaited(visitor: Visitor) -> None:
    page = visitor.page()
    page.clock.install()
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    page.locator(ROWS).first.wait_for()
    shown = page.locator(ROWS).count()
    page.route("**/playlist-data/**", never)
    page.clock.run_for(6 * 60_000)
    # A visitor who comes back to the tab after a while gets newer data.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(11_000)
    expect(page.locator(TROUBLE)).to_contain_text("What you see is what was there before")
    expect(page.locator(ROWS)).to_have_count(shown)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            503,
            '{"status":"error","message":"the database cannot be reached; try again in a moment","data":null}',
            "database",
        ),
        (500, "<h1>Bad Gateway</h1>", "server"),
        (200, '{"status":"succ', "server"),
    ],
)
def test_an_answer_that_is_none_is_told_and_can_be_asked_for_again(
    visitor: Visitor, status: int, body: str, words: str
) -> None:
    visitor.refused.append("/playlist-data")
    page = visitor.page()
    page.route(f"**/playlist-data/{LIVELY}", lambda route: route.fulfill(status=status, body=body))
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    expect(page.locator(TROUBLE)).to_contain_text(words)
    page.unroute_all()
    again(page)
    page.locator(ROWS).first.wait_for()
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_a_server_that_is_gone_is_told(visitor: Visitor) -> None:
    visitor.refused.append("/")
    page = visitor.page()
    page.route("**/playlist-data/**", lambda route: route.abort("connectionrefused"))
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    expect(page.locator(TROUBLE)).to_contain_text("cannot be reached")


def test_data_of_before_the_database_went_are_marked(visitor: Visitor) -> None:
    page = visitor.page()

    def stale(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "X-TuneMeld-Stale": "true", "X-TuneMeld-Age": "7300"}
        route.fulfill(response=answer, headers=headers)

    page.route(f"**/playlist-data/{LIVELY}", stale)
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    expect(page.locator("#stale-note")).to_contain_text("2 hours ago")


def test_a_cover_that_does_not_load_looks_intended(visitor: Visitor) -> None:
    visitor.refused.append("/covers/")
    page = visitor.page()
    page.route("**/covers/**", lambda route: route.fulfill(status=404))
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    page.locator(ROWS).first.wait_for()
    expect(page.locator(f"{ROWS} .cover.missing").first).to_be_visible()
    expect(page.locator(f"{ROWS}:first-child img.cover")).to_have_count(0)


def test_a_count_that_is_not_known_is_a_dash(opened: Open) -> None:
    page = opened(f"/?genre={LONG}")
    expect(page.locator(f"{ROWS} .col-spotify").first).to_have_text("–")


def test_an_address_that_means_nothing_shows_what_there_is(visitor: Visitor) -> None:
    page = visitor.open(f"/?genre={STALE}&sort=<b>&order=up&date=never&counts=7&track=nobody&nonsense=1")
    expect(page.locator("thead .col-rank")).to_have_attribute("aria-sort", "ascending")


def test_an_unknown_genre_names_the_known_ones(visitor: Visitor) -> None:
    visitor.refused.append("/polka")
    page = visitor.open("/?genre=polka", ready=False)
    expect(page.locator(TROUBLE)).to_be_visible()
    page.get_by_role("link", name="Dance").click()
    page.locator(ROWS).first.wait_for()


def test_quick_changes_of_mind_end_with_the_last(visitor: Visitor) -> None:
    page = visitor.page()
    held: list[Any] = []
    page.route(f"**/playlist-data/{LONG}", lambda route: held.append(route))
    page.goto(f"{visitor.url}/?genre={LONG}")
    page.get_by_role("link", name="Dance").click()
    expect(page.locator("h1")).to_have_text("Dance")
    page.locator(ROWS).first.wait_for()
    shown = page.locator(ROWS).count()
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text("Dance")
    expect(page.locator(ROWS)).to_have_count(shown)
    expect(page.locator(".subtitle")).to_contain_text(re.compile(rf"^{shown} tracks"))
