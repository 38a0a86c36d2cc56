"""What one worker of the API can answer now, and the thread that keeps it up to date.

A genre is rendered when somebody first asks for it, once however many requests wait, and stays in memory (`held.py`) until genres that were
asked for since need the room. The thread looks for new materializations, renews what is held, and renders what all genres share. While the
database is down, pages come from memory or from the shared cache. `renderer.py` makes the pages; `caching.py` and `serving.py` send them.

The thread starts with a worker's first request, because a MongoDB client must not be carried across a fork.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django_backend.caching import FRESH_CONTROL, Rendering, rendering
from django_backend.found import Found, NotYet, Unanswerable, UnreadableData
from django_backend.held import HeldPages
from django_backend.names import NamedLocks
from django_backend.on_demand import OnDemand
from django_backend.renderer import EVERY_GENRE, Pages, Renderer
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.documents import Materialization, Publication, PublishedVersion
from tunemeld_pipeline.errors import DatabaseUnavailable, StoreError, TuneMeldError, UnreadableDocument
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.publishing.cache import Cache, cache_key, open_cache
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.responses import GENRES_PATH
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connected_store
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import Limits
from tunemeld_pipeline.upstream.quotas import QuotaUse, quota_use

POLL_SECONDS = 2.0
CONFIRMED_SECONDS = 10.0
"""Data that no look at the database has confirmed for this long are stale: the thread hangs, or renders for a very long time."""

RENEW_SECONDS = 2.5
"""How long a look renders at most: where very many genres change at once, as all do when something is withheld, what was not asked for
lately is dropped and rendered for who asks."""

PAUSE_SECONDS = 0.2
"""Between two looks while there is more to catch up with."""

GENRES_AT_ONCE = 20
AHEAD_SECONDS, AHEAD_AGAIN_SECONDS = 0.2, 60.0
"""How long a look renders what nobody has asked for yet, and when it tries a genre again."""

ON_DEMAND_SHARE = 4
"""One part in so many of the memory for pages is for those that are made for single requests."""

TODAY = "/today"
"""The name of the held group of today's answer, apart from the others that all genres share: it takes longest. No genre has such a key."""

FIRST_LOOK_SECONDS = 10.0
FIND_SECONDS, ANSWER_SECONDS = 1.0, 5.0
CACHE_SECONDS = 0.5
HIT_KEPT, MISS_KEPT = 60.0, 5.0
"""Seconds. Workers KV itself takes 60 to spread a new value everywhere."""

QUOTAS_SECONDS = 15.0
"""Between two looks at the quotas: what Prometheus asks for no more often than that by default need not be newer."""

FROM_SHARED_CACHE = {"shared cache": -1}
"""What a page from the shared cache was made from: no version that a look sees."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnownQuotas:
    """The quotas' use according to the database, and when it was read, on the monotonic clock."""

    uses: Sequence[QuotaUse] = ()
    read_at: float = float("-inf")


