"""What the clients of all services share: the address in the three worlds (live, sandbox, replay), the limits, and the bounds and counts
of one step's calls. A service's paths and formats are in its own folder, which also declares the hosts that its clients may reach.
"""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import EntryPoint
from math import ceil
from typing import Any, ClassVar, Self, TypeVar, overload
from urllib.parse import urlsplit

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    PluginError,
    QuotaExhausted,
    SourceGone,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.local.sandbox_service import sandbox_of
from tunemeld_pipeline.plugins.contract import RAPIDAPI_KEY, Access, Counting, Host, IsrcLookup, Purpose, Source
from tunemeld_pipeline.plugins.registry import folder_of, load_catalog, written_list
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.configured import lacking
from tunemeld_pipeline.settings.formats import plain
from tunemeld_pipeline.settings.rules import raise_if_any, required
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import CallBudget, StoredBudget
from tunemeld_pipeline.storage.kept_reads import KeptRead
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream import left_out
from tunemeld_pipeline.upstream.answers import FetchedPlaylist, SearchHit
from tunemeld_pipeline.upstream.client import ErrorReader, HttpClient, Limits
from tunemeld_pipeline.upstream.counts import Charted, Counted
from tunemeld_pipeline.upstream.expected import ExpectedCalls
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.interruption import stop_if_asked
from tunemeld_pipeline.upstream.manners import Manners
from tunemeld_pipeline.upstream.quotas import open_budget
from tunemeld_pipeline.upstream.reading_once import list_once
from tunemeld_pipeline.wire_formats.reading import ReadItems
from tunemeld_pipeline.wire_formats.received import loads

T = TypeVar("T")


def address(settings: Settings, host: Host, as_of: datetime) -> str:
    """Where `host` answers in this world; outside live, the day travels in the path.

    Raises:
        LocalServerError: the sandbox service cannot be started.
    """
    if settings.upstreams is Upstreams.LIVE:
        return live_address(settings, host)
    return f"{sandbox_of(settings)}/{host.key}/at/{as_of:%Y-%m-%d}"


def live_address(settings: Settings, host: Host) -> str:
    """The real service's base address."""
    found: str = getattr(settings, host.address_field, host.address)
    return found


