"""What Dagster has recorded, as plain facts: runs, how each asset went, the schedule, the daemon.

This module has the facts and no reader. `run_tables.py` reads them from the SQLite tables of our own folder, and `run_records.py` through
Dagster where they are in Postgres, or a DAGSTER_HOME of one's own may keep them elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tunemeld_pipeline.stages import Stage

SCHEDULE = "daily_refresh_schedule"
SCHEDULER = "SCHEDULER"
RECENT_RUNS = 20
RUNS_LOOKED_AT = 200
"""Runs of past days among them, of which a demonstration leaves some sixty, are not examined further."""


@dataclass(frozen=True, slots=True)
class AssetRun:
    """The last time that an asset was made, or failed to be, for one genre. `state` is success, failure, running or skipped."""

    asset: str
    state: str
    at: datetime | None
    run_id: str


@dataclass(frozen=True, slots=True)
class Scheduling:
    """Whether the daily refresh runs automatically.

    `switched` is how somebody switched it in the UI, None where nobody did; `daemon_seen` is when the daemon was last heard of, and
    `daemon_runs` whether that is a moment ago.
    """

    switched: bool | None
    daemon_runs: bool
    daemon_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunUnderWay:
    """A run that has not ended: whether it has begun, and since when."""

    run_id: str
    has_begun: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a line: its stage is the job's name, `state` Dagster's status in lower case, `degraded` what was missing."""

    run_id: str
    genre: str
    stage: str
    state: str
    began: datetime
    seconds: float | None
    degraded: str


@dataclass(frozen=True, slots=True)
class Step:
    """An asset in a run: `state` is success, failure, running or skipped."""

    asset: str
    state: str
    began: datetime | None
    ended: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended - self.began).total_seconds() if self.began and self.ended else None


class Records(Protocol):
    """What Dagster has recorded of runs into one database."""

    def last_asset_runs(self, genres: Sequence[str]) -> dict[str, list[AssetRun]]:
        """Per genre, each asset's last run among the genre's recent ones, in the order of the pipeline.

        Runs for a past day, which somebody started and looks at, are not among them.
        """

    def runs_under_way(self, genre: str) -> list[RunUnderWay]:
        """The genre's runs that have not ended, oldest first; one that has not begun has not named its database."""

    def summaries(self, genre: str | None, limit: int) -> list[RunSummary]:
        """The last runs, newest first."""

    def summary(self, beginning: str) -> RunSummary | None:
        """The one run whose id begins so; None if there is none, or several."""

    def steps(self, run_id: str) -> list[Step]:
        """The run's assets, in the order in which they began."""

    def why_failed(self, run_id: str) -> str | None:
        """Why a failed run did, in the words of the error; None where no run was ever recorded."""

    def catch_ups(self, day: str) -> dict[str, int]:
        """How often each genre was refreshed again on a day (YYYY-MM-DD) whose chart it lacked."""

    def scheduling(self, at: datetime) -> Scheduling:
        """How the schedule was switched, and whether the daemon that ticks it has been heard of lately."""


def last_of_each(runs: Iterable[tuple[str, Sequence[Step]]]) -> list[AssetRun]:
    """Each asset's last run in the order of the pipeline, of these runs with their steps, the newest first; as many as are needed."""
    found: dict[str, AssetRun] = {}
    for run_id, steps in runs:
        for step in steps:
            found.setdefault(step.asset, AssetRun(step.asset, step.state, step.ended or step.began, run_id))
        if len(found) == len(Stage.FULL.assets):
            break
    return [found[asset] for asset in Stage.FULL.assets if asset in found]


def stage_of(job: str) -> str:
    """The stage that a job's name means."""
    return Stage.FULL.value if job == Stage.FULL.job else job
