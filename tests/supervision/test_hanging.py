"""Processes that hang: real ones, stopped by SIGSTOP or deaf, under a supervisor whose patience is a second."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import psutil
import pytest

from tests.supervision.conftest import Manager
from tests.supervision.stage import SECONDS, Stage, shell
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.supervision.output import Output
from tunemeld_pipeline.supervision.parts import Part
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.probes import PATIENCE, Patience, Unchanged, Watch, answers_http
from tunemeld_pipeline.supervision.supervisor import Supervisor

SHORT = Patience(every=0.05, misses=3, seconds=0.5, stopped=0.5)
PARENT = """
import subprocess, sys
child = subprocess.Popen(["sleep", "600"])
print("ready", flush=True)
child.wait()
sys.exit(3)
"""


def supervise(
    stage: Stage, *parts: Part, during: Callable[[dict[str, int]], None], patience: Patience = SHORT
) -> list[tuple[str, int, str]]:
    """Runs the parts until `during` has ended, which gets each part's pid by name; what hung, as it was reported."""
    pids: dict[str, int] = {}
    hung: list[tuple[str, int, str]] = []

    def act() -> None:
        try:
            wait_until(stage.says("All is up"), seconds=SECONDS)
            during(pids)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    with (stage.folder / "log").open("ab") as file:
        output = Output(file.fileno(), [part.name for part in parts], colour=False)
        supervisor = Supervisor(
            parts,
            output,
            on_ready=lambda part, pid: pids.__setitem__(part.name, pid),
            on_hang=lambda part, pid, why: hung.append((part.name, pid, why)),
            hung_after=patience,
        )
        threading.Thread(target=act, daemon=True).start()
        assert supervisor.run() == 0
    return hung


def test_a_part_that_is_stopped_is_killed_and_started_again_with_the_reason_in_the_log(stage: Stage) -> None:
    first: list[int] = []

    def stop(pids: dict[str, int]) -> None:
        first.append(pids["part"])
        os.kill(first[0], signal.SIGSTOP)
        assert wait_until(lambda: pids["part"] != first[0], seconds=SECONDS)

    hung = supervise(stage, shell("part", "echo ready; exec sleep 600", ready_line="ready"), during=stop)
    assert [(name, pid) for name, pid, _ in hung] == [("part", first[0])]
    assert "part hangs: it is stopped, seen " in stage.log
    assert "it is killed, and started again" in stage.log
    assert "part was ended by SIGKILL" in stage.log


def test_a_process_of_a_part_that_is_stopped_is_killed_alone(stage: Stage) -> None:
    def stop_child(pids: dict[str, int]) -> None:
        (child,) = psutil.Process(pids["part"]).children()
        child.suspend()
        assert wait_until(lambda: f"part: process {child.pid} hangs" in stage.log, seconds=SECONDS)
        assert wait_until(stage.says("part ended with status 3"), seconds=SECONDS)

    part = Part("part", (sys.executable, "-c", PARENT), ready_line="ready")
    (hung,) = supervise(stage, part, during=stop_child)
    assert hung[0] == "part"


def test_a_server_that_accepts_but_does_not_answer_is_started_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunemeld_pipeline.supervision.probes.PROBE_ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = Port(free.getsockname()[1])
    deaf = f"import socket, time; server = socket.create_server(('127.0.0.1', {port.number})); time.sleep(600)"
    part = Part("part", (sys.executable, "-c", deaf), port, probes=(answers_http(port, "/health/live"),))

    def wait(pids: dict[str, int]) -> None:
        first = pids["part"]
        assert wait_until(lambda: pids["part"] != first, seconds=SECONDS)

    hung = supervise(stage, part, during=wait)
    assert hung[0][2].startswith("it does not answer /health/live within ")


def test_a_part_that_never_becomes_ready_is_started_again(stage: Stage) -> None:
    marker = stage.folder / "once"
    script = f"if [ ! -e {marker} ]; then touch {marker}; exec sleep 600; fi; echo ready; exec sleep 600"
    patience = Patience(every=0.05, misses=3, seconds=0.5, start=1.0)
    hung = supervise(stage, shell("part", script, ready_line="ready"), during=lambda _: None, patience=patience)
    assert [why.startswith("it is not ready after ") for _, _, why in hung] == [True]


def test_a_part_that_is_stopped_still_ends_when_it_is_asked_to(stage: Stage) -> None:
    part = shell("part", "echo ready; exec sleep 600", ready_line="ready", patience=3600)
    hung = supervise(stage, part, during=lambda pids: os.kill(pids["part"], signal.SIGSTOP), patience=PATIENCE)
    assert hung == []
    assert "All has ended." in stage.log


def test_the_service_manager_hears_nothing_while_a_part_hangs(stage: Stage, service_manager: Manager) -> None:
    # It hangs for good: it is ready only once, as a part that comes up again but stays deaf.
    marker = stage.folder / "once"
    script = f"if [ -e {marker} ]; then exec sleep 600; fi; touch {marker}; echo ready; exec sleep 600"
    with service_manager(40_000) as messages:

        def stop(pids: dict[str, int]) -> None:
            os.kill(pids["part"], signal.SIGSTOP)
            assert wait_until(stage.says("it is started again in"), seconds=SECONDS)
            said = len(messages)
            # Many words would have come in this time.
            assert not wait_until(lambda: "WATCHDOG=1" in messages[said:], seconds=1.0)

        supervise(stage, shell("part", script, ready_line="ready"), during=stop)
    assert "WATCHDOG=1" in messages
    assert any(message.startswith("STATUS=part hangs: it is stopped") for message in messages)


def test_a_part_that_misses_an_answer_now_and_then_does_not_hang() -> None:
    asked = 0
    enough = threading.Event()

    def every_second_time(leader: int) -> dict[int, str]:
        nonlocal asked
        asked += 1
        if asked == 20:
            enough.set()
        return {leader: "busy"} if asked % 2 else {}

    watch = Watch(os.getpid(), (every_second_time,), Patience(every=0.01, misses=2, seconds=0.0))
    watch.ready()
    assert enough.wait(SECONDS)
    watch.end()
    assert watch.hanging() == {}


def test_several_answers_missed_in_a_moment_are_not_enough_nor_are_few_over_a_long_time() -> None:
    enough = threading.Event()
    asked: list[int] = []

    def silent(leader: int) -> dict[int, str]:
        asked.append(leader)
        if len(asked) == 5:
            enough.set()
        return {leader: "silent"}

    for patience in (Patience(every=0.01, misses=2, seconds=3600), Patience(every=0.01, misses=10**6, seconds=0.0)):
        watch = Watch(os.getpid(), (silent,), patience)
        watch.ready()
        assert enough.wait(SECONDS)
        assert watch.hanging() == {}
        watch.end()


def test_a_probe_that_fails_itself_says_nothing_about_the_part() -> None:
    asked = threading.Event()

    def broken(leader: int) -> dict[int, str]:
        asked.set()
        raise RuntimeError(str(leader))

    watch = Watch(os.getpid(), (broken,), Patience(every=0.01, misses=1, seconds=0.0))
    watch.ready()
    assert asked.wait(SECONDS)
    watch.end()
    assert watch.hanging() == {}


def test_a_value_that_changes_is_never_unchanged_whatever_it_is() -> None:
    unchanged = Unchanged[str](seconds=0.0)
    assert unchanged.of({"a": 5, "b": 5}) == {}
    assert list(unchanged.of({"a": 4, "b": 5})) == ["b"]
    assert unchanged.of({"a": 3}) == {}
    assert unchanged.of({"b": 5}) == {}