class ServiceClient(ABC):
    """The calls to one upstream service: its connections are open as long as `opened`, its deadline and counts last as long as a step.

    Args:
        settings: the keys, addresses and limits.
        as_of: the observation time.
        access: what is called: its keys, hosts and budgets are all that this client has.
    """

    def __init__(self, settings: Settings, as_of: datetime, access: Access) -> None:
        self.settings = settings
        self.access = access
        named = folder_of(access).named
        title = access.title if isinstance(access, IsrcLookup) else ""
        self.key, self.label, self.slug = named.key, title or named.name, named.slug
        self._as_of = as_of
        self._clients: dict[str, HttpClient] = {}
        self.store: Store
        self._genre = ""
        self._budgets: dict[str, StoredBudget] = {}
        self._budgets_lock = threading.Lock()
        self._left_out = Counter[str]()
        self._left_out_lock = threading.Lock()

    @contextmanager
    def opened(self) -> Generator[Self]:
        """Opens the service's connections.

        Raises:
            SettingsError: a key that it needs is missing.
            PluginError: its client wants a host that its folder does not declare.
        """
        raise_if_any(required(self.settings, lacking(self.settings, self.access)))
        with ExitStack() as stack:
            self._clients = {key: stack.enter_context(client) for key, client in self._make_clients().items()}
            yield self

    @property
    def is_polite(self) -> bool:
        """Whether it asks for no key of a real host: then all runs of an installation together owe that host some manners."""
        return self.settings.upstreams is Upstreams.LIVE and not self.access.needs

    @abstractmethod
    def _make_clients(self) -> dict[str, HttpClient]:
        """The clients of its hosts, by the hosts' keys; `_client` makes one."""

    def is_set(self, name: str) -> bool:
        """Whether a setting that the folder declares has a value."""
        return bool(plain(getattr(self.settings, name.lower(), None)))

    def setting(self, name: str) -> str:
        """The value of a setting that the folder declares, as text; empty where there is none.

        Outside live, one without a default is that which the sandbox accepts: a real key never leaves for it.
        """
        declared = next((one for one in folder_of(self.access).settings if one.name == name), None)
        if declared is None:
            raise PluginError(f"{self.label} reads {name}, which its SETTINGS do not declare; declare it")
        if self.settings.upstreams is not Upstreams.LIVE and not declared.default:
            return SANDBOX_KEY
        return plain(getattr(self.settings, declared.field, declared.default))

    @abstractmethod
    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:
        """The cheapest call for each of its keys that shows whether it is accepted, with the names of the keys; none where it has no call.

        Args:
            playlist: one that it may ask for; None where it has no lists.
        """

    def budgets(self) -> Mapping[str, StoredBudget]:
        """The budgets that this service's calls are taken from now, by name."""
        return {bucket.name: self._budget(bucket.name) for bucket in self.access.budgets}

    def settle(self, name: str, purpose: Purpose, waiting: int = 0) -> None:
        """The step's genre has taken what it could of a bucket today; it wanted `waiting` more calls, which got no answer."""
        self._budget(name).settle(self._genre, purpose, waiting)

    def _budget(self, name: str) -> StoredBudget:
        bucket = next((one for one in self.access.budgets if one.name == name), None)
        if bucket is None:
            raise PluginError(
                f"{self.label} takes calls from the budget {name}, which its folder does not declare; declare it"
            )
        # Live, a quota day begins while a run is under way; elsewhere the day is that of the answers.
        at = datetime.now(UTC) if self.settings.upstreams is Upstreams.LIVE else self._as_of
        key = f"{name}/{bucket.day(at)}"
        with self._budgets_lock:
            if key not in self._budgets:
                genres = tuple(load_catalog(self.settings.catalog_file).genres) if bucket.keeps else ()
                self._budgets[key] = open_budget(self.store, self.settings, bucket, at, genres)
            return self._budgets[key]

    def _pay(self, name: str, purpose: Purpose, leaving: int = 0) -> CallBudget:
        return self._budget(name).for_calls(purpose, self._genre, leaving)

    def begin_step(self, store: Store, genre: str = "") -> None:
        """Starts the step's time and counts; its calls are for `genre`, and paid from the budgets in `store`."""
        self.store = store
        self._genre = genre
        self._left_out.clear()
        for client in self._clients.values():
            client.begin_step(self.settings.etl_step_deadline)

    def quota_left(self) -> dict[str, int]:
        """The units left of each stored budget."""
        return {name: budget.left() for name, budget in self.budgets().items()}

    def call_metadata(self) -> dict[str, Any]:
        """The sums of this step's calls, for Dagster: calls, retries, bytes and seconds."""
        tallies = [client.tally for client in self._clients.values()]
        remaining = [tally.plan_remaining for tally in tallies if tally.plan_remaining is not None]
        slug = self.slug
        return {
            f"calls/{slug}": sum(tally.calls for tally in tallies),
            f"retries/{slug}": sum(tally.retries for tally in tallies),
            f"bytes/{slug}": sum(tally.bytes for tally in tallies),
            f"upstream_seconds/{slug}": round(sum(tally.seconds for tally in tallies), 3),
            **({f"plan_left/{slug}": min(remaining)} if remaining else {}),
            **self._left_out,
        }

    def _noted(self, endpoint: str, reading: ReadItems[T]) -> list[T]:
        """The items of an answer; what was left out of it is counted for the step, by reason."""
        with self._left_out_lock:
            self._left_out += left_out.of_answer(self.slug, endpoint, reading)
        return reading.items

    def _client(
        self, key: str, headers: Mapping[str, str] | None = None, read_error: ErrorReader | None = None
    ) -> HttpClient:
        """A client of one of the declared hosts; it follows no redirect, and so reaches no other."""
        settings, host = self.settings, self._host(key)
        rate: float = getattr(settings, host.rate_field, host.per_second)
        limits = Limits(
            attempts=settings.etl_retry_attempts,
            first_wait=settings.etl_retry_delay,
            request_timeout=settings.etl_request_timeout,
            call_deadline=settings.etl_call_deadline,
            threads=settings.etl_thread_count,
        )
        contact = f"{settings.app_name}/{settings.app_version} (+{settings.upstream_contact})"
        return HttpClient(
            self.label,
            address(settings, host, self._as_of),
            {"User-Agent": contact, **(headers or {})},
            limits,
            read_error or no_known_error,
            manners=self._manners(host, rate) if settings.upstreams is Upstreams.LIVE else None,
            keyless=not self.access.needs,
        )

    def _manners(self, host: Host, rate: float) -> Manners:
        lease = self.settings.etl_request_timeout if self.is_polite else None
        return Manners(self.label, host.key, rate, lambda: self.store.hosts, lease)

    def _rapidapi_client(self, key: str) -> HttpClient:
        gateway = urlsplit(live_address(self.settings, self._host(key))).netloc
        headers = {"X-RapidAPI-Key": self.setting(RAPIDAPI_KEY.name), "X-RapidAPI-Host": gateway}
        return self._client(key, headers, read_rapidapi_error)

    def _host(self, key: str) -> Host:
        for host in self.access.hosts:
            if host.key == key:
                return host
        raise PluginError(f"{self.label} calls the host {key}, which its folder does not declare; declare it")


