"""Whether an old installation costs more than a young one: `python -m benchmarks.old_age`.

The same work is done in a database of two weeks and in one of ten years, in which every source counted every recording each day: a day is
added, a missed day is added late, a day is corrected, a genre's graphs are read and rendered, a chart's memory is read. Costs are medians
of the processor time of `mongod` and of this process. Both databases take turns, so other work on the machine hardly counts.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from tests.documents import aggregate, chart, chart_day, isrc, materialization, service_playlist
from tunemeld_pipeline.charts.documents import Reading, TrackHistory
from tunemeld_pipeline.charts.movement import known_ids
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.plugins.registry import count_sources, keys, load_catalog
from tunemeld_pipeline.publishing.publication import genre_contents
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.histories import history_documents
from tunemeld_pipeline.storage.store import Store

TODAY = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
"""Both databases end on the same day: otherwise a month's document would hold more days in one of them."""

AGES = (14, 3650)
TRACKS, CHARTED = 500, 100
"""Recordings that are counted each day, and those of them on the chart: always the same, so that each is as old as the database."""

MISSED = (3, 5, 7, 9, 11, 13)
CORRECTED = (2, 4, 6, 8, 10, 12)
"""Days before the last, one for each round."""

MOST_GROWTH = 1.2
LEAST_MILLISECONDS = 10.0
"""A smaller cost counts as this much: of so little, a ratio says nothing."""

Json = dict[str, Any]
Cost = tuple[float, float]
"""Milliseconds of processor time, of `mongod` and of this process."""


class Aged:
    """A database of an age in days, with as many recordings as `tracks`."""

    def __init__(self, client: "MongoClient[Json]", age: int, tracks: int) -> None:
        self.age = age
        self.isrcs = [isrc(number) for number in range(1, tracks + 1)]
        self.charted = range(1, min(tracks, CHARTED) + 1)
        self.store = Store(client[f"aged_{age}_test"])
        self.store.layout.prepare()
        self._fill()

    def finish(self, at: datetime) -> None:
        """What a run writes at its end."""
        counts = dict.fromkeys([one.key for one in count_sources()], 1_000_000 + (at - TODAY).days)
        day = chart_day(at=at, genre="pop", numbers=self.charted)
        self.store.charts.finish(dict.fromkeys(self.isrcs, counts), day, materialization(at=at, genre="pop"))

    def render(self) -> None:
        """What a worker does for a new version of the genre."""
        with self.store.snapshot() as view:
            documents = read_documents(view, view.charts.materializations()["pop"])
        genre_contents(documents, load_catalog().genre("pop"))

    def read(self, since: datetime) -> None:
        """What a graph of the days since then needs."""
        self.store.histories.readings_since([isrc(number) for number in self.charted], since, TODAY)

    def remember(self) -> None:
        """What the second stage reads of the days before."""
        tracks = aggregate(self.charted).tracks
        self.store.charts.past("pop", f"{TODAY + timedelta(days=5):%Y-%m-%d}", known_ids(tracks))

    def _fill(self) -> None:
        moments = [TODAY - timedelta(days=back) for back in range(self.age, 0, -1) if back not in MISSED]
        readings = [Reading(moment, 1_000_000 + number) for number, moment in enumerate(moments)]
        months = history_documents(
            TrackHistory("", moments[0], dict.fromkeys([one.key for one in count_sources()], readings)),
            "a-run",
            "sandbox",
        )
        handle = self.store.handle
        # As it grows in years: all of a month's documents lie together. MongoDB multiplies them faster than they could be sent.
        handle["months"].insert_many(months)
        named = {"_id": {"$concat": ["$isrc", "/", "$period"]}}
        every = [
            {"$set": {"isrc": self.isrcs}},
            {"$unwind": "$isrc"},
            {"$set": named},
            {"$out": "historical_track_views"},
        ]
        handle["months"].aggregate([{"$sort": {"period": 1}}, *every])
        handle["months"].drop()
        days = [to_bson(chart_day(at=moment, genre="pop", numbers=self.charted)) for moment in moments]
        self.store.handle["chart_history"].insert_many(days)
        services = [service_playlist(service, self.charted, genre="pop") for service in keys()]
        self.store.playlists.put_track_playlists(services, aggregate(self.charted, genre="pop"))
        self.store.charts.put_chart(chart(self.charted, genre="pop"))
        self.finish(TODAY - timedelta(days=1))  # this also makes the years of the tracks


