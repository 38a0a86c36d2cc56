"""`tunemeld etl validate`: what a run needs, each thing OK or with what to do, for a handful of calls."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.store import Store


def test_all_is_well_for_a_handful_of_calls(tunemeld: Command, store: Store, faults: Faults) -> None:
    run = tunemeld("etl", "validate")
    assert run.returncode == 0, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    assert all(line.startswith("OK  ") for line in lines)
    made = sum(sum(endpoints.values()) for endpoints in faults.requests().values())
    assert f"OK  spent: {made} calls in all, each a unit of its service's budget" in lines
    assert made <= 6
    assert {line.split(": ")[0] for line in lines} >= {
        "OK  database",
        "OK  indexes",
        "OK  packages",
        "OK  disk",
        "OK  cache",
    }


def test_what_is_wrong_is_named_with_what_to_do(tunemeld: Command, store: Store, faults: Faults) -> None:
    faults.add("youtube", "401", times=None)
    faults.add("soundcloud", "quota", times=None)
    faults.add("deezer", "500", times=None)
    run = tunemeld("etl", "validate", "--json")
    assert run.returncode == 1
    parts = {part["part"]: part for part in json.loads(run.stdout)["parts"]}
    youtube = parts["YouTube (YOUTUBE_API_KEY)"]
    assert (youtube["state"], youtube["action"]) == ("failed", "check YOUTUBE_API_KEY")
    assert parts["SoundCloud (RAPIDAPI_KEY)"]["state"] == "degraded"
    assert parts["Spotify (RAPIDAPI_KEY)"]["state"] == "good"
    deezer = parts["Deezer (no key)"]
    assert (deezer["state"], deezer["action"]) == ("failed", "tunemeld etl sources")


def test_what_is_not_configured_is_a_line_of_its_own_and_is_not_asked(
    tunemeld: Command, live_without_youtube: dict[str, str], faults: Faults
) -> None:
    run = tunemeld("etl", "validate", "--json", **live_without_youtube)
    parts = {part["part"]: part for part in json.loads(run.stdout)["parts"]}
    youtube = parts["YouTube counts"]
    assert (youtube["state"], youtube["seen"]) == ("good", "not configured (YOUTUBE_API_KEY is not set)")
    assert (parts["Spotify (RAPIDAPI_KEY)"]["state"], "youtube" in faults.requests()) == ("good", False)
    assert not [name for name in parts if "YOUTUBE_API_KEY" in name]


def test_a_database_that_cannot_be_reached_is_said_once(tunemeld: Command, faults: Faults) -> None:
    run = tunemeld("etl", "validate", "--json", MONGODB_URL="mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")
    failed = [part for part in json.loads(run.stdout)["parts"] if part["state"] == "failed"]
    assert run.returncode == 1
    assert [(part["part"], part["action"]) for part in failed] == [("database", "tunemeld db test-connection")]
    assert faults.requests() == {}


def test_without_settings_that_can_be_used_it_says_so_and_asks_nobody(tunemeld: Command, faults: Faults) -> None:
    run = tunemeld("etl", "validate", ETL_THREAD_COUNT="many")
    assert run.returncode == 2
    assert "ETL_THREAD_COUNT" in run.stdout
    assert faults.requests() == {}


def test_a_file_that_a_setting_names_and_that_cannot_be_used_is_one_line_of_the_diagnosis(
    tunemeld: Command, tmp_path: Path, faults: Faults
) -> None:
    (tmp_path / "cat.toml").write_text("[genres.dance]\n")
    broken = {"TUNEMELD_CATALOG": str(tmp_path / "cat.toml"), "MATCH_OVERRIDES": "/nope"}
    for command in (("etl", "validate"), ("system", "health")):
        run = tunemeld(*command, "--json", **broken)
        assert (run.returncode, run.stderr) == (2, "")
        failed = [part for part in json.loads(run.stdout)["parts"] if part["state"] == "failed"]
        assert [part["part"] for part in failed] == ["settings", "settings"]
        assert [part["seen"].split(": ")[0] for part in failed] == ["TUNEMELD_CATALOG", "MATCH_OVERRIDES"]
    assert faults.requests() == {}
