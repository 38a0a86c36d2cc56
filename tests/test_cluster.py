"""Several machines on one: the short part of `make cluster-test`, with real Postgres, pgbouncer, Redis and MongoDB."""

import os
import tempfile
from pathlib import Path

import pytest

from cluster.__main__ import played
from cluster.chapters import Finding
from cluster.measuring import first_difference
from cluster.servers import missing_servers

pytestmark = pytest.mark.slow
MISSING = missing_servers()


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    """Two genres through two workers, and what the chapters found."""
    if MISSING and os.environ.get("CI") != "true":
        pytest.skip(f"several machines need these Debian packages: apt-get install {' '.join(MISSING)}")
    Path(tempfile.gettempdir()).chmod(0o711)  # Postgres runs as its own user, and has to get through
    found = played(["charts", "connections"], genres=2, slots=2, kills=0, seed=1)
    return {finding.chapter: finding for finding in found}


@pytest.mark.matrix  # minutes of servers
def test_two_workers_make_the_charts_of_one_machine(findings: dict[str, Finding]) -> None:
    assert findings["equal charts"].held, findings["equal charts"].figures


@pytest.mark.matrix  # minutes of servers
def test_runs_hardly_connect_to_postgres(findings: dict[str, Finding]) -> None:
    assert findings["few connections"].held, findings["few connections"].figures


def test_a_difference_of_charts_is_named() -> None:
    same = {"tracks": [{"rank": 1}, {"rank": 2}]}
    assert first_difference(same, {"tracks": [{"rank": 1}, {"rank": 3}]}) == ".tracks[1].rank: '2', '3'"
