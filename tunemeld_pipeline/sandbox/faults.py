"""Faults that the sandbox plays on request: which kinds there are, which are ordered, and a client that orders them.

The orders are kept and counted here. Each service has its own error bodies (`upstreams/`), and the application cuts connections
(`app.py`).
"""

import http.client
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlsplit

from tunemeld_pipeline.suggestions import did_you_mean

CLIENT_TIMEOUT = 10.0


class Fault(StrEnum):
    """The kinds of fault; the value is the name on the wire."""

    TOO_MANY_REQUESTS = "429"
    """With `Retry-After`; `seconds` is its value, by default 1."""
    TOO_MANY_REQUESTS_SILENT = "429-no-retry-after"
    SERVER_ERROR = "500"
    """`status` may choose another, for example 503."""
    UNAUTHORIZED = "401"
    """The service's own answer to a wrong key; for YouTube that is a 400."""
    FORBIDDEN = "403"
    """The service's own answer to an account that may not use it."""
    NOT_FOUND = "404"
    ERROR_BODY = "error-body"
    """The service's error body with status 200; `status` may choose another."""
    HALF_JSON = "half-json"
    """The first half of the real answer, with headers that make it look whole."""
    STALL = "stall"
    """Nothing for `seconds`, by default 30, and then the connection is closed."""
    CUT = "cut"
    """The connection is closed before the first byte."""
    CUT_MID_BODY = "cut-mid-body"
    """The connection is closed after half of the announced body."""
    IN_PART = "in-part"
    """The service does half of what it is asked: a bulk write to the cache does not take every key, and half of a list's rows are not
    licensed on Deezer. Elsewhere nothing is different."""
    NEW_OWNER = "new-owner"
    """A list belongs to somebody else than the service's editors, where its answers name the owner. Elsewhere nothing is different."""
    ROBOTS_FORBID = "robots-forbid"
    """A page's `robots.txt` forbids everything. Elsewhere nothing is different."""
    EMPTY_LIST = "empty-list"
    """Lists have no rows, and their answers say so."""
    COLLAPSE = "collapse"
    """Lists have a tenth of their rows, and their answers know of no more."""
    FOREIGN_BODY = "foreign-body"
    """Status 200 and a whole body that is nothing of the service's."""
    QUOTA = "quota"
    """The service's final answer for a quota that is used up."""


@dataclass
class Order:
    """One ordered fault.

    `endpoint` is part of an endpoint's name, or None for the whole upstream; `left` is how many more requests it hits, or None until
    it is cleared.
    """

    upstream: str
    endpoint: str | None
    fault: Fault
    left: int | None
    seconds: float | None
    status: int | None

    def as_json(self) -> dict[str, Any]:
        return {
            "upstream": self.upstream,
            "endpoint": self.endpoint,
            "fault": str(self.fault),
            "times": self.left,
            "seconds": self.seconds,
            "status": self.status,
        }


