"""What all played upstreams share: the request as they see it, the interface of an upstream, how recorded bodies answer, and how JSON is
sent.

Each service's format is in its own module.
"""

import base64
import binascii
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from tunemeld_pipeline.sandbox.quotas import Allowance


@dataclass(frozen=True)
class Call:
    """One request to an upstream."""

    method: str
    path: str
    """What follows the base address and the date, without slashes at either end: `playlist_tracks`, `v1/playlist/tracks`."""
    day: date
    """The day of observation."""
    query: QueryParams
    headers: Headers
    body: bytes
    root: str
    """The sandbox's own address, for the pictures that answers point to."""

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a whole number of 0 or more, or the default."""
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() else default

    def has_basic(self, credentials: str) -> bool:
        """Whether it carries `NAME:PASSWORD` by Basic authentication."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            given = ""
        return scheme.lower() == "basic" and given == credentials


class Problem(Enum):
    """Problems that each service answers in its own way."""

    UNAUTHORIZED = "the key is not accepted"
    FORBIDDEN = "the key's account may not use this"
    TOO_MANY = "too many requests at once; try again"
    QUOTA = "the quota is used up"
    BROKEN = "something is wrong on the service's side"
    UNKNOWN = "there is no such endpoint"


HTTP_REASONS = {
    Problem.UNAUTHORIZED: (401, "Unauthorized"),
    Problem.FORBIDDEN: (403, "Forbidden"),
    Problem.TOO_MANY: (429, "Too Many Requests"),
    Problem.QUOTA: (429, "Too Many Requests"),
    Problem.BROKEN: (500, "Internal Server Error"),
    Problem.UNKNOWN: (404, "Not Found"),
}
"""The status of each problem and HTTP's own words for it, for services that have no others."""


class Upstream(ABC):
    """One upstream service: it checks keys, prices requests, and answers them."""

    name: str
    """The name in addresses and in the control interface, for example `apple_music`."""

    def endpoint(self, call: Call) -> str:
        """The name under which a request is counted and faults match it."""
        return call.path

    @abstractmethod
    def refusal(self, call: Call) -> Response | None:
        """The answer to a request with a wrong or missing key; None if the key is good."""

    @abstractmethod
    def problem(self, problem: Problem, call: Call) -> Response:
        """The service's own answer to a problem."""

    def bucket(self, call: Call) -> str | None:  # noqa: ARG002
        """The quota that a request counts against, or None if it is free."""
        return None

    def quota_headers(self, allowance: Allowance) -> Mapping[str, str]:  # noqa: ARG002
        """The headers in which the service reports what is left."""
        return {}

    @abstractmethod
    def answer(self, call: Call) -> Response:
        """The service's answer to an allowed request."""

    def answer_in_part(self, call: Call) -> Response:
        """The same where the service does half of what it is asked, as far as it does anything by halves."""
        return self.answer(call)

    def answer_of_another_owner(self, call: Call) -> Response:
        """The same where a list belongs to somebody else than the service's editors, as far as the answer names its owner."""
        return self.answer(call)


@dataclass(frozen=True)
class Recorded:
    """How recorded bodies of a source answer its requests.

    Attributes:
        source: the source whose answers they are, such as `spotify.rapidapi`.
        upstream: the name of the upstream that is asked.
        asked: of a request, the playlist's id or address and the offset of the page, 0 for the first; None where it asks for no list.
        pages: of several recorded pages, each by its offset.
        format: the version of the source's format.
        ending: of the files; JSON alone can be several pages.
    """

    source: str
    upstream: str
    asked: Callable[[Call], tuple[str, int] | None]
    pages: Callable[[Sequence[Any]], Mapping[int, Any]] = lambda pages: dict(enumerate(pages[:1]))
    format: int = 1
    ending: str = "json"


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON without spaces and with unescaped characters, as the services send it."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers=dict(headers or {}), media_type="application/json")
