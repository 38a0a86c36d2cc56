"""How the installation is: its parts and genres, its API, and what is or was wrong."""

from typing_extensions import TypedDict

from tunemeld_pipeline.cli.shapes.values import Moment, Share
from tunemeld_pipeline.health import State


class Part(TypedDict):
    """One part of the installation."""

    part: str
    """Its name: settings, database, disk, …, or a genre."""
    state: State
    seen: str
    """What was found, for people."""
    action: str
    """What to do where it is not good; else empty."""


class Parts(TypedDict):
    """How each part is."""

    state: State
    """The worst of all parts."""
    parts: list[Part]


class GenreStatus(TypedDict):
    """What a genre shows."""

    genre: str
    state: State
    shown_as_of: Moment | None
    """When what visitors see was observed; null where it has no chart."""
    tracks: int
    coverage: dict[str, Share]
    """Source of counts → the share of the chart that it has counted."""
    lacking: list[str]
    """What is missing or old."""


class Status(TypedDict):
    """`tunemeld status`."""

    at: Moment
    state: State
    """The worst of all parts and genres."""
    parts: list[Part]
    genres: list[GenreStatus]


class AskedPath(TypedDict):
    """One path of the API."""

    path: str
    status: int | None
    """null where there was no answer."""
    milliseconds: float
    problem: str | None


class ApiHealth(TypedDict):
    """`tunemeld api health`."""

    asked: list[AskedPath]
    unwell: list[str]
    """The parts that `/health` calls unwell."""


class Incident(TypedDict):
    """Something that is or was wrong."""

    incident_id: str
    key: str
    """Names the trouble; of the incidents with one key at most one is open."""
    kind: str
    """The alarm's name in docs/alarms.md."""
    genre: str | None
    subject: str
    """What is affected besides the genre: a list, a source of counts, a quota, a check."""
    detail: str
    run_id: str | None
    opened_at: Moment
    last_seen: Moment
    closed_at: Moment | None
    reopened: int
    """How often it came back within an hour."""
    told_at: Moment | None
    """When the message that it began was sent."""
    reminded_at: Moment | None
    over_told_at: Moment | None
    """When the message that it is over was sent."""
    tries: int
    """Of the message that is under way."""
    next_try_at: Moment | None
    telling_since: Moment | None
