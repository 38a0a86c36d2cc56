"""Everything that a run needs, checked once and cheaply.

This module checks keys, cache, packages, file modes and indexes, and says for each what to do. It begins with `operations/health.py`,
whose checks need no calls; `resources/key_checks.py` makes the calls.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.health import PartHealth, State
from tunemeld_pipeline.operations.health import next_of, system_health
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.cache import cache_key, new_entry, open_cache, pipeline_limits
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.settings.choices import CacheBackend, Upstreams
from tunemeld_pipeline.settings.rules import SettingProblem
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.storage.store import Store

CACHE_SECONDS = 60


def prerequisites(settings: Settings, problems: list[SettingProblem]) -> Iterator[PartHealth]:
    """Each thing that a run needs, with its state; where the settings cannot be used, only what does not depend on them."""
    yield packages()
    genres = set(load_catalog(settings.catalog_file).genres) if not problems else set()
    database: TuneMeldError | None = None
    if not problems:
        try:
            with open_store(settings, prepare=False):
                pass  # starts the local server, as a run does
        except TuneMeldError as error:
            database = error
    # What each genre shows is no prerequisite: `tunemeld etl status` shows it.
    yield from (part for part in system_health(settings, problems) if part.part not in genres)
    if not problems and database is None:
        yield from live_checks(settings)


def live_checks(settings: Settings) -> Iterator[PartHealth]:
    """Indexes, one call per key, and a round trip through the cache; a handful of units, reported at the end."""
    try:
        with open_store(settings, prepare=False) as store:
            yield indexes(store)
            yield from keys(settings, store)
    except TuneMeldError as error:
        yield PartHealth("database", State.FAILED, str(error), next_of(error, settings))
    yield cache_round_trip(settings)


def indexes(store: Store) -> PartHealth:
    """Whether every index is there that queries rely on."""
    missing = [f"{one.collection}.{one.name}" for one in store.layout.indexes() if one.state == "missing"]
    if missing:
        return PartHealth("indexes", State.DEGRADED, f"missing: {', '.join(missing)}", "tunemeld db init")
    return PartHealth("indexes", State.GOOD, "all there")


def keys(settings: Settings, store: Store) -> Iterator[PartHealth]:
    """Each key by one cheap call, and the units that this took."""
    if settings.upstreams is Upstreams.REPLAY:
        yield PartHealth("keys", State.GOOD, "a replay asks nobody and needs none")
        return
    from tunemeld_pipeline.resources.key_checks import check_keys

    spent = 0
    for check in check_keys(settings, store):
        spent += check.calls
        seen = check.problem or f"accepted by {settings.upstreams.value}"
        state = State.GOOD if check.problem is None else State.DEGRADED if check.exhausted else State.FAILED
        keys = check.keys or "no key"
        action = "" if state is State.GOOD else "tunemeld etl status" if check.exhausted else f"check {keys}"
        yield PartHealth(f"{check.service} ({keys})", state, seen, action)
    yield PartHealth("spent", State.GOOD, f"{spent} calls in all, each a unit of its service's budget")


def cache_round_trip(settings: Settings) -> PartHealth:
    """Writes, reads and removes one small entry."""
    if settings.cache is CacheBackend.MEMORY:
        return PartHealth("cache", State.GOOD, "each process keeps its own (TUNEMELD_CACHE=memory)")
    key = cache_key(settings, f"/round-trip/{uuid.uuid4().hex}")
    try:
        with open_cache(settings, pipeline_limits(settings)) as cache:
            cache.put_many({key: new_entry(Content("round trip", datetime.now(UTC)), 1)}, CACHE_SECONDS)
            entry = cache.get(key)
            cache.delete(key)
    except TuneMeldError as error:
        return PartHealth("cache", State.FAILED, str(error), "check the three CLOUDFLARE_ settings")
    seen = (
        "written, read and removed"
        if entry
        else "written and removed; KV shows a new value within a minute, not at once"
    )
    return PartHealth("cache", State.GOOD, seen)


def packages() -> PartHealth:
    """Whether the installed packages satisfy the project's requirements."""
    try:
        asked = [Requirement(text) for text in requires("tunemeld") or ()]
    except PackageNotFoundError:
        return PartHealth(
            "packages", State.FAILED, "tunemeld itself is not installed", "run scripts/setup, or make test"
        )
    wrong = [
        said for one in asked if (one.marker is None or one.marker.evaluate({"extra": ""})) and (said := _misfit(one))
    ]
    if wrong:
        return PartHealth(
            "packages", State.FAILED, "; ".join(wrong), "run scripts/setup, or install requirements/runtime.txt"
        )
    return PartHealth("packages", State.GOOD, f"all {len(asked)} requirements are met")


def _misfit(requirement: Requirement) -> str | None:
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(installed, prereleases=True):
        return None
    return f"{requirement.name} {installed} is installed, {requirement.specifier} is required"
