"""What search engines may find: sitemaps (https://www.sitemaps.org/protocol.html) of genres, past days and recordings.

Up to 50,000 addresses are one sitemap; more are an index with parts of one kind each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from itertools import islice

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.page_paths import HOME, chart_path, track_path
from tunemeld_pipeline.storage.store import Store

MOST_ADDRESSES = 50_000
"""In one sitemap, and sitemaps in one index, according to the protocol."""

XML_TYPE = "application/xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
EPOCH = datetime.fromtimestamp(0, UTC)


class SitemapPart(StrEnum):
    """The kinds of addresses of which an index has parts."""

    CHARTS = "charts"
    TRACKS = "tracks"


@dataclass(frozen=True, slots=True)
class Address:
    """A path with its query, and when it changed, as a day or a moment in ISO 8601."""

    path: str
    changed: str


def sitemap(store: Store, catalog: Catalog, root: str, most: int = MOST_ADDRESSES) -> Content:
    """All addresses of a site, or the index of its parts.

    Args:
        store: what visitors may see.
        root: scheme and host.
    """
    charts, tracks = list(_charts(store, catalog)), store.recordings.count()
    if len(charts) + tracks <= most:
        return _content([*charts, *_tracks(store, 0, most)], root, store, catalog)
    parts = [
        f"<sitemap><loc>{escape(root + part_path(part, number))}</loc></sitemap>"
        for part, count in ((SitemapPart.CHARTS, len(charts)), (SitemapPart.TRACKS, tracks))
        for number in range(1, -(-count // most) + 1)
    ]
    lines = "\n".join(parts[:MOST_ADDRESSES])
    text = f"{HEAD}<sitemapindex {NAMESPACE}>\n{lines}\n</sitemapindex>\n"
    return Content(text, _modified(store, catalog), XML_TYPE)


def sitemap_part(
    store: Store, catalog: Catalog, root: str, part: SitemapPart, number: int, most: int = MOST_ADDRESSES
) -> Content | None:
    """One part of a site's index, counted from 1; None if there are not as many."""
    start = (number - 1) * most
    found = _tracks(store, start, most)
    if part is SitemapPart.CHARTS:
        found = islice(_charts(store, catalog), start, start + most)
    addresses = list(found)
    return _content(addresses, root, store, catalog) if addresses else None


def part_path(part: SitemapPart, number: int) -> str:
    """The path of a part; it is at the root, since a sitemap may name only addresses below its own folder."""
    return f"/sitemap-{part}-{number}.xml"


def _charts(store: Store, catalog: Catalog) -> Iterator[Address]:
    """Today, each genre, and each day of which its chart is kept, newest first; the day that is shown now is the genre's own address."""
    published = store.charts.materializations()
    finished = [one.finished_at for genre, one in published.items() if genre in catalog.genres]
    if finished:
        yield Address(HOME, f"{max(finished):%Y-%m-%dT%H:%M:%SZ}")
    for genre in catalog.genres:
        if genre not in published:
            continue
        one = published[genre]
        yield Address(chart_path(genre), f"{one.finished_at:%Y-%m-%dT%H:%M:%SZ}")
        shown = f"{one.shown_as_of:%Y-%m-%d}"
        for day in reversed(store.charts.chart_dates(genre)):
            if day != shown:
                yield Address(chart_path(genre, day), day)


def _tracks(store: Store, start: int, most: int) -> Iterator[Address]:
    for track_id, changed in store.recordings.moments(start, most):
        yield Address(track_path(track_id), f"{changed:%Y-%m-%dT%H:%M:%SZ}")


def _content(addresses: Sequence[Address], root: str, store: Store, catalog: Catalog) -> Content:
    lines = "\n".join(
        f"<url><loc>{escape(root + one.path)}</loc><lastmod>{one.changed}</lastmod></url>" for one in addresses
    )
    return Content(f"{HEAD}<urlset {NAMESPACE}>\n{lines}\n</urlset>\n", _modified(store, catalog), XML_TYPE)


def _modified(store: Store, catalog: Catalog) -> datetime:
    published = store.charts.materializations()
    return max((one.finished_at for genre, one in published.items() if genre in catalog.genres), default=EPOCH)
