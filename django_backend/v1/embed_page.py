"""A genre's top ten as a page for other people's pages, and what oEmbed (oembed.com, version 1.0) says of it.

Pure functions from a chart to HTML and JSON. The page holds no script, loads nothing, and keeps its style within itself, so its
Content-Security-Policy allows that style by its hash and nothing else.
"""

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from django_backend.page_head import long_date
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.changes import TOP

STYLE = (Path(__file__).parents[1] / "static" / "embed.css").read_text("utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors *"
)

OEMBED_TYPE = "application/json+oembed"
WIDTH, HEIGHT = 420, 640
"""CSS pixels that a top ten fills; oEmbed offers them where the asking page has room."""

SMALLEST = 200
"""CSS pixels under which an offer helps nobody."""

CACHE_SECONDS = 86_400


def embed_path(genre: str) -> str:
    """The path of a genre's top ten."""
    return f"/embed/{genre}"


def oembed_address(root: str, address: str) -> str:
    """Where oEmbed describes a page of this site; `root` is scheme and host of the site, as in the request."""
    return f"{root}/oembed?{urlencode({'url': address})}"


def embed_html(chart: ShownChart, root: str) -> str:
    """The top ten as a whole page."""
    name, itself = escape(chart.genre.display_name), root + embed_path(chart.genre.key)
    rows = "\n".join(_row(row) for row in chart.rows[:TOP])
    shown = f"<ol>\n{rows}\n</ol>" if rows else "<p>This chart is empty today.</p>"
    target = 'target="_blank" rel="noopener"'
    page = escape(f"{root}/?{urlencode({'genre': chart.genre.key})}")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{name} top ten · TuneMeld</title>
<link rel="canonical" href="{page}">
<link rel="alternate" type="{OEMBED_TYPE}" href="{escape(oembed_address(root, itself))}" title="{name} top ten">
<style>{STYLE}</style>
</head>
<body>
<h1><a href="{page}" {target}>{name}</a></h1>
<p>What the services’ editors agree on, {long_date(chart.day)}</p>
{shown}
<p><a href="{page}" {target}>The whole chart on TuneMeld</a></p>
</body>
</html>
"""


def oembed(genre: Genre, root: str, most_width: int | None = None, most_height: int | None = None) -> str:
    """What oEmbed says of a genre's page: a frame with its top ten, no larger than asked for."""
    width = min(WIDTH, most_width or WIDTH)
    height = min(HEIGHT, most_height or HEIGHT)
    title = f"{genre.display_name} top ten"
    source = escape(root + embed_path(genre.key))
    frame = (
        f'<iframe src="{source}" title="{escape(title)}" width="{width}" height="{height}" loading="lazy" '
        'referrerpolicy="no-referrer" style="border:0;max-width:100%"></iframe>'
    )
    document = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "TuneMeld",
        "provider_url": root,
        "cache_age": CACHE_SECONDS,
        "width": width,
        "height": height,
        "html": frame,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _row(row: ShownRow) -> str:
    title = escape(row.title)
    if row.url:
        title = f'<a href="{escape(row.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    artist = f"<cite>{escape(row.artist)}</cite>" if row.artist else ""
    return f"<li><b>{row.rank}</b><div>{title}{artist}</div>{_moved(row)}</li>"


def _moved(row: ShownRow) -> str:
    """How it moved within a week, as a sign and in words."""
    if row.status in ("new", "re"):
        return f"<span>{'new' if row.status == 'new' else 'back'}</span>"
    if not row.movement:
        return "<span></span>"
    sign, word = ("▲", "up") if row.movement > 0 else ("▼", "down")
    return f'<span aria-label="{word} {abs(row.movement)}" role="img">{sign} {abs(row.movement)}</span>'
