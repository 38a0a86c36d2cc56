"""The page while something is wrong: slow, offline, failing, stale. It keeps what it has, says what is wrong, and recovers."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import Open, Visitor
from tests.page.world import LIVELY, LONG, STALE, TRACKS

ROWS = "#chart-table tbody tr"
TROUBLE = "#trouble"


def again(page: Page) -> None:
    page.locator("#status").get_by_role("button", name="Try again").click()


def never(route: Route) -> None:
    """Leaves a request without an answer."""


def test_it_works_again_when_the_connection_is_back(visitor: Visitor) -> None:
    visitor.refused.append("/")
    page = visitor.open(f"/charts/{LIVELY}")
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


def test_after_ten_seconds_without_an_answer_it_says_so_and_offers_a_retry(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    page.clock.install()
    page.route(f"**/v1/charts/{LIVELY}", never, times=1)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator("#loading")).to_be_visible()
    # The real clock also moves the page's clock on, by seconds on a busy machine.
    page.clock.run_for(3_000)
    expect(page.locator(TROUBLE)).to_have_count(0)
    page.clock.run_for(7_500)
    expect(page.locator(TROUBLE)).to_contain_text("No answer for 10 seconds")
    again(page)
    page.locator(ROWS).first.wait_for()
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_the_chart_stays_while_a_later_answer_is_awaited(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    page.clock.install()
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator(ROWS).first.wait_for()
    shown = page.locator(ROWS).count()
    page.route("**/v1/charts/**", never)
    page.clock.run_for(6 * 60_000)
    # A visitor who returns to the tab after a while gets newer data.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(11_000)
    expect(page.locator(TROUBLE)).to_contain_text("You see what we loaded before.")
    expect(page.locator(ROWS)).to_have_count(shown)


@pytest.mark.parametrize(
    ("status", "body"),
    sample(
        [
            (503, '{"status":"error","message":"the database cannot be reached","data":null}'),
            (500, "<h1>"),
            (200, '{"stat'),
        ]
    ),
)
def test_a_failed_answer_is_explained_in_plain_words_and_can_be_retried(
    visitor: Visitor, status: int, body: str
) -> None:
    visitor.refused.append("/v1/charts")
    page = visitor.page(asks=True)
    page.route(f"**/v1/charts/{LIVELY}", lambda route: route.fulfill(status=status, body=body))
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator(TROUBLE)).to_contain_text("server")
    expect(page.locator("body")).not_to_contain_text("database")
    page.unroute_all()
    again(page)
    page.locator(ROWS).first.wait_for()
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_the_page_says_that_the_server_is_gone(visitor: Visitor) -> None:
    visitor.refused.append("/")
    page = visitor.page(asks=True)
    page.route("**/v1/charts/**", lambda route: route.abort("connectionrefused"))
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator(TROUBLE)).to_contain_text("can’t reach TuneMeld’s server")


def test_data_from_before_a_database_outage_are_marked(visitor: Visitor) -> None:
    page = visitor.page(asks=True)

    def stale(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "X-TuneMeld-Stale": "true", "X-TuneMeld-Age": "7300"}
        route.fulfill(response=answer, headers=headers)

    page.route(f"**/v1/charts/{LIVELY}", stale)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator("#stale-note")).to_contain_text("2 hours ago")


def changed_chart(page: Page, genre: str, **changes: Any) -> None:
    """Replaces the page's chart of this genre."""

    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | changes)

    page.route(f"**/v1/charts/{genre}", change)


def test_an_old_chart_says_how_old_it_is_and_a_fresh_one_does_not(site: Api, visitor: Visitor) -> None:
    updated = datetime.fromisoformat(site.ask(f"/v1/charts/{LIVELY}").json()["observed_at"])
    for later, words in {
        timedelta(hours=35): None,
        timedelta(hours=37): "1 day old",
        timedelta(days=6): "6 days old",
    }.items():
        page = visitor.page(asks=True)
        page.clock.set_fixed_time(updated + later)
        page.goto(f"{visitor.url}/charts/{LIVELY}")
        expect(page.locator("#last-updated")).to_be_visible()
        if words is None:
            expect(page.locator("#age-note")).to_have_count(0)
        else:
            expect(page.locator("#age-note")).to_contain_text(words)


def test_a_chart_that_replaces_a_withdrawn_one_says_so(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    changed_chart(page, LIVELY, date="2025-11-11", rolled_back=True)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator("#age-note")).to_have_text(
        "This is the chart for Tuesday, 11 November 2025: we withdrew a newer one."
    )
    changed_chart(page, LIVELY, date="2025-11-11", rolled_back=True, held=True)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator("#age-note")).to_contain_text("we withdrew a newer one and keep this one for now.")


