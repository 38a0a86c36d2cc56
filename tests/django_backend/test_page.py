"""`/` for a browser: the built page with a genre's title, tags and table, and its files."""

import json
import re
import shutil
import struct
from collections.abc import Iterator
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import brotli
import pytest
import requests

from django_backend.languages import ENGLISH
from django_backend.page_head import answers_script, filled, head_tags, page_top
from django_backend.pages.chart import chart_head, plain_chart
from django_backend.shown_chart import ShownChart, ShownRow
from django_backend.v1.embed_page import embed_html
from tests.django_backend.built import INDEX, SCRIPT, build_page
from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api, serving
from tests.django_backend.test_serving import PRODUCTION
from tunemeld_pipeline.plugins.registry import load_catalog, services
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.sandbox.catalogues import invented_catalog
from tunemeld_pipeline.settings.settings import Settings

PROJECT = Path(__file__).parents[2]
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Head(HTMLParser):
    """A page's title and tags, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.tags: dict[str, str] = {}
        self.canonical = ""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title"
        if tag == "meta":
            name = given.get("property", given.get("name", ""))
            assert name not in self.tags or not name
            self.tags[name] = given.get("content", "")
        if given.get("rel") == "canonical":
            self.canonical = given["href"]

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
            self._in_title = False


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def site(api_settings: Settings, page_folder: Path) -> Iterator[Api]:
    """The API with a built page."""
    with serving(api_settings, TUNEMELD_PAGE_FOLDER=str(page_folder)) as running:
        yield running


def opened(site: Api, path: str = "/", **headers: str) -> requests.Response:
    return site.ask(path, **BROWSER, **headers)


def test_it_works(site: Api) -> None:
    page = opened(site, f"/charts/{GENRE}?sort=youtube&order=desc")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    chart = site.data(f"/playlist-data/{GENRE}")[0]
    first = chart["tracks"][0]
    head = Head(page.text)
    assert head.title == "Dance chart · TuneMeld"
    assert head.canonical == f"{site.url}/charts/{GENRE}"
    assert head.tags["description"].startswith(f"1. {first['track_name'][:30]}")
    assert head.tags["og:title"] == head.tags["twitter:title"] == head.title
    assert head.tags["og:description"] == head.tags["description"]
    assert head.tags["twitter:card"] == "summary_large_image"
    assert head.tags["og:image"] == f"{site.url}/share/{GENRE}.png"
    assert "own words" not in page.text
    rows = re.findall(r"<tr><td>(\d+)</td>", page.text)
    assert rows == [str(track["rank"]) for track in chart["tracks"]]


def test_the_head_leads_to_the_genres_feeds_and_to_what_oembed_says_of_it(site: Api) -> None:
    page = opened(site, f"/charts/{GENRE}").text
    found = {
        kind: unescape(href)
        for kind, href in re.findall(r'<link rel="alternate" type="([^"]+)"[^>]* href="([^"]+)"', page)
    }
    assert found["application/atom+xml"] == f"{site.url}/feeds/{GENRE}.atom"
    assert found["application/feed+json"] == f"{site.url}/feeds/{GENRE}.json"
    for kind, address in found.items():
        answer = site.ask(address.removeprefix(site.url))
        assert answer.status_code == 200, kind
    assert site.ask(found["application/json+oembed"].removeprefix(site.url)).json()["title"] == "Dance top ten"


def test_the_page_starts_from_answers_that_it_need_not_ask_for(site: Api) -> None:
    def written(path: str) -> dict[str, Any]:
        found = re.search(
            r'<script type="application/json" id="tunemeld-answers">(.*?)</script>', opened(site, path).text
        )
        assert found is not None
        answers: dict[str, Any] = json.loads(found[1])
        return answers

    # The page's own script asks for these very addresses.
    script = (PROJECT / "frontend/src/api/paths.ts").read_text("utf-8")
    fields = [re.findall(r'"(\w+)"', found) for found in re.findall(r"_FIELDS = \[(.*?)\]", script, re.DOTALL)]
    shared = [
        links.address(path, fields=",".join(names))
        for path, names in zip((links.GENRES, links.SERVICES), fields, strict=True)
    ]
    track = charted(site)
    for address, charts in {
        f"/charts/{GENRE}": [f"/v1/charts/{GENRE}"],
        # The page asks for the newest chart without its day.
        f"/charts/{GENRE}/{WEDNESDAY}": [f"/v1/charts/{GENRE}"],
        f"/charts/{GENRE}/{TUESDAY}": [f"/v1/charts/{GENRE}?date={TUESDAY}"],
        f"/charts/{EMPTY_GENRE}": [],
        "/charts/polka": [],
        "/": ["/v1/today"],
        f"/track/{track['track_id']}": [f"/v1/tracks/{track['track_id']}"],
        f"/artist/{track['artists'][0]['slug']}": [track["artists"][0]["artist"]],
        f"/agreement/{GENRE}": [f"/v1/agreement/{GENRE}?days=90"],
    }.items():
        answers = written(address)
        assert list(answers) == [*shared, *charts]
        for path, answer in answers.items():
            assert answer == site.ask(path).json()


def test_the_top_of_the_page_is_there_before_any_script_runs(site: Api) -> None:
    text = opened(site, f"/charts/{GENRE}").text
    app = text[text.index('<div id="app">') : text.index('<script type="application/json"')]
    assert "<h1>Dance</h1>" in app
    assert app.count("<li>") == 1 + len(load_catalog().genres)
    assert '<a href="/charts/dance" aria-current="page">Dance</a>' in app
    assert '<a href="/">Today</a>' in app


def test_many_charts_are_a_list_that_opens_without_a_script(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(invented_catalog(4, ("us", "br", "de", "gb"), services()), "utf-8")
    top = page_top(ENGLISH, "Genre 2 (BR)", load_catalog(file), "/charts/genre-0002--br")
    strip, _, more = top.partition('<details class="all-charts"><summary>All 16 charts</summary>')
    assert strip.count("<li>") == 2
    assert '<a href="/charts/genre-0002--br" aria-current="page">Genre 2 (BR)</a>' in strip
    assert more.partition("</details>")[0].count("<li>") == 16


def facts_of(text: str) -> dict[str, Any]:
    """What a page is about, for search engines."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert found is not None
    facts: dict[str, Any] = json.loads(found[1])
    return facts


