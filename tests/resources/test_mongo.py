"""MongoDB as a run opens it."""

import time
import traceback

import dagster as dg
import pytest

from tests.wire import CANARY
from tunemeld_pipeline.errors import DatabaseUnavailable, StoreError
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import COLLECTIONS, LAYOUT_VERSION


def test_it_works(settings: Settings, mongod_url: str, instance: dg.DagsterInstance) -> None:
    with dg.build_resources({"mongo": MongoResource(settings=settings)}, instance=instance) as scope:
        assert scope.mongo.store.charts.materializations() == {}
    with connect(mongod_url) as client:
        names = client[settings.database_name].list_collection_names()
        assert {spec.name for spec in COLLECTIONS} <= set(names)
        assert client[settings.database_name]["layout"].find_one() == {"_id": "layout", "version": LAYOUT_VERSION}


def test_its_client_ends_with_the_run(settings: Settings, instance: dg.DagsterInstance) -> None:
    with dg.build_resources({"mongo": MongoResource(settings=settings)}, instance=instance) as scope:
        store = scope.mongo.store
    with pytest.raises(StoreError, match="InvalidOperation"):
        store.charts.materializations()


def test_a_server_that_cannot_be_reached_is_named_in_bounded_time_without_its_password(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    nowhere = Settings.model_validate(
        {**settings.model_dump(), "mongodb_url": f"mongodb://tunemeld:{CANARY}@127.0.0.1:1/"}
    )
    started = time.monotonic()
    with (
        pytest.raises(dg.DagsterResourceFunctionError) as caught,
        dg.build_resources({"mongo": MongoResource(settings=nowhere)}, instance=instance),
    ):
        pass
    assert time.monotonic() - started < 60
    assert isinstance(caught.value.__cause__, DatabaseUnavailable)
    assert "check MONGODB_URL" in str(caught.value.__cause__)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
