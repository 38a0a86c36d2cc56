"""Today and the pages of a track, an artist and a genre's agreement, as a visitor reads them and goes from one to the other."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import NARROW, WIDE, Open, Visitor
from tests.page.world import DAYS, EMPTY, LIVELY

LISTS = {"agreed": "most_agreed", "new": "new", "climbers": "climbers", "leavers": "leavers", "disputed": "disputed"}
"""The lists of Today: where each is on the page, and in the answer."""


def today(site: Api) -> dict[str, Any]:
    found: dict[str, Any] = site.ask("/v1/today").json()
    return found


def charted(site: Api) -> dict[str, Any]:
    """The first recording of the lively chart, with everything that is known of it."""
    first = site.ask(f"/v1/charts/{LIVELY}?limit=1").json()["tracks"][0]["track_id"]
    found: dict[str, Any] = site.ask(f"/v1/tracks/{quote(first)}").json()
    return found


def own_pages(site: Api) -> dict[str, str]:
    """One page of each kind with what stands in its heading."""
    track = charted(site)
    artist = track["artists"][0]
    return {
        "/": "Today",
        f"/track/{track['track_id']}": track["title"],
        f"/artist/{artist['slug']}": site.ask(artist["artist"]).json()["name"],
        "/search?q=a": "Search",
        "/my-songs": "My songs",
        f"/agreement/{LIVELY}": "How much do editors agree on Dance?",
    }


def test_it_works_from_today_to_a_track_its_artist_and_back(site: Api, opened: Open) -> None:
    page = opened("/", ready=False)
    answer = today(site)
    expect(page.locator(".what")).to_contain_text("charts the songs on which they agree")
    for place, name in LISTS.items():
        ids = list(dict.fromkeys(row["track_id"] for row in answer[name]))
        shown = page.locator(f"#{place} .song")
        assert [quote(one, safe=":") for one in ids[: shown.count()]] == [
            (link.get_attribute("href") or "").removeprefix("/track/") for link in shown.all()
        ]
        assert bool(ids) == bool(shown.count())
    named = next(row for row in answer["most_agreed"] if row["title"])
    page.locator("#agreed").get_by_role("link", name=named["title"], exact=True).first.click()
    expect(page.locator("h1")).to_have_text(named["title"])
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("#announcement")).to_contain_text(named["title"])
    expect(page).to_have_title(re.compile(re.escape(named["title"])))
    page.locator(".record-by a").first.click()
    expect(page.locator("#songs .song").get_by_text(named["title"], exact=True)).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Today")
    expect(page.locator(".genres [aria-current]")).to_have_text("Today")


def test_a_track_tells_where_it_stood_on_every_day_and_who_listed_it_first(site: Api, opened: Open) -> None:
    track = charted(site)
    page = opened(f"/track/{track['track_id']}", ready=False)
    for genre in track["genres"]:
        row = page.locator("#standings tbody tr").filter(has_text=re.compile(genre["genre"], re.IGNORECASE))
        expect(row).to_contain_text(str(genre["best_rank"] or "–"))
        expect(row).to_contain_text(f"{genre['days_on_chart']} day")
    expect(page.locator(".firsts li")).to_have_count(len(track["first_listed"]))
    expect(page.locator("#ranks .line.chart-line")).to_have_attribute("d", re.compile("^M"))
    page.locator("#ranks summary").click()
    best = min(track["genres"], key=lambda one: (one["best_rank"] or 999, -one["days_on_chart"]))
    assert page.locator("#ranks .all-days tbody tr").count() >= len(best["chart"])
    for day in best["chart"]:
        shown = page.locator("#ranks .all-days tbody tr").filter(has_text=f"{int(day['date'][8:])} Nov 2025").first
        expect(shown.locator("td").first).to_have_text(str(day["rank"]))
    page.locator(".record .plot canvas").first.wait_for()
    page.locator("#standings tbody a").first.click()
    expect(page.locator("#chart-table")).to_be_visible()


def test_the_agreement_of_a_genre_is_shown_pair_by_pair(site: Api, opened: Open) -> None:
    found = site.ask(f"/v1/agreement/{LIVELY}").json()
    page = opened(f"/charts/{LIVELY}")
    page.get_by_role("link", name="How much do editors agree?").click()
    expect(page).to_have_url(re.compile(f"/agreement/{LIVELY}$"))
    shown = [int(text.rstrip("%")) for text in page.locator("#pairs .big").all_inner_texts()]
    assert shown == sorted((round(100 * one["rbo"]) for one in found["means"]), reverse=True)
    expect(page.locator("#firsts tbody tr")).to_have_count(len(found["firsts"]))
    expect(page.locator("#stays dd").first).to_contain_text(str(found["stays"]["median_days"] or "not known yet"))


def test_a_song_of_today_plays_and_goes_on_playing_on_other_pages(visitor: Visitor) -> None:
    page = visitor.page()
    visitor.allow_players(page)
    page.goto(visitor.url)
    page.locator("#climbers button.play-cover, #disputed button.play-cover").first.click()
    expect(page.locator("#player iframe")).to_be_attached()
    name = page.locator("#player .name").inner_text()
    page.get_by_role("link", name="Dance", exact=True).first.click()
    page.locator("#chart-table").wait_for()
    expect(page.locator("#player .name")).to_have_text(name)
    assert len(visitor.players) == 1


def test_each_page_is_there_without_scripts(site: Api, opened: Open) -> None:
    for path, heading in own_pages(site).items():
        page = opened(path, ready=False, java_script_enabled=False)
        expect(page.locator("h1")).to_have_text(heading)
        expect(page.locator("noscript").get_by_role("link").first).to_be_visible()
    page.get_by_role("link", name="The Dance chart").click()
    expect(page.locator("noscript").get_by_role("table")).to_be_visible()
    page.locator("noscript td a").first.click()
    expect(page.get_by_role("heading", name="Where it stood")).to_be_visible()


@pytest.mark.parametrize("width", [NARROW, pytest.param(WIDE, marks=pytest.mark.slow)])
def test_no_page_is_wider_than_the_screen(site: Api, opened: Open, width: int) -> None:
    for path in own_pages(site):
        page = opened(path, ready=False, width=width)
        page.locator("main section").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_each_page_says_that_the_server_is_gone_and_recovers(site: Api, visitor: Visitor) -> None:
    visitor.refused.append("/v1/")
    for path in own_pages(site):
        page = visitor.page(asks=True)
        page.route("**/v1/**", lambda route: route.abort("connectionrefused"))
        page.goto(visitor.url + path)
        expect(page.locator("#trouble")).to_contain_text("can’t reach TuneMeld’s server")
        page.unroute_all()
        page.locator("#status").get_by_role("button", name="Try again").click()
        page.locator("main section").first.wait_for()
        expect(page.locator("#trouble")).to_have_count(0)


def changed_today(page: Page, change: dict[str, Any]) -> None:
    """Replaces parts of the answer of today."""

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, json=found.json() | change)

    page.route("**/v1/today", answer)


def test_on_the_first_day_today_says_what_comes_tomorrow(site: Api, visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    genres = [one | {"compared_with": None} for one in today(site)["genres"]]
    changed_today(page, {"genres": genres, "new": [], "climbers": [], "leavers": []})
    page.goto(visitor.url)
    expect(page.locator("#first-note")).to_contain_text("stands here from tomorrow")
    expect(page.locator("#agreed .song").first).to_be_visible()


def test_a_day_without_changes_says_so_in_one_sentence(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    changed_today(page, {"new": [], "climbers": [], "leavers": []})
    page.goto(visitor.url)
    expect(page.locator(".first-day")).to_have_text(
        "Since the day before, nothing is new, nothing climbed and nothing is gone."
    )


def test_where_one_service_alone_is_read_no_editors_agree_or_disagree(site: Api, visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    changed_today(page, {"genres": [one | {"agreement": None} for one in today(site)["genres"]]})
    page.goto(visitor.url)
    expect(page.get_by_role("heading", name="At the top")).to_be_visible()
    expect(page.locator("#disputed")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("The lists agree")


def test_without_any_chart_today_says_when_the_first_ones_come(visitor: Visitor) -> None:
    page = visitor.page(asks=True)
    changed_today(page, {name: [] for name in ("genres", *LISTS.values())})
    page.goto(visitor.url)
    expect(page.locator("#empty-note")).to_contain_text("There is no chart yet.")


@pytest.mark.parametrize(
    ("path", "words"),
    sample(
        {
            "/track/nobody": "No list and no chart ever had a track",
            "/artist/nobody": "No song of an artist",
            f"/agreement/{EMPTY}": "No Country chart yet",
            "/agreement/polka": "There is no genre called “polka”",
        }.items(),
        fast=2,
    ),
)
def test_what_there_is_not_is_said(visitor: Visitor, path: str, words: str) -> None:
    visitor.refused += ["nobody", EMPTY, "polka"]
    page = visitor.open(path, ready=False)
    expect(page.locator("#trouble")).to_contain_text(words)


def test_an_address_of_a_chart_as_it_once_was_still_shows_it(opened: Open) -> None:
    page = opened(f"/?genre={LIVELY}&date={DAYS[0]}&sort=title&order=desc")
    expect(page).to_have_url(re.compile(f"/charts/{LIVELY}/{DAYS[0]}[?]"))
    expect(page.locator("thead .col-title")).to_have_attribute("aria-sort", "descending")


def test_today_can_be_read_with_the_keyboard_alone(opened: Open) -> None:
    page = opened("/", ready=False)
    page.locator("#agreed .song").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#agreed, .status') !== null")
    page.keyboard.press("2")
    expect(page.locator("h1")).to_have_text("Dance")
    page.keyboard.press("0")
    expect(page.locator("h1")).to_have_text("Today")
