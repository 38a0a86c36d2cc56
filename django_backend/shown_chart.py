"""The chart for the page's head, its table without scripts and its share image, read from the response of `/playlist-data`.

It comes from the rendered response and not from the database, so any chart that can be served, even stale or from the shared
cache, can also be shown. `share_image.py` draws it, and `page_head.py` writes it as HTML.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import keys, name_of


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
    """A genre's chart.

    Attributes:
        day: the UTC day on which it was observed.
        is_past: whether the request named that day.
        only_service: the service whose list this is, where it is no consensus.
        read: the services whose lists that day's run read, or wanted to, in their order; none where that is not known.
    """

    genre: Genre
    day: date
    is_past: bool
    rows: Sequence[ShownRow]
    only_service: str | None = None
    read: Sequence[str] = ()

    @property
    def services(self) -> Sequence[str]:
        """The services whose positions are shown."""
        return self.read or self.genre.services

    @property
    def claim(self) -> str:
        """What the chart is, in a few words."""
        if self.only_service is None:
            return "What the editors agree on"
        return f"{name_of(self.only_service)}’s list alone, no consensus"


def shown_chart(genre: Genre, body: bytes, *, is_past: bool) -> ShownChart:
    """The chart in a response of `/playlist-data/{genre}`, current or past."""
    (data,) = json.loads(body)["data"]
    read = [service for service in keys() if service in data.get("outcomes", {})]
    rows = [_row(track) for track in data["tracks"]]
    return ShownChart(genre, _day(data), is_past, rows, data.get("only_service"), read)


def _day(data: Mapping[str, Any]) -> date:
    shown = data.get("rolled_back_to") or data["insert_timestamp"]
    return datetime.fromisoformat(shown).astimezone(UTC).date()


def _row(track: Mapping[str, Any]) -> ShownRow:
    url = track["track_url"]
    return ShownRow(
        rank=track["rank"],
        # A recording that was charted only before names were stored has none.
        title=track["track_name"] or "Unknown title",
        artist=track["artist_name"],
        url=url if url.startswith(("https://", "http://")) else None,
        positions=track["sources"],
        status=track["status"],
        movement=track["movement"],
    )
