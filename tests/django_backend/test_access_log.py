"""The access log's own thread: nothing is lost or mixed, and nobody waits for a reader that is slow."""

import json
import logging
import os
import re
import threading
from pathlib import Path

import pytest

from django_backend import logs
from django_backend.logs import MOST_WAITING, AccessLog
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.logs.files import ProcessFile
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

LINES, THREADS = 500, 4


def write(log: AccessLog, identity: str) -> None:
    log.write("GET", "/genres", 200, 12, 0.001, identity, "worker")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> int:
    """What reads the standard output of the log: the reading end of a pipe."""
    reading, writing = os.pipe()
    monkeypatch.setattr(logs, "STDOUT", writing)
    return reading


def test_it_works(settings: Settings, tmp_path: Path, reader: int) -> None:
    file = ProcessFile(tmp_path, "api", largest=10_000_000, kept=1)
    log = AccessLog(settings.model_copy(update={"log_format": LogFormat.JSON, "log_level": "INFO"}), file)
    shown: list[str] = []

    def read() -> None:
        with os.fdopen(reader) as lines:
            shown.extend(json.loads(next(lines))["request_id"] for _ in range(LINES * THREADS))

    reading = threading.Thread(target=read, daemon=True)
    reading.start()

    def write_all(name: int) -> None:
        for number in range(LINES):
            write(log, f"{name}-{number}")

    writers = [threading.Thread(target=write_all, args=(name,)) for name in range(THREADS)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    reading.join(300)
    (path,) = tmp_path.glob("api-*.log")
    kept = [json.loads(line)["request_id"] for line in path.read_text().splitlines()]
    assert kept == shown
    for name in range(THREADS):
        assert [one for one in kept if one.startswith(f"{name}-")] == [f"{name}-{number}" for number in range(LINES)]


def test_a_reader_that_stands_still_holds_up_no_answer(
    settings: Settings, reader: int, caplog: pytest.LogCaptureFixture
) -> None:
    log = AccessLog(settings.model_copy(update={"log_format": LogFormat.TEXT, "log_level": "INFO"}), None)
    # A pipe takes 64 KiB, which some 900 of these lines fill; then they wait, and those beyond that are dropped.
    for number in range(2 * MOST_WAITING):
        write(log, str(number))
    with caplog.at_level(logging.WARNING), os.fdopen(reader) as lines:
        seen = [next(lines)]
        while not caplog.records:
            seen.append(next(lines))
    assert re.match(r"9\d{3} lines of the access log were dropped", caplog.messages[0])
    assert seen[0].endswith("worker 0\n")
    assert all(line.startswith("20") and line.endswith("\n") for line in seen)


def test_without_a_reader_the_file_goes_on(settings: Settings, tmp_path: Path, reader: int) -> None:
    os.close(reader)
    file = ProcessFile(tmp_path, "api", largest=10_000_000, kept=1)
    log = AccessLog(settings.model_copy(update={"log_format": LogFormat.TEXT, "log_level": "INFO"}), file)
    for number in range(3):
        write(log, f"number-{number}")
    assert wait_until(lambda: "number-2" in _text(tmp_path), seconds=300)
    assert _text(tmp_path).count("\n") == 3


def _text(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("api-*.log"))
