"""A service with three sources, day after day: what the chart, the exit status, the alarms and `tunemeld etl sources` say.

The service is Wavelet FM (`tests/wavelet_service/`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.wavelet_service.installed import CATALOG, playing
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


@pytest.fixture
def wavelet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("wavelet")
    with playing(folder) as root:
        yield root, folder


class Installation:
    """An installation with Wavelet FM, from one day to the next."""

    def __init__(self, tunemeld: Command, root: str, folder: Path, store: Store) -> None:
        self.faults = Faults(root)
        self._tunemeld, self._store = tunemeld, store
        self._variables = {
            "PYTHONPATH": str(folder),
            "TUNEMELD_CATALOG": str(folder / CATALOG),
            "TUNEMELD_SANDBOX_URL": root,
            "TUNEMELD_WAVELET_SOURCES": "large,middle,small",
            "ETL_RETRY_ATTEMPTS": "1",
        }

    def command(self, *arguments: str) -> tuple[int, str]:
        """The exit status and what it prints, in one line."""
        done = self._tunemeld(*arguments, **self._variables)
        return done.returncode, " ".join(done.stdout.split())

    def sources(self, *options: str) -> tuple[int, dict[str, Json]]:
        """The exit status of `etl sources`, and what it says of Wavelet FM's, by name."""
        status, printed = self.command("etl", "sources", "--json", *options)
        return status, {one["source"]: one for one in json.loads(printed)["sources"] if one["service"] == "Wavelet"}

    def run(self, day: str, *failing: str) -> tuple[int, dict[str, str | None], tuple[Any, ...]]:
        """Runs a day; the exit status, each recording's status, and the state, source, rows and kept rows of Wavelet FM's list."""
        self.faults.clear()
        for upstream in failing:
            self.faults.add(upstream, "500", times=None)
        done = self._tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", day, **self._variables)
        published = self._store.charts.materializations()["dance"]
        tracks = self._store.charts.chart("dance", published.as_of).tracks
        one = published.outcomes["Wavelet"]
        return (
            done.returncode,
            {track.track_id: track.status for track in tracks},
            (one.state, one.source, one.rows, one.kept),
        )


@pytest.mark.slow
def test_whatever_fails_the_chart_stays_and_what_is_wrong_is_said(
    tunemeld: Command, wavelet: tuple[str, Path], store: Store
) -> None:
    here = Installation(tunemeld, *wavelet, store)

    status, first, seen = here.run("2026-03-03")
    assert (status, seen) == (exits.OK, ("fresh", "wavelet.large", 100, 0))

    status, second, seen = here.run("2026-03-04", "wavelet_large")
    assert (status, seen) == (exits.OK, ("fresh", "wavelet.middle", 50, 50))
    assert set(second) == set(first)
    assert not {"new", "re", None} & set(second.values())

    status, third, seen = here.run("2026-03-05", "wavelet_large", "wavelet_middle")
    assert (status, seen) == (exits.OK, ("fresh", "wavelet.small", 30, 70))
    assert set(third) == set(first)
    status, said = here.command("alarms", "check")
    assert status == exits.DEGRADED
    assert "source_switched dance Wavelet FM since" in said
    assert "it was read from wavelet.small instead of wavelet.large (/list answered 500" in said
    assert "service_on_last_source Wavelet FM since" in said
    assert "only wavelet.small is left: wavelet.large: /list answered 500" in said

    status, fourth, seen = here.run("2026-03-05", "wavelet_large", "wavelet_middle", "wavelet_small")
    assert (status, seen) == (exits.DEGRADED, ("stale", "wavelet.small", 30, 70))
    assert set(fourth) == set(first)

    status, shown = here.sources()
    assert status == exits.FAILED
    assert [(name, one["place"], one["failures"]) for name, one in shown.items()] == [
        ("wavelet.large", 1, 3),
        ("wavelet.middle", 2, 2),
        ("wavelet.small", 3, 1),
    ]
    assert shown["wavelet.small"]["lists"]["dance"] == {"outcome": "down", "rows": 30, "rows_total": 100}
    here.faults.clear()
    status, shown = here.sources("--probe")
    assert status == exits.OK
    assert {one["last_outcome"] for one in shown.values()} == {"ok", "partial"}
