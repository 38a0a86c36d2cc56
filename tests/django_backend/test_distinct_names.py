"""A visitor cannot make a worker remember without end: no matter how many names they make up, what it holds stays within a bound."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from django_backend.names import LOCKS, LONGEST, NamedLocks, remembered
from tests.django_backend.distinct_names import BOUND
from tests.leftovers import kept_environment
from tunemeld_pipeline.settings.settings import Settings

PROJECT = Path(__file__).parents[2]


@pytest.mark.slow
def test_no_name_that_a_visitor_makes_up_is_kept(api_settings: Settings, tmp_path: Path) -> None:
    assert api_settings.mongodb_url is not None
    environment = {
        **kept_environment(),
        "PATH": os.environ["PATH"],
        "TUNEMELD_ENV": "testing",
        "TUNEMELD_HOME": str(tmp_path),
        "MONGODB_URL": api_settings.mongodb_url.get_secret_value(),
        "MONGODB_DATABASE": api_settings.mongodb_database,
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1,.example.org",
        "LOG_LEVEL": "INFO",
    }
    command = [sys.executable, "-m", "tests.django_backend.distinct_names"]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    held = json.loads(done.stdout.splitlines()[-1])
    kept = {kind: size for kind, size in held.items() if size > BOUND}
    assert kept == {}


def test_any_number_of_names_share_a_fixed_number_of_locks() -> None:
    locks = NamedLocks()
    assert locks.of(("dance", "2025-11-18", None)) is locks.of(("dance", "2025-11-18", None))
    assert 1 < len({id(locks.of(number)) for number in range(10 * LOCKS)}) <= LOCKS


def test_results_are_remembered_for_the_latest_short_names_only() -> None:
    asked = []

    @remembered(2)
    def length(name: str) -> int:
        asked.append(name)
        return len(name)

    long = "x" * (LONGEST + 1)
    assert [length(name) for name in ("a", "a", "b", "c", "a", long, long)] == [1, 1, 1, 1, 1, LONGEST + 1, LONGEST + 1]
    assert asked == ["a", "b", "c", "a", long, long]
