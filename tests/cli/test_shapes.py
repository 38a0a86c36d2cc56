"""What every command prints with `--json` has the shape that docs/json/ gives, without a member that is not named there.

The other tests of commands compare what they get in the same way (`run_tunemeld`); this one asks each command once.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.printed import PRINTED, differences
from tests.conftest import GenreRunner
from tests.django_backend.test_api_health import server_whose_cache_is
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.incidents import note_seen

PAIR = {"a": {"title": "Tin", "artist": "Ona"}, "b": {"title": "Glass", "artist": "Ona"}, "same": True, "label": "far"}


@pytest.mark.slow  # it runs three dozen commands
def test_every_command_prints_what_its_schema_says(
    tunemeld: Command, run_genre: GenreRunner, store: Store, settings: Settings, faults: Faults, tmp_path: Path
) -> None:
    run_genre("dance", as_of="2026-03-01")
    faults.add("soundcloud", "401", times=None)
    assert tunemeld("etl", "run", "full", "--genre", "dance").returncode == 3
    (run, *_) = json.loads(tunemeld("runs", "--json").stdout)
    _put_aside(store)
    (etl,) = (settings.home / "logs").glob("etl-*.log")
    for process in ("api", "supervisor"):
        line = json.loads(etl.read_text("utf-8").splitlines()[0]) | {"process": process}
        etl.with_name(f"{process}-20260301T000000-1.log").write_text(f"{json.dumps(line)}\n", "utf-8")
    (tmp_path / "old.env").write_text("X_RAPIDAPI_KEY=from-before\nNOBODY_KNOWS=1\n")
    (tmp_path / "pairs.jsonl").write_text(f"{json.dumps(PAIR)}\n")
    charted = {track.isrc for track in store.charts.chart("dance", datetime.now(UTC)).tracks}
    (spotify, *_) = store.playlists.service_playlists("dance", datetime.now(UTC))
    # Spotify's rows bear the ISRC by which `match explain` finds them.
    one, other = [track.isrc for track in spotify.tracks if track.isrc in charted][:2]
    assert tunemeld("db", "withhold", "track", other or "", "--reason", "asked").returncode == 0
    backups = {"BACKUP_DIR": str(tmp_path / "backups")}
    with server_whose_cache_is("degraded") as url:
        asked: dict[str, list[tuple[str, ...]]] = {
            **{command: [()] for command in PRINTED},
            "chart": [("dance",), ("dance", "--date", "2026-03-01")],
            "track": [(one or "",)],
            "changes": [("dance",)],
            "etl run": [("full", "--genre", "dance", "--dry-run"), ("view_count", "--genre", "dance")],
            "etl rollback": [("--genre", "dance", "--to", "2026-03-01")],
            "runs show": [(run["run_id"],)],
            "alarms list": [("--all",)],
            "api health": [("--url", url)],
            "db backup": [(), (str(tmp_path / "monday"),)],
            "db check": [(), ("--repair",)],
            "config get": [("LOG_LEVEL",), ("RAPIDAPI_KEY",)],
            "config migrate-env": [("old.env",)],
            "match explain": [(one or "", other or "")],
            "match report": [("--genre", "dance")],
            "match evaluate": [("pairs.jsonl",)],
            "service test": [("SoundCloud",)],
            "sandbox faults": [("--url", settings.sandbox_url or "")],
        }
        # A rollback last, after which there is less to see.
        asked["etl rollback"] = asked.pop("etl rollback")
        wrong = {}
        for command, calls in asked.items():
            for words in calls:
                ran = tunemeld(*command.split(), *words, "--json", **backups)
                called = " ".join((command, *words))
                wrong[called] = [ran.stderr] if not ran.stdout.strip() else differences(command, ran.stdout)
    assert {called: why for called, why in wrong.items() if why} == {}


def _put_aside(store: Store) -> None:
    """An incident, and a document that cannot be read."""
    at = datetime.now(UTC)
    found = Incident(
        incident_id="one", key="chart_old/dance/", kind="chart_old", genre="dance", opened_at=at, last_seen=at
    )
    note_seen(store, found)
    store.handle["materializations"].insert_one(
        {"_id": "pop", "genre_name": "pop", "version": "many"}, bypass_document_validation=True
    )
