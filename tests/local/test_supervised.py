"""What is noted of the supervised parts, with real processes."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunemeld_pipeline.local.supervised import SupervisedParts, supervised_parts


@pytest.fixture
def part() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_a_part_is_up_hangs_and_is_up_again_with_the_reason(tmp_path: Path, part: "subprocess.Popen[bytes]") -> None:
    shown = SupervisedParts(tmp_path)
    shown.ready("api", part.pid)
    shown.hangs("api", part.pid, "it does not answer")
    (one,) = supervised_parts(tmp_path)
    assert (one.name, one.state, one.hung_because) == ("api", "hangs", "it does not answer")
    shown.ended("api")
    assert supervised_parts(tmp_path)[0].state == "down"
    shown.ready("api", part.pid)
    (one,) = supervised_parts(tmp_path)
    assert (one.state, one.hung_because) == ("up", "it does not answer")
    assert one.hung_at is not None
    shown.forget()
    assert supervised_parts(tmp_path) == []


def test_one_worker_that_hangs_leaves_its_part_up(tmp_path: Path, part: "subprocess.Popen[bytes]") -> None:
    shown = SupervisedParts(tmp_path)
    shown.ready("api", part.pid)
    shown.hangs("api", part.pid + 1, "the worker is stopped")
    (one,) = supervised_parts(tmp_path)
    assert (one.state, one.hung_because) == ("up", "the worker is stopped")


def test_a_part_that_is_stopped_is_seen_at_once(tmp_path: Path, part: "subprocess.Popen[bytes]") -> None:
    SupervisedParts(tmp_path).ready("daemon", part.pid)
    os.kill(part.pid, signal.SIGSTOP)
    os.waitpid(part.pid, os.WUNTRACED)
    (one,) = supervised_parts(tmp_path)
    assert (one.state, one.hung_because) == ("hangs", f"process {part.pid} is stopped")


def test_what_an_ended_supervisor_or_nobody_noted_counts_for_nothing(
    tmp_path: Path, part: "subprocess.Popen[bytes]"
) -> None:
    file = tmp_path / "supervised.json"
    for text in ("", "[]", '{"pid": 1}', json.dumps({"pid": part.pid, "started": "then", "parts": []})):
        file.write_text(text)
        assert supervised_parts(tmp_path) == []
    SupervisedParts(tmp_path).ready("api", part.pid)
    noted = json.loads(file.read_text())
    file.write_text(json.dumps({**noted, "parts": [{"name": "api"}]}))
    assert supervised_parts(tmp_path) == []