class FaultBook:
    """The ordered faults, the oldest first. A later order waits until earlier ones for the same requests are used up."""

    def __init__(self, upstreams: frozenset[str]) -> None:
        self._upstreams = upstreams
        self._orders: list[Order] = []

    def add(self, order: Any) -> None:
        """Takes an order as received: `{"upstream", "endpoint"?, "fault", "times"?: n | null, "seconds"?, "status"?}`.

        Without `times` the fault happens once; null means for ever.

        Raises:
            ValueError: the order is invalid; the message lists the valid choices.
        """
        if not isinstance(order, dict):
            raise ValueError(
                'an order is an object: {"upstream", "endpoint"?, "fault", "times"?, "seconds"?, "status"?}'
            )
        unknown = order.keys() - {"upstream", "endpoint", "fault", "times", "seconds", "status"}
        if unknown:
            raise ValueError(f"unknown field {', '.join(sorted(map(str, unknown)))}")
        if order.get("upstream") not in self._upstreams:
            raise ValueError(
                f"unknown upstream {order.get('upstream')!r}; there are {', '.join(sorted(self._upstreams))}"
                + did_you_mean(str(order.get("upstream")), self._upstreams)
            )
        try:
            fault = Fault(str(order.get("fault")))
        except ValueError:
            meant = did_you_mean(str(order.get("fault")), Fault)
            raise ValueError(f"unknown fault {order.get('fault')!r}; there are {', '.join(Fault)}{meant}") from None
        endpoint, times = order.get("endpoint"), order.get("times", 1)
        if endpoint is not None and not isinstance(endpoint, str):
            raise ValueError("endpoint is text, or null for all endpoints")
        if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
            raise ValueError("times is a whole number from 1, or null for ever")
        seconds, status = order.get("seconds"), order.get("status")
        if seconds is not None and (not isinstance(seconds, int | float) or seconds < 0):
            raise ValueError("seconds is a number of 0 or more")
        if status is not None and (not isinstance(status, int) or not 200 <= status <= 599):
            raise ValueError("status is a number from 200 to 599")
        self._orders.append(Order(order["upstream"], endpoint, fault, times, seconds, status))

    def take(self, upstream: str, endpoint: str) -> Order | None:
        """The fault for this request, if any; counts it."""
        for order in self._orders:
            if order.upstream == upstream and (order.endpoint is None or order.endpoint in endpoint):
                if order.left is not None:
                    order.left -= 1
                    if order.left == 0:
                        self._orders.remove(order)
                return order
        return None

    def clear(self) -> None:
        """Clears all orders."""
        self._orders.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The orders that are not used up, in the form in which they can be ordered again."""
        return [order.as_json() for order in self._orders]


class Faults:
    """A client of the sandbox's control interface, for tests and for the command line.

    Args:
        root_url: the sandbox's own address, for example `http://127.0.0.1:41234`.
    """

    def __init__(self, root_url: str) -> None:
        self._address = urlsplit(root_url).netloc

    def add(
        self,
        upstream: str,
        fault: Fault | str,
        *,
        endpoint: str | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        status: int | None = None,
    ) -> None:
        """Orders a fault for the next `times` matching requests, or for ever with None.

        Raises:
            ValueError: the sandbox has no such fault or upstream; the message lists the valid ones.
        """
        order = {"upstream": upstream, "endpoint": endpoint, "fault": str(fault), "times": times}
        self._send("PUT", "faults", order | {"seconds": seconds, "status": status})

    def clear(self) -> None:
        """Clears all faults; every upstream works again."""
        self._send("DELETE", "faults")

    def orders(self) -> list[dict[str, Any]]:
        """The faults that are not used up."""
        return cast(list[dict[str, Any]], self._send("GET", "faults")["faults"])

    def requests(self) -> dict[str, dict[str, int]]:
        """How many requests came in since the start or the last reset, per upstream and endpoint."""
        return cast(dict[str, dict[str, int]], self._send("GET", "requests")["requests"])

    def reset_requests(self) -> None:
        """Resets the request counts to zero."""
        self._send("DELETE", "requests")

    def quota(self, bucket: str, limit: int, period: str | None = None) -> None:
        """Sets the limit of a quota, for example `youtube_search`; `period` is `day` or `month`.

        Raises:
            ValueError: there is no such quota; the message lists the existing ones.
        """
        self._send("PUT", "quota", {"bucket": bucket, "limit": limit, "period": period})

    def quotas(self) -> dict[str, dict[str, Any]]:
        """Each quota's limit, period and use: `{bucket: {"limit", "period", "used": {first day: units}}}`."""
        return cast(dict[str, dict[str, Any]], self._send("GET", "quota")["quotas"])

    def reset_quotas(self) -> None:
        """Resets all quotas to their default limits, with nothing used."""
        self._send("DELETE", "quota")

    def reset(self) -> None:
        """Clears all faults, and resets the quotas and the request counts: as at the start."""
        self._send("DELETE", "everything")

    def _send(self, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        # The standard library's client, because a server imports this module too and has to start quickly.
        connection = http.client.HTTPConnection(self._address, timeout=CLIENT_TIMEOUT)
        try:
            connection.request(method, f"/_control/{path}", json.dumps(content) if content is not None else None)
            response = connection.getresponse()
            answer = cast(dict[str, Any], json.loads(response.read()))
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer
