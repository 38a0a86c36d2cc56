"""The funnel over real HTTP: against the sandbox and its faults, and against bytes that no sandbox plays."""

import gzip
import json
import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.wire import Received, Reply, WireServer, answer, head
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NoAnswer,
    NotFound,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.upstream.client import (
    HOPELESS_FAILURES,
    MAX_BODY_BYTES,
    Answer,
    ErrorReader,
    HttpClient,
    Limits,
    UnlimitedBudget,
)
from tunemeld_pipeline.upstream.headers import retry_after, stated_plan
from tunemeld_pipeline.upstream.service_client import no_known_error, read_rapidapi_error

CANARY = "canary-7f3a9c51e2b84d06"
PLAYLIST = load_catalog().genre("dance").playlist("AppleMusic").url

# One try, no waiting, and far deadlines: each test changes what it tests.
PLAIN = {"attempts": 1, "first_wait": 0.0, "request_timeout": 5.0, "call_deadline": 20.0, "threads": 1}


@dataclass
class Purse:
    """A budget of so many units, kept in memory."""

    left: int = 1_000
    spent: int = 0
    declared: int = 0
    plans: list[StatedPlan] = field(default_factory=list)

    def spend(self, units: int) -> None:
        if units > self.left:
            raise QuotaExhausted("Test", "the purse is empty")
        self.left -= units
        self.spent += units

    def declare_exhausted(self) -> None:
        self.declared += 1

    def note_plan(self, stated: StatedPlan) -> None:
        self.plans.append(stated)


Opener = Callable[..., HttpClient]
Server = Callable[..., WireServer]


@pytest.fixture
def open_client() -> Iterator[Opener]:
    """Opens clients until the test ends: `open_client(url, attempts=3)`."""
    with ExitStack() as stack:

        def opened(
            url: str,
            headers: Mapping[str, str] | None = None,
            read_error: ErrorReader = no_known_error,
            **limits: Any,
        ) -> HttpClient:
            return stack.enter_context(
                HttpClient("Test", url, headers or {}, Limits(**{**PLAIN, **limits}), read_error)
            )

        yield opened


@pytest.fixture
def play() -> Iterator[Server]:
    """Starts servers that play bytes, until the test ends."""
    with ExitStack() as stack:
        yield lambda *replies: stack.enter_context(WireServer(list(replies)))


@pytest.fixture
def apple_music(sandbox_root: str, faults: Faults, open_client: Opener) -> Opener:
    """Opens clients of the sandbox's Apple Music, whose faults the test orders."""

    def opened(**limits: Any) -> HttpClient:
        headers = {"X-RapidAPI-Key": SANDBOX_KEY, "X-RapidAPI-Host": "sandbox"}
        return open_client(f"{sandbox_root}/apple_music/at/2026-11-22", headers, read_rapidapi_error, **limits)

    return opened


def ask(client: HttpClient, path: str = "/x", **more: Any) -> Any:
    """The JSON of one GET."""
    return client.get(path, {}, lambda answer: answer.data, **{"budget": UnlimitedBudget(), **more})


def playlist(client: HttpClient, **more: Any) -> int:
    """How many rows one real playlist call gave."""

    def count(answer: Answer) -> int:
        return len([key for key in answer.data["album_details"] if key.isdigit()])

    return client.get("/playlist1/", {"url": PLAYLIST}, count, **{"budget": UnlimitedBudget(), **more})


def seconds_of(call: Callable[[], object]) -> float:
    """How long a call takes that has to fail with UpstreamUnavailable."""
    started = time.monotonic()
    with pytest.raises(UpstreamUnavailable):
        call()
    return time.monotonic() - started


