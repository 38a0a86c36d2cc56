"""A genre's top ten as a page for other people's pages.

A pure function from a chart to HTML. The page holds no script, loads nothing, and keeps its style within itself, so its
Content-Security-Policy allows that style by its hash and nothing else.
"""

import base64
import hashlib
from html import escape
from pathlib import Path

from django_backend.languages import ENGLISH
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.changes import TOP
from tunemeld_pipeline.publishing.page_paths import chart_path
from tunemeld_pipeline.publishing.v1 import links

STYLE = (Path(__file__).parents[1] / "static" / "embed.css").read_text("utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors *"
)


def embed_html(chart: ShownChart, root: str) -> str:
    """The top ten as a whole page."""
    name, itself = escape(chart.genre.display_name), root + links.embed(chart.genre.key)
    rows = "\n".join(_row(row) for row in chart.rows[:TOP])
    shown = f"<ol>\n{rows}\n</ol>" if rows else "<p>This chart is empty today.</p>"
    target = 'target="_blank" rel="noopener"'
    page = escape(root + chart_path(chart.genre.key))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{name} top ten · TuneMeld</title>
<link rel="canonical" href="{page}">
<link rel="alternate" type="{links.OEMBED_TYPE}" href="{escape(root + links.oembed(itself))}" title="{name} top ten">
<style>{STYLE}</style>
</head>
<body>
<h1><a href="{page}" {target}>{name}</a></h1>
<p>{escape(chart.claim())}, {ENGLISH.day(chart.day)}</p>
{shown}
<p><a href="{page}" {target}>The whole chart on TuneMeld</a></p>
</body>
</html>
"""


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
