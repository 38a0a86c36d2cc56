"""How requests are counted: for all workers together, within bounded memory, and never too many."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from limits import parse

from django_backend.client_address import ClientAddresses
from django_backend.rate_limits import BUCKETS, WAYS, RateLimits, SharedCounts, rate_limits
from tunemeld_pipeline.settings.settings import Settings

DAY = 24 * 3600
"""Seconds of a window that does not end during a test, but at midnight."""


@pytest.fixture
def counts(tmp_path: Path) -> SharedCounts:
    return SharedCounts(tmp_path / "counts")


def limits_of(counts: SharedCounts, limit: str = "3/day", *, spares_this_machine: bool = False) -> RateLimits:
    return RateLimits(parse(limit), counts, ClientAddresses(("1",)), spares_this_machine=spares_this_machine)


def test_it_works(counts: SharedCounts) -> None:
    limits = limits_of(counts)
    left = []
    for _ in range(3):
        passed = limits.passed("127.0.0.1", "203.0.113.7")
        assert passed is not None
        assert passed.refusal is None
        headers = dict(passed.headers)
        assert headers["RateLimit-Policy"] == '"default";q=3;w=86400'
        left.append(headers["RateLimit"].split(";")[1])
    assert left == ["r=2", "r=1", "r=0"]
    passed = limits.passed("127.0.0.1", "203.0.113.7")
    assert passed is not None
    assert passed.refusal is not None
    status, sent, body = passed.refusal
    headers = dict(sent)
    problem = json.loads(body)
    assert (status, problem["status"], headers["Content-Type"]) == (429, 429, "application/problem+json")
    assert problem["violated-policies"] == ["default"]
    assert headers["Retry-After"] in problem["detail"]
    assert 0 < int(headers["Retry-After"]) <= DAY
    assert dict(passed.headers)["RateLimit"] == f'"default";r=0;t={headers["Retry-After"]}'
    other = limits.passed("127.0.0.1", "203.0.113.8")
    assert other is not None
    assert other.refusal is None


def test_other_workers_count_the_same_clients(counts: SharedCounts, tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(_count, tmp_path / "counts", "a client").result(timeout=300) == 1
    assert counts.incr("a client", DAY) == 2


def _count(path: Path, key: str) -> int:
    return SharedCounts(path).incr(key, DAY)


def test_memory_is_bounded_however_many_addresses_come(counts: SharedCounts, tmp_path: Path) -> None:
    size = (tmp_path / "counts").stat().st_size
    assert size < 2**21
    for number in range(3_000):
        assert counts.incr(f"10.0.{number}", DAY) >= 1
    assert (tmp_path / "counts").stat().st_size == size
    assert BUCKETS * WAYS == 65_536


def test_where_there_is_no_room_the_smallest_count_makes_way_and_nobody_gets_anothers(counts: SharedCounts) -> None:
    _, places = counts.place("busy")
    others: list[str] = []
    number = 0
    while len(others) < WAYS:
        number += 1
        if min(counts.place(str(number))[1]) == min(places):
            others.append(str(number))
    for _ in range(10):
        counts.incr("busy", DAY)
    assert [counts.incr(other, DAY) for other in others] == [1] * WAYS
    assert counts.incr("busy", DAY) == 11


def test_a_window_that_is_over_counts_for_nothing(counts: SharedCounts) -> None:
    assert counts.incr("a client", DAY) == 1
    assert counts.incr("a client", 2 * DAY) == 1
    assert counts.get("a client") == 1
    counts.clear("a client")
    assert counts.get("a client") == 0
    counts.incr("a client", DAY)
    counts.reset()
    assert counts.get("a client") == 0


def test_this_machine_is_spared_unless_somebody_sets_a_limit(tmp_path: Path) -> None:
    by_default = rate_limits(Settings(home=tmp_path))
    assert by_default is not None
    assert by_default.passed("127.0.0.1", "") is None
    assert by_default.passed("203.0.113.7", "") is not None
    chosen = rate_limits(Settings(home=tmp_path, rate_limit="5/minute"))
    assert chosen is not None
    assert chosen.passed("127.0.0.1", "") is not None
    assert rate_limits(Settings(home=tmp_path, rate_limit="off")) is None
