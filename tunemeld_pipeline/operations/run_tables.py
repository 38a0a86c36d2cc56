"""Dagster's records, read from its SQLite tables: to load Dagster takes two seconds, and to read this a moment.

Only our own folder is read so, in TUNEMELD_HOME, where `dagster.yaml` is ours too. A test compares what is read with what Dagster reads.
"""

import json
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.limits import DAEMON_SILENT
from tunemeld_pipeline.operations.dagster_homes import dagster_home_of
from tunemeld_pipeline.operations.recorded import (
    RECENT_RUNS,
    RUNS_LOOKED_AT,
    SCHEDULE,
    SCHEDULER,
    AssetRun,
    Records,
    RunSummary,
    RunUnderWay,
    Scheduling,
    Step,
    last_of_each,
    stage_of,
)
from tunemeld_pipeline.run_tags import AS_OF_TAG, CATCH_UP_TAG, DATABASE_TAG, DEGRADED_TAG, PARTITION_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.watching.run_failures import RecordedError, RecordedFailure, why_failed

Json = dict[str, Any]

TAG_KEYS = {
    "genre_key": PARTITION_TAG, "degraded_key": DEGRADED_TAG, "as_of_key": AS_OF_TAG, "written_key": DATABASE_TAG
}  # fmt: skip
RUNS = """
SELECT runs.run_id, runs.pipeline_name, runs.status, runs.create_timestamp, runs.start_time, runs.end_time,
  COALESCE(genre.value, ''), COALESCE(degraded.value, ''), as_of.value
FROM runs
  LEFT JOIN run_tags genre ON genre.run_id = runs.run_id AND genre.key = :genre_key
  LEFT JOIN run_tags degraded ON degraded.run_id = runs.run_id AND degraded.key = :degraded_key
  LEFT JOIN run_tags as_of ON as_of.run_id = runs.run_id AND as_of.key = :as_of_key
  LEFT JOIN run_tags written ON written.run_id = runs.run_id AND written.key = :written_key
"""
OF_DATABASE = (
    "written.value = :database AND (:genre IS NULL OR genre.value = :genre) ORDER BY runs.id DESC LIMIT :limit"
)
BY_BEGINNING = "substr(runs.run_id, 1, length(:beginning)) = :beginning LIMIT 2"
UNDER_WAY = """
genre.value = :genre AND runs.status IN ('QUEUED', 'NOT_STARTED', 'STARTING', 'STARTED')
AND COALESCE(written.value, :database) = :database ORDER BY runs.id
"""
OF_OWN_DAY = """
runs.id > (SELECT COALESCE(MAX(id), 0) - :looked_at FROM runs) AND genre.value IS NOT NULL AND as_of.value IS NULL
AND COALESCE(written.value, :database) = :database ORDER BY runs.id DESC
"""
CATCH_UPS = """
SELECT genre.value, COUNT(*)
FROM run_tags catch_up JOIN run_tags genre ON genre.run_id = catch_up.run_id AND genre.key = :genre_key
  LEFT JOIN run_tags written ON written.run_id = catch_up.run_id AND written.key = :written_key
  LEFT JOIN run_tags parent ON parent.run_id = catch_up.run_id AND parent.key = 'dagster/parent_run_id'
WHERE catch_up.key = :catch_up_key AND catch_up.value = :day AND parent.value IS NULL
  AND COALESCE(written.value, :database) = :database
GROUP BY genre.value
"""
STEPS = """
SELECT step_key, dagster_event_type, timestamp FROM event_logs
WHERE run_id = ? AND dagster_event_type IN ('STEP_START', 'STEP_SUCCESS', 'STEP_FAILURE', 'STEP_SKIPPED') ORDER BY id
"""

FAILURES = """
SELECT event FROM event_logs
WHERE run_id = ? AND dagster_event_type IN ('STEP_FAILURE', 'PIPELINE_FAILURE') ORDER BY id
"""


class _Run(NamedTuple):
    """A row of RUNS."""

    run_id: str
    job: str
    status: str
    created: str
    start: float | None
    end: float | None
    genre: str
    degraded: str
    as_of: str | None

    @property
    def began(self) -> datetime:
        """When it began, or was created."""
        return datetime.fromtimestamp(self.start, UTC) if self.start else _moment(self.created)

    @property
    def observes_its_own_day(self) -> bool:
        """Whether it is no run for a past day."""
        day = utc_day(_moment(self.created))
        return (self.as_of or day).startswith(day)

    @property
    def summary(self) -> RunSummary:
        """In a line."""
        seconds = self.end - self.start if self.end and self.start else None
        return RunSummary(
            self.run_id, self.genre, stage_of(self.job), self.status.lower(), self.began, seconds, self.degraded
        )


