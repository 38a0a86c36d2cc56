"""What the clients of all services share: the address in the three worlds (live, sandbox, replay), the limits, and the bounds and counts
of one step's calls. A service's paths and formats are in its own folder.
"""

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import EntryPoint
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    NotFound,
    PluginError,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.local.credentials import RAPIDAPI_KEY
from tunemeld_pipeline.local.sandbox_service import sandbox_of
from tunemeld_pipeline.plugins.registry import installed, load_catalog
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import CallBudget, Purpose, StoredBudget
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream import left_out
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import ErrorReader, HttpClient, Limits
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.interruption import stop_if_asked
from tunemeld_pipeline.upstream.quotas import BUCKETS, open_budget
from tunemeld_pipeline.wire_formats.reading import Reading

T = TypeVar("T")


class Endpoint(StrEnum):
    """An upstream's base address; the value is its path under the sandbox's root."""

    SPOTIFY = "spotify"
    APPLE_MUSIC = "apple_music"
    SOUNDCLOUD = "soundcloud"
    YOUTUBE = "youtube"
    SPOTIFY_WEB_API = "spotify_web_api"
    SPOTIFY_ACCOUNTS = "spotify_accounts"
    SPOTIFY_OEMBED = "spotify_oembed"
    SOUNDCLOUD_OEMBED = "soundcloud_oembed"


def live_address(settings: Settings, endpoint: Endpoint) -> str:
    """The real service's base address."""
    suffix = "url" if endpoint.name.endswith("OEMBED") else "base_url"
    address: str = getattr(settings, f"{endpoint.value}_{suffix}")
    return address


def address(settings: Settings, endpoint: Endpoint, as_of: datetime) -> str:
    """Where `endpoint` answers in this world; outside live, the day travels in the path.

    Raises:
        LocalServerError: the sandbox service cannot be started.
    """
    if settings.upstreams is Upstreams.LIVE:
        return live_address(settings, endpoint)
    return f"{sandbox_of(settings)}/{endpoint.value}/at/{as_of:%Y-%m-%d}"


