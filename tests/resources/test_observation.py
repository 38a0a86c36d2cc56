"""A run's observation time, from its tag or its start."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tunemeld_pipeline.errors import ObservationTimeError
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.run_tags import AS_OF_TAG
from tunemeld_pipeline.settings.settings import Settings


def observed(instance: dg.DagsterInstance, settings: Settings, run: dg.DagsterRun | None) -> ObservationResource:
    """The resource as this run opens it."""
    with dg.build_resources(
        {"observation": ObservationResource(settings=settings)}, instance=instance, dagster_run=run
    ) as scope:
        resource: ObservationResource = scope.observation
        return resource


def run_tagged(as_of: str) -> dg.DagsterRun:
    return dg.DagsterRun(job_name="daily_refresh", tags={AS_OF_TAG: as_of})


def test_it_works(instance: dg.DagsterInstance, settings: Settings) -> None:
    run = run_tagged("2025-11-22")
    observation = observed(instance, settings, run)
    assert observation.as_of == datetime(2025, 11, 22, tzinfo=UTC)
    assert observation.run_id == run.run_id
    assert observation.upstream == "sandbox"


def test_a_time_is_kept_to_the_millisecond_as_mongodb_keeps_it(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    observation = observed(instance, settings, run_tagged("2025-11-22T02:30:00.123987Z"))
    assert observation.as_of == datetime(2025, 11, 22, 2, 30, 0, 123_000, UTC)


def test_without_a_tag_it_is_the_runs_start_in_every_step_and_in_every_retry(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    run = dg.DagsterRun(job_name="daily_refresh")
    instance.add_run(run)
    created = instance.get_run_record_by_id(run.run_id)
    assert created is not None
    first, second = (observed(instance, settings, run).as_of for _ in range(2))
    assert first == second
    assert abs(first - created.create_timestamp) < timedelta(milliseconds=1)


def test_todays_date_is_the_runs_start_too(instance: dg.DagsterInstance, settings: Settings) -> None:
    run = run_tagged(f"{datetime.now(UTC):%Y-%m-%d}")
    instance.add_run(run)
    first, second = (observed(instance, settings, run).as_of for _ in range(2))
    assert first == second


@pytest.mark.parametrize("as_of", ["2999-01-01", "not a day", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_cannot_be_meant_is_refused(instance: dg.DagsterInstance, settings: Settings, as_of: str) -> None:
    with pytest.raises(dg.DagsterResourceFunctionError) as caught:
        observed(instance, settings, run_tagged(as_of))
    assert isinstance(caught.value.__cause__, ObservationTimeError)


def test_a_past_day_is_refused_where_the_services_are_live(instance: dg.DagsterInstance) -> None:
    live = Settings(environment="development", upstreams="live", rapidapi_key="k", youtube_api_key="k")
    with pytest.raises(dg.DagsterResourceFunctionError) as caught:
        observed(instance, live, run_tagged("2025-11-22"))
    assert "today's counts" in str(caught.value.__cause__)
    assert observed(instance, live, run_tagged(f"{datetime.now(UTC):%Y-%m-%d}")).upstream == "live"
