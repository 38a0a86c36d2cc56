"""The system under test: its own home with `mongod`, the sandbox's upstreams, the API with two workers, and the pipeline's runners.

Everything is started on loopback and Unix sockets, found again after it was killed, and always ended. `troubles.py` breaks it; `load.py`
and `schedule.py` use it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from django_backend.pulse import PULSES
from tunemeld_pipeline.local.credentials import CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_NAMESPACE_ID
from tunemeld_pipeline.local.mongod import ensure_mongod, mongod_status, stop_mongod
from tunemeld_pipeline.local.processes import read_record, wait_until
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.settings import SETTING_NAMES, Settings

TRACKS = 20
"""Rows of each list: a run then takes a second, so a few minutes hold many."""

DISK_MEGABYTES = 1_500
"""The size of a tmpfs under the home, which can be filled up: twice what `mongod` allocates at once for journal and oplog."""

SEARCHES_A_DAY = 15
"""Small enough to be used up on most days."""


@dataclass
class Stage:
    """The running system.

    Attributes:
        home: TUNEMELD_HOME.
        small_disk: whether the home is on a separate disk, which can be filled up.
    """

    home: Path
    settings: Settings
    small_disk: bool
    faults: Faults
    api_url: str
    api: "subprocess.Popen[bytes]"

    @property
    def mongod_url(self) -> str:
        """The address of the home's `mongod`, which is started if it was killed."""
        return ensure_mongod(self.home)

    def worker_pids(self) -> list[int]:
        """The API's workers, by their signs of life."""
        pids = [int(mark.name.removeprefix(PULSES)) for mark in (self.home / "api").glob(f"{PULSES}*")]
        return sorted(pid for pid in pids if psutil.pid_exists(pid))

    def mongod_pid(self) -> int | None:
        """The process of the recorded `mongod`, if it answers."""
        return mongod_status(self.home).pid


@contextmanager
def running(seed: int) -> Iterator[Stage]:
    """Runs the system until the block ends; nothing of it is left afterwards."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="tunemeld-chaos-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        small_disk = _mount(home)
        if small_disk:
            stack.callback(subprocess.run, ["umount", "--lazy", str(home)], check=False)
        for name in SETTING_NAMES:
            os.environ.pop(variable_name(name), None)
        stack.callback(stop_mongod, home)
        ensure_mongod(home)
        root = stack.enter_context(_sandbox(home, seed))
        settings = _settings(home, root)
        os.environ.update(_environment(settings))
        url, api = stack.enter_context(_api())
        yield Stage(home, settings, small_disk, Faults(root), url, api)


def _settings(home: Path, root: str) -> Settings:
    return Settings(
        environment="testing",
        home=home,
        mongodb_database="chaos_test",
        sandbox_url=root,
        cache="cloudflare",
        cloudflare_base_url=f"{root}/cloudflare",
        cloudflare_account_id=CLOUDFLARE_ACCOUNT_ID,
        cloudflare_namespace_id=CLOUDFLARE_NAMESPACE_ID,
        cloudflare_api_token=CLOUDFLARE_API_TOKEN,
        etl_retry_attempts=2,
        etl_retry_delay=0.1,
        etl_request_timeout=3,
        etl_call_deadline=10,
        etl_step_deadline=60,
        youtube_search_daily_budget=SEARCHES_A_DAY,
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The same settings as variables, for the processes that are started."""
    token = settings.cloudflare_api_token
    values = {
        "environment": settings.environment.value,
        "home": settings.home,
        "mongodb_database": settings.mongodb_database,
        "sandbox_url": settings.sandbox_url,
        "cache": settings.cache.value,
        "cloudflare_base_url": settings.cloudflare_base_url,
        "cloudflare_account_id": settings.cloudflare_account_id,
        "cloudflare_namespace_id": settings.cloudflare_namespace_id,
        "cloudflare_api_token": token.get_secret_value() if token else "",
        "etl_retry_attempts": settings.etl_retry_attempts,
        "etl_retry_delay": settings.etl_retry_delay,
        "etl_request_timeout": settings.etl_request_timeout,
        "etl_call_deadline": settings.etl_call_deadline,
        "etl_step_deadline": settings.etl_step_deadline,
        "youtube_search_daily_budget": settings.youtube_search_daily_budget,
        "log_level": "WARNING",
    }
    return {variable_name(name): str(value) for name, value in values.items()}


def _mount(home: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=0700", "tmpfs", str(home)]
    with suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@contextmanager
def _sandbox(home: Path, seed: int) -> Iterator[str]:
    announce = home / "sandbox.json"
    command = [sys.executable, "-m", "tunemeld_pipeline.sandbox.serve", "--seed", str(seed), "--tracks", str(TRACKS)]
    process = subprocess.Popen([*command, "--announce", str(announce)], stdout=subprocess.DEVNULL)
    try:
        if not wait_until(lambda: announce.exists() or process.poll() is not None, seconds=60) or process.poll():
            raise RuntimeError("the sandbox did not start")
        yield str((read_record(announce) or {})["url"])
    finally:
        ended(process)


@contextmanager
def _api() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "chaos.served", str(port)]
    # Not on the small disk: its lines are most useful while that disk is full.
    with tempfile.NamedTemporaryFile("wb", prefix="tunemeld-chaos-api-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            if not wait_until(lambda: _lives(url) or process.poll() is not None, seconds=60) or process.poll():
                raise RuntimeError(f"the API did not start; see {log.name}")
            yield url, process
        finally:
            ended(process)
    Path(log.name).unlink()


def _lives(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process of ours: asks first, and kills it if that does not help."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
