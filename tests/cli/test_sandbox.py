"""`tunemeld sandbox`: the upstream services in a terminal."""

import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.cli.conftest import Command
from tests.conftest import sandbox_process
from tests.receivers import Webhook, serving
from tests.warm import TUNEMELD


def test_it_prints_its_address_and_ends_with_control_c(tmp_path: Path) -> None:
    command = [TUNEMELD, "sandbox", "--port", "0", "--seed", "7"]
    environment = {**os.environ, "TUNEMELD_HOME": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("sandbox: ").strip()
        assert requests.get(f"{url}/_control/health", timeout=300).json()["seed"] == 7
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=300) == 0
    finally:
        process.kill()
        process.communicate()


def test_faults_are_switched_while_it_runs(tunemeld: Command, tmp_path: Path) -> None:
    with sandbox_process(tmp_path, tracks=1) as url:
        at = ("--url", url)
        ordered = tunemeld("sandbox", "fault", "soundcloud", "500", "--times", "2", *at)
        assert (ordered.returncode, ordered.stdout) == (0, "soundcloud: 500, 2 times\n")
        always = ("sandbox", "fault", "youtube", "quota", "--always", "--endpoint", "videos")
        assert "youtube videos: quota, always" in tunemeld(*always, *at).stdout
        assert requests.get(f"{url}/soundcloud/anything", timeout=300).status_code == 500
        assert "soundcloud: 500, 1 times" in tunemeld("sandbox", "faults", *at).stdout
        refused = tunemeld("sandbox", "fault", "soundcloud", "flood", *at)
        assert refused.returncode == 2
        assert "unknown fault 'flood'; there are 429," in refused.stderr
        both = tunemeld("sandbox", "fault", "soundcloud", "500", "--times", "2", "--always", *at)
        assert (both.returncode, "--times and --always exclude each other" in both.stderr) == (2, True)
        assert tunemeld("sandbox", "well", *at).returncode == 0
        assert tunemeld("sandbox", "faults", *at).stdout == "all upstreams are well\n"


def test_where_no_sandbox_runs_it_says_how_to_start_one(tunemeld: Command) -> None:
    printed = tunemeld("sandbox", "faults", "--url", "http://127.0.0.1:1")
    assert printed.returncode == 1
    assert printed.stderr.endswith("start one, or name another with --url\nnext: tunemeld sandbox\n")
    assert printed.stderr.endswith("next: tunemeld sandbox\n")


def test_a_server_that_is_no_sandbox_is_told(tunemeld: Command) -> None:
    with serving(Webhook()) as other:
        printed = tunemeld("sandbox", "well", "--url", f"http://{other.address}")
    assert printed.returncode == 1
    assert "no sandbox answers" in printed.stderr
