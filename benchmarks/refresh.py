"""How fast a genre is refreshed: `python -m benchmarks.refresh`, or with `--quick` on a tiny world.

`--services Spotify,AppleMusic` measures a genre of these services alone: what one more of them costs is the difference.

Times are given as multiples of a floor measured at the same time: the same HTTP calls and writes by a plain script (`floor.py`). The
measurement uses its own `mongod`, sandbox service and processes, which are gone afterwards.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks.floor import Recorder, Stage, replay
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.local.processes import read_record, wait_until
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.sandbox.quotas import DEFAULT_LIMITS
from tunemeld_pipeline.services.deezer.api import PAGE_SIZE
from tunemeld_pipeline.services.deezer.formats import INLINE_ROWS
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.settings import SETTING_NAMES, Settings
from tunemeld_pipeline.settings.sources import load_settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

if TYPE_CHECKING:
    import dagster as dg

GENRE = "pop"
DAYS = {"first": "2025-11-18", "second": "2025-11-19", "warm": "2025-11-20"}
"""Tuesday to Thursday: lists change on Fridays, so in between only counts change. On the first day nothing is known; on the second, tracks
that were not found are looked up once more; on the third, nothing is."""

THREADS, BATCH_SIZE = 10, 100
BUDGETS = ("spotify", "apple_music", "soundcloud", "youtube", "youtube_search")
PLENTY = 10**9

MOST_TIMES_THE_FLOOR, MOST_SECONDS_MORE = 1.5, 1.0
MOST_GROWTH = 1.3
MOST_MEGABYTES = 500

Calls = dict[str, dict[str, int]]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """The measured world: rows per list (None: as many as real lists have), how long an upstream takes, and how often to measure."""

    tracks: int | None
    latency_ms: int
    rounds: int

    @property
    def name(self) -> str:
        return f"{f'{self.tracks:,}' if self.tracks else 'as real'}, {self.latency_ms} ms"


QUICK = [World(20, 0, 1)]
REAL = [World(None, 0, 7), World(None, 100, 5)]
SMALL, LARGE = World(100, 0, 5), World(5000, 0, 1)


@dataclass
class Times:
    """Seconds of one day's refresh and of its floor, one pair per round, and the refresh's own processor time."""

    ours: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]

    @property
    def aim(self) -> float:
        return MOST_TIMES_THE_FLOOR * median(self.floor) + MOST_SECONDS_MORE


@dataclass
class Measured:
    """The results for one world; `expected` are the calls that the warm day should make."""

    world: World
    times: dict[str, Times]
    rows: int
    calls_by_day: dict[str, Calls]
    expected: Calls
    megabytes: float

    @property
    def calls(self) -> Calls:
        """Those of the warm day."""
        return self.calls_by_day["warm"]

    def milliseconds_a_row(self, day: str) -> float:
        return 1000 * median(self.times[day].ours) / self.rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 0 if every aim is met, otherwise 1. A quick measurement judges only the calls, not the times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refresh", description="How fast a genre is refreshed.")
    parser.add_argument("--quick", action="store_true", help="a tiny world, once")
    parser.add_argument(
        "--real", action="store_true", help="only lists as long as real ones, which takes three minutes"
    )
    parser.add_argument(
        "--services",
        metavar="A,B",
        help="the genre's services; by default all that are installed",
        default=",".join(keys()),
    )
    options = parser.parse_args(arguments)
    quick, real = bool(options.quick), bool(options.real)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # otherwise the servers would keep running
    console = Console(width=None if sys.stdout.isatty() else 120)
    with servers() as (home, mongodb_url):
        catalog = _catalog(home, options.services.split(","))
        measured = {}
        for world in QUICK if quick else REAL if real else [*REAL, SMALL, LARGE]:
            started = time.monotonic()
            measured[world] = measure(world, home, mongodb_url, catalog)
            console.print(f"{world.name}: measured in {time.monotonic() - started:.0f} s", style="dim")
    console.print(times_table(list(measured.values())))
    console.print(calls_table(list(measured.values())))
    missed = [f"{one.world.name}: calls on a warm day" for one in measured.values() if one.calls != one.expected]
    if not quick:
        missed += slow(measured[world] for world in REAL)
    if not quick and not real:
        missed += grown(measured[SMALL], measured[LARGE], console)
    console.print(f"missed: {'; '.join(missed)}" if missed else "every aim is met")
    return 1 if missed else 0


def times_table(measured: Sequence[Measured]) -> Table:
    """A line for each world and day."""
    table = Table(title="one genre's refresh: medians, and the ratios pair by pair")
    for name in ("rows a list, latency", "day"):
        table.add_column(name)
    for name in ("rows", "calls", "floor s", "ours s", "aim s", "ours / floor", "own CPU s", "ms a row", "MB"):
        table.add_column(name, justify="right")
    for one in measured:
        for day, times in one.times.items():
            table.add_row(
                one.world.name,
                day,
                f"{one.rows:,}",
                str(sum(sum(by.values()) for by in one.calls_by_day[day].values())),
                f"{median(times.floor):.2f}",
                f"{median(times.ours):.2f}",
                f"{times.aim:.2f}",
                f"{median(times.ratios):.1f} ({min(times.ratios):.1f}–{max(times.ratios):.1f})",
                f"{median(times.processor):.2f}",
                f"{one.milliseconds_a_row(day):.1f}",
                f"{one.megabytes:.0f}",
            )
    return table


def calls_table(measured: Sequence[Measured]) -> Table:
    """A line for each endpoint that was called on a warm day, or should have been."""
    table = Table(title="upstream calls on a warm day")
    for name in ("rows a list, latency", "endpoint", "made", "expected"):
        table.add_column(name, justify="right" if name in ("made", "expected") else "left")
    for one in measured:
        made, expected = (
            {(u, e): n for u, by in calls.items() for e, n in by.items()} for calls in (one.calls, one.expected)
        )
        for upstream, endpoint in sorted(made.keys() | expected.keys()):
            key = upstream, endpoint
            table.add_row(one.world.name, f"{upstream} /{endpoint}", str(made.get(key, 0)), str(expected.get(key, 0)))
    return table


def slow(measured: Iterable[Measured]) -> list[str]:
    """What took longer than its floor allows."""
    return [
        f"{one.world.name}: the {day} day took {median(times.ours):.2f} s"
        for one in measured
        for day, times in one.times.items()
        if median(times.ours) > times.aim
    ]


def grown(small: Measured, large: Measured, console: Console) -> list[str]:
    """What grew more than it should from short lists to long ones."""
    missed = [f"a run used {large.megabytes:.0f} MB"] if large.megabytes > MOST_MEGABYTES else []
    for day in DAYS:
        growth = large.milliseconds_a_row(day) / small.milliseconds_a_row(day)
        floor = median(large.times[day].floor) / large.rows / (median(small.times[day].floor) / small.rows)
        console.print(
            f"{day} day: from {small.world.tracks} to {large.world.tracks} tracks a list the time of a row grows"
            f" {growth:.2f} times (aim: at most {MOST_GROWTH}), that of the floor {floor:.2f} times"
        )
        if growth > MOST_GROWTH:
            missed.append(f"the {day} day's time of a row grows {growth:.2f} times")
    return missed


# Measuring


@contextmanager
def servers() -> Generator[tuple[Path, str]]:
    """A temporary home and the address of its `mongod`; both are gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="tunemeld-bench-"))
    try:
        yield home, ensure_mongod(home)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


