"""`tunemeld etl run`: its stages, what it would do, genres side by side, and Ctrl-C."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from bson import encode
from pymongo.database import Database

from tests.assets.conftest import moment
from tests.cli.conftest import Command, run_tunemeld
from tests.conftest import GenreRunner
from tests.leftovers import kept_environment
from tests.warm import WARM
from tests.wire import WireServer, in_front_of
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.local.ui import note_ui
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

DAY = "2026-03-02"
CHANGING = ("api_usage", "raw_playlists", "source_states")
"""What a run that was stopped may have written: units spent, a playlist, which is whole, and how its source answered."""


@pytest.fixture
def database(settings: Settings, mongod_url: str) -> Iterator[Database[dict[str, Any]]]:
    with connect(mongod_url) as client:
        yield client[settings.database_name]


def state(database: Database[dict[str, Any]]) -> dict[str, str]:
    """A hash of every collection."""
    return {
        name: hashlib.sha256(b"".join(encode(document) for document in database[name].find().sort("_id"))).hexdigest()
        for name in sorted(database.list_collection_names())
    }


def runs(settings: Settings) -> list[dg.DagsterRun]:
    """What the Dagster instance has recorded, the oldest first."""
    with open_instance(settings) as instance:
        return list(reversed(instance.get_runs()))


def test_stages_run_one_by_one_make_what_a_full_run_makes_and_are_runs_of_their_own(
    tunemeld: Command, store: Store, settings: Settings
) -> None:
    for stage in ("extract", "aggregate", "view_count"):
        run = tunemeld("etl", "run", stage, "--genre", "dance", "--as-of", DAY, "--threads", "3")
        assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert store.charts.chart("dance", moment(DAY)).tracks
    assert set(store.charts.materializations()) == {"dance"}
    recorded = runs(settings)
    assert [run.job_name for run in recorded] == ["extract", "transform", "view_count"]
    assert {run.tags["dagster/partition"] for run in recorded} == {"dance"}
    assert {run.status for run in recorded} == {dg.DagsterRunStatus.SUCCESS}


def test_a_stage_whose_input_is_missing_says_what_to_run_first(tunemeld: Command) -> None:
    run = tunemeld("etl", "run", "view_count", "--genre", "dance", "--as-of", DAY)
    assert run.returncode == 1
    missing = "dance has no consensus up to 2026-03-02; run the stage before it first"
    assert f"dance failed: {missing}\n" in run.stdout
    assert run.stderr.splitlines() == [
        "error: 1 of 1 genres failed: dance; the outcome of each says why",
        f"next: tunemeld etl run transform --genre dance --as-of {DAY}",
    ]


def with_odd_items(path: str, body: Any) -> Any:
    """The sandbox's answers with odd values: a podcast episode and a nameless artist on Spotify, videos without a title on YouTube."""
    if "playlist_tracks" in path:
        body["items"][1]["track"]["type"] = "episode"
        body["items"][2]["track"]["artists"] = [{"name": "&nbsp;"}]
        for item in body["items"]:
            item["track"]["album"]["images"] = [None]
            item["track"]["duration_ms"] = "long"
    elif "youtube" in path and path.rstrip("/").endswith("/search"):
        body["items"][-1]["snippet"]["title"] = " "
    return body


@pytest.mark.usefixtures("store")
def test_what_was_left_out_is_told_by_reason(tunemeld: Command, sandbox_root: str) -> None:
    with WireServer([in_front_of(sandbox_root, with_odd_items)]) as server:
        run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, TUNEMELD_SANDBOX_URL=server.url)
        assert run.returncode == 0, run.stdout + run.stderr
        said = " ".join(run.stdout.split())
        assert "dance: Spotify playlist: rows left out: 1 no artist, 1 podcast episode" in said
        assert "dance: Spotify playlist: values that could not be read: 18 track.duration_ms" in said
        again = tunemeld(
            "etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--json", TUNEMELD_SANDBOX_URL=server.url
        )
    (printed,) = json.loads(again.stdout)["runs"]
    numbers = printed["assets"]["raw_playlists"]
    assert numbers["irregular_rows/spotify"] == 2
    assert numbers["irregular_rows/spotify/podcast episode"] == numbers["irregular_rows/spotify/no artist"] == 1
    assert printed["assets"]["track_playlist"]["irregular_rows/spotify"] == 2