def test_a_list_older_than_its_chart_is_named_with_its_day(opened: Open) -> None:
    note = opened(f"/charts/{STALE}").locator("#gaps-note")
    expect(note).to_have_text("Apple Music’s list is from 18 Nov: we couldn’t get a newer one.")
    expect(opened(f"/charts/{LIVELY}").locator("#gaps-note")).to_have_count(0)


def test_missing_lists_and_counts_are_named(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    absent = {"state": "absent", "rows": 0, "observed_at": None, "problem": "403", "matched_share": None}
    unknown = {**absent, "state": "stale"}
    lists = {"SoundCloud": absent, "Spotify": unknown}
    changed_chart(page, LIVELY, degraded={"Youtube counts": "quota"}, lists=lists)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    note = page.locator("#gaps-note")
    expect(note).to_contain_text("We couldn’t get Spotify’s newest list; an older one counts instead.")
    expect(note).to_contain_text("SoundCloud’s list is missing.")
    expect(note).to_contain_text("YouTube’s views for this day are missing.")


@pytest.mark.parametrize("part", ["charts/*/counts", "charts/*/days", "lists/**"])
def test_a_part_that_failed_to_load_is_reported_and_can_be_retried(visitor: Visitor, part: str) -> None:
    visitor.refused.append("/v1/")
    page = visitor.page()
    page.route(f"**/v1/{part}", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    note = page.locator("#parts-note")
    expect(note).to_contain_text("Couldn’t load some parts of this page.")
    page.unroute_all()
    page.locator("#status").get_by_role("button", name="Try again").click()
    expect(note).to_have_count(0)
    expect(page.locator(ROWS).first).to_be_visible()


def test_a_failure_is_retried_without_a_click_and_no_sooner_than_the_server_allows(visitor: Visitor) -> None:
    visitor.refused.append("/v1/charts")
    page = visitor.page(asks=True)
    page.clock.install()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "120"} if len(asked) == 2 else {}, body="{}")

    page.route(f"**/v1/charts/{LIVELY}", refuse)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    expect(page.locator(TROUBLE)).to_be_visible()
    with page.expect_response("**/v1/charts/**"):
        page.clock.run_for(5_500)
    assert len(asked) == 2
    page.unroute_all()
    page.clock.run_for(45_000)
    expect(page.locator(TROUBLE)).to_be_visible()
    page.clock.run_for(80_000)
    page.locator(ROWS).first.wait_for()
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_a_cover_that_does_not_load_looks_intended(visitor: Visitor) -> None:
    visitor.refused.append("/covers/")
    page = visitor.page()
    page.route("**/covers/**", lambda route: route.fulfill(status=404))
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator(ROWS).first.wait_for()
    expect(page.locator(f"{ROWS} .cover.missing").first).to_be_visible()
    expect(page.locator(f"{ROWS}:first-child img.cover")).to_have_count(0)


def test_an_unknown_count_is_a_dash(opened: Open) -> None:
    page = opened(f"/charts/{LONG}")
    expect(page.locator(f"{ROWS} .col-count.of-Spotify").first).to_have_text("–")


def test_an_address_with_unknown_values_shows_the_default_view(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{STALE}?sort=<b>&order=up&counts=7&track=nobody&nonsense=1")
    expect(page.locator("thead .col-rank")).to_have_attribute("aria-sort", "ascending")


def test_an_unknown_genre_names_the_known_ones(visitor: Visitor) -> None:
    visitor.refused.append("polka")
    page = visitor.open("/charts/polka", ready=False)
    expect(page.locator(TROUBLE)).to_contain_text("There is no genre called “polka”")
    page.locator(TROUBLE).get_by_role("link", name="Dance").click()
    page.locator(ROWS).first.wait_for()


def test_quick_changes_of_mind_end_with_the_last(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    held: list[Any] = []
    page.route(f"**/v1/charts/{LONG}", lambda route: held.append(route))
    page.goto(f"{visitor.url}/charts/{LONG}")
    page.get_by_role("link", name="Dance").click()
    expect(page.locator("h1")).to_have_text("Dance")
    page.locator(ROWS).first.wait_for()
    shown = page.locator(ROWS).count()
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text("Dance")
    expect(page.locator(ROWS)).to_have_count(shown)
    expect(page.locator(".subtitle")).to_contain_text(re.compile(rf"^{shown} tracks"))
