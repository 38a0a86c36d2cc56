"""The chart for the page's head, its table without scripts and its share image, read from the response of `/v1/charts`.

It comes from the rendered response and not from the database, so any chart that can be served, even stale or from the shared
cache, can also be shown. `share_image.py` draws it, and `page_head.py` writes it as HTML.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tunemeld_pipeline.charts.catalog import Genre


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One recording; `positions` by service, `url` None without a link, `status` and `movement` as in a chart's memory."""

    rank: int
    title: str
    artist: str
    url: str | None
    positions: Mapping[str, int]
    status: str | None = None
    movement: int | None = None


@dataclass(frozen=True, slots=True)
class ShownChart:
    """A genre's chart; `day` is the UTC day on which it was observed, `is_past` whether the request named that day."""

    genre: Genre
    day: date
    is_past: bool
    rows: Sequence[ShownRow]


def shown_chart(genre: Genre, body: bytes, *, is_past: bool) -> ShownChart:
    """The chart in a response of `/v1/charts/{genre}`, current or past."""
    data = json.loads(body)
    return ShownChart(genre, date.fromisoformat(data["date"]), is_past, [_row(track) for track in data["tracks"]])


def _row(track: Mapping[str, Any]) -> ShownRow:
    places = track["services"]
    return ShownRow(
        rank=track["rank"],
        # A recording that was charted only before names were stored has none.
        title=track["title"] or "Unknown title",
        artist=track["artist"] or "",
        url=next((place["url"] for place in places.values() if _is_web(place["url"])), None),
        positions={service: place["rank"] for service, place in places.items()},
        status=track["status"],
        movement=track["movement"],
    )


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://"))
