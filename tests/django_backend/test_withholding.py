"""What is withheld leaves the pages that a worker holds, past days, the shared cache and the picture of a link, and comes back."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import django_backend
from django_backend.caching import Rendering
from django_backend.worker import Rendered
from tests.documents import (
    MONDAY,
    aggregate,
    chart,
    chart_day,
    isrc,
    materialization,
    raw_playlist,
    recording,
    service_playlist,
)
from tests.storage.acts import put_recordings
from tunemeld_pipeline.operations.withholding import take_back, withhold
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.publication import entries
from tunemeld_pipeline.publishing.responses import past_chart_content, past_graph_content
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

CATALOG = load_catalog()
DAY = f"{MONDAY:%Y-%m-%d}"
LATER = MONDAY + timedelta(days=9)


@pytest.fixture
def worker(settings: Settings, store: Store) -> Iterator[Rendered]:
    """A worker over one genre's chart of three recordings, with their counts and their day."""
    store.playlists.put_raw_playlist(raw_playlist("Spotify"))
    lists = [service_playlist(service) for service in ("Spotify", "SoundCloud")]
    store.playlists.put_track_playlists(lists, aggregate())
    store.charts.put_chart(chart())
    urls = {"Spotify": "https://example.org/Spotify/2", "SoundCloud": "https://example.org/SoundCloud/2"}
    facts = [recording(number).model_copy(update={"track_urls": urls}) for number in (1, 2, 3)]
    put_recordings(store, facts, MONDAY)
    ids = [isrc(number) for number in (1, 2, 3)]
    day = chart_day().model_copy(update={"lists": {"Spotify": ids, "SoundCloud": ids}})
    store.charts.finish({one: {"Youtube": 5, "Spotify": 6} for one in ids}, day, materialization())
    rendered = Rendered(settings, CATALOG)
    # Without its thread, so that the test says when the worker looks at the database.
    rendered._pid = os.getpid()
    rendered._look()
    rendered._looked.set()
    rendered._catch_up()
    yield rendered
    rendered.store.handle.client.close()


def past_page(worker: Rendered, make: Callable[[Store, str, str], Content | None]) -> Rendering:
    """What the worker answers about the past day, from its memory if it may."""
    found = worker.made(f"{make.__name__} {DAY}", "dance", lambda store: make(store, "dance", DAY))
    assert found is not None
    return found.page


NEW = ("/v1/", "feeds/")
"""How the pages begin that have no envelope."""


def bodies(worker: Rendered) -> dict[str, bytes]:
    """Everything that the worker can answer about the genre after its next look."""
    worker._look()
    worker._catch_up()
    found = {path: page.body for path, page in worker.pages.items()}
    found["past chart"] = past_page(worker, past_chart_content).body
    found["past graph"] = past_page(worker, lambda store, genre, day: past_graph_content(store, genre, day, 90)).body
    return found


def is_said(word: str, worker: Rendered) -> list[str]:
    return [path for path, body in bodies(worker).items() if word.encode() in body]


@pytest.mark.parametrize(("kind", "key"), [("track", isrc(2)), ("artist", "singer 2")])
def test_a_recording_leaves_everything_that_a_worker_holds_and_comes_back(
    worker: Rendered, store: Store, kind: str, key: str
) -> None:
    before = bodies(worker)
    assert len(is_said("Song 2", worker)) >= 6
    found = withhold(store, CATALOG, kind, key, "a wish", LATER)  # type: ignore[arg-type]
    assert found.names == ("Singer 2 - Song 2",)
    assert is_said("Song 2", worker) == []
    assert is_said(isrc(2), worker) == []
    (data,) = json.loads(bodies(worker)["/playlist-data/dance"])["data"]
    assert [row["rank"] for row in data["tracks"]] == [1, 3]
    (past,) = json.loads(bodies(worker)["past chart"])["data"]
    assert [row["rank"] for row in past["tracks"]] == [1, 3]
    for text in entries(store, CATALOG, CATALOG.genre("dance")).values():
        assert "Song 2" not in text.body
        assert isrc(2) not in text.body
    take_back(store, kind, key, LATER + timedelta(days=1))  # type: ignore[arg-type]
    # Each change gives the genre a new version, which this one names.
    assert bodies(worker) | {"/v1/genres": b""} == before | {"/v1/genres": b""}


def test_a_copy_of_before_does_not_count_as_current(worker: Rendered, store: Store) -> None:
    assert past_page(worker, past_chart_content).modified == MONDAY
    withhold(store, CATALOG, "track", isrc(2), "a wish", LATER)

    bodies(worker)
    assert past_page(worker, past_chart_content).modified == worker.pages["/playlist-data/dance"].modified == LATER


def test_nor_does_a_copy_of_while_it_was_withheld(store: Store) -> None:
    taken_back = LATER + timedelta(days=1)
    withhold(store, CATALOG, "track", isrc(2), "a wish", LATER)
    take_back(store, "track", isrc(2), taken_back)
    with store.for_visitors() as view:
        assert view.withheld.modified(MONDAY) == taken_back


def test_a_service_leaves_with_its_list_header_positions_and_counts(worker: Rendered, store: Store) -> None:
    withhold(store, CATALOG, "service", "spotify", "a wish", LATER)
    assert is_said("example.org/Spotify", worker) == []
    assert is_said("example.org/dance/Spotify", worker) == []
    services = [one["service"] for one in json.loads(bodies(worker)["/v1/services"])]
    assert services
    assert "Spotify" not in services
    assert json.loads(bodies(worker)["/v1/lists/dance/Spotify"])["url"] is None
    shown = {path: json.loads(body)["data"] for path, body in bodies(worker).items() if not path.startswith(NEW)}
    assert shown["/service-playlist/dance/Spotify"][0]["tracks"] == []
    assert shown["/header-art/dance"]["Spotify"]["playlist_url"] == ""
    for path in ("/playlist-data/dance", "past chart"):
        assert [row["sources"] for row in shown[path][0]["tracks"]] == [{"SoundCloud": rank} for rank in (1, 2, 3)]
    assert all(not point["readings"]["Spotify"] for point in shown["/graph-data/dance"])


def test_what_visitors_get_is_read_for_visitors() -> None:
    """A plain snapshot sees what is withheld."""
    package = Path(django_backend.__file__).parent
    folders = (package, package.parent / "tunemeld_pipeline" / "publishing")
    plain = [file.name for folder in folders for file in folder.rglob("*.py") if ".snapshot()" in file.read_text()]
    assert plain == []
