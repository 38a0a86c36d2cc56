"""What all played upstreams have in common: the request as they see it, what an upstream is, and how JSON is sent.

What belongs here: names that every module of this package needs. What does not: any one service's format.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
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


class Problem(Enum):
    """What every service has an answer of its own for."""

    UNAUTHORIZED = "the key is not accepted"
    FORBIDDEN = "the key's account may not use this"
    TOO_MANY = "too many requests at once; try again"
    QUOTA = "the quota is used up"
    BROKEN = "something is wrong on the service's side"
    UNKNOWN = "there is no such endpoint"


class Upstream(ABC):
    """One upstream service: checks keys, says what a request costs, answers."""

    name: str
    """As in addresses and in the control interface, for example `apple_music`."""

    def endpoint(self, call: Call) -> str:
        """The name under which a request is counted and under which faults find it."""
        return call.path

    @abstractmethod
    def refusal(self, call: Call) -> Response | None:
        """The answer to a request with a wrong or missing key; None when the key is good."""

    @abstractmethod
    def problem(self, problem: Problem, call: Call) -> Response:
        """The service's own answer when something is wrong."""

    def bucket(self, call: Call) -> str | None:  # noqa: ARG002
        """The quota that a request counts against, or None where it costs nothing."""
        return None

    def quota_headers(self, allowance: Allowance) -> Mapping[str, str]:  # noqa: ARG002
        """The headers in which the service tells what is left."""
        return {}

    @abstractmethod
    def answer(self, call: Call) -> Response:
        """The service's answer to a request that may be made."""

    def answer_in_part(self, call: Call) -> Response:
        """The same where the service does half of what it is asked, as far as it does anything by halves."""
        return self.answer(call)


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON without spaces, characters unescaped, as the services send it."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers=dict(headers or {}), media_type="application/json")
