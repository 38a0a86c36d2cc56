"""A live run without YouTube's key: its counts are not configured, so nothing is asked, nothing lacks, and nobody is alarmed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from tests.assets.conftest import Materializer, degraded, metadata_of
from tests.conftest import GenreRunner
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins.registry import hosts
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings


@pytest.fixture
def live_without_youtube(settings: Settings, mongod_url: str) -> Iterator[Settings]:
    """A live world whose every host is the sandbox, which plays today where no day is named; its database is gone after the test."""
    live = settings.model_copy(
        update={
            "upstreams": Upstreams.LIVE,
            "rapidapi_key": SecretStr(SANDBOX_KEY),
            **{host.address_field: f"{settings.sandbox_url}/{key}" for key, host in hosts().items()},
            **{host.rate_field: 1_000 for host in hosts().values()},
        }
    )
    assert live.database_name != settings.database_name
    yield live
    with MongoClient(mongod_url) as client:
        client.drop_database(live.database_name)


def test_counts_without_a_key_are_not_asked_and_lack_nothing(
    materialize: Materializer, run_genre: GenreRunner, live_without_youtube: Settings, faults: Faults
) -> None:
    assets = (raw_playlists, track_playlist, view_counts_playlists)

    result = materialize(*assets, as_of=f"{datetime.now(UTC):%Y-%m-%d}", settings=live_without_youtube)

    assert "youtube" not in faults.requests()
    assert degraded(run_genre, result) == set()
    noted = metadata_of(result, "view_counts_playlists")
    assert noted["missing_counts"] == "none"
    assert {name for name in noted if name.startswith("coverage/")} == {"coverage/spotify", "coverage/soundcloud"}
    assert noted["coverage/spotify"] > 0.5
