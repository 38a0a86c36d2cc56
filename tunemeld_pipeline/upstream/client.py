"""The funnel that all HTTP to the upstream services goes through.

It holds the base URL, the User-Agent, time-outs, retries, rate and thread limits, budgets and bounded bodies, and sorts answers into data
and errors. Neither headers nor query strings are ever logged or put into an error, since they may carry a key.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3

from tunemeld_pipeline.errors import (
    SAMPLE_CHARACTERS,
    CredentialsRefused,
    MalformedResponse,
    NoAnswer,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.logs.measuring import note_upstream_call
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.formats import is_loopback
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.upstream.failures import described, error_by_status, reason, without_secrets
from tunemeld_pipeline.upstream.headers import MAX_WAIT_SECONDS, stated_plan
from tunemeld_pipeline.upstream.interruption import REQUESTED, stop_if_asked
from tunemeld_pipeline.upstream.manners import Manners
from tunemeld_pipeline.wire_formats.reading import Irregular
from tunemeld_pipeline.wire_formats.received import TooManyValues, loads

USER_AGENT = "TuneMeld"
MAX_BODY_BYTES = 15_000_000  # a playlist is stored whole, and MongoDB refuses documents over 16 MiB
HOPELESS_FAILURES = 5
SAMPLED_CHARACTERS = 20 * SAMPLE_CHARACTERS
"""From where a sample of an answer is cut, once secrets are taken out: half of one would not be recognized."""

PROBE_SECONDS = 5.0
"""How long a service may take to answer once it has left every try of a call without an answer."""

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


class Budget(Protocol):
    """What may still be spent on an upstream in its quota day."""

    def spend(self, units: int) -> None:
        """Takes `units`, or raises QuotaExhausted and takes nothing."""

    def declare_exhausted(self) -> None:
        """Notes that the upstream itself says that nothing is left until its quota resets."""

    def note_plan(self, stated: StatedPlan) -> None:
        """Keeps what an answer says of the plan."""


class UnlimitedBudget:
    """The budget of a service that counts nothing, such as oEmbed."""

    def spend(self, units: int) -> None:
        """Has no effect: nothing is counted."""

    def declare_exhausted(self) -> None:
        """Has no effect: there is nothing to run out of."""

    def note_plan(self, stated: StatedPlan) -> None:
        """Has no effect: there is no plan."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: the text exactly as received, what it holds as JSON (None where none was expected), its status and its ETag."""

    text: str
    data: Any
    status: int = 200
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard the funnel tries. Times are in seconds."""

    attempts: int = 3
    first_wait: float = 5.0
    request_timeout: float = 20.0
    call_deadline: float = 120.0
    threads: int = 10


@dataclass
class Tally:
    """The sums of one step's calls to one upstream; safe to add to from several threads."""

    calls: int = 0
    retries: int = 0
    bytes: int = 0
    seconds: float = 0.0
    plan_remaining: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *, retry: bool, size: int, seconds: float, plan_remaining: int | None) -> None:
        """Counts one attempt."""
        with self._lock:
            self.calls += 1
            self.retries += retry
            self.bytes += size
            self.seconds += seconds
            if plan_remaining is not None:
                self.plan_remaining = plan_remaining


class ErrorReader(Protocol):
    """Reads an upstream's own error body: the error that it means, or None where it is not one that this upstream is known for."""

    def __call__(self, service: str, status: int, headers: Mapping[str, str], data: Any, /) -> UpstreamError | None: ...


