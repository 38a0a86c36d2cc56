"""`tunemeld status`: one screen, its exit status, and the command that knows more."""

import json
import subprocess
import sys

from tests.cli.conftest import Command, run_tunemeld
from tests.conftest import GenreRunner
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.storage.store import Store


def test_where_all_is_well_it_says_so_and_ends_with_0(tunemeld: Command, run_genre: GenreRunner) -> None:
    for genre in load_catalog().genres:
        run_genre(genre)
    shown = tunemeld("status")
    assert (shown.returncode, shown.stderr) == (0, ""), shown.stdout
    assert {line.split()[0] for line in shown.stdout.splitlines() if line} == {"OK"}
    assert all(f" {genre} " in shown.stdout for genre in load_catalog().genres)
    assert tunemeld("status", "--quiet").stdout == ""


def test_what_is_not_well_names_the_command_that_knows_more(tunemeld: Command, store: Store) -> None:
    del store
    shown = tunemeld("status")
    assert shown.returncode == 3
    assert "no chart yet" in shown.stdout
    assert "next: tunemeld etl run full" in shown.stdout
    away = tunemeld("status", MONGODB_URL="mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")
    assert away.returncode == 1
    assert "next: tunemeld db test-connection" in away.stdout


def test_a_run_that_failed_is_named_with_the_command_that_shows_it(tunemeld: Command, store: Store) -> None:
    del store
    failed = tunemeld("etl", "run", "transform", "--genre", "dance", "--json")
    run_id = json.loads(failed.stdout)["runs"][0]["run_id"]
    shown = json.loads(tunemeld("status", "--json").stdout)
    (runs,) = [part for part in shown["parts"] if part["part"] == "runs"]
    assert runs["seen"] == "the last run of dance failed"
    assert runs["action"] == f"tunemeld runs show {run_id[:8]}"

    printed = tunemeld("runs", "show", run_id[:8])
    assert printed.returncode == 1
    assert "failed: dance has no readable playlists; run the stage before it first" in printed.stdout
    (listed,) = json.loads(tunemeld("runs", "--genre", "dance", "--json").stdout)
    assert (listed["run_id"], listed["stage"], listed["state"]) == (run_id, "transform", "failure")
    unknown = tunemeld("runs", "show", "zzz")
    assert (unknown.returncode, unknown.stderr.splitlines()[-1]) == (1, "next: tunemeld runs")


def test_broken_settings_are_named_and_wrong_usage(tmp_path: object) -> None:
    from pathlib import Path

    shown = run_tunemeld("status", folder=Path(str(tmp_path)), LOG_LEVEL="loud", TUNEMELD_HOME=str(tmp_path))
    assert shown.returncode == 2
    assert "LOG_LEVEL: Log level must be one of" in shown.stdout


def test_it_does_not_load_dagster() -> None:
    code = "import sys, tunemeld_pipeline.operations.status; sys.exit('dagster' in sys.modules or 'structlog' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