def charted(site: Api) -> dict[str, Any]:
    """The first recording of the chart, with everything that is known of it."""
    first = site.ask(f"/v1/charts/{GENRE}?limit=1").json()["tracks"][0]["track_id"]
    found: dict[str, Any] = site.ask(f"/v1/tracks/{first}").json()
    return found


def test_a_track_has_a_page_with_facts_and_a_picture_of_its_own(site: Api) -> None:
    track = charted(site)
    path = f"/track/{track['track_id']}"
    page = opened(site, path)
    head = Head(page.text)
    assert head.title == f"{track['title']} – {track['credit']} · TuneMeld"
    assert head.canonical == site.url + path
    assert f"Best rank: {track['genres'][0]['best_rank']} in Dance on " in head.tags["description"]
    facts = facts_of(page.text)
    assert (facts["@type"], facts["name"], facts["isrcCode"]) == ("MusicRecording", track["title"], track["isrc"])
    assert facts["url"] == site.url + path
    assert [one["url"] for one in facts["byArtist"]] == [f"{site.url}/artist/{one['slug']}" for one in track["artists"]]
    assert set(facts["sameAs"]) == set(track["addresses"].values())
    shown = page.text[page.text.index("<noscript>") :]
    assert all(escape(url) in shown for url in track["addresses"].values())
    assert f'<a href="/charts/{GENRE}/{track["genres"][0]["best_rank_date"]}">Dance</a>' in shown
    picture = site.ask(head.tags["og:image"].removeprefix(site.url))
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert struct.unpack(">II", picture.content[16:24]) == (1200, 630)
    assert opened(site, path, If_None_Match=page.headers["ETag"]).status_code == 304


def test_an_id_that_is_written_otherwise_leads_to_the_page_of_the_track(site: Api) -> None:
    track_id = charted(site)["track_id"]
    answer = opened(site, f"/track/{track_id.lower()}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/track/{track_id}")


