"""Database and shared cache down, hanging, and back: what is served, how it is marked, and that nothing needs a restart."""

import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.conftest import sandbox_process
from tests.django_backend.built import build_page
from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api, refresh, serving, settings_for_api
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings

THURSDAY = "2025-11-20"
PATHS = (
    f"/playlist-data/{GENRE}",
    f"/chart-dates/{GENRE}",
    f"/service-playlist/{GENRE}/Spotify",
    f"/service-playlist/{GENRE}/Aggregate",
    f"/graph-data/{GENRE}",
    f"/graph-data/{GENRE}?days=30",
    f"/last-updated/{GENRE}",
    f"/header-art/{GENRE}",
    "/genres",
)
ON_DEMAND = (f"/graph-data/{GENRE}?days=365", f"/playlist-data/{GENRE}?date={TUESDAY}")
"""What a worker makes for who asks, and no shared cache has."""


class World:
    """A `mongod` and a sandbox that a test may stop."""

    def __init__(self, home: Path, root: str) -> None:
        self.home = home
        self.root = root
        self.faults = Faults(root)
        self.settings = settings_for_api(ensure_mongod(home), root, home)

    def stop_database(self) -> None:
        assert stop_mongod(self.home)

    def start_database(self) -> None:
        assert ensure_mongod(self.home)

    @contextmanager
    def hanging_database(self) -> Iterator[None]:
        pid = mongod_status(self.home).pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def refreshed() -> Iterator[World]:
    """One genre, refreshed on one day."""
    home = Path(tempfile.mkdtemp(prefix="tunemeld-out-"))
    try:
        with sandbox_process(home, tracks=20) as root:
            world = World(home, root)
            refresh(world.settings, TUESDAY)
            yield world
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


@pytest.fixture
def world(refreshed: World) -> Iterator[World]:
    """The same world, repaired after each test."""
    try:
        yield refreshed
    finally:
        refreshed.faults.clear()
        refreshed.start_database()


