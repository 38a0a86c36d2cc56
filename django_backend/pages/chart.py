"""The page of a genre's chart: its head, and the chart as a table."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from django_backend.page_head import NAMED, SITE, Alternate, PageHead, Picture, long_date, short
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import name_of, written_list
from tunemeld_pipeline.publishing.page_paths import chart_path, track_path
from tunemeld_pipeline.publishing.v1 import links

FEED_TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}
LISTED = 10
"""Recordings of a chart that its facts name."""


def chart_head(genre: Genre, day: date | None, chart: ShownChart | None) -> PageHead:
    """What a chart's page says of itself.

    Args:
        day: the day in the address.
        chart: None if there is none yet.
    """
    name, date_text = genre.display_name, str(day) if day else None
    return PageHead(
        title=f"{name} chart for {long_date(day)} · {SITE}" if day else f"{name} chart · {SITE}",
        description=_description(genre, chart),
        path=chart_path(genre.key, date_text),
        picture=share_picture(genre, date_text),
        alternates=_alternates(genre),
        facts=_facts(genre, chart) if chart and chart.rows else None,
    )


def share_picture(genre: Genre, day: str | None = None) -> Picture:
    """The picture of a genre's chart."""
    dated = f"?date={day}" if day else ""
    return Picture(f"/share/{genre.key}.png{dated}", f"The top five of the {genre.display_name} chart")


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


def _alternates(genre: Genre) -> list[Alternate]:
    """The genre's feeds for feed readers, and what oEmbed says of its page."""
    title = f"{SITE}: new on the {genre.display_name} chart"
    feeds = [Alternate(media_type, title, links.feed(genre.key, ending)) for ending, media_type in FEED_TYPES.items()]
    described = links.oembed(chart_path(genre.key))
    return [*feeds, Alternate(links.OEMBED_TYPE, f"{genre.display_name} top ten", described)]


def _description(genre: Genre, chart: ShownChart | None) -> str:
    names = written_list(f"{name_of(service)}’s" for service in (chart.services if chart else genre.services))
    if chart is None or not chart.rows:
        return f"What {names} editors agree on in {genre.display_name}, every day, and how the world listens."
    first = ", ".join(
        f"{row.rank}. {short(row.title)} – {short(row.artist)}" if row.artist else f"{row.rank}. {short(row.title)}"
        for row in chart.rows[:NAMED]
    )
    if chart.only_service is not None:
        return f"{first}. {chart.claim}, {long_date(chart.day)}."
    return f"{first}. What {names} editors agree on, {long_date(chart.day)}."


def _facts(genre: Genre, chart: ShownChart) -> dict[str, Any]:
    return {
        "@type": "ItemList",
        "name": f"{genre.display_name} chart for {long_date(chart.day)}",
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
