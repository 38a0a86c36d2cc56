"""Charts and their recordings, as visitors see them."""

from typing import Literal

from typing_extensions import TypedDict

from tunemeld_pipeline.cli.shapes.values import Day, Moment

Movement = Literal["new", "re", "up", "down", "same", "gone"]


class ChartRow(TypedDict):
    """One recording on a genre's chart."""

    rank: int
    isrc: str | None
    title: str
    artist: str
    status: Movement | None
    """What became of it since a week before; null where there is no chart of then."""
    movement: int | None
    """Ranks gained since then."""
    peak_rank: int | None
    days_on_chart: int | None
    positions: dict[str, int]
    """Service → its position there."""
    counts: dict[str, int]
    """Source of counts → the last count."""
    gains_7d: dict[str, int | None]
    """Source of counts → what the last seven days added; null where that is not known."""


class Chart(TypedDict):
    """`tunemeld chart`."""

    genre: str
    shown_as_of: Moment
    length: int
    """Rows of the whole chart; `tracks` has as many as --top asks for."""
    only_service: str | None
    """The service whose list this is; null where it is a consensus of several."""
    tracks: list[ChartRow]


class Reading(TypedDict):
    """One count."""

    at: Moment
    count: int


class Track(TypedDict):
    """`tunemeld track`."""

    isrc: str
    title: str | None
    artist: str | None
    urls: dict[str, str]
    """Service → its page there."""
    charts: dict[str, ChartRow]
    """Genre → its row on today's chart."""
    counts: dict[str, list[Reading]]
    """Source of counts → all its readings, oldest first."""


class Change(TypedDict):
    """A recording on one or both of two days' charts."""

    track_id: str
    name: str
    status: Movement | None
    """null where a source that shows more rows than the day before is why it is there."""
    rank: int | None
    """On the later day; null where it is gone."""
    previous_rank: int | None
    movement: int | None


class Changes(TypedDict):
    """`tunemeld changes`."""

    genre: str
    since: Day
    until: Day
    services_joined: list[str]
    """Services that count on the later day alone."""
    services_left: list[str]
    """Services that counted on the earlier day alone."""
    changes: list[Change]
