"""A day's end, reported once: real runs in a real database, and a real server behind HEARTBEAT_URL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from tests import documents
from tests.conftest import GenreRunner
from tests.receivers import serving
from tests.watching.test_day_end import Switch
from tunemeld_pipeline.orchestration.day_report import report_day
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.cron import last_time
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching import day_end


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    monkeypatch.setattr(day_end, "WAIT_SECONDS", 0.0)
    with serving(Switch()) as server:
        yield server


@pytest.fixture
def switched(settings: Settings, switch: Switch) -> Settings:
    return settings.model_copy(update={"heartbeat_url": SecretStr(switch.url)})


def publish(store: Store, genre: str, at: datetime) -> None:
    store.handle["materializations"].delete_one({"_id": genre})
    store.charts.introduce(documents.materialization(at=at, genre=genre))


def test_the_end_of_a_good_day_is_reported_once_and_the_next_day_s_again(
    switched: Settings, store: Store, run_genre: GenreRunner, switch: Switch
) -> None:
    now = datetime.now(UTC)
    due = last_time(switched.daily_refresh_cron, now)
    assert due is not None
    genres = list(load_catalog().genres)
    for genre in genres[1:]:
        publish(store, genre, due)
    assert report_day(store, run_genre.instance, switched, now) is None
    publish(store, genres[0], due)
    assert report_day(store, run_genre.instance, switched, now) == "good"
    for later in (timedelta(0), timedelta(minutes=5)):
        assert report_day(store, run_genre.instance, switched, now + later) is None
    assert [path for _, path, _ in switch.heard] == [""]

    tomorrow = now + timedelta(days=1)
    assert report_day(store, run_genre.instance, switched, tomorrow) is None
    for genre in genres:
        publish(store, genre, due + timedelta(days=1))
    assert report_day(store, run_genre.instance, switched, tomorrow) == "good"


def test_a_switch_that_is_away_fails_nothing_and_is_tried_again(
    switched: Settings, store: Store, run_genre: GenreRunner, switch: Switch
) -> None:
    now = datetime.now(UTC)
    for genre in load_catalog().genres:
        publish(store, genre, now)
    switch.answers = [500] * 3
    assert report_day(store, run_genre.instance, switched, now) is None
    # Not at once: another process may be sending it.
    assert report_day(store, run_genre.instance, switched, now) is None
    assert len(switch.heard) == 3
    assert report_day(store, run_genre.instance, switched, now + timedelta(minutes=2)) == "good"


def test_a_failed_day_is_reported_as_such_and_a_good_one_after_all_as_good(store: Store) -> None:
    at = datetime(2026, 1, 5, 3, tzinfo=UTC)
    day, next_day = at - timedelta(hours=1), at + timedelta(hours=23)
    assert store.heartbeats.claim_day(day, "failed", at)
    store.heartbeats.day_reported(day, "failed")
    assert not store.heartbeats.is_reported(day)
    assert not store.heartbeats.claim_day(day, "failed", at + timedelta(hours=1))
    assert store.heartbeats.claim_day(day, "good", at)
    assert not store.heartbeats.claim_day(day, "good", at)
    store.heartbeats.day_reported(day, "good")
    assert store.heartbeats.is_reported(day)
    assert not store.heartbeats.claim_day(day, "failed", at + timedelta(hours=2))
    assert store.heartbeats.claim_day(next_day, "failed", next_day)
    assert store.heartbeats.is_reported(day)
    assert not store.heartbeats.claim_day(day, "good", next_day)


def test_a_dead_address_is_given_up_for_the_day(store: Store) -> None:
    at = day = datetime(2026, 1, 5, 3, tzinfo=UTC)
    claims = [store.heartbeats.claim_day(day, "good", at + timedelta(minutes=2 * number)) for number in range(12)]
    assert claims == [True] * 10 + [False] * 2


def test_without_an_address_nothing_is_looked_at(settings: Settings, store: Store, run_genre: GenreRunner) -> None:
    assert report_day(store, run_genre.instance, settings, datetime.now(UTC)) is None
    assert store.handle["heartbeats"].find_one() is None