ACTS: dict[str, Callable[[Aged, int], None]] = {
    "a day is added": lambda aged, number: aged.finish(TODAY + timedelta(days=number)),
    "a missed day is added late": lambda aged, number: aged.finish(TODAY - timedelta(days=MISSED[number])),
    "a day is corrected": lambda aged, number: aged.finish(TODAY - timedelta(days=CORRECTED[number], minutes=-1)),
    "ten days of a chart's readings are read": lambda aged, _: aged.read(TODAY - timedelta(days=10)),
    "a chart's memory is read": lambda aged, _: aged.remember(),
    "a genre's graphs are read and rendered": lambda aged, _: aged.render(),
}
ROUNDS = len(MISSED)
JUDGED = list(ACTS)[:4]
"""What shall cost the same. The last two show more the older the database is, up to ninety days of readings and ten years of a track."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 0 if no cost of MongoDB or of this process grows beyond the aim, otherwise 1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.old_age", description="What an installation's age costs."
    )
    parser.add_argument(
        "--tracks", type=int, default=TRACKS, help="how many recordings are counted each day; 500 by default"
    )
    tracks = parser.parse_args(arguments).tracks
    console = Console(width=None if sys.stdout.isatty() else 120)
    with server() as (client, processor):
        databases = [Aged(client, age, tracks) for age in AGES]
        make_quiet(client)
        costs = {name: measured(act, databases, processor) for name, act in ACTS.items()}
    table = Table(title=f"processor time in ms, {tracks} tracks, medians of {ROUNDS}")
    for column in ("", f"day {AGES[0]}: mongod", "own", f"day {AGES[1]}: mongod", "own", "ratio: mongod", "of both"):
        table.add_column(column, justify="right" if column else "left")
    missed = []
    for name, (first, last) in costs.items():
        ratios = growth(first[0], last[0]), growth(sum(first), sum(last))
        table.add_row(name, *(f"{one:.0f}" for one in (*first, *last)), *(f"{ratio:.2f}" for ratio in ratios))
        missed += [name] if max(ratios) > MOST_GROWTH and name in JUDGED else []
    console.print(table)
    console.print(f"missed: {'; '.join(missed)}" if missed else "every aim is met")
    return 1 if missed else 0


def measured(
    act: Callable[[Aged, int], object], databases: Sequence[Aged], processor: Callable[[], float]
) -> list[Cost]:
    """The median cost of an act in each database. They take turns, so that a busy minute falls on all of them."""
    taken: list[list[Cost]] = [[] for _ in databases]
    for number in range(ROUNDS):
        for costs, aged in zip(taken, databases, strict=True):
            server_before, own_before = processor(), time.process_time()
            act(aged, number)
            ours = time.process_time() - own_before
            costs.append((1000 * (processor() - server_before), 1000 * ours))
    return [(median(server for server, _ in costs), median(ours for _, ours in costs)) for costs in taken]


def growth(first: float, last: float) -> float:
    """How many times the first cost the last one is."""
    return max(last, LEAST_MILLISECONDS) / max(first, LEAST_MILLISECONDS)


def make_quiet(client: "MongoClient[Json]") -> None:
    """Writes down what was filled in, and ends what `mongod` does by the clock: a slow minute would have more of that."""
    client.admin.command("fsync")
    for name, value in (("diagnosticDataCollectionEnabled", False), ("ttlMonitorEnabled", False), ("syncdelay", 0.0)):
        client.admin.command("setParameter", 1, **{name: value})


@contextmanager
def server() -> Generator[tuple["MongoClient[Json]", Callable[[], float]]]:
    """A client of a new `mongod`, and the processor time in seconds that the server has taken."""
    home = Path(tempfile.mkdtemp(prefix="tunemeld-age-"))
    try:
        url = ensure_mongod(home)
        pid = mongod_status(home).pid
        assert pid is not None
        # Linux's clock of a process's time, in nanoseconds: clock_getcpuclockid(3). /proc/PID/stat counts in steps of 10 ms.
        clock = (~pid << 3) | 2
        with connect(url) as client:
            yield client, lambda: time.clock_gettime(clock)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


if __name__ == "__main__":
    sys.exit(main())
