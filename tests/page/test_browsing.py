"""Days, keys, themes, the services' own lists, and the CSV."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import NARROW, Open, Visitor
from tests.page.test_chart import ROWS, asked, titles
from tests.page.world import DAYS, LIVELY, LONG, STALE, TRACKS
from tunemeld_pipeline.plugins.registry import keys


def downloaded(page: Page) -> tuple[str, list[dict[str, str]]]:
    """The CSV of the view: its file name and its rows."""
    with page.expect_download() as download:
        page.locator("#more").click()
        page.locator("#csv").click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    return download.value.suggested_filename, list(csv.DictReader(text.splitlines()))


def test_it_works_day_by_day(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    page.locator("#day").click()
    calendar = page.locator("#calendar")
    known = [button.get_attribute("data-day") for button in calendar.locator("[data-day]").all()]
    assert known == list(DAYS)
    calendar.locator(f"[data-day='{DAYS[0]}']").click()
    expect(calendar).to_have_count(0)
    expect(page.locator(".subtitle")).to_contain_text("11 November 2025")
    assert asked(page)["date"] == DAYS[0]
    past = site.data(f"/playlist-data/{LIVELY}?date={DAYS[0]}")[0]["tracks"]
    expect(page.locator(ROWS)).to_have_count(len(past))
    assert titles(page) == [track["track_name"] for track in past]
    page.locator("#later").click()
    expect(page.locator("#day")).to_have_text("18 Nov 2025")
    page.locator("#later").click()
    expect(page.locator("#day")).to_have_text("Latest · 19 Nov")
    assert "date" not in asked(page)
    expect(page.locator("#later")).to_be_disabled()
    page.go_back()
    expect(page.locator("#day")).to_have_text("18 Nov 2025")


def test_the_calendar_goes_by_arrows_from_one_day_with_a_chart_to_the_next(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    page.locator("#day").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-day='{DAYS[2]}']")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"[data-day='{DAYS[1]}']")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"[data-day='{DAYS[0]}']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#day")).to_be_focused()
    assert asked(page)["date"] == DAYS[0]
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#calendar")).to_have_count(0)
    expect(page.locator("#day")).to_be_focused()


def test_single_keys_lead_through_the_page_and_can_be_switched_off(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    first, second = titles(page)[:2]
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=second, exact=True).first).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text(first)
    page.keyboard.press("Escape")
    expect(page.locator("#panel-title")).to_have_count(0)
    page.keyboard.press("g")
    expect(page).to_have_url(re.compile(r"[?&]counts=gain(&|$)"))
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(rf"/charts/{LIVELY}/{DAYS[1]}\?"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(rf"/charts/{LIVELY}\?"))
    page.keyboard.press("4")
    expect(page.locator("h1")).to_have_text("Rap")
    page.keyboard.press("f")
    page.keyboard.type("Song 299")
    expect(page.locator(ROWS)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(ROWS)).to_have_count(TRACKS)
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#filter").evaluate("(one) => one.blur()")
    page.keyboard.press("2")
    page.reload()
    page.keyboard.press("2")
    expect(page.locator("h1")).to_have_text("Rap")


def test_a_chosen_theme_is_kept_and_the_default_is_the_systems(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}", color_scheme="light")

    def ground() -> str:
        return str(
            page.evaluate(
                "getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).color"
            )
        )

    light = ground()
    page.emulate_media(color_scheme="dark")
    dark = ground()
    assert dark != light
    page.emulate_media(color_scheme="light")
    page.locator("#more").click()
    page.locator("#theme").select_option("dark")
    assert ground() == dark
    page.reload()
    page.locator(ROWS).first.wait_for()
    assert ground() == dark
    page.locator("#more").click()
    page.locator("#theme").select_option("system")
    assert ground() == light


def test_the_services_lists_stand_side_by_side(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    lists = {one: site.ask(f"/v1/lists/{LIVELY}/{one}").json() for one in keys()}
    columns = page.locator("#services [data-service]")
    expect(columns).to_have_count(len(lists))
    tops = {column.bounding_box()["y"] for column in columns.all()}  # type: ignore[index]
    assert len(tops) == 1
    for service, shown in lists.items():
        column = page.locator(f"#services [data-service={service}]")
        expect(column.locator(".playlist-name")).to_have_text(shown["name"])
        expect(column.locator("time")).to_have_attribute("datetime", shown["observed_at"])
        expect(column.locator(".playlist .cover")).to_be_attached()
        if shown["description"]:
            expect(column.locator(".description")).to_have_text(shown["description"])
        expect(column).not_to_contain_text("Out of date")
    rows = lists["Spotify"]["tracks"]
    spotify = page.locator("#services [data-service=Spotify]")
    expect(spotify.locator("li")).to_have_count(10)
    spotify.get_by_role("button").click()
    expect(spotify.locator("li")).to_have_count(len(rows))
    place = spotify.locator(".on-chart").first
    rank = place.inner_text().removeprefix("#")
    place.click()
    expect(page.locator("#panel .facts dd").first).to_have_text(re.compile(f"^{rank}"))


def test_below_a_past_chart_stand_that_days_lists(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}/{DAYS[0]}")
    services = page.locator("#services")
    services.locator("li").first.wait_for()
    expect(services.get_by_role("heading", level=2)).to_have_text("The services’ Dance playlists on 11 Nov 2025")
    for service in keys():
        then, now = (site.ask(f"/v1/lists/{LIVELY}/{service}{day}").json() for day in (f"?date={DAYS[0]}", ""))
        rows = [(one["rank"], one["title"]) for one in then["tracks"][:10]]
        assert rows != [(one["rank"], one["title"]) for one in now["tracks"][:10]]
        column = services.locator(f"[data-service={service}]")
        expect(column.locator("li .name")).to_have_text([title or "Unknown title" for _, title in rows])
        expect(column.locator("time").last).to_have_attribute("datetime", then["observed_at"])
    ranks = site.ask(f"/v1/charts/{LIVELY}?date={DAYS[0]}").json()["tracks"]
    first = next(one for one in ranks if one["services"].get("Spotify", {}).get("rank") == 1)
    expect(services.locator("[data-service=Spotify] .on-chart").first).to_have_text(f"#{first['rank']}")


def test_rows_that_stay_from_an_earlier_read_are_marked_with_when_they_were_seen(site: Api, visitor: Visitor) -> None:
    listed = site.ask(f"/v1/lists/{LIVELY}/Spotify").json()
    rows = len(listed["tracks"])
    for track, seen in zip(
        listed["tracks"][5:7], ("2025-11-17T03:00:00+00:00", "2025-11-12T03:00:00+00:00"), strict=True
    ):
        track["last_seen_at"] = seen
    page = visitor.page(asks=True)
    page.route(
        f"**/v1/lists/{LIVELY}/Spotify", lambda route: route.fulfill(json={**listed, "kept": 2, "rows_total": 50})
    )
    page.goto(f"{visitor.url}/?genre={LIVELY}")
    spotify = page.locator("#services [data-service=Spotify]")
    expect(spotify.locator(".provenance")).to_contain_text(f"{rows - 2} of 50 rows · 2 more last seen on 12 Nov")
    expect(spotify.locator("li").nth(5)).to_contain_text("Last seen on 17 Nov")
    expect(spotify.locator(".last-seen")).to_have_count(2)


def test_a_list_of_a_service_that_did_not_answer_is_marked(opened: Open) -> None:
    page = opened(f"/charts/{STALE}")
    gone = page.locator("#services [data-service=AppleMusic]")
    expect(gone).to_contain_text("Out of date.")
    since, fetched = (gone.locator(".stale time").nth(index).get_attribute("datetime") or "" for index in (0, 1))
    assert (since[:10], fetched[:10]) == (DAYS[2], DAYS[1])
    expect(page.locator("#services [data-service=Spotify]")).not_to_contain_text("Out of date")


@pytest.mark.parametrize("query", sample(["?sort=youtube&counts=gain", "?q=a&sort=title&order=desc", f"/{DAYS[0]}"]))
def test_the_csv_is_what_is_shown(opened: Open, query: str) -> None:
    page = opened(f"/charts/{LIVELY}{query}")
    name, rows = downloaded(page)
    assert re.fullmatch(rf"tunemeld-{LIVELY}-\d{{4}}-\d\d-\d\d\.csv", name)
    assert [row["title"].lstrip("'") for row in rows] == [title.lstrip("'") for title in titles(page)]
    assert {"rank", "artist", "ISRC", "Spotify position", "YouTube link", "SoundCloud total"} <= set(rows[0])
    assert {(row["genre"], row["date"]) for row in rows} == {(LIVELY, DAYS[0] if DAYS[0] in query else DAYS[-1])}
    assert any(row["SoundCloud total"] for row in rows)


def test_no_cell_of_the_csv_is_a_formula(opened: Open) -> None:
    page = opened(f"/charts/{LONG}", width=NARROW)
    _, rows = downloaded(page)
    assert len(rows) == TRACKS
    assert rows[1]["title"] == "'" + '=HYPERLINK("http://evil.example")'
    assert "javascript:" not in str(rows)


@pytest.mark.parametrize("theme", sample(["dark", "light"]))
def test_on_paper_it_is_a_light_table_and_nothing_else(opened: Open, theme: str) -> None:
    page = opened(f"/charts/{LIVELY}")
    page.locator("#more").click()
    page.locator("#theme").select_option(theme)
    page.keyboard.press("Escape")
    page.emulate_media(media="print", color_scheme=theme)
    page.set_viewport_size({"width": 718, "height": 1000})
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('#chart-table tbody tr')).display") == "table-row"
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#last-updated")).to_be_visible()
    for gone in (".top", ".toolbar", "#services", ".foot", "#chart-table .cover", "#chart-table .sparkline"):
        expect(page.locator(gone).first).to_be_hidden()


def test_it_explains_itself_and_leads_home_and_to_the_api(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{LIVELY}?sort=title")
    page.locator("#more").click()
    expect(page.get_by_label("Theme")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#more")).to_be_focused()
    page.get_by_text("How this chart is made").click()
    expect(page.locator("#making")).to_contain_text("at least two")
    assert page.get_by_role("link", name="The API").get_attribute("href") == "/docs"
    page.get_by_role("link", name="TuneMeld").click()
    expect(page).to_have_url(visitor.url + "/")
    expect(page.locator("h1")).to_have_text("Today")


def test_the_selected_item_of_a_strip_is_in_sight(opened: Open) -> None:
    page = opened(f"/charts/{LONG}?sort=trend", width=240)
    expect(page.locator("#sort")).to_have_value("trend")
    for chosen in (page.locator("#sort"), page.locator(".genres [aria-current]")):
        box = chosen.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 240
    assert page.evaluate("scrollY") == 0


def test_keys_are_offered_only_where_something_hovers(opened: Open) -> None:
    for touch in (False, True):
        page = opened(f"/charts/{LIVELY}", has_touch=touch, is_mobile=touch)
        page.locator("#more").click()
        expect(page.locator("#keys")).to_be_visible(visible=not touch)