def test_overrides_that_cannot_be_used_are_told_before_a_run_is_recorded(
    variables: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    words = ("etl", "run", "transform", "--genre", "dance")
    run = run_tunemeld(*words, folder=tmp_path, **variables, MATCH_OVERRIDES="/nope")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error: /nope: cannot be read")
    assert not (settings.home / "dagster").exists()


def test_a_dry_run_tells_what_a_run_would_ask_for_and_changes_nothing(
    tunemeld: Command,
    settings: Settings,
    faults: Faults,
    database: Database[dict[str, Any]],
    instance: dg.DagsterInstance,
) -> None:
    run_genre = GenreRunner(settings, instance)
    never_run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--dry-run")
    assert never_run.returncode == 0, never_run.stderr
    assert "its playlists were never read" in never_run.stdout
    assert state(database) == {}
    run_genre("dance", as_of=DAY)
    before, recorded = state(database), len(runs(settings))
    faults.reset_requests()
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--dry-run", "--json")
    assert run.returncode == 0, run.stderr
    assert (state(database), len(runs(settings)), faults.requests()) == (before, recorded, {})
    printed = json.loads(run.stdout)
    (plan,) = printed["genres"]
    assert plan["assets"] == ["raw_playlists", "track_playlist", "view_counts_playlists", "historical_track_views"]
    expected = {(call["bucket"], call["purpose"]): call["units"] for call in plan["calls"]}
    run_genre("dance", as_of=DAY)
    made = faults.requests()
    assert expected["spotify", "playlist"] == made["spotify"]["playlist_tracks"] == 1
    assert expected["spotify", "counts of albums"] == made["spotify"]["album_tracks"]
    assert sum(units for (bucket, _), units in expected.items() if bucket == "youtube") == made["youtube"]["videos"]
    assert {use["name"] for use in printed["quotas"]} >= {"spotify", "youtube_search"}


def test_a_dry_run_plans_no_call_that_nothing_is_left_for(
    tunemeld: Command, settings: Settings, run_genre: GenreRunner
) -> None:
    few = {"YOUTUBE_SEARCH_DAILY_BUDGET": "3"}
    run_genre("dance", as_of=DAY, settings=settings.model_copy(update={"youtube_search_daily_budget": 3}))
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--dry-run", "--json", **few)
    printed = json.loads(run.stdout)
    (left,) = [use["left"] for use in printed["quotas"] if use["name"] == "youtube_search"]
    (searches,) = [call for call in printed["genres"][0]["calls"] if call["bucket"] == "youtube_search"]
    assert (left, searches["units"]) == (0, 0)
    assert searches["waiting"] > 0
    said = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--dry-run", **few).stdout
    assert "YouTube searches: 0" not in said
    assert f"YouTube searches: no units are left for {searches['waiting']} more calls" in said


def test_genres_side_by_side_are_processes_of_their_own_with_links_to_their_runs(
    tunemeld: Command, settings: Settings, sandbox_root: str
) -> None:
    note_ui(settings.home, sandbox_root, os.getpid(), daily_refresh=False)
    options = ("--genre", "dance", "--genre", "pop", "--as-of", DAY, "--parallel", "--json")
    run = tunemeld("etl", "run", "full", *options)
    assert run.returncode == 0, run.stdout + run.stderr
    printed = json.loads(run.stdout)["runs"]
    assert [(one["genre"], one["success"]) for one in printed] == [("dance", True), ("pop", True)]
    assert [one["url"] for one in printed] == [f"{sandbox_root}/runs/{one['run_id']}" for one in printed]
    assert {one["run_id"] for one in printed} == {run.run_id for run in runs(settings)}
    assert all(one["assets"]["view_counts_playlists"]["coverage/youtube"] > 0 for one in printed)


@pytest.mark.parametrize("how", ["--sequential", pytest.param("--parallel", marks=pytest.mark.slow)])
def test_ctrl_c_ends_it_with_documents_whole_and_the_run_recorded(
    tunemeld: Command,
    variables: dict[str, str],
    settings: Settings,
    faults: Faults,
    store: Store,
    database: Database[dict[str, Any]],
    how: str,
    tmp_path: Path,
) -> None:
    with open_instance(settings) as instance:
        GenreRunner(settings, instance)("dance", as_of=DAY)
    before = {spec.name: state(database)[spec.name] for spec in COLLECTIONS if spec.name not in CHANGING}
    faults.add("spotify", "stall", endpoint="playlist_tracks", times=None, seconds=1)
    faults.reset_requests()
    words = ("etl", "run", "full", "--genre", "dance", "--as-of", DAY, how)
    environment = {**kept_environment(), **variables}
    with (
        (tmp_path / "output").open("wb") as output,
        (tmp_path / "errors").open("wb") as errors,
        WARM.begin(words, folder=tmp_path, environment=environment, output=output, errors=errors) as command,
    ):
        assert wait_until(lambda: "spotify" in faults.requests(), seconds=300)
        command.send_signal(signal.SIGINT)
        status = command.wait(300)
    said, complaints = ((tmp_path / name).read_text("utf-8") for name in ("output", "errors"))
    assert status == 130, said + complaints
    assert "dance failed: stopped by Ctrl-C" in said
    assert "Traceback" not in said + complaints
    assert {name: state(database)[name] for name in before} == before
    assert all(
        parse_playlist(one.service_name, one.data_json).rows
        for one in store.playlists.raw_playlists("dance", moment(DAY))
    )
    assert [run.status for run in runs(settings)] == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
