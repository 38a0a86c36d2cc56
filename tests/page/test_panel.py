"""A track's panel: its counts over time, why it ranks where it does, and the services' players."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.django_backend.conftest import Api
from tests.matrix import sample
from tests.page.conftest import NARROW, WIDE, Open, Visitor
from tests.page.world import DAYS, EVIL, LIVELY, LONG

PLOT = "#panel .plot canvas"


def counted(site: Api) -> dict[str, Any]:
    """A track that was counted on the first and on the last day, with its chart's row."""
    graphs = {one["track_id"]: one["readings"]["Spotify"] for one in site.data(f"/graph-data/{LIVELY}")}
    for track in site.data(f"/playlist-data/{LIVELY}")[0]["tracks"]:
        days = [at[:10] for at, _ in graphs.get(track["track_id"], [])]
        if DAYS[0] in days and DAYS[-1] in days and track["youtube_url"]:
            return {**track, "readings": graphs[track["track_id"]]}
    raise AssertionError("the sandbox has no such track; choose other days")


def panel_path(track: dict[str, Any]) -> str:
    return f"/charts/{LIVELY}?track={quote(track['track_id'])}"


def panel_of(opened: Open, track: dict[str, Any], **options: Any) -> Page:
    page = opened(panel_path(track), **options)
    page.locator(PLOT).first.wait_for()
    return page


def inked(page: Page) -> int:
    """How many pixels of the chart are drawn."""
    return int(
        page.locator(PLOT).first.evaluate(
            "(one) => one.getContext('2d').getImageData(0, 0, one.width, one.height).data"
            ".reduce((sum, value, index) => sum + (index % 4 === 3 && value > 0 ? 1 : 0), 0)"
        )
    )


def choose(page: Page, name: str) -> None:
    page.locator("#panel").get_by_text(name, exact=True).click()


def test_it_works(site: Api, opened: Open) -> None:
    track = counted(site)
    page = opened(f"/charts/{LIVELY}")
    assert not page.evaluate("performance.getEntriesByType('resource').some((one) => one.name.includes('Panel'))")
    link = page.get_by_role("link", name=track["track_name"], exact=True).first
    link.click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", level=2)).to_have_text(track["track_name"])
    assert f"track={quote(track['track_id'], safe='')}" in page.url
    page.locator(PLOT).first.wait_for()
    assert inked(page) > 1_000
    at, count = track["readings"][-1]
    readout = panel.locator(".readout")
    expect(readout).to_contain_text(f"{int(at[8:10])} Nov 2025")
    expect(readout).to_contain_text(f"{count:,}")
    shares = [int(text.rstrip("%")) for text in panel.locator(".share").all_inner_texts()]
    assert abs(sum(shares) - 100) <= 1
    steps = page.evaluate("history.length")
    for _ in range(2):  # Closing goes back to before it was opened, so opening it again adds no step.
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(link).to_be_focused()
        assert "track=" not in page.url
        page.keyboard.press("Enter")
        expect(panel).to_be_visible()
        assert page.evaluate("history.length") == steps
    page.go_back()
    expect(panel).to_have_count(0)


def test_the_pointer_reads_values_and_gaps_stay_gaps(site: Api, opened: Open) -> None:
    track = counted(site)
    page = panel_of(opened, track)
    readout = page.locator("#panel .readout")
    box = page.locator("#panel .u-over").first.bounding_box()
    assert box is not None
    page.locator("#panel .plot").scroll_into_view_if_needed()
    box = page.locator("#panel .u-over").first.bounding_box() or box
    page.mouse.move(box["x"] + 2, box["y"] + 40)
    expect(readout).to_contain_text("11 Nov 2025")
    expect(readout).to_contain_text(f"{track['readings'][0][1]:,}")
    page.locator("#panel summary", has_text="As a table").click()
    rows = dict(
        zip(
            page.locator("#panel .values tbody th").all_inner_texts(),
            page.locator("#panel .values tbody tr").all_inner_texts(),
            strict=True,
        )
    )
    assert len(rows) == 9
    assert "–" in rows["14 Nov 2025"]
    assert not re.search(r"\d{4,}|,\d", rows["14 Nov 2025"].replace("14 Nov 2025", ""))


def with_an_older_day(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=[*answer.json(), {"date": "2023-11-18", "chart": "/"}])