class Rendered:
    """One worker's pages.

    Attributes:
        versions: genre → the version that the last look saw; `EVERY_GENRE` → a number that rises with each of them.
        quotas: their use, read now and then; none while the database is unreachable.
    """

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._pid = 0
        self._start_lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        """Sets up the state that belongs to one process."""
        self._looked = threading.Event()
        self._caught_up = threading.Event()
        self._confirmed = float("-inf")
        self._is_away = False
        self.quotas = KnownQuotas()
        self._versions: Mapping[str, PublishedVersion] = {}
        self.versions: Mapping[str, int] = {}
        self._changes = 0
        self._unversioned: Mapping[str, UnreadableDocument] = {}
        self._store: Store | None = None
        self._cache: Cache | None = None
        self._lock = threading.Lock()
        self._rendering, self._makers = NamedLocks(), NamedLocks()
        self._tried: dict[str, float] = {}
        self._fallbacks: dict[str, tuple[float, Rendering | None]] = {}
        bound = self._settings.api_pages_megabytes * 2**20
        self._on_demand = OnDemand(bound // ON_DEMAND_SHARE)
        self._held = HeldPages(bound - bound // ON_DEMAND_SHARE)
        self._renderer = Renderer(self._catalog, lambda: self.store)

    # -- called by requests

    def ensure_started(self) -> None:
        """Starts the thread if this process has none yet."""
        if self._pid == os.getpid():
            return
        with self._start_lock:
            if self._pid != os.getpid():
                self._begin()
                threading.Thread(target=self._watch, name="rendered", daemon=True).start()
                self._pid = os.getpid()

    def wait_for_first_look(self) -> None:
        """Waits until this worker has looked for what there is, though not for long where the database does not answer."""
        self.ensure_started()
        self._looked.wait(FIRST_LOOK_SECONDS)

    @property
    def is_confirmed(self) -> bool:
        """Whether the database recently confirmed that the pages are the newest."""
        return time.monotonic() - self._confirmed < CONFIRMED_SECONDS

    @property
    def store(self) -> Store:
        """The collections, through this worker's client.

        Raises:
            TuneMeldError: the server's address is unknown.
        """
        with self._lock:
            if self._store is None:
                self._store = connected_store(self._settings, FIND_SECONDS, ANSWER_SECONDS)
            return self._store

    @property
    def cache(self) -> Cache:
        """The shared cache, which never delays a request by more than half a second."""
        with self._lock:
            if self._cache is None:
                limits = Limits(attempts=1, request_timeout=CACHE_SECONDS, call_deadline=CACHE_SECONDS, threads=1)
                # Stays open until the process ends.
                self._cache = open_cache(self._settings, limits).__enter__()
            return self._cache

    @property
    def pages(self) -> Mapping[str, Rendering]:
        """The rendered pages that are held, by path."""
        return self._held.pages

    @property
    def materializations(self) -> Mapping[str, Materialization]:
        """Genre → what readers may trust of it, as this worker last read it."""
        return dict(self._renderer.materializations)

    def materialization(self, genre: str) -> Materialization | None:
        """What readers may trust of a genre, as this worker last read it; None if it was never published."""
        return self._renderer.materializations.get(genre)

    @property
    def unreadable(self) -> list[UnreadableDocument]:
        """What of the stored documents this worker cannot read, as far as it has met it, each document once."""
        met = [*self._unversioned.values(), *self._renderer.left_out]
        return list({(one.collection, one.document_id): one for one in met}.values())

    def unreadable_of(self, genre: str | None) -> UnreadableDocument | None:
        """The document without which this genre's pages cannot be rendered, if there is one."""
        return self._unversioned.get(genre or "") or self._renderer.unreadable_of(genre or "")

    def answers_for(self, genre: str) -> bool:
        """Whether this worker has an answer for a genre, or can make one: from the database, or while that is away from a cache."""
        if self.is_confirmed:
            return genre in self._versions
        return self._held.version(genre) is not None or self._from_shared_cache(GENRES_PATH) is not None

    @property
    def publications(self) -> dict[str, Publication]:
        """The outcome of each genre's last bulk write to the shared cache, according to the last look."""
        return {genre: one.publication for genre, one in self._versions.items() if one.publication}

    def stale_seconds(self, page: Rendering) -> int | None:
        """The age of a page's data, unless they are known to be the newest."""
        if self.is_confirmed:
            return None
        return max(0, int((datetime.now(UTC) - page.modified).total_seconds()))

    def ready(self, address: str) -> Rendering | None:
        """The page of an address that is in memory, and what would be made now."""
        page = self._held.get(address)
        return self.kept(address) if page is None else page

    def find(self, path: str, genre: str | None = None) -> Found | None:
        """The page for a path; None if the genre, or this part of it, is not materialized yet.

        Args:
            genre: the genre whose pages it belongs to; None for what all genres share.

        Raises:
            Unanswerable: neither the memory, the database nor the shared cache has it.
        """
        self.wait_for_first_look()
        page, source = self._held.get(path), "worker"
        if page is None:
            source = "database" if self._could_make(genre) else "worker"
            # Before its page is looked up: it may be put there at any moment.
            is_held = genre is not None and self._held.version(genre) is not None
            page = self._held.get(path)
            if page is None and is_held:
                return None
        if page is not None:
            return Found(page, self.stale_seconds(page), source)
        unreadable = self.unreadable_of(genre)
        never = (
            not self._is_away
            and self._looked.is_set()
            and genre is not None
            and genre not in self._versions
            and unreadable is None
        )
        if never:
            return None
        page = self._from_shared_cache(path)
        if page is None:
            if unreadable:
                raise UnreadableData(unreadable)
            raise (NotYet if genre is None and self.is_confirmed else Unanswerable)(f"no cache has {path}")
        age = max(0, int((datetime.now(UTC) - page.modified).total_seconds()))
        return Found(page, age, "shared cache")

    def _could_make(self, genre: str | None) -> bool:
        """Whether a genre was rendered for this request; what all genres share, the thread renders, so wait for that."""
        if genre is None:
            self._caught_up.wait(FIRST_LOOK_SECONDS)
            return False
        # A thread that is late on a busy machine says nothing of the database.
        if self._is_away:
            return False
        try:
            return self._render_once(genre, every=POLL_SECONDS, asked_for=True)
        except TuneMeldError:
            # The thread's next look finds out too.
            return False

    def kept(self, address: str) -> Rendering | None:
        """The page that was made for this address (a path with its canonical query), if it is what would be made now."""
        return self._on_demand.get(address, self.versions if self.is_confirmed else None)

    def made(
        self,
        address: str,
        genre: str,
        make: Callable[[Store], Content | None],
        control: str = FRESH_CONTROL,
    ) -> Found | None:
        """The page of an address that is made on demand: the one that is kept, or a new one; None where there is nothing to show.

        Args:
            genre: whose version it depends on; `EVERY_GENRE` for that of all.
            make: makes it from the collections at one moment.
            control: its Cache-Control.

        Raises:
            Unanswerable: the page is not in memory, and the database is unreachable.
        """
        self.wait_for_first_look()
        if (page := self.kept(address)) is not None:
            return Found(page, self.stale_seconds(page), "worker")
        if self._is_away:
            raise Unanswerable(f"no cache has {address}")
        store = self.store
        versions = {genre: self.versions.get(genre, 0)}
        with self._makers.of(address):
            page = self.kept(address)
            if page is None:
                try:
                    with store.for_visitors() as view:
                        content = make(view)
                except DatabaseUnavailable as error:
                    raise Unanswerable(str(error)) from error
                except UnreadableDocument as error:
                    raise UnreadableData(error) from error
                if content is None:
                    return None
                content = replace(content, modified=view.withheld.modified(content.modified))
                page = rendering(address, content, versions, control)
                self._on_demand.keep(address, page)
        return Found(page, None, "database")

    def derived(self, address: str, source: Found, make: Callable[[Rendering], Content], root: str = "") -> Found:
        """A page made from another one alone, such as its first rows; kept as long as that one is the newest.

        Args:
            root: scheme and host of the request, where the page holds addresses of this site.
        """
        name = root + address
        page = self.kept(name)
        if page is None or page.made_from != source.page.made_from:
            page = rendering(address, make(source.page), source.page.made_from, source.page.control)
            self._on_demand.keep(name, page)
        return Found(page, source.stale_seconds, source.source)

    def dates(self, genre: str) -> list[str]:
        """The days with a chart, oldest first.

        Raises:
            Unanswerable: the database is unreachable.
        """
        try:
            return self.store.charts.chart_dates(genre)
        except StoreError as error:
            raise Unanswerable(str(error)) from error

    def _from_shared_cache(self, path: str) -> Rendering | None:
        with self._makers.of(path):
            asked_at, page = self._fallbacks.get(path, (float("-inf"), None))
            if time.monotonic() - asked_at < (HIT_KEPT if page else MISS_KEPT):
                return page
            entry = self.cache.get(cache_key(self._settings, path))
            # If the cache does not answer now, keep what it returned before.
            page = rendering(path, entry.content, FROM_SHARED_CACHE) if entry else page
            self._fallbacks[path] = (time.monotonic(), page)
            return page

    # -- the thread

    def _watch(self) -> None:
        while True:
            self._look()
            self._looked.set()
            is_done = self._catch_up()
            self._look_at_quotas()
            time.sleep(POLL_SECONDS if is_done else PAUSE_SECONDS)

    def _look_at_quotas(self) -> None:
        """Reads the quotas for the metrics, so that no request for them reaches the database."""
        if not self.is_confirmed:
            self.quotas = KnownQuotas()
        elif time.monotonic() - self.quotas.read_at >= QUOTAS_SECONDS:
            try:
                uses = quota_use(self.store.anew(), self._settings, datetime.now(UTC))
            except TuneMeldError as error:
                log.warning("the metrics have no quotas", error=str(error), error_type=type(error).__name__)
                uses = []
            except Exception:
                # A document that nobody expected; the thread has pages to look after.
                log.exception("the metrics have no quotas")
                uses = []
            self.quotas = KnownQuotas(uses, time.monotonic())

    def _look(self) -> None:
        was_confirmed = self.is_confirmed
        if self._reached(self._look_at_versions, "looking for new materializations failed") and not was_confirmed:
            log.info("the database answers; pages are current")
            if not self._looked.is_set():
                self._warn_of_an_old_server()

    def _reached(self, act: Callable[[], None], failure: str) -> bool:
        """Whether the database let the thread do this; where it did not, pages are as they were."""
        was_confirmed = self.is_confirmed
        try:
            act()
        except TuneMeldError as error:
            self._confirmed, self._is_away = float("-inf"), True
            self._caught_up.set()
            if was_confirmed or not self._looked.is_set():
                log.warning("serving the last known pages", error=str(error), error_type=type(error).__name__)
            return False
        except Exception:
            # The next look may succeed; without this thread the worker's pages would silently grow old.
            self._confirmed, self._is_away = float("-inf"), True
            self._caught_up.set()
            log.exception(failure)
            return False
        self._confirmed, self._is_away = time.monotonic(), False
        return True

    def _look_at_versions(self) -> None:
        """Reads every genre's version, and renews the held pages of those that changed, those used last first."""
        fresh = self.store.anew()
        versions = fresh.charts.versions()
        self._unversioned = {error.document_id: error for error in fresh.unreadable}
        if not self.is_confirmed:
            self._caught_up.clear()
        numbers = {genre: one.version for genre, one in versions.items()}
        if numbers != {genre: one.version for genre, one in self._versions.items()}:
            self._changes += 1
        self._versions, self.versions = versions, {**numbers, EVERY_GENRE: self._changes}
        self._confirmed = time.monotonic()
        changed = {
            genre
            for genre, number in numbers.items()
            if genre in self._catalog.genres and (self._held.version(genre) or self._renderer.version(genre)) != number
        }
        held = [genre for genre in self._held.names() if genre in changed]
        if others := changed.difference(held):
            self._renderer.read(others)
        self._renew(held)

    def _renew(self, genres: Iterable[str]) -> None:
        ends = time.monotonic() + RENEW_SECONDS
        for genre in genres:
            if time.monotonic() < ends:
                self._render(genre, asked_for=False)
            else:
                # Rather rendered for who asks than shown as it was.
                self._held.drop(genre)

    def _catch_up(self) -> bool:
        """Renders what all genres share, and with spare time genres that nobody has asked for yet; whether all of it is done."""
        if not self.is_confirmed:
            return True
        is_done = self._reached(self._catch_up_shared, "rendering what all genres share failed") and (
            self._held.version(EVERY_GENRE) == self._changes and self._held.version(TODAY) == self._changes
        )
        if is_done:
            self._caught_up.set()
            self._reached(self._render_ahead, "rendering ahead failed")
        return is_done

    def _catch_up_shared(self) -> None:
        if self._held.version(EVERY_GENRE) != self._changes:
            self._hold_shared(EVERY_GENRE, self._renderer.shared(self._changes))
        ends = time.monotonic() + RENEW_SECONDS
        while (missing := self._renderer.without_today()) and time.monotonic() < ends:
            self._renderer.read_today(missing[:GENRES_AT_ONCE])
        if not missing and self._held.version(TODAY) != self._changes:
            self._hold_shared(TODAY, self._renderer.today(self._changes))

    def _hold_shared(self, name: str, pages: Pages) -> None:
        self._held.put(name, pages, self._changes, stays=True)

    def _render_ahead(self) -> None:
        """Renders genres that nobody has asked for, in the order of the catalogue, while there is room and little time has passed."""
        ends = time.monotonic() + AHEAD_SECONDS
        for genre in self._catalog.genres:
            if time.monotonic() > ends or not self._held.has_room():
                return
            self._render_once(genre, every=AHEAD_AGAIN_SECONDS, asked_for=False)

    def _warn_of_an_old_server(self) -> None:
        """Says once, as the worker starts, that nobody mends the server which keeps what cannot be read again."""
        if self._settings.upstreams is not Upstreams.LIVE:
            return
        with suppress(TuneMeldError):
            server = self.store.layout.server()
            if ended := server.support_ended(datetime.now(UTC).date()):
                log.warning(
                    "MongoDB's support of the server's version has ended; install a supported one, see docs/operations.md",
                    version=server.version,
                    support_ended=str(ended),
                )

    # -- called by both

    def _render_once(self, genre: str, *, every: float, asked_for: bool) -> bool:
        """Renders a genre that has a version and is not held, unless that failed in the last so many seconds; whether it was rendered.

        Raises:
            TuneMeldError: the database is unreachable.
        """
        if genre not in self._versions or genre not in self._catalog.genres:
            return False
        with self._rendering.of(genre):
            if (
                self._held.version(genre) is not None
                or time.monotonic() - self._tried.get(genre, float("-inf")) < every
            ):
                return False
            self._tried[genre] = time.monotonic()
            is_rendered = self._render(genre, asked_for=asked_for)
            if is_rendered:
                del self._tried[genre]
            return is_rendered

    def _render(self, genre: str, *, asked_for: bool) -> bool:
        pages = self._renderer.genre(genre, self.versions.get(genre, 0), may_wait=self._held.version(genre) is not None)
        if pages is None:
            return False
        self._held.put(genre, pages, self._renderer.materializations[genre].version, used=asked_for)
        return True
