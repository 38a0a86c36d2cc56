"""What a run leaves in the log files, and the commands that read them."""

import json
from collections import Counter
from typing import Any

from tests.cli.conftest import Command
from tunemeld_pipeline.logs.files import ProcessFile, log_files
from tunemeld_pipeline.plugins.registry import keys, slug_of
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage


def lines_of(settings: Settings) -> list[dict[str, Any]]:
    """All lines of all log files of the home."""
    texts = [file.path.read_text() for file in log_files(settings.home / "logs")]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_a_run_s_lines_say_where_they_belong_once_and_an_error_its_circumstances(
    tunemeld: Command, settings: Settings, faults: Faults
) -> None:
    faults.add("spotify", "error-body", times=None)
    answer = tunemeld("etl", "run", "full", "--genre", "dance")
    assert answer.returncode == 3, answer.stderr
    assert answer.stderr == ""
    lines = lines_of(settings)
    run = [line for line in lines if "run_id" in line]
    assert len({line["run_id"] for line in run}) == 1
    assert {line["genre"] for line in run} == {"dance"}
    assert {line.get("asset") for line in run} >= set(Stage.FULL.assets)
    known = Counter(json.dumps(line) for line in lines)
    assert [event for event, times in known.items() if times > 1] == []
    (warning,) = [
        line for line in lines if line["level"] == "warning" and "there is no earlier playlist" in line["event"]
    ]
    assert (warning["logger"], warning["function"]) == ("tunemeld_pipeline.assets.raw_playlists", "raw_playlists")
    assert (warning["service"], warning["asset"]) == ("Spotify", "raw_playlists")
    assert warning["error_type"] in warning["error"] or warning["error"].startswith("Spotify")
    assert [line["event"] for line in lines if line["level"] == "error"] == []
    done = {line["asset"]: line for line in lines if line["event"] == "the step is done"}
    calls = [line for line in lines if line["event"] == "upstream call"]
    commands = [line for line in lines if line["event"] == "database call"]
    for asset in Stage.FULL.assets:
        assert done[asset]["level"] == "info"
        assert done[asset]["upstream_calls"] == sum(line["asset"] == asset for line in calls)
        assert done[asset]["database_calls"] == sum(line["asset"] == asset for line in commands) > 0
    assert all(line["duration_ms"] > 0 and line["service"] and "?" not in line["path"] for line in calls)


def test_a_failed_step_is_one_error_with_its_place_and_type(
    tunemeld: Command, settings: Settings, faults: Faults
) -> None:
    for service in keys():
        faults.add(slug_of(service), "401", times=None)
    assert tunemeld("etl", "run", "full", "--genre", "rap").returncode == 1
    errors = [line for line in lines_of(settings) if line["level"] == "error"]
    assert len(errors) == 1, errors
    (error,) = errors
    assert (error["genre"], error["asset"], error["attempt"]) == ("rap", "raw_playlists", 1)
    assert error["error_type"] == "NothingToPublish"
    assert "no service answered for rap" in error["error"]


def test_the_logs_of_runs_and_of_the_api_can_be_read_apart(tunemeld: Command, settings: Settings) -> None:
    files = {name: ProcessFile(settings.home / "logs", name, largest=10**6, kept=1) for name in ("etl", "api")}
    for number, (name, level) in enumerate([("etl", "info"), ("api", "error"), ("etl", "warning"), ("api", "info")]):
        line = {
            "timestamp": f"2026-01-31T00:00:0{number}.000Z",
            "level": level,
            "event": "e\x1b[1m",
            "genre": {"etl": "dance"}.get(name, "pop"),
            "n": number,
        }
        files[name].write(f"{json.dumps(line)}\n".encode())
    for file in files.values():
        file.close()
    for command, expected in [
        (("etl", "logs"), [0, 2]),
        (("etl", "logs", "-n", "1"), [2]),
        (("etl", "logs", "--genre", "dance", "--level", "WARNING"), [2]),
        (("api", "logs"), [1, 3]),
        (("api", "logs", "--level", "error"), [1]),
    ]:
        answer = tunemeld(*command)
        assert answer.returncode == 0, answer.stderr
        assert [json.loads(line)["n"] for line in answer.stdout.splitlines()] == expected
    nothing = tunemeld("etl", "logs", "--run-id", "nobody")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no such lines in" in nothing.stderr
    unknown = tunemeld("etl", "logs", "--genre", "nonsense")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "unknown genre 'nonsense'" in unknown.stderr


def test_a_command_that_fails_leaves_why_in_the_log(tunemeld: Command, settings: Settings) -> None:
    answer = tunemeld("db", "test-connection", MONGODB_URL="mongodb://ann:not-to-be-seen@127.0.0.1:9/")
    assert answer.returncode == 1
    (line,) = lines_of(settings)
    assert (line["process"], line["level"], line["error_type"]) == ("cli", "error", "DatabaseUnavailable")
    assert line["arguments"] == ["db", "test-connection"]
    assert line["error"] in answer.stderr
    assert "not-to-be-seen" not in json.dumps(line)
