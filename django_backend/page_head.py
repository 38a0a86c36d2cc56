"""Fills the page's `index.html`: title, tags and share image for links, the page's head and the API's answers that it starts from, and the
chart as a table for browsers without scripts.

Pure functions from a chart to HTML; everything that comes from a service is escaped. The tags follow the Open Graph protocol
(ogp.me) and Twitter's cards. `page_views.py` finds the chart, and `page_files.py` the template.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import urlencode

from django_backend.share_image import HEIGHT, WIDTH
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.plugins.registry import in_order, name_of, written_list
from tunemeld_pipeline.publishing.v1 import links

SITE = "TuneMeld"
FEED_TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}
NAMED = 3
"""Tracks in a description, of which services show some 160 characters."""

LONGEST_NAME = 40
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Subject:
    """The site, genre and day that an address names.

    Attributes:
        root: scheme and host of the site, as in the visitor's request.
        genre: the genre in the address; None for the site itself.
        day: the past day in the address, if it has a chart.
    """

    root: str
    genre: Genre | None = None
    day: date | None = None


def filled(template: str, subject: Subject, chart: ShownChart | None, catalog: Catalog, answers: str = "") -> str:
    """The page for this subject.

    Args:
        chart: its chart; None if there is none yet.
        answers: what the page starts from, as `answers_script` writes it.
    """
    shown = subject.genre or next(iter(catalog.genres.values()))
    parts = {
        "head": head_tags(subject, chart, catalog),
        "app": page_top(shown.display_name, catalog, shown),
        "answers": answers,
        "noscript": plain_chart(chart),
    }
    return _filled(template, parts)


def filled_without_chart(template: str, trouble: str, catalog: Catalog, answers: str = "") -> str:
    """The page for an address whose chart does not exist or is unavailable. It shows no other chart."""
    parts = {
        "head": f"<title>{SITE}</title>\n    {_meta('name', 'robots', 'noindex')}",
        "app": page_top(SITE, catalog),
        "answers": answers,
        "noscript": f"<p>{escape(trouble)}</p>",
    }
    return _filled(template, parts)


def answers_script(bodies: Mapping[str, bytes]) -> str:
    """Answers of the API by their addresses, as data for the page, which then does not ask for them."""
    # A body is JSON, in which `<` stands in texts alone; so none of them can end the element.
    answers = ",".join(f"{json.dumps(path)}:{body.decode()}" for path, body in bodies.items()).replace("<", "\\u003c")
    return f'<script type="application/json" id="tunemeld-answers">{{{answers}}}</script>'


def page_top(title: str, catalog: Catalog, shown: Genre | None = None) -> str:
    """The top of the page as `frontend/src/components/App.tsx` draws it, so that it is there before any script runs."""
    genres = "".join(
        f'<li><a href="?genre={genre.key}"{_current(genre is shown)}>{escape(genre.display_name)}</a></li>'
        for genre in catalog.genres.values()
    )
    return (
        '<div class="page"><header class="top">'
        f'<a class="brand" href="./"><img src="./icon.svg" alt="" width="28" height="28">{SITE}</a>'
        f'<nav class="genres" aria-label="Genres"><ul>{genres}</ul></nav></header>'
        f'<main><div class="title"><h1>{escape(title)}</h1></div></main></div>'
    )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def head_tags(subject: Subject, chart: ShownChart | None, catalog: Catalog) -> str:
    """Title, description, address and share image."""
    title, description = _words(subject, chart, catalog)
    # The site's own preview shows the genre that the site opens with.
    pictured = subject.genre or next(iter(catalog.genres.values()))
    day = f"?date={subject.day}" if subject.day else ""
    address, picture = subject.root + _path(subject), f"{subject.root}/share/{pictured.key}.png{day}"
    tags = [
        f"<title>{escape(title)}</title>",
        _meta("name", "description", description),
        f'<link rel="canonical" href="{escape(address)}">',
        *_alternates(subject.root, pictured),
        _meta("property", "og:site_name", SITE),
        _meta("property", "og:type", "website"),
        _meta("property", "og:title", title),
        _meta("property", "og:description", description),
        _meta("property", "og:url", address),
        _meta("property", "og:image", picture),
        _meta("property", "og:image:type", "image/png"),
        _meta("property", "og:image:width", str(WIDTH)),
        _meta("property", "og:image:height", str(HEIGHT)),
        _meta("property", "og:image:alt", f"The top five of the {pictured.display_name} chart"),
        _meta("name", "twitter:card", "summary_large_image"),
        _meta("name", "twitter:title", title),
        _meta("name", "twitter:description", description),
        _meta("name", "twitter:image", picture),
    ]
    return "\n    ".join(tags)


def _alternates(root: str, genre: Genre) -> list[str]:
    """The genre's feeds for feed readers, and what oEmbed says of its page."""
    title = escape(f"{SITE}: new on the {genre.display_name} chart")
    page = root + links.oembed(f"{root}/?{urlencode({'genre': genre.key})}")
    found = [(media_type, root + links.feed(genre.key, ending), title) for ending, media_type in FEED_TYPES.items()]
    found.append((links.OEMBED_TYPE, page, escape(f"{genre.display_name} top ten")))
    return [f'<link rel="alternate" type="{kind}" title="{name}" href="{escape(href)}">' for kind, href, name in found]


