"""The API over a stored document that cannot be read: that genre alone suffers, in workers that run and in those that start."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from tests.django_backend.conftest import TUESDAY, WEDNESDAY, Api, refresh, serving, settings_for_api
from tests.edited_database import editable
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

Json = dict[str, Any]
HARMED, OTHER = "dance", "pop"


@pytest.fixture(scope="module")
def world(mongod_url: str, sandbox_root: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two genres, refreshed on two days, with no shared cache to fall back on."""
    home: Path = tmp_path_factory.mktemp("unreadable")
    chosen = settings_for_api(mongod_url, sandbox_root, home).model_copy(update={"cache": CacheBackend.MEMORY})
    for genre in (HARMED, OTHER):
        refresh(chosen, TUESDAY, genre)
    refresh(chosen, WEDNESDAY, HARMED)
    try:
        yield chosen
    finally:
        with connect(mongod_url) as client:
            client.drop_database(chosen.database_name)


@pytest.fixture
def database(world: Settings, mongod_url: str) -> Iterator["Database[Json]"]:
    """The collections, restored after the test."""
    with editable(mongod_url, world.database_name) as opened:
        yield opened


def test_a_worker_that_starts_answers_for_every_other_genre_and_names_the_document(
    world: Settings, database: "Database[Json]"
) -> None:
    database["materializations"].update_one({"_id": HARMED}, {"$set": {"publication": "x"}})
    with serving(world, TUNEMELD_CACHE="memory") as api:
        assert api.ask(f"/playlist-data/{OTHER}").status_code == 200
        assert "X-TuneMeld-Stale" not in api.ask(f"/playlist-data/{OTHER}").headers
        harmed = api.ask(f"/playlist-data/{HARMED}")
        assert harmed.status_code == 503
        assert "materializations dance" in harmed.json()["message"]
        assert "unreachable" not in harmed.json()["message"]
        assert api.data("/genres")
        assert api.ask("/health/ready").json()["data"]["missing"] == ["country", "rap"]
        health = api.data("/health")
        assert health["state"] == "degraded"
        assert health["checks"]["documents"]["details"]["unreadable"] == {
            "materializations dance": "publication: Input should be a valid dictionary or instance of Publication"
        }
        assert health["checks"]["database"]["state"] == "good"
        metrics = api.ask("/metrics").text
        assert 'tunemeld_unreadable_documents{collection="materializations"} 1.0' in metrics
        assert "tunemeld_quota_used" in metrics
        refresh(world, WEDNESDAY, HARMED)
        assert api.becomes(f"/playlist-data/{HARMED}", lambda answer: answer.status_code == 200)
        assert api.becomes(
            "/health", lambda answer: answer.json()["data"]["checks"]["documents"]["details"]["unreadable"] == {}
        )


@pytest.mark.slow
def test_a_running_worker_keeps_its_pages_and_a_history_is_left_out_of_new_ones(
    world: Settings, database: "Database[Json]"
) -> None:
    with serving(world, TUNEMELD_CACHE="memory") as api:
        before = {path: _body(api, path) for path in (f"/playlist-data/{HARMED}", f"/graph-data/{OTHER}")}
        isrc = next(one["isrc"] for one in api.data(f"/graph-data/{HARMED}") if one["isrc"])
        database["historical_track_views"].update_one({"isrc": isrc}, {"$set": {"view_counts": "many"}})
        database["materializations"].update_one({"_id": HARMED}, {"$unset": {"outcomes.Spotify.state": ""}})
        database["chart_history"].update_one({"genre_name": HARMED, "date": TUESDAY}, {"$set": {"lists": []}})
        database["api_usage"].update_many({}, {"$unset": {"used": ""}})
        day = api.ask(f"/playlist-data/{HARMED}?date={TUESDAY}")
        assert day.status_code == 503
        assert f"chart_history dance {TUESDAY}" in day.json()["message"]
        assert api.ask("/metrics").status_code == 200
        assert api.ask(f"/playlist-data/{HARMED}?date={WEDNESDAY}").status_code == 200
        assert {path: _body(api, path) for path in before} == before
        with serving(world, TUNEMELD_CACHE="memory") as fresh:
            database["materializations"].update_one({"_id": HARMED}, {"$set": {"outcomes": {}}})
            assert fresh.becomes(f"/playlist-data/{HARMED}", lambda answer: answer.status_code == 200)
            assert isrc not in {one["isrc"] for one in fresh.data(f"/graph-data/{HARMED}")}
            assert _body(fresh, f"/graph-data/{OTHER}") == before[f"/graph-data/{OTHER}"]
            unreadable = fresh.data("/health")["checks"]["documents"]["details"]["unreadable"]
            # What changed since the day before is read too, for the feeds and for today.
            named = {f"historical_track_views {isrc}", f"chart_history {HARMED} {TUESDAY}"}
            assert {name.partition("/")[0] for name in unreadable} == named
        assert "Traceback" not in api.log.read_text()


def _body(api: Api, path: str) -> bytes:
    answer = api.ask(path)
    assert answer.status_code == 200
    return answer.content
