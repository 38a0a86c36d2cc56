"""What is always true of the collections, no matter what happens to a run: the real job, in this process or another, on a real MongoDB and
a real sandbox over HTTP."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event
from typing import Any

import dagster as dg
import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from tests.conftest import QUIET, GenreRunner
from tunemeld_pipeline.charts.documents import Memory
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import COLLECTIONS

Json = dict[str, Any]
State = dict[tuple[str, str], Json]
Databases = Callable[..., tuple[Settings, Database[Json]]]

MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"
ENOUGH = 1_000
"""Searches a day, so that none waits for another run: what is reserved for a genre's first look-ups is less than its part of these."""
SEED = 20_260_302
OF_A_RUN = {
    "_id", "run_id", "version", "finished_at", "changed_at", "previous", "publication", "quota", "seconds", "calls"
}  # fmt: skip
"""Fields in which two runs of one day may differ: the run's id, when it ended and wrote its day, how long it took, its calls (since the
second run finds look-ups already done), and what it left of the day's budgets."""


@pytest.fixture
def new_database(settings: Settings) -> Iterator[Databases]:
    """Settings as the test's own but for an empty database (or other changes), and that database."""
    with ExitStack() as stack:

        def make(**changes: object) -> tuple[Settings, Database[Json]]:
            own = {"mongodb_database": f"t{uuid.uuid4().hex[:12]}_test", "youtube_search_daily_budget": ENOUGH}
            changed = settings.model_copy(update=own | changes)
            assert changed.mongodb_url is not None
            client = stack.enter_context(connect(changed.mongodb_url.get_secret_value()))
            stack.callback(client.drop_database, changed.database_name)
            return changed, client[changed.database_name]

        yield make


def state(database: Database[Json]) -> State:
    """Every document but what is spent of budgets, by collection and natural key, without what is a run's own."""
    found: State = {}
    for spec in COLLECTIONS:
        if spec.name == "api_usage":
            continue
        for document in database[spec.name].find():
            named = [str(document[name]) for name in ("genre_name", "service_name", "date", "isrc") if name in document]
            key = "/".join(named) if isinstance(document["_id"], ObjectId) else str(document["_id"])
            plain = {name: value for name, value in document.items() if name not in OF_A_RUN}
            assert (spec.name, key) not in found
            found[spec.name, key] = plain
    return found


def differences(one: State, other: State) -> list[str]:
    """Where two states differ, in words that a failing test can show."""
    return [
        f"{collection} {key}: {name}: {before.get(name)!r:.200} != {after.get(name)!r:.200}"
        for collection, key in sorted(one.keys() | other.keys())
        for before, after in [(one.get((collection, key), {}), other.get((collection, key), {}))]
        for name in sorted(before.keys() | after.keys())
        if before.get(name, ...) != after.get(name, ...)
    ]


def runs_of(settings: Settings, genre: str, days: Sequence[str], begun: Event) -> None:
    """What a process of its own does: runs one genre on these days; a run that fails ends it with status 1."""
    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        run = GenreRunner(settings, instance)
        begun.set()
        for day in days:
            run(genre, as_of=day)


class Reader(threading.Thread):
    """Reads one genre all the time, as visitors would, and keeps every version of every document that it saw."""

    def __init__(self, url: str, database: str) -> None:
        super().__init__()
        self.looks = 0
        self.charts: dict[str, Json] = {}
        self.lists: dict[str, dict[str, Json]] = {}
        self.complaints: list[str] = []
        self._address = url, database
        self._enough = threading.Event()

    def run(self) -> None:
        url, name = self._address
        with MongoClient[Json](url, tz_aware=True) as client:
            # Without a pause it would take more of the processor than the runs, and see no more.
            while not self._enough.wait(0.003):
                self._look(client[name])
                self.looks += 1

    def stop(self) -> None:
        self._enough.set()
        self.join()

    def _look(self, database: Database[Json]) -> None:
        chart = database["view_counts_playlists"].find_one({"genre_name": "dance"})
        with database.client.start_session(snapshot=True) as snapshot:
            lists = list(database["track_playlist"].find({"genre_name": "dance"}, session=snapshot))
        if chart is None or [track["rank"] for track in chart["tracks"]] != list(range(1, len(chart["tracks"]) + 1)):
            self.complaints.append(f"no whole chart: {chart!r:.200}")
        elif self.charts.setdefault(chart["run_id"], chart) != chart:
            self.complaints.append("one run had two charts")
        writers = {document["run_id"] for document in lists}
        services = {document["service_name"]: document for document in lists}
        if len(writers) != 1 or services.keys() != {*keys(), "Aggregate"}:
            self.complaints.append(f"lists of {writers} for {services.keys()}")
        elif not all(document["tracks"] for document in lists):
            self.complaints.append("an empty list")
        elif self.lists.setdefault(writers.pop(), services) != services:
            self.complaints.append("one run had two sets of lists")


