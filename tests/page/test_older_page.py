"""The page of the older system must work on this API: `older_page.html` reads it in exactly the ways of that page."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, Page

from tests.django_backend.conftest import Api, serving, settings_for_api
from tests.documents import (
    MONDAY,
    aggregate,
    chart,
    chart_day,
    isrc,
    materialization,
    raw_playlist,
    service_playlist,
    views,
)
from tests.matrix import sample
from tests.page.conftest import Visitor
from tunemeld_pipeline.charts.documents import Chart, DatedCount, RowReadings
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

OLDER_PAGE = Path(__file__).with_name("older_page.html")
NUMBERS = range(1, 13)
COVER = "https://covers.example/a.jpg"
VIDEO = "https://covers.example/a.m3u8"
LONG_TEXT = "What the editors say of their own list goes on for longer than there is room on a page."

UNCOUNTED, STALE, ABSENT, USUAL = "country", "dance", "pop", "rap"
"""Genres: no track was ever counted; each service is stale and said nothing of itself; two services never answered; nothing is missing."""


@pytest.fixture(scope="module")
def older_site(browser: Browser, mongod_url: str, sandbox_root: str) -> Iterator[Api]:
    """The API over these genres."""
    with TemporaryDirectory(prefix="tunemeld-older-") as home:
        settings = settings_for_api(mongod_url, sandbox_root, Path(home))
        with connect(mongod_url) as client:
            try:
                fill(Store(client[settings.database_name]))
                with serving(settings) as running:
                    yield running
            finally:
                client.drop_database(settings.database_name)


def fill(store: Store) -> None:
    for genre in (UNCOUNTED, STALE, ABSENT, USUAL):
        services = ["Spotify"] if genre == ABSENT else list(keys())
        for service in services:
            said = {} if genre in (STALE, ABSENT) else described(service, VIDEO if genre == USUAL else COVER)
            stale = {"stale": True, "stale_since": MONDAY, "error": "no answer"} if genre == STALE else {}
            store.playlists.put_raw_playlist(raw_playlist(service, genre=genre).model_copy(update=said | stale))
        lists = [service_playlist(service, NUMBERS, genre=genre, stale=genre == STALE) for service in services]
        store.playlists.put_track_playlists(lists, aggregate(NUMBERS, genre=genre))
        store.charts.put_chart(counted_in_part(genre))
        readings = (
            {isrc(number): {"Youtube": 1000 * number} for number in NUMBERS if number % 2} if genre == USUAL else {}
        )
        store.charts.finish(readings, chart_day(genre=genre, numbers=NUMBERS), materialization(genre=genre))


def described(service: str, cover: str) -> dict[str, str]:
    return {
        "playlist_name": f"The {service} list",
        "playlist_cover_url": cover,
        "playlist_cover_description_text": LONG_TEXT,
    }


def counted_in_part(genre: str) -> Chart:
    """The usual genre has all counts; the others none, or none of this chart week, and names, covers and ISRCs that are missing."""
    whole = chart(NUMBERS, genre=genre)
    before_this_week = RowReadings(last=DatedCount(current_timestamp=MONDAY, view_count=1_234_567))
    for number, track in enumerate(whole.tracks):
        if genre == USUAL:
            track.readings = {"Youtube": views(MONDAY, 1000 * (number + 1)), "Spotify": views(MONDAY, 0)}
        elif genre == UNCOUNTED or number % 3 == 0:
            track.readings = {}
        elif number % 3 == 1:
            track.readings = {"Spotify": before_this_week, "SoundCloud": before_this_week}
        if genre == STALE:
            track.track_name = track.artist_name = ""
        if genre == ABSENT:
            track.isrc, track.track_id = None, f"Spotify:{number}"
    return whole


@pytest.fixture
def shown(browser: Browser, older_site: Api) -> Iterator["Shown"]:
    visitor = Visitor(browser, older_site)
    try:
        yield Shown(visitor)
    finally:
        visitor.close()
    assert visitor.complaints == []


class Shown:
    """What the older page shows of a genre; the test fails if anything on it was complained of."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def open(self, genre: str) -> Page:
        page = self._visitor.page()
        address = f"{self._visitor.url}/older-page?genre={genre}"
        page.route("**/older-page?*", lambda route: route.fulfill(path=OLDER_PAGE, content_type="text/html"))
        page.route("https://covers.example/**", lambda route: route.fulfill(content_type="image/jpeg", body=b""))
        page.goto(address)
        page.locator("body[data-done]").wait_for()
        return page


@pytest.mark.parametrize("genre", sample([STALE, ABSENT, UNCOUNTED, USUAL], fast=2))
def test_it_shows_every_row_and_every_header(shown: Shown, genre: str) -> None:
    page = shown.open(genre)

    assert page.locator("#updated").inner_text() == "March 2026"
    for table in ("total", "weekly"):
        ranks = page.locator(f"#{table} tr td:first-child").all_inner_texts()
        assert ranks == [str(number) for number in NUMBERS]
    for service in ("SoundCloud", "AppleMusic", "Spotify"):
        assert page.locator(f"#{service} .title").inner_text()
        assert page.locator(f"#{service} .title").get_attribute("href", timeout=1_000)
    assert (page.locator("#AppleMusic .video").get_attribute("data-source") or "").endswith(".m3u8")


def test_an_unknown_count_is_nothing_and_no_zero(shown: Shown) -> None:
    unknown = shown.open(UNCOUNTED)
    assert set(unknown.locator("#total .Youtube, #total .Spotify").all_inner_texts()) == {""}

    in_part = shown.open(STALE)
    assert in_part.locator("#total .Spotify").all_inner_texts()[:2] == ["", "1,234,567"]

    usual = shown.open(USUAL)
    assert usual.locator("#total .Youtube").all_inner_texts()[:2] == ["1,000", "2,000"]
    assert set(usual.locator("#total .Spotify").all_inner_texts()) == {"0"}
    assert set(usual.locator("#weekly .Youtube").all_inner_texts()) == {"0"}


def test_a_service_that_never_answered_has_a_header_from_the_catalogue_and_no_rows(shown: Shown) -> None:
    page = shown.open(ABSENT)

    assert page.locator("#SoundCloud .title").inner_text() == "SoundCloud playlist"
    assert "soundcloud.com" in (page.locator("#SoundCloud .title").get_attribute("href") or "")
    assert page.locator("#SoundCloud li, #AppleMusic li").count() == 0
    assert page.locator("#Spotify li").count() == len(NUMBERS)


def test_the_counts_over_time_are_there_where_any_are(shown: Shown) -> None:
    assert shown.open(USUAL).locator("#series li").count() == len(NUMBERS) // 2
    assert shown.open(ABSENT).locator("#series li").count() == 0


def test_a_long_description_is_cut_at_a_word(shown: Shown) -> None:
    cut = shown.open(USUAL).locator("#SoundCloud .description").inner_text()
    assert LONG_TEXT.startswith(f"{cut} ")
