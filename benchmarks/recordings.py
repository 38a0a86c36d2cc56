"""What a recording, an artist, a search and a past day cost in a large and old database: `python -m benchmarks.recordings`.

Invented recordings stand on the lists of many genres over three years, each for some days. The database is filled without runs, since
a million recordings would take those weeks. Then the server starts again with empty caches, every answer is made once, and once more; the
plans of all its queries are printed, with the keys and documents that they looked at.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bson import Int64
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from tests.documents import isrc
from tests.storage.listening import listened_to
from tunemeld_pipeline.charts.artists import credits_in, slugs_for
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import years_of
from tunemeld_pipeline.charts.documents import HISTORY_SCHEMA_VERSION
from tunemeld_pipeline.charts.positions import months_of
from tunemeld_pipeline.charts.recordings import prominence_of
from tunemeld_pipeline.charts.search import spelling_keys, terms_of, words_in
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.plugins.registry import count_sources
from tunemeld_pipeline.publishing.responses import past_chart_content
from tunemeld_pipeline.publishing.v1.artists import artist_content
from tunemeld_pipeline.publishing.v1.search import search_content
from tunemeld_pipeline.publishing.v1.tracks import track_content
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]

BEGAN = datetime(2023, 1, 1, 2, 30, tzinfo=UTC)
DATABASE = "recordings_test"
PLACES, CHARTED = 250, 75
"""Recordings of a genre's day, and those of them on its chart."""

STAY = 11
"""Days that a recording stays, on average."""

LISTS = {"Spotify": (0, 100), "AppleMusic": (40, 175), "SoundCloud": (175, 250)}
"""Which places each service's list has; the chart has the first ones."""

WORDS, ARTISTS = 20_000, 100_000
BATCH = 2_000
SAMPLES = 20
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aeiou"]


@dataclass
class Filled:
    """What the database was filled with: how many recordings, and some of their ids, titles and artists."""

    recordings: int = 0
    genres: int = 0
    seconds: float = 0.0
    sample: list[tuple[str, str, str]] = field(default_factory=list)


class Names:
    """Invented titles and artists; few words are in many names, and many words in few."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        words = {"".join(self._chance.choices(SYLLABLES, k=self._chance.randint(2, 4))) for _ in range(2 * WORDS)}
        self._words = sorted(words)[:WORDS]
        self._chance.shuffle(self._words)
        self.artists = [self._phrase(1, 3) for _ in range(ARTISTS)]

    def title(self) -> str:
        return self._phrase(1, 4)

    def artist(self) -> str:
        return self.artists[self._common(ARTISTS)]

    def _phrase(self, least: int, most: int) -> str:
        count = least + int((most - least + 1) * self._chance.random())
        return " ".join(self._words[self._common(WORDS)] for _ in range(count)).title()

    def _common(self, count: int) -> int:
        """A number below `count`, one twice as high half as often."""
        return int(count ** self._chance.random()) - 1


def main(arguments: list[str] | None = None) -> int:
    """Fills, measures and prints; 0 if every query used an index, otherwise 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recordings", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--recordings", type=int, default=1_000_000, help="how many, about; a million by default")
    parser.add_argument("--days", type=int, default=3 * 365, help="how many; three years by default")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    with home() as folder:
        with connect(ensure_mongod(folder)) as client:
            store = Store(client[DATABASE])
            filled = fill(store, options.recordings, options.days)
            console.print(sizes_table(store, filled))
        url = restarted(folder)
        with connect(url) as client:
            collection_scans = measure(url, client, processor_of(folder), filled, options.days, console)
    return 1 if collection_scans else 0


