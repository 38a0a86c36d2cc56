"""The metrics for Prometheus, and how one worker collects them for all workers.

Several workers keep their counters in files in PROMETHEUS_MULTIPROC_DIR, which `tunemeld api start` sets. Metrics about the data
come from the memory of the worker that answers, since every worker looks at the data every few seconds; no request for metrics reaches
the database.
"""

import os
import re
import time
from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from django_backend.names import remembered
from django_backend.process import RENDERED
from django_backend.worker import Rendered

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 2.5)
"""Seconds. A rendered path takes less than a tenth of a millisecond, and nothing should take more than two seconds."""

ROUTES = {
    "": "/",
    "playlist-data": "/playlist-data/{genre}",
    "chart-dates": "/chart-dates/{genre}",
    "service-playlist": "/service-playlist/{genre}/{service}",
    "graph-data": "/graph-data/{genre}",
    "last-updated": "/last-updated/{genre}",
    "header-art": "/header-art/{genre}",
    "genres": "/genres",
    "charts": "/charts/{genre}",
    "track": "/track/{track_id}",
    "artist": "/artist/{slug}",
    "agreement": "/agreement/{genre}",
    "share": "/share/{genre}.png",
    "assets": "/assets/{file}",
    "dumps": "/dumps/{name}",
    "health": "/health",
    "metrics": "/metrics",
    "openapi.json": "/openapi.json",
    "docs": "/docs",
}
OTHER = "other"
STATES = ("fresh", "stale", "absent")


_PUBLIC: list[tuple[re.Pattern[str], str]] = []


def add_routes(templates: Iterable[str]) -> None:
    """Makes these templates of paths, with parameters in braces, routes of the metrics."""
    _PUBLIC.extend((re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))), template) for template in templates)


@remembered(2_000)
def route_of(path: str) -> str:
    """The route of a path: the template that it fits, or `other`."""
    first = path[1:].split("/", 1)[0]
    return ROUTES.get(first) or next((route for pattern, route in _PUBLIC if pattern.fullmatch(path)), OTHER)


class Metrics:
    """This worker's counters."""

    def __init__(self) -> None:
        self.durations = Histogram(
            "tunemeld_request_duration_seconds",
            "Requests by route and status, and how long they took.",
            ("path", "status"),
            buckets=BUCKETS,
        )
        self.sources = Counter(
            "tunemeld_answers_total",
            "Answers by source: worker (rendered before), page file, shared cache, database, django.",
            ("source",),
        )
        self._bound: dict[tuple[str, int], Histogram] = {}
        self._bound_sources: dict[str, Counter] = {}

    def note(self, path: str, status: int, seconds: float, source: str) -> None:
        """Counts one answer. Paths without a route count together, so clients cannot fill our memory with names."""
        route = route_of(path) if status != 404 else OTHER
        key = (route, status)
        duration = self._bound.get(key)
        if duration is None:
            duration = self._bound[key] = self.durations.labels(route, str(status))
        duration.observe(seconds)
        counter = self._bound_sources.get(source)
        if counter is None:
            counter = self._bound_sources[source] = self.sources.labels(source)
        counter.inc()


