"""The audit of `make chaos`: it finds nothing when all is well, and finds anything that is broken. `make check` runs the day itself."""

import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from chaos.audit import Audit, readings
from chaos.held_connections import CLIENTS_THAT_HOLD
from chaos.load import Load
from chaos.runner import Run, Runner
from chaos.stage import TRACKS
from tests.conftest import SANDBOX_TRACKS, GenreRunner
from tunemeld_pipeline.local.open_files import open_files
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

Json = dict[str, Any]
MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)


@dataclass
class Day:
    """A database after two good days, and what the audit gets to know about them."""

    database: "Database[Json]"
    settings: Settings
    runs: list[Run]
    seen: dict[tuple[str, str, str], int]
    requests: Mapping[str, Mapping[str, int]]

    def broken(self, **changes: Any) -> dict[str, list[str]]:
        """The promises that do not hold."""
        facts: dict[str, Any] = {
            "genres": ["dance"], "runs": self.runs[:1], "last_round": self.runs[1:], "moment": TUESDAY, "charts": {},
            "seen": self.seen, "requests": self.requests,
        }  # fmt: skip
        audit = Audit(self.settings, 1, **facts | changes)
        return {name: found for name, found in audit.findings(self.database).items() if found}


@pytest.fixture
def day(settings: Settings, run_genre: GenreRunner, mongod_url: str, faults: Faults) -> Iterator[Day]:
    """One genre on two days."""
    assert TRACKS == SANDBOX_TRACKS
    runs = []
    for moment in (MONDAY, TUESDAY):
        done = run_genre("dance", as_of=moment.isoformat())
        runs.append(Run("dance", moment.isoformat(), "fresh", done.run_id))
    with connect(mongod_url) as client:
        database = client[settings.database_name]
        yield Day(database, settings, runs, readings(database), faults.requests())


SPOTIFYS = {"view_counts.Spotify.03": {"$exists": True}}
"""A history with a reading of Tuesday."""


def _change_history(change: Any) -> Callable[["Database[Json]"], object]:
    return lambda database: database["historical_track_views"].update_one(SPOTIFYS, change)


BREACHES: tuple[tuple[str, Callable[["Database[Json]"], object]], ...] = (
    ("every document has its model's shape",
     lambda database: database["recordings"].update_one({}, {"$unset": {"track_name": ""}}, bypass_document_validation=True)),
    ("what belongs together is of one run",
     lambda database: database["track_playlist"].update_one({"service_name": "Spotify"}, {"$set": {"run_id": "another"}})),
    ("what belongs together is of one run",
     lambda database: database["view_counts_playlists"].update_one({}, {"$pop": {"tracks": 1}})),
    ("one reading a source and day, in its place",
     _change_history({"$rename": {"view_counts.Spotify.03": "view_counts.Spotify.04"}})),
    ("one reading a source and day, in its place", _change_history({"$set": {"period": "2026-02"}})),
    ("every reading is what the world says", _change_history({"$inc": {"view_counts.Spotify.03.view_count": 1}})),
    ("no reading is missing where an upstream answered",
     lambda database: database["historical_track_views"].update_many({}, {"$set": {"view_counts.Youtube": {}}})),
    ("nothing that was there is lost", lambda database: database["historical_track_views"].delete_one(SPOTIFYS)),
    ("every run that reported success is kept",
     lambda database: database["chart_history"].delete_one({"genre_name": "dance", "date": "2026-03-02"})),
    ("every run that reported success is kept",
     lambda database: database["materializations"].update_one({"_id": "dance"}, {"$inc": {"version": -1}})),
    ("no quota is overspent", lambda database: database["api_usage"].update_many({}, {"$mul": {"used": 1_000}})),
    ("no quota is overspent", lambda database: database["api_usage"].delete_many({"_id": {"$regex": "^soundcloud"}})),
    ("all is fresh after one schedule",
     lambda database: database["raw_playlists"].update_one({}, {"$set": {"stale": True}})),
    ("all is fresh after one schedule",
     lambda database: database["materializations"].update_one({}, {"$set": {"as_of": MONDAY - timedelta(days=1)}})),
)  # fmt: skip


