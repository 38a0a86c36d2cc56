"""Tokens by client credentials over real HTTP: fetched once, kept until shortly before they end, and never shown."""

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.wire import CANARY, Play, Received, Reply, answer
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NoAnswer,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.upstream import client_credentials
from tunemeld_pipeline.upstream.client import HttpClient, Limits
from tunemeld_pipeline.upstream.client_credentials import SPARE_SECONDS, ClientCredentials

ISSUED = "issued-3b9e0d5a7c1f4286"
HOUR = 3600.0

Make = Callable[[str], ClientCredentials]


class Clock:
    """The monotonic clock of the module under test, which stands until the test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(client_credentials, "time", standing)
    return standing


@pytest.fixture
def of_application() -> Iterator[Make]:
    """The credentials of an application, at a host with this address."""
    with ExitStack() as stack:

        def made(url: str) -> ClientCredentials:
            limits = Limits(attempts=2, first_wait=0, request_timeout=5, call_deadline=20, threads=8)
            client = stack.enter_context(HttpClient("Test", url, {}, limits))
            return ClientCredentials(client, "/oauth/token", "an-application", CANARY)

        yield made


def issuing(lasts: object = HOUR) -> Callable[[Received], bytes]:
    """A host that issues one token after the other."""
    numbers = iter(range(1, 100))
    return lambda _: answer({"access_token": f"{ISSUED}-{next(numbers)}", "expires_in": lasts, "token_type": "Bearer"})


def test_it_works(of_application: Make, play: Play) -> None:
    server = play(issuing())
    assert of_application(server.url).token() == f"{ISSUED}-1"
    (asked,) = server.requests
    assert (asked.method, asked.target, asked.body) == ("POST", "/oauth/token", b"grant_type=client_credentials")
    sent = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
    assert sent == f"an-application:{CANARY}"


def test_a_token_is_kept_until_a_minute_before_it_ends(of_application: Make, play: Play, clock: Clock) -> None:
    server = play(issuing())
    credentials = of_application(server.url)
    first = credentials.token()
    clock.now += HOUR - SPARE_SECONDS - 1
    assert credentials.token() == first
    clock.now += 1
    assert credentials.token() == f"{ISSUED}-2"
    assert len(server.requests) == 2


def test_a_token_that_hardly_lasts_is_fetched_for_each_use(of_application: Make, play: Play) -> None:
    server = play(issuing(lasts=30))
    credentials = of_application(server.url)
    assert [credentials.token(), credentials.token()] == [f"{ISSUED}-1", f"{ISSUED}-2"]


def test_threads_that_want_one_at_once_share_one(of_application: Make, play: Play) -> None:
    server = play(issuing())
    credentials = of_application(server.url)
    with HttpClient("Test", server.url, {}, Limits(threads=8)) as threads:
        assert set(threads.map(lambda _: credentials.token(), range(32))) == {f"{ISSUED}-1"}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer({"error": "invalid_client"}, 401), CredentialsRefused),
        (answer({"error": "access_denied"}, 403), CredentialsRefused),
        (answer({"error": "invalid_request"}, 400), MalformedResponse),
        (answer({"error": "server_error"}, 500), UpstreamUnavailable),
        (answer({"error": "slow_down"}, 429), UpstreamUnavailable),
        (answer(b"<html>Log in"), UpstreamUnavailable),
        (b"", NoAnswer),
        (answer({}), MalformedResponse),
        (answer([ISSUED]), MalformedResponse),
        (answer({"access_token": "", "expires_in": HOUR}), MalformedResponse),
        (answer({"access_token": ISSUED}), MalformedResponse),
        (answer({"access_token": ISSUED, "expires_in": "soon"}), MalformedResponse),
        (answer({"access_token": ISSUED, "expires_in": -1}), MalformedResponse),
    ],
)
def test_without_a_token_there_is_an_error_of_ours(
    of_application: Make, play: Play, reply: Reply, error: type[UpstreamError]
) -> None:
    with pytest.raises(error, match=r"^Test: "):
        of_application(play(reply).url).token()


def test_after_an_error_the_next_use_asks_again(of_application: Make, play: Play) -> None:
    credentials = of_application(play(answer({"error": "invalid_client"}, 401), issuing()).url)
    with pytest.raises(CredentialsRefused):
        credentials.token()
    assert credentials.token() == f"{ISSUED}-1"


def echo(status: int) -> Callable[[Received], bytes]:
    """A host that repeats the application's secret, as it came and decoded, with a token as long as real ones."""

    def repeated(received: Received) -> bytes:
        sent = received.headers["authorization"]
        said = f"no {sent}: {base64.b64decode(sent.removeprefix('Basic ')).decode()}"
        long = f"{ISSUED}." + "x" * 900
        return answer({"message": said, "error": said, "access_token": long, "expires_in": said}, status)

    return repeated


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_no_error_and_no_log_line_shows_a_secret(
    of_application: Make, play: Play, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = of_application(play(echo(status)).url)
    with pytest.raises(UpstreamError) as caught:
        credentials.token()
    error = caught.value
    shown = [str(error), repr(error), error.explained, getattr(error, "sample", ""), repr(credentials), caplog.text]
    shown += traceback.format_exception(error)
    for secret in (CANARY, ISSUED, base64.b64encode(f"an-application:{CANARY}".encode()).decode()):
        assert secret not in "".join(shown)


def test_what_was_issued_is_hidden_from_then_on(of_application: Make, play: Play) -> None:
    token = of_application(play(issuing()).url).token()
    assert token not in redact(json.dumps({"said": f"the header was {token}"}))
