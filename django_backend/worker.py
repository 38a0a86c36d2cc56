"""The pages that one worker keeps in memory, and the thread that keeps them up to date.

The thread looks for new materializations and renders their pages. While the database is down, pages come from memory or from the
shared cache. `publishing/responses.py` makes the responses; `caching.py` and `serving.py` send them.

Only this thread renders, so each worker renders a genre once per materialization, no matter how many requests wait for it. The
thread starts with a worker's first request, because a MongoDB client must not be carried across a fork.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from structlog.contextvars import bound_contextvars

from django_backend.caching import FRESH_CONTROL, Rendering, rendering
from django_backend.names import NamedLocks
from django_backend.on_demand import OnDemand
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.documents import Materialization, Publication, PublishedVersion
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD
from tunemeld_pipeline.errors import DatabaseUnavailable, StoreError, TuneMeldError, UnreadableDocument
from tunemeld_pipeline.logs.measuring import measured_render
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.publishing.cache import Cache, cache_key, open_cache
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.publication import genre_contents, shared_contents
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.publishing.responses import GENRES_PATH
from tunemeld_pipeline.publishing.v1.today import GenreToday, genre_today
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connected_store
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import Limits
from tunemeld_pipeline.upstream.quotas import QuotaUse, quota_use

POLL_SECONDS = 2.0
CONFIRMED_SECONDS = 10.0
"""Data that no look at the database has confirmed for this long are stale: the thread hangs, or renders for a very long time."""

HOLD_SECONDS = 1.5
"""While the next run writes, its documents mix with the published ones, so the old pages stay for one more look."""

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


class Unanswerable(TuneMeldError):
    """Neither this worker nor the shared cache has the response, and the database cannot help.

    `for_clients` is what a client may know of the reason.
    """

    transient = True
    for_clients = "the database is unreachable and no cache has this answer; try again in a moment"


class UnreadableData(Unanswerable):
    """The database answers, but the stored document behind this response cannot be read."""

    def __init__(self, error: UnreadableDocument) -> None:
        super().__init__(str(error))
        self.for_clients = (
            f"a stored document of this answer cannot be read ({error.name}), and no cache has the answer;"
            " `tunemeld db check` says what to do"
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A page, the age of its data in seconds if it is stale, and where it came from."""

    page: Rendering
    stale_seconds: int | None
    source: str


@dataclass(frozen=True, slots=True)
class KnownQuotas:
    """The quotas' use according to the database, and when it was read, on the monotonic clock."""

    uses: Sequence[QuotaUse] = ()
    read_at: float = float("-inf")


