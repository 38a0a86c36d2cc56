"""Asks the WSGI application for things by many names that nobody has used before, and prints how many bytes it still holds after each kind.

What names leave behind grows with each round of new names. What a worker does once, by itself, in the middle of a round does not, so the
round that left the least counts. It runs in a separate process: `python -m tests.django_backend.distinct_names`.
"""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from tests.django_backend.wsgi_requests import environ

WARM, MANY = 50, 200
ROUNDS = 3
LEAST_OF_A_NAME = 190
"""Bytes that remembering anything by a new name takes: a lock and its place in a dictionary."""
BOUND = MANY * LEAST_OF_A_NAME / 2
"""Bytes that a round may leave behind: half of what its names would take."""

LONG = "x" * 6_000

KINDS: Mapping[str, Callable[[int], dict[str, str]]] = {
    "date": lambda number: {"QUERY_STRING": f"date={date(2, 1, 1) + timedelta(number)}"},
    "date of counts": lambda number: {
        "PATH_INFO": "/graph-data/dance", "QUERY_STRING": f"days=30&date={date(2, 1, 1) + timedelta(number)}"
    },
    "date of a picture": lambda number: {
        "PATH_INFO": "/share/dance.png", "QUERY_STRING": f"date={date(2, 1, 1) + timedelta(number)}"
    },
    "date of the page": lambda number: {
        "PATH_INFO": "/", "QUERY_STRING": f"genre=dance&date={date(2, 1, 1) + timedelta(number)}", "HTTP_ACCEPT": "text/html"
    },
    "genre": lambda number: {"PATH_INFO": f"/playlist-data/{number}{LONG}"},
    "service": lambda number: {"PATH_INFO": f"/service-playlist/dance/{number}{LONG}"},
    "path": lambda number: {"PATH_INFO": f"/{number}{LONG}"},
    "file": lambda number: {"PATH_INFO": f"/assets/{number}{LONG}.js"},
    "query": lambda number: {"QUERY_STRING": f"q={number}{LONG}"},
    "genre of the page": lambda number: {"PATH_INFO": "/", "QUERY_STRING": f"genre={number}{LONG}", "HTTP_ACCEPT": "text/html"},
    "method": lambda number: {"REQUEST_METHOD": f"M{number}{LONG}"},
    "host": lambda number: {"HTTP_HOST": f"h{number}{LONG}.example.org"},
    "ETag": lambda number: {"HTTP_IF_NONE_MATCH": f'"{number}{LONG}"'},
    "Accept-Encoding": lambda number: {"HTTP_ACCEPT_ENCODING": f"gzip, {number}{LONG}"},
    "request id": lambda number: {"HTTP_X_REQUEST_ID": f"{number}"},
    "user agent, origin, address": lambda number: {
        "HTTP_USER_AGENT": f"{number}{LONG}", "HTTP_ORIGIN": f"https://{number}{LONG}", "HTTP_X_FORWARDED_FOR": f"{number}{LONG}",
        "HTTP_REFERER": f"https://{number}{LONG}", "HTTP_ACCEPT_LANGUAGE": f"{number}{LONG}", "HTTP_COOKIE": f"a{number}={LONG}",
    },
}  # fmt: skip


def main() -> None:
    """Prints the bytes by kind as JSON."""
    from django_backend.wsgi import application

    def ask(changes: Mapping[str, str]) -> None:
        list(application(environ(changes), lambda _status, _headers: None))

    def left_by(names: range, of: Callable[[int], dict[str, str]]) -> int:
        gc.collect()
        tracemalloc.start()
        for number in names:
            ask(of(number))
        while not application._log._waiting.empty():
            time.sleep(0.01)
        gc.collect()
        left = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return left

    held: dict[str, int] = {}
    for kind, of in KINDS.items():
        for number in range(WARM):
            ask(of(number))
        for begin in range(WARM, WARM + ROUNDS * MANY, MANY):
            left = left_by(range(begin, begin + MANY), of)
            held[kind] = min(left, held.get(kind, left))
            if left <= BOUND:
                break
    print(json.dumps(held))  # noqa: T201 - what the process that started this one reads


if __name__ == "__main__":
    main()
