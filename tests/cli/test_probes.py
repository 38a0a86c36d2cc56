"""How the parts show that they work: real files, a real `mongod` and sandbox service, stopped and running again."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tunemeld_pipeline.cli import probes
from tunemeld_pipeline.cli.probes import daemon_beats, database_probes, sandbox_probes, sqlite_beats, worker_pulses
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.local.sandbox_service import ensure_sandbox, sandbox_status, stop_sandbox

PULSE = """
import sys, time
from pathlib import Path
from django_backend.pulse import start_pulse
start_pulse(Path(sys.argv[1]))
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    # pytest's own temporary paths can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-probes-"))
    yield folder
    stop_mongod(folder)
    stop_sandbox(folder)
    shutil.rmtree(folder)


def pause() -> None:
    threading.Event().wait(0.05)


def test_a_worker_whose_file_is_no_longer_touched_hangs_and_its_siblings_do_not(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", PULSE, str(tmp_path)], start_new_session=True)
    try:
        (tmp_path / "alive-1").touch()  # of a process of another session
        ask = worker_pulses(tmp_path, longest=0.0)
        mark = tmp_path / f"alive-{process.pid}"
        while not mark.exists():
            pause()
        os.kill(process.pid, signal.SIGSTOP)
        assert ask(process.pid) == {}
        pause()
        assert list(ask(process.pid)) == [process.pid]
        mark.touch()
        assert ask(process.pid) == {}
    finally:
        process.kill()
        process.wait()


def test_without_marks_no_worker_is_judged(tmp_path: Path) -> None:
    assert worker_pulses(tmp_path, longest=0.0)(os.getsid(0)) == {}
    assert worker_pulses(tmp_path / "not there", longest=0.0)(os.getsid(0)) == {}


@pytest.fixture
def beats(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Dagster's own table of heartbeats, with those of two threads."""
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE daemon_heartbeats (daemon_type TEXT, timestamp TEXT)")
        connection.executemany(
            "INSERT INTO daemon_heartbeats VALUES (?, ?)", [("SENSOR", "2026-01-01"), ("SCHEDULER", "2026-01-01")]
        )
        yield connection


def test_a_daemon_hangs_when_all_its_threads_are_silent_or_one_for_very_long(
    tmp_path: Path, beats: sqlite3.Connection
) -> None:
    (all_of_them,) = daemon_beats(sqlite_beats(tmp_path / "runs.db"), longest=0.0, longest_of_one=3600)
    (one_of_them,) = daemon_beats(sqlite_beats(tmp_path / "runs.db"), longest=3600, longest_of_one=0.0)
    assert all_of_them(7) == one_of_them(7) == {}
    pause()
    assert all_of_them(7)[7].startswith("Dagster's daemon has written no heartbeat for ")
    beats.execute("UPDATE daemon_heartbeats SET timestamp = '2025-01-01' WHERE daemon_type = 'SENSOR'")
    # Set back or forward, a clock makes no heartbeat older.
    assert all_of_them(7) == {}
    assert one_of_them(7)[7].startswith("the daemon's thread SCHEDULER has written no heartbeat for ")


def test_where_dagster_keeps_its_records_elsewhere_nothing_is_asked(tmp_path: Path) -> None:
    (ask,) = daemon_beats(sqlite_beats(tmp_path / "runs.db"), longest=0.0)
    assert ask(7) == {}


@pytest.mark.parametrize("kind", ["mongod", "sandbox"])
def test_a_local_server_that_is_stopped_does_not_answer(home: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    if kind == "mongod":
        ensure_mongod(home)
        pid = mongod_status(home).pid
        monkeypatch.setattr(probes, "PROBE_ANSWER_SECONDS", 0.5)
        (ask,) = database_probes(home)
    else:
        ensure_sandbox(home)
        pid = sandbox_status(home)[0].pid
        monkeypatch.setattr("tunemeld_pipeline.local.sandbox_service.ANSWER_SECONDS", 0.5)
        (ask,) = sandbox_probes(home)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        assert list(ask(0)) == [pid]
    finally:
        os.kill(pid, signal.SIGCONT)
    monkeypatch.undo()
    assert wait_until(lambda: ask(0) == {}, seconds=300)