class ServiceClient(ABC):
    """The calls to one upstream service: its connections are open as long as `opened`, its deadline and counts last as long as a step.

    Args:
        settings: the keys, addresses and limits.
        as_of: the observation time.
    """

    bucket_names: ClassVar[tuple[str, ...]]
    """The buckets of `upstream/quotas.py` that its calls are taken from."""

    def __init__(self, settings: Settings, as_of: datetime) -> None:
        self.settings = settings
        self._as_of = as_of
        self._clients: dict[Endpoint, HttpClient] = {}
        self._store: Store
        self._genre = ""
        self._budgets: dict[str, StoredBudget] = {}
        self._budgets_lock = threading.Lock()
        self._left_out = Counter[str]()
        self._left_out_lock = threading.Lock()

    @contextmanager
    def opened(self) -> Generator[Self]:
        """Opens the service's connections.

        Raises:
            SettingsError: a key that live upstreams need is missing.
        """
        self.settings.require_pipeline()
        with ExitStack() as stack:
            self._clients = {endpoint: stack.enter_context(client) for endpoint, client in self._make_clients().items()}
            yield self

    @property
    @abstractmethod
    def label(self) -> str:
        """The name that people and errors use, for example "Spotify"."""

    @abstractmethod
    def _make_clients(self) -> dict[Endpoint, HttpClient]:
        """The clients of this service's endpoints."""

    def budgets(self) -> Mapping[str, StoredBudget]:
        """The budgets that this service's calls are taken from now, by name."""
        return {name: self._budget(name) for name in self.bucket_names}

    def settle(self, name: str, purpose: Purpose, waiting: int = 0) -> None:
        """The step's genre has taken what it could of a bucket today; it wanted `waiting` more calls, which got no answer."""
        self._budget(name).settle(self._genre, purpose, waiting)

    def _budget(self, name: str) -> StoredBudget:
        bucket = BUCKETS[name]
        # Live, a quota day begins while a run is under way; elsewhere the day is that of the answers.
        at = datetime.now(UTC) if self.settings.upstreams is Upstreams.LIVE else self._as_of
        key = f"{name}/{bucket.day(at)}"
        with self._budgets_lock:
            if key not in self._budgets:
                genres = tuple(load_catalog(self.settings.catalog_file).genres) if bucket.keeps else ()
                self._budgets[key] = open_budget(self._store, self.settings, bucket, at, genres)
            return self._budgets[key]

    def _pay(self, name: str, purpose: Purpose, leaving: int = 0) -> CallBudget:
        return self._budget(name).for_calls(purpose, self._genre, leaving)

    def begin_step(self, store: Store, genre: str = "") -> None:
        """Starts the step's time and counts; its calls are for `genre`, and paid from the budgets in `store`."""
        self._store = store
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
        slug = self._slug
        return {
            f"calls/{slug}": sum(tally.calls for tally in tallies),
            f"retries/{slug}": sum(tally.retries for tally in tallies),
            f"bytes/{slug}": sum(tally.bytes for tally in tallies),
            f"upstream_seconds/{slug}": round(sum(tally.seconds for tally in tallies), 3),
            **({f"plan_left/{slug}": min(remaining)} if remaining else {}),
            **self._left_out,
        }

    @property
    def _slug(self) -> str:
        return self.label.lower().replace(" ", "_")

    def _noted(self, endpoint: str, reading: Reading[T]) -> list[T]:
        """The items of an answer; what was left out of it is counted for the step, by reason."""
        with self._left_out_lock:
            self._left_out += left_out.of_answer(self._slug, endpoint, reading)
        return reading.items

    def _key(self, secret: SecretStr | None, sandbox_key: str) -> str:
        # A real key never leaves for the sandbox.
        if self.settings.upstreams is not Upstreams.LIVE:
            return sandbox_key
        return secret.get_secret_value() if secret else ""

    def _client(
        self, endpoint: Endpoint, headers: Mapping[str, str], per_second: float, read_error: ErrorReader
    ) -> HttpClient:
        settings = self.settings
        live = settings.upstreams is Upstreams.LIVE
        limits = Limits(
            attempts=settings.etl_retry_attempts,
            first_wait=settings.etl_retry_delay,
            request_timeout=settings.etl_request_timeout,
            call_deadline=settings.etl_call_deadline,
            threads=settings.etl_thread_count,
            per_second=per_second if live else None,
        )
        named = {"User-Agent": f"{settings.app_name}/{settings.app_version}", **headers}
        return HttpClient(self.label, address(settings, endpoint, self._as_of), named, limits, read_error)

    def _rapidapi_client(self, endpoint: Endpoint, per_second: float) -> HttpClient:
        host = urlsplit(live_address(self.settings, endpoint)).netloc
        headers = {"X-RapidAPI-Key": self._key(self.settings.rapidapi_key, RAPIDAPI_KEY), "X-RapidAPI-Host": host}
        return self._client(endpoint, headers, per_second, read_rapidapi_error)


class ListClient(ServiceClient):
    """The client of a service that has playlists."""

    describes: ClassVar[bool] = False
    """Whether a playlist's name and cover take a call of their own, which `description` makes."""

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


def list_client(service: str) -> type[ListClient]:
    """The client class of a service's source.

    Raises:
        PluginError: the service is not installed, or its client cannot be imported.
    """
    client = installed(service).sources[0].client
    try:
        found = EntryPoint(service, client, "").load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"{client}, the client of {service}, cannot be loaded: {error}; install its package anew"
        ) from error
    kind: type[ListClient] = found
    return kind


def begin_step(store: Store, genre: str, *upstreams: ServiceClient) -> None:
    """Starts an asset's calls for a genre on these services: counted from zero, bounded together, paid from the budgets in `store`."""
    stop_if_asked()
    for upstream in upstreams:
        upstream.begin_step(store, genre)


def quota_left(*upstreams: ServiceClient) -> dict[str, int]:
    """What is left of these services' budgets, by name."""
    return {name: left for upstream in upstreams for name, left in upstream.quota_left().items()}


def call_metadata(*upstreams: ServiceClient) -> dict[str, Any]:
    """The sums of the step's calls and what is left of the budgets, for Dagster."""
    merged: dict[str, Any] = {}
    for upstream in upstreams:
        merged |= upstream.call_metadata()
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
    if "does not exist" in text:
        return NotFound(service, "the gateway knows no such endpoint")
    return None
