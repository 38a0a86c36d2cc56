"""A test session that is ended from outside, with the servers that it started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leftovers import started_by
from tunemeld_pipeline.local.processes import wait_until

PROJECT = Path(__file__).parents[1]
SECONDS = 300
"""Until a condition that always comes true counts as hopeless."""

NEVER_ENDS = f"""
import os, sys, tempfile, time
from pathlib import Path

from tests.cli.conftest import run_tunemeld

def test_that_never_ends(mongod_url, sandbox_root, tmp_path):
    assert run_tunemeld("--version", folder=tmp_path).returncode == 0
    Path("begun").write_text(tempfile.gettempdir())
    time.sleep({SECONDS})
"""


@pytest.mark.parametrize(
    ("number", "options"),
    [
        pytest.param(signal.SIGTERM, (), id="alone"),
        pytest.param(signal.SIGTERM, ("-n", "1"), marks=pytest.mark.slow, id="with workers"),
        pytest.param(signal.SIGKILL, (), marks=pytest.mark.slow, id="killed"),
        pytest.param(signal.SIGKILL, ("-n", "1"), marks=pytest.mark.slow, id="killed with workers"),
    ],
)
def test_it_leaves_no_process_and_no_folder(tmp_path: Path, number: signal.Signals, options: tuple[str, ...]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "test_session.py").write_text(NEVER_ENDS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest", *options]
    session = subprocess.Popen(
        [*command, "--rootdir", str(tmp_path), "test_session.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        assert wait_until(lambda: (tmp_path / "begun").exists() or session.poll() is not None, seconds=SECONDS)
        folder = (tmp_path / "begun").read_text()
        commands = [" ".join(process.cmdline()) for process in started_by(folder)]
        for server in ("mongod --quiet", "sandbox.serve", "tests.warm"):
            assert any(server in command for command in commands)
        session.send_signal(number)
        # On a busy machine its end may take so long that it is cut short.
        assert session.wait(SECONDS) in (-number, -signal.SIGALRM, pytest.ExitCode.INTERRUPTED)
        assert wait_until(lambda: not started_by(folder) and not Path(folder).exists(), seconds=SECONDS)
    finally:
        session.kill()
        session.wait()
