"""What a worker renders and when: what is asked for, once, from a database that it looks at every few seconds."""

import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from django_backend import worker as worker_module
from django_backend.found import Unanswerable
from django_backend.held import HeldPages
from django_backend.worker import Rendered
from tests.documents import MONDAY, aggregate, chart, chart_day, materialization, raw_playlist, service_playlist
from tests.storage.listening import listened_to
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.withholding import withhold
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connected_store
from tunemeld_pipeline.storage.store import Store

CATALOG = load_catalog()
GENRES = ("dance", "pop", "rap")


@pytest.fixture
def filled(store: Store) -> Store:
    """Three genres with a chart, of four in the catalogue."""
    for genre in GENRES:
        store.playlists.put_raw_playlist(raw_playlist(genre=genre))
        store.playlists.put_track_playlists([service_playlist(genre=genre)], aggregate(genre=genre))
        store.charts.put_chart(chart(genre=genre))
        store.charts.finish({}, chart_day(genre=genre), materialization(genre=genre))
    return store


@pytest.fixture
def worker(settings: Settings, filled: Store) -> Iterator[Rendered]:
    """A worker that has looked once, without its thread, so that the test says when it looks again."""
    rendered = Rendered(settings, CATALOG)
    rendered._pid = os.getpid()
    rendered._look()
    rendered._looked.set()
    yield rendered
    rendered.store.handle.client.close()


def path(genre: str) -> str:
    return f"/playlist-data/{genre}"


def asked(worker: Rendered, genre: str) -> tuple[str, int]:
    """Where the answer came from, and the version that it was made from."""
    found = worker.find(path(genre), genre)
    assert found is not None
    return found.source, found.page.made_from[genre]


def test_it_renders_what_is_asked_for_and_holds_it(worker: Rendered) -> None:
    assert worker.pages == {}
    assert asked(worker, "pop") == ("database", 1)
    assert asked(worker, "pop") == ("worker", 1)
    assert worker.ready("/v1/charts/pop") is not None
    assert worker.ready(path("rap")) is None
    assert worker.find(path("country"), "country") is None


def test_a_first_look_reads_the_materializations_at_once(
    settings: Settings, filled: Store, mongod_url: str, worker: Rendered
) -> None:
    rendered = Rendered(settings, CATALOG)
    with listened_to(mongod_url, settings.database_name) as (store, seen):
        rendered._store = store
        rendered._look()
        assert [name for name, command in seen if command.get("find") == "materializations"] == ["find", "find"]
        assert set(rendered.materializations) == set(GENRES)
        seen.clear()
        rendered._look()
        assert [(name, command["find"]) for name, command in seen] == [("find", "materializations")]


def test_what_all_genres_share_and_spare_room_are_filled_after_the_first_answer(worker: Rendered) -> None:
    # A look renders ahead for a fifth of a second.
    assert wait_until(lambda: worker._catch_up() and all(worker.ready(path(one)) for one in GENRES), seconds=300)
    assert worker.find("/v1/today") is not None


def test_within_its_memory_the_genre_asked_for_longest_ago_leaves(worker: Rendered) -> None:
    worker._held = HeldPages(1)
    for genre in ("pop", "rap"):
        assert asked(worker, genre) == ("database", 1)
    assert worker._held.names() == ["rap"]
    assert asked(worker, "pop") == ("database", 1)


def test_a_new_version_replaces_what_is_held_and_nothing_else_is_rendered(worker: Rendered, filled: Store) -> None:
    asked(worker, "pop")
    for genre in ("pop", "rap"):
        filled.charts.finish({}, chart_day(genre=genre), materialization(genre=genre))
    worker._look()
    assert asked(worker, "pop") == ("worker", 2)
    assert worker.ready(path("rap")) is None
    assert worker.materializations["rap"].version == 2


def test_where_very_many_change_at_once_the_rest_is_rendered_for_who_asks(
    worker: Rendered, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(worker, "pop")
    withhold(filled, CATALOG, "artist", "singer 2", "a wish", MONDAY)
    monkeypatch.setattr(worker_module, "RENEW_SECONDS", 0.0)
    worker._look()
    assert worker.ready(path("pop")) is None
    assert asked(worker, "pop") == ("database", 2)


def test_during_an_outage_what_was_never_rendered_is_unanswerable_and_what_was_stays(
    worker: Rendered, settings: Settings
) -> None:
    asked(worker, "pop")
    away = settings.model_copy(update={"mongodb_url": SecretStr("mongodb://127.0.0.1:1/")})
    well, worker._store = worker.store, connected_store(away, 0.1, 0.1)
    # Before its next look the worker finds out by the request itself.
    with pytest.raises(Unanswerable):
        worker.find(path("rap"), "rap")
    worker._look()
    found = worker.find(path("pop"), "pop")
    assert found is not None
    assert found.stale_seconds is not None
    with pytest.raises(Unanswerable, match="no cache has"):
        worker.find(path("rap"), "rap")
    assert [worker.answers_for(genre) for genre in ("pop", "rap")] == [True, False]
    worker.store.handle.client.close()
    worker._store = well
    worker._look()
    worker._tried.clear()
    assert asked(worker, "rap") == ("database", 1)
