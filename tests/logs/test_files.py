"""A file for each process: its mode, its sizes and its end; and trouble with it troubles nobody."""

import json
import logging
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tunemeld_pipeline.logs import files as log_files
from tunemeld_pipeline.logs.files import NAME, ProcessFile, remove_old, rotate_printed
from tunemeld_pipeline.logs.files import log_files as files_in

GONE = 2**22 + 1
"""A process id that no Linux gives out."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def line(number: int) -> bytes:
    return b'{"timestamp": "2026-01-31T00:00:00.000Z", "event": "e", "number": %d}\n' % number


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "logs"


def test_only_its_owner_can_read_it_and_it_is_there_from_the_first_line_on(folder: Path) -> None:
    file = ProcessFile(folder, "etl", largest=1000, kept=2)
    assert not folder.exists()
    file.write(line(1))
    (found,) = files_in(folder)
    assert (found.process, found.pid, found.number) == ("etl", os.getpid(), 0)
    assert (folder.stat().st_mode & 0o777, found.path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_full_file_gives_way_to_a_new_one_and_so_many_are_kept(folder: Path) -> None:
    file = ProcessFile(folder, "etl", largest=250, kept=2)
    for number in range(20):
        file.write(line(number))
    found = sorted(files_in(folder), key=lambda one: -one.number)
    assert [one.number for one in found] == [2, 1, 0]
    assert [one["number"] for file in found for one in lines(file.path)] == list(range(20))[-len(found) * 3 :][-8:]
    assert all(one.path.stat().st_size <= 250 for one in found)


def test_a_forked_process_writes_to_a_file_of_its_own(folder: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from tunemeld_pipeline.logs.files import ProcessFile
file = ProcessFile(Path({str(folder)!r}), "etl", largest=10_000, kept=1)
file.write(b'{{"event": "parent"}}\\n')
child = os.fork()
if not child:
    file.write(b'{{"event": "child"}}\\n')
    os._exit(0)
os.waitpid(child, 0)
file.write(b'{{"event": "parent"}}\\n')
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    assert sorted([one["event"] for one in lines(file.path)] for file in files_in(folder)) == [
        ["child"],
        ["parent"] * 2,
    ]


def test_a_file_that_somebody_removed_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LOOK_SECONDS", 0.0)
    file = ProcessFile(folder, "etl", largest=1000, kept=1)
    file.write(line(1))
    files_in(folder)[0].path.unlink()
    file.write(line(2))
    assert [one["number"] for one in lines(files_in(folder)[0].path)] == [2]


def test_a_full_disk_costs_lines_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log_files, "RETRY_SECONDS", 0.0)
    file = ProcessFile(folder, "etl", largest=10**6, kept=1)
    file.write(line(1))
    (found,) = files_in(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system itself cuts the second line in its middle and refuses the third, as on a disk that is full.
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (found.path.stat().st_size + 20, hard))
    try:
        file.write(line(2))
        file.write(line(3))
        file.write(line(4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert capsys.readouterr().err.count("log lines cannot be written") == 1
    file.write(line(5))
    whole = [one for one in found.path.read_bytes().splitlines() if one.endswith(b"}")]
    assert [json.loads(one).get("number", json.loads(one)["event"]) for one in whole] == [1, "3 log lines were lost", 5]


def test_a_folder_that_cannot_be_made_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    file = ProcessFile(tmp_path / "logs", "etl", largest=1000, kept=1)
    file.write(line(1))
    assert (tmp_path / "logs").read_text() == "a file where the folder should be"


def test_a_line_that_cannot_be_formatted_is_reported_and_stops_nothing(folder: Path) -> None:
    file = ProcessFile(folder, "etl", largest=1000, kept=1)
    file.handle(logging.LogRecord("somebody", logging.INFO, "", 0, "%d", ("no number",), None))
    assert lines(files_in(folder)[0].path)[0]["event"] == "a line of somebody could not be formatted"


def test_what_ended_processes_left_is_removed_by_age_and_then_by_size(folder: Path) -> None:
    folder.mkdir(parents=True)
    ages = {"etl-20260101T000000": 20, "etl-20260110T000000": 3, "api-20260111T000000": 2, "api-20260112T000000": 1}
    for name, days in ages.items():
        path = folder / f"{name}-{GONE}.log"
        path.write_bytes(b"x" * 100)
        os.utime(path, (time.time() - days * 86_400,) * 2)
    mine = folder / f"etl-20250101T000000-{os.getpid()}.log"
    mine.write_bytes(b"x" * 100)
    os.utime(mine, (0, 0))
    other = folder / "mongod.log"
    other.write_bytes(b"x" * 10_000)
    assert remove_old(folder, days=14, most_bytes=10_300) == 2
    left = {path.name for path in folder.iterdir()}
    assert left == {mine.name, other.name, f"api-20260111T000000-{GONE}.log", f"api-20260112T000000-{GONE}.log"}


def test_what_a_detached_program_prints_is_rotated_while_it_writes_and_counts(folder: Path) -> None:
    folder.mkdir(parents=True)
    log = folder / "mongod.log"
    with log.open("ab", buffering=0) as program:
        for number in range(4):
            program.write(f"{number}".encode() * 100)
            assert rotate_printed(folder, largest=99, kept=2) == 1
            assert rotate_printed(folder, largest=99, kept=2) == 0
        program.write(b"end")
    assert log.read_bytes() == b"end"
    kept = {path.name: path.read_bytes()[:1] for path in folder.iterdir()}
    assert kept == {"mongod.log": b"e", "mongod.log.1": b"3", "mongod.log.2": b"2"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("mongod.log.*"))
    # Beyond the total, full files go, the oldest first; the one that is written to stays.
    os.utime(folder / "mongod.log.2", (0, time.time() - 60))
    assert remove_old(folder, days=14, most_bytes=110) == 1
    assert remove_old(folder, days=14, most_bytes=1) == 1
    assert [path.name for path in folder.iterdir()] == ["mongod.log"]


def test_names_tell_kind_and_process() -> None:
    match = NAME.fullmatch("etl-20260131T023000-4711.log.2")
    assert match is not None
    assert (match["process"], match["pid"], match["number"]) == ("etl", "4711", "2")
    assert not re.fullmatch(NAME, "mongod.log")
