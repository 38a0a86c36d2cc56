"""What builds the page: its lock file, and the script that finds a Node.js or installs one.

These are promises of `scripts/frontend` and of what it installs; `frontend/tests/` covers how the page behaves.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.test_project import PROJECT

FRONTEND = PROJECT / "frontend"
LOCKED: dict[str, dict[str, Any]] = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]

# Vite's bundler and its CSS compiler are native: each has a package per platform, which a lock file made elsewhere may lack.
PLATFORMS = ("linux-x64-gnu", "linux-x64-musl", "linux-arm64-gnu", "linux-arm64-musl", "darwin-x64", "darwin-arm64")


def script_alone(folder: Path) -> Path:
    """A copy of the script with nothing around it."""
    (folder / "scripts").mkdir()
    return Path(shutil.copy2(PROJECT / "scripts" / "frontend", folder / "scripts" / "frontend"))


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    packages = {name: package for name, package in LOCKED.items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize(("package", "native"), [("rolldown", "@rolldown/binding"), ("lightningcss", "lightningcss")])
def test_the_lock_has_what_is_native_for_every_platform(package: str, native: str) -> None:
    version = LOCKED[f"node_modules/{package}"]["version"]
    locked = {platform: LOCKED.get(f"node_modules/{native}-{platform}", {}) for platform in PLATFORMS}
    assert {platform: one.get("version") for platform, one in locked.items()} == dict.fromkeys(locked, version)
    assert all(one["optional"] for one in locked.values())


def test_what_is_locked_is_what_is_asked_for() -> None:
    asked = json.loads((FRONTEND / "package.json").read_text())
    assert {kind: LOCKED[""][kind] for kind in ("dependencies", "devDependencies", "engines")} == {
        kind: asked[kind] for kind in ("dependencies", "devDependencies", "engines")
    }


def test_a_machine_without_node_gets_a_sentence_on_what_to_do(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "flock", "cmp"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    answer = subprocess.run(
        ["bash", script_alone(tmp_path), "build"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert re.fullmatch(
        r"frontend: no Node\.js .* is on the PATH, and no \.venv .*; run: make \.venv/\.runtime\n", answer.stderr
    )


def test_an_unknown_command_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    answer = subprocess.run(
        ["bash", script_alone(tmp_path), "bulid"], env=os.environ, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("frontend: usage: scripts/frontend build|")
