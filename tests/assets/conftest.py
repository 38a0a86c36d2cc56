"""Fixtures for the tests of the assets: days of a quiet week, one asset at a time, and how to read what a run said."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import dagster as dg
import pytest
from pymongo.database import Database

from tests.conftest import GenreRunner
from tunemeld_pipeline.resources.bindings import resources
from tunemeld_pipeline.run_tags import AS_OF_TAG, DEGRADED_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

TUESDAY, WEDNESDAY, THURSDAY = "2025-11-18", "2025-11-19", "2025-11-20"
"""Lists change on Fridays, so that between these days only counts do."""

Result = dg.ExecuteInProcessResult


class Materializer(Protocol):
    """Materializes some assets of `dance` as of a day; a failure raises, unless the caller wants it back."""

    def __call__(
        self, *assets: dg.AssetsDefinition, as_of: str = ..., settings: Settings | None = ..., raises: bool = ...
    ) -> Result: ...


@pytest.fixture
def materialize(settings: Settings, run_genre: GenreRunner) -> Materializer:
    test_settings = settings

    def materialized(
        *assets: dg.AssetsDefinition, as_of: str = TUESDAY, settings: Settings | None = None, raises: bool = True
    ) -> Result:
        return dg.materialize(
            assets,
            partition_key="dance",
            instance=run_genre.instance,
            resources=resources(settings or test_settings),
            tags={AS_OF_TAG: as_of},
            raise_on_error=raises,
        )

    return materialized


@pytest.fixture
def database(settings: Settings, mongod_url: str) -> Iterator[Database[dict[str, Any]]]:
    """The run's database, to look at its documents."""
    with connect(mongod_url) as client:
        yield client[settings.database_name]


def moment(day: str) -> datetime:
    """The observation time that `--as-of` with a date means."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def days_after(day: str, days: int) -> str:
    return f"{moment(day) + timedelta(days=days):%Y-%m-%d}"


def degraded(runner: GenreRunner, result: Result) -> set[str]:
    """What the run's tag says is missing; empty for a run that is fresh."""
    run = runner.instance.get_run_by_id(result.run_id)
    assert run is not None
    return set(filter(None, run.tags.get(DEGRADED_TAG, "").split(", ")))


def failure(result: Result) -> str:
    """What a failed run says to its operator."""
    assert not result.success
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data.user_failure_data
            assert data is not None, event.step_failure_data.error
            return data.description or ""
    raise AssertionError("no step failed")


def metadata_of(result: Result, asset: str) -> dict[str, Any]:
    """An asset's metadata, as plain values."""
    return {name: value.value for name, value in result.asset_materializations_for_node(asset)[0].metadata.items()}