class HttpClient:
    """One upstream over HTTP. Open it once per run and close it after; its verbs may be called from several threads.

    Args:
        service: the name that errors carry, for example "Spotify".
        base_url: what every path is appended to.
        headers: sent with each request; may hold a key.
        limits: how hard to try.
        read_error: the upstream's own error bodies.
        manners: what all runs together owe the host; None for one that may be asked as often as one likes.
        keyless: whether a refusal is meant for us and not for a key.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        headers: Mapping[str, str],
        limits: Limits,
        read_error: ErrorReader = lambda *_: None,
        *,
        manners: Manners | None = None,
        keyless: bool = False,
    ) -> None:
        self.service = service
        self._manners = manners
        self._keyless = keyless
        self.tally = Tally()
        self._base_url = base_url.rstrip("/")
        self._headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **headers}
        self._limits = limits
        self._read_error = read_error
        self._step_ends = float("inf")
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        self._is_down = False
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix=service)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the threads and their connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for session in self._sessions:
            session.close()

    @property
    def threads(self) -> int:
        """How many calls may be under way at once."""
        return self._limits.threads

    @property
    def per_second(self) -> float | None:
        """How many requests a second it sends at most; None where nothing holds it."""
        return self._manners.per_second if self._manners is not None else None

    def begin_step(self, seconds: float) -> None:
        """Starts counting from zero, and gives all calls from now on together `seconds`."""
        self.tally = Tally()
        self._step_ends = time.monotonic() + seconds

    def map(self, verb: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """`verb` of every item, on at most `limits.threads` threads, in the items' order; the first error raised is raised."""
        futures = [self._pool.submit(copy_context().run, verb, item) for item in items]
        return [future.result() for future in futures]

    def in_batches(
        self, verb: Callable[[A], B], items: Sequence[A], size: int
    ) -> Iterator[list[tuple[A, B | UpstreamError]]]:
        """`verb` of the items in their order, at most `size` items a batch; each batch with the outcome of its items.

        Ends early, with the batches so far, where going on is hopeless: the quota is gone, the key is refused, five calls in a row have
        failed, each after its own retries, or the service has left calls without an answer since an earlier step.
        """

        def attempt(item: A) -> B | UpstreamError:
            try:
                return verb(item)
            except UpstreamError as error:
                return error

        failed_in_a_row, was_down = 0, self._is_down
        for start in range(0, len(items), size):
            batch: list[tuple[A, B | UpstreamError]] = []
            for at in range(start, min(start + size, len(items)), self.threads):
                chunk = items[at : min(at + self.threads, start + size)]
                batch += zip(chunk, self.map(attempt, chunk), strict=True)
                hopeless = False
                for _, outcome in batch[-len(chunk) :]:
                    failed_in_a_row = failed_in_a_row + 1 if isinstance(outcome, UpstreamError) else 0
                    hopeless |= isinstance(outcome, QuotaExhausted | CredentialsRefused)
                    hopeless |= failed_in_a_row >= (1 if was_down and self._is_down else HOPELESS_FAILURES)
                if hopeless:
                    yield batch
                    return
            yield batch

    def get(
        self,
        path: str,
        params: Mapping[str, str | int],
        parse: Callable[[Answer], T],
        *,
        budget: Budget,
        units: int = 1,
    ) -> T:
        """GET `path` and parse its answer; see `request`."""
        return self.request("GET", path, parse, params=params, budget=budget, units=units)

    def request(
        self,
        method: str,
        path: str,
        parse: Callable[[Answer], T],
        *,
        budget: Budget,
        units: int = 1,
        params: Mapping[str, str | int] | None = None,
        form: Mapping[str, str] | None = None,
        payload: Any = None,
        headers: Mapping[str, str] | None = None,
        expect_json: bool = True,
        also: frozenset[int] = frozenset(),
    ) -> T:
        """One call, retried while that can help and the deadlines allow it; each attempt takes `units` of the budget.

        A service that has left every try of a call without an answer gets one short try of each further call until it answers one: what
        one step of a run learns of a host that hangs, the next step need not learn again.

        Args:
            payload: sent as JSON. `form` is sent as a form.
            expect_json: whether an answer that is not JSON counts as broken.
            also: statuses besides 2xx with which a good answer comes, such as that of a redirection, which is not followed.
            parse: turns an Answer into what the caller wants; raises KeyError, TypeError, ValueError or AttributeError where the
                answer does not have the expected structure.

        Raises:
            RunStopped: somebody has asked this process to end.
            UpstreamUnavailable: no usable answer within the attempts and deadlines.
            CredentialsRefused, QuotaExhausted, NotFound, MalformedResponse: final answers.
        """
        remaining = min(self._limits.call_deadline, self._step_ends - time.monotonic())
        if remaining <= 0:
            raise UpstreamUnavailable(
                self.service,
                "this step's time for upstream calls is used up",
                remedy="raise ETL_STEP_DEADLINE if that is normal",
            )
        ends = time.monotonic() + remaining
        attempts, patience = (
            (1, PROBE_SECONDS) if self._is_down else (self._limits.attempts, self._limits.request_timeout)
        )
        first = self._limits.first_wait
        backoff = tenacity.wait_exponential(multiplier=first, max=MAX_WAIT_SECONDS) + tenacity.wait_random(0, first)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, UpstreamUnavailable) else None
            return asked if asked is not None else backoff(state)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(UpstreamUnavailable),
            stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(remaining),
            wait=wait,
            sleep=tenacity.sleep_using_event(REQUESTED),
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                stop_if_asked()
                with self._turn(ends):
                    budget.spend(units)
                    try:
                        answer = self._attempt(
                            method,
                            path,
                            ends,
                            patience=patience,
                            number=attempt.retry_state.attempt_number,
                            params=params,
                            data=form,
                            json=payload,
                            headers=headers,
                            expect_json=expect_json,
                            also=also,
                            note_plan=budget.note_plan,
                        )
                        return self._parsed(path, answer, parse, headers or {})
                    except UpstreamError as error:
                        if self._manners is not None:
                            self._manners.note(error)
                        if isinstance(error, QuotaExhausted):
                            budget.declare_exhausted()
                        elif isinstance(error, NoAnswer):
                            self._is_down |= attempt.retry_state.attempt_number == attempts
                        raise
        raise AssertionError("unreachable: tenacity returns or raises")

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers.update(self._headers)
            # Proxies from the environment would take loopback calls elsewhere.
            session.trust_env = not is_loopback(urlsplit(self._base_url).hostname or "")
            with self._lock:
                self._sessions.append(session)
        return session

    @contextmanager
    def _turn(self, ends: float) -> Generator[None]:
        """A moment at which a request may be sent, and, of a host that asks for no key, the time until it is answered."""
        if self._manners is None:
            yield
            return
        self._manners.await_turn(ends)
        try:
            yield
        finally:
            self._manners.end_turn()

    def _attempt(
        self,
        method: str,
        path: str,
        ends: float,
        *,
        patience: float,
        number: int,
        expect_json: bool,
        also: frozenset[int],
        note_plan: Callable[[StatedPlan], None],
        **request: Any,
    ) -> Answer:
        if path and not path.startswith("/"):
            # Behind a bare host name, "@evil.example" would make that name the user and evil.example the host.
            raise ValueError(f"{path!r} is no path below {self.service}'s address")
        started = time.monotonic()
        timeout = max(0.05, min(patience, ends - started))
        body = b""
        plan = status = None
        try:
            with self._session().request(
                method, self._base_url + path, timeout=timeout, stream=True, allow_redirects=False, **request
            ) as response:
                status = response.status_code
                plan = stated_plan(response.headers)
                if plan is not None:
                    note_plan(plan)
                body = self._read_body(response, path, ends)
                self._is_down = False
                good = 200 <= response.status_code < 300 or response.status_code in also
                return self._sorted(path, response, body, good=good, expect_json=expect_json)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeEncodeError) as error:
            if isinstance(error, requests.exceptions.InvalidHeader) or getattr(error, "encoding", "") == "latin-1":
                # A key copied in its masked form (••••), or with a line break. The cause prints it.
                raise CredentialsRefused(
                    self.service,
                    "its key holds characters that no key has",
                    remedy="copy it once more from where it was issued",
                ) from None
            raise MalformedResponse(self.service, f"{path} with these words does not make a valid address") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise NoAnswer(
                self.service,
                f"no whole answer to {path} ({reason(error)}); is the service, or this machine's network, down?",
            ) from None  # the cause prints the address with its query
        finally:
            seconds = time.monotonic() - started
            note_upstream_call(
                self.service, method, path, status=status, seconds=seconds, size=len(body), attempt=number
            )
            self.tally.add(
                retry=number > 1,
                size=len(body),
                seconds=seconds,
                plan_remaining=plan.remaining if plan else None,
            )

    def _read_body(self, response: requests.Response, path: str, ends: float) -> bytes:
        if response.is_redirect:  # requests has read it already, though it shall follow none
            return response.content
        # `timeout` bounds each wait for bytes, not their sum: a body that trickles is cut off here.
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(65_536, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise MalformedResponse(
                    self.service,
                    f"the answer to {path} is larger than {MAX_BODY_BYTES // 1_000_000} MB; nothing of it was kept",
                )
            if time.monotonic() > ends:
                raise NoAnswer(self.service, f"the answer to {path} did not end in time")
        return b"".join(chunks)

    def _sorted(self, path: str, response: requests.Response, body: bytes, *, good: bool, expect_json: bool) -> Answer:
        status, headers = response.status_code, response.headers
        etag = headers.get("ETag")
        if good and not expect_json:
            return Answer(body.decode("utf-8", "replace"), None, status, etag)
        try:
            text = body.decode("utf-8")
            data = loads(text if good else without_secrets(text, response.request.headers))
        except TooManyValues as error:
            raise MalformedResponse(self.service, f"the answer to {path} is too large: {error}") from None
        except (ValueError, RecursionError):
            if good:
                raise UpstreamUnavailable(self.service, f"the answer to {path} is not whole JSON") from None
            raise error_by_status(self.service, path, status, headers, keyless=self._keyless) from None
        if good:
            return Answer(text, data, status, etag)
        raise self._read_error(self.service, status, headers, data) or error_by_status(
            self.service, path, status, headers, keyless=self._keyless
        )

    def _parsed(self, path: str, answer: Answer, parse: Callable[[Answer], T], headers: Mapping[str, str]) -> T:
        try:
            return parse(answer)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            # An error body has come with status 200 before, and was once saved as a playlist.
            data = _loaded_again(without_secrets(answer.text, {**self._headers, **headers}))
            why = f" ({error})" if isinstance(error, Irregular) else ""
            known = self._read_error(self.service, 200, {}, data)
            if answer.data is None:  # a page, of which nothing may be logged that no format names
                answer = replace(answer, text="")
            raise known or MalformedResponse(
                self.service,
                f"the answer to {path} does not have the expected structure{why}: {described(data)}",
                sample=redact(without_secrets(answer.text[:SAMPLED_CHARACTERS], {**self._headers, **headers})),
                body=None if data is None or answer.data is None else json.dumps(data, ensure_ascii=False),
            ) from error


def _loaded_again(text: str) -> Any:
    try:
        return loads(text)
    except (ValueError, RecursionError):  # no JSON was expected, or a secret of digits was taken out of a number
        return None
