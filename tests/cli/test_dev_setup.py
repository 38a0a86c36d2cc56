"""`tunemeld dev setup`: from a checkout to a place to work in, in a checkout of the test's own."""

import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.leftovers import kept_environment
from tests.warm import TUNEMELD
from tunemeld_pipeline.local.mongod import mongod_status, stop_mongod

PROJECT = Path(__file__).parents[2]
CARRIED_OVER = (".env.example", ".pre-commit-config.yaml", "pyproject.toml", "tunemeld_pipeline")
STEPS = ["Python packages", "commit hooks", ".env", "the settings", "the database"]

# The real scripts/setup would install this copy into the environment that the tests run in. What it did is said in a file.
SETUP = '#!/usr/bin/env bash\necho "$@" >>installed\nexit "${SETUP_STATUS:-0}"\n'

SetUp = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root() -> Iterator[Path]:
    """A git checkout of the project with its commands, whose packages count as installable at once."""
    # pytest's own temporary paths can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-setup-"))
    for name in CARRIED_OVER:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, folder / name)  # type: ignore[operator]
    (folder / "scripts").mkdir()
    (folder / "scripts" / "setup").write_text(SETUP)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "pre-commit").symlink_to(TUNEMELD.with_name("pre-commit"))
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    yield folder
    stop_mongod(folder / ".tunemeld")
    shutil.rmtree(folder)


@pytest.fixture
def dev_setup(root: Path, tmp_path: Path) -> SetUp:
    """`tunemeld dev setup` of that checkout, from another folder."""

    def run(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TUNEMELD, *options, "dev", "setup"],
            cwd=tmp_path,
            env={**kept_environment(), "PYTHONPATH": str(root), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def steps_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The titles of the steps that were begun."""
    return [line.partition("] ")[2] for line in done.stdout.splitlines() if line.startswith("[")]


def test_it_takes_every_step_and_says_what_is_next(dev_setup: SetUp, root: Path) -> None:
    done = dev_setup()
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(step.startswith(title) for step, title in zip(steps_of(done), STEPS, strict=True))
    assert (root / "installed").read_text() == "dev\n"
    assert "pre-commit" in (root / ".git" / "hooks" / "pre-commit").read_text()
    assert (root / ".env").read_text() == (root / ".env.example").read_text()
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600
    assert mongod_status(root / ".tunemeld").running
    assert "tunemeld dev start" in done.stdout.partition("Next:")[2]


def test_a_second_time_changes_no_env_file(dev_setup: SetUp, root: Path) -> None:
    (root / ".env").write_text("LOG_LEVEL=INFO\n")
    assert dev_setup().returncode == 0
    assert (root / ".env").read_text() == "LOG_LEVEL=INFO\n"


def test_it_stops_at_the_first_failure_with_its_remedy(dev_setup: SetUp, root: Path) -> None:
    done = dev_setup(SETUP_STATUS="1")
    assert done.returncode == 1
    assert len(steps_of(done)) == 1
    assert "error: step 1, Python packages (scripts/setup dev), failed" in done.stderr
    assert "the way to the package index" in done.stderr
    assert "next: tunemeld dev setup" in done.stderr
    assert not (root / ".env").exists()


def test_broken_settings_stop_only_the_step_that_reads_them(dev_setup: SetUp, root: Path) -> None:
    done = dev_setup(TUNEMELD_ENV="nonsense", LOG_LEVEL="LOUD")
    assert done.returncode == 1
    assert steps_of(done)[-1].startswith("the settings")
    assert "must be one of: development, testing, production" in done.stdout + done.stderr
    assert "error: step 4" in done.stderr
    assert (root / ".env").exists()
    assert not mongod_status(root / ".tunemeld").running
