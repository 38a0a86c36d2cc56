"""Whether each key is accepted, tested by the cheapest call that its service has.

There is one call per key, paid from its budget like any other; this module also reads what the answer means for the key. What is not
configured is not asked. `operations/prerequisites.py` checks what else a run needs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tunemeld_pipeline.charts.catalog import Catalog, Playlist
from tunemeld_pipeline.errors import NotFound, QuotaExhausted, TuneMeldError, UpstreamError
from tunemeld_pipeline.plugins.contract import Access
from tunemeld_pipeline.plugins.registry import counted_by, in_order, load_catalog
from tunemeld_pipeline.settings.configured import configured, usable_sources, used_counting
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.service_client import ServiceClient, client_of


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What one upstream said.

    `problem` is why its key cannot be used, None where it can; `exhausted` is where only units have run out.
    """

    service: str
    keys: str
    calls: int = 0
    problem: str | None = None
    exhausted: bool = False


def check_keys(settings: Settings, store: Store) -> Iterator[KeyCheck]:
    """One call per key, two at most where an answer has pages; each is tried once."""
    catalog = load_catalog(settings.catalog_file)
    hasty, now = settings.model_copy(update={"etl_retry_attempts": 1}), datetime.now(UTC)
    asked: set[object] = set()
    for access, genre, playlist in _to_ask(settings, configured(settings, catalog)):
        # What shares its client with another has the same keys.
        same = (access.client, access.needs)
        if same not in asked:
            asked.add(same)
            client = client_of(access)(hasty, now, access)
            for keys, ask in client.key_calls(playlist):
                yield _check(client, keys, ask, store, genre)


def _to_ask(settings: Settings, catalog: Catalog) -> Iterator[tuple[Access, str, Playlist | None]]:
    """All sources and countings that are configured, each with a genre that pays, and a playlist where it has lists."""
    for service in in_order(catalog.services()):
        genre = next(one for one in catalog.genres.values() if service in one.playlists)
        for source in usable_sources(settings, service):
            yield source, genre.key, genre.playlist(service)
    for counted in counted_by():
        if (way := used_counting(settings, counted)) is not None:
            yield way, next(iter(catalog.genres)), None


def _check(client: ServiceClient, keys: str, ask: Callable[[], object], store: Store, genre: str) -> KeyCheck:
    problem, exhausted, calls = None, False, 0
    try:
        with client.opened():
            client.begin_step(store, genre)
            try:
                ask()
            except NotFound:
                pass  # an answer like any other: the key was accepted
            except QuotaExhausted as error:
                problem, exhausted = str(error), True
            except UpstreamError as error:
                problem = str(error)
            metadata = client.call_metadata()
            calls = sum(number for name, number in metadata.items() if name.startswith("calls/"))
    except TuneMeldError as error:
        problem = str(error)
    return KeyCheck(client.label, keys, calls, problem, exhausted)
