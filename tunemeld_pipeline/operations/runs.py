"""Starting runs and reading their outcome, for the command line.

This module has the local Dagster instance, runs one genre in this process or several in separate processes, and reads the outcome.
`assets/` says what a run does, and `cli/` shows its outcome. An in-process run is recorded like any other and appears in the UI.
"""

import errno
import hashlib
import os
import signal
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeVar

import dagster as dg
from sqlalchemy.exc import DBAPIError

from tunemeld_pipeline.assets.partitions import settings as process_settings
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.errors import THIS_HELP, ConfigurationError, DatabaseUnavailable, LocalServerError, StoreError
from tunemeld_pipeline.local.processes import private_directory, start_lock
from tunemeld_pipeline.logs.setup import configure_logging
from tunemeld_pipeline.operations.dagster_config import alone, configure, dagster_yaml, require_records, write_config
from tunemeld_pipeline.operations.dagster_homes import LOCK_SECONDS, dagster_home_of, note_world
from tunemeld_pipeline.orchestration.findings import own_error, why_failed
from tunemeld_pipeline.run_tags import AS_OF_TAG, DATABASE_TAG, DEGRADED_TAG, MAX_RETRIES_TAG, NEXT_COMMAND, reasons_in
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.upstream.interruption import REQUESTED

T = TypeVar("T")

CODE_LOCATION = "tunemeld_pipeline"
POLL_SECONDS = 0.2
WORLD_KEY = "tunemeld/world"
MENDED_ELSEWHERE = (StoreError, LocalServerError, ConfigurationError)
END_SECONDS = 60.0
AGAIN_SECONDS = 10.0


# The UI lists a job's runs by these tags, which runs that it launches itself carry.
ORIGIN_TAGS = {".dagster/repository": f"__repository__@{CODE_LOCATION}", "dagster/code_location": CODE_LOCATION}


@dataclass(frozen=True)
class Outcome:
    """The outcome of one genre's run.

    `metadata` holds each asset's numbers, by asset and name; `degraded` what was stale, absent or uncounted, which `reasons` explains;
    `error` why it failed, `next_command` what that error says to run; `interrupted` whether Ctrl-C came meanwhile.
    """

    genre: str
    run_id: str
    success: bool
    seconds: float
    degraded: tuple[str, ...] = ()
    error: str | None = None
    next_command: str | None = None
    interrupted: bool = False
    metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, str]:
        """Why the run is degraded, and the next step: one sentence for each of `degraded`."""
        known = {what: why for asset in self.metadata.values() for what, why in reasons_in(asset).items()}
        return {what: known.get(what, "its asset says why: tunemeld etl logs") for what in self.degraded}

    @property
    def calls(self) -> int:
        """The calls made on all upstreams."""
        return sum(
            int(value) for asset in self.metadata.values() for name, value in asset.items() if name.startswith("calls/")
        )


def prepare_dagster_home(settings: Settings) -> Path:
    """Dagster's folder, with its configuration and databases in place; created once, even where several processes need it at the same time.

    Two processes that create Dagster's SQLite databases at once break them for good (alembic's "more than one head").

    Raises:
        LocalServerError: it cannot be created, another process has been creating it for two minutes, it holds another world's runs, or
            Postgres cannot be reached.
    """
    own = settings.dagster_home
    home = dagster_home_of(settings)
    if own is None:
        private_directory(settings.home / "dagster")
        private_directory(home)
    else:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    configure(settings, home)
    created, config = home / ".created", home / "dagster.yaml"
    content = dagster_yaml(settings) if own is None else _content(config)
    configured = own is not None or _content(config) == content
    stamp = _stamp(content)
    if configured and created.is_file() and created.read_text("utf-8") == stamp:
        require_records(settings)
        return home
    with start_lock(home / ".lock", seconds=LOCK_SECONDS), alone(settings):
        # Looked at again: another process may have put it there meanwhile.
        if own is None and _content(config) != content:
            write_config(home, content)
        before = created.read_text("utf-8") if created.is_file() else None
        if before != stamp:
            with dg.DagsterInstance.get() as instance:
                if before is not None:  # another release of Dagster wrote it, or it was configured otherwise
                    with redirect_stdout(StringIO()):  # it prints what it does, and what we print may be JSON
                        instance.upgrade(lambda _: None)
                _refuse_other_records(instance, settings)
                instance.get_runs_count()
                instance.all_instigator_state()
            note_world(settings)
            created.write_text(stamp, "utf-8")
    return home


