"""Whole runs while every upstream answers with something mutated: each document is the old one or a whole new one."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from pymongo.database import Database
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaos.audit import misshapen
from tests.conftest import GenreRunner
from tests.fuzz.mutations import ASKED, TRIED, edited_bytes, edited_values
from tests.sandbox.conftest import serving
from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import read

Json = dict[str, Any]
RUNS = 6
PACE = 3
"""One answer in so many is mutated."""


class Mutating:
    """An ASGI application whose JSON answers are mutated at random, once `chance` is set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.chance: Random | None = None
        self.mutated = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.chance is None or self.chance.randrange(PACE):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start = next(message for message in messages if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        if body[:1] == b"{":
            mutate = edited_values if self.chance.randrange(4) else edited_bytes
            body = mutate(body, self.chance)
            self.mutated += 1
        headers = [one for one in start["headers"] if one[0] != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def mutating() -> Iterator[tuple[Mutating, str]]:
    """A sandbox in a thread, and the hand on its mutations."""
    catalog = load_catalog()
    wrapped = Mutating(create_app(World(1, catalog, dict.fromkeys(keys(), 12)), catalog))
    app = Starlette()
    app.mount("/", wrapped)
    with serving(app) as url:
        yield wrapped, url


def check_documents(database: Database[Json], raw_before: Json) -> None:
    """Every document has its model's shape; lists belong to one run each; a playlist is the old one or a whole new one."""
    for document in database["raw_playlists"].find():
        playlist = read(RawPlaylist, document)
        before = raw_before.get(document["service_name"])
        assert not playlist.stale or (before and before["data_json"] == document["data_json"])
    lists = list(database["track_playlist"].find())
    assert len({document["run_id"] for document in lists}) == 1
    assert list(misshapen(database)) == []
    for chart in database["view_counts_playlists"].find():
        assert [track["rank"] for track in chart["tracks"]] == list(range(1, len(chart["tracks"]) + 1))


def test_runs_on_mutated_answers_leave_whole_documents_and_a_good_day_mends_all(
    mutating: tuple[Mutating, str], settings: Settings, run_genre: GenreRunner, mongod_url: str
) -> None:
    hand, url = mutating
    changed = settings.model_copy(update={"sandbox_url": url, "etl_retry_attempts": 1})
    outcomes = []
    with connect(mongod_url) as client:
        database = client[changed.database_name]
        assert run_genre(settings=changed, as_of="2026-03-01").success
        for number in range(max(RUNS, ASKED // 200)):
            hand.chance = Random(number)
            before = {one["service_name"]: one for one in database["raw_playlists"].find()}
            run = run_genre(settings=changed, as_of=f"2026-03-02T{number % 24:02}:00", raise_on_error=False)
            outcomes.append(run.success)
            for event in run.all_node_events:
                if event.is_step_failure:  # by a decision of ours, not by an error that nobody foresaw
                    assert event.step_failure_data.user_failure_data is not None, event.step_failure_data.error
            check_documents(database, before)
        hand.chance = None
        assert run_genre(settings=changed, as_of="2026-03-03").success
        check_documents(database, {})
        assert not database["raw_playlists"].count_documents({"stale": True})
    TRIED["whole runs, answers mutated"] += hand.mutated
    assert any(outcomes)
    assert hand.mutated > RUNS