def plain_chart(chart: ShownChart | None) -> str:
    """The chart as a table."""
    if chart is None:
        return "<p>There is no chart to show right now; please try again later.</p>"
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("Rank", "Title", "Artist", *map(escape, map(name_of, chart.services)))
    )
    caption = f"{chart.genre.display_name}: {chart.claim}, {long_date(chart.day)} (UTC)"
    return (
        f"<table><caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(_table_row(row, chart.services) for row in chart.rows)
        + "\n</tbody></table>\n<p>With JavaScript, this page also shows counts, movement and past days.</p>"
    )


def long_date(day: date) -> str:
    """A day as people write it, for example 31 January 2026, in English on every machine."""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _site_words(catalog: Catalog) -> tuple[str, str]:
    names = list(map(name_of, in_order(catalog.services())))
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    title = (
        f"{SITE} – the songs on which {number} services’ editors agree"
        if len(names) > 1
        else f"{SITE} – the songs that {names[0]}’s editors choose"
    )
    what = "agree on" if len(names) > 1 else "choose"
    return (
        title,
        f"What the editors of {written_list(names)} {what}, genre by genre, every day, and how the world listens.",
    )


def _words(subject: Subject, chart: ShownChart | None, catalog: Catalog) -> tuple[str, str]:
    site_title, description = _site_words(catalog)
    if subject.genre is None:
        return site_title, description
    name = subject.genre.display_name
    title = f"{name} chart for {long_date(subject.day)} · {SITE}" if subject.day else f"{name} chart · {SITE}"
    if chart is None or not chart.rows:
        return title, description
    first = ", ".join(
        f"{row.rank}. {_short(row.title)} – {_short(row.artist)}" if row.artist else f"{row.rank}. {_short(row.title)}"
        for row in chart.rows[:NAMED]
    )
    if chart.only_service is not None:
        return title, f"{first}. {chart.claim}, {long_date(chart.day)}."
    names = written_list(f"{name_of(service)}’s" for service in chart.services)
    return title, f"{first}. What {names} editors agree on, {long_date(chart.day)}."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def _path(subject: Subject) -> str:
    said = {"genre": subject.genre.key if subject.genre else "", "date": str(subject.day or "")}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/?{query}" if query else "/"


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _table_row(row: ShownRow, services: Sequence[str]) -> str:
    title = escape(row.title)
    if row.url:
        title = f'<a href="{escape(row.url)}" rel="noreferrer">{title}</a>'
    positions = "".join(f"<td>{row.positions.get(service, '–')}</td>" for service in services)
    return f"<tr><td>{row.rank}</td><td>{title}</td><td>{escape(row.artist)}</td>{positions}</tr>"


def _filled(template: str, parts: Mapping[str, str]) -> str:
    for name, text in parts.items():
        template = _replaced(template, name, text)
    return template


def _replaced(template: str, name: str, text: str) -> str:
    """The template with `text` in place of what is between its two marks, or in place of its single mark."""
    mark, end = f"<!--tunemeld:{name}-->", f"<!--/tunemeld:{name}-->"
    return re.sub(f"{mark}(?:.*?{end})?", lambda _: text, template, count=1, flags=re.DOTALL)