def test_it_works(apple_music: Opener) -> None:
    client = apple_music()
    answer = client.get("/playlist1/", {"url": PLAYLIST}, lambda answer: answer, budget=UnlimitedBudget())
    assert json.loads(answer.text) == answer.data
    assert answer.data["album_details"]["0"]["link"].startswith("https://music.apple.com/")
    assert (client.tally.calls, client.tally.retries, client.tally.bytes) == (1, 0, len(answer.text.encode()))
    assert client.tally.plan_remaining is not None and client.tally.plan_remaining > 0


def test_a_request_carries_its_key_in_a_header_and_says_who_asks(open_client: Opener, play: Server) -> None:
    server = play(answer({}))
    client = open_client(server.url, {"X-RapidAPI-Key": CANARY})
    client.get("/search", {"q": "sängerin & co", "limit": 5}, lambda answer: None, budget=UnlimitedBudget())
    received = server.requests[0]
    assert received.target == "/search?q=s%C3%A4ngerin+%26+co&limit=5"
    assert received.headers["x-rapidapi-key"] == CANARY
    assert received.headers["user-agent"].startswith("TuneMeld")


# Trying again


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("429", {"seconds": 0}),
        ("429-no-retry-after", {}),
        ("500", {}),
        ("500", {"status": 503}),
        ("half-json", {}),
        ("cut", {}),
        ("cut-mid-body", {}),
    ],
)
def test_what_may_pass_is_tried_again(apple_music: Opener, faults: Faults, fault: str, more: dict[str, Any]) -> None:
    client = apple_music(attempts=2)
    faults.add("apple_music", fault, **more)
    assert playlist(client) > 0
    assert (client.tally.calls, client.tally.retries) == (2, 1)


@pytest.mark.parametrize("fault", ["429-no-retry-after", "500", "half-json", "cut", "cut-mid-body"])
def test_after_the_last_try_the_error_names_the_service_and_the_path(
    apple_music: Opener, faults: Faults, fault: str
) -> None:
    faults.add("apple_music", fault, times=None)
    with pytest.raises(UpstreamUnavailable, match=r"^Test: .*(/playlist1/|rate limit)") as caught:
        playlist(apple_music(attempts=3))
    assert caught.value.transient
    assert faults.requests()["apple_music"]["playlist1"] == 3


@pytest.mark.parametrize(
    ("fault", "error", "advice"),
    [
        ("401", CredentialsRefused, "check RAPIDAPI_KEY"),
        ("403", CredentialsRefused, "subscribe"),
        ("404", NotFound, "no such endpoint"),
        ("error-body", CredentialsRefused, "check RAPIDAPI_KEY"),
        ("quota", QuotaExhausted, "wait until it resets"),
    ],
)
def test_a_final_answer_is_not_asked_for_again(
    apple_music: Opener, faults: Faults, fault: str, error: type[UpstreamError], advice: str
) -> None:
    faults.add("apple_music", fault, times=None)
    with pytest.raises(error, match=advice) as caught:
        playlist(apple_music(attempts=3))
    assert not caught.value.transient
    assert faults.requests()["apple_music"]["playlist1"] == 1


def test_nobody_listening_is_said_in_plain_words(open_client: Opener, play: Server) -> None:
    with WireServer([b""]) as server:
        url = server.url
    with pytest.raises(UpstreamUnavailable, match=r"no whole answer to /x \(connection refused.*network, down\?"):
        ask(open_client(url))


def test_waits_grow_and_differ_from_call_to_call(open_client: Opener, play: Server) -> None:
    server = play(answer({}, 500))
    client = open_client(server.url, attempts=3, first_wait=0.1, threads=8)

    def gaps(number: int) -> list[float]:
        seconds_of(lambda: ask(client, f"/{number}"))
        return [after - before for before, after in pairwise(r.at for r in server.requests if r.target == f"/{number}")]

    first, second = zip(*client.map(gaps, range(8)), strict=True)
    # A busy machine may add to a wait, never take from it.
    assert all(0.1 <= gap < 0.7 for gap in first)
    assert all(0.2 <= gap < 0.8 for gap in second)
    # Of eight waits, each 0.1 s and up to as much again, some are far apart.
    assert max(first) - min(first) > 0.02