def test_an_artist_has_a_page_with_their_recordings(site: Api) -> None:
    slug = charted(site)["artists"][0]["slug"]
    artist = site.ask(f"/v1/artists/{slug}").json()
    page = opened(site, f"/artist/{slug}")
    assert Head(page.text).title == f"{artist['name']} · TuneMeld"
    assert facts_of(page.text)["@type"] == "MusicGroup"
    shown = page.text[page.text.index("<noscript>") :]
    assert re.findall(r'<td><a href="/track/([^"]+)">', shown) == [one["track_id"] for one in artist["recordings"]]


def test_a_genres_agreement_has_a_page_with_its_figures(site: Api) -> None:
    found = site.ask(f"/v1/agreement/{GENRE}").json()
    page = opened(site, f"/agreement/{GENRE}")
    assert Head(page.text).canonical == f"{site.url}/agreement/{GENRE}"
    shown = page.text[page.text.index("<noscript>") :]
    for mean in found["means"]:
        assert f"<td>{mean['rbo']:.0%}</td><td>{mean['days']}</td>" in shown
    empty = opened(site, f"/agreement/{EMPTY_GENRE}")
    assert (empty.status_code, empty.headers["Cache-Control"]) == (200, "no-store")
    assert "There is no chart yet" in empty.text


@pytest.mark.parametrize("path", ["/", f"/charts/{GENRE}", f"/charts/{GENRE}/{TUESDAY}", f"/agreement/{GENRE}"])
def test_a_page_is_in_the_visitors_language_and_no_cache_mixes_two(site: Api, path: str) -> None:
    page, english = opened(site, path, Accept_Language="de-CH, en;q=0.5"), opened(site, path, Accept_Language="en")
    assert [re.findall('<html lang="(.*?)"', one.text) for one in (page, english)] == [["de"], ["en"]]
    shown = page.text[page.text.index("<body>") :]
    assert ">Heute</a>" in shown
    assert not re.search(r">[^<]*\b(the|and|chart)\b[^<]*<", shown.partition('<script type="application/json"')[0])
    assert "Accept-Language" in page.headers["Vary"].split(", ")
    assert opened(site, path, Accept_Language="de", If_None_Match=page.headers["ETag"]).status_code == 304
    assert opened(site, path, Accept_Language="en", If_None_Match=page.headers["ETag"]).content == english.content


def test_an_address_can_name_the_language(site: Api) -> None:
    path = f"{site.url}/charts/{GENRE}"
    page, plain = opened(site, f"/charts/{GENRE}?lang=de"), opened(site, f"/charts/{GENRE}", Accept_Language="de")
    assert [Head(one.text).canonical for one in (page, plain)] == [f"{path}?lang=de", path]
    alternates = {"x-default": path, "en": f"{path}?lang=en", "de": f"{path}?lang=de"}
    for one in (page, plain):
        assert '<html lang="de">' in one.text
        assert dict(re.findall(r'hreflang="([^"]*)" href="([^"]*)"', one.text)) == alternates
    missing = opened(site, "/charts/polka?lang=de")
    assert (missing.status_code, "Unter dieser Adresse gibt es nichts." in missing.text) == (404, True)


@pytest.mark.parametrize("path", ["/track/nobody", "/artist/nobody", "/artist/No-Slug", "/agreement/polka"])
def test_what_there_is_not_is_the_page_with_404(site: Api, path: str) -> None:
    page = opened(site, path)
    assert (page.status_code, page.headers["Cache-Control"]) == (404, "no-store")
    assert SCRIPT in page.text
    assert Head(page.text).tags["robots"] == "noindex"


def test_a_browser_can_keep_the_page_for_when_it_is_offline(site: Api, page_folder: Path) -> None:
    (page_folder / "worker.js").write_text("self;")
    (page_folder / "assets").touch()
    shell = opened(site, "/shell")
    assert (shell.status_code, shell.headers["Cache-Control"]) == (200, "no-store")
    assert SCRIPT in shell.text
    assert "tunemeld-answers" not in shell.text or '"tunemeld-answers">{}' in shell.text
    assert "worker-src 'self'" in shell.headers["Content-Security-Policy"]
    worker = site.ask("/worker.js")
    assert worker.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" not in worker.headers["Cache-Control"]


def test_programs_still_get_json(site: Api) -> None:
    answer = site.ask("/", Accept="application/json")
    assert answer.json()["message"] == "Welcome to TuneMeld"
    assert "Accept" in answer.headers["Vary"].split(", ")
    assert "Accept" in opened(site).headers["Vary"].split(", ")


