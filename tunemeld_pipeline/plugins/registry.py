"""Which services and sources of counts are installed, found by their entry points, and what is known of them by key.

An entry point of the group `tunemeld.services`, `tunemeld.counts` or `tunemeld.isrcs` has a key as its name and a folder as its value.
One that cannot be imported is left out, and `left_out` says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG, Catalog, Lists, read_catalog
from tunemeld_pipeline.charts.services import CountSource, IsrcSource, Service
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins.contract import (
    RAPIDAPI_KEY,
    Access,
    Bucket,
    Counting,
    Host,
    IsrcLookup,
    Setting,
    Source,
)
from tunemeld_pipeline.plugins.own_lists import read_own_lists

OURS = "tunemeld."
SERVICES = f"{OURS}services"
COUNTS = f"{OURS}counts"
ISRCS = f"{OURS}isrcs"
GROUPS = {SERVICES: "the service", COUNTS: "the counts of", ISRCS: "the ISRCs of"}
PACKAGED = "tunemeld_pipeline."
"""How the modules of the packaged folders begin."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Installed:
    """A service, its sources in order of preference, its own lists by genre, its look-up of ISRCs, its settings, and its module."""

    service: Service
    sources: tuple[Source, ...]
    module: str
    settings: tuple[Setting, ...] = ()
    isrcs: tuple[IsrcLookup, ...] = ()
    lists: Lists = field(default_factory=dict)

    @property
    def named(self) -> Service:
        """What it is called."""
        return self.service

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that has a client."""
        return (*self.sources, *self.isrcs)


@dataclass(frozen=True, slots=True)
class InstalledCounts:
    """A source of counts, the ways of reading it in order of preference, its settings, and the module that declares all of it."""

    counts: CountSource
    countings: tuple[Counting, ...]
    module: str
    settings: tuple[Setting, ...] = ()

    @property
    def named(self) -> CountSource:
        """What it is called."""
        return self.counts

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that has a client."""
        return self.countings


