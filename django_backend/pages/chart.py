"""The page of a genre's chart: its head, and the chart as a table."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from django_backend.languages import Language
from django_backend.page_head import NAMED, SITE, Alternate, PageHead, Picture, short
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import name_of
from tunemeld_pipeline.publishing.page_paths import chart_path, track_path
from tunemeld_pipeline.publishing.v1 import links

FEED_TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}
LISTED = 10
"""Recordings of a chart that its facts name."""


def chart_head(language: Language, genre: Genre, day: date | None, chart: ShownChart | None) -> PageHead:
    """What a chart's page says of itself.

    Args:
        day: the day in the address.
        chart: None if there is none yet.
    """
    date_text = str(day) if day else None
    return PageHead(
        title=f"{_name(language, genre, day)} · {SITE}",
        description=_description(language, genre, chart),
        path=chart_path(genre.key, date_text),
        picture=share_picture(language, genre, date_text),
        alternates=_alternates(language, genre),
        facts=_facts(language, genre, chart) if chart and chart.rows else None,
    )


def _name(language: Language, genre: Genre, day: date | None) -> str:
    if day is None:
        return language.say("chart.title", genre=genre.display_name)
    return language.say("chart.titleOfDay", genre=genre.display_name, day=language.day(day))


def share_picture(language: Language, genre: Genre, day: str | None = None) -> Picture:
    """The picture of a genre's chart."""
    dated = f"?date={day}" if day else ""
    return Picture(f"/share/{genre.key}.png{dated}", language.say("plain.atTop", genre=genre.display_name))


def plain_chart(language: Language, chart: ShownChart | None) -> str:
    """The chart as a table."""
    if chart is None:
        return f"<p>{escape(language.say('plain.noChartNow'))}</p>"
    names = map(language.say, ("column.rank", "column.title", "column.artist"))
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in (*names, *map(name_of, chart.services)))
    caption = language.say(
        "plain.caption", genre=chart.genre.display_name, claim=chart.claim(language), day=language.day(chart.day)
    )
    return (
        f"<table><caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(_table_row(row, chart.services) for row in chart.rows)
        + f"\n</tbody></table>\n<p>{escape(language.say('plain.withScripts'))}</p>"
    )


def _alternates(language: Language, genre: Genre) -> list[Alternate]:
    """The genre's feeds for feed readers, and what oEmbed says of its page."""
    title = language.say("plain.feed", genre=genre.display_name)
    feeds = [Alternate(media_type, title, links.feed(genre.key, ending)) for ending, media_type in FEED_TYPES.items()]
    described = links.oembed(chart_path(genre.key))
    return [*feeds, Alternate(links.OEMBED_TYPE, language.say("plain.topTen", genre=genre.display_name), described)]


def _description(language: Language, genre: Genre, chart: ShownChart | None) -> str:
    services = chart.services if chart else genre.services
    names = language.listed(language.say("plain.whose", service=name_of(service)) for service in services)
    if chart is None or not chart.rows:
        return language.say("plain.chartDescription", services=names, genre=genre.display_name)
    first = ", ".join(
        f"{row.rank}. {short(row.title)} – {short(row.artist)}" if row.artist else f"{row.rank}. {short(row.title)}"
        for row in chart.rows[:NAMED]
    )
    if chart.only_service is not None:
        return language.say(
            "plain.chartFirstAlone", tracks=first, claim=chart.claim(language), day=language.day(chart.day)
        )
    return language.say("plain.chartFirst", tracks=first, services=names, day=language.day(chart.day))


def _facts(language: Language, genre: Genre, chart: ShownChart) -> dict[str, Any]:
    return {
        "@type": "ItemList",
        "name": _name(language, genre, chart.day),
        "numberOfItems": len(chart.rows),
        "itemListElement": [
            {"@type": "ListItem", "position": row.rank, "name": row.title, "url": track_path(row.track_id)}
            for row in chart.rows[:LISTED]
        ],
    }


def _table_row(row: ShownRow, services: Sequence[str]) -> str:
    title = f'<a href="{escape(track_path(row.track_id))}">{escape(row.title)}</a>'
    positions = "".join(f"<td>{row.positions.get(service, '–')}</td>" for service in services)
    return f"<tr><td>{row.rank}</td><td>{title}</td><td>{escape(row.artist)}</td>{positions}</tr>"
