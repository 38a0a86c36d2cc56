"""Histories of an earlier release, one growing document each, become documents of one month: three generated years of them."""

from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from tests.documents import isrc
from tests.older_database import MONTHS, fill_with_growing_histories
from tunemeld_pipeline.backups.backup import back_up, restore
from tunemeld_pipeline.backups.signing import KEY_BYTES
from tunemeld_pipeline.charts.documents import HistoryPeriod
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.older_system import takeover
from tunemeld_pipeline.older_system.takeover import take_over
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import read
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]
TRACKS = 8


@pytest.fixture
def old(settings: Settings, mongod_url: str) -> Iterator[Database[Json]]:
    """The database as the release before left it: its index, its marker, and histories of three years."""
    with connect(mongod_url) as client:
        fill_with_growing_histories(client[settings.database_name], TRACKS)
        yield client[settings.database_name]


def series(database: Database[Json]) -> Json:
    """Every history as it is read: first seen, and the readings with their gains."""
    return {
        one.isrc: (one.first_seen, one.view_counts) for one in Store(database).histories.of(map(isrc, range(TRACKS)))
    }


def kept(database: Database[Json]) -> list[Json]:
    return list(database["historical_track_views"].find().sort("_id"))


def test_they_are_read_the_same_before_and_after(old: Database[Json]) -> None:
    before = series(old)
    assert [one.delta_count for one in before[isrc(3)][1]["Spotify"]][:3] == [0, 3, 5]

    (shown,) = [f"{done}" for done in take_over(Store(old)) if done.collection == "historical_track_views"]

    assert series(old) == before
    assert shown == f"historical_track_views: {TRACKS} documents taken over"
    months = kept(old)
    assert len(months) == TRACKS * MONTHS
    assert {(one["isrc"], one["run_id"]) for one in months} == {(isrc(n), f"run-{n}") for n in range(TRACKS)}
    assert read(HistoryPeriod, months[-1]).period == "2026-02"
    assert {one.state for one in Store(old).layout.indexes()} == {"ok"}


def test_a_run_refuses_them_and_names_the_command(old: Database[Json]) -> None:
    with pytest.raises(StoreError, match="histories of an earlier release") as refused:
        Store(old).layout.prepare()
    assert refused.value.next_command == "tunemeld db init --dry-run"
    assert (old["layout"].find_one() or {})["version"] == 4


def test_a_dry_run_changes_nothing_and_a_second_takeover_neither(old: Database[Json]) -> None:
    before = kept(old)
    planned = [f"{done}" for done in take_over(Store(old), dry_run=True)]
    assert kept(old) == before
    assert "isrc_1" in old["historical_track_views"].index_information()
    assert planned == [f"{done}" for done in take_over(Store(old))]
    after = kept(old)
    assert {done.documents for done in take_over(Store(old))} == {0}
    assert kept(old) == after


def divide(url: str, database: str) -> None:
    """What a process of its own does, in transactions of two documents, so that there are several to be killed between."""
    takeover.BATCH = 2
    with connect(url) as client:
        take_over(Store(client[database]))


def test_killed_between_it_is_read_as_before_and_goes_on(
    old: Database[Json], settings: Settings, mongod_url: str, clean_processes: ForkServerContext
) -> None:
    before = series(old)
    process = clean_processes.Process(target=divide, args=(mongod_url, settings.database_name))
    process.start()
    months = {"schema_version": 3}
    assert wait_until(lambda: old["historical_track_views"].find_one(months) is not None, seconds=300)
    process.kill()
    process.join()

    assert series(old) == before
    if Store(old).layout.to_take_over():  # else it was done at that moment
        with pytest.raises(StoreError, match="db init"):
            Store(old).layout.prepare()
    take_over(Store(old))
    assert series(old) == before
    assert len(kept(old)) == TRACKS * MONTHS


def test_their_backup_comes_back_and_is_taken_over_again(
    old: Database[Json], settings: Settings, tmp_path: Path
) -> None:
    here: Json = {"database": settings.database_name, "upstreams": "sandbox", "key": b"k" * KEY_BYTES}
    before, as_kept, store = series(old), kept(old), Store(old)
    back_up(store, tmp_path / "saved", **here)
    take_over(store)

    restore(store, tmp_path / "saved", **here)

    assert kept(old) == as_kept
    assert series(old) == before
    assert not store.layout.ready()
    take_over(store)
    assert series(old) == before
    assert store.layout.ready()