def test_retry_after_is_waited_for(apple_music: Opener, faults: Faults) -> None:
    faults.add("apple_music", "429", seconds=1)
    started = time.monotonic()
    assert playlist(apple_music(attempts=2)) > 0
    assert 1.0 <= time.monotonic() - started < 60


def test_a_wait_beyond_the_deadline_is_not_begun(apple_music: Opener, faults: Faults) -> None:
    faults.add("apple_music", "429", seconds=3600, times=None)
    assert seconds_of(lambda: playlist(apple_music(attempts=5, call_deadline=10))) < 60
    assert faults.requests()["apple_music"]["playlist1"] == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0.0),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 -0000"}, 0.0),
        ({"x-ratelimit-requests-reset": "20"}, 20.0),
        ({"x-ratelimit-requests-reset": "1814400"}, None),
        ({"Retry-After": "5", "x-ratelimit-requests-reset": "20"}, 5.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after(headers) == wait


def test_retry_after_may_be_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert retry_after({"Retry-After": format_datetime(moment, usegmt=True)}) == pytest.approx(30, abs=2)


# Deadlines


def test_a_stalled_service_costs_one_time_out_a_try(apple_music: Opener, faults: Faults) -> None:
    faults.add("apple_music", "stall", times=None, seconds=120)
    assert 0.4 <= seconds_of(lambda: playlist(apple_music(attempts=2, request_timeout=0.2))) < 60


def test_all_tries_together_end_at_the_calls_deadline(open_client: Opener, play: Server) -> None:
    server = play(answer({}, 500))
    client = open_client(server.url, attempts=20, first_wait=0.1, call_deadline=0.5)
    assert seconds_of(lambda: ask(client)) < 60
    assert 1 < len(server.requests) < 20


def silence(_: Received) -> Iterator[bytes]:
    yield from ()


def test_a_service_that_left_a_call_without_an_answer_gets_one_try_of_the_next(
    open_client: Opener, play: Server
) -> None:
    server = play(silence, silence, silence, silence, answer({"x": 1}), silence, silence, silence)
    client = open_client(server.url, attempts=3)
    tries = []
    for _ in range(2):  # the playlist's step, and the counts'
        client.begin_step(60)
        with pytest.raises(UpstreamUnavailable):
            ask(client)
        tries.append(client.tally.calls)
    assert tries == [3, 1]
    assert ask(client) == {"x": 1}
    with pytest.raises(UpstreamUnavailable):
        ask(client)
    assert len(server.requests) == 8  # it answered, so it is tried three times again


def test_a_service_that_answers_with_errors_is_not_taken_for_one_that_hangs(open_client: Opener, play: Server) -> None:
    server = play(answer({}, 503))
    client = open_client(server.url, attempts=3)
    for _ in range(2):
        with pytest.raises(UpstreamUnavailable):
            ask(client)
    assert len(server.requests) == 6


def test_a_series_of_calls_on_a_service_that_hung_before_ends_at_the_first(open_client: Opener, play: Server) -> None:
    server = play(silence)
    client = open_client(server.url, attempts=2)
    with pytest.raises(UpstreamUnavailable):
        ask(client)
    (batch,) = client.in_batches(lambda number: ask(client, f"/{number}"), range(20), 10)
    assert [type(outcome) for _, outcome in batch] == [NoAnswer]
    assert len(server.requests) == 3


def trickle(_: Received) -> Iterator[bytes]:
    yield head({"Content-Length": "2400"})
    for _piece in range(2400):
        time.sleep(0.05)
        yield b" "


def test_a_body_that_trickles_is_cut_off_at_the_calls_deadline(open_client: Opener, play: Server) -> None:
    client = open_client(play(trickle).url, request_timeout=5, call_deadline=0.4)
    with pytest.raises(UpstreamUnavailable, match="the answer to /x did not end in time"):
        ask(client)
    assert client.tally.seconds < 60


def test_a_steps_calls_together_end_at_the_steps_deadline(open_client: Opener, play: Server) -> None:
    client = open_client(play(trickle).url)
    client.begin_step(0.3)
    assert seconds_of(lambda: ask(client)) < 60
    with pytest.raises(UpstreamUnavailable, match="raise ETL_STEP_DEADLINE"):
        ask(client)
    assert client.tally.calls == 1


def test_the_next_step_has_a_deadline_and_counts_of_its_own(open_client: Opener, play: Server) -> None:
    client = open_client(play(answer({})).url)
    client.begin_step(0)
    with pytest.raises(UpstreamUnavailable):
        ask(client)
    client.begin_step(10)
    ask(client)
    assert client.tally.calls == 1


# Connections, threads and rates


def test_one_connection_serves_call_after_call_also_after_errors(open_client: Opener, play: Server) -> None:
    server = play(answer({"a": 1}), answer({"message": "no"}, 404), answer(b"{", 200), answer({}, 500), answer({}))
    client = open_client(server.url, attempts=3)
    ask(client)
    with pytest.raises(NotFound):
        ask(client)
    ask(client)
    assert (len(server.requests), server.connections) == (5, 1)


def slow(_: Received) -> bytes:
    time.sleep(0.05)
    return answer({})


def test_no_more_calls_at_once_than_threads_and_each_thread_has_its_own_connection(
    open_client: Opener, play: Server
) -> None:
    server = play(slow)
    client = open_client(server.url, threads=3)
    client.map(lambda number: ask(client, f"/{number}"), range(12))
    assert (len(server.requests), server.busiest, server.connections) == (12, 3, 3)


def test_results_come_in_the_order_of_what_was_asked(open_client: Opener, play: Server) -> None:
    def own_number(received: Received) -> bytes:
        time.sleep(0.02 if received.target == "/0" else 0)
        return answer({"was": received.target})

    client = open_client(play(own_number).url, threads=4)
    found = client.map(lambda number: ask(client, f"/{number}")["was"], range(8))
    assert found == [f"/{number}" for number in range(8)]


def test_batches_come_with_what_became_of_each_item(open_client: Opener, play: Server) -> None:
    client = open_client(play(answer({}), answer({}, 404), answer({})).url)
    batches = list(client.in_batches(lambda number: ask(client, f"/{number}"), range(5), 2))
    assert [[number for number, _ in batch] for batch in batches] == [[0, 1], [2, 3], [4]]
    assert [isinstance(outcome, NotFound) for batch in batches for _, outcome in batch] == [False, True, *[False] * 3]


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        ([answer({"message": "You have exceeded the DAILY quota"}, 429)], 1),
        ([answer({"message": "Invalid API key."}, 401)], 1),
        ([answer({}, 500)], HOPELESS_FAILURES),
        ([answer({}, 404), answer({}, 404), answer({}), answer({}, 404)], 3 + HOPELESS_FAILURES),
    ],
    ids=["quota gone", "key refused", "down", "down after a good one"],
)
def test_nothing_more_is_asked_where_going_on_is_hopeless(
    open_client: Opener, play: Server, replies: list[Reply], asked: int
) -> None:
    server = play(*replies)
    client = open_client(server.url, read_error=read_rapidapi_error)
    batches = list(client.in_batches(lambda number: ask(client, f"/{number}"), range(50), 20))
    assert len(server.requests) == sum(map(len, batches)) == asked


