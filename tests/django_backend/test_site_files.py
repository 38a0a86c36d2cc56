"""`robots.txt`, `sitemap.xml` and the icon: what a site says to programs about itself."""

import io

from lxml.etree import fromstring
from PIL import Image

from tests.django_backend.conftest import GENRE, TUESDAY, Api

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_crawlers_are_shown_the_sitemap_and_kept_from_what_has_no_end(api: Api) -> None:
    answer = api.ask("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /health", "Disallow: /metrics", "Disallow: /v1/search"} <= set(lines)
    assert lines[-1] == f"Sitemap: {api.url}/sitemap.xml"


def test_the_sitemap_names_genres_days_and_tracks(api: Api) -> None:
    answer = api.ask("/sitemap.xml")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    found = [one.text or "" for one in fromstring(answer.content).findall("s:url/s:loc", NAMES)]
    assert found[:3] == [f"{api.url}{path}" for path in ("/", f"/charts/{GENRE}", f"/charts/{GENRE}/{TUESDAY}")]
    assert any(one.startswith(f"{api.url}/track/") for one in found)
    assert len(found) == len(set(found))
    for address in found[:3]:
        assert api.ask(address.removeprefix(api.url)).status_code == 200
    assert api.ask("/sitemap.xml", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_a_part_that_there_is_not_is_not_found(api: Api) -> None:
    assert api.ask("/sitemap-tracks-1.xml").status_code == 200
    for name in ("tracks-2", "tracks-0", "tracks-1234567", "albums-1", "tracks-", "tracks-1/x"):
        assert api.ask(f"/sitemap-{name}.xml").status_code == 404, name


def test_the_icon_is_where_browsers_look_for_it(api: Api) -> None:
    answer = api.ask("/favicon.ico")
    assert answer.headers["Content-Type"] == "image/x-icon"
    assert Image.open(io.BytesIO(answer.content)).format == "ICO"
