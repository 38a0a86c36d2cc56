"""`tunemeld api start`: what it needs, and what it says where it has not got it. That it serves is tested in `tests/django_backend`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import requests

from tests.cli.conftest import Command
from tests.cli.started import Started, free_ports
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.supervision.ports import Port

PROJECT = Path(__file__).parents[2]


def test_it_works(tunemeld: Command) -> None:
    printed = tunemeld("api", "start", "--help")
    assert printed.returncode == 0
    for option in ("--host", "--port", "--workers", "--reload"):
        assert option in printed.stdout


def test_production_without_its_secret_does_not_start(tunemeld: Command) -> None:
    printed = tunemeld(
        "api",
        "start",
        TUNEMELD_ENV="production",
        TUNEMELD_UPSTREAMS="live",
        MONGODB_DATABASE="tunemeld",
        TUNEMELD_SANDBOX_URL="",
    )
    assert printed.returncode == 2
    assert "DJANGO_SECRET_KEY: is required in production" in printed.stderr
    assert "Traceback" not in printed.stderr


def test_a_taken_port_is_told_with_who_has_it(tunemeld: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        printed = tunemeld("api", "start", "--port", str(port))
    assert printed.returncode == 1
    assert f"port {port} is taken by {psutil.Process().name()} (pid {os.getpid()}: " in printed.stderr
    assert "choose another port with --port" in printed.stderr


def test_what_no_worker_could_use_is_told_before_one_starts(tunemeld: Command, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.toml"
    catalog.write_text("[genres.dance]\n", encoding="utf-8")
    broken = tunemeld("api", "start", TUNEMELD_CATALOG=str(catalog))
    assert (broken.returncode, broken.stderr.count("\n")) == (2, 2)
    assert f"error: {catalog}" in broken.stderr
    assert broken.stderr.endswith("next: tunemeld config show\n")
    assert tunemeld("api", "start", "--port", "99999").returncode == 2


def test_with_reload_a_change_of_the_code_is_served_and_what_the_server_writes_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    assert settings.mongodb_url is not None
    for package in ("django_backend", "tunemeld_pipeline"):
        shutil.copytree(PROJECT / package, tmp_path / package)
    (port,) = free_ports(1)
    started = Started(
        ["api", "start", "--reload", "--workers", "1", "--port", port],
        # In the folder that is worked in, as it is by default.
        home=tmp_path / ".tunemeld",
        PYTHONPATH=str(tmp_path),
        TUNEMELD_ENV="testing",
        MONGODB_URL=settings.mongodb_url.get_secret_value(),
        MONGODB_DATABASE=settings.mongodb_database,
    )
    try:
        started.wait_for("Started worker-1")
        assert wait_until(lambda: Port(int(port)).answers, seconds=300)
        assert requests.get(f"http://127.0.0.1:{port}/health", timeout=300).headers["X-Request-ID"]
        assert "Changes detected" not in started.output
        with (tmp_path / "django_backend" / "wsgi.py").open("a") as file:
            file.write("print('served anew', flush=True)\n")
        started.wait_for("served anew")
        started.send(signal.SIGTERM)
        assert started.wait() == 0
        assert started.left() == []
    finally:
        started.end()


LIMITED = """
import resource
from tunemeld_pipeline.cli.api import connections_allowed
from tunemeld_pipeline.errors import LocalServerError
for hard in (5_000, 900):
    resource.setrlimit(resource.RLIMIT_NOFILE, (500, hard))
    try:
        print(connections_allowed(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    except LocalServerError as error:
        print(error)
"""


def test_a_worker_takes_as_many_connections_as_it_may_open_files() -> None:
    said = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    fewer, refused = said.stdout.splitlines()
    assert fewer == "4744 5000"
    assert (
        "warning: a process may open only 5,000 files here, so each worker takes at most 4,744 connections"
        in said.stderr
    )
    assert refused.startswith("a process may open only 900 files here, too few for the API's connections")
    for said_so in (said.stderr, refused):
        assert "set the hard limit to 8,256 (LimitNOFILE= in systemd" in said_so
