"""`tunemeld sandbox`: the upstream services in a terminal."""

import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.cli.conftest import TUNEMELD


def test_it_prints_its_address_and_ends_with_control_c(tmp_path: Path) -> None:
    command = [TUNEMELD, "sandbox", "--port", "0", "--seed", "7"]
    environment = {**os.environ, "TUNEMELD_HOME": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("sandbox: ").strip()
        assert requests.get(f"{url}/_control/health", timeout=5).json()["seed"] == 7
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.communicate()
