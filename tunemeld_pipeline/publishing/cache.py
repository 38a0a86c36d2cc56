"""The cache of rendered responses, behind one protocol.

This module has the backends, chooses the one that the settings name, and keeps an entry as text; `responses.py` decides what is cached.
When a cache is broken, a read counts as a miss. Calls to Cloudflare Workers KV follow its documentation: raw values, `PUT /bulk` with
`expiration_ttl`, errors with codes; a new value is visible everywhere within 60 s, not at once.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import quote

from cachetools import TLRUCache

from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.publishing.forms import JSON_TYPE, Content, Link
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.upstream.client import Answer, HttpClient, Limits, UnlimitedBudget
from tunemeld_pipeline.upstream.headers import retry_after

SHORTEST_TTL = 60
"""Cloudflare refuses a shorter `expiration_ttl`."""

PAIRS_PER_WRITE = 10_000
LONGEST_KEY_BYTES = 512
MEMORY_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A cached answer: its body with media type and links, the version that it was rendered from, and when it was stored."""

    body: str
    version: int
    stored_at: datetime
    media_type: str = JSON_TYPE
    links: tuple[Link, ...] = ()

    def to_text(self) -> str:
        """The entry as a backend keeps it."""
        kept = {"version": self.version, "stored_at": self.stored_at.isoformat(), "body": self.body}
        more = {"media_type": self.media_type, "links": self.links}
        return json.dumps(kept | more, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "CacheEntry | None":
        """The entry that this text holds, or None: a malformed value is a miss."""
        try:
            data = json.loads(text)
            stored_at = datetime.fromisoformat(data["stored_at"])
            body, version = data["body"], data["version"]
            media_type, links = data.get("media_type", JSON_TYPE), [Link(*one) for one in data.get("links", [])]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        if not isinstance(body, str) or type(version) is not int or version < 0 or stored_at.tzinfo is None:
            return None
        if not body.isascii() and any("\ud800" <= character <= "\udfff" for character in body):
            return None  # half a surrogate pair, which no answer can hold
        if not all(one is None or _is_header_text(one) for link in links for one in link) or not _is_header_text(
            media_type
        ):
            return None
        return cls(body, version, stored_at, media_type, tuple(links))

    @property
    def content(self) -> Content:
        """The answer, as of when it was stored."""
        return Content(self.body, self.stored_at, self.media_type, self.links)


class Cache(Protocol):
    """Where entries are kept under short text keys, each until its time is over."""

    def get(self, key: str) -> CacheEntry | None:
        """The entry, or None where it is missing or malformed, or the cache does not answer."""

    def check(self, key: str) -> None:
        """Reads the key to see whether the cache answers; finding nothing under it is an answer.

        Raises:
            UpstreamError: the cache did not answer.
        """

    def put_many(self, entries: Mapping[str, CacheEntry], ttl: int) -> None:
        """Keeps all entries for `ttl` seconds.

        Raises:
            ValueError: a key is longer than 512 bytes, or the ttl is shorter than 60 s.
            UpstreamError: the cache did not take them.
        """

    def delete(self, key: str) -> None:
        """Forgets the entry, if it exists.

        Raises:
            UpstreamError: the cache did not answer.
        """


class MemoryCache:
    """A bounded cache of this process: the entry used longest ago goes first.

    Args:
        max_entries: how many entries it may hold.
        clock: seconds, by which entries expire.
    """

    def __init__(self, max_entries: int = MEMORY_ENTRIES, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._entries: TLRUCache[str, tuple[CacheEntry, int]] = TLRUCache(
            max_entries, ttu=lambda _key, value, now: now + value[1], timer=clock
        )

    def get(self, key: str) -> CacheEntry | None:
        """The entry, or None."""
        with self._lock:
            kept = self._entries.get(key)
        return kept[0] if kept else None

    def check(self, key: str) -> None:
        """Does nothing: a process always reaches its own memory."""

    def put_many(self, entries: Mapping[str, CacheEntry], ttl: int) -> None:
        """Keeps all entries for `ttl` seconds."""
        _refuse_unkeepable(entries, ttl)
        with self._lock:
            for key, entry in entries.items():
                self._entries[key] = (entry, ttl)

    def delete(self, key: str) -> None:
        """Forgets the entry."""
        with self._lock:
            self._entries.pop(key, None)


class CloudflareCache:
    """Cloudflare Workers KV.

    Args:
        client: its base URL is `{base}/accounts/{account}/storage/kv/namespaces/{namespace}`, its headers hold the token.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def get(self, key: str) -> CacheEntry | None:
        """The entry, or None; a KV that is down or sends nonsense is a miss too."""
        try:
            return self._value(key)
        except UpstreamError:
            return None

    def check(self, key: str) -> None:
        """Reads the key to see whether KV answers."""
        with suppress(NotFound):
            self._value(key)

    def put_many(self, entries: Mapping[str, CacheEntry], ttl: int) -> None:
        """Keeps all entries for `ttl` seconds, in as few writes as KV allows."""
        _refuse_unkeepable(entries, ttl)
        pairs = [
            {"key": key, "value": entry.to_text(), "expiration_ttl": ttl} for key, entry in sorted(entries.items())
        ]
        left_out, why = 0, ""
        for start in range(0, len(pairs), PAIRS_PER_WRITE):
            left = pairs[start : start + PAIRS_PER_WRITE]
            sent = len(left)
            try:
                self._client.request("PUT", "/bulk", partial(_note_taken, left), payload=left, budget=UnlimitedBudget())
            except UpstreamError as error:
                if not isinstance(error, _KeysLeftOut) and start == 0 and len(left) == sent:
                    raise  # nothing was taken at all
                left_out += len(left)
                why = why or ("" if isinstance(error, _KeysLeftOut) else f" ({error})")
        if left_out:
            raise UpstreamUnavailable(self._client.service, f"{left_out} of {len(pairs)} keys not taken{why}")

    def delete(self, key: str) -> None:
        """Forgets the entry; KV answers success for a missing key."""
        self._client.request("DELETE", f"/values/{quote(key, safe='')}", _success, budget=UnlimitedBudget())

    def _value(self, key: str) -> CacheEntry | None:
        return self._client.request(
            "GET",
            f"/values/{quote(key, safe='')}",
            lambda answer: CacheEntry.from_text(answer.text),
            budget=UnlimitedBudget(),
            expect_json=False,
        )


@contextmanager
def open_cache(settings: Settings, limits: Limits) -> Generator[Cache]:
    """The cache that the settings name, for as long as the block lasts."""
    if settings.cache is CacheBackend.MEMORY:
        yield MemoryCache()
        return
    base = (
        f"{settings.cloudflare_base_url}/accounts/{settings.cloudflare_account_id}"
        f"/storage/kv/namespaces/{settings.cloudflare_namespace_id}"
    )
    token = settings.cloudflare_api_token
    headers = {"Authorization": f"Bearer {token.get_secret_value() if token else ''}"}
    with HttpClient("Cloudflare KV", base, headers, limits, read_cloudflare_error) as client:
        yield CloudflareCache(client)


def pipeline_limits(settings: Settings) -> Limits:
    """How often and how long the pipeline tries to write to the cache."""
    return Limits(
        attempts=settings.etl_retry_attempts,
        first_wait=settings.etl_retry_delay,
        request_timeout=settings.etl_request_timeout,
        call_deadline=settings.etl_call_deadline,
        threads=1,
    )


def cache_key(settings: Settings, path: str) -> str:
    """The key of a response's path; each world has its own keys."""
    return f"{settings.database_name}:{path}"


def read_cloudflare_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """Cloudflare's error body, `{"success": false, "errors": [{"code", "message"}]}`."""
    errors = data.get("errors") if isinstance(data, dict) else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return None
    code = errors[0].get("code")
    if code == 10000 or status in (401, 403):
        return CredentialsRefused(
            service, "the token was refused", remedy="check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID"
        )
    if code == 10009 or status == 404:
        return NotFound(service, "no such key or namespace", remedy="check CLOUDFLARE_NAMESPACE_ID")
    if status == 429 or status >= 500:
        return UpstreamUnavailable(service, f"answered {status}", retry_after=retry_after(headers))
    return MalformedResponse(service, f"refused the call (code {code}: {str(errors[0].get('message'))[:120]})")


def new_entry(content: Content, version: int) -> CacheEntry:
    """An entry stored now.

    Raises:
        ValueError: the content is no text.
    """
    if not isinstance(content.body, str):
        raise ValueError("the shared cache keeps texts only")
    return CacheEntry(content.body, version, datetime.now(UTC), content.media_type, content.links)


def _is_header_text(value: object) -> bool:
    """Whether this may be sent in a header: plain ASCII without control characters."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


class _KeysLeftOut(UpstreamUnavailable):
    """A bulk write succeeded but for some keys, which the next try sends."""


def _note_taken(left: list[dict[str, Any]], answer: Answer) -> None:
    """Takes the pairs that KV has taken out of `left`, which is what a further try sends."""
    _success(answer)
    refused = (answer.data.get("result") or {}).get("unsuccessful_keys") or []
    sent, unsuccessful = len(left), set(refused)
    rest = [pair for pair in left if pair["key"] in unsuccessful]
    if len(rest) < len(unsuccessful):
        raise ValueError("a key that was not sent is named")
    left[:] = rest
    if left:
        raise _KeysLeftOut("Cloudflare KV", f"{len(left)} of {sent} keys not taken")


def _success(answer: Answer) -> None:
    if answer.data["success"] is not True:
        raise ValueError("success is not true")


def _refuse_unkeepable(entries: Mapping[str, CacheEntry], ttl: int) -> None:
    if ttl < SHORTEST_TTL:
        raise ValueError(f"a ttl of {ttl} s is too short; at least {SHORTEST_TTL}")
    for key in entries:
        if len(key.encode()) > LONGEST_KEY_BYTES:
            raise ValueError(f"the key {key[:40]}… is longer than {LONGEST_KEY_BYTES} bytes")
