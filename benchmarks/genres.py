"""A worker of the API over many genres: its first answers, its memory, and what it spends while nobody asks.

One genre gets its documents by the writes of runs; every genre of an invented catalogue gets a copy of them under its own key, which takes
seconds for a thousand genres. All genres therefore chart the same recordings, which the API does not mind: what it keeps is by genre.

    python -m benchmarks.genres [genres ...]
"""

import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pymongo.database import Database

from benchmarks.api import BIN, fill, memory, processor_seconds, running
from tunemeld_pipeline.local.mongod import stop_mongod
from tunemeld_pipeline.plugins.registry import load_catalog, services
from tunemeld_pipeline.sandbox.catalogues import invented_catalog
from tunemeld_pipeline.storage.connection import connect

Json = dict[str, Any]

SIZES = (24, 1_000)
MARKETS = ("us", "gb", "de", "br")
PORT = 8394
FILLED, DATABASE = "pop", "tunemeld_sandbox"
PER_GENRE = {
    "raw_playlists": "genre_name",
    "track_playlist": "genre_name",
    "view_counts_playlists": "genre_name",
    "chart_history": "genre_name",
    "charted_tracks": "genre_name",
    "positions": "genre_name",
    "materializations": "_id",
}
"""The collections whose documents belong to one genre, and where they name it."""

BATCH = 2_000
IDLE_SECONDS = 20


def copied(document: Json, genre: str, names: str) -> Json:
    """The same document of another genre."""
    own = {key: value for key, value in document.items() if key != "_id"}
    return {**own, names: genre, **({"genre_name": genre} if "genre_name" in own else {})}


def widen(database: "Database[Json]", genres: list[str]) -> None:
    """Gives these genres the documents of the one that is filled."""
    for collection, names in PER_GENRE.items():
        documents = list(database[collection].find({names: FILLED}))
        left = (copied(one, genre, names) for genre in genres for one in documents)
        while batch := list(islice(left, BATCH)):
            database[collection].insert_many(batch, ordered=False)


def asked(path: str, **headers: str) -> tuple[int, int, float]:
    """The status of an answer, its bytes, and how long it took."""
    begin = time.perf_counter()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - an address of this benchmark
            return answer.status, len(answer.read()), time.perf_counter() - begin
    except urllib.error.HTTPError as error:
        return error.code, 0, time.perf_counter() - begin


def steps(genres: list[str]) -> Iterator[tuple[str, str]]:
    """What is measured one after the other: what it is, and the path that is asked for."""
    yield "first chart", f"/v1/charts/{genres[len(genres) // 2]}"
    yield "another chart", f"/v1/charts/{genres[-1]}"
    yield "the same once more", f"/v1/charts/{genres[-1]}"
    yield "genres", "/v1/genres"
    yield "services", "/v1/services"
    yield "today", "/v1/today"
    yield "the page of a chart", f"/charts/{genres[0]}"
    yield "the page once more", f"/charts/{genres[0]}"


def measure(count: int, home: Path) -> None:
    """Prints what a worker does over so many genres."""
    catalog = home / "catalog.toml"
    catalog.write_text(invented_catalog(count // len(MARKETS), MARKETS, services()), "utf-8")
    genres = list(load_catalog(catalog).genres)
    url = fill(home)
    with connect(url) as client:
        widen(client[DATABASE], genres)
    variables = {
        "TUNEMELD_ENV": "development",
        "TUNEMELD_HOME": str(home),
        "TUNEMELD_UPSTREAMS": "sandbox",
        "TUNEMELD_CATALOG": str(catalog),
        "MONGODB_URL": url,
        "RATE_LIMIT": "off",
    }
    start = [str(BIN / "tunemeld"), "api", "start", "--port", str(PORT), "--workers", "1"]
    with running(start, variables, PORT, "/docs.css"):
        print(f"{len(genres)} genres; before the first look {memory(PORT)[0]:.0f} MB")
        for what, path in steps(genres):
            spent = processor_seconds(PORT)
            status, size, seconds = asked(path, Accept="text/html")
            spent = processor_seconds(PORT) - spent
            print(
                f"  {what}: {status}, {size / 1e3:,.0f} KB, {seconds:.2f} s, {spent:.2f} s of processor time",
                flush=True,
            )
        while asked("/v1/today")[0] != 200:
            time.sleep(1)
        print(f"  with today: {memory(PORT)[0]:.0f} MB")
        statuses = {asked(f"/v1/charts/{genre}")[0] for genre in genres}
        print(f"  every chart asked for once: {statuses}, {memory(PORT)[0]:.0f} MB")
        spent = processor_seconds(PORT)
        time.sleep(IDLE_SECONDS)
        print(f"  idle: {(processor_seconds(PORT) - spent) / IDLE_SECONDS:.3f} of a processor")


def main() -> None:
    """Prints some lines for each number of genres."""
    for count in [int(one) for one in sys.argv[1:]] or SIZES:
        home = Path(tempfile.mkdtemp(prefix="tunemeld-bench-"))
        try:
            measure(count, home)
        finally:
            stop_mongod(home)
            shutil.rmtree(home)


if __name__ == "__main__":
    main()
