"""The daily schedule, ticked as Dagster's daemon ticks it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from pydantic import SecretStr

from tests import documents
from tests.leftovers import kept_environment
from tests.warm import WARM
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.orchestration import schedules
from tunemeld_pipeline.orchestration.schedules import daily_refresh_schedule
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

FIRST_TICK = datetime(2025, 11, 18, 2, 30, tzinfo=UTC)
STATUS = (
    "from tunemeld_pipeline.orchestration.schedules import daily_refresh_schedule as s; print(s.default_status.value)"
)
CRON = "from tunemeld_pipeline.orchestration.schedules import daily_refresh_schedule as s; print(s.cron_schedule)"

PRODUCTION = {
    "TUNEMELD_ENV": "production",
    "MONGODB_URL": "mongodb://database.internal:27017",
    "RAPIDAPI_KEY": "a1b2c3d4e5f6a7b8c9d0",
    "YOUTUBE_API_KEY": "a1b2c3d4e5f6a7b8c9d0",
}


def evaluated(moment: datetime, settings: Settings) -> ScheduleExecutionData:
    """A tick of the schedule, with the partitions resolved as the daemon does it."""
    repository = defs.get_repository_def()
    with (
        dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance,
        dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=moment,
            repository_def=repository,
            resources={"operator": OperatorResource(settings=settings)},
        ) as context,
    ):
        return repository.get_schedule_def("daily_refresh_schedule").evaluate_tick(context)


def tick(moment: datetime) -> list[dg.RunRequest]:
    """What the schedule asks for where no genre is held."""
    found = evaluated(moment, Settings(home=Path("/nowhere")))
    assert found.skip_message is None
    return list(found.run_requests or ())


def printed(command: str, tmp_path: Path, **environment: str) -> str:
    """What a fresh process with only these settings prints."""
    variables = {**kept_environment(), "TUNEMELD_HOME": str(tmp_path), **environment}
    done = WARM.run((), folder=tmp_path, environment=variables, code=command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_schedule_asks_for_every_genre_once_a_day() -> None:
    requests = tick(FIRST_TICK)
    assert [request.partition_key for request in requests] == list(load_catalog().genres)
    assert [request.run_key for request in requests] == [f"{genre}/2025-11-18T02:30" for genre in load_catalog().genres]


def test_a_genre_that_is_held_is_left_out_and_the_reason_is_given(settings: Settings, store: Store) -> None:
    held = {"held": True, "rolled_back_to": FIRST_TICK}
    genres = list(load_catalog().genres)
    store.charts.introduce(documents.materialization(genre="dance").model_copy(update=held))
    found = evaluated(FIRST_TICK, settings)
    assert [one.partition_key for one in found.run_requests or ()] == [one for one in genres if one != "dance"]
    for genre in genres:
        store.charts.introduce(documents.materialization(genre=genre).model_copy(update=held))
    found = evaluated(FIRST_TICK, settings)
    assert not found.run_requests
    assert found.skip_message is not None
    assert "dance is held at its chart of 2025-11-18; tunemeld etl release --genre dance" in found.skip_message


def test_a_database_that_is_away_holds_no_genre(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "DATABASE_SECONDS", 0.1)
    away = settings.model_copy(update={"mongodb_url": SecretStr("mongodb://127.0.0.1:9/")})
    assert len(evaluated(FIRST_TICK, away).run_requests or ()) == len(load_catalog().genres)


def test_the_next_day_asks_anew() -> None:
    # A run key that was seen before is skipped without a word.
    keys = [request.run_key for day in range(3) for request in tick(FIRST_TICK + timedelta(days=day))]
    assert len(set(keys)) == len(keys) == 3 * len(load_catalog().genres)


def test_the_same_tick_twice_asks_for_the_same_runs() -> None:
    assert [one.run_key for one in tick(FIRST_TICK)] == [one.run_key for one in tick(FIRST_TICK)]


def test_a_genre_of_two_ticks_on_one_day_is_run_twice() -> None:
    early, late = tick(FIRST_TICK)[0], tick(FIRST_TICK + timedelta(hours=6))[0]
    assert early.partition_key == late.partition_key
    assert early.run_key != late.run_key


def test_it_is_half_past_two_in_utc_and_stopped_outside_production() -> None:
    assert daily_refresh_schedule.cron_schedule == "30 2 * * *"
    assert daily_refresh_schedule.execution_timezone == "UTC"
    assert daily_refresh_schedule.default_status is dg.DefaultScheduleStatus.STOPPED


@pytest.mark.parametrize(
    ("environment", "status"), [(PRODUCTION, "RUNNING"), ({"TUNEMELD_ENV": "development"}, "STOPPED")]
)
def test_it_runs_by_default_in_production_only(tmp_path: Path, environment: dict[str, str], status: str) -> None:
    assert printed(STATUS, tmp_path, **environment) == status


def test_its_time_is_a_setting(tmp_path: Path) -> None:
    chosen = {"TUNEMELD_ENV": "testing", "DAILY_REFRESH_CRON": "0 4 * * *"}
    assert printed(CRON, tmp_path, **chosen) == "0 4 * * *"