class DataCollector(Collector):
    """The state of the data at the time of the request."""

    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """How far readers can trust each genre, how the last runs ended, and what is left of the quotas."""
        yield from self._trust()
        yield from self._last_runs()
        yield from self._quotas()

    def _trust(self) -> Iterator[GaugeMetricFamily]:
        """Ages in seconds, versions, degraded sources, and the quotas after the latest run."""
        materializations = self._rendered.materializations
        confirmed = GaugeMetricFamily(
            "tunemeld_database_reachable", "1 if the database confirms the data being served."
        )
        confirmed.add_metric((), float(self._rendered.is_confirmed))
        unreadable = GaugeMetricFamily(
            "tunemeld_unreadable_documents",
            "Stored documents that this worker has left out, by collection.",
            labels=("collection",),
        )
        for collection, count in Counts(error.collection for error in self._rendered.unreadable).items():
            unreadable.add_metric((collection,), count)
        age = GaugeMetricFamily(
            "tunemeld_data_age_seconds", "Seconds since a genre was last observed.", labels=("genre",)
        )
        version = GaugeMetricFamily("tunemeld_data_version", "The version being served.", labels=("genre",))
        degraded = GaugeMetricFamily(
            "tunemeld_degraded", "1 for each source that the last run missed.", labels=("genre", "source")
        )
        quota = GaugeMetricFamily("tunemeld_quota_left", "Units left at the end of the latest run.", labels=("budget",))
        for genre, one in materializations.items():
            age.add_metric((genre,), (datetime.now(UTC) - one.as_of).total_seconds())
            version.add_metric((genre,), one.version)
            for source in one.degraded:
                degraded.add_metric((genre, re.sub(r"\s+", "_", source)), 1)
        latest = max(materializations.values(), key=lambda one: one.finished_at, default=None)
        for budget, left in (latest.quota if latest else {}).items():
            quota.add_metric((budget,), left)
        yield from (confirmed, unreadable, age, version, degraded, quota)

    def _last_runs(self) -> Iterator[GaugeMetricFamily]:
        """Each genre's last run: each service's outcome, the chart's length, and the shares that were counted and matched."""
        outcome = GaugeMetricFamily(
            "tunemeld_service_outcome",
            "1 for a service's outcome in a genre's last run: fresh, stale or absent.",
            labels=("genre", "service", "state"),
        )
        tracks = GaugeMetricFamily("tunemeld_chart_tracks", "Tracks on a genre's chart.", labels=("genre",))
        coverage = GaugeMetricFamily(
            "tunemeld_coverage_ratio", "Share of the chart that a source counted.", labels=("genre", "source")
        )
        matched = GaugeMetricFamily(
            "tunemeld_matched_ratio",
            "Share of a service's rows that another service also lists.",
            labels=("genre", "service"),
        )
        seconds = GaugeMetricFamily("tunemeld_run_seconds", "How long a genre's last run took.", labels=("genre",))
        calls = GaugeMetricFamily("tunemeld_run_calls", "Upstream calls in a genre's last run.", labels=("genre",))
        for genre, one in self._rendered.materializations.items():
            tracks.add_metric((genre,), one.chart_length)
            for service, seen in one.outcomes.items():
                for state in STATES:
                    outcome.add_metric((genre, service, state), float(seen.state == state))
            for family, shares in ((coverage, one.coverage), (matched, one.matched_share)):
                for name, share in shares.items():
                    family.add_metric((genre, name), share)
            for family, value in ((seconds, one.seconds), (calls, one.calls)):
                if value is not None:
                    family.add_metric((genre,), value)
        yield from (outcome, tracks, coverage, matched, seconds, calls)

    def _quotas(self) -> Iterator[GaugeMetricFamily]:
        """Today's use according to the worker's last look, with its age in seconds; nothing while the database is unreachable."""
        quotas = self._rendered.quotas
        age = GaugeMetricFamily("tunemeld_quota_age_seconds", "Seconds since the quotas' use was read.")
        if quotas.uses:
            age.add_metric((), time.monotonic() - quotas.read_at)
        used = GaugeMetricFamily("tunemeld_quota_used", "Units spent today.", labels=("budget",))
        limit = GaugeMetricFamily("tunemeld_quota_limit", "Units that may be spent per day.", labels=("budget",))
        today = GaugeMetricFamily("tunemeld_quota_left_now", "Units that may still be spent today.", labels=("budget",))
        resets = GaugeMetricFamily(
            "tunemeld_quota_resets_timestamp_seconds", "When the budget resets.", labels=("budget",)
        )
        for use in quotas.uses:
            used.add_metric((use.name,), use.used)
            limit.add_metric((use.name,), use.limit)
            today.add_metric((use.name,), use.left)
            resets.add_metric((use.name,), use.resets_at.timestamp())
        yield from (age, used, limit, today, resets)


def exposition() -> bytes:
    """All metrics of all workers in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for collector in (METRICS.durations, METRICS.sources):
            registry.register(collector)
    registry.register(DataCollector(RENDERED))
    return generate_latest(registry)


METRICS = Metrics()