class RunTables(Records):
    """Dagster's folder of one world.

    Args:
        folder: where its databases are.
        database: runs into other databases are left out.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self._folder, self._database = folder, database

    def last_asset_runs(self, genres: Sequence[str]) -> dict[str, list[AssetRun]]:
        return {genre: self._asset_runs(genre) for genre in genres}

    def _asset_runs(self, genre: str) -> list[AssetRun]:
        recent = self._runs(OF_DATABASE, genre=genre, limit=RUNS_LOOKED_AT)
        own = [run.run_id for run in recent if run.observes_its_own_day][:RECENT_RUNS]
        return last_of_each((run_id, self.steps(run_id)) for run_id in own)

    def last_runs(self, looked_at: int) -> list[RunSummary]:
        """The last run of each genre for its own day, among the last `looked_at` of all."""
        found: dict[str, RunSummary] = {}
        for run in self._runs(OF_OWN_DAY, looked_at=looked_at):
            found.setdefault(run.genre, run.summary)
        return list(found.values())

    def runs_under_way(self, genre: str) -> list[RunUnderWay]:
        return [RunUnderWay(run.run_id, run.start is not None, run.began) for run in self._runs(UNDER_WAY, genre=genre)]

    def summaries(self, genre: str | None, limit: int) -> list[RunSummary]:
        return [run.summary for run in self._runs(OF_DATABASE, genre=genre, limit=limit)]

    def summary(self, beginning: str) -> RunSummary | None:
        found = self._runs(BY_BEGINNING, beginning=beginning) if beginning else []
        return found[0].summary if len(found) == 1 else None

    def steps(self, run_id: str) -> list[Step]:
        found: dict[str, Step] = {}
        for asset, event, at in self._rows(_events_of(run_id), STEPS, (run_id,)):
            if asset in Stage.FULL.assets:
                moment, before = _moment(at), found.get(asset)
                if event == "STEP_START":
                    found[asset] = Step(asset, "running", moment, None)
                else:
                    state = event.removeprefix("STEP_").lower()
                    found[asset] = Step(asset, state, before.began if before else None, moment)
        return list(found.values())

    def why_failed(self, run_id: str) -> str:
        rows = self._rows(_events_of(run_id), FAILURES, (run_id,))
        return why_failed(_failure(json.loads(event)) for (event,) in rows)

    def catch_ups(self, day: str) -> dict[str, int]:
        asked = {"database": self._database, "day": day, "catch_up_key": CATCH_UP_TAG, **TAG_KEYS}
        return dict(self._rows(Path("history", "runs.db"), CATCH_UPS, asked))

    def scheduling(self, at: datetime) -> Scheduling:
        switched = None
        for status, body in self._rows(
            Path("schedules", "schedules.db"), "SELECT status, instigator_body FROM instigators"
        ):
            if json.loads(body)["origin"]["job_name"] == SCHEDULE and status in ("RUNNING", "STOPPED"):
                switched = status == "RUNNING"
        beats = "SELECT timestamp, body FROM daemon_heartbeats WHERE daemon_type = ?"
        seen, is_well = None, False
        for beat, body in self._rows(Path("history", "runs.db"), beats, (SCHEDULER,)):
            seen, is_well = _moment(beat), not json.loads(body).get("errors")
        return Scheduling(switched, seen is not None and is_well and at - seen < DAEMON_SILENT, seen)

    def _runs(self, condition: str, **values: Any) -> list[_Run]:
        asked = {"database": self._database, "genre": None, **TAG_KEYS, **values}
        rows = self._rows(Path("history", "runs.db"), f"{RUNS} WHERE {condition}", asked)
        return [_Run(*row) for row in rows]

    def _rows(self, name: Path, query: str, values: Any = ()) -> list[Any]:
        file = self._folder / name
        if not file.is_file():
            return []
        try:
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LocalServerError(
                f"Dagster's records in {file} cannot be read ({error}); look whether the disk is full and the file ours to read"
            ) from error


def _events_of(run_id: str) -> Path:
    """The file of a run's events."""
    return Path("history", "runs", f"{run_id}.db")


def _failure(event: Json) -> RecordedFailure:
    """What an event says of a failure."""
    recorded = event.get("dagster_event") or {}
    data = recorded.get("event_specific_data") or {}
    said = (data.get("user_failure_data") or {}).get("description")
    return RecordedFailure(said, _error(data.get("error")), recorded.get("message"))


def _error(error: Json | None) -> RecordedError | None:
    return RecordedError(error["cls_name"], error["message"], _error(error["cause"])) if error else None


def _moment(text: str) -> datetime:
    """A time as SQLite has it: UTC, without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def open_records(settings: Settings) -> Generator[Records]:
    """What Dagster has recorded of runs into the settings' database; nothing where no run was ever recorded. Creates nothing."""
    if settings.dagster_home is None and settings.postgres_url is None:
        yield RunTables(dagster_home_of(settings), settings.database_name)
        return
    from tunemeld_pipeline.operations.run_records import open_instance_records

    with open_instance_records(settings) as records:
        yield records
