"""The sandbox service: one process per world, found by every caller, and never mistaken for another's."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.local import sandbox_service as service
from tunemeld_pipeline.local.processes import Process, read_record, wait_until, write_record
from tunemeld_pipeline.local.sandbox_service import ensure_sandbox, sandbox_status, stop_sandbox

ENSURE = """
import sys
from pathlib import Path
from tunemeld_pipeline.local.sandbox_service import ensure_sandbox
print(ensure_sandbox(Path(sys.argv[1]), seed=1))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    yield from temporary_home()


@pytest.fixture(scope="module")
def running_home() -> Iterator[Path]:
    """A home where the world of seed 1 is played, for tests that leave it as it is."""
    for path in temporary_home():
        ensure_sandbox(path, seed=1)
        yield path


def temporary_home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="tunemeld-test-"))
    try:
        yield path
    finally:
        stop_sandbox(path)
        shutil.rmtree(path)


def kill(pid: int) -> None:
    process = Process.of(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not process.is_alive, seconds=10)


def health_status(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)
    try:
        connection.request("GET", "/_control/health")
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_gives_the_address_of_a_service_on_loopback(running_home: Path) -> None:
    url = ensure_sandbox(running_home, seed=1)
    assert urlsplit(url).hostname == "127.0.0.1"
    assert health_status(url) == 200
    (status,) = sandbox_status(running_home)
    assert (status.url, status.seed, status.replay_dir) == (url, 1, None)
    assert Process.of(status.pid).is_alive


def test_a_running_service_is_found_in_milliseconds(running_home: Path) -> None:
    def once() -> float:
        begin = time.perf_counter()
        ensure_sandbox(running_home, seed=1)
        return time.perf_counter() - begin

    assert min(once() for _ in range(5)) < 0.1


def test_a_proxy_in_the_environment_does_not_come_between(running_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ensure_sandbox(running_home, seed=1)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ensure_sandbox(running_home, seed=1) == before


def test_it_survives_its_starter_and_control_c(running_home: Path) -> None:
    (status,) = sandbox_status(running_home)
    assert os.getsid(status.pid) != os.getsid(0)


def test_four_processes_at_once_start_one_service_that_outlives_them(home: Path) -> None:
    command = [sys.executable, "-c", ENSURE, str(home)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    urls = {starter.communicate(timeout=300)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 4
    assert urls == {ensure_sandbox(home, seed=1)}
    assert len(sandbox_status(home)) == 1


def test_each_world_has_a_service_of_its_own_and_stopping_ends_all(home: Path, tmp_path: Path) -> None:
    urls = [
        ensure_sandbox(home, seed=1),
        ensure_sandbox(home, seed=2),
        ensure_sandbox(home, seed=3, replay_dir=tmp_path),
    ]
    assert len(set(urls)) == 3
    assert {status.url for status in sandbox_status(home)} == set(urls)
    assert tmp_path.resolve() in {status.replay_dir for status in sandbox_status(home)}
    processes = [Process.of(status.pid) for status in sandbox_status(home)]
    assert stop_sandbox(home) == 3
    assert not any(process.is_alive for process in processes)
    assert {path.name for path in (home / "services").iterdir()} == {"start.lock"}
    assert stop_sandbox(home) == 0


def test_without_a_seed_the_service_takes_its_own(home: Path) -> None:
    assert ensure_sandbox(home) == ensure_sandbox(home)
    assert len(sandbox_status(home)) == 1


def test_stopping_what_never_was_creates_nothing(tmp_path: Path) -> None:
    assert stop_sandbox(tmp_path / "home") == 0
    assert sandbox_status(tmp_path / "home") == []
    assert not (tmp_path / "home").exists()


def test_a_killed_service_is_replaced(home: Path) -> None:
    ensure_sandbox(home, seed=1)
    (before,) = sandbox_status(home)
    kill(before.pid)
    assert health_status(ensure_sandbox(home, seed=1)) == 200
    (after,) = sandbox_status(home)
    assert after.pid != before.pid


def test_a_new_program_is_not_served_by_the_old_process(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ensure_sandbox(home, seed=1)
    copied = shutil.copytree(Path(service.__file__).parents[1], home / "other" / "tunemeld_pipeline")
    monkeypatch.setattr(service, "_SANDBOX", copied / "sandbox")
    (copied / "sandbox" / "__init__.py").write_text('"""Another version."""\n')
    assert ensure_sandbox(home, seed=1) != old


def test_an_edited_catalogue_is_another_world(home: Path) -> None:
    catalog = Path(shutil.copy(PACKAGED_CATALOG, home / "mine.toml"))
    first = ensure_sandbox(home, catalog=catalog)
    assert ensure_sandbox(home, catalog=catalog) == first
    with catalog.open("a") as stream:
        stream.write("# edited\n")
    assert ensure_sandbox(home, catalog=catalog) != first


def test_a_record_is_not_believed_for_another_world_or_process(home: Path, running_home: Path) -> None:
    """A record may lead to a port that has become another service's since."""
    (theirs,) = (running_home / "services").glob("*.json")
    ensure_sandbox(home, seed=1)
    (ours,) = (home / "services").glob("*.json")
    kill((read_record(ours) or {})["pid"])
    write_record(ours, {**(read_record(theirs) or {}), "pid": 1, "started": "another time"})
    url = ensure_sandbox(home, seed=1)
    assert url != ensure_sandbox(running_home, seed=1)
    (status,) = sandbox_status(home)
    assert status.url == url


def test_a_service_that_hangs_is_replaced_and_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(service, "STOP_SECONDS", 0.2)
    ensure_sandbox(home, seed=1)
    (before,) = sandbox_status(home)
    process = Process.of(before.pid)
    os.kill(before.pid, signal.SIGSTOP)
    try:
        ensure_sandbox(home, seed=1)
        (after,) = sandbox_status(home)
        assert after.pid != before.pid
        assert not process.is_alive
    finally:
        if process.is_alive:
            os.kill(before.pid, signal.SIGKILL)


def test_a_service_whose_starter_was_killed_before_it_made_its_note_is_found_and_stopped(home: Path) -> None:
    url = ensure_sandbox(home, seed=1)
    (status,) = sandbox_status(home)
    (record,) = (home / "services").glob("*.json")
    write_record(record, {"url": url, "pid": status.pid})
    process = Process.of(status.pid)
    assert ensure_sandbox(home, seed=1) == url
    assert stop_sandbox(home) == 1
    assert not process.is_alive


def test_a_service_that_cannot_start_is_reported_with_the_end_of_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MODULE", "tunemeld_pipeline.sandbox.absent")
    with pytest.raises(LocalServerError, match=r"did not start.*No module named"):
        ensure_sandbox(home, seed=1)


def test_it_listens_on_loopback_only(running_home: Path) -> None:
    port = urlsplit(ensure_sandbox(running_home, seed=1)).port
    assert port
    with socket.create_connection(("127.0.0.1", port), timeout=300):
        pass
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=300):
        pass


def test_a_service_that_was_stopped_comes_back_at_the_same_address(home: Path) -> None:
    first = ensure_sandbox(home)
    stop_sandbox(home)
    assert ensure_sandbox(home) == first
