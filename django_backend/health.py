"""Checks the parts that the product depends on, and says what to do about one that is not good.

All checks together take less than two seconds, even if some hang, and none spends quota. The cache check only reads one fixed
key, because a write to KV shows up only after a minute and the plan allows a thousand a day. The upstream checks report what the
last run saw. `views.py` chooses the HTTP status.
"""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from typing_extensions import TypedDict

from django_backend.process import RENDERED
from django_backend.worker import Rendered
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.health import State, worst
from tunemeld_pipeline.limits import LEAST_FREE_BYTES
from tunemeld_pipeline.plugins.registry import InstalledCounts, counted_by, in_order, name_of, slug_of
from tunemeld_pipeline.publishing.cache import cache_key
from tunemeld_pipeline.publishing.responses import GENRES_PATH
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.configured import lacking, not_configured, not_set, used_counting

TIME_FOR_ALL = 1.5
KEPT_SECONDS = 5.0
"""How long a report is reused: a client that asks a thousand times a second causes no more work than one that asks every five."""

CRITICAL = ("database", "disk_space")
"""The parts that the API cannot do without for long. Trouble in any other part only means degraded."""


class Check(TypedDict):
    """One part: its state, the check's own `latency_ms`, and `action`, what to do if the state is not good."""

    state: State
    latency_ms: float
    details: dict[str, object]
    action: str | None


class Report(TypedDict):
    """All parts. `state` is failed if a critical part fails, degraded if any other part is not good."""

    state: State
    checks: dict[str, Check]
    timestamp: str


Outcome = tuple[dict[str, object], str | None]
"""A check's findings, and what to do about them; None if there is nothing to do."""


def missing_genres(rendered: Rendered, catalog: Catalog) -> list[str]:
    """The genres for which this worker has no answer, fresh or stale, though their documents can be read.

    A worker that one genre's unreadable document keeps from answering for it still answers for the others. Nothing is rendered to find out.
    """
    rendered.wait_for_first_look()
    unread = (genre for genre in catalog.genres if rendered.unreadable_of(genre) is None)
    return [genre for genre in unread if not rendered.answers_for(genre)]