def test_the_audit_finds_nothing_after_good_days_and_every_breach(day: Day) -> None:
    assert day.broken() == {}
    names = ["historical_track_views", "track_playlist", "view_counts_playlists", "recordings", "materializations", "chart_history",
             "raw_playlists", "api_usage"]  # fmt: skip
    before = {name: list(day.database[name].find()) for name in names}
    for name in names:
        # MongoDB itself would refuse some of the breaches.
        day.database.command("collMod", name, validationLevel="off")
    for promise, breach in BREACHES:
        breach(day.database)
        assert promise in day.broken(), promise
        for name, documents in before.items():
            day.database[name].delete_many({})
            day.database[name].insert_many(documents)
    assert day.broken() == {}

    served = {("dance", day.runs[-1].run_id): ["another track"]}
    assert list(day.broken(charts=served)) == ["what was served as a chart is that run's chart"]
    hung = [Run("dance", TUESDAY.isoformat(), "hung")]
    assert list(day.broken(last_round=hung)) == ["all is fresh after one schedule"]
    asked = {"youtube": {"search": 10_000}}
    assert list(day.broken(requests=asked)) == ["no quota is overspent"]


def body(ranks: list[int], run_id: str = "a", genre: str = "pop") -> bytes:
    tracks = ", ".join(f'{{"rank": {rank}, "track_id": "t{rank}"}}' for rank in ranks)
    return f'{{"status": "success", "data": [{{"run_id": "{run_id}", "genre_name": "{genre}", "tracks": [{tracks}]}}]}}'.encode()


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([('"1"', body([1, 2])), ('"1"', body([1, 2])), ('"2"', body([1, 2, 3], "b"))], None),
        ([('"1"', body([1, 3]))], "no whole chart"),
        ([('"1"', body([]))], "no whole chart"),
        ([('"1"', body([1], genre="rap"))], "no whole chart"),
        ([('"1"', body([1, 2])), ('"1"', body([1]))], "two bodies under the ETag"),
        ([('"1"', body([1, 2])), ('"2"', body([1]))], "two bodies of the run a"),
        ([('"1"', b'{"status": "success", "da')], "JSONDecodeError"),
    ],
)
def test_a_visitor_notices_what_no_chart_may_be(answers: list[tuple[str, bytes]], complaint: str | None) -> None:
    load = Load("http://127.0.0.1:1", ["pop"], 1)
    for etag, content in answers:
        load._look("/playlist-data/pop", 200, {"etag": etag}, content, None)
    assert len(load.complaints) == (complaint is not None)
    assert complaint is None or complaint in load.complaints[0]
    assert load.availability == (1 - 1 / len(answers) if complaint else 1)


def test_a_visitor_counts_what_is_no_good_answer() -> None:
    load = Load("http://127.0.0.1:1", ["pop"], 1)
    load._look("/genres", 503, {}, b"", None)
    load._look("/genres", 304, {"etag": '"a"'}, b"", '"a"')
    load._look("/genres", 304, {"etag": '"a"'}, b"", '"b"')
    assert load.availability == pytest.approx(1 / 3)
    assert [complaint.partition(": ")[2][:3] for complaint in load.complaints] == ["503", "304"]


@pytest.mark.parametrize("kind", list(CLIENTS_THAT_HOLD))
def test_a_server_that_lets_connections_be_held_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.held_connections.CLIENTS", 3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert CLIENTS_THAT_HOLD[kind](url, 0.0) == (3, 0)
        for _ in range(3):
            listener.accept()[0].close()

        def close_all() -> None:
            for _ in range(3):
                listener.accept()[0].close()

        closing = threading.Thread(target=close_all)
        closing.start()
        assert CLIENTS_THAT_HOLD[kind](url, 300.0) == (3, 3)
        closing.join()


def test_an_outcome_is_read_although_a_thousand_connections_are_held() -> None:
    if open_files(2_000) < 2_000:
        pytest.skip("this process may not open two thousand files")
    answers, theirs = os.pipe()
    number = fcntl.fcntl(answers, fcntl.F_DUPFD, 1_500)
    runner = Runner()
    runner._answers = number
    try:
        os.write(theirs, b'{"outcome": "fresh"}\n')
        assert runner._line() == b'{"outcome": "fresh"}\n'
        os.close(theirs)
        assert runner._line() == b""
    finally:
        os.close(number)
        os.close(answers)