def test_ranges_longer_than_the_charts_go_back_cannot_be_chosen(site: Api, opened: Open) -> None:
    page = panel_of(opened, counted(site))
    for name, able in {"30 days": True, "90 days": True, "1 year": False, "2 years": False}.items():
        expect(page.locator("#panel").get_by_role("radio", name=name)).to_be_enabled(enabled=able)


def test_total_and_gain_linear_and_log_and_longer_spans(site: Api, visitor: Visitor) -> None:
    track = counted(site)
    page = visitor.page()
    # As if there were two years of charts.
    page.route(f"**/v1/charts/{LIVELY}/days", with_an_older_day)
    page.goto(visitor.url + panel_path(track))
    page.locator(PLOT).first.wait_for()
    readout = page.locator("#panel .readout")
    total = readout.inner_text()
    choose(page, "Daily gain")
    expect(readout).not_to_have_text(total)
    gained = track["readings"][-1][1] - track["readings"][-2][1]
    expect(readout).to_contain_text(f"{gained:,}")
    choose(page, "Log")
    assert inked(page) > 500
    choose(page, "1 year")
    page.locator(PLOT).first.wait_for()
    assert inked(page) > 500


def test_a_player_loads_only_on_play_and_from_its_own_service(site: Api, visitor: Visitor) -> None:
    track = counted(site)
    page = visitor.page()
    visitor.allow_players(page)
    page.goto(f"{visitor.url}/charts/{LIVELY}?track={quote(track['track_id'])}")
    buttons = page.locator("#panel .play")
    buttons.first.wait_for()
    assert visitor.players == []
    hosts = {"Youtube": "www.youtube-nocookie.com", "Spotify": "open.spotify.com"}
    hosts |= {"SoundCloud": "w.soundcloud.com", "AppleMusic": "embed.music.apple.com"}
    hosts |= {"Deezer": "widget.deezer.com"}
    listed = [service for service in hosts if page.locator(f"#panel .play.of-{service}").count()]
    assert "Youtube" in listed
    assert len(listed) >= 3
    for service in listed:
        page.locator(f"#panel .play.of-{service}").click()
        frame = page.frame_locator("#player iframe")
        expect(frame.locator("body")).to_be_attached()
        assert urlsplit(visitor.players[-1]).hostname == hosts[service]
        expect(page.locator("#player iframe")).to_have_attribute("title", re.compile(re.escape(track["track_name"])))
    assert len(visitor.players) == len(listed)
    page.locator(f"#panel .play.of-{listed[-1]}").click()
    expect(page.locator("#player iframe")).to_have_count(0)


def test_its_links_lead_to_the_services(site: Api, opened: Open) -> None:
    track = counted(site)
    page = panel_of(opened, track)
    links = page.locator("#panel a.button")
    found = {link.get_attribute("href") for link in links.all()}
    assert {track["track_url"], track["youtube_url"], *track["additional_sources"].values()} <= found
    assert all("noopener" in (link.get_attribute("rel") or "") for link in links.all())


def test_a_title_is_text_there_too(opened: Open) -> None:
    page = opened(f"/charts/{LONG}")
    page.get_by_role("link", name=EVIL, exact=True).first.click()
    expect(page.locator("#panel-title")).to_have_text(EVIL)
    assert page.locator("#panel script, #panel img[src=x]").count() == 0
    assert "pwned" not in page.title()


