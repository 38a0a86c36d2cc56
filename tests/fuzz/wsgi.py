"""Requests of any method, path, query and headers to the WSGI application, and what every answer has to be.

This module has the strategies, the check of an answer, and the run over the application, in a separate process:
`python -m tests.fuzz.wsgi` prints how many requests it tried. Its servers and databases are those of the tests of the API.
"""

import json
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from tests.django_backend.wsgi_requests import environ
from tests.fuzz.mutations import fuzzed

STATUSES = {200, 301, 304, 307, 308, 400, 404, 405, 503}
NAMES = [
    "playlist-data", "chart-dates", "service-playlist", "graph-data", "last-updated", "header-art", "genres", "health",
    "health/live", "health/ready",
    "metrics", "openapi.json", "docs", "docs/docs.js", "share", "static", "api", "admin", "",
    "charts", "track", "artist", "agreement",
]  # fmt: skip
PARTS = st.sampled_from(
    ["dance", "rap", "DANCE", "Spotify", "Aggregate", "..", ".", "%2e%2e", "", "dance.png", "\x00", "a" * 3_000]
) | st.text(max_size=12)  # fmt: skip
QUERY_NAMES = ["date", "days", "genre", "sort", "order", "q", "track", "counts", "%00", "a[]", ""]
QUERY_VALUES = st.sampled_from(
    ["2025-11-18", "2025-02-30", "0000-00-00", "-1", "30", "1e9", "٣٠", "9" * 5_000, "2025-11-18T00:00Z", "rap", "\x00", "\ud83d"]
) | st.text(max_size=12)  # fmt: skip
HEADER_NAMES = ["Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Origin", "Host", "X-Request-ID", "Range", "Cookie",
                "X-Forwarded-Proto", "X-Forwarded-For", "Content-Type", "Authorization", "If-Match", "Expect"]  # fmt: skip
HEADER_VALUES = st.sampled_from(
    ["", "*", "*/*", "text/html", "gzip;q=nan, br;q=1e999, *;q=-1", ";;;,,,", '"a", W/"b", *', "Wed, 21 Oct 2026 07:28:00 GMT",
     "Mon, 01 Jan 99999999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 -0000", "bytes=0-1", "null", "http://[", "127.0.0.1:99999999",
     "evil.example", "a" * 10_000, "q=" + "0" * 5_000, "100-continue"]
) | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)  # fmt: skip


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="%.")


@st.composite
def _paths(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(NAMES)), *(_quoted(part) for part in draw(st.lists(PARTS, max_size=2)))]
    query = "&".join(
        f"{name}={_quoted(value)}"
        for name, value in draw(st.lists(st.tuples(st.sampled_from(QUERY_NAMES), QUERY_VALUES), max_size=2))
    )
    return f"/{'/'.join(parts)}" + (f"?{query}" if query else "")


PATHS = _paths()


def check_answer(status: int, headers: dict[str, str], body: bytes) -> None:
    """A documented status; JSON in its envelope, or a page; no header that carries another; the id of the request."""
    assert status in STATUSES, (status, body[:300])
    named = {name.lower(): value for name, value in headers.items()}
    assert named.get("x-request-id")
    assert not any("\r" in value or "\n" in value for value in named.values())
    if status >= 400 and body and named.get("content-type", "").startswith("application/json"):
        answer = json.loads(body)
        # /health says what is wrong part by part.
        assert answer["status"] == "error" or "checks" in json.dumps(answer)
        assert "Traceback" not in body.decode()


def main() -> None:
    """Tries the requests; an error of the application's own ends it."""
    from django_backend.wsgi import application

    tried = 0

    @fuzzed(few=150)
    @given(
        st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "TRACE", "\x00", "g" * 100]),
        PATHS,
        st.dictionaries(st.sampled_from(HEADER_NAMES), HEADER_VALUES, max_size=4),
    )
    def every(method: str, path: str, headers: dict[str, str]) -> None:
        nonlocal tried
        tried += 1
        started: list[Any] = []
        raw, _, query = path.partition("?")
        changes = {
            "REQUEST_METHOD": method,
            # WSGI's text is bytes read as latin-1, percent-signs decoded.
            "PATH_INFO": _decoded(raw),
            "QUERY_STRING": query,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        answer = application(environ(changes), lambda status, answered: started.append((status, answered)))
        body = b"".join(answer)
        status, answered = started[0]
        check_answer(int(status[:3]), dict(answered), body)

    every()
    print(tried)  # noqa: T201 - what the process that started this one reads


def _decoded(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


if __name__ == "__main__":
    main()
