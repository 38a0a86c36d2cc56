"""What search engines may find: every genre, day and recording that visitors may see, in parts that are not too large."""

from datetime import timedelta

import pytest
from lxml.etree import fromstring

from tests.documents import MONDAY, isrc, recording
from tests.storage.acts import finish, put_recordings
from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.sitemaps import SitemapPart, sitemap, sitemap_part
from tunemeld_pipeline.storage.store import Store

CATALOG = load_catalog()
ROOT = "https://tunemeld.example"
TUESDAY = MONDAY + timedelta(days=1)
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def filled(store: Store) -> Store:
    """Two days of one genre, and three recordings, one of them with an id that an address has to quote."""
    for day in (MONDAY, TUESDAY):
        finish(store, day, {})
    odd = recording(3).model_copy(update={"track_id": "SoundCloud:a&b", "isrc": None})
    put_recordings(store, [recording(1), recording(2), odd])
    return store


def addresses(content: Content | None) -> list[str]:
    assert content is not None
    return [one.text or "" for one in fromstring(str(content.body).encode()).findall("*/s:loc", NAMES)]


def test_it_works(filled: Store) -> None:
    with filled.for_visitors() as view:
        made = sitemap(view, CATALOG, ROOT)
    assert addresses(made) == [
        f"{ROOT}/",
        f"{ROOT}/charts/dance",
        f"{ROOT}/charts/dance/2026-03-02",
        f"{ROOT}/track/{isrc(1)}",
        f"{ROOT}/track/{isrc(2)}",
        f"{ROOT}/track/SoundCloud:a%26b",
    ]
    changed = [one.text for one in fromstring(str(made.body).encode()).findall("*/s:lastmod", NAMES)]
    assert changed[:3] == ["2026-03-03T02:30:00Z", "2026-03-03T02:30:00Z", "2026-03-02"]
    assert made.modified == TUESDAY


def test_more_addresses_than_fit_are_an_index_of_parts(filled: Store) -> None:
    with filled.for_visitors() as view:
        index = addresses(sitemap(view, CATALOG, ROOT, most=2))
        assert index == [
            f"{ROOT}/sitemap-charts-1.xml",
            f"{ROOT}/sitemap-charts-2.xml",
            f"{ROOT}/sitemap-tracks-1.xml",
            f"{ROOT}/sitemap-tracks-2.xml",
        ]
        parts = [sitemap_part(view, CATALOG, ROOT, SitemapPart.TRACKS, number, most=2) for number in (1, 2, 3)]
        assert [len(addresses(part)) for part in parts[:2]] == [2, 1]
        assert parts[2] is None
        charts = [
            len(addresses(sitemap_part(view, CATALOG, ROOT, SitemapPart.CHARTS, number, most=2))) for number in (1, 2)
        ]
        assert charts == [2, 1]
        whole = addresses(sitemap(view, CATALOG, ROOT))
    in_parts = [f"{ROOT}/", f"{ROOT}/charts/dance", f"{ROOT}/charts/dance/2026-03-02"]
    assert whole == in_parts + [one for part in parts[:2] for one in addresses(part)]


def test_what_is_withheld_is_not_named(filled: Store) -> None:
    filled.withholdings.put(Withholding(kind="track", key=isrc(2), ids=[isrc(2)], reason="a wish", withheld_at=TUESDAY))
    with filled.for_visitors() as view:
        assert isrc(2) not in str(sitemap(view, CATALOG, ROOT).body)


def test_an_empty_site_has_an_empty_sitemap(store: Store) -> None:
    with store.for_visitors() as view:
        assert addresses(sitemap(view, CATALOG, ROOT)) == []
        assert sitemap_part(view, CATALOG, ROOT, SitemapPart.TRACKS, 1) is None
