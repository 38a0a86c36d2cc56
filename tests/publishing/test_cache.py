"""The two cache backends: this process's memory, and Workers KV over real HTTP to the sandbox."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sandbox.conftest import serving
from tests.wire import WireServer, answer
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.local.credentials import CLOUDFLARE_API_TOKEN
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.cache import (
    LONGEST_KEY_BYTES,
    PAIRS_PER_WRITE,
    SHORTEST_TTL,
    Cache,
    CacheEntry,
    CloudflareCache,
    MemoryCache,
    read_cloudflare_error,
)
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.sandbox.halves import sizes
from tunemeld_pipeline.sandbox.upstreams.cloudflare import Cloudflare
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.upstream.client import HttpClient, Limits

NAMESPACE = "accounts/sandbox/storage/kv/namespaces/sandbox"
ENTRY = CacheEntry('{"status": "success", "data": "Łódź 🎧"}', 7, datetime(2026, 11, 22, 2, 31, tzinfo=UTC))

OpenKv = Callable[..., CloudflareCache]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def kv(root: str, token: str = CLOUDFLARE_API_TOKEN, **limits: Any) -> Iterator[CloudflareCache]:
    """Workers KV as the sandbox under `root` plays it."""
    chosen = Limits(**{"attempts": 1, "first_wait": 0.0, "request_timeout": 5.0, "threads": 1, **limits})
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{root}/cloudflare/{NAMESPACE}"
    with HttpClient("Cloudflare KV", base, headers, chosen, read_cloudflare_error) as client:
        yield CloudflareCache(client)


@pytest.fixture
def open_kv(sandbox_root: str, faults: Faults) -> Iterator[OpenKv]:
    """Opens caches on the session's sandbox: `open_kv(attempts=2)`."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(kv(sandbox_root, **more))


@pytest.fixture(params=["memory", "cloudflare"])
def cache(request: pytest.FixtureRequest) -> Cache:
    """Each backend in turn."""
    if request.param == "memory":
        return MemoryCache()
    opened: Cache = request.getfixturevalue("open_kv")()
    return opened


# Both backends


def test_it_works(cache: Cache) -> None:
    cache.put_many({"/graph-data/pop": ENTRY, "/graph-data/rap": replace(ENTRY, version=8)}, SHORTEST_TTL)
    assert cache.get("/graph-data/pop") == ENTRY
    assert cache.get("/graph-data/rap") == replace(ENTRY, version=8)


def test_a_missing_key_is_a_miss(cache: Cache) -> None:
    assert cache.get("/nobody/wrote/this") is None


def test_a_later_entry_takes_the_place_of_an_earlier_one(cache: Cache) -> None:
    cache.put_many({"/again": ENTRY}, SHORTEST_TTL)
    cache.put_many({"/again": replace(ENTRY, version=8)}, SHORTEST_TTL)
    assert cache.get("/again") == replace(ENTRY, version=8)


def test_a_deleted_entry_is_gone_and_deleting_it_twice_is_no_error(cache: Cache) -> None:
    cache.put_many({"/deleted": ENTRY}, SHORTEST_TTL)
    cache.delete("/deleted")
    cache.delete("/deleted")
    assert cache.get("/deleted") is None


@pytest.mark.parametrize("key", ["a/b?c=d&e#f", "tänze 🎧 100 %", "x" * LONGEST_KEY_BYTES])
def test_a_key_may_hold_any_character(cache: Cache, key: str) -> None:
    cache.put_many({key: ENTRY}, SHORTEST_TTL)
    assert cache.get(key) == ENTRY


def test_what_cannot_be_kept_is_refused_before_anything_is_written(cache: Cache) -> None:
    with pytest.raises(ValueError, match="a ttl of 59 s is too short; at least 60"):
        cache.put_many({"/short": ENTRY}, SHORTEST_TTL - 1)
    with pytest.raises(ValueError, match="longer than 512 bytes"):
        cache.put_many({"/first": ENTRY, "é" * 257: ENTRY}, SHORTEST_TTL)
    assert cache.get("/first") is None


# Entries as text


