"""How many requests a client may make: counted in memory that all workers of this machine share, and said in every answer.

The headers are those of draft-ietf-httpapi-ratelimit-headers-11, the refusal its problem type `quota-exceeded`. The library `limits` has
the kinds of limits and the form of a storage; the storage is ours, since its own ones grow with the number of addresses or need a server.
"""

import json
import mmap
import os
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from limits import RateLimitItem, parse
from limits.storage import Storage

from django_backend.caching import Answer, Headers
from django_backend.client_address import ClientAddresses, is_this_machine
from django_backend.problems import PROBLEM_TYPE
from tunemeld_pipeline.settings.fields import DEFAULT_RATE_LIMIT
from tunemeld_pipeline.settings.settings import Settings

PROBLEM = "https://iana.org/assignments/http-problem-types#quota-exceeded"
POLICY = "default"

BUCKETS, WAYS = 16_384, 4
"""Each address belongs to one bucket, which holds the counts of four: 65,536 addresses at once in a megabyte."""

HEAD = 16
"""Bytes before the buckets: a secret, so that nobody can choose addresses that share a bucket."""

COUNT = struct.Struct("=QII")
"""Per address: the key's digest, the number of the window since 1970, and the requests in that window."""

MOST = 2**32 - 1


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
        size = HEAD + BUCKETS * WAYS * COUNT.size
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.fstat(file).st_size != size:
                    os.ftruncate(file, size)
                    os.pwrite(file, os.urandom(HEAD), 0)
                self._memory = mmap.mmap(file, size)
            finally:
                os.close(file)
        self._secret = self._memory[:HEAD]
        self._places = lru_cache(4_096)(self._find_places)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts, and returns the count of the window of `expiry` seconds that we are in."""
        digest, places = self._places(key)
        window = int(time.time()) // expiry
        # Nearly always it is where it was last time.
        at = places[0]
        found, last, count = COUNT.unpack_from(self._memory, at)
        if found != digest:
            at = self._at(digest, places)
            found, last, count = COUNT.unpack_from(self._memory, at)
        count = count + amount if found == digest and last == window else amount
        COUNT.pack_into(self._memory, at, digest, window, min(count, MOST))
        return count

    def get(self, key: str) -> int:
        """The last count of a key; 0 if there is none."""
        digest, places = self._places(key)
        found, _, count = COUNT.unpack_from(self._memory, self._at(digest, places))
        return int(count) if found == digest else 0

    def get_expiry(self, key: str) -> float:
        """Windows begin at whole multiples of their length, whatever the key."""
        del key
        return time.time()

    def check(self) -> bool:
        """Whether it works; the memory is there for as long as the process."""
        return True

    def reset(self) -> int | None:
        """Forgets all counts."""
        self._memory[HEAD:] = bytes(BUCKETS * WAYS * COUNT.size)
        return None

    def clear(self, key: str) -> None:
        """Forgets the count of a key."""
        digest, places = self._places(key)
        at = self._at(digest, places)
        if COUNT.unpack_from(self._memory, at)[0] == digest:
            COUNT.pack_into(self._memory, at, 0, 0, 0)

    def _at(self, digest: int, places: Sequence[int]) -> int:
        """Where a key is counted: at its place of the bucket, or else at that of the oldest window, or of the smallest count."""
        counts = {at: COUNT.unpack_from(self._memory, at) for at in places}
        own = next((at for at, (found, _, _) in counts.items() if found == digest), None)
        return min(counts, key=lambda at: counts[at][1:]) if own is None else own

    def _find_places(self, key: str) -> tuple[int, tuple[int, ...]]:
        """The key's digest, and the places of its bucket, each bucket's beginning with another one for each key."""
        digest = int.from_bytes(blake2b(key.encode(), digest_size=8, key=self._secret).digest(), "little")
        bucket, first = HEAD + digest % BUCKETS * WAYS * COUNT.size, digest // BUCKETS
        return digest, tuple(bucket + (first + way) % WAYS * COUNT.size for way in range(WAYS))


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
        self._key_for = lru_cache(4_096)(limit.key_for)
        self._counts = counts
        self._addresses = addresses
        self._spares_this_machine = spares_this_machine
        self._policy = ("RateLimit-Policy", f'"{POLICY}";q={self._amount};w={self._seconds}')

    def passed(self, peer: str, forwarded: str) -> Passed | None:
        """Counts a request; None if its client is not counted.

        Args:
            peer: the address that connected.
            forwarded: X-Forwarded-For.
        """
        client = self._addresses.of(peer, forwarded)
        if self._spares_this_machine and is_this_machine(client):
            return None
        count = self._counts.incr(self._key_for(client), self._seconds)
        left = self._amount - count
        # A partial second counts as a whole one, so that a client which waits that long finds the next window.
        resets = self._seconds - int(time.time()) % self._seconds
        headers = [self._policy, ("RateLimit", f'"{POLICY}";r={max(left, 0)};t={resets}')]
        return Passed(headers, None if left >= 0 else self._refusal(resets))

    def _refusal(self, resets: int) -> Answer:
        problem = {
            "type": PROBLEM,
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
