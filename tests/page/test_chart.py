"""The chart as a visitor reads, sorts and searches it."""

import re
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import NARROW, WIDE, Open, Visitor
from tests.page.world import DAYS, EMPTY, EVIL, LIVELY, LONG, STALE, TRACKS

ROWS = "#chart-table tbody tr"


def tracks(site: Api, genre: str = LIVELY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.data(f"/playlist-data/{genre}")[0]["tracks"]
    return found


def cells(page: Page, column: str) -> list[str]:
    return [text.strip() for text in page.locator(f"{ROWS} .col-{column}").all_inner_texts()]


def titles(page: Page) -> list[str]:
    return page.locator(f"{ROWS} .track").all_text_contents()


def asked(page: Page) -> dict[str, str]:
    """What the address says of a chart: its genre and day, and the view of it."""
    parts = urlsplit(page.url)
    _, place, *where = parts.path.split("/")
    assert place == "charts"
    return {
        **dict(zip(("genre", "date"), where, strict=False)),
        **{name: values[0] for name, values in parse_qs(parts.query).items()},
    }


def test_it_works(site: Api, opened: Open) -> None:
    expected = tracks(site)
    page = opened(f"/charts/{LIVELY}")
    expect(page.locator("h1")).to_have_text("Dance")
    expect(page).to_have_title("Dance chart · TuneMeld")
    expect(page.locator(ROWS)).to_have_count(len(expected))
    assert titles(page) == [track["track_name"] for track in expected]
    assert cells(page, "artist") == [track["artist_name"] for track in expected]
    assert cells(page, "peak") == [str(track["peak_rank"]) for track in expected]
    assert cells(page, "weeks") == [str(track["weeks_on_chart"]) for track in expected]
    signs = {"new": "NEW", "re": "RE", "up": "▲", "down": "▼", "same": "="}
    for shown, track in zip(cells(page, "movement"), expected, strict=True):
        assert shown.startswith(signs[track["status"]])
    first = page.locator(ROWS).first
    for service, position in expected[0]["sources"].items():
        expect(first.locator(f".badge.of-{service}")).to_have_text(str(position))
    link = first.locator(f".badge.of-{expected[0]['source_name']}")
    assert link.get_attribute("href") == expected[0]["track_url"]
    assert "noopener" in (link.get_attribute("rel") or "")


def test_covers_and_sparklines_are_really_there(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    page.wait_for_function("[...document.querySelectorAll('img.cover')].some((one) => one.naturalWidth > 0)")
    expect(page.locator(f"{ROWS} .sparkline path[d^=M]").first).to_be_attached()


@pytest.mark.parametrize(
    ("column", "head_class", "field"),
    sample(
        [
            ("title", "col-title", "track_name"),
            ("youtube", "col-count.of-Youtube", "Youtube"),
            ("artist", "col-artist", "artist_name"),
            ("peak", "col-peak", "peak_rank"),
        ],
        fast=2,
    ),
)
def test_a_column_sorts_in_place_and_in_the_address(
    site: Api, opened: Open, column: str, head_class: str, field: str
) -> None:
    page = opened(f"/charts/{LIVELY}")
    head = page.locator(f"thead .{head_class}")

    def value(track: dict[str, Any]) -> Any:
        counts = track["view_count_data_json"].get(field)
        if counts:
            count = counts["current_count_json"]["current_view_count"]
            return None if count == "" else count
        return track[field]

    by_title = {track["track_name"]: value(track) for track in tracks(site)}
    head.get_by_role("button").click()
    for _ in range(2):
        order = asked(page).get("order") or ("desc" if column == "youtube" else "asc")
        expect(head).to_have_attribute("aria-sort", "ascending" if order == "asc" else "descending")
        assert asked(page)["sort"] == column
        shown = [by_title[title] for title in titles(page)]
        known = [one.casefold() if isinstance(one, str) else one for one in shown if one is not None]
        if not isinstance(known[0], str):
            assert known == sorted(known, reverse=order == "desc")
        assert None not in shown[: len(known)]
        before = titles(page)
        head.get_by_role("button").click()
        assert titles(page) != before
    assert page.locator("thead [aria-sort=ascending], thead [aria-sort=descending]").count() == 1


def test_all_of_the_view_is_in_the_address_and_back_takes_one_step(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    page.get_by_role("button", name="Artist").click()
    page.get_by_text("Gain in 7 days", exact=True).click()
    page.get_by_role("link", name="Rap").click()
    expect(page.locator(ROWS)).to_have_count(TRACKS)
    assert asked(page) == {"genre": LONG, "sort": "artist", "counts": "gain"}
    page.go_back()
    expect(page.locator("h1")).to_have_text("Dance")
    assert asked(page) == {"genre": LIVELY, "sort": "artist", "counts": "gain"}
    page.go_back()
    expect(page.get_by_role("radio", name="Total")).to_be_checked()
    page.go_back()
    expect(page.locator("thead .col-rank")).to_have_attribute("aria-sort", "ascending")
    page.go_forward()
    expect(page.locator("thead .col-artist")).to_have_attribute("aria-sort", "ascending")
    page.reload()
    expect(page.locator("thead .col-artist")).to_have_attribute("aria-sort", "ascending")


def test_the_search_narrows_as_letters_are_typed_and_leaves_no_trail(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    steps = page.evaluate("history.length")
    artist = tracks(site)[2]["artist_name"]
    page.get_by_role("searchbox").press_sequentially(artist.upper()[:12])
    expect(page.locator(ROWS).first.locator(".col-artist")).to_have_text(
        re.compile(re.escape(artist[:12]), re.IGNORECASE)
    )
    expect(page.locator("#matches")).to_have_text(re.compile(r"^\d+ tracks? of \d+$"))
    assert page.evaluate("history.length") == steps
    assert asked(page)["q"] == artist.upper()[:12].strip() or asked(page)["q"] == artist.upper()[:12]
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value(artist.upper()[:12])
    page.get_by_role("searchbox").fill("nobody sings this")
    expect(page.locator("#empty-note")).to_contain_text("nobody sings this")
    page.get_by_role("searchbox").fill("")
    expect(page.locator(ROWS)).to_have_count(len(tracks(site)))


def test_gains_take_the_place_of_totals(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    totals = cells(page, "count.of-Youtube")
    page.get_by_text("Gain in 7 days", exact=True).click()
    gains = cells(page, "count.of-Youtube")
    assert gains != totals
    known = [track["gain_7d"]["Youtube"] for track in tracks(site)]
    for shown, gain in zip(gains, known, strict=True):
        assert shown.startswith("–" if gain is None else "+" if gain > 0 else ("-", "0"))


def test_titles_are_text_whatever_they_hold(opened: Open) -> None:
    page = opened(f"/charts/{LONG}")
    assert titles(page)[0] == EVIL
    assert "pwned" not in page.title()
    assert page.locator("main script, main img[src=x]").count() == 0
    assert page.locator("[href^='javascript:'], [src^='javascript:']").count() == 0


@pytest.mark.parametrize(("width", "genre"), sample(product((NARROW, WIDE), (LONG, LIVELY))))
def test_nothing_is_wider_than_the_screen(opened: Open, width: int, genre: str) -> None:
    page = opened(f"/charts/{genre}", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first = page.locator(ROWS).first
    for part in (".col-rank", ".track", ".col-artist", ".badge"):
        expect(first.locator(part).first).to_be_visible()


def test_it_can_be_used_with_the_keyboard_alone(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")

    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent || document.activeElement.id"))

    def tab_to(wanted: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if wanted in focused():
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
                return
        raise AssertionError(f"{wanted} cannot be reached; the focus is on {focused()}")

    page.keyboard.press("Tab")
    assert focused().strip() == "Skip to the chart"
    page.keyboard.press("Enter")
    expect(page.locator("#chart")).to_be_focused()
    tab_to("Artist")
    page.keyboard.press("Space")
    expect(page.locator("thead .col-artist")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    expect(page.locator("thead .col-artist")).to_have_attribute("aria-sort", "descending")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.reload()
    page.locator(ROWS).first.wait_for()
    tab_to("Rap")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Rap")
    tab_to("filter")
    page.keyboard.type("Song 299")
    expect(page.locator(ROWS)).to_have_count(1)


def test_a_past_day_has_its_own_chart(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}/{DAYS[0]}")
    past = site.data(f"/playlist-data/{LIVELY}?date={DAYS[0]}")[0]["tracks"]
    assert titles(page) == [track["track_name"] for track in past]


def test_a_past_day_says_how_each_track_moved_like_the_current_one(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}/{DAYS[1]}")
    expect(page.locator("thead .col-movement, thead .col-peak, thead .col-weeks")).to_have_count(3)
    for track in site.data(f"/playlist-data/{LIVELY}?date={DAYS[1]}")[0]["tracks"][:5]:
        row = page.locator(f"[data-track='{track['track_id']}']")
        expect(row.locator(".movement")).to_have_class(f"movement {track['status']}")
        expect(row.locator(".col-peak")).to_have_text(str(track["peak_rank"]))
        expect(row.locator(".col-weeks")).to_have_text(str(track["weeks_on_chart"]))


def test_a_past_day_has_the_counts_of_tracks_that_left_the_chart_since(site: Api, opened: Open) -> None:
    now = {track["track_id"] for track in site.data(f"/playlist-data/{LIVELY}")[0]["tracks"]}
    plays = {
        one["track_id"]: one["readings"]["Spotify"][-1][1]
        for one in site.data(f"/graph-data/{LIVELY}?date={DAYS[0]}")
        if one["track_id"] not in now and one["readings"]["Spotify"]
    }
    assert plays, "all tracks of the first day are still there; choose other days"
    page = opened(f"/charts/{LIVELY}/{DAYS[0]}")
    for track_id, count in plays.items():
        cell = page.locator(f"[data-track='{track_id}'] .col-count.of-Spotify")
        expect(cell).to_have_attribute("title", f"{count:,} plays on Spotify")
    page.locator(f"[data-track='{next(iter(plays))}'] a.track").click()
    expect(page.locator("#panel .readout")).to_contain_text(f"{next(iter(plays.values())):,}")


def test_the_day_of_the_latest_chart_is_no_past_day(visitor: Visitor) -> None:
    page = visitor.page()
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.removeprefix(visitor.url)))
    page.goto(f"{visitor.url}/charts/{LIVELY}/{DAYS[-1]}")
    page.locator(ROWS).first.wait_for()
    expect(page.locator("thead .col-movement, thead .col-peak, thead .col-weeks")).to_have_count(3)
    expect(page.locator("#later")).to_be_disabled()
    expect(page.locator("#day")).to_have_text("Latest · 19 Nov")
    assert f"/v1/charts/{LIVELY}/days" in paths
    assert not [path for path in paths if path.startswith("/v1/charts") and "date=" in path]


def test_a_day_without_a_chart_offers_the_nearest(visitor: Visitor) -> None:
    visitor.refused.append("2025-11-15")
    page = visitor.open(f"/charts/{LIVELY}/2025-11-15", ready=False)
    expect(page.locator("#trouble")).to_contain_text("There is no chart for")
    page.locator("#trouble").get_by_role("link", name=re.compile("18 Nov")).click()
    page.locator(ROWS).first.wait_for()
    assert asked(page)["date"] == "2025-11-18"


def test_a_genre_without_a_chart_says_so_to_visitors_and_leads_to_those_that_have_one(visitor: Visitor) -> None:
    visitor.refused.append(f"/{EMPTY}")
    page = visitor.open(f"/charts/{EMPTY}", ready=False)
    expect(page.locator("h1")).to_have_text("Country")
    trouble = page.locator("#chart #trouble")
    expect(trouble).to_contain_text("No Country chart yet")
    expect(page.locator("#filter")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("tunemeld etl")
    trouble.get_by_role("link", name="Pop").click()
    page.locator(ROWS).first.wait_for()
    expect(page.locator("#filter")).to_be_visible()


def test_invented_data_are_labelled_and_times_are_the_visitors(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}", timezone_id="Asia/Tokyo")
    expect(page.locator("#sandbox-note")).to_contain_text("Invented data")
    updated = page.locator(".subtitle time")
    assert updated.get_attribute("datetime") == site.ask(f"/v1/charts/{LIVELY}").json()["observed_at"]
    expect(updated).to_contain_text(re.compile(r"GMT\+9|JST"))


def test_a_shared_link_has_its_title_before_any_script_runs(opened: Open) -> None:
    page = opened(f"/charts/{STALE}", ready=False, java_script_enabled=False)
    assert page.title().startswith("Pop chart")
    expect(page.locator("noscript, table").first).to_be_attached()
    expect(page.get_by_role("table", name=re.compile("Pop"))).to_be_visible()
    assert page.locator("tbody tr").count() > 5


@pytest.mark.parametrize("width", [NARROW, 768])
def test_a_card_names_its_services_in_letters_and_nothing_overlaps(opened: Open, width: int) -> None:
    page = opened(f"/charts/{LONG}", width=width)
    row = page.locator(ROWS).nth(3)
    before = "(one) => getComputedStyle(one, '::before').content"
    assert [row.locator(part).evaluate(before) for part in (".badge.of-Spotify", ".badge.of-SoundCloud")] == [
        '"SP "',
        '"SC "',
    ]
    assert row.locator(".col-count.of-Spotify").evaluate(before) == '"SP "'
    cells = "(one) => [...one.cells].map((cell) => cell.getBoundingClientRect()).filter((box) => box.width > 0)"
    boxes = [(one["left"], one["right"], one["top"], one["bottom"]) for one in row.evaluate(cells)]
    for index, (left, right, top, bottom) in enumerate(boxes):
        for begin, end, above, below in boxes[index + 1 :]:
            assert right <= begin + 1 or end <= left + 1 or bottom <= above + 1 or below <= top + 1
    assert max(right for _, right, _, _ in boxes) <= width


def test_a_phone_shows_five_tracks_at_once_and_nothing_shifts(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator("#services li").first.wait_for()
    inside = "(rows) => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    assert page.locator(ROWS).evaluate_all(inside) >= 5
    # Every shift is kept from the page's first moment on; two frames later the observer has been given them.
    shifted = page.evaluate(
        "new Promise((done) => { let sum = 0;"
        " new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))"
        ".observe({ type: 'layout-shift', buffered: true });"
        " requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum)))) })"
    )
    assert shifted < 0.1