@contextmanager
def open_instance(settings: Settings) -> Generator[dg.DagsterInstance]:
    """The Dagster instance that the UI shows.

    Raises:
        LocalServerError: its databases cannot be read or written, as on a full disk.
    """
    home = settings.dagster_folder
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
    stage: Stage = Stage.FULL,
    as_of: str | None = None,
    run_id: str | None = None,
    log_level: str = "CRITICAL",
    tags: Mapping[str, str] | None = None,
) -> Outcome:
    """Runs a stage for one genre in this process.

    Args:
        as_of: the observation time, a date or an ISO time; None means now.
        run_id: the run's id, where the caller must know it beforehand; else a new one.
        log_level: from which level on Dagster's own log goes to the terminal.
        tags: further tags of the run.

    Ctrl-C ends the run, which is recorded as failed; its outcome says so.
    """
    run_id = run_id or str(uuid.uuid4())
    started = time.monotonic()
    job = defs.resolve_job_def(stage.job)
    own = {DATABASE_TAG: process_settings.database_name, MAX_RETRIES_TAG: "0"}
    tags = {**(tags or {}), **ORIGIN_TAGS, **own}
    result = _until_asked_to_stop(
        lambda: job.execute_in_process(
            instance=instance,
            partition_key=genre,
            run_id=run_id,
            tags={**tags, AS_OF_TAG: as_of} if as_of else tags,
            run_config={"loggers": {"console": {"config": {"log_level": log_level}}}},
            raise_on_error=False,
        )
    )
    run = instance.get_run_by_id(run_id)
    degraded = run.tags.get(DEGRADED_TAG, "") if run else ""
    named = None if result.success else _named_command(result.all_events, process_settings)
    why = "" if result.success else why_failed(result.all_events)
    return Outcome(
        genre=genre,
        run_id=run_id,
        success=result.success,
        seconds=time.monotonic() - started,
        degraded=tuple(filter(None, degraded.split(", "))),
        error=None if result.success else why.removesuffix(f" (`{named}`)"),
        next_command=named,
        interrupted=REQUESTED.is_set(),
        metadata={
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
            }
            for event in result.all_events
            if event.is_step_materialization and event.asset_key is not None
        },
    )


def _named_command(events: Sequence[dg.DagsterEvent], settings: Settings) -> str | None:
    """The command that the first failed step's error says to run, where it names one.

    So does an error of the database, of this machine or of the settings: another run would only meet it again.
    """
    for event in events:
        if event.is_step_failure and (data := event.step_failure_data.user_failure_data):
            if named := data.metadata.get(NEXT_COMMAND):
                return str(named.value)
            break
    kind = own_error(events)
    if kind is None or not issubclass(kind, MENDED_ELSEWHERE):
        return None
    if issubclass(kind, DatabaseUnavailable) and settings.mongodb_url is not None:
        return kind.next_elsewhere
    return None if kind.next_command == THIS_HELP else kind.next_command


def _until_asked_to_stop(work: Callable[[], T]) -> T:
    """The result of `work`. Ctrl-C asks it to end and waits for that: at the latest until the calls under way are answered.

    It is done in another thread, since Dagster would take Ctrl-C from this one, and forget it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="run") as pool:
        future = pool.submit(copy_context().run, work)
        while True:
            try:
                return future.result()
            except KeyboardInterrupt:
                REQUESTED.set()


def run_days(
    settings: Settings,
    genres: Sequence[str],
    days: Sequence[str | None],
    *,
    workers: int,
    log_level: str = "CRITICAL",
    tags: Mapping[str, str] | None = None,
) -> Generator[Outcome]:
    """Runs the daily job for each genre on each day, genres side by side in separate processes, a genre's days in order.

    A day of None is now; `tags` are further tags of each run. Yields each outcome as it comes. A genre whose run failed goes no further.
    """
    prepare_dagster_home(settings)
    left = {genre: deque(days) for genre in genres}
    with ProcessPoolExecutor(workers, _processes(), _open_worker, (settings, log_level)) as pool:
        under_way = {
            pool.submit(_run_in_worker, genre, queue.popleft(), log_level, tags)
            for genre, queue in left.items()
            if queue
        }
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = future.result()
                yield outcome
                queue = left[outcome.genre]
                if outcome.success and queue:
                    under_way.add(pool.submit(_run_in_worker, outcome.genre, queue.popleft(), log_level, tags))


def run_at_once(
    settings: Settings,
    run_ids: Mapping[str, str],
    *,
    stage: Stage = Stage.FULL,
    as_of: str | None = None,
    log_level: str = "CRITICAL",
) -> Generator[Outcome]:
    """Runs a stage for all genres at the same time, a process each, and yields each outcome as it comes.

    Args:
        run_ids: genre → the id that its run gets.

    Ctrl-C ends the runs, which are recorded as failed.
    """
    prepare_dagster_home(settings)
    context = _processes()
    processes: dict[str, BaseProcess] = {}
    receivers: dict[Any, str] = {}
    try:
        for genre, run_id in run_ids.items():
            receiver, sender = context.Pipe(duplex=False)
            how = {"stage": stage, "as_of": as_of, "run_id": run_id, "log_level": log_level}
            processes[genre] = context.Process(target=_run_alone, args=(sender, settings, genre, how))
            with _without_interrupts():
                processes[genre].start()
            sender.close()
            receivers[receiver] = genre
        stopping = False
        while receivers:
            try:
                ready: list[Any] = list(wait_for_any(list(receivers), AGAIN_SECONDS if stopping else None))
            except KeyboardInterrupt:
                stopping, ready = True, []
            if stopping and not ready:
                _interrupt(processes.values())
            for receiver in ready:
                genre = receivers.pop(receiver)
                yield _received(receiver, genre, run_ids[genre], processes[genre])
    finally:
        _interrupt(processes[genre] for genre in receivers.values())
        for process in processes.values():
            process.join(END_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


def _processes() -> ForkServerContext:
    """Processes forked from one that loads Dagster once for all of them.

    Not forked from this one: Dagster and gRPC have threads here that a fork would lose.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    return context


