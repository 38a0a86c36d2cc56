"""Which of the installed services and counts the settings configure: those whose keys are set, or that need none.

What is not configured is not asked, and lacks nothing by that. In the sandbox everything is configured, since nothing there needs a key;
in a replay, the services of which something is recorded.
"""

from pathlib import Path

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.errors import CatalogError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Access, Counting, IsrcLookup, Source
from tunemeld_pipeline.settings.choices import SOURCES_SUFFIX, Upstreams, variable_name
from tunemeld_pipeline.settings.fields import Fields
from tunemeld_pipeline.settings.formats import plain


def lacking(settings: Fields, access: Access) -> tuple[str, ...]:
    """The names of the settings that this needs and that have no value; none outside live."""
    if settings.upstreams is not Upstreams.LIVE:
        return ()
    return tuple(name for name in access.needs if not plain(getattr(settings, name.lower(), None)))


def usable_sources(settings: Fields, service: str) -> tuple[Source, ...]:
    """The sources of a service in the order in which they are tried; none where it is not configured.

    Those that the operator names, as far as their keys are set. By default, live: those with a key, then documented ones, then pages;
    what needs consent only where TUNEMELD_LIVE_PAGES gives it. Outside live by default the first one alone, since the sandbox plays no
    part in what is allowed; in a replay none, where nothing of the service is recorded and something of another one is.

    Raises:
        PluginError: the service is not installed.
    """
    folder = registry.installed(service)
    named = getattr(settings, f"{folder.service.slug}{SOURCES_SUFFIX}", ())
    if named:
        chosen = [next(source for source in folder.sources if source.short_name == name) for name in named]
    elif settings.upstreams is Upstreams.LIVE:
        free = [one for one in folder.sources if settings.live_pages or not (one.terms and one.terms.consent)]
        chosen = sorted(free, key=lambda one: (not one.needs, one.terms is not None and not one.terms.documented))
    else:
        chosen = [] if _unrecorded(settings, service) else list(folder.sources[:1])
    return tuple(source for source in chosen if not lacking(settings, source))


def used_counting(settings: Fields, counted: registry.InstalledCounts) -> Counting | None:
    """How a source of counts is read: the first way whose keys are set; None where it is not configured.

    A way that reaches no host counts what its service's own list shows, and so needs a source that shows counts.
    """
    return next((one for one in counted.countings if _can_count(settings, counted.counts.key, one)), None)


def _can_count(settings: Fields, key: str, counting: Counting) -> bool:
    if counting.hosts:
        return not lacking(settings, counting)
    return key in set(registry.keys()) and any(one.gives.plays for one in usable_sources(settings, key))


def used_isrc_lookups(settings: Fields) -> tuple[IsrcLookup, ...]:
    """What looks ISRCs up, in turn. Outside live it is the first that searches by words, as with sources."""
    there = registry.isrc_lookups()
    if settings.upstreams is not Upstreams.LIVE:
        return tuple(one for one in there if not one.by_id)[:1]
    return tuple(one for one in there if not lacking(settings, one))


def not_configured(settings: Fields, service: str) -> str | None:
    """Why a service is not asked, for people; None where it is.

    Raises:
        PluginError: the service is not installed.
    """
    if usable_sources(settings, service):
        return None
    folder = registry.installed(service)
    if _unrecorded(settings, service):
        return f"nothing of it is recorded in {settings.replay_dir}"
    missing = [lacking(settings, source) for source in folder.sources]
    if not any(missing):
        return f"{variable_name(f'{folder.service.slug}{SOURCES_SUFFIX}')} names no source"
    return not_set(next(filter(None, missing)))


def _unrecorded(settings: Fields, service: str) -> bool:
    """Whether this is a replay of what was recorded of other services alone, perhaps before this one was installed."""
    if settings.upstreams is not Upstreams.REPLAY or settings.replay_dir is None:
        return False
    folder, others = settings.replay_dir, [one.key for one in registry.services() if one.key != service]
    return not _is_recorded(folder, service) and any(_is_recorded(folder, one) for one in others)


def _is_recorded(folder: Path, service: str) -> bool:
    return any(True for _ in folder.glob(f"*/*/{registry.slug_of(service)}.*"))


def not_set(names: tuple[str, ...]) -> str:
    """That these settings have no value."""
    return f"{registry.written_list(names)} {'is' if len(names) == 1 else 'are'} not set"


def unconfigured(settings: Fields) -> dict[str, str]:
    """What of the catalogue's services and of the counts is not configured, by its name for people, and why.

    No service is where the catalogue cannot be read, which is another problem.
    """
    try:
        services = registry.in_order(registry.load_catalog(settings.catalog_file).services())
    except CatalogError:
        services = []
    found = {registry.name_of(service): not_configured(settings, service) for service in services}
    for one in registry.counted_by():
        used, missing = used_counting(settings, one), lacking(settings, one.countings[0])
        what = "counts" if used is None else "counts beyond its own list"
        found[f"{one.counts.name} {what}"] = not_set(missing) if missing else None
    return {name: why for name, why in found.items() if why}


def configured(settings: Fields, catalog: Catalog) -> Catalog:
    """The catalogue without the services that are not configured; a genre may be left without any."""
    there = {service for service in catalog.services() if not not_configured(settings, service)}
    genres = {
        key: genre.model_copy(
            update={"playlists": {name: lists for name, lists in genre.playlists.items() if name in there}}
        )
        for key, genre in catalog.genres.items()
    }
    return catalog.model_copy(update={"genres": genres})
