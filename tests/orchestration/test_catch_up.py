"""The hourly look for genres without a chart of today, and what the runs read that it starts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from pydantic import SecretStr

from tests import documents
from tests.conftest import GenreRunner, daily_refresh_with
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.orchestration import catch_up
from tunemeld_pipeline.orchestration.catch_up import MISSED, catch_up_schedule, refreshes
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import CATCH_UP_TAG, DATABASE_TAG, PARTITION_TAG
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

GENRES = list(load_catalog().genres)
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
DAY = "2026-03-03"
Look = Callable[..., tuple[dict[str, str], str]]


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """An instance that keeps schedules, which one in memory does not."""
    with open_instance(settings) as opened:
        yield opened


@pytest.fixture
def look(settings: Settings, instance: dg.DagsterInstance) -> Look:
    """The genres that are refreshed, with the keys of their runs, or why none is."""

    def found(**changes: object) -> tuple[dict[str, str], str]:
        changed = settings.model_copy(update={"daily_refresh": True} | changes)
        asked = list(refreshes(instance, changed, NOON))
        runs = {str(one.partition_key): str(one.run_key) for one in asked if isinstance(one, dg.RunRequest)}
        return runs, "".join(str(one.skip_message) for one in asked if isinstance(one, dg.SkipReason))

    return found


def recorded(settings: Settings, instance: dg.DagsterInstance, genre: str, *, under_way: bool = False) -> None:
    """A run of the catch-up, which has failed or is under way."""
    tags = {CATCH_UP_TAG: DAY, PARTITION_TAG: genre, DATABASE_TAG: settings.database_name}
    status = dg.DagsterRunStatus.STARTED if under_way else dg.DagsterRunStatus.FAILURE
    instance.create_run_for_job(daily_refresh_with(settings), status=status, tags=tags)


def test_every_genre_without_a_chart_of_today_is_refreshed_at_most_three_times(
    settings: Settings, store: Store, instance: dg.DagsterInstance, look: Look
) -> None:
    fresh, held, busy, tried, *others = GENRES[:4]
    store.charts.introduce(documents.materialization(genre=fresh, at=NOON - timedelta(hours=9)))
    yesterday = documents.materialization(genre=held, at=NOON - timedelta(days=1))
    store.charts.introduce(yesterday.model_copy(update={"held": True, "rolled_back_to": NOON}))
    recorded(settings, instance, busy, under_way=True)
    recorded(settings, instance, tried)
    recorded(settings, instance, tried)
    runs, _ = look()
    assert runs == {tried: f"{tried}/catch-up/{DAY}/3", **{one: f"{one}/catch-up/{DAY}/1" for one in GENRES[4:]}}
    for genre in runs:
        for _ in range(3):
            recorded(settings, instance, genre)
    runs, why = look()
    assert (runs, why.partition(":")[0]) == ({}, "under way, or tried often enough today")
    assert tried in why
    assert others == []


def test_none_is_with_the_daily_refresh_off_or_the_database_away(
    store: Store, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(daily_refresh=False) == ({}, "the daily refresh is switched off")
    monkeypatch.setattr(catch_up, "DATABASE_SECONDS", 0.1)
    runs, why = look(mongodb_url=SecretStr("mongodb://127.0.0.1:9/"))
    assert (runs, why.partition(":")[0]) == ({}, f"which genres lack a chart of {DAY} could not be read")
    # A document that cannot be read is written anew.
    unreadable = {"_id": "dance", "schema_version": 1}
    store.handle["materializations"].insert_one(unreadable, bypass_document_validation=True)
    runs, _ = look()
    assert set(runs) == set(GENRES)


def test_the_schedule_looks_each_hour_and_leaves_what_is_too_late(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    def said(moment: datetime) -> str | None:
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=moment,
            repository_def=defs.get_repository_def(),
            resources={"operator": OperatorResource(settings=settings)},
        ) as context:
            return catch_up_schedule.evaluate_tick(context).skip_message

    assert catch_up_schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert said(datetime.now(UTC) - MISSED - timedelta(minutes=1)) == "too late: the next look is near"
    assert said(datetime.now(UTC)) == "the daily refresh is switched off"


def test_a_run_that_catches_up_reads_only_what_was_not_read_on_its_day(
    settings: Settings, store: Store, run_genre: GenreRunner, faults: Faults
) -> None:
    faults.add("soundcloud", Fault.SERVER_ERROR, times=None)
    run_genre(as_of=DAY)
    faults.clear()
    before = {one.service_name: one.run_id for one in store.playlists.playlist_headers("dance", NOON)}
    faults.reset_requests()
    tags = {CATCH_UP_TAG: DAY, "tunemeld/as_of": f"{DAY}T12:00:00Z"}
    result = daily_refresh_with(settings).execute_in_process(
        instance=run_genre.instance, partition_key="dance", tags=tags
    )
    after = {one.service_name: one.run_id for one in store.playlists.playlist_headers("dance", NOON)}
    assert {service for service, run_id in after.items() if run_id != before.get(service)} == {"SoundCloud"}
    assert not faults.requests().get("apple_music")
    shown = store.charts.materialization("dance")
    assert shown is not None
    assert (shown.run_id, shown.degraded) == (result.run_id, [])
