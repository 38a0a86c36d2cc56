"""The process: announces where it listens, plays what its options say, and ends quickly and cleanly."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tunemeld_pipeline.sandbox.serve import main

Start = Callable[..., tuple["subprocess.Popen[bytes]", dict[str, Any]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the process with options and waits for its announcement."""
    processes: list[subprocess.Popen[bytes]] = []
    announce = tmp_path / "announce.json"

    def started(*options: str) -> tuple["subprocess.Popen[bytes]", dict[str, Any]]:
        command = [sys.executable, "-m", "tunemeld_pipeline.sandbox.serve", "--announce", str(announce), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        processes.append(process)
        deadline = time.monotonic() + 300
        while not announce.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process, json.loads(announce.read_text())

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def health(url: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{url}/_control/health", timeout=300).json()
    return found


def test_it_announces_where_it_listens_and_plays_what_it_was_told(start: Start) -> None:
    process, announced = start("--seed", "5", "--tracks", "7")
    assert announced["pid"] == process.pid
    printed = health(announced["url"])
    assert (printed["seed"], printed["pid"]) == (5, process.pid)
    assert printed["tracks"] == {"Spotify": 7, "AppleMusic": 7, "SoundCloud": 7}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quickly_and_cleanly_even_while_an_answer_stalls(start: Start, number: signal.Signals) -> None:
    process, announced = start()
    order = {"upstream": "youtube", "fault": "stall", "times": None, "seconds": 300}
    requests.put(f"{announced['url']}/_control/faults", json=order, timeout=300)
    with suppress(requests.exceptions.ReadTimeout):
        requests.get(f"{announced['url']}/youtube/videos", timeout=0.2)
    began = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert time.monotonic() - began < 60
    assert b"Traceback" not in output


def test_it_ends_by_itself_when_nobody_asks(start: Start) -> None:
    process, announced = start("--idle-exit", "0.5")
    for _ in range(4):
        health(announced["url"])
        time.sleep(0.25)
    assert process.poll() is None
    assert process.wait(timeout=300) == 0


def test_latency_holds_every_answer_back(start: Start) -> None:
    _, announced = start("--latency-ms", "150")
    began = time.monotonic()
    requests.get(f"{announced['url']}/spotify/playlist_tracks/", timeout=300)
    assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tracks", "0"], "1 to 8192 tracks"),
        (["--replay", "/nonexistent"], "no such folder"),
        (["--catalog", "/nonexistent"], "cannot be read"),
    ],
)
def test_options_that_cannot_be_used_are_reported_in_a_line(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == 2
    assert words in capsys.readouterr().err


def test_it_listens_on_loopback_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--host", "0.0.0.0"])  # noqa: S104
    assert "not a loopback address" in capsys.readouterr().err
