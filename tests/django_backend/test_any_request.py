"""Any request at all to the API gets an answer that the documentation describes, and never a server error."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from tests.django_backend.conftest import Api
from tests.fuzz.mutations import ASKED, FEWER_EXAMPLES, TRIED, bytes_of, fuzzed
from tests.fuzz.wsgi import HEADER_NAMES, PATHS, check_answer
from tunemeld_pipeline.settings.settings import Settings

PROJECT = Path(__file__).parents[2]
REQUESTS = [
    f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br;q=0.5, gzip\r\nIf-None-Match: \"abc\"\r\n"
    f"If-Modified-Since: Wed, 21 Oct 2026 07:28:00 GMT\r\nX-Request-ID: a1\r\nConnection: close\r\n\r\n".encode()
    for method in ("GET", "HEAD", "POST")
    for path in ("/playlist-data/dance?date=2025-11-18", "/graph-data/dance?days=30", "/genres", "/nothing/%F0%9F")
]  # fmt: skip


def test_any_wsgi_request_is_answered_as_documented(api_settings: Settings, tmp_path: Path) -> None:
    """In a separate process, since Django is set up once per process, for one database."""
    assert api_settings.mongodb_url is not None
    environment = {
        "PATH": os.environ["PATH"],
        "TUNEMELD_ENV": "testing",
        "TUNEMELD_HOME": str(tmp_path),
        "MONGODB_URL": api_settings.mongodb_url.get_secret_value(),
        "MONGODB_DATABASE": api_settings.mongodb_database,
        "LOG_LEVEL": "WARNING",
        "FUZZ_EXAMPLES": str(ASKED),
        **({FEWER_EXAMPLES: "1"} if FEWER_EXAMPLES in os.environ else {}),
    }
    command = [sys.executable, "-m", "tests.fuzz.wsgi"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=3_600, check=False
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    TRIED["WSGI requests"] += json.loads(done.stdout.splitlines()[-1])


def test_any_bytes_on_a_connection_are_answered_or_refused_and_the_server_lives(api: Api) -> None:
    address = urlsplit(api.url)

    @fuzzed(0.25, few=120)
    @given(bytes_of(REQUESTS))
    def every(content: bytes) -> None:
        TRIED["bytes on a connection"] += 1
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
        connection.connect()
        try:
            connection.sock.sendall(content)
            connection.sock.shutdown(1)
            first = connection.sock.makefile("rb").readline()
        except OSError:  # it closed the connection on what is no HTTP, or waits for more
            first = b""
        finally:
            connection.close()
        assert not first.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")) or b"501" in first or b"505" in first

    every()
    assert api.ask("/health/live").status_code == 200


def test_any_path_and_headers_over_http_are_answered_as_documented(api: Api) -> None:
    address = urlsplit(api.url)
    values = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0"), max_size=30)

    @fuzzed(0.25)
    @given(PATHS, st.dictionaries(st.sampled_from(HEADER_NAMES), values, max_size=3))
    def every(path: str, headers: dict[str, str]) -> None:
        TRIED["HTTP requests"] += 1
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
        try:
            connection.putrequest("GET", path, skip_accept_encoding=True, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value.encode("latin-1"))
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status == 400 and not answer.headers.get("X-Request-ID"):
            return  # the server's own refusal of what is no HTTP
        check_answer(answer.status, dict(answer.headers.items()), body)

    every()
