"""Starting runs and reading their outcome, for the command line.

What belongs here: the local Dagster instance, one genre's run in this process, and what came of it. What does not: what a run does
(`assets/`) and how its outcome is shown (`cli/`). An in-process run is recorded like any other and seen in the UI.
"""

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any

import dagster as dg
from sqlalchemy.exc import DBAPIError

from tunemeld_pipeline.assets.outcomes import DEGRADED_TAG, why_failed
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.logs import configure_logging
from tunemeld_pipeline.observation import AS_OF_TAG
from tunemeld_pipeline.sandbox.processes import start_lock
from tunemeld_pipeline.schedules import daily_refresh
from tunemeld_pipeline.settings import Settings

PACKAGED_CONFIG = Path(__file__).with_name("dagster.yaml")
CODE_LOCATION = "tunemeld_pipeline"
LOCK_SECONDS = 120.0
POLL_SECONDS = 0.2

# The UI lists a job's runs by these tags, which runs that it launches itself carry.
ORIGIN_TAGS = {".dagster/repository": f"__repository__@{CODE_LOCATION}", "dagster/code_location": CODE_LOCATION}
STAGES = ("raw_playlists", "track_playlist", "view_counts_playlists", "historical_track_views")


@dataclass(frozen=True)
class Outcome:
    """What came of one genre's run.

    `metadata` holds each asset's numbers, by asset and name; `degraded` what was stale, absent or uncounted; `error` why it failed.
    """

    genre: str
    run_id: str
    success: bool
    seconds: float
    degraded: tuple[str, ...] = ()
    error: str | None = None
    metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """The calls made on all upstreams."""
        return sum(
            int(value) for asset in self.metadata.values() for name, value in asset.items() if name.startswith("calls/")
        )


def prepare_dagster_home(settings: Settings) -> Path:
    """Dagster's folder, with its configuration and databases in place; created once, however many ask at the same time.

    Two processes that create Dagster's SQLite databases at once break them for good (alembic's "more than one head").

    Raises:
        LocalServerError: another process has been creating it for two minutes.
    """
    own = settings.dagster_home
    home = own or settings.home / "dagster"
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # `parents` alone leaves it open to others
    home.mkdir(mode=0o700, exist_ok=True)
    os.environ["DAGSTER_HOME"] = str(home)
    created = home / ".created"
    configured = own is not None or _same(home / "dagster.yaml", PACKAGED_CONFIG)
    stamp = _stamp(PACKAGED_CONFIG if own is None else own / "dagster.yaml")
    if configured and created.is_file() and created.read_text("utf-8") == stamp:
        return home
    with start_lock(home / ".lock", seconds=LOCK_SECONDS):
        if not configured:
            shutil.copyfile(PACKAGED_CONFIG, home / "dagster.yaml")
        before = created.read_text("utf-8") if created.is_file() else None
        if before != stamp:
            with dg.DagsterInstance.get() as instance:
                if before is not None:  # another release of Dagster wrote it, or it was configured otherwise
                    instance.upgrade(lambda _: None)
                instance.get_runs_count()
                instance.all_instigator_state()
            created.write_text(stamp, "utf-8")
    return home