def _catalog(home: Path, services: Sequence[str]) -> Path:
    """A catalogue of the genre that is measured, with these services' packaged lists."""
    listed = load_catalog().genre(GENRE)
    lines = [f'{service} = "{listed.playlist(service).url}"' for service in services]
    path = home / "catalog.toml"
    path.write_text("\n".join([f"[genres.{GENRE}]", f'display_name = "{GENRE.title()}"', *lines, ""]), encoding="utf-8")
    return path


@contextmanager
def sandbox(world: World, home: Path, catalog: Path) -> Generator[str]:
    """The root address of a sandbox that plays this world, with quotas that never end."""
    announce = home / f"sandbox-{uuid.uuid4().hex}.json"
    options = ["--latency-ms", str(world.latency_ms), "--announce", str(announce), "--catalog", str(catalog)]
    if world.tracks is not None:
        options += ["--tracks", str(world.tracks)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tunemeld_pipeline.sandbox.serve", *options], stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: announce.exists() or process.poll() is not None, seconds=60)
        record = read_record(announce)
        assert record is not None, "the sandbox did not start"
        for bucket in DEFAULT_LIMITS:
            Faults(record["url"]).quota(bucket, PLENTY)
        yield record["url"]
    finally:
        process.terminate()
        process.wait(timeout=10)


def measure(world: World, home: Path, mongodb_url: str, catalog: Path) -> Measured:
    """Refreshes a genre on each day, as often as the world specifies, each time together with its floor."""
    with ExitStack() as stack:
        root = stack.enter_context(sandbox(world, home, catalog))
        faults = Faults(root)
        ours, floor = (
            stack.enter_context(Worker(name, home, mongodb_url, root, catalog)) for name in ("ours", "floor")
        )
        # A rehearsal records what the floor has to send and write. During it, the sandbox builds its lists and its index.
        for day in DAYS:
            floor.call(_record, day)
        times = {day: Times() for day in DAYS}
        calls: dict[str, Calls] = {}
        for number in range(world.rounds):
            ours.forget()
            floor.forget()
            for day in DAYS:
                for name in ("floor", "ours") if number % 2 else ("ours", "floor"):
                    if name == "floor":
                        times[day].floor.append(floor.call(_replay, day, mongodb_url, floor.database))
                    else:
                        faults.reset_requests()
                        seconds, busy = ours.call(_refresh, day)
                        times[day].ours.append(seconds)
                        times[day].processor.append(busy)
                        calls[day] = faults.requests()
        rows, expected = expected_calls(mongodb_url, ours.database)
        return Measured(world, times, rows, calls, expected, ours.call(_peak_megabytes))


class Worker:
    """A process with its own database, which measures itself."""

    def __init__(self, name: str, home: Path, mongodb_url: str, root: str, catalog: Path) -> None:
        unique = f"{name}_{uuid.uuid4().hex[:8]}"
        fields: dict[str, Any] = {
            "environment": "testing",
            "home": home / unique,
            "mongodb_url": mongodb_url,
            "mongodb_database": f"{unique}_test",
            "sandbox_url": root,
            "catalog_file": catalog,
            "etl_batch_size": BATCH_SIZE,
            "etl_thread_count": THREADS,
            **{f"{bucket}_daily_budget": PLENTY for bucket in BUDGETS},
        }
        self.database = Settings(**fields).database_name
        self._mongodb_url = mongodb_url
        environment = {variable_name(field_name): str(value) for field_name, value in fields.items()}
        # Spawned, not forked, like the pipeline's own processes: none inherits what another has loaded.
        self._process = ProcessPoolExecutor(1, get_context("spawn"), _open, (environment,))
        self._process.submit(os.getpid)  # the process starts now, while others work
        self.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.shutdown(cancel_futures=True)
        with connect(self._mongodb_url) as client:
            client.drop_database(self.database)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result in that process."""
        return self._process.submit(function, *args, **kwargs).result()

    def forget(self) -> None:
        """Starts over with an empty database whose collections are created."""
        with connect(self._mongodb_url) as client:
            client.drop_database(self.database)
            Store(client[self.database]).layout.prepare()


def expected_calls(mongodb_url: str, database_name: str) -> tuple[int, Calls]:
    """How many rows the lists have, and the calls of a day on which everything is known, according to that day's documents."""
    with connect(mongodb_url) as client:
        database = client[database_name]
        lists = {one["service_name"]: one["tracks"] for one in database["track_playlist"].find({"genre_name": GENRE})}
        chart = database["view_counts_playlists"].find_one({"genre_name": GENRE}) or {}
        looked_up = {one["_id"]: one["value"] or {} for one in database["spotify_cache"].find()}
    albums = {track["track_id"]: track["album_id"] for track in lists.get("Spotify", [])}
    for track in chart["tracks"]:
        albums.setdefault(track["track_id"], looked_up.get(track["track_id"], {}).get("album_id"))
    charted = {albums[track["track_id"]] for track in chart["tracks"]} - {None}
    videos = {track["youtube_url"] for track in chart["tracks"]} - {None}
    # Rows that could not be read leave gaps, so a list is as long as its last rank.
    lengths = {service: tracks[-1]["rank"] for service, tracks in lists.items() if service in keys()}
    more = ceil(max(0, lengths.get("Deezer", 0) - INLINE_ROWS) / PAGE_SIZE)
    of_lists: dict[str, Calls] = {
        "AppleMusic": {"apple_music": {"playlist1": 1}},
        "Deezer": {"deezer": {"playlist": 1} | ({"playlist/tracks": more} if more else {})},
        "SoundCloud": {"soundcloud": {"v1/playlist/tracks": ceil(lengths.get("SoundCloud", 0) / 50)}},
        "Spotify": {
            "spotify": {"album_tracks": len(charted), "playlist_tracks": ceil(lengths.get("Spotify", 0) / 100)}
        },
    }
    expected = {upstream: calls for service in lengths for upstream, calls in of_lists[service].items()}
    return sum(lengths.values()), expected | {"youtube": {"videos": ceil(len(videos) / 50)}}


# In a worker process. Dagster and the definitions are imported here because they read the environment when they are loaded.

_instance: "dg.DagsterInstance"
_recorder = cache(Recorder)
_recorded: dict[str, list[Stage]] = {}


def _open(environment: dict[str, str]) -> None:
    global _instance
    for name in SETTING_NAMES:
        os.environ.pop(variable_name(name), None)
    os.environ.update(environment)
    import dagster as dg

    from tunemeld_pipeline.logs.setup import configure_logging
    from tunemeld_pipeline.operations.runs import prepare_dagster_home

    @dg.asset
    def nothing() -> None: ...

    # Dagster loads a third of itself, some two seconds' worth, at its first run; this one is not measured.
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        dg.materialize([nothing], instance=instance, run_config=quiet)
    settings = load_settings()
    # Like `tunemeld etl run`: every line goes into the file, none to the terminal.
    configure_logging(settings, "etl", console=False)
    prepare_dagster_home(settings)
    _instance = dg.DagsterInstance.get()


def _refresh(day: str) -> tuple[float, float]:
    from tunemeld_pipeline.operations.runs import run_genre

    busy = time.process_time()
    outcome = run_genre(_instance, GENRE, as_of=DAYS[day])
    assert outcome.success, outcome.error
    assert not outcome.degraded, outcome.degraded
    return outcome.seconds, time.process_time() - busy


def _record(day: str) -> None:
    with _recorder().recording() as _recorded[day]:
        _refresh(day)


def _replay(day: str, mongodb_url: str, database_name: str) -> float:
    started = time.monotonic()
    replay(_recorded[day], mongodb_url, database_name, THREADS)
    return time.monotonic() - started


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
