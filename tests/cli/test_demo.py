"""`tunemeld demo`: from nothing to charts, on a machine where nothing was ever started."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tunemeld_pipeline.local.mongod import mongod_status


@pytest.mark.slow
def test_it_works_from_nothing(fresh_machine: Command) -> None:
    demo = fresh_machine("demo", "--days", "1", "--no-serve")
    assert (demo.returncode, demo.stderr) == (0, ""), demo.stdout
    for genre in ("Country", "Dance", "Pop", "Rap"):
        assert f"{genre}: top 5 of" in demo.stdout
    assert "`tunemeld api start` shows them on a page: http://127.0.0.1:8000/" in demo.stdout
    assert "`tunemeld db stop` ends them" in demo.stdout
    # A pipe gets whole titles and no frames.
    assert not set("┏━│…") & set(demo.stdout)
    # That nothing is scheduled here is no trouble.
    for words in (("status",), ("etl", "status")):
        shown = fresh_machine(*words)
        assert (shown.returncode, shown.stderr) == (0, ""), shown.stdout
    assert "note: the daily refresh is switched off" in shown.stdout


def test_the_local_servers_can_be_seen_and_stopped(fresh_machine: Command) -> None:
    assert fresh_machine("db", "start").stdout.startswith("mongodb://%2F")
    status = fresh_machine("db", "status").stdout
    data = Path(next(line for line in status.splitlines() if line.strip().startswith("data")).split()[1])
    home = data.parent.parent
    assert "mongod: runs (pid" in status
    assert mongod_status(home).running
    # What is wrong with the other settings keeps nobody from stopping it.
    assert "mongod: stopped" in fresh_machine("db", "stop", ETL_BATCH_SIZE="many").stdout
    assert not mongod_status(home).running