def test_a_reader_never_sees_an_empty_or_mixed_chart_while_runs_write(
    run_genre: GenreRunner, mongod_url: str, new_database: Databases
) -> None:
    settings, database = new_database()
    written = {run_genre(settings=settings, as_of=MONDAY).run_id}
    reader = Reader(mongod_url, settings.database_name)
    reader.start()
    try:
        for day in (TUESDAY, WEDNESDAY, WEDNESDAY, MONDAY):
            run = run_genre(settings=settings, as_of=day)
            if day != MONDAY:
                written.add(run.run_id)
                assert database["view_counts_playlists"].find_one() == reader.charts.setdefault(
                    run.run_id, database["view_counts_playlists"].find_one() or {}
                )
    finally:
        reader.stop()

    assert reader.complaints == []
    assert reader.charts.keys() <= written
    assert reader.lists.keys() <= written
    assert len(reader.lists) >= 3
    assert reader.looks > 100


def test_a_day_run_twice_changes_nothing_but_run_ids(run_genre: GenreRunner, new_database: Databases) -> None:
    settings, database = new_database()
    run_genre.after(MONDAY, settings=settings)
    first = run_genre(settings=settings, as_of=TUESDAY)
    once = state(database)

    second = run_genre(settings=settings, as_of=TUESDAY)

    assert differences(once, state(database)) == []
    assert first.run_id != second.run_id
    for name in ("raw_playlists", "track_playlist", "view_counts_playlists"):
        assert database[name].distinct("run_id") == [second.run_id]
    published = database["materializations"].find_one({"_id": "dance"}) or {}
    assert (published["version"], published["run_id"]) == (3, second.run_id)


def test_a_second_run_later_the_same_day_replaces_the_days_readings(
    run_genre: GenreRunner, new_database: Databases
) -> None:
    settings, database = new_database()
    run_genre.after(MONDAY, TUESDAY, settings=settings)
    once = state(database)

    run_genre(settings=settings, as_of=f"{TUESDAY}T18:00:00Z")

    twice = state(database)
    assert twice.keys() == once.keys()
    histories = [document for (name, _), document in twice.items() if name == "historical_track_views"]
    assert histories
    for document in histories:
        for days in document["view_counts"].values():
            assert days.keys() <= {"02", "03"}
            assert "03" not in days or f"{days['03']['current_timestamp']:%m-%d %H}" == "03-03 18"
    assert database["chart_history"].count_documents({}) == 2


def test_days_written_out_of_order_make_the_same_histories_and_keep_the_newest_chart(
    run_genre: GenreRunner, new_database: Databases
) -> None:
    (in_order, expected), (out_of_order, database) = new_database(), new_database()
    run_genre.after(MONDAY, TUESDAY, WEDNESDAY, settings=in_order)

    newest = run_genre(settings=out_of_order, as_of=WEDNESDAY)
    served = {name: list(database[name].find()) for name in ("track_playlist", "view_counts_playlists")}
    for day in (MONDAY, TUESDAY):
        run_genre(settings=out_of_order, as_of=day)

    assert {name: list(database[name].find()) for name in served} == served
    published = database["materializations"].find_one() or {}
    assert (f"{published['as_of']:%Y-%m-%d}", published["run_id"], published["version"]) == (
        WEDNESDAY,
        newest.run_id,
        3,
    )
    for name in ("historical_track_views", "chart_history"):
        assert differences(only(name, state(expected)), only(name, state(database))) == []
    lengths = {
        len(days)
        for document in only("historical_track_views", state(database)).values()
        for days in document["view_counts"].values()
    }
    assert 3 in lengths