def test_the_site_itself_is_today_over_all_genres(site: Api) -> None:
    page = opened(site)
    head = Head(page.text)
    assert head.title.startswith("TuneMeld – the songs on which ")
    assert head.canonical == f"{site.url}/"
    # The first genre of the catalogue has no chart here.
    assert head.tags["og:image"] == f"{site.url}/share/{GENRE}.png"
    today = site.ask("/v1/today").json()
    shown = page.text[page.text.index("<noscript>") : page.text.index("</noscript>")]
    parts = {"What editors agree on most": "most_agreed", "New": "new", "Climbing": "climbers", "Gone": "leavers"}
    assert [part for part, rows in parts.items() if today[rows]] == re.findall(r"<h2>(.*?)</h2>", shown)[:-2]
    for part, rows in (*parts.items(), ("Where the editors disagree", "disputed")):
        below = shown.partition(f"<h2>{part}</h2>")[2].partition("</ol>")[0]
        assert re.findall(r"<a[^>]*>([^<]*)</a>", below) == [escape(one["title"]) for one in today[rows]]
    assert shown.count('<img class="cover"') == len(today["most_agreed"])
    assert f'<a href="/charts/{GENRE}">Dance</a>' in shown
    assert "TuneMeld compares the playlists that the editors of " in unescape(shown)
    assert opened(site, If_None_Match=page.headers["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (f"genre={GENRE}", f"/charts/{GENRE}"),
        (f"genre={GENRE}&date={TUESDAY}", f"/charts/{GENRE}/{TUESDAY}"),
        (f"genre={GENRE}&date=yesterday&sort=youtube", f"/charts/{GENRE}?sort=youtube"),
        (f"genre={GENRE}&track=SoundCloud%3A9&q=a%26b", f"/charts/{GENRE}?q=a%26b&track=SoundCloud%3A9"),
        (f"date={TUESDAY}", f"/charts/country/{TUESDAY}"),
        ("genre=%3Cscript%3E%2F", "/charts/%3Cscript%3E%2F"),
    ],
)
def test_an_address_that_a_chart_once_had_leads_to_the_one_that_it_has(site: Api, query: str, path: str) -> None:
    answer = opened(site, f"/?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (301, path)
    assert "Accept" in answer.headers["Vary"]


def test_the_charts_begin_with_the_first_genres(site: Api) -> None:
    answer = opened(site, "/charts?sort=peak")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/charts/country?sort=peak")


def test_an_address_that_says_nothing_is_the_site_itself(site: Api) -> None:
    for query in ("?genre=", "?nothing=1", "?utm_source=%3Cscript%3E"):
        page = opened(site, f"/{query}")
        assert page.status_code == 200
        assert Head(page.text).canonical == f"{site.url}/"
        assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("polka", "Unknown genre; choose one of country, "),
        ("%3Cscript%3E", "Unknown genre"),
        (f"{GENRE}/2020-01-01", f"2020-01-01 has no chart; the nearest days are {TUESDAY}"),
        (f"{GENRE}/yesterday", "Date must be a calendar day"),
        (f"country/{TUESDAY}", "No day has a chart yet"),
    ],
)
def test_a_genre_or_day_that_there_is_not_is_the_page_with_404_and_no_other_chart(
    site: Api, path: str, words: str
) -> None:
    page = opened(site, f"/charts/{path}")
    assert (page.status_code, page.headers["Cache-Control"]) == (404, "no-store")
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert SCRIPT in page.text
    assert words in page.text
    assert "polka" not in page.text
    assert "<script>" not in page.text
    assert "<table>" not in page.text
    head = Head(page.text)
    assert (head.title, head.canonical, head.tags.get("og:image")) == ("TuneMeld", "", None)
    assert head.tags["robots"] == "noindex"


def test_a_past_day_has_a_title_and_a_picture_of_its_own(site: Api) -> None:
    page = opened(site, f"/charts/{GENRE}/{TUESDAY}")
    head = Head(page.text)
    assert head.title == "Dance chart for 18 November 2025 · TuneMeld"
    assert head.canonical == f"{site.url}/charts/{GENRE}/{TUESDAY}"
    assert head.tags["og:image"].endswith(f"/share/{GENRE}.png?date={TUESDAY}")
    chart = site.data(f"/playlist-data/{GENRE}?date={TUESDAY}")[0]
    assert page.text.count("<tr><td>") == len(chart["tracks"])