@contextmanager
def home() -> Iterator[Path]:
    """A folder for a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-recordings-"))
    try:
        yield folder
    finally:
        stop_mongod(folder)
        shutil.rmtree(folder)


def restarted(folder: Path) -> str:
    """The address of the server after a new start, with nothing of its data in memory."""
    stop_mongod(folder)
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return ensure_mongod(folder)


def processor_of(folder: Path) -> Callable[[], float]:
    """What gives the processor time in seconds that the server and this process have taken."""
    pid = mongod_status(folder).pid

    def processor() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()

    return processor


def fill(store: Store, recordings: int, days: int) -> Filled:
    """Fills the database as runs of so many days would have left it."""
    began = time.perf_counter()
    filled, names, genres = Filled(), Names(), max(1, round(recordings * STAY / PLACES / days))
    artists: dict[str, tuple[str, int]] = {}
    for spec in COLLECTIONS:
        store.handle.database.create_collection(spec.name)
    words: set[str] = set()
    for genre in range(genres):
        known: dict[str, tuple[str, str, int]] = {}
        history = list(stays(genre, days, filled))
        for number, place, _, _ in history:
            rank = place + 1 if place < CHARTED else None
            known[isrc(number)] = (names.title(), names.artist(), prominence_of(rank))
        put(store, "recordings", (recording(key, *one, f"genre{genre}", artists, words) for key, one in known.items()))
        put(store, "historical_track_views", histories(history, days))
        put_days(store, f"genre{genre}", history, days)
        filled.sample += [(key, *known[key][:2]) for key in random.Random(genre).sample(sorted(known), 3)]
        filled.recordings += len(known)
        filled.genres += 1
    put(store, "artists", (artist(name, *one, words) for name, one in artists.items()))
    put(store, "search_words", ({"_id": word, "keys": spelling_keys(word)} for word in sorted(words)))
    store.layout.create()
    filled.seconds = time.perf_counter() - began
    return filled


def stays(genre: int, days: int, filled: Filled) -> Iterator[tuple[int, int, int, int]]:
    """Each recording of a genre: its number, its place, its first day and the day after its last."""
    chance, number = random.Random(genre), filled.recordings
    for place in range(PLACES):
        day = 0
        while day < days:
            until = min(days, day + chance.randint(1, 2 * STAY - 1))
            number += 1
            yield number, place, day, until
            day = until


def put(store: Store, collection: str, documents: Iterable[Json]) -> None:
    """Inserts without validation, which the tests have."""
    left = iter(documents)
    while batch := list(islice(left, BATCH)):
        store.handle[collection].insert_many(batch, ordered=False, bypass_document_validation=True)


def head(day: int, version: int = 1) -> Json:
    return {
        "insert_timestamp": BEGAN + timedelta(days=day),
        "run_id": "filled",
        "upstream": "sandbox",
        "schema_version": Int64(version),
    }


def recording(
    key: str, title: str, name: str, prominence: int, genre: str, artists: dict[str, tuple[str, int]], words: set[str]
) -> Json:
    if name not in artists:
        artists[name] = (next(slugs_for(credits_in(name)[0])), prominence)
    slug, highest = artists[name]
    artists[name] = (slug, max(highest, prominence))
    terms = terms_of([title, name])
    words.update(words_in(terms))
    return {
        "_id": key,
        **head(0),
        "track_id": key,
        "isrc": key,
        "track_name": title,
        "artist_name": name,
        "track_url": f"https://example.org/Spotify/{key}",
        "track_urls": {service: f"https://example.org/{service}/{key}" for service in ("Spotify", "AppleMusic")},
        "album_cover_url": f"https://example.org/cover/{key}",
        "match": {"method": "isrc", "confidence": 1.0},
        "isrcs": [],
        "ids": [f"AppleMusic:{key}"] if prominence else [],
        "became": None,
        "genres": [genre],
        "artists": [{"slug": slug, "name": name}],
        "prominence": Int64(prominence),
        "terms": terms,
    }


def artist(name: str, slug: str, prominence: int, words: set[str]) -> Json:
    terms = terms_of([name])
    words.update(words_in(terms))
    key = credits_in(name)[0].key
    return {
        "_id": slug,
        **head(0),
        "slug": slug,
        "name": name,
        "key": key,
        "country": None,
        "prominence": Int64(prominence),
        "terms": terms,
    }


def histories(history: Iterable[tuple[int, int, int, int]], days: int) -> Iterator[Json]:
    """The counts of what is on the chart, by month."""
    moments = [BEGAN + timedelta(days=day) for day in range(days)]
    for number, place, first, until in history:
        months: dict[str, Json] = {}
        for day in range(first, until) if place < CHARTED else ():
            moment = moments[day]
            months.setdefault(f"{moment:%Y-%m}", {})[f"{moment:%d}"] = {
                "current_timestamp": moment,
                "view_count": Int64(1_000 * day + place),
            }
        for period, readings in months.items():
            yield {
                "_id": f"{isrc(number)}/{period}",
                **head(first, HISTORY_SCHEMA_VERSION),
                "isrc": isrc(number),
                "period": period,
                "first_seen": moments[first],
                "view_counts": dict.fromkeys([one.key for one in count_sources()], readings),
            }


def put_days(store: Store, genre: str, history: list[tuple[int, int, int, int]], days: int) -> None:
    """The days of a genre with what is made from them."""
    places: list[list[str]] = [[""] * PLACES for _ in range(days)]
    for number, place, first, until in history:
        for day in range(first, until):
            places[day][place] = isrc(number)
    charts = [chart_day(genre, day, ids) for day, ids in enumerate(places)]
    put(store, "chart_history", (to_bson(one) for one in charts))
    put(
        store,
        "charted_tracks",
        (
            {
                "_id": f"{genre}/{track_id}",
                **head(0),
                "genre_name": genre,
                "track_id": track_id,
                "ids": [track_id],
                "years": {year: to_bson(one) for year, one in by_year.items()},
            }
            for track_id, by_year in years_of(charts).items()
        ),
    )
    months = months_of(charts)
    put(
        store,
        "positions",
        (
            {
                "_id": f"{genre}/{track_id}/{period}",
                **head(0),
                "genre_name": genre,
                "track_id": track_id,
                "period": period,
                "ranks": {name: {day: Int64(rank) for day, rank in ranks.items()} for name, ranks in by_list.items()},
            }
            for (track_id, period), by_list in months.items()
        ),
    )


def chart_day(genre: str, day: int, ids: list[str]) -> ChartDay:
    at = BEGAN + timedelta(days=day)
    return ChartDay.model_construct(
        insert_timestamp=at,
        run_id="filled",
        upstream="sandbox",
        schema_version=1,
        genre_name=genre,
        date=f"{at:%Y-%m-%d}",
        chart=ids[:CHARTED],
        lists={name: ids[first:last] for name, (first, last) in LISTS.items()},
        other_ids={},
    )


def sizes_table(store: Store, filled: Filled) -> Table:
    """Documents and MB of each collection, with its indexes."""
    table = Table(title=f"{filled.recordings:,} recordings, filled in {filled.seconds:.0f} s")
    for column in ("collection", "documents", "MB", "MB on disk", "MB of indexes"):
        table.add_column(column, justify="left" if column == "collection" else "right")
    totals = [0.0, 0.0, 0.0]
    for spec in COLLECTIONS:
        one = store.handle.database.command("collStats", spec.name)
        if one["count"]:
            sizes = [one["size"] / 1e6, one["storageSize"] / 1e6, one["totalIndexSize"] / 1e6]
            totals = [total + size for total, size in zip(totals, sizes, strict=True)]
            table.add_row(spec.name, f"{one['count']:,}", *(f"{size:,.0f}" for size in sizes))
    table.add_row("all", "", *(f"{total:,.0f}" for total in totals))
    return table


def measure(
    url: str,
    client: "MongoClient[Json]",
    processor: Callable[[], float],
    filled: Filled,
    days: int,
    console: Console,
) -> int:
    """Makes each answer some times, cold and warm, and prints what it took and the plans; returns how many queries scanned a collection."""
    sample = random.Random(1).sample(filled.sample, min(SAMPLES, len(filled.sample)))
    table = Table(
        title="ms of an answer: the first time after a start, and once more; the processor's time is that of both programs"
    )
    for column in ("answer", "cold", "cold, worst", "cold, processor", "warm", "warm, processor"):
        table.add_column(column, justify="left" if column == "answer" else "right")
    plans = Table(title="queries: plan, keys and documents that were looked at, documents found")
    for column in ("answer", "collection", "plan", "keys", "documents", "found"):
        plans.add_column(column)
    scans = 0
    for name, asked in answers(sample, min(SAMPLES, filled.genres), days).items():
        begun = processor()
        cold = [timed(client, make) for make in asked]
        again = processor()
        warm = [timed(client, make) for make in asked]
        took = [1000 * (again - begun) / len(asked), 1000 * (processor() - again) / len(asked)]
        table.add_row(
            name,
            f"{statistics.median(cold):.1f}",
            f"{max(cold):.1f}",
            f"{took[0]:.1f}",
            f"{statistics.median(warm):.1f}",
            f"{took[1]:.1f}",
        )
        scans += explain(url, client, name, asked[0], plans)
    console.print(table, plans)
    return scans


def answers(
    sample: list[tuple[str, str, str]], genres: int, days: int
) -> Mapping[str, list[Callable[[Store], object]]]:
    """What is made, by name, some times with different recordings."""
    at, last = datetime.now(UTC), f"{BEGAN + timedelta(days=days // 2):%Y-%m-%d}"

    def searched(typed: Callable[[str, str], str]) -> list[Callable[[Store], object]]:
        texts = [typed(title, name) for _, title, name in sample]
        return [lambda store, text=text: search_content(store, text, at) for text in texts]

    return {
        "a track": [lambda store, key=key: track_content(store, key, at) for key, _, _ in sample],
        "an artist": [
            lambda store, name=name: artist_content(store, next(slugs_for(credits_in(name)[0])), at)
            for _, _, name in sample
        ],
        "a search by title and artist": searched(lambda title, name: f"{title} {name}"),
        "a search with a slip": searched(lambda title, name: f"{title[:-2]}{title[-1:]} {name}"),
        "a search for one common word": searched(lambda title, _: title.split()[0]),
        "a search for nothing known": searched(
            lambda title, name: " ".join(f"{word[::-1]}q" for word in f"{title} {name}".split())
        ),
        "a search for eight words": searched(lambda title, name: f"{name} {title} ba be da la ma na ra sa"),
        "a past day": [
            lambda store, number=number: past_chart_content(store, f"genre{number}", last) for number in range(genres)
        ],
    }


def timed(client: "MongoClient[Json]", make: Callable[[Store], object]) -> float:
    """Milliseconds of one answer, read as for visitors."""
    began = time.perf_counter()
    with Store(client[DATABASE]).for_visitors() as view:
        make(view)
    return 1000 * (time.perf_counter() - began)


def explain(url: str, client: "MongoClient[Json]", name: str, make: Callable[[Store], object], table: Table) -> int:
    """Adds a line for each query of an answer; returns how many scanned a collection."""
    with listened_to(url, DATABASE) as (listened, seen):
        make(listened)
    scans = 0
    for kind, command in seen:
        if kind not in ("find", "aggregate"):
            continue
        asked = {
            key: value for key, value in command.items() if key not in ("lsid", "$db", "$clusterTime", "maxTimeMS")
        }
        plan = client[DATABASE].command("explain", asked, verbosity="executionStats")
        for stats in _statistics(plan):
            stages = list(dict.fromkeys(_stages(stats["executionStages"])))
            scans += "COLLSCAN" in stages and str(command[kind]) != "withheld"
            counts = (stats["totalKeysExamined"], stats["totalDocsExamined"], stats["nReturned"])
            table.add_row(name, str(command[kind]), " < ".join(stages), *map(str, counts))
    return scans


def _statistics(plan: Any) -> Iterator[Json]:
    """The statistics of each part of a query, those of pipelines beside the first one included."""
    if isinstance(plan, dict):
        if "executionStages" in plan:
            yield plan
            return
        plan = list(plan.values())
    if isinstance(plan, list):
        for one in plan:
            yield from _statistics(one)


def _stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for value in plan.values():
            yield from _stages(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _stages(value)


if __name__ == "__main__":
    sys.exit(main())
