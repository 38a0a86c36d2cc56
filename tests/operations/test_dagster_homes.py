"""Dagster's folders: one for each world, and the shared folder of an earlier release."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.local.daemons import daemons_of
from tunemeld_pipeline.operations.dagster_homes import dagster_home_of
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.run_tags import DATABASE_TAG
from tunemeld_pipeline.settings.settings import Settings


def of(upstreams: str, home: Path, **more: object) -> Settings:
    chosen = {"replay_dir": home} if upstreams == "replay" else {}
    return Settings(home=home, upstreams=upstreams, **chosen, **more)


def test_each_world_has_its_own_folder(tmp_path: Path) -> None:
    folders = {dagster_home_of(of(world, tmp_path)) for world in ("live", "sandbox", "replay")}
    assert folders == {tmp_path / "dagster" / world for world in ("live", "sandbox", "replay")}


def test_the_shared_folder_of_an_earlier_release_goes_to_the_world_of_its_newest_run(tmp_path: Path) -> None:
    live, sandbox = of("live", tmp_path), of("sandbox", tmp_path)
    with open_instance(live) as instance:
        for number, database in enumerate(("tunemeld", "tunemeld_sandbox")):
            run_id = f"00000000-0000-0000-0000-00000000000{number}"
            instance.add_run(dg.DagsterRun("daily_refresh", run_id=run_id, tags={DATABASE_TAG: database}))
    for path in list(live.dagster_folder.iterdir()):
        shutil.move(path, tmp_path / "dagster")
    live.dagster_folder.rmdir()

    assert dagster_home_of(live) == tmp_path / "dagster" / "live"
    with open_instance(sandbox) as instance:
        assert instance.get_runs_count() == 2
    with open_instance(live) as instance:
        assert instance.get_runs_count() == 0
    assert {path.name for path in (tmp_path / "dagster").iterdir()} == {".lock", "live", "sandbox"}


def test_a_folder_of_ones_own_is_refused_to_another_world(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with open_instance(of("sandbox", tmp_path, dagster_home=own)):
        pass
    with pytest.raises(LocalServerError, match="holds the runs on sandbox data, and these settings mean live"):
        dagster_home_of(of("live", tmp_path, dagster_home=own))


def test_a_daemon_that_somebody_else_started_on_the_folder_is_seen(tmp_path: Path) -> None:
    waiting = "import sys; print('up', flush=True); sys.stdin.read()"
    # It only looks like a daemon: its command line and its variable are what is looked at.
    with subprocess.Popen(
        [sys.executable, "-c", waiting, "dagster-daemon"],
        env={**os.environ, "DAGSTER_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert daemons_of(tmp_path) == [process.pid]
        assert daemons_of(tmp_path / "other") == []
        process.communicate()
    assert daemons_of(tmp_path) == []