def test_an_older_day_that_is_added_later_is_remembered_when_the_newest_is_made_again(
    run_genre: GenreRunner, new_database: Databases
) -> None:
    (in_order, expected), (out_of_order, database) = new_database(), new_database()
    weeks = ("2026-02-16", "2026-02-23", MONDAY)
    run_genre.after(*weeks, settings=in_order)

    for day in (weeks[2], weeks[0], weeks[1], weeks[0], weeks[2]):
        run_genre(settings=out_of_order, as_of=day)

    assert memory(database) == memory(expected)
    assert {track["status"] for track in memory(database)} > {"new"}


def memory(database: Database[Json]) -> list[Json]:
    """What the stored chart remembers of each of its tracks, best first."""
    chart = database["view_counts_playlists"].find_one() or {}
    return [{name: track[name] for name in ("track_name", *Memory.model_fields)} for track in chart["tracks"]]


def only(collection: str, found: State) -> State:
    return {key: document for key, document in found.items() if key[0] == collection}


def test_two_genres_that_share_tracks_and_run_at_once_lose_and_repeat_nothing(
    run_genre: GenreRunner, new_database: Databases, clean_processes: ForkServerContext, faults: Faults
) -> None:
    days = (MONDAY, TUESDAY)
    faults.quota("youtube_search", ENOUGH)
    (alone, expected), (together, database) = new_database(), new_database()
    for genre in ("country", "dance"):
        for day in days:
            run_genre(genre, settings=alone, as_of=day)

    begun = clean_processes.Event()
    processes = [
        clean_processes.Process(target=runs_of, args=(together, genre, days, begun)) for genre in ("country", "dance")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=300)

    assert [process.exitcode for process in processes] == [0, 0]
    charts = [{track["isrc"] for track in document["tracks"]} for document in database["view_counts_playlists"].find()]
    shared = set.intersection(*charts) - {None}
    assert shared
    assert (
        differences(only("historical_track_views", state(expected)), only("historical_track_views", state(database)))
        == []
    )
    for document in database["historical_track_views"].find({"isrc": {"$in": sorted(shared)}}):
        assert {len(readings) for readings in document["view_counts"].values()} == {2}


def begin_run(clean_processes: ForkServerContext, settings: Settings) -> ForkServerProcess:
    """A process that has just begun to run Tuesday's dance."""
    begun = clean_processes.Event()
    process = clean_processes.Process(target=runs_of, args=(settings, "dance", [TUESDAY], begun))
    process.start()
    assert begun.wait(timeout=300)
    return process


def wait_for_the_first_write(database: Database[Json]) -> None:
    tuesday = {"insert_timestamp": {"$gte": datetime.fromisoformat(TUESDAY).replace(tzinfo=UTC)}}
    assert wait_until(lambda: database["raw_playlists"].find_one(tuesday) is not None, seconds=300)


@pytest.mark.parametrize("kills", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_leaves_every_document_old_or_new_and_the_next_run_repairs_all(
    run_genre: GenreRunner, new_database: Databases, clean_processes: ForkServerContext, kills: int
) -> None:
    settings, database = new_database()
    run_genre.after(MONDAY, settings=settings)
    old, before = state(database), {spec.name: list(database[spec.name].find()) for spec in COLLECTIONS}
    process, begun = begin_run(clean_processes, settings), time.monotonic()
    wait_for_the_first_write(database)
    first_write = time.monotonic()
    process.join()
    ended = time.monotonic()
    new = state(database)
    chance = random.Random(SEED)
    half_way = 0

    for kill in range(kills):
        for name, documents in before.items():
            database[name].delete_many({})
            if documents:
                database[name].insert_many(documents)
        process = begin_run(clean_processes, settings)
        if kill % 2:  # half of them while documents are being written, which is the smaller part of a short run
            wait_for_the_first_write(database)
            time.sleep(chance.uniform(0, ended - first_write))
        else:
            time.sleep(chance.uniform(0, ended - begun))
        process.kill()
        process.join()

        left = state(database)
        torn = [key for key in old if key not in left] + [
            key for key, document in left.items() if document not in (old.get(key), new.get(key))
        ]
        assert torn == []
        half_way += left not in (old, new)
        assert run_genre(settings=settings, as_of=TUESDAY).success
        assert differences(new, state(database)) == []

    assert half_way or kills < 10  # of two, none may have come in between