@contextmanager
def _without_interrupts() -> Generator[None]:
    """A process that is started within ignores Ctrl-C until it is ready for it: it would die with a traceback while it imports."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run_alone(sender: Any, settings: Settings, genre: str, how: dict[str, Any]) -> None:
    os.setpgrp()  # Ctrl-C reaches it once, through its parent: a second one would interrupt the recording of the first
    configure_logging(settings, "etl", console=how["log_level"] != "CRITICAL")
    with open_instance(settings) as instance:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        outcome = run_genre(instance, genre, **how)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sender.send(outcome)


def _received(receiver: Any, genre: str, run_id: str, process: BaseProcess) -> Outcome:
    try:
        outcome: Outcome = receiver.recv()
        return outcome
    except EOFError:
        process.join()
        why = f"its process ended with status {process.exitcode} before the run did; run it again, nothing is half-written"
        return Outcome(genre, run_id, success=False, seconds=0.0, error=why)


def _interrupt(processes: Iterable[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive() and process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)


_worker_instance: dg.DagsterInstance


def _open_worker(settings: Settings, log_level: str) -> None:
    global _worker_instance
    configure_logging(settings, "etl", console=log_level != "CRITICAL")
    prepare_dagster_home(settings)
    _worker_instance = dg.DagsterInstance.get()


def _run_in_worker(genre: str, day: str | None, log_level: str, tags: Mapping[str, str] | None) -> Outcome:
    return run_genre(_worker_instance, genre, as_of=day, log_level=log_level, tags=tags)


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
def watched(
    instance: dg.DagsterInstance, run_ids: Mapping[str, str], on_asset: Callable[[str, str], None]
) -> Generator[None]:
    """While the block lasts, `on_asset` gets, from another thread, the genre and name of each asset that is done.

    Args:
        run_ids: genre → the id of its run.
    """
    done = Event()

    def watch() -> None:
        reported: set[tuple[str, str]] = set()
        while not done.wait(POLL_SECONDS):
            for genre, run_id in run_ids.items():
                for stats in instance.get_run_step_stats(run_id):
                    asset = genre, stats.step_key
                    if stats.end_time and stats.step_key in Stage.FULL.assets and asset not in reported:
                        reported.add(asset)
                        on_asset(*asset)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _refuse_other_records(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Notes in a Postgres database whose runs it holds, and refuses one that holds another world's."""
    if settings.postgres_url is None:
        return
    noted = instance.daemon_cursor_storage.get_cursor_values({WORLD_KEY}).get(WORLD_KEY)
    if noted is None:
        instance.daemon_cursor_storage.set_cursor_values({WORLD_KEY: settings.upstreams.value})
    elif noted != settings.upstreams.value:
        raise LocalServerError(
            f"the database of POSTGRES_URL holds the runs on {noted} data, and these settings mean {settings.upstreams.value}; give each"
            " world a database of its own",
            next_command="tunemeld config show",
        )


def _stamp(content: bytes) -> str:
    """What a created instance depends on: Dagster's release, and which storages its configuration names."""
    return f"{dg.__version__} {hashlib.sha256(content).hexdigest()}\n"


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""
