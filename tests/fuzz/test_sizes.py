"""What is too large or too deep is refused by counting it, in a process whose memory is measured."""

import gzip
import subprocess
import sys
from collections.abc import Iterator

import brotli
import pytest

from tests.wire import Received, WireServer, answer, head

MEGABYTE = b" " * 1_000_000
SCRIPT = """
import resource, sys
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.errors import UpstreamError
from tunemeld_pipeline.upstream.client import HttpClient, Limits

class Purse:
    def spend(self, units): pass
    def declare_exhausted(self): pass
    def note_plan(self, stated): pass

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6

limits = Limits(attempts=1, first_wait=0, request_timeout=30, call_deadline=60, threads=1)
with HttpClient("Test", sys.argv[1], {}, limits) as client:
    before = peak()
    try:
        client.get("/", {}, lambda answer: parse_playlist("Spotify", answer.text), budget=Purse())
        print("accepted")
    except UpstreamError as error:
        print(type(error).__name__, str(error)[:300].replace("\\n", " "))
    print(round(peak() - before))
"""
ALLOWED_MEGABYTES = 300
"""The largest body that is read is 15 MB, held as bytes, as text and as up to a million values; what is refused here has 100 MB or more."""


def endless(_: Received) -> Iterator[bytes]:
    yield head({"Content-Length": "100000000"})
    for _piece in range(100):
        yield MEGABYTE


def packed(body: bytes, encoding: str) -> bytes:
    return answer(body, headers={"Content-Encoding": encoding})


BODIES = {
    "100 MB": (lambda: endless, "MalformedResponse Test: the answer to / is larger than 15 MB"),
    "100 MB that came as 100 KB of gzip": (
        lambda: packed(gzip.compress(MEGABYTE * 100), "gzip"),
        "is larger than 15 MB",
    ),
    "100 MB that came as a few bytes of brotli": (
        lambda: packed(brotli.compress(MEGABYTE * 100, quality=3), "br"),
        "is larger than 15 MB",
    ),
    "a million rows": (
        lambda: answer(b'{"items":[' + b"{}," * 1_000_000 + b"{}]}"),
        "MalformedResponse Test: the answer to / is too large",
    ),
    "five million numbers": (lambda: answer(b"[" + b"1.5," * 3_500_000 + b"0]"), "is too large"),
    "100,000 rows": (
        lambda: answer(b'{"items":[' + b"{}," * 100_000 + b"{}]}"),
        "100001 rows are more than a playlist has",
    ),
    "half a million lists, each in the one before": (
        lambda: answer(b"[" * 500_000 + b"]" * 500_000),
        "is not whole JSON",
    ),
    "a title of 14 MB": (
        lambda: answer(b'{"items":[{"track":{"id":"a","name":"' + b"(" * 14_000_000 + b'","artists":[],"album":{}}}]}'),
        "title unreadable",
    ),
}
"""What makes each, so that only the worker that sends it does, and why it is refused."""


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_refused_by_its_size_not_by_the_memory_it_took(name: str) -> None:
    make, reason = BODIES[name]
    with WireServer([make()]) as server:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, server.url], capture_output=True, text=True, timeout=600, check=False
        )
    assert done.returncode == 0, done.stderr[-2_000:]
    said, megabytes = done.stdout.splitlines()
    assert reason in said
    assert int(megabytes) < ALLOWED_MEGABYTES
