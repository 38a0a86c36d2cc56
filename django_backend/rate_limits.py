"""How many requests a client may make: counted in memory that all workers of this machine share, and said in every answer.

The headers are those of draft-ietf-httpapi-ratelimit-headers-11, the refusal its problem type `quota-exceeded`. The library `limits` has
the kinds of limits and the form of a storage; the storage is ours, since its own ones grow with the number of addresses or need a server.
"""

import json
import mmap
import os
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from limits import RateLimitItem, parse
from limits.storage import Storage

from django_backend.caching import Answer, Headers
from django_backend.client_address import ClientAddresses, is_this_machine
from django_backend.names import remembered
from django_backend.problems import PROBLEM_TYPE, QUOTA_EXCEEDED
from tunemeld_pipeline.settings.fields import DEFAULT_RATE_LIMIT
from tunemeld_pipeline.settings.settings import Settings

POLICY = "default"

BUCKETS, WAYS = 16_384, 4
"""Each address belongs to one bucket, which holds the counts of four: 65,536 addresses at once in a megabyte."""

WORD = 8
HEAD = 2
"""Words before the buckets: a secret, so that nobody can choose addresses that share a bucket."""

ENTRY = 2
"""Words per address: the key's digest; and the number of the window since 1970, above the requests in that window."""

COUNT_BITS = 32
MOST = 2**COUNT_BITS - 1
WORDS = HEAD + BUCKETS * WAYS * ENTRY

Place = tuple[int, tuple[int, ...]]
"""A key's digest, and the entries of its bucket, each key beginning with another one."""


class Passed(NamedTuple):
    """What the limit says of one request: the headers to send, and the refusal if it was one too many."""

    headers: Headers
    refusal: Answer | None


class SharedCounts(Storage):
    """Counts per key and fixed window, in a file that all workers map into their memory.

    Two workers that count one key at the very same moment may lose one of the two; no key is ever counted too high. Where more keys are
    in use at once than there is room for, the smallest count of a bucket makes way.

    Args:
        path: the file; it is made if there is none.
    """

    STORAGE_SCHEME = None
    base_exceptions = OSError

    def __init__(self, path: Path) -> None:
        super().__init__()
        size = WORDS * WORD
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.fstat(file).st_size != size:
                    os.ftruncate(file, size)
                    os.pwrite(file, os.urandom(HEAD * WORD), 0)
                memory = mmap.mmap(file, size)
            finally:
                os.close(file)
        self._secret = memory[: HEAD * WORD]
        self._words = memoryview(memory).cast("Q")

    def count(self, place: Place, window: int, amount: int = 1) -> int:
        """Counts a key in a window, and returns its count there; this is on the way of every request."""
        digest, entries = place
        words, at = self._words, entries[0]
        # Nearly always it is where it was last time.
        if words[at] != digest:
            at = self._at(digest, entries)
        last = words[at + 1]
        if words[at] != digest:
            words[at] = digest
            count = amount
        else:
            count = (last & MOST) + amount if last >> COUNT_BITS == window else amount
        words[at + 1] = window << COUNT_BITS | min(count, MOST)
        return count

    def place(self, key: str) -> Place:
        """Where a key is counted."""
        digest = int.from_bytes(blake2b(key.encode(), digest_size=WORD, key=self._secret).digest(), "little")
        bucket, first = HEAD + digest % BUCKETS * WAYS * ENTRY, digest // BUCKETS
        return digest, tuple(bucket + (first + way) % WAYS * ENTRY for way in range(WAYS))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts, and returns the count of the window of `expiry` seconds that we are in."""
        return self.count(self.place(key), int(time.time()) // expiry, amount)

    def get(self, key: str) -> int:
        """The last count of a key; 0 if there is none."""
        digest, entries = self.place(key)
        at = self._at(digest, entries)
        return self._words[at + 1] & MOST if self._words[at] == digest else 0

    def get_expiry(self, key: str) -> float:
        """Windows begin at whole multiples of their length, whatever the key."""
        del key
        return time.time()

    def check(self) -> bool:
        """Whether it works; the memory is there for as long as the process."""
        return True

    def reset(self) -> int | None:
        """Forgets all counts."""
        for at in range(HEAD, WORDS):
            self._words[at] = 0
        return None

    def clear(self, key: str) -> None:
        """Forgets the count of a key."""
        digest, entries = self.place(key)
        at = self._at(digest, entries)
        if self._words[at] == digest:
            self._words[at] = self._words[at + 1] = 0

    def _at(self, digest: int, entries: Sequence[int]) -> int:
        """The key's own entry, or else that of the oldest window, or of the smallest count in it."""
        own = next((at for at in entries if self._words[at] == digest), None)
        return min(entries, key=lambda at: self._words[at + 1]) if own is None else own


class RateLimits:
    """The limit of one server.

    Args:
        limit: how many requests in how long.
        counts: where they are counted.
        addresses: who a client is.
        spares_this_machine: whether clients on this machine are not counted.
    """

    def __init__(
        self, limit: RateLimitItem, counts: SharedCounts, addresses: ClientAddresses, *, spares_this_machine: bool
    ) -> None:
        self._amount, self._seconds = limit.amount, limit.get_expiry()
        self._counts = counts
        self._policy = ("RateLimit-Policy", f'"{POLICY}";q={self._amount};w={self._seconds}')

        def place(called: str) -> Place | None:
            peer, _, forwarded = called.partition(",")
            client = addresses.of(peer, forwarded)
            if spares_this_machine and is_this_machine(client):
                return None
            return counts.place(limit.key_for(client))

        self._place = remembered(4_096)(place)

    def passed(self, peer: str, forwarded: str) -> Passed | None:
        """Counts a request; None if its client is not counted.

        Args:
            peer: the address that connected.
            forwarded: X-Forwarded-For.
        """
        place = self._place(f"{peer},{forwarded}")
        if place is None:
            return None
        seconds = self._seconds
        now = int(time.time())
        left = self._amount - self._counts.count(place, now // seconds)
        # A partial second counts as a whole one, so that a client which waits that long finds the next window.
        resets = seconds - now % seconds
        if left >= 0:
            return Passed([self._policy, ("RateLimit", f'"{POLICY}";r={left};t={resets}')], None)
        return Passed([self._policy, ("RateLimit", f'"{POLICY}";r=0;t={resets}')], self._refusal(resets))

    def _refusal(self, resets: int) -> Answer:
        problem = {
            "type": QUOTA_EXCEEDED,
            "title": "Too many requests from this address.",
            "status": 429,
            "detail": f"{self._amount} requests in {self._seconds} seconds are allowed; try again in {resets} seconds",
            "violated-policies": [POLICY],
        }
        body = json.dumps(problem).encode()
        headers = [
            ("Content-Type", PROBLEM_TYPE),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Retry-After", str(resets)),
        ]
        return Answer(429, headers, body)


def rate_limits(settings: Settings) -> RateLimits | None:
    """The limit that the settings mean; None for none."""
    written = settings.rate_limit or DEFAULT_RATE_LIMIT
    if written == "off":
        return None
    return RateLimits(
        parse(written),
        SharedCounts(settings.home / "api" / "request-counts"),
        ClientAddresses(settings.trusted_proxies),
        spares_this_machine=settings.rate_limit is None,
    )
