"""Stored documents edited at random, under a running API and runs: each edit harms its own document, and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pymongo.database import Database

from tests import documents
from tests.conftest import GenreRunner
from tests.django_backend.conftest import Api, refresh, serving, settings_for_api
from tests.edited_database import editable, restore
from tests.fuzz.mutations import ASKED, TRIED
from tests.fuzz.stored import COLLECTIONS, Edited, edit
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.document_check import repair_documents, unreadable_documents
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.publication import genre_paths
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import check
from tunemeld_pipeline.storage.shapes import SHAPES
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]
HARMED, OTHER = "dance", "pop"
FIRST, SECOND = "2026-03-01", "2026-03-02"
ROUNDS = 3
EDITS = 12
"""How often, and how many documents each time."""

SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.fixture(scope="module")
def world(mongod_url: str, sandbox_root: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two genres, the edited one with two days, and no shared cache."""
    home: Path = tmp_path_factory.mktemp("stored")
    made = settings_for_api(mongod_url, sandbox_root, home).model_copy(update={"cache": CacheBackend.MEMORY})
    for day, genre in ((FIRST, HARMED), (SECOND, HARMED), (FIRST, OTHER)):
        refresh(made, day, genre)
    try:
        yield made
    finally:
        with connect(mongod_url) as client:
            client.drop_database(made.database_name)


@pytest.fixture
def database(world: Settings, mongod_url: str) -> Iterator["Database[Json]"]:
    with editable(mongod_url, world.database_name) as opened:
        yield opened


def todays_paths(genre: str) -> list[str]:
    """The addresses of today's answers; what the feeds are made from is kept beside them, and has none."""
    return [path for path in genre_paths(load_catalog().genre(genre)) if path.startswith("/")]


def paths(genre: str) -> list[str]:
    return [
        *todays_paths(genre),
        f"/playlist-data/{genre}?date={FIRST}",
        f"/graph-data/{genre}?date={FIRST}",
    ]


def bodies(api: Api, genre: str) -> dict[str, bytes]:
    """Every answer of a genre, all of which must be good."""
    answers = {path: api.ask(path) for path in paths(genre)}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    return {path: answer.content for path, answer in answers.items()}


def what_mongodb_finds_is_what_the_models_refuse(database: "Database[Json]", done: list[Edited]) -> None:
    store = Store(database)
    found = {(one.collection, one.document_id) for one in unreadable_documents(store)}
    for collection in SHAPES:
        for document in database[collection].find():
            refused = _is_refused(collection, document)
            assert refused == ((collection, str(document["_id"])) in found), (refused, collection, document, done)


def _is_refused(collection: str, document: Json) -> bool:
    try:
        check(collection, document)
    except StoreError:
        return True
    return False


@pytest.mark.parametrize("seed", [SEED])
def test_mongodb_finds_every_document_that_the_models_refuse(seed: int, store: Store, run_genre: GenreRunner) -> None:
    database = store.handle.database
    assert run_genre(HARMED, as_of=SECOND).success
    assert run_genre(HARMED, as_of=FIRST).success  # an earlier day fills `backfill`
    store.incidents.add(
        Incident(incident_id="1", key="a", kind="run_failed", opened_at=documents.MONDAY, last_seen=documents.MONDAY)
    )
    for name in COLLECTIONS:
        assert database[name].find_one() is not None, name
    chance = Random(f"{seed}/search")
    for number in range(max(60, ASKED)):
        done = edit(database, chance, HARMED)
        if number % 20 == 19 and done:
            what_mongodb_finds_is_what_the_models_refuse(database, [done])
        TRIED["stored documents edited, and searched"] += done is not None
    what_mongodb_finds_is_what_the_models_refuse(database, [])


@pytest.mark.slow
def test_edited_documents_harm_nothing_else_and_a_repair_and_a_run_mend_all(
    world: Settings, database: "Database[Json]", run_genre: GenreRunner
) -> None:
    with serving(world, TUNEMELD_CACHE="memory") as api:
        good = bodies(api, OTHER)
        harmed = {path: api.ask(path).content for path in todays_paths(HARMED)}
        before = {name: list(database[name].find()) for name in database.list_collection_names()}
        for number in range(max(ROUNDS, ASKED // 500)):
            chance = Random(f"{SEED}/{number}")
            done = [one for _ in range(EDITS) if (one := edit(database, chance, HARMED))]
            TRIED["stored documents edited, under an API and runs"] += len(done)
            edited_under(api, good, harmed, done)
            with serving(world, TUNEMELD_CACHE="memory") as fresh:
                edited_under(fresh, good if not _shared(done) else {}, {}, done)
            ran_over(world, run_genre, done)
            store = Store(database)
            repair_documents(store, "sandbox")
            _remove_newer(database)
            again = run_genre(HARMED, as_of=SECOND, settings=world, raise_on_error=False)
            assert again.success, done
            assert unreadable_documents(store) == [], done
            restore(database, before)
            # No worker has rendered this version, though a run after an edit of the version may have made the one before.
            database["materializations"].update_many({}, {"$inc": {"version": 1_000 * (number + 1)}})
            assert wait_until(lambda: bodies(api, OTHER) == good, seconds=300)
            assert wait_until(lambda: {path: api.ask(path).content for path in harmed} == harmed, seconds=300)


def edited_under(api: Api, good: dict[str, bytes], harmed: dict[str, bytes], done: list[Edited]) -> None:
    """The other genre answers as before, the harmed one keeps what it had, and nothing answers 500."""
    for path in paths(OTHER):
        answer = api.ask(path)
        assert answer.status_code == 200, (path, answer.text, done)
        assert path not in good or answer.content == good[path] or "?date=" in path, (path, done)
    for path in paths(HARMED):
        answer = api.ask(path)
        assert answer.status_code in (200, 404, 503), (path, answer.text, done)
        assert "unreachable" not in answer.text, (path, answer.text, done)
        assert path not in harmed or answer.content == harmed[path], (path, done)
    for path in ("/genres", "/health", "/metrics", "/health/live"):
        assert api.ask(path).status_code == 200, (path, done)
    assert "Traceback" not in api.log.read_text(), done
    assert '"exception"' not in api.log.read_text(), done


def ran_over(world: Settings, run_genre: GenreRunner, done: list[Edited]) -> None:
    """The harmed genre's run ends good or degraded, or refuses by name what a newer release wrote or a quota day without its use.

    The other genre's run is good.
    """
    run = run_genre(HARMED, as_of=SECOND, settings=world, raise_on_error=False)
    for event in run.all_node_events:
        if event.is_step_failure:
            said = event.step_failure_data.user_failure_data
            assert said is not None, (event.step_failure_data.error, done)
            refused = ("was written by a newer release", "does not say how many units are used")
            assert any(why in (said.description or "") for why in refused), (said.description, done)
    other = run_genre(OTHER, as_of=SECOND, settings=world, raise_on_error=False)
    assert other.success, done


def _shared(done: list[Edited]) -> bool:
    """Whether documents were edited that the genres share, such as the history of a track on both charts."""
    return any(one.genre is None for one in done)


def _remove_newer(database: "Database[Json]") -> None:
    """What an operator does about documents of a newer release, where there is no such release."""
    for one in unreadable_documents(Store(database)):
        database[one.collection].delete_many({"schema_version": {"$gt": 1}, "genre_name": {"$in": [HARMED, None]}})
        database[one.collection].delete_many({"schema_version": 9})
