"""The visitors: constant requests to every data path, with each answer checked.

An answer is checked for what the documentation promises: a whole chart of one run, the same for everybody who requests it, under its own
ETag. `audit.py` checks whether its content is true.
"""

import gzip
import hashlib
import http.client
import json
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tunemeld_pipeline.charts.documents import AGGREGATE
from tunemeld_pipeline.plugins.registry import keys

VISITORS = 4
PAUSE_SECONDS = 0.01
LEAVES = 0.1
"""The share of answers after which a visitor leaves, and another one connects."""

SERVICES = (*keys(), AGGREGATE)
KEPT_COMPLAINTS = 50


class Load:
    """Visitors, until they are stopped.

    Attributes:
        statuses: answers by status; 0 for no answer.
        stale: answers that were marked as stale.
        complaints: the first fifty problems with answers.
        charts: (genre, run id) → the track ids that were served as that run's chart.
    """

    def __init__(self, url: str, genres: Sequence[str], seed: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.stale = 0
        self.wrong = 0
        self.complaints: list[str] = []
        self.charts: dict[tuple[str, str], list[str]] = {}
        self._address = urlsplit(url).netloc
        self._paths = [
            path
            for genre in genres
            for path in (
                f"/playlist-data/{genre}",
                f"/playlist-data/{genre}",
                *(f"/service-playlist/{genre}/{service}" for service in SERVICES),
                f"/graph-data/{genre}",
                f"/last-updated/{genre}",
                f"/header-art/{genre}",
                f"/chart-dates/{genre}",
            )
        ] + ["/genres"]
        self._bodies: dict[tuple[str, str], bytes] = {}
        self._of_run: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._visit, args=(Random(f"{seed}/{number}"),), name=f"visitor-{number}")
            for number in range(VISITORS)
        ]

    def start(self) -> None:
        """The visitors arrive."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """The visitors leave."""
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def is_alive(self) -> bool:
        """Whether visitors are present."""
        return any(thread.is_alive() for thread in self._threads)

    def shows(self, moment: str, url: str) -> bool:
        """Whether every answer of five seconds says that all genres were last updated at this moment, to the minute.

        Any worker may take that long to see a new version, and which of them answers is chance.
        """
        for _ in range(20):
            time.sleep(0.25)
            with urllib.request.urlopen(f"{url}/genres", timeout=10) as answer:
                genres = json.loads(answer.read())["data"]
            if not all((genre["last_updated"] or "").startswith(moment) for genre in genres):
                return False
        return True

    @property
    def availability(self) -> float:
        """The share of requests with a good answer: 200 or 304, and nothing wrong with it."""
        asked = self.statuses.total()
        return (self.statuses[200] + self.statuses[304] - self.wrong) / asked if asked else 0.0

    def _visit(self, chance: Random) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=15)
        known: dict[str, str] = {}
        while not self._enough.is_set():
            path = chance.choice(self._paths)
            headers = {"Accept-Encoding": chance.choice(("identity", "gzip"))}
            if path in known and chance.random() < 0.3:
                headers["If-None-Match"] = known[path]
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._note(0, f"{path}: no answer: {type(error).__name__} {error}")
                continue
            known[path] = answer.headers.get("ETag", "")
            self._look(
                path,
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                body,
                headers.get("If-None-Match"),
            )
            if chance.random() < LEAVES:
                connection.close()  # the next request opens another
            time.sleep(PAUSE_SECONDS)
        connection.close()

    def _note(self, status: int, complaint: str | None = None) -> None:
        with self._lock:
            self.statuses[status] += 1
            if complaint is not None:
                self.wrong += status in (200, 304)
                if len(self.complaints) < KEPT_COMPLAINTS:
                    self.complaints.append(f"{time.strftime('%H:%M:%S')} {complaint}")

    def _look(self, path: str, status: int, headers: Mapping[str, str], body: bytes, asked_with: str | None) -> None:
        if headers.get("x-tunemeld-stale"):
            with self._lock:
                self.stale += 1
        if status == 304:
            self._note(304, None if asked_with == headers.get("etag") else f"{path}: 304 for another ETag")
        elif status == 200:
            self._note(200, self._trouble(path, headers, body))
        else:
            self._note(status, f"{path}: {status} {body[:200]!r}")

    def _trouble(self, path: str, headers: Mapping[str, str], body: bytes) -> str | None:
        if "etag" not in headers:
            return f"{path}: no ETag"
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        digest = hashlib.sha256(plain).digest()
        key = path, headers["etag"]
        with self._lock:
            known = self._bodies.setdefault(key, digest)
        if known != digest:
            return f"{path}: two bodies under the ETag {headers['etag']}"
        if known is not digest:
            return None
        try:
            return self._misread(path, json.loads(plain), digest)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            return f"{path}: {type(error).__name__} {error} in {plain[:200]!r}"

    def _misread(self, path: str, data: Any, digest: bytes) -> str | None:
        """What is wrong with a body that is seen for the first time."""
        if data["status"] != "success":
            return f"{path}: {data}"
        kind, _, rest = path[1:].partition("/")
        if kind in ("playlist-data", "service-playlist"):
            (document,) = data["data"]
            genre = rest.partition("/")[0]
            ranks = [track["rank"] for track in document["tracks"]]
            # A service that never answered has a list without rows, marked as stale.
            whole = (
                bool(ranks) and ranks == list(range(1, len(ranks) + 1))
                if not rest.endswith(SERVICES[:3])
                else (bool(ranks) or document["stale"]) and ranks == sorted(set(ranks))
            )
            if not whole or document["genre_name"] != genre:
                return f"{path}: no whole chart: ranks {ranks} of {document['genre_name']}"
            if not ranks:
                # What a worker that starts shows in place of a list that it cannot read; the others still have the list.
                return None
            with self._lock:
                if self._of_run.setdefault((path, document["run_id"]), digest) != digest:
                    return f"{path}: two bodies of the run {document['run_id']}"
                if kind == "playlist-data":
                    self.charts[genre, document["run_id"]] = [track["track_id"] for track in document["tracks"]]
        if kind == "graph-data":
            for point in data["data"]:
                for source, totals in point["readings"].items():
                    deltas = point["view_counts"][source]
                    gains = [after[1] - before[1] for before, after in pairwise(totals)]
                    if [one[1] for one in deltas[1:]] != gains:
                        return f"{path}: {point['isrc']} {source}: gains {deltas} of totals {totals}"
        return None
