"""Taking over an untidy database of the older system, on a real server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from tests.conftest import GenreRunner
from tests.older_database import DAY, ISRC, Json, contents, fill
from tunemeld_pipeline.backups.backup import back_up, restore
from tunemeld_pipeline.backups.signing import KEY_BYTES
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.older_system.takeover import take_over
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.charts import Charts
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import OLDER_COLLECTIONS, Layout
from tunemeld_pipeline.storage.observations import Observations
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.storage.transfer import Transfer

KEY = b"k" * KEY_BYTES


@pytest.fixture
def old(settings: Settings, mongod_url: str) -> Iterator[Database[Json]]:
    """The older system's database, where the settings look for theirs."""
    with connect(mongod_url) as client:
        client.drop_database(settings.database_name)  # a test that also runs genres is given one with our validators
        fill(client[settings.database_name])
        yield client[settings.database_name]


def counts_and_deltas(readings: list[Any]) -> list[tuple[int, int, int]]:
    """Readings as (days after the first day, count, delta)."""
    return [((one.current_timestamp - DAY).days, one.view_count, one.delta_count) for one in readings]


def test_it_works(old: Database[Json], settings: Settings) -> None:
    store = Store(old)
    shown = {done.collection: str(done) for done in take_over(store)}

    first, second = store.histories.of([ISRC, "USQX92500002"])
    assert counts_and_deltas(first.view_counts["Youtube"]) == [
        (0, 100, 0),
        (1, 110, 10),
        (2, 130, 20),
        (4, 3_600_000_000, 3_599_999_870),
        (5, 3_600_000_050, 50),
    ]
    assert counts_and_deltas(first.view_counts["Spotify"]) == [(0, 1000, 0)]
    assert first.first_seen == datetime(2025, 5, 1, tzinfo=UTC)
    assert second.view_counts == {}
    assert "2 documents taken over, 1 doubles removed, 1 unusable documents removed" in shown["historical_track_views"]
    assert "2 readings of 0 dropped" in shown["historical_track_views"]
    assert "1 further readings of a day dropped" in shown["historical_track_views"]
    assert "2 readings without a time or a number dropped" in shown["historical_track_views"]
    kept = old["historical_track_views"].find_one({"isrc": ISRC})
    assert kept is not None
    assert kept["note"] == "kept"
    assert kept["period"] == "2025-05"
    assert all(isinstance(one["current_timestamp"], datetime) for one in kept["view_counts"]["Youtube"].values())

    playlists = store.playlists.raw_playlists("dance", datetime.now(UTC))
    assert [(one.service_name, one.insert_timestamp, one.upstream) for one in playlists] == [
        ("Spotify", DAY + timedelta(days=2), "live"),
        ("AppleMusic", DAY, "live"),
    ]
    assert json.loads(playlists[0].data_json) == {"tracks": [1]}
    assert all(index.state == "ok" for index in store.layout.indexes())


def test_readers_have_the_old_chart_until_the_first_run_writes_its_own(
    old: Database[Json], settings: Settings, run_genre: GenreRunner
) -> None:
    store = Store(old)
    take_over(store)
    chart = store.charts.chart("dance", datetime.now(UTC))
    assert [track.track_name for track in chart.tracks] == ["Song 1", "Song 2"]
    counted, uncounted = (track.readings for track in chart.tracks)
    assert (counted["Youtube"].last.view_count, counted["Youtube"].last.current_timestamp) == (5, DAY)
    assert uncounted == {}
    assert store.charts.materializations()["dance"].version == 1
    assert run_genre("dance").success
    assert store.charts.materializations()["dance"].version == 2
    assert counts_and_deltas(store.histories.of([ISRC])[0].view_counts["Youtube"])[-1] == (5, 3_600_000_050, 50)


def test_a_dry_run_says_the_same_and_changes_nothing(old: Database[Json]) -> None:
    before = contents(old)
    planned = [str(done) for done in take_over(Store(old), dry_run=True)]
    assert contents(old) == before
    assert planned == [str(done) for done in take_over(Store(old))]


def test_a_second_time_changes_nothing(old: Database[Json]) -> None:
    take_over(Store(old))
    before = contents(old)
    assert [done.documents + done.doubles + done.unusable for done in take_over(Store(old))] == [0, 0, 0, 0]
    assert contents(old) == before


class Interrupted(Exception):
    """Stands for the end of the process."""


class Process:
    """Ends before its `left`-th change."""

    left = 0

    @classmethod
    def change(cls) -> None:
        cls.left -= 1
        if cls.left < 0:
            raise Interrupted


class EndingTransfer(Transfer):
    def exchange(self, *arguments: Any) -> None:
        Process.change()
        super().exchange(*arguments)


class EndingCharts(Charts):
    def introduce(self, *arguments: Any) -> None:
        Process.change()
        super().introduce(*arguments)


class EndingLayout(Layout):
    def prepare(self, *, going_back: bool = False) -> None:
        Process.change()
        super().prepare(going_back=going_back)


class EndingStore(Store):
    """A store whose process ends before one of its changes."""

    def __init__(self, database: Database[Json]) -> None:
        super().__init__(database)
        self.transfer = EndingTransfer(self.handle)
        self.charts = EndingCharts(
            self.handle,
            Observations(self.handle, self.quarantine),
            self.histories,
            self.quarantine,
            self.rollbacks,
            self.recordings,
            self.positions,
        )
        self.layout = EndingLayout(self.handle)


@pytest.mark.parametrize("after", range(6))
def test_ended_at_any_point_the_next_time_completes_it(
    old: Database[Json], settings: Settings, tmp_path: Path, after: int
) -> None:
    store = Store(old)
    saved = tmp_path / "saved"
    back_up(store, saved, database=settings.database_name, upstreams="sandbox", key=KEY)
    take_over(store)
    whole = {name: contents(old)[name] for name in OLDER_COLLECTIONS}
    for name in old.list_collection_names():
        old.drop_collection(name)
    restore(store, saved, database=settings.database_name, upstreams="sandbox", key=KEY)

    Process.left = after
    with pytest.raises(Interrupted):
        take_over(EndingStore(old))
    take_over(store)

    assert {name: contents(old)[name] for name in OLDER_COLLECTIONS} == whole
    assert store.charts.materializations()["dance"].version == 1
    assert store.layout.ready()


def test_nothing_is_mixed_with_what_was_not_taken_over(old: Database[Json], settings: Settings) -> None:
    with pytest.raises(StoreError, match="documents of the older system") as refused:
        Store(old).layout.prepare()
    assert refused.value.next_command == "tunemeld db init --dry-run"
    assert "layout" not in old.list_collection_names()
