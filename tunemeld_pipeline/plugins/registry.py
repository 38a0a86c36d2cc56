"""Which services and sources of counts are installed, found by their entry points, and what is known of them by key.

An entry point of the group `tunemeld.services` or `tunemeld.counts` has a key as its name and a folder as its value. One that cannot be
imported is left out, and `left_out` says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeVar

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG, Catalog, Lists, read_catalog
from tunemeld_pipeline.charts.services import CountSource, Service
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.own_lists import read_own_lists

SERVICES = "tunemeld.services"
COUNTS = "tunemeld.counts"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Installed:
    """A service, its sources in order of preference, the module that declares both, and its own lists by genre."""

    service: Service
    sources: tuple[Source, ...]
    module: str
    lists: Lists


@dataclass(frozen=True, slots=True)
class _Found:
    installed: dict[str, Installed]
    counts: dict[str, CountSource]
    modules: tuple[str, ...]
    left_out: dict[str, str]


@cache
def _found() -> _Found:
    installed: dict[str, Installed] = {}
    counts: dict[str, CountSource] = {}
    left_out: dict[str, str] = {}
    modules: list[str] = []
    for group in (SERVICES, COUNTS):
        for point in sorted(entry_points(group=group), key=lambda point: point.name):
            what = f"{'the service' if group == SERVICES else 'the counts of'} {point.name} ({point.value})"
            try:
                if group == SERVICES:
                    installed[point.name] = _new(point.name, _service(point), installed)
                else:
                    counts[point.name] = _new(point.name, _counts(point), counts)
            except Exception as error:  # noqa: BLE001
                # Whatever a foreign package does when it is imported: the other services work without it.
                left_out.setdefault(point.name, f"{what} cannot be loaded: {error or type(error).__name__}")
                continue
            modules.append(point.value)
    if not installed:
        raise PluginError(
            "no service is installed, not even the packaged ones; install the package anew: scripts/setup dev"
        )
    ordered = sorted(installed.values(), key=lambda one: (one.service.order, one.service.key))
    counted = sorted(counts.values(), key=lambda one: (one.order, one.key))
    return _Found(
        {one.service.key: one for one in ordered},
        {one.key: one for one in counted},
        tuple(dict.fromkeys(modules)),
        left_out,
    )


def _service(point: EntryPoint) -> Installed:
    module = point.load()
    service, sources = module.SERVICE, tuple(module.SOURCES)
    if not isinstance(service, Service) or service.key != point.name:
        raise PluginError(f"its SERVICE is not a service with the key {point.name}; fix the entry point or the key")
    if not sources or not all(isinstance(source, Source) for source in sources):
        raise PluginError("its SOURCES are not sources; list one at least")
    return Installed(service, sources, point.value, read_own_lists(module))


def _counts(point: EntryPoint) -> CountSource:
    counts = point.load().COUNTS
    if not isinstance(counts, CountSource) or counts.key != point.name:
        raise PluginError(
            f"its COUNTS is not a source of counts with the key {point.name}; fix the entry point or the key"
        )
    return counts


def _new(key: str, found: T, known: Mapping[str, T]) -> T:
    if key in known:
        raise PluginError(f"{key} is installed already; remove one of the two packages")
    return found


def left_out() -> dict[str, str]:
    """The services that are installed and cannot be used, each with the reason."""
    return dict(_found().left_out)


def services() -> tuple[Service, ...]:
    """The installed services, in their order."""
    return tuple(one.service for one in _found().installed.values())


def keys() -> tuple[str, ...]:
    """Their keys."""
    return tuple(_found().installed)


def count_sources() -> tuple[CountSource, ...]:
    """The installed sources of counts, in their order."""
    return tuple(_found().counts.values())


def modules() -> tuple[str, ...]:
    """The modules of all services and sources of counts that are installed."""
    return _found().modules


def installed(key: str) -> Installed:
    """An installed service by its key.

    Raises:
        PluginError: none has that key.
    """
    try:
        return _found().installed[key]
    except KeyError:
        why = _found().left_out.get(key, f"no service {key} is installed")
        raise PluginError(
            f"{why}; there are {', '.join(keys())}; install it, or take it out of the catalogue"
        ) from None


def service(key: str) -> Service:
    """A service by its key; PluginError where there is none."""
    return installed(key).service


def in_order(names: Iterable[str]) -> list[str]:
    """These keys in the services' order; those of no installed service come last, by name."""
    places = {key: place for place, key in enumerate(keys())}
    return sorted(names, key=lambda key: (places.get(key, len(places)), key))


def slug_of(key: str) -> str:
    """The slug of a service, installed or not."""
    found = _found().installed.get(key)
    return found.service.slug if found else key.lower()


def name_of(key: str) -> str:
    """How people write a service or a source of counts, of which the data have the key, or what begins with one: `Youtube counts`."""
    first, space, rest = key.partition(" ")
    found = _found()
    named = found.installed[first].service if first in found.installed else found.counts.get(first)
    return f"{named.name if named else first}{space}{rest}"


def written_list(names: Iterable[str]) -> str:
    """These names as a sentence lists them: "Spotify, Apple Music and SoundCloud"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def explained(what: str, why: str) -> str:
    """Something that a chart lacks and why, for people; `what` begins with a key, and `why` perhaps with the name that it stands for."""
    said_already = f"{name_of(what.partition(' ')[0])}: "
    return f"{name_of(what)}: {why.removeprefix(said_already)}"


def load_catalog(path: Path | None = None) -> Catalog:
    """The catalogue in `path`, or the packaged one, of the installed services.

    Raises:
        CatalogError: as `read_catalog`.
    """
    own = {key: one.lists for key, one in _found().installed.items()}
    return read_catalog(path or PACKAGED_CATALOG, services(), own)
