"""The chart for the page's head, its table without scripts and its share image, read from the response of `/v1/charts`.

It comes from the rendered response and not from the database, so any chart that can be served, even stale or from the shared
cache, can also be shown. `share_image.py` draws it, and `pages/chart.py` writes it as HTML.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django_backend.languages import ENGLISH, Language
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import keys, name_of

UNKNOWN_TITLE = ENGLISH.say("track.unnamed")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One recording; `positions` by service, `url` None without a link, `status` and `movement` as in a chart's memory."""

    rank: int
    track_id: str
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

    def claim(self, language: Language = ENGLISH) -> str:
        """What the chart is, in a few words."""
        if self.only_service is None:
            return language.say("plain.claim")
        return language.say("plain.claimAlone", service=name_of(self.only_service))


def shown_chart(genre: Genre, body: bytes, *, is_past: bool, language: Language = ENGLISH) -> ShownChart:
    """The chart in a response of `/v1/charts/{genre}`, current or past."""
    data = json.loads(body)
    unnamed = language.say("track.unnamed")
    rows = [_row(track, unnamed) for track in data["tracks"]]
    read = [service for service in keys() if service in data["lists"]]
    # What an earlier release put into the shared cache does not say it.
    return ShownChart(genre, date.fromisoformat(data["date"]), is_past, rows, data.get("only_service"), read)


def _row(track: Mapping[str, Any], unnamed: str) -> ShownRow:
    places = track["services"]
    return ShownRow(
        rank=track["rank"],
        track_id=track["track_id"],
        # A recording that was charted only before names were stored has none.
        title=track["title"] or unnamed,
        artist=track["artist"] or "",
        url=next((place["url"] for place in places.values() if _is_web(place["url"])), None),
        positions={service: place["rank"] for service, place in places.items()},
        status=track["status"],
        movement=track["movement"],
    )


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://"))