@dataclass(frozen=True, slots=True)
class InstalledIsrcs:
    """What is asked for ISRCs alone, how, its settings, and the module that declares all of it."""

    named: IsrcSource
    isrcs: tuple[IsrcLookup, ...]
    module: str
    settings: tuple[Setting, ...] = ()

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that has a client."""
        return self.isrcs


Folder: TypeAlias = Installed | InstalledCounts | InstalledIsrcs


@dataclass(frozen=True, slots=True)
class _Found:
    installed: dict[str, Installed]
    counts: dict[str, InstalledCounts]
    isrcs: dict[str, InstalledIsrcs]
    left_out: dict[str, str]


@cache
def _found() -> _Found:
    installed: dict[str, Installed] = {}
    counts: dict[str, InstalledCounts] = {}
    isrcs: dict[str, InstalledIsrcs] = {}
    left_out: dict[str, str] = {}
    declared: dict[tuple[type, str], object] = {}
    points = _our_entry_points()
    for group in GROUPS:
        ours = [point for point in points if point.group == group]
        # Of two that declare the same, a packaged one stays.
        for point in sorted(ours, key=lambda one: (not one.value.startswith(PACKAGED), one.name)):
            what = f"{GROUPS[group]} {point.name} ({point.value})"
            try:
                module = point.load()
                if group == SERVICES:
                    service = _new(point.name, _service(point, module), installed)
                    _declare(service, declared)
                    installed[point.name] = service
                elif group == COUNTS:
                    counted = _new(point.name, _counts(point, module), counts)
                    _declare(counted, declared)
                    counts[point.name] = counted
                else:
                    asked = _new(point.name, _isrcs(point, module), isrcs)
                    _declare(asked, declared)
                    isrcs[point.name] = asked
            except Exception as error:  # noqa: BLE001
                # Whatever a foreign package does when it is imported: the other services work without it.
                left_out.setdefault(point.name, f"{what} cannot be loaded: {error or type(error).__name__}")
    if not installed:
        raise PluginError(
            "no service is installed, not even the packaged ones; install the package anew: scripts/setup dev"
        )
    ordered = sorted(installed.values(), key=lambda one: (one.service.order, one.service.key))
    counted_by = sorted(counts.values(), key=lambda one: (one.counts.order, one.counts.key))
    return _Found(
        {one.service.key: one for one in ordered}, {one.counts.key: one for one in counted_by}, isrcs, left_out
    )


def _our_entry_points() -> list[EntryPoint]:
    """Those of our groups. `importlib.metadata.entry_points` takes those of all packages apart, which costs as much as a service."""
    declaring = (package for package in distributions() if OURS in (package.read_text("entry_points.txt") or ""))
    return list(dict.fromkeys(point for package in declaring for point in package.entry_points))


def _service(point: EntryPoint, module: Any) -> Installed:
    service, sources = module.SERVICE, tuple(module.SOURCES)
    if not isinstance(service, Service) or service.key != point.name:
        raise PluginError(f"its SERVICE is not a service with the key {point.name}; fix the entry point or the key")
    if not sources or not all(isinstance(source, Source) for source in sources):
        raise PluginError("its SOURCES are not sources; list one at least")
    if misnamed := [source.name for source in sources if source.name != f"{service.slug}.{source.short_name}"]:
        raise PluginError(f"its source {misnamed[0]} is to be called {service.slug}.NAME; rename it")
    return Installed(service, sources, point.value, _settings(module), _lookups(module), read_own_lists(module))


def _counts(point: EntryPoint, module: Any) -> InstalledCounts:
    counts, counting = module.COUNTS, getattr(module, "COUNTING", None)
    if not isinstance(counts, CountSource) or counts.key != point.name:
        raise PluginError(
            f"its COUNTS is not a source of counts with the key {point.name}; fix the entry point or the key"
        )
    countings = counting if isinstance(counting, tuple) else (counting,)
    if not countings or not all(isinstance(one, Counting) for one in countings):
        raise PluginError("its COUNTING is no Counting, nor a tuple of them; say how its counts are read")
    return InstalledCounts(counts, countings, point.value, _settings(module))


def _isrcs(point: EntryPoint, module: Any) -> InstalledIsrcs:
    source, isrcs = module.ISRC_SOURCE, _lookups(module)
    if not isinstance(source, IsrcSource) or source.key != point.name:
        raise PluginError(f"its ISRC_SOURCE has not the key {point.name}; fix the entry point or the key")
    if not isrcs or any(one.by_id for one in isrcs):
        raise PluginError("its ISRCS are no look-ups by words; say how it is asked")
    return InstalledIsrcs(source, isrcs, point.value, _settings(module))


def _lookups(module: Any) -> tuple[IsrcLookup, ...]:
    isrcs = getattr(module, "ISRCS", ())
    isrcs = isrcs if isinstance(isrcs, tuple) else (isrcs,)
    if not all(isinstance(one, IsrcLookup) for one in isrcs):
        raise PluginError("its ISRCS is no IsrcLookup, nor a tuple of them; make it one, or leave it out")
    return isrcs


def _settings(module: Any) -> tuple[Setting, ...]:
    settings = tuple(getattr(module, "SETTINGS", ()))
    if not all(isinstance(setting, Setting) for setting in settings):
        raise PluginError("its SETTINGS are not settings; list Setting objects")
    return settings


def _declare(folder: Folder, declared: dict[tuple[type, str], object]) -> None:
    """Takes the folder's names, which no other folder may give another meaning; nothing is taken where one is refused.

    Raises:
        PluginError: a name is another's, or is no name that this folder may have.
    """
    own: dict[tuple[type, str], object] = {(Setting, one.name): one for one in folder.settings}
    own |= {(Host, one.key): one for access in folder.accesses for one in access.hosts}
    own |= {(Bucket, one.name): one for access in folder.accesses for one in access.budgets}
    for (kind, name), value in own.items():
        if value != RAPIDAPI_KEY and not _is_own(name, folder.named.slug):
            raise PluginError(f"its {kind.__name__.lower()} {name} does not begin with {folder.named.slug}; rename it")
        if declared.get((kind, name), value) != value:
            raise PluginError(f"its {kind.__name__.lower()} {name} is another folder's already; rename it")
    needed = {name for access in folder.accesses for name in access.needs}
    if undeclared := sorted(needed - {one.name for one in folder.settings}):
        raise PluginError(f"it needs {undeclared[0]}, which its SETTINGS do not declare; declare it")
    declared.update(own)


def _is_own(name: str, slug: str) -> bool:
    return f"{name.lower()}_".startswith(f"{slug}_")


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
    return tuple(one.counts for one in _found().counts.values())


def counted_by() -> tuple[InstalledCounts, ...]:
    """The same with how each is read."""
    return tuple(_found().counts.values())


def isrc_lookups() -> tuple[IsrcLookup, ...]:
    """What looks ISRCs up: by ids, which takes fewest calls, then by words, each in the order of the services, at last what is slow."""
    found = [one for folder in folders() if not isinstance(folder, InstalledCounts) for one in folder.isrcs]
    return tuple(sorted(found, key=lambda one: (one.background, not one.by_id)))


def folders() -> tuple[Folder, ...]:
    """All services in their order, then all sources of counts in theirs, then of ISRCs; a folder that is several is there as often."""
    found = _found()
    return (*found.installed.values(), *found.counts.values(), *found.isrcs.values())


def folder_of(access: Access) -> Folder:
    """Whose source, counting or look-up this is.

    Raises:
        PluginError: nobody's who is installed.
    """
    for folder in folders():
        if access in folder.accesses:
            return folder
    raise PluginError(f"{access.client} belongs to no folder that is installed; install its package anew")


def modules() -> tuple[str, ...]:
    """The modules of all services and sources of counts that are installed."""
    return tuple(dict.fromkeys(folder.module for folder in folders()))


def hosts() -> dict[str, Host]:
    """All hosts that any folder declares, by key."""
    return {host.key: host for folder in folders() for access in folder.accesses for host in access.hosts}


def buckets() -> dict[str, Bucket]:
    """All budgets that any folder declares, by name, in the order of the services and then of the counts."""
    return {one.name: one for folder in folders() for access in folder.accesses for one in access.budgets}


def leave_out(folder: Folder, why: str) -> None:
    """Makes a folder as one that cannot be loaded: the error of a request for it says why."""
    found = _found()
    found.left_out[folder.named.key] = f"{folder.named.name} ({folder.module}) cannot be used: {why}"
    for known in (found.installed, found.counts, found.isrcs):
        if known.get(folder.named.key) is folder:
            known.pop(folder.named.key)


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
    named = found.installed.get(first) or found.counts.get(first) or found.isrcs.get(first)
    return f"{named.named.name if named else first}{space}{rest}"


def written_list(names: Iterable[str]) -> str:
    """These names as a sentence lists them: "Spotify, Apple Music and SoundCloud"; empty for none."""
    *first, last = [*names] or [""]
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
    return read_catalog(path or PACKAGED_CATALOG, services(), own, _found().left_out)