# Budgets


def test_every_try_is_paid_for(apple_music: Opener, faults: Faults) -> None:
    purse = Purse()
    faults.add("apple_music", "500", times=2)
    playlist(apple_music(attempts=3), budget=purse, units=2)
    assert purse.spent == 6


def test_what_the_gateway_tells_of_the_plan_reaches_the_budget(apple_music: Opener) -> None:
    purse = Purse()
    playlist(apple_music(), budget=purse)
    (plan,) = purse.plans
    assert plan.limit == 500_000
    assert plan.limit - plan.remaining >= 1
    assert plan.resets_in > 0


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "plan"),
    [
        ("500", "-3", "60", StatedPlan(500, 0, 60)),
        ("500", "12", "soon", None),
        ("500", "12", "99999999999", None),
        (None, "12", "60", None),
    ],
)
def test_a_plan_overdrawn_has_nothing_left_and_half_a_plan_is_none(
    limit: str | None, remaining: str, reset: str, plan: StatedPlan | None
) -> None:
    sent = {"limit": limit, "remaining": remaining, "reset": reset}
    headers = {f"x-ratelimit-requests-{name}": value for name, value in sent.items() if value is not None}
    assert stated_plan(headers) == plan


def test_what_the_budget_does_not_allow_is_not_asked(apple_music: Opener, faults: Faults) -> None:
    purse = Purse(left=1)
    faults.add("apple_music", "500", times=None)
    with pytest.raises(QuotaExhausted, match="the purse is empty"):
        playlist(apple_music(attempts=3), budget=purse)
    assert faults.requests()["apple_music"]["playlist1"] == 1
    assert purse.declared == 0