class ListClient(ServiceClient):
    """The client of a service that has playlists."""

    describes: ClassVar[bool] = False
    """Whether a playlist's name and cover take a call of their own, which `description` makes."""

    description_is_paid: ClassVar[bool] = False
    """Whether that call is taken from its budget."""

    rows_per_call: ClassVar[int] = 10_000
    """How many rows of a list one call brings."""

    def expected(self, rows: int, *, described: bool) -> list[ExpectedCalls]:
        """The calls for a list of so many rows, whose name and cover may be known already."""
        paid = next((bucket.name for bucket in self.access.budgets), None)
        calls = [ExpectedCalls(paid, max(1, ceil(rows / self.rows_per_call)), "playlist")]
        if self.description_is_paid and not described:
            calls.append(ExpectedCalls(paid, 1, "name and cover"))
        return calls

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:
        """Its playlist, where it has no cheaper call."""
        return [(written_list(self.access.needs), partial(self.read_once, playlist))] if playlist else []

    def read_once(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, as everybody asks for it; from a real host that asks for no key it is read once in 20 hours, whoever asks.

        Raises:
            UpstreamError: no whole playlist came, or did when it was read.
        """
        if not self.is_polite:
            return self.playlist(playlist)
        source = self.access
        assert isinstance(source, Source)  # noqa: S101
        key, *older = [f"{source.name}.{form}/{playlist.url}" for form in range(source.format, 0, -1)]
        return list_once(
            self.store.kept_reads,
            key,
            partial(self._asked, playlist),
            service=self.label,
            seconds=self.settings.etl_step_deadline,
            older=older,
            reread=partial(self._reread, playlist),
        )

    def _reread(self, playlist: Playlist, earlier: KeptRead) -> FetchedPlaylist | None:  # noqa: ARG002
        """The list in what a reader of an older format has kept; None where this one finds none in it."""
        text = earlier.body or earlier.refused
        if text is None or not isinstance(self.access, Source):
            return None
        body = loads(text)
        pages = tuple(body) if isinstance(body, list) else (body,)
        try:
            self.access.read(pages, text)
        except MalformedResponse:
            return None
        return FetchedPlaylist(text, pages, earlier.incomplete)

    def _asked(self, playlist: Playlist, known: KeptRead | None) -> FetchedPlaylist:  # noqa: ARG002
        """The playlist from its host, which may know the read before again."""
        return self.playlist(playlist)

    @abstractmethod
    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """

    def description(self, playlist: Playlist) -> PlaylistDescription:
        """The playlist's name, description and cover.

        Raises:
            UpstreamError: nothing usable came.
        """
        raise NotImplementedError


class TrackClient(ListClient):
    """The client of a source whose lists leave out ISRCs that its tracks have."""

    @property
    @abstractmethod
    def client(self) -> HttpClient:
        """The client whose threads look-ups run on."""

    @abstractmethod
    def recording(self, track_id: str) -> Row | None:
        """What the service says of a track, as a row that can be compared; None where it has no such track.

        Raises:
            UpstreamError: nothing usable came.
        """


class CountClient(ServiceClient):
    """The client of a source of counts."""

    @abstractmethod
    def count(self, charted: Charted) -> Counted:
        """Today's counts of a chart; a count that could not be read is absent, and its error says why."""

    def expected_counts(self, charted: Charted) -> list[ExpectedCalls]:  # noqa: ARG002
        """The calls that counting would take, as far as the stored data shows; none where nothing is known."""
        return []


class IsrcClient(ServiceClient):
    """The client of a service that looks ISRCs up by words."""

    @property
    @abstractmethod
    def client(self) -> HttpClient:
        """The client whose threads look-ups run on."""

    @abstractmethod
    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        """Tracks that the service finds for these words, its best first.

        Args:
            again: whether the same was asked before and not found, so that others go first.

        Raises:
            UpstreamError: no list came.
        """

    @abstractmethod
    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """The ISRCs of tracks by their ids; tracks without one are left out.

        Raises:
            UpstreamError: a call gave no list.
        """

    def expected_isrcs(self, searches: int) -> list[ExpectedCalls]:  # noqa: ARG002
        """The calls for so many look-ups; none where nobody has said."""
        return []

    def keep_found(self, found: Mapping[str, Mapping[str, str]], at: datetime) -> None:
        """Keeps what else was found of each recording, by ISRC, where that spares a look-up later."""


class HintClient(ServiceClient):
    """The client of what tells ISRCs by a service's track ids, several a call. What it says must be confirmed."""

    @property
    @abstractmethod
    def client(self) -> HttpClient:
        """The client whose threads look-ups run on."""

    @abstractmethod
    def recordings(self, track_ids: Sequence[str]) -> dict[str, Row]:
        """What it says of these tracks, by id; those that it does not know are left out.

        Raises:
            UpstreamError: nothing usable came.
        """


@overload
def client_of(access: Source) -> type[ListClient]: ...
@overload
def client_of(access: Counting) -> type[CountClient]: ...
@overload
def client_of(access: IsrcLookup) -> type[IsrcClient] | type[HintClient]: ...
@overload
def client_of(access: Access) -> type[ServiceClient]: ...
def client_of(access: Access) -> type[ServiceClient]:
    """The client class of a source, a counting or a look-up.

    Raises:
        PluginError: its client cannot be imported.
    """
    try:
        found = EntryPoint(access.client, access.client, "").load()
    except (ImportError, AttributeError) as error:
        raise PluginError(f"{access.client} cannot be loaded: {error}; install its package anew") from error
    kind: type[ServiceClient] = found
    return kind


def begin_step(store: Store, genre: str, *upstreams: ServiceClient) -> None:
    """Starts an asset's calls for a genre on these services: counted from zero, bounded together, paid from the budgets in `store`."""
    stop_if_asked()
    store.handle.refuse_if_lost()
    for upstream in upstreams:
        upstream.begin_step(store, genre)


def quota_left(*upstreams: ServiceClient) -> dict[str, int]:
    """What is left of these services' budgets, by name."""
    return {name: left for upstream in upstreams for name, left in upstream.quota_left().items()}


def call_metadata(*upstreams: ServiceClient) -> dict[str, Any]:
    """The sums of the step's calls and what is left of the budgets, for Dagster."""
    merged: dict[str, Any] = {}
    for upstream in upstreams:
        for name, number in upstream.call_metadata().items():
            # Two sources of one service count together; what is left of a plan is each one's own.
            is_sum = name in merged and not name.startswith("plan_left/")
            merged[name] = merged[name] + number if is_sum else number
    return merged | {f"quota_left/{name}": left for name, left in quota_left(*upstreams).items()}


def no_known_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:  # noqa: ARG001
    """For services whose errors show in the status alone."""
    return None


def read_rapidapi_error(service: str, _status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """The gateway's error body, `{"message": …}`, with any status.

    The texts are those of captured responses and of RapidAPI's documentation.
    """
    message = data.get("message") if isinstance(data, dict) else None
    if not isinstance(message, str):
        return None
    text = message.lower()
    if "quota" in text:
        return QuotaExhausted.of_the_plan(service)
    if "rate limit" in text or "too many requests" in text:
        return UpstreamUnavailable(service, "the RapidAPI plan's rate limit was hit", retry_after=retry_after(headers))
    if "invalid api key" in text:
        return CredentialsRefused(service, "RapidAPI refused the key", remedy="check RAPIDAPI_KEY")
    if "not subscribed" in text:
        return CredentialsRefused(
            service, "RAPIDAPI_KEY's account is not subscribed to its API", remedy="subscribe at rapidapi.com"
        )
    if "does not exist" in text or "doesn't exist" in text:
        return SourceGone(service, "the gateway knows no such endpoint")
    return None