def test_its_address_holds_the_day_of_its_chart_for_when_the_track_has_left(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    link = page.locator("#chart-table a.track").first
    expect(link).to_have_attribute("href", re.compile(rf"^/charts/{LIVELY}/{DAYS[-1]}\?track="))
    link.click()
    expect(page.locator("#panel")).to_be_visible()
    assert f"/{DAYS[-1]}?track=" in page.url
    page.locator("#close-panel").click()
    expect(page.locator("#panel")).to_have_count(0)
    assert page.url.endswith(f"/charts/{LIVELY}")


@pytest.mark.parametrize(
    ("query", "chart"), sample([(f"/{DAYS[0]}", "The Dance chart for 11 Nov 2025"), ("", "The Dance chart")])
)
def test_a_track_that_is_not_on_the_chart_gets_a_message_and_a_link_to_the_chart(
    opened: Open, query: str, chart: str
) -> None:
    page = opened(f"/charts/{LIVELY}{query}?track=nobody")
    expect(page.locator("#panel")).to_contain_text("not on this chart")
    page.locator("#panel").get_by_role("link", name=chart, exact=True).click()
    expect(page.locator("#panel")).to_have_count(0)
    assert page.url.endswith(f"/charts/{LIVELY}{query}")


def test_the_close_button_covers_no_word_of_a_panel_without_a_track(opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}?track=nobody", width=NARROW)
    close = page.locator("#close-panel").bounding_box()
    assert close is not None
    words = page.locator("#panel-title").evaluate(
        "(one) => { const range = document.createRange(); range.selectNodeContents(one);"
        " return Math.max(...[...range.getClientRects()].map((line) => line.right)) }"
    )
    assert words <= close["x"]


@pytest.mark.parametrize("width", sample([NARROW, WIDE]))
def test_it_fits_the_screen(site: Api, opened: Open, width: int) -> None:
    page = panel_of(opened, counted(site), width=width)
    assert page.locator("#panel").evaluate(
        "(one) => one.scrollWidth <= one.clientWidth && one.clientWidth <= innerWidth"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_panel_whose_script_is_gone_opens_after_a_reload(site: Api, visitor: Visitor) -> None:
    visitor.refused.append("/assets/")
    page = visitor.page()
    page.route("**/assets/TrackPanel*", lambda route: route.fulfill(status=404, body=""))
    page.goto(f"{visitor.url}{panel_path(counted(site))}")
    reload = page.get_by_role("alert").get_by_role("button", name="Reload the page")
    reload.wait_for()
    page.unroute_all()
    reload.click()
    expect(page.locator("#panel")).to_be_visible()


def test_counts_that_failed_to_load_can_be_retried(site: Api, visitor: Visitor) -> None:
    visitor.refused.append("/v1/")
    page = visitor.page()
    page.route(re.compile("/v1/(tracks/|charts/.*/counts)"), lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"{visitor.url}{panel_path(counted(site))}")
    missing = page.locator("#panel .counts-missing")
    expect(missing).to_contain_text("Couldn’t load the counts.")
    page.unroute_all()
    missing.get_by_role("button", name="Try again").click()
    page.locator(PLOT).first.wait_for()


def test_a_cover_plays_its_track_in_one_player_that_stays(site: Api, visitor: Visitor) -> None:
    page = visitor.page()
    visitor.allow_players(page)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    names = page.locator("#chart-table .track").all_text_contents()
    player = page.locator("#player")
    page.locator("#chart-table button.play-cover").first.click()
    expect(player.locator(".name")).to_have_text(names[0])
    expect(player.get_by_role("button", name="Previous track")).to_be_disabled()
    player.get_by_role("button", name="Next track").click()
    expect(player.locator(".name")).to_have_text(names[1])
    player.locator("#play-on").select_option("Youtube")
    expect(player.locator("iframe")).to_have_attribute("src", re.compile("^https://www.youtube-nocookie.com/embed/"))
    # It stays, and is not loaded again, while the visitor looks at a track and at another genre.
    loaded = len(visitor.players)
    page.locator("#chart-table a.track").nth(3).press("Enter")
    expect(page.locator("#panel-title")).to_have_text(names[3])
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Rap").click()
    expect(page.locator("h1")).to_have_text("Rap")
    expect(player.locator(".name")).to_have_text(names[1])
    assert len(visitor.players) == loaded
    player.get_by_role("button", name="Close the player").click()
    expect(player).to_have_count(0)
    # The service that was chosen is remembered.
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator("#chart-table button.play-cover").first.click()
    expect(player.locator("#play-on")).to_have_value("Youtube")


def test_a_press_anywhere_on_a_row_opens_its_track(site: Api, opened: Open) -> None:
    page = opened(f"/charts/{LIVELY}")
    row = page.locator("#chart-table tbody tr").nth(1)
    title = row.locator(".track").inner_text()
    for place in (".col-rank", ".col-artist", ".col-count >> nth=0"):
        row.locator(place).click(force=True)
        expect(page.locator("#panel-title")).to_have_text(title)
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_have_count(0)
    expect(page.locator("#chart-table tbody tr .badge[href]").first).to_be_visible()