def test_a_quota_that_the_service_calls_used_up_is_noted(apple_music: Opener, faults: Faults) -> None:
    purse = Purse()
    faults.add("apple_music", "quota", times=None)
    with pytest.raises(QuotaExhausted):
        playlist(apple_music(attempts=3), budget=purse)
    assert (purse.spent, purse.declared) == (1, 1)


# What a body may be


def flood(_: Received) -> Iterator[bytes]:
    yield head({"Connection": "close"})
    for _piece in range(MAX_BODY_BYTES // 1_000_000 + 1):
        yield b" " * 1_000_000


@pytest.mark.parametrize(
    "reply",
    [flood, answer(gzip.compress(b" " * (MAX_BODY_BYTES + 1)), headers={"Content-Encoding": "gzip"})],
    ids=["endless", "compressed"],
)
def test_a_body_beyond_the_bound_is_refused_and_not_asked_for_again(
    open_client: Opener, play: Server, reply: Reply
) -> None:
    server = play(reply)
    with pytest.raises(MalformedResponse, match="larger than 15 MB; nothing of it was kept"):
        ask(open_client(server.url, attempts=3))
    assert len(server.requests) == 1


def test_a_compressed_body_in_small_pieces_is_read_whole(open_client: Opener, play: Server) -> None:
    content = {"rows": [f"row {number}" for number in range(500)]}
    packed = gzip.compress(json.dumps(content).encode())

    def pieces(_: Received) -> Iterator[bytes]:
        yield head({"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"})
        for start in range(0, len(packed), 7):
            piece = packed[start : start + 7]
            yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        yield b"0\r\n\r\n"

    assert ask(open_client(play(pieces).url)) == content


@pytest.mark.parametrize(
    "reply",
    [
        lambda _: iter([head({"Transfer-Encoding": "chunked"}), b'8\r\n{"a": 1}\r\n']),
        lambda _: iter([head({"Content-Length": "500"}), b'{"a": 1}']),
        answer(b""),
        answer(b"<html>Just a moment</html>"),
        answer(b'{"a": "\xff"}'),
        answer(b"[" * 100_000),
        answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["cut chunks", "cut short", "nothing", "a page", "not UTF-8", "too deep", "not compressed"],
)
def test_a_body_that_is_not_whole_json_is_tried_again(open_client: Opener, play: Server, reply: Reply) -> None:
    server = play(reply, answer({"a": 1}))
    assert ask(open_client(server.url, attempts=2)) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "Something new."}, 'an object with message; it says "Something new."'),
        ({"error": {"status": 1}, "ok": False}, "an object with error, ok$"),
        ({}, "an object with nothing in it"),
        ([1, 2], "a list of 2"),
        (None, "a bare NoneType"),
    ],
)
def test_an_answer_without_the_expected_structure_is_an_error_whatever_its_status(
    open_client: Opener, play: Server, body: Any, said: str
) -> None:
    server = play(answer(body))
    with pytest.raises(MalformedResponse, match=f"^Test: the answer to /playlist1/ does not have .*: {said}"):
        playlist(open_client(server.url, read_error=read_rapidapi_error, attempts=3))
    assert len(server.requests) == 1


