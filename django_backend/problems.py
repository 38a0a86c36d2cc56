"""Errors of the public paths, as problem details (RFC 9457): `application/problem+json`, with a type for each kind of problem.

`refusals.py` says when something is refused, and has the envelope in which the older paths say so.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, Field

PROBLEM_TYPE = "application/problem+json"


class ProblemKind(StrEnum):
    """What can go wrong; the value is the end of the problem's type, and its place on `/docs`."""

    UNKNOWN_GENRE = "unknown-genre"
    UNKNOWN_SERVICE = "unknown-service"
    UNKNOWN_PATH = "unknown-path"
    UNKNOWN_TRACK = "unknown-track"
    UNKNOWN_ARTIST = "unknown-artist"
    NO_DATA = "no-data-yet"
    NO_CHART = "no-chart-on-that-day"
    INVALID_PARAMETER = "invalid-parameter"
    BAD_REQUEST = "bad-request"
    NOT_ALLOWED = "method-not-allowed"
    UNKNOWN_PAGE = "unknown-page"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal-error"


TITLES = {
    ProblemKind.UNKNOWN_GENRE: "There is no such genre.",
    ProblemKind.UNKNOWN_SERVICE: "There is no such service.",
    ProblemKind.UNKNOWN_PATH: "There is no such path.",
    ProblemKind.UNKNOWN_TRACK: "There is no such recording.",
    ProblemKind.UNKNOWN_ARTIST: "There is no such artist.",
    ProblemKind.NO_DATA: "Nothing was published yet.",
    ProblemKind.NO_CHART: "That day has no chart.",
    ProblemKind.INVALID_PARAMETER: "A parameter is not valid.",
    ProblemKind.BAD_REQUEST: "The request cannot be read.",
    ProblemKind.NOT_ALLOWED: "This API is only read.",
    ProblemKind.UNKNOWN_PAGE: "This site has no such page.",
    ProblemKind.UNAVAILABLE: "This cannot be answered right now.",
    ProblemKind.INTERNAL: "Something went wrong here.",
}


QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
"""The type of the rate limit's refusals, which a draft of the IETF has named for all."""

EXPLAINED = {
    **{kind.value: title for kind, title in TITLES.items()},
    "quota-exceeded": "Too many requests from this address; Retry-After says when the next one is answered.",
}
"""What each kind of problem is, by the end of its type: every type that an error answer can have."""


class Problem(BaseModel):
    """What is wrong with a request, and what to do (RFC 9457)."""

    type: str = Field(
        description="The kind of problem: an address where it is explained.", examples=["/docs#unknown-genre"]
    )
    title: str = Field(description="The kind of problem in words, the same for every problem of its type.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What is wrong with this request, and what to do next.")
    known: list[str] | None = Field(None, description="The values that are known, where an unknown one was asked for.")
    nearest: list[str] | None = Field(None, description="The nearest days that have a chart, nearest first.")
    parameter: str | None = Field(None, description="The parameter that is not valid.")


def problem_text(kind: ProblemKind, status: int, detail: str, more: Mapping[str, object] | None = None) -> str:
    """The problem as JSON; `more` are its other members, as far as they are known."""
    members = {"type": f"/docs#{kind}", "title": TITLES[kind], "status": status, "detail": detail, **(more or {})}
    return Problem.model_validate(members).model_dump_json(exclude_none=True)
