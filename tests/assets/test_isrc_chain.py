"""ISRCs for lists that have none, in a live world without a key: who is asked for what, what is believed, and what switches it off."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import MongoClient

from tests.assets.conftest import Materializer, Result, degraded, metadata_of
from tests.conftest import GenreRunner
from tests.live_world import live_at
from tests.wire import Play, in_front_of
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.orchestration.background_isrcs import background_isrcs
from tunemeld_pipeline.orchestration.findings import last_run_of
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings

HINTS = "spotify_reccobeats"
SEARCHES = "deezer"


@pytest.fixture
def live(settings: Settings, sandbox_root: str, mongod_url: str) -> Iterator[Settings]:
    """A live world at the sandbox with the public pages alone; every search is switched off."""
    chosen = live_at(
        settings,
        sandbox_root,
        live_pages=True,
        deezer_search_daily_budget=0,
        spotify_sources=("page",),
        apple_music_sources=("page",),
    )
    yield chosen
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client.drop_database(chosen.database_name)


class Runs:
    """Both stages, now."""

    def __init__(self, materialize: Materializer, runner: GenreRunner) -> None:
        self._materialize, self._runner = materialize, runner

    def __call__(self, settings: Settings) -> tuple[dict[str, Any], set[str]]:
        """What the second stage notes, and what the run lacks besides the lists that no source gives here."""
        # As a time and not a day: what was observed before is never older than a day's beginning.
        now = datetime.now(UTC).isoformat()
        result: Result = self._materialize(raw_playlists, track_playlist, as_of=now, settings=settings)
        lacking = {one for one in degraded(self._runner, result) if not one.endswith(" playlist")}
        return metadata_of(result, "track_playlist"), lacking


@pytest.fixture
def runs(materialize: Materializer, run_genre: GenreRunner) -> Runs:
    return Runs(materialize, run_genre)


def test_ids_bring_most_isrcs_in_few_calls_once(live: Settings, runs: Runs, faults: Faults) -> None:
    first, lacking = runs(live)
    asked = faults.requests()[HINTS]["track"]
    assert lacking == set()
    # The sandbox knows nine of ten; a call has twenty.
    assert first["isrc_lookups/found"] > 0.6 * first["isrc_lookups/asked"]
    assert asked == -(-first["isrc_lookups/asked"] // 20)
    assert first["isrc_share"] > 0.4

    second, lacking = runs(live)
    assert faults.requests()[HINTS]["track"] == asked
    assert (second["isrc_lookups/asked"], second["isrc_lookups/known"]) == (0, first["isrc_lookups/found"])
    assert (second["isrc_share"], lacking) == (first["isrc_share"], set())


def test_a_budget_of_nothing_switches_it_off(live: Settings, runs: Runs, faults: Faults) -> None:
    noted, lacking = runs(live.model_copy(update={"spotify_reccobeats_daily_budget": 0}))
    assert HINTS not in faults.requests()
    assert (noted["isrc_lookups/found"], lacking) == (0, set())


def test_that_it_fails_costs_its_isrcs_and_is_said(live: Settings, runs: Runs, faults: Faults) -> None:
    faults.add(HINTS, "500", times=None)
    noted, lacking = runs(live)
    assert lacking == {"ISRC look-ups"}
    assert "ReccoBeats: /track answered 500" in noted["degraded/ISRC look-ups"]
    assert noted["agreed_tracks"] > 0


@pytest.mark.parametrize("how", ["another title", "another length", "no length"])
def test_a_hint_that_title_and_length_do_not_confirm_is_not_believed(
    live: Settings, runs: Runs, play: Play, sandbox_root: str, how: str
) -> None:
    def edit(_: str, body: Any) -> Any:
        for track in body["content"]:
            match how:
                case "another title":
                    track["trackTitle"] = "Something Else Entirely"
                case "another length":
                    track["durationMs"] += 60_000
                case "no length":
                    del track["durationMs"]
        return body

    server = play(in_front_of(sandbox_root, edit))
    noted, _ = runs(live.model_copy(update={f"{HINTS}_base_url": f"{server.url}/{HINTS}"}))
    assert len(server.requests) > 0
    assert noted["isrc_lookups/found"] == 0


def test_what_is_slow_is_asked_between_runs_and_found_by_the_next_one(
    live: Settings, runs: Runs, faults: Faults, run_genre: GenreRunner
) -> None:
    without = live.model_copy(update={"spotify_reccobeats_daily_budget": 0, "musicbrainz_daily_budget": 60})
    first, _ = runs(without)
    assert "musicbrainz" not in faults.requests()
    done = background_isrcs.execute_in_process(
        instance=run_genre.instance, resources={"operator": OperatorResource(settings=without)}
    )
    found = done.output_for_node("look_up_slow_isrcs")
    assert found > 0
    assert sum(faults.requests()["musicbrainz"].values()) <= 60
    second, lacking = runs(without)
    assert (second["isrc_lookups/known"], lacking) == (first["isrc_lookups/known"] + found, set())
    assert second["isrc_share"] > first["isrc_share"]


def test_that_the_slow_ones_host_is_down_fails_their_job_alone(
    live: Settings, runs: Runs, faults: Faults, run_genre: GenreRunner
) -> None:
    runs(live)
    faults.add("musicbrainz", "500", times=None)
    done = background_isrcs.execute_in_process(
        instance=run_genre.instance,
        resources={"operator": OperatorResource(settings=live)},
        raise_on_error=False,
    )
    assert not done.success
    last = last_run_of(run_genre.instance, background_isrcs)
    assert last is not None
    assert (last.state, "MusicBrainz" in last.error) == ("failure", True)