@pytest.fixture(scope="module")
def server(refreshed: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One server with a page, for the tests that may begin with one that has seen the database."""
    page = build_page(tmp_path_factory.mktemp("page"))
    with serving(refreshed.settings, TUNEMELD_PAGE_FOLDER=str(page)) as running:
        yield running


@pytest.fixture
def well(world: World, server: Api) -> Api:
    """The same server, which has noticed that the world is repaired."""
    assert server.becomes(PATHS[0], is_fresh)
    assert server.becomes("/health", lambda answer: answer.status_code == 200)
    return server


def is_fresh(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "X-TuneMeld-Stale" not in answer.headers


def is_stale(answer: requests.Response) -> bool:
    return answer.status_code == 200 and answer.headers.get("X-TuneMeld-Stale") == "true"


def is_missing(answer: requests.Response) -> bool:
    return answer.status_code == 503


def without_answers(answer: requests.Response) -> bytes:
    """A body without the answers that the page starts from: a stale chart the page asks for itself, to learn how old it is."""
    return re.sub(rb'<script type="application/json" id="tunemeld-answers">.*?</script>', b"", answer.content)


def test_what_was_rendered_goes_on_being_served_and_is_marked(world: World, well: Api) -> None:
    before = {path: well.ask(path) for path in (*PATHS, *ON_DEMAND)}
    assert all(map(is_fresh, before.values()))

    world.stop_database()
    assert well.becomes(PATHS[0], is_stale)
    for path in before:
        answer = well.ask(path)
        assert is_stale(answer)
        assert int(answer.headers["X-TuneMeld-Age"]) >= 0
        assert (answer.content, answer.headers["ETag"]) == (before[path].content, before[path].headers["ETag"])
        assert "max-age=5," in answer.headers["Cache-Control"]
        assert well.ask(path, If_None_Match=answer.headers["ETag"]).status_code == 304
    for unknown in (f"/playlist-data/{GENRE}?date={WEDNESDAY}", f"/graph-data/{GENRE}?days=730"):
        answer = well.ask(unknown)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

    world.start_database()
    assert well.becomes(PATHS[0], is_fresh)
    assert all(is_fresh(well.ask(path)) for path in PATHS)


def test_a_worker_that_never_saw_the_database_serves_from_the_shared_cache(world: World, well: Api) -> None:
    bodies = {path: well.ask(path).json() for path in PATHS}
    world.stop_database()
    with serving(world.settings) as api:
        for path in PATHS:
            answer = api.ask(path)
            assert is_stale(answer), path
            assert answer.json() == bodies[path]
            assert api.ask(path, If_None_Match=answer.headers["ETag"]).status_code == 304
        for path in ON_DEMAND:
            assert (api.ask(path).status_code, api.ask(path).headers["Retry-After"]) == (503, "5")
        metrics = api.ask("/metrics").text
        assert 'tunemeld_answers_total{source="shared cache"}' in metrics
        world.start_database()
        assert api.becomes(PATHS[0], is_fresh)


def test_the_page_and_its_share_image_outlive_the_database(world: World, well: Api, tmp_path: Path) -> None:
    paths = (f"/charts/{GENRE}", f"/share/{GENRE}.png")
    before = {path: well.ask(path, Accept="text/html") for path in paths}
    assert all(map(is_fresh, before.values()))
    world.stop_database()
    assert well.becomes(paths[1], is_stale)
    for path in paths:
        answer = well.ask(path, Accept="text/html")
        assert is_stale(answer)
        assert without_answers(answer) == without_answers(before[path])
    # A worker that never saw the database.
    with serving(world.settings, TUNEMELD_PAGE_FOLDER=str(build_page(tmp_path / "page"))) as api:
        page = api.ask(paths[0], Accept="text/html")
        assert is_stale(page)
        assert page.text.count("<tr><td>") == before[paths[0]].text.count("<tr><td>") > 0
        assert is_stale(api.ask(paths[1]))
        for unknown in ("/charts/rap", f"/charts/{GENRE}/{TUESDAY}"):
            answer = api.ask(unknown, Accept="text/html")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "unavailable right now" in answer.text
            assert "<table>" not in answer.text
            assert 'rel="canonical"' not in answer.text
        assert is_missing(api.ask("/share/rap.png"))


@pytest.mark.parametrize(
    "fault", ["500", *(pytest.param(name, marks=pytest.mark.slow) for name in ("stall", "half-json", "cut"))]
)
def test_without_database_and_cache_it_says_when_to_try_again(world: World, fault: str) -> None:
    world.stop_database()
    world.faults.add("cloudflare", fault, times=None)
    with serving(world.settings) as api:
        api.ask("/genres")
        assert api.answers_within(1, f"/last-updated/{GENRE}")
        answer = api.ask(f"/last-updated/{GENRE}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json()["status"] == "error"
        assert "Traceback" not in answer.text
        assert "mongodb" not in answer.text
        assert api.ask("/playlist-data/polka").status_code == 404
        assert api.ask("/health/ready").status_code == 503
        world.start_database()
        assert api.becomes(f"/last-updated/{GENRE}", is_fresh)


def test_a_cache_in_trouble_costs_nothing_while_the_database_is_there(world: World) -> None:
    world.faults.add("cloudflare", "500", times=None)
    with serving(world.settings) as api:
        assert all(is_fresh(api.ask(path)) for path in PATHS)
        health = api.ask("/health")
        assert (health.status_code, health.json()["message"]) == (200, "degraded: cache")
        cache = health.json()["data"]["checks"]["cache"]
        assert (cache["state"], bool(cache["action"])) == ("degraded", True)
        world.faults.clear()
        assert api.becomes("/health", lambda answer: answer.json()["message"] == "good", seconds=300)


def test_a_database_that_hangs_is_like_one_that_is_gone(world: World, well: Api) -> None:
    assert is_fresh(well.ask(PATHS[0]))
    with world.hanging_database():
        assert well.becomes(PATHS[0], is_stale, seconds=300)
        assert well.becomes("/health", is_missing)
        assert well.answers_within(2, "/health")
        health = well.ask("/health")
        assert (health.status_code, health.json()["status"]) == (503, "error")
        database = health.json()["data"]["checks"]["database"]
        assert (database["state"], bool(database["action"])) == ("failed", True)
        assert is_stale(well.ask(PATHS[0]))
    assert well.becomes(PATHS[0], is_fresh)


def test_health_tells_what_is_gone_and_what_to_do(world: World, well: Api) -> None:
    assert well.becomes("/health", lambda answer: answer.status_code == 200)
    world.stop_database()
    assert well.becomes("/health", is_missing)
    report = well.ask("/health").json()
    assert report["data"]["state"] == "failed"
    assert "tunemeld db status" in report["data"]["checks"]["database"]["action"]
    assert well.ask("/health/live").status_code == 200
    assert well.becomes("/metrics", lambda answer: "tunemeld_database_reachable 0.0" in answer.text)


def test_a_new_version_is_seen_by_every_worker_within_five_seconds(world: World) -> None:
    with serving(world.settings, workers=2) as api:
        pids = worker_pids(api)
        assert len(pids) == 2
        before = api.data(f"/last-updated/{GENRE}")
        refresh(world.settings, WEDNESDAY)
        finished = time.monotonic()

        def is_seen_by_all() -> bool:
            if api.data(f"/last-updated/{GENRE}") == before:
                return False
            return len({api.ask(f"/last-updated/{GENRE}").text for _ in range(30)}) == 1

        while time.monotonic() - finished < 5 and not is_seen_by_all():
            time.sleep(0.2)
        assert is_seen_by_all()


@pytest.mark.slow  # test_invariants.py reads the documents themselves while runs are killed
def test_readers_never_see_two_materializations_in_one_answer(world: World) -> None:
    paths = (f"/playlist-data/{GENRE}", f"/graph-data/{GENRE}", f"/service-playlist/{GENRE}/Aggregate")
    settings = Settings.model_validate({**world.settings.model_dump(), "mongodb_database": "under_load_test"})
    refresh(settings, TUESDAY)
    seen: dict[str, set[str]] = {path: set() for path in paths}
    failures: list[object] = []
    stop = threading.Event()
    with serving(settings, workers=2) as api:

        def ask(path: str) -> None:
            while not stop.wait(0.02):
                answer = api.ask(path)
                if answer.status_code != 200:
                    failures.append(answer.text)
                seen[path].add(answer.text)

        def next_version(path: str) -> str:
            known = {version[path] for version in published}
            assert api.becomes(path, lambda answer: answer.text not in known)
            assert wait_until(lambda: bool(seen[path] - known), seconds=300)
            (new,) = seen[path] - known
            return new

        threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        published = [{path: api.ask(path).text for path in paths}]
        try:
            for day in (WEDNESDAY, THURSDAY):
                refresh(settings, day)
                published.append({path: next_version(path) for path in paths})
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert failures == []
    for path in paths:
        assert seen[path] == {version[path] for version in published}
        assert len(seen[path]) == 3


def test_a_fault_of_a_service_is_seen_in_genres_and_health(world: World) -> None:
    world.faults.add("apple_music", "403", times=None)
    settings = Settings.model_validate({**world.settings.model_dump(), "mongodb_database": "stale_test"})
    refresh(settings, TUESDAY)
    with serving(settings) as api:
        (genre,) = [one for one in api.data("/genres") if one["genre_name"] == GENRE]
        assert (genre["stale_services"], genre["degraded"]) == (["AppleMusic"], ["AppleMusic playlist"])
        headers = api.data(f"/header-art/{GENRE}")
        assert {service: one["fetched_at"] is None for service, one in headers.items()} == {
            service: service == "AppleMusic" for service in keys()
        }
        (never_read,) = api.data(f"/service-playlist/{GENRE}/AppleMusic")
        assert (never_read["tracks"], never_read["stale"], never_read["service_name"]) == ([], True, "AppleMusic")
        health = api.ask("/health")
        assert (health.status_code, health.json()["message"]) == (200, "degraded: apple_music")
        assert 'tunemeld_degraded{genre="dance",source="AppleMusic_playlist"} 1.0' in api.ask("/metrics").text


def worker_pids(api: Api) -> list[int]:
    children = Path(f"/proc/{api.process.pid}/task/{api.process.pid}/children").read_text()
    return [int(pid) for pid in children.split()]
