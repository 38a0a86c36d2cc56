"""What the commands make is their owner's alone, and what is open to others is reported."""

import re
from pathlib import Path

from tests.cli.conftest import Command
from tunemeld_pipeline.private_files import PRIVATE, open_paths, open_to_others


def test_what_a_command_makes_is_its_owners_alone(fresh_machine: Command) -> None:
    done = fresh_machine("alarms", "list")
    assert done.returncode == 0, done.stderr
    status = fresh_machine("db", "status").stdout
    home = Path(re.findall(r"data +(\S+)/mongo/data", status)[0])
    assert list(open_paths(home)) == []
    assert {path.name for path in home.iterdir()} >= {"mongo", "logs"}
    sockets = [path for path in home.rglob("*") if path.is_socket()]
    assert sockets
    # Of everything below, the way there is closed; the logs are closed themselves as well.
    assert [path for path in (home / "logs").iterdir() if open_to_others(path)] == []


def test_a_home_that_others_can_read_is_told_with_the_remedy(tmp_path: Path, tunemeld: Command) -> None:
    home = tmp_path / "home"
    (home / "logs").mkdir(parents=True)
    (home / "logs").chmod(0o755)
    home.chmod(0o700)
    assert list(open_paths(home)) == [home / "logs"]
    assert f"chmod 700 {home / 'logs'}" in tunemeld("config", "validate").stderr
    assert "logs" in PRIVATE
