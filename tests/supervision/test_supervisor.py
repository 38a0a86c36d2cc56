"""Several programs together: real ones, small ones."""

import os
import signal
import socket
import sys
import threading

import psutil
import pytest

from tests.supervision.conftest import Manager
from tests.supervision.stage import SECONDS, Stage, shell
from tunemeld_pipeline.errors import PortTaken
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.supervision.output import Output
from tunemeld_pipeline.supervision.parts import Part
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.supervisor import WARDEN, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)


def runs(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_brings_up_what_others_need_first_and_ends_it_last(stage: Stage) -> None:
    script = "trap 'echo {0} ends; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    status = stage.run(
        shell("api", script.format("api"), ready_line="ready", needs=("base",)),
        shell("base", f"sleep 0.3; {script.format('base')}", ready_line="ready"),
        when=stage.says("All is up"),
    )
    assert status == 0
    lines = [line.replace(" ", "") for line in stage.log.splitlines()]
    assert lines.index("base|ready") < lines.index("api|ready")
    assert lines.index("api|apiends") < lines.index("base|baseends")
    assert "SIGTERM: ending api, base" in stage.log


def test_a_part_that_crashes_is_started_again_and_the_log_says_why(stage: Stage) -> None:
    marker = stage.folder / "once"
    script = f"if [ -e {marker} ]; then echo second life; exec sleep 600; else touch {marker}; kill -SEGV $$; fi"
    assert stage.run(shell("part", script), when=stage.says("second life")) == 0
    assert "part was ended by SIGSEGV after 0 s; it is started again in 1 s" in stage.log


def test_what_a_crashed_part_had_started_is_ended_before_it_is_started_again(stage: Stage) -> None:
    pids = stage.folder / "pids"
    script = f"sleep 600 & echo $! >> {pids}; sleep 0.2; exit 1"
    assert stage.run(shell("part", script), most_failures=1) == 1
    children = [int(pid) for pid in pids.read_text().split()]
    assert len(children) == 2
    assert [pid for pid in children if runs(pid)] == []


def test_a_part_whose_settings_cannot_be_used_ends_everything_with_its_message(stage: Stage) -> None:
    other = shell("other", "exec sleep 600")
    assert stage.run(other, shell("part", "echo error: MONGODB_URL is required >&2; exit 2")) == 2
    assert "part cannot run: it ended with status 2, and trying again will not help" in stage.log
    assert stage.log.splitlines()[-1].endswith("| error: MONGODB_URL is required")


def test_a_part_that_keeps_on_crashing_ends_everything(stage: Stage) -> None:
    assert stage.run(shell("part", "echo out of luck; exit 9"), most_failures=1) == 1
    assert "part cannot run: it ended with status 9 after 0 s, 2 times in a row" in stage.log
    assert stage.log.splitlines()[-1].endswith("| out of luck")


def test_a_program_that_is_not_there_is_reported(stage: Stage) -> None:
    assert stage.run(Part("part", ("/no/such/program",))) == 2
    assert "/no/such/program cannot be run: No such file or directory" in stage.log


def test_a_taken_port_is_reported_before_anything_starts(stage: Stage) -> None:
    marker = stage.folder / "started"
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(PortTaken, match=f"pid {os.getpid()}"):
        stage.run(shell("part", f"touch {marker}", port=Port(server.getsockname()[1])))
    assert not marker.exists()


def test_what_does_not_listen_to_sigterm_is_killed_after_its_patience(stage: Stage) -> None:
    part = Part("part", (sys.executable, "-c", STUBBORN), ready_line="ready", patience=0.5)
    assert stage.run(part, when=stage.says("All is up")) == 0


def test_it_ends_in_order_although_the_process_that_watches_over_it_was_killed_meanwhile(stage: Stage) -> None:
    part = Part("part", (sys.executable, "-c", STUBBORN), ready_line="ready", patience=3)

    def kill_warden() -> None:
        wait_until(stage.says("SIGTERM: ending"), seconds=SECONDS)
        for process in psutil.Process().children():
            if WARDEN[-1] in process.cmdline():
                process.kill()

    threading.Thread(target=kill_warden, daemon=True).start()
    assert stage.run(part, when=stage.says("All is up")) == 0
    assert "starting another" in stage.log
    assert stage.log.rstrip().endswith("All has ended.")


def test_a_second_control_c_does_not_wait_for_that(stage: Stage) -> None:
    part = Part("part", (sys.executable, "-c", STUBBORN), ready_line="ready", patience=3600)

    def again() -> None:
        wait_until(stage.says("SIGINT: ending"), seconds=SECONDS)
        # Nearer to the first, it would be taken for the same keystroke.
        threading.Event().wait(0.6)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=again, daemon=True).start()
    assert stage.run(part, when=stage.says("All is up"), send="SIGINT") == 0


def test_grandchildren_that_outlive_their_parent_are_ended(stage: Stage) -> None:
    script = f'{sys.executable} -c "{STUBBORN}" & echo $! > {stage.folder}/pid; wait'
    assert stage.run(shell("part", script, ready_line="ready", patience=2), when=stage.says("All is up")) == 0
    assert not runs(int((stage.folder / "pid").read_text()))


def test_it_ends_when_nobody_reads_its_log_any_more(stage: Stage) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    part = shell("part", "while :; do echo still here; sleep 0.1; done")
    assert Supervisor([part], Output(writing, ["part"], colour=False)).run() == 0
    os.close(writing)


def test_systemd_learns_that_it_is_ready_alive_and_ending(stage: Stage, service_manager: Manager) -> None:
    # The part is to speak to nobody: the variable is empty for it.
    part = shell("part", "echo $NOTIFY_SOCKET-ready; exec sleep 600", ready_line="-ready", welcome="somewhere")
    with service_manager(400_000) as messages:
        assert stage.run(part, when=stage.says("All is up")) == 0
    assert messages[0] == "WATCHDOG=1"
    assert "READY=1\nSTATUS=somewhere" in messages
    assert messages[-1] == "STOPPING=1"


def test_a_service_manager_that_does_not_listen_holds_up_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(stage.folder / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(stage.folder / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "2")
        assert stage.run(shell("part", "sleep 3; echo enough; exec sleep 600"), when=stage.says("enough")) == 0