class Rendered:
    """One worker's pages.

    Attributes:
        pages: path → page; replaced as a whole.
        versions: genre → the version that the last look saw.
        materializations: genre → the materialization that its pages were rendered from.
        unreadable: what cannot be read of the stored documents, as far as this worker has met it at its last looks.
        quotas: their use, read now and then; none while the database is unreachable.
    """

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self.pages: Mapping[str, Rendering] = {}
        self.materializations: Mapping[str, Materialization] = {}
        self._settings = settings
        self._catalog = catalog
        self._pid = 0
        self._start_lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        """Sets up the state that belongs to one process."""
        self._looked = threading.Event()
        self._confirmed = float("-inf")
        self.quotas = KnownQuotas()
        self._versions: Mapping[str, PublishedVersion] = {}
        self.versions: Mapping[str, int] = {}
        self._unversioned: Mapping[str, UnreadableDocument] = {}
        self._left_out: dict[str, list[UnreadableDocument]] = {}
        self._unrendered: dict[str, UnreadableDocument] = {}
        self._told: dict[str, str] = {}
        self._withheld = NOTHING_WITHHELD
        self._first_seen: dict[tuple[str, int], float] = {}
        self._store: Store | None = None
        self._cache: Cache | None = None
        self._lock = threading.Lock()
        self._makers = NamedLocks()
        self._fallbacks: dict[str, tuple[float, Rendering | None]] = {}
        self._on_demand = OnDemand()
        self._todays: dict[str, GenreToday] = {}

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
    def unreadable(self) -> list[UnreadableDocument]:
        """What this worker cannot read, each document once."""
        met = [*self._unversioned.values(), *(one for errors in list(self._left_out.values()) for one in errors)]
        return list({(one.collection, one.document_id): one for one in met}.values())

    def unreadable_of(self, genre: str | None) -> UnreadableDocument | None:
        """The document without which this genre's pages cannot be rendered, if there is one."""
        return self._unversioned.get(genre or "") or self._unrendered.get(genre or "")

    @property
    def publications(self) -> dict[str, Publication]:
        """The outcome of each genre's last bulk write to the shared cache, according to the last look."""
        return {genre: one.publication for genre, one in self._versions.items() if one.publication}

    def stale_seconds(self, page: Rendering) -> int | None:
        """The age of a page's data, unless they are known to be the newest."""
        if self.is_confirmed:
            return None
        return max(0, int((datetime.now(UTC) - page.modified).total_seconds()))

    def find(self, path: str, genre: str | None = None) -> Found | None:
        """The page for a path; None if the genre, or this part of it, is not materialized yet.

        Raises:
            Unanswerable: neither the memory nor the shared cache has it.
        """
        self.ensure_started()
        self._looked.wait(FIRST_LOOK_SECONDS)
        page = self.pages.get(path)
        if page is not None:
            return Found(page, self.stale_seconds(page), "worker")
        unreadable = self.unreadable_of(genre)
        never = self.is_confirmed and genre is not None and genre not in self._versions and unreadable is None
        if genre in self.materializations or never:
            return None
        page = self._from_shared_cache(path)
        if page is None:
            raise UnreadableData(unreadable) if unreadable else Unanswerable(f"no cache has {path}")
        age = max(0, int((datetime.now(UTC) - page.modified).total_seconds()))
        return Found(page, age, "shared cache")

    def kept(self, address: str) -> Rendering | None:
        """The page that was made for this address (a path with its canonical query), if it is what would be made now."""
        return self._on_demand.get(address, self.versions if self.is_confirmed else None)

    def made(
        self,
        address: str,
        genres: Iterable[str],
        make: Callable[[Store], Content | None],
        control: str = FRESH_CONTROL,
    ) -> Found | None:
        """The page of an address that is made on demand: the one that is kept, or a new one; None where there is nothing to show.

        Args:
            genres: whose versions it depends on.
            make: makes it from the collections at one moment.
            control: its Cache-Control.

        Raises:
            Unanswerable: the page is not in memory, and the database is unreachable.
        """
        self.ensure_started()
        self._looked.wait(FIRST_LOOK_SECONDS)
        if (page := self.kept(address)) is not None:
            return Found(page, self.stale_seconds(page), "worker")
        if not self.is_confirmed:
            raise Unanswerable(f"no cache has {address}")
        store = self.store
        versions = {genre: self.versions.get(genre, 0) for genre in genres}
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
            self._look_at_quotas()
            time.sleep(POLL_SECONDS)

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
        try:
            fresh = self.store.anew()
            versions = fresh.charts.versions()
            self._unversioned = {error.document_id: error for error in fresh.unreadable}
            rendered = {genre: one.version for genre, one in self.materializations.items()}
            changed = [
                genre
                for genre, one in versions.items()
                if genre in self._catalog.genres and rendered.get(genre) != one.version
            ]
            self._versions = versions
            self.versions = {genre: one.version for genre, one in versions.items()}
            self._confirmed = time.monotonic()
            for genre in changed:
                self._render_alone(genre, versions[genre].version)
            if changed or GENRES_PATH not in self.pages:
                self._render_genres()
            self._confirmed = time.monotonic()
        except TuneMeldError as error:
            self._confirmed = float("-inf")
            if was_confirmed or not self._looked.is_set():
                log.warning("serving the last known pages", error=str(error), error_type=type(error).__name__)
            return
        except Exception:
            # The next look may succeed; without this thread the worker's pages would silently grow old.
            self._confirmed = float("-inf")
            log.exception("looking for new materializations failed")
            return
        if not was_confirmed:
            log.info("the database answers; pages are current")
        if not self._looked.is_set():
            self._warn_of_an_old_server()

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

    def _render_alone(self, genre: str, version: int) -> None:
        """Renders a genre; what goes wrong in it leaves the other genres alone."""
        try:
            self._render(genre, version)
        except TuneMeldError:
            raise
        except Exception:
            log.exception("rendering failed; the last version stays", genre=genre, version=version)

    def _render(self, genre: str, version: int) -> None:
        first_seen = self._first_seen.setdefault((genre, version), time.monotonic())
        try:
            with self.store.for_visitors() as view:
                materialization = view.charts.materialization(genre)
                if materialization is None:
                    return  # removed since the versions were read
                documents = read_documents(view, materialization)
        except DatabaseUnavailable:
            raise
        except UnreadableDocument as error:
            self._unrendered[genre], self._left_out[genre] = error, [error]
            self._tell(genre, version, error)
            return
        except StoreError as error:
            self._tell(genre, version, error)
            return
        held = genre in self.materializations and time.monotonic() - first_seen < HOLD_SECONDS
        if not documents.settled and held:
            return
        made_from = {genre: materialization.version}
        with bound_contextvars(genre=genre), measured_render(f"version {version}"):
            pages = {
                path: rendering(path, content, made_from)
                for path, content in genre_contents(documents, self._catalog.genres[genre]).items()
            }
            added = genre_today(self._catalog.genres[genre], documents.chart, documents.last_days)
        self._note_rendered(genre, view.unreadable)
        self._todays = {**self._todays, **({genre: added} if added else {})}
        self._withheld = documents.withheld
        self.pages = {**self.pages, **pages}
        self.materializations = {**self.materializations, genre: materialization}
        self._first_seen = {key: seen for key, seen in self._first_seen.items() if key[0] != genre}

    def _tell(self, genre: str, version: int, error: StoreError) -> None:
        """Logs why a genre was not rendered, once: the next look, two seconds later, finds the same."""
        if self._told.get(genre) != str(error):
            self._told[genre] = str(error)
            log.error(
                "rendering failed; the last version stays",
                genre=genre,
                version=version,
                error=str(error),
                error_type=type(error).__name__,
            )

    def _note_rendered(self, genre: str, left_out: list[UnreadableDocument]) -> None:
        self._unrendered.pop(genre, None)
        self._told.pop(genre, None)
        self._left_out[genre] = left_out
        for error in left_out:
            log.warning("a stored document is left out", genre=genre, error=str(error), error_type=type(error).__name__)

    def _render_genres(self) -> None:
        made_from = {genre: one.version for genre, one in self.materializations.items()}
        contents = shared_contents(self._catalog, self.materializations, self._todays, self._withheld)
        self.pages = {**self.pages, **{path: rendering(path, one, made_from) for path, one in contents.items()}}