class HealthChecks:
    """Runs the checks side by side, each at most once at a time."""

    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._hanging: dict[str, Future[Check]] = {}
        self._report: tuple[float, Report] | None = None

    def report(self) -> Report:
        """The report of the last five seconds, or a new one."""
        with self._lock:
            if self._report is None or time.monotonic() - self._report[0] > KEPT_SECONDS:
                self._report = (time.monotonic(), self._new_report())
            return self._report[1]

    def _new_report(self) -> Report:
        # Created only after the fork, which threads do not survive.
        self._pool = self._pool or ThreadPoolExecutor(4, thread_name_prefix="health")
        ends = time.monotonic() + TIME_FOR_ALL
        verbs: Mapping[str, Callable[[], Outcome]] = {
            "database": self._database,
            "cache": self._cache,
            "documents": self._documents,
            "disk_space": _disk_space,
        }
        for name, verb in verbs.items():
            # A check that hung last time may still hang; a second thread for it would leave fewer for the others.
            if name not in self._hanging or self._hanging[name].done():
                self._hanging[name] = self._pool.submit(_timed, name, verb)
        checks = {name: _in_time(name, self._hanging[name], ends) for name in verbs}
        listed = settings.CATALOG.services()
        for service in in_order(listed):
            checks[slug_of(service)] = _timed(slug_of(service), partial(self._service, service))
        for counted in counted_by():
            if counted.counts.key not in listed:
                checks[counted.counts.slug] = _timed(counted.counts.slug, partial(self._counts, counted))
        return {
            "state": worst(check["state"] for check in checks.values()),
            "checks": checks,
            "timestamp": datetime.now(UTC).isoformat(),
        }

    def _database(self) -> Outcome:
        self._rendered.ensure_started()
        store, now = self._rendered.store, datetime.now(UTC)
        ages: dict[str, float | None] = dict.fromkeys(settings.CATALOG.genres)
        published = store.charts.materializations()
        for genre, one in published.items():
            ages[genre] = round((now - one.as_of).total_seconds())
        held = [genre for genre, one in published.items() if one.held]
        details = {"documents": store.layout.document_counts(), "age_seconds": ages, "held": held}
        unfinished = store.layout.unfinished_restore()
        return details, unfinished and unfinished[0]

    def _documents(self) -> Outcome:
        unreadable = {error.name: f"{error.field}: {error.why}".lstrip(": ") for error in self._rendered.unreadable}
        return {"unreadable": unreadable}, "run `tunemeld db check`" if unreadable else None

    def _cache(self) -> Outcome:
        backend, publications = settings.TUNEMELD.cache, self._rendered.publications
        writes = {genre: one.model_dump(mode="json") for genre, one in publications.items()}
        details: dict[str, object] = {"backend": backend.value, "last_writes": writes}
        if backend is CacheBackend.MEMORY:
            return details, None
        try:
            self._rendered.cache.check(cache_key(settings.TUNEMELD, GENRES_PATH))
        except TuneMeldError as error:
            return {**details, "error": str(error)}, "check Cloudflare's status page and the CLOUDFLARE_ settings"
        failed = [genre for genre, one in publications.items() if one.error]
        return details, f"the last write failed; run {', '.join(failed)} again" if failed else None

    def _service(self, service: str) -> Outcome:
        states = {
            genre: outcome.model_dump(mode="json")
            for genre, one in self._rendered.materializations.items()
            if (outcome := one.outcomes.get(service)) is not None
        }
        why = None if states else not_configured(settings.TUNEMELD, service)
        return {"last_run": states, "not_configured": why}, _advice(
            name_of(service), [name for name, one in states.items() if one["state"] != "fresh"]
        )

    def _counts(self, counted: InstalledCounts) -> Outcome:
        key, made = counted.counts.key, self._rendered.materializations
        errors = {genre: one.count_errors[key] for genre, one in made.items() if key in one.count_errors}
        coverage = {genre: one.coverage.get(key) for genre, one in made.items()}
        # The pipeline may run elsewhere, with keys that this process has not.
        unread = not any(coverage.values()) and used_counting(settings.TUNEMELD, counted) is None
        missing = lacking(settings.TUNEMELD, counted.countings[0]) if unread else ()
        details = {"coverage": coverage, "errors": errors, "not_configured": not_set(missing) if missing else None}
        return details, _advice(counted.counts.name, list(errors))


def _advice(service: str, genres: list[str]) -> str | None:
    if not genres:
        return None
    return (
        f"the last run could not read {service} for {', '.join(genres)}; the error says why; the next run tries again"
    )


def _disk_space() -> Outcome:
    place = settings.TUNEMELD.home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    action = f"free space on the disk of {place}" if free < LEAST_FREE_BYTES else None
    return {"free_bytes": free, "least_free_bytes": LEAST_FREE_BYTES}, action


def _timed(name: str, verb: Callable[[], Outcome]) -> Check:
    begin = time.perf_counter()
    try:
        details, action = verb()
    except TuneMeldError as error:
        details, action = {"error": str(error)}, _what_to_do(error)
    latency = round((time.perf_counter() - begin) * 1000, 3)
    state = State.GOOD if action is None else _troubled(name)
    return {"state": state, "latency_ms": latency, "details": details, "action": action}


def _in_time(name: str, future: "Future[Check]", ends: float) -> Check:
    try:
        return future.result(max(0.0, ends - time.monotonic()))
    except NotInTime:
        return {
            "state": _troubled(name),
            "latency_ms": TIME_FOR_ALL * 1000,
            "details": {"error": f"no answer within {TIME_FOR_ALL} s"},
            "action": "see whether it hangs; restart it if it does",
        }


def _what_to_do(error: TuneMeldError) -> str:
    command = error.next_command
    return f"{error}; run `{command}`" if command and "{" not in command else str(error)


def _troubled(name: str) -> State:
    return State.FAILED if name in CRITICAL else State.DEGRADED


_CHECKS = HealthChecks(RENDERED)


def health_report() -> Report:
    """This worker's view of all parts, at most five seconds old."""
    return _CHECKS.report()