def test_a_rate_limit_that_comes_with_status_200_is_tried_again(open_client: Opener, play: Server) -> None:
    server = play(answer({"message": "Too many requests"}), answer({"album_details": {"0": {}}}))
    assert playlist(open_client(server.url, read_error=read_rapidapi_error, attempts=2)) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, MalformedResponse), (401, CredentialsRefused), (404, NotFound), (418, MalformedResponse)],
)
def test_an_error_page_is_sorted_by_its_status(
    open_client: Opener, play: Server, status: int, error: type[UpstreamError]
) -> None:
    with pytest.raises(error, match=f"/x answered {status}"):
        ask(open_client(play(answer(b"<html>", status)).url))


def test_a_redirect_is_refused_and_not_followed(open_client: Opener, play: Server) -> None:
    elsewhere = play(answer({}))
    server = play(answer(b"", 302, {"Location": f"{elsewhere.url}/x"}))
    with pytest.raises(MalformedResponse, match="answered 302"):
        ask(open_client(server.url, {"X-RapidAPI-Key": CANARY}))
    assert elsewhere.requests == []


def test_a_call_to_this_machine_takes_no_proxy(
    open_client: Opener, play: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = play(answer({})), play(answer({"direct": True}))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ask(open_client(server.url)) == {"direct": True}
    assert proxy.requests == []


# Secrets


def echo(status: int) -> Reply:
    """An answer that repeats what came, key and all."""

    def repeated(received: Received) -> bytes:
        key = received.headers["x-rapidapi-key"]
        return answer({"message": f"The key {key} may not", "headers": dict(received.headers), key: key}, status)

    return repeated


@pytest.mark.parametrize(
    "reply",
    [echo(200), echo(400), echo(401), echo(429), echo(500), b"nonsense\r\n\r\n", answer(b"<html>"), answer({}, 302)],
    ids=["200", "400", "401", "429", "500", "no HTTP", "a page", "a redirect"],
)
def test_no_error_and_no_log_line_ever_holds_a_key(
    open_client: Opener, play: Server, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    caplog.set_level(logging.DEBUG)
    client = open_client(
        play(reply).url, {"X-RapidAPI-Key": CANARY, "Authorization": f"Bearer {CANARY}"}, read_rapidapi_error
    )
    with pytest.raises(UpstreamError) as caught:
        playlist(client)
    shown = [
        str(caught.value),
        repr(caught.value),
        *traceback.format_exception(caught.value),
        repr(client),
        caplog.text,
    ]
    assert CANARY not in "".join(shown)


@pytest.mark.parametrize("key", [f"{CANARY}\nX: y", f"••••{CANARY}"], ids=["two lines", "masked"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(open_client: Opener, play: Server, key: str) -> None:
    server = play(answer({}))
    with pytest.raises(CredentialsRefused, match="copy it once more") as caught:
        ask(open_client(server.url, {"X-RapidAPI-Key": key}))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert server.requests == []


def test_words_that_cannot_be_sent_are_no_fault_of_the_key(open_client: Opener, play: Server) -> None:
    with pytest.raises(MalformedResponse, match="does not make a valid address"):
        open_client(play(answer({})).url).get(
            "/search", {"q": "half a character: \ud83c"}, lambda answer: answer.data, budget=UnlimitedBudget()
        )
