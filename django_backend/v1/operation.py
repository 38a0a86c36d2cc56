"""What one operation of the table is: its path, its documentation, and its view."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from django_backend.found import Found
from django_backend.v1.parameters import Asked, Parameter
from tunemeld_pipeline.publishing.forms import JSON_TYPE


class Tag(StrEnum):
    """The groups of operations."""

    CATALOGUE = "catalogue"
    CHARTS = "charts"
    RECORDINGS = "recordings"
    EDITORS = "editors"
    FEEDS = "feeds"
    EXPORTS = "exports"


TAG_DESCRIPTIONS = {
    Tag.CATALOGUE: "What there is: genres and services, and how fresh their data are.",
    Tag.CHARTS: "The charts on which the editors agree, and the services' own lists, of today and of every past day.",
    Tag.RECORDINGS: "Recordings and artists over all genres and days.",
    Tag.EDITORS: "What the editors of the services do: what is new, where they agree, who was first.",
    Tag.FEEDS: "What is new, for feed readers.",
    Tag.EXPORTS: "Charts in the formats of other programs, and for other people's pages.",
}


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of an operation's good answer.

    Attributes:
        model: what the body is, for JSON; None for all other bodies.
        is_binary: whether the body is bytes and not text.
    """

    media_type: str = JSON_TYPE
    model: Any = None
    is_binary: bool = False

    @property
    def adapter(self) -> TypeAdapter[Any] | None:
        """What makes the schema of the body; None if it is no JSON."""
        return None if self.model is None else TypeAdapter(self.model)


@dataclass(frozen=True, slots=True)
class Operation:
    """One path of the API.

    Attributes:
        path: its template, with parameters in braces.
        identity: its `operationId`, which never changes.
        view: finds the page that a request means; it may raise `Refusal` and `Unanswerable`.
        statuses: the statuses of refusals that it has besides 400, 404 and 503: those that every operation may answer.
        leads_on: whether the address of something may lead to another one (307, 308).
        rows: the fields of the answer that hold its rows, none if the answer itself is the list; for `fields` and `limit`.
    """

    path: str
    identity: str
    tag: Tag
    summary: str
    description: str
    view: Callable[[Asked], Found]
    media: tuple[Media, ...]
    parameters: tuple[Parameter, ...] = ()
    statuses: tuple[int, ...] = ()
    rows: tuple[str, ...] = ()
    leads_on: bool = False

    @property
    def can_be_unknown(self) -> bool:
        """Whether an address of this path can name something that is not there."""
        return "{" in self.path