def test_a_genre_without_data_has_the_page_without_a_table(site: Api) -> None:
    page = opened(site, f"/charts/{EMPTY_GENRE}")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert Head(page.text).title == "Rap chart · TuneMeld"
    assert "<table>" not in page.text
    assert "try again later" in page.text


def test_what_a_browser_has_already_is_not_sent_again(site: Api) -> None:
    path = f"/charts/{GENRE}"
    for encoding in ("identity", "gzip", "br"):
        first = opened(site, path, Accept_Encoding=encoding)
        assert first.headers["Cache-Control"] == "public, no-cache"
        again = opened(site, path, Accept_Encoding=encoding, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert "frame-ancestors" in again.headers["Content-Security-Policy"]
    head = site.ask(path, "HEAD", **BROWSER)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == opened(site, path).headers["ETag"]


def test_its_policy_names_the_hosts_of_covers_and_players(site: Api) -> None:
    policy = dict(rule.split(" ", 1) for rule in opened(site).headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert {"https://*.scdn.co", "https://*.mzstatic.com", "https://*.sndcdn.com"} <= set(policy["img-src"].split())
    assert "https://www.youtube-nocookie.com" in policy["frame-src"]
    cover = site.data(f"/playlist-data/{GENRE}")[0]["tracks"][0]["album_cover_url"]
    assert cover.startswith("http://127.0.0.1:")
    assert "http://127.0.0.1:*" in policy["img-src"]
    assert "unsafe" not in str(policy)


def test_files_with_hashed_names_are_kept_for_ever_and_compressed(site: Api, page_folder: Path) -> None:
    plain = site.ask(SCRIPT)
    assert plain.status_code == 200
    assert plain.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.content == (page_folder / SCRIPT[1:]).read_bytes()
    with requests.get(site.url + SCRIPT, headers={"Accept-Encoding": "gzip, br"}, stream=True, timeout=300) as answer:
        raw = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == "br"
    assert brotli.decompress(raw) == plain.content
    assert site.ask(SCRIPT, Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    again = site.ask(SCRIPT, If_None_Match=plain.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    head = site.ask(SCRIPT, "HEAD")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(plain.content)))
    assert "immutable" not in site.ask("/icon.svg").headers["Cache-Control"]


def test_only_the_pages_files_are_served(site: Api) -> None:
    for path in ("/index.html", "/assets/", "/assets/../index.html", f"{SCRIPT}.gz", "/assets/%2e%2e/index.html"):
        assert site.ask(path).status_code == 404
    assert site.ask(SCRIPT, "POST").status_code == 405
    assert site.ask(SCRIPT, Host="evil.example").status_code == 400
    assert opened(site, Host="evil.example").status_code == 400


def page_of(chart: ShownChart, answers: str = "") -> str:
    """The page of a chart, without a server."""
    top = page_top(ENGLISH, chart.genre.display_name, load_catalog())
    head = head_tags("https://t.example", chart_head(ENGLISH, chart.genre, None, chart))
    return filled(INDEX.format(api="", script=SCRIPT), ENGLISH, head, top, plain_chart(ENGLISH, chart), answers)


def test_titles_are_text_whatever_they_hold() -> None:
    genre = load_catalog().genres[GENRE]
    evil = "\"'><script>alert(1)</script>&\\1<!--"
    rows = [ShownRow(1, evil, evil, evil, 'https://x.example/"><script>', {"Spotify": 1})]
    chart = ShownChart(genre, date(2026, 1, 31), False, rows)
    answers = answers_script({"/v1/charts/dance": json.dumps({"title": evil + "</script>"}).encode()})
    text = page_of(chart, answers)
    assert text.count("</script>") == 3
    assert "<script>" not in text
    assert "alert(1)&lt;/script&gt;" in text
    assert evil[:20] in Head(text).tags["og:description"]
    facts = json.loads(text[text.index('ld+json">') + len('ld+json">') :].partition("</script>")[0])
    assert facts["itemListElement"][0]["name"] == evil
    assert facts["itemListElement"][0]["url"].startswith("https://t.example/track/%22")
    assert text.count("</noscript>") == 1


def test_one_service_alone_is_called_no_consensus_in_words_and_in_the_table() -> None:
    genre = load_catalog().genres[GENRE]
    rows = [ShownRow(1, "QZZ992600001", "Glass Rivers", "Ona Vale", None, {"AppleMusic": 1})]
    chart = ShownChart(genre, date(2026, 1, 31), False, rows, "AppleMusic", ["AppleMusic"])
    text = page_of(chart)
    claim = "Apple Music’s list alone, no consensus, 31 January 2026"
    assert Head(text).tags["og:description"] == f"1. Glass Rivers – Ona Vale. {claim}."
    assert f"<caption>{genre.display_name}: {claim} (UTC)</caption>" in text
    assert re.findall(r'<th scope="col">([^<]+)</th>', text) == ["Rank", "Title", "Artist", "Apple Music"]
    assert claim in unescape(embed_html(chart, "https://t.example"))


def test_the_share_image_is_a_picture_of_the_size_that_the_tags_say(site: Api) -> None:
    picture = site.ask(f"/share/{GENRE}.png")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
    tags = Head(opened(site, f"/charts/{GENRE}").text).tags
    size = (int(tags["og:image:width"]), int(tags["og:image:height"]))
    assert struct.unpack(">II", picture.content[16:24]) == size == (1200, 630)
    again = site.ask(f"/share/{GENRE}.png", If_None_Match=picture.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert site.ask(f"/share/{GENRE}.png", "HEAD").headers["Content-Length"] == str(len(picture.content))
    past = site.ask(f"/share/{GENRE}.png?date={TUESDAY}")
    assert past.status_code == 200
    assert past.content != picture.content


def test_there_is_no_share_image_of_what_there_is_not(site: Api) -> None:
    for path, status in {
        "/share/polka.png": 404,
        f"/share/{EMPTY_GENRE}.png": 404,
        f"/share/{GENRE}.png?date=2020-01-01": 404,
        f"/share/{GENRE}.png?date=yesterday": 400,
        f"/share/{GENRE}.jpg": 404,
        "/share/track/nobody.png": 404,
    }.items():
        answer = site.ask(path)
        assert (answer.status_code, answer.json()["status"]) == (status, "error")


def test_in_production_its_addresses_are_of_the_proxy_and_its_covers_of_the_services_alone(
    api_settings: Settings, page_folder: Path
) -> None:
    with serving(api_settings, **PRODUCTION, TUNEMELD_PAGE_FOLDER=str(page_folder)) as api:
        for path in (f"/charts/{GENRE}", SCRIPT):
            plain = opened(api, path, Host="api.example.org")
            assert (plain.status_code, plain.headers["Location"]) == (301, f"https://api.example.org{path}")
        page = opened(api, f"/charts/{GENRE}", Host="api.example.org", X_Forwarded_Proto="https")
        head = Head(page.text)
        assert head.canonical == f"https://api.example.org/charts/{GENRE}"
        assert head.tags["og:image"] == f"https://api.example.org/share/{GENRE}.png"
        assert "http:" not in page.headers["Content-Security-Policy"]
        assert page.headers["Strict-Transport-Security"]
        assert api.ask(SCRIPT, Host="api.example.org", X_Forwarded_Proto="https").status_code == 200


def test_a_new_build_is_served_without_a_restart(api_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    with serving(api_settings, TUNEMELD_PAGE_FOLDER=str(folder)) as api:
        assert "make page" in opened(api).text
        build_page(folder)
        assert opened(api).text.count(SCRIPT) == 1
        assert api.ask(SCRIPT).status_code == 200
        (folder / SCRIPT[1:]).unlink()
        assert api.ask(SCRIPT).status_code == 404
        newer = "/assets/index-NeWeR123.js"
        shutil.rmtree(folder)
        build_page(folder, script=newer, api="https://api.example")
        page = opened(api, f"/charts/{GENRE}")
        assert newer in page.text
        assert api.ask(newer).status_code == 200
        assert api.ask(SCRIPT).status_code == 404
        assert "connect-src 'self' https://api.example;" in page.headers["Content-Security-Policy"]
