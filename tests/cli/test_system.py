"""`tunemeld system`: how the installation is, and what it is made of."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.conftest import Command, run_tunemeld
from tests.documents import materialization
from tests.older_database import fill
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

CANARY = "canary-77ab"


def parts(text: str) -> dict[str, dict[str, Any]]:
    """The parts of the health report by their names."""
    return {one["part"]: one for one in json.loads(text)["parts"]}


def test_all_is_well_once_every_genre_has_a_recent_chart(tunemeld: Command, store: Store) -> None:
    now = datetime.now(UTC)
    for genre in ("country", "dance", "pop", "rap"):
        store.charts.introduce(materialization(at=now - timedelta(hours=3), genre=genre))
    shown = tunemeld("system", "health")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert {line.split()[0] for line in shown.stdout.splitlines()} >= {"database", "layout", "disk", "home", "rap"}


def test_an_old_chart_and_a_missing_one_are_degraded_with_the_command_that_helps(
    tunemeld: Command, store: Store
) -> None:
    store.charts.introduce(materialization(at=datetime.now(UTC) - timedelta(hours=40), genre="dance"))
    shown = tunemeld("system", "health", "--json")
    assert shown.returncode == 3
    found = parts(shown.stdout)
    for genre in ("dance", "pop"):
        assert (found[genre]["state"], found[genre]["action"]) == ("degraded", f"tunemeld etl run full --genre {genre}")
    assert found["pop"]["seen"] == "no chart yet"


def test_deep_asks_each_upstream_once_and_tells_what_it_spent(tunemeld: Command, store: Store, faults: Faults) -> None:
    shown = tunemeld("system", "health", "--deep", "--json")
    found = parts(shown.stdout)
    asked = {name.split()[0]: one["state"] for name, one in found.items() if "(" in name}
    assert set(asked.values()) == {"good"}, shown.stdout
    assert {"Spotify", "SoundCloud", "YouTube"} <= set(asked)
    assert found["cache"]["state"] == "good"
    assert "calls in all" in found["spent"]["seen"]


def test_a_database_that_cannot_be_reached_fails_without_its_password(tunemeld: Command) -> None:
    shown = tunemeld("system", "health", "--json", MONGODB_URL=f"mongodb://user:{CANARY}@127.0.0.1:9/?timeoutMS=300")
    assert shown.returncode == 1
    assert parts(shown.stdout)["database"]["state"] == "failed"
    assert CANARY not in shown.stdout + shown.stderr


def test_what_the_older_system_wrote_is_seen(tunemeld: Command, settings: Settings, mongod_url: str) -> None:
    with connect(mongod_url) as client:
        fill(client[settings.database_name])
    layout = parts(tunemeld("system", "health", "--json").stdout)["layout"]
    assert (layout["state"], "tunemeld db init" in layout["action"]) == ("failed", True)


def test_settings_that_cannot_be_used_are_told_and_nothing_is_started(fresh_machine: Command, tmp_path: Path) -> None:
    shown = fresh_machine("system", "health", LOG_LEVEL="LOUD")
    assert shown.returncode == 2
    assert "LOG_LEVEL: Log level must be one of" in shown.stdout
    idle = fresh_machine("system", "health", "--json")
    assert (idle.returncode, parts(idle.stdout)["database"]["action"].startswith("tunemeld db start")) == (3, True)


def test_an_environment_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=ERROR\n")
    (tmp_path / ".env").chmod(0o644)
    assert f"chmod 600 {tmp_path / '.env'}" in run_tunemeld("system", "health", folder=tmp_path).stdout


def test_info_tells_versions_and_paths_and_no_secret(tmp_path: Path) -> None:
    variables = {
        "MONGODB_URL": f"mongodb://u:{CANARY}@db.example",
        "RAPIDAPI_KEY": CANARY,
        "TUNEMELD_HOME": str(tmp_path),
    }
    printed = run_tunemeld("system", "info", "--json", folder=tmp_path, **variables)
    assert printed.returncode == 0
    found = json.loads(printed.stdout)
    assert found["home"] == str(tmp_path)
    assert found["database"] == "MONGODB_URL (hidden), tunemeld_sandbox"
    assert found["dagster"].startswith("1.")
    assert CANARY not in printed.stdout + printed.stderr