def test_an_entry_survives_being_kept_as_text() -> None:
    assert CacheEntry.from_text(ENTRY.to_text()) == ENTRY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "{}",
        '{"version": 1, "stored_at": "2026-11-22T00:00:00+00:00"}',
        '{"version": "1", "stored_at": "2026-11-22T00:00:00+00:00", "body": ""}',
        '{"version": 1, "stored_at": "2026-11-22T00:00:00+00:00", "body": {}}',
        '{"version": 1, "stored_at": "2026-11-22T00:00:00", "body": ""}',
        '{"version": 1, "stored_at": "yesterday", "body": ""}',
        '{"version": 1, "stored_at": 5, "body": ""}',
        "[" * 100_000,
    ],
)
def test_a_malformed_value_is_a_miss(text: str) -> None:
    assert CacheEntry.from_text(text) is None


# Memory


def test_an_entry_in_memory_ends_with_its_ttl() -> None:
    clock = Clock()
    cache = MemoryCache(clock=clock)
    cache.put_many({"/short": ENTRY}, 60)
    cache.put_many({"/long": ENTRY}, 3600)
    clock.now += 59
    assert cache.get("/short") == ENTRY
    clock.now += 2
    assert cache.get("/short") is None
    assert cache.get("/long") == ENTRY


def test_memory_is_bounded_and_what_was_used_longest_ago_goes_first() -> None:
    cache = MemoryCache(max_entries=3)
    for key in "abc":
        cache.put_many({key: ENTRY}, 60)
    cache.get("a")
    cache.put_many({"d": ENTRY}, 60)
    assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]


# Workers KV


def test_a_value_is_kept_raw_under_its_percent_encoded_key(open_kv: OpenKv, sandbox_root: str) -> None:
    open_kv().put_many({"tunemeld:/graph-data/pop": ENTRY}, SHORTEST_TTL)
    url = f"{sandbox_root}/cloudflare/{NAMESPACE}/values/{quote('tunemeld:/graph-data/pop', safe='')}"
    stored = requests.get(url, headers={"Authorization": f"Bearer {CLOUDFLARE_API_TOKEN}"}, timeout=300)
    assert stored.text == ENTRY.to_text()


def test_an_entry_in_kv_ends_with_its_expiration_ttl() -> None:
    clock, catalog = Clock(), load_catalog()
    app = create_app(World(1, catalog, sizes()), catalog)
    app.state.sandbox.upstreams["cloudflare"] = Cloudflare(clock)
    with serving(app) as root, kv(root) as cache:
        cache.put_many({"/short": ENTRY}, 60)
        cache.put_many({"/long": ENTRY}, 3600)
        clock.now += 61
        assert cache.get("/short") is None
        assert cache.get("/long") == ENTRY


def test_many_entries_are_written_in_as_few_calls_as_kv_allows(open_kv: OpenKv, faults: Faults) -> None:
    cache = open_kv()
    cache.put_many({f"/{number}": ENTRY for number in range(PAIRS_PER_WRITE + 1)}, SHORTEST_TTL)
    assert faults.requests()["cloudflare"] == {"bulk": 2}
    assert cache.get(f"/{PAIRS_PER_WRITE}") == ENTRY
    cache.put_many({}, SHORTEST_TTL)
    assert faults.requests()["cloudflare"]["bulk"] == 2


@pytest.mark.parametrize("value", [b"", b"<html>", b"\xff\xfe", b'{"version": 1}'])
def test_a_malformed_value_in_kv_is_a_miss(sandbox_root: str, open_kv: OpenKv, value: bytes) -> None:
    key = f"/malformed/{value.hex()}"
    url = f"{sandbox_root}/cloudflare/{NAMESPACE}/values/{quote(key, safe='')}?expiration_ttl=60"
    headers = {"Authorization": f"Bearer {CLOUDFLARE_API_TOKEN}"}
    assert requests.put(url, data=value, headers=headers, timeout=300).status_code == 200
    assert open_kv().get(key) is None


@pytest.mark.parametrize("fault", ["429", "500", "401", "error-body", "half-json", "cut", "cut-mid-body"])
def test_a_kv_in_trouble_is_a_miss(open_kv: OpenKv, faults: Faults, fault: str) -> None:
    cache = open_kv()
    cache.put_many({"/there": ENTRY}, SHORTEST_TTL)
    faults.add("cloudflare", fault, seconds=0)
    assert cache.get("/there") is None
    assert cache.get("/there") == ENTRY