@contextmanager
def open_instance(settings: Settings) -> Generator[dg.DagsterInstance]:
    """The Dagster instance that the UI shows.

    Raises:
        LocalServerError: its databases cannot be read or written, as on a full disk.
    """
    home = settings.dagster_home or settings.home / "dagster"
    try:
        prepare_dagster_home(settings)
        with dg.DagsterInstance.get() as instance:
            yield instance
    except (DBAPIError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        why = error.orig if isinstance(error, DBAPIError) else error.strerror
        raise LocalServerError(
            f"Dagster's databases in {home} cannot be used ({why}); is the disk full, or the folder not ours to write?"
        ) from error


def run_genre(
    instance: dg.DagsterInstance,
    genre: str,
    *,
    as_of: str | None = None,
    on_stage: Callable[[str], None] | None = None,
    log_level: str = "CRITICAL",
) -> Outcome:
    """Runs the daily job for one genre in this process.

    Args:
        as_of: the observation time, a date or an ISO time; None means now.
        on_stage: called with the name of each asset that is done, from another thread.
        log_level: from which level on Dagster's own log goes to the terminal.
    """
    run_id = str(uuid.uuid4())
    started = time.monotonic()
    with _watched(instance, run_id, on_stage) if on_stage else nullcontext():
        result = defs.resolve_job_def(daily_refresh.name).execute_in_process(
            instance=instance,
            partition_key=genre,
            run_id=run_id,
            tags={**ORIGIN_TAGS, **({AS_OF_TAG: as_of} if as_of else {})},
            run_config={"loggers": {"console": {"config": {"log_level": log_level}}}},
            raise_on_error=False,
        )
    run = instance.get_run_by_id(run_id)
    degraded = run.tags.get(DEGRADED_TAG, "") if run else ""
    return Outcome(
        genre=genre,
        run_id=run_id,
        success=result.success,
        seconds=time.monotonic() - started,
        degraded=tuple(filter(None, degraded.split(", "))),
        error=None if result.success else why_failed(result.all_events),
        metadata={
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
            }
            for event in result.all_events
            if event.is_step_materialization and event.asset_key is not None
        },
    )


def run_days(
    settings: Settings, genres: Sequence[str], days: Sequence[str], *, workers: int, log_level: str = "CRITICAL"
) -> Generator[Outcome]:
    """Runs the daily job for each genre on each day, genres side by side in processes of their own, a genre's days in order.

    Yields each outcome as it comes. A genre whose run failed goes no further.
    """
    prepare_dagster_home(settings)
    left = {genre: deque(days) for genre in genres}
    # Spawned, not forked: Dagster and gRPC have threads that a fork would lose.
    with ProcessPoolExecutor(workers, get_context("spawn"), _open_worker, (settings, log_level)) as pool:
        under_way = {
            pool.submit(_run_in_worker, genre, queue.popleft(), log_level) for genre, queue in left.items() if queue
        }
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = future.result()
                yield outcome
                queue = left[outcome.genre]
                if outcome.success and queue:
                    under_way.add(pool.submit(_run_in_worker, outcome.genre, queue.popleft(), log_level))


_worker_instance: dg.DagsterInstance


def _open_worker(settings: Settings, log_level: str) -> None:
    global _worker_instance
    configure_logging(settings, "etl", console=log_level != "CRITICAL")
    prepare_dagster_home(settings)
    _worker_instance = dg.DagsterInstance.get()


def _run_in_worker(genre: str, day: str, log_level: str) -> Outcome:
    return run_genre(_worker_instance, genre, as_of=day, log_level=log_level)


def recent_runs(settings: Settings, limit: int = 30) -> list[dict[str, Any]]:
    """The last runs, newest first, with their outcome and what is said of them: for somebody who helps."""
    with open_instance(settings) as instance:
        return [
            {
                "run_id": record.dagster_run.run_id,
                "job": record.dagster_run.job_name,
                "status": record.dagster_run.status.value,
                "started": _moment(record.start_time),
                "ended": _moment(record.end_time),
                "tags": {name: value for name, value in record.dagster_run.tags.items() if not name.startswith(".")},
            }
            for record in instance.get_run_records(limit=limit)
        ]


def _moment(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


@contextmanager
def _watched(instance: dg.DagsterInstance, run_id: str, on_stage: Callable[[str], None]) -> Generator[None]:
    done = Event()

    def watch() -> None:
        told: set[str] = set()
        while not done.wait(POLL_SECONDS):
            for stats in instance.get_run_step_stats(run_id):
                if stats.end_time and stats.step_key in STAGES and stats.step_key not in told:
                    told.add(stats.step_key)
                    on_stage(stats.step_key)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _stamp(config: Path) -> str:
    """What a created instance depends on: Dagster's release, and which storages its configuration names."""
    content = config.read_bytes() if config.is_file() else b""
    return f"{dg.__version__} {hashlib.sha256(content).hexdigest()}\n"


def _same(a: Path, b: Path) -> bool:
    return a.is_file() and a.read_bytes() == b.read_bytes()
