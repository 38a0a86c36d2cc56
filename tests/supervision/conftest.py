"""What tests of the supervisor may ask for: one that leaves nothing running."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.supervision.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A supervisor for this test; afterwards nothing that it started may be left."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield Stage(tmp_path)
    left = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
