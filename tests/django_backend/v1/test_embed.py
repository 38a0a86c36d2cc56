"""`/embed/{genre}` and `/v1/oembed`: a top ten for other people's pages; `tests/page/test_embed.py` shows it in a browser."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from lxml import etree

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, Api


class Elements(HTMLParser):
    """The start tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_works(api: Api) -> None:
    answer = api.ask(f"/embed/{GENRE}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    top = api.data(f"/playlist-data/{GENRE}")[0]["tracks"][:10]
    shown = unescape(re.sub(r"<[^>]+>", "", answer.text))
    assert all(row["track_name"] in shown and row["artist_name"] in shown for row in top)
    assert answer.text.count("<li>") == len(top)


def test_any_site_may_frame_it_and_it_may_load_nothing(api: Api) -> None:
    answer = api.ask(f"/embed/{GENRE}")
    assert "X-Frame-Options" not in answer.headers
    policy = dict(rule.strip().split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "*")
    assert policy["style-src"].startswith("'sha256-")
    assert "script-src" not in policy
    tags = {tag for tag, _ in Elements(answer.text).found}
    assert not tags & {"script", "img", "iframe", "object", "form"}
    assert not [one for _, attributes in Elements(answer.text).found for one in attributes if one.startswith("on")]


def test_every_other_page_still_refuses_to_be_framed(api: Api) -> None:
    for path in ("/", f"/v1/charts/{GENRE}/days", f"/v1/export/{GENRE}.csv", "/embed/polka"):
        answer = api.ask(path)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_its_links_leave_the_frame(api: Api) -> None:
    links = [attributes for tag, attributes in Elements(api.ask(f"/embed/{GENRE}").text).found if tag == "a"]
    assert links
    assert all(one["target"] == "_blank" and "noopener" in (one["rel"] or "") for one in links)


def test_what_is_current_already_is_not_sent_again(api: Api) -> None:
    first = api.ask(f"/embed/{GENRE}")
    again = api.ask(f"/embed/{GENRE}", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert "X-Frame-Options" not in again.headers


def test_an_unknown_genre_and_one_without_a_chart_are_problems(api: Api) -> None:
    for genre, kind in (("polka", "unknown-genre"), (EMPTY_GENRE, "no-data-yet")):
        answer = api.ask(f"/embed/{genre}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"/docs#{kind}")


def test_oembed_is_discovered_in_the_page_and_gives_its_frame(api: Api) -> None:
    found = Elements(api.ask(f"/embed/{GENRE}").text).found
    (link,) = [one for tag, one in found if tag == "link" and one.get("type") == "application/json+oembed"]
    answer = api.ask((link["href"] or "").removeprefix(api.url))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    said = answer.json()
    assert (said["version"], said["type"], said["provider_url"]) == ("1.0", "rich", api.url)
    ((tag, frame),) = Elements(said["html"]).found
    assert (tag, frame["src"]) == ("iframe", f"{api.url}/embed/{GENRE}")
    assert (frame["width"], frame["height"]) == (str(said["width"]), str(said["height"]))


@pytest.mark.parametrize(
    "path",
    [
        f"/charts/{GENRE}",
        f"/charts/{GENRE}/2025-11-18?track=x",
        f"/?genre={GENRE}&date=2025-11-18",
        f"/embed/{GENRE}",
        "/",
        "",
    ],
)
def test_oembed_knows_each_genres_page(api: Api, path: str) -> None:
    for scheme in ("http", "https"):
        url = (api.url + path).replace("http", scheme, 1).replace("?", "%3F").replace("&", "%26")
        assert api.ask(f"/v1/oembed?url={url}").status_code == 200
    if path:
        assert api.ask(f"/v1/oembed?url={path.replace('?', '%3F').replace('&', '%26')}").status_code == 200


def test_oembed_is_no_larger_than_asked_for(api: Api) -> None:
    asked = f"/v1/oembed?url={api.url}/embed/{GENRE}&maxwidth=300&maxheight=99999&format=json"
    said = api.ask(asked).json()
    assert (said["width"], said["height"]) == (300, 640)


def test_oembed_says_the_same_as_xml(api: Api) -> None:
    asked = f"/v1/oembed?url={api.url}/embed/{GENRE}"
    answer = api.ask(f"{asked}&format=xml")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    read = etree.fromstring(answer.content)
    assert (read.tag, {one.tag: one.text for one in read}) == (
        "oembed",
        {name: str(value) for name, value in api.ask(asked).json().items()},
    )


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 400),
        ("url=https://elsewhere.example/?genre=dance", 404),
        ("url=HERE/embed/polka", 404),
        ("url=HERE/embed/", 404),
        ("url=HERE/docs", 404),
        ("url=javascript:alert(1)", 404),
        ("url=//elsewhere.example/embed/dance", 404),
        ("url=embed/dance", 404),
        ("url=", 404),
        ("url=https://[", 404),
        ("url=HERE/&maxwidth=0", 400),
        ("url=HERE/&maxheight=ten", 400),
        ("url=HERE/&format=yaml", 400),
    ],
)
def test_what_oembed_cannot_answer_is_a_problem(api: Api, asked: str, status: int) -> None:
    answer = api.ask(f"/v1/oembed?{asked.replace('HERE', api.url)}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