def test_a_slow_kv_is_a_miss_in_bounded_time(open_kv: OpenKv, faults: Faults) -> None:
    faults.add("cloudflare", "stall", seconds=120)
    started = time.monotonic()
    assert open_kv(request_timeout=0.2).get("/there") is None
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", CredentialsRefused),
        ("403", CredentialsRefused),
        ("404", NotFound),
        ("429", UpstreamUnavailable),
        ("500", UpstreamUnavailable),
        ("error-body", CredentialsRefused),
        ("half-json", UpstreamUnavailable),
    ],
)
def test_a_write_that_kv_does_not_take_is_an_error(
    open_kv: OpenKv, faults: Faults, fault: str, error: type[UpstreamError]
) -> None:
    faults.add("cloudflare", fault, times=2, seconds=0)
    with pytest.raises(error, match=r"^Cloudflare KV: "):
        open_kv().put_many({"/lost": ENTRY}, SHORTEST_TTL)
    with pytest.raises(error, match=r"^Cloudflare KV: "):
        open_kv().delete("/lost")


def test_a_wrong_token_is_named_and_not_shown(open_kv: OpenKv) -> None:
    cache = open_kv(token="canary-7f3a9c51e2b84d06")
    with pytest.raises(CredentialsRefused, match="check CLOUDFLARE_API_TOKEN") as caught:
        cache.put_many({"/refused": ENTRY}, SHORTEST_TTL)
    assert "canary" not in str(caught.value)
    assert cache.get("/refused") is None


def test_a_bulk_write_that_leaves_keys_out_is_tried_again_for_those_alone(open_kv: OpenKv, faults: Faults) -> None:
    cache = open_kv(attempts=3)
    faults.add("cloudflare", "in-part", endpoint="bulk", times=2)
    names = ["/in-part/a", "/in-part/b", "/in-part/c"]
    cache.put_many(dict.fromkeys(names, ENTRY), SHORTEST_TTL)
    assert [cache.get(name) for name in names] == [ENTRY] * 3
    assert faults.requests()["cloudflare"]["bulk"] == 3


def test_keys_that_are_not_taken_are_counted(open_kv: OpenKv, faults: Faults) -> None:
    cache = open_kv()
    faults.add("cloudflare", "in-part", endpoint="bulk")
    with pytest.raises(UpstreamUnavailable, match=r"^Cloudflare KV: 1 of 2 keys not taken$"):
        cache.put_many({"/counted/a": ENTRY, "/counted/b": ENTRY}, SHORTEST_TTL)
    assert (cache.get("/counted/a"), cache.get("/counted/b")) == (ENTRY, None)


def test_the_keys_of_all_writes_are_counted_together(open_kv: OpenKv, faults: Faults) -> None:
    cache = open_kv()
    faults.add("cloudflare", "in-part", endpoint="bulk")
    with pytest.raises(UpstreamUnavailable, match=r"5000 of 10001 keys not taken$"):
        cache.put_many({f"/{number:05}": ENTRY for number in range(PAIRS_PER_WRITE + 1)}, SHORTEST_TTL)
    assert faults.requests()["cloudflare"]["bulk"] == 2


def test_a_rest_that_is_refused_says_why(open_kv: OpenKv, faults: Faults) -> None:
    cache = open_kv(attempts=2)
    faults.add("cloudflare", "in-part", endpoint="bulk")
    faults.add("cloudflare", "500", endpoint="bulk")
    with pytest.raises(
        UpstreamUnavailable, match=r"^Cloudflare KV: 1 of 2 keys not taken \(Cloudflare KV: answered 500\)$"
    ):
        cache.put_many({"/rest/a": ENTRY, "/rest/b": ENTRY}, SHORTEST_TTL)


@pytest.mark.parametrize("result", [None, {}, {"unsuccessful_keys": None}, {"unsuccessful_keys": []}])
def test_a_bulk_write_that_names_no_key_took_all(result: Any) -> None:
    reply = answer({"success": True, "errors": [], "messages": [], "result": result})
    with WireServer([reply]) as server, kv(server.url) as cache:
        cache.put_many({"/a": ENTRY}, SHORTEST_TTL)


@pytest.mark.parametrize(
    "result", [{"unsuccessful_keys": 1}, {"unsuccessful_keys": [{}]}, {"unsuccessful_keys": ["/b"]}, "none"]
)
def test_a_bulk_answer_without_its_structure_is_malformed(result: Any) -> None:
    reply = answer({"success": True, "errors": [], "messages": [], "result": result})
    with WireServer([reply]) as server, kv(server.url) as cache, pytest.raises(MalformedResponse):
        cache.put_many({"/a": ENTRY}, SHORTEST_TTL)
