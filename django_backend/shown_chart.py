"""A chart as the page's head, its table without scripts and its share image show it.

What belongs here: reading it from the rendered response of `/playlist-data`. What does not: drawing or writing it (`share_image.py`,
`page_head.py`). It is read from the response and not from the database, so that whatever can be served, stale or from the shared
cache, can be shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tunemeld_pipeline.charts.catalog import Genre


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One recording; `positions` by service, `url` None where nothing is to be linked to."""

    rank: int
    title: str
    artist: str
    url: str | None
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShownChart:
    """A genre's chart; `day` is the UTC day on which it was observed, `is_past` whether that day was asked for."""

    genre: Genre
    day: date
    is_past: bool
    rows: Sequence[ShownRow]


def shown_chart(genre: Genre, body: bytes, *, is_past: bool) -> ShownChart:
    """The chart in a response of `/playlist-data/{genre}`, of a past day or not."""
    (data,) = json.loads(body)["data"]
    shown = data.get("rolled_back_to") or data["insert_timestamp"]
    day = datetime.fromisoformat(shown).astimezone(UTC).date()
    return ShownChart(genre, day, is_past, [_row(track) for track in data["tracks"]])


def _row(track: Mapping[str, Any]) -> ShownRow:
    url = track["track_url"]
    return ShownRow(
        rank=track["rank"],
        # Nothing is kept of a recording that was on a chart only before names were.
        title=track["track_name"] or "Unknown title",
        artist=track["artist_name"],
        url=url if url.startswith(("https://", "http://")) else None,
        positions=track["sources"],
    )
