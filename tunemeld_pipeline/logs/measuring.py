"""Measures the parts of a step: calls to upstreams, database commands, and rendering.

It counts for the step and the run that the work belongs to, and logs single calls at DEBUG. A step is found through its context, which
threads get too. `assets/steps.py` and `django_backend/metrics.py` show the numbers.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tunemeld_pipeline.logs.setup import get_logger

WRITES = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite", "commitTransaction"})
RUNS_REMEMBERED = 64

log = get_logger(__name__)


@dataclass
class RunTally:
    """The totals of a run so far, for those of its steps that ran in this process."""

    began: float = field(default_factory=time.monotonic)
    calls: int = 0

    @property
    def seconds(self) -> float:
        """Since its first step began."""
        return time.monotonic() - self.began


@dataclass
class StepTally:
    """The totals of one attempt at a step; several threads may add to it.

    `database_seconds` and `render_seconds` are sums over threads, and together may exceed `seconds`.
    """

    run: RunTally
    seconds: float = 0.0
    upstream_calls: int = 0
    database_calls: int = 0
    database_writes: int = 0
    database_seconds: float = 0.0
    renders: int = 0
    render_seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add_upstream_call(self) -> None:
        """Counts a call; each retry is one."""
        with self._lock:
            self.upstream_calls += 1
            self.run.calls += 1

    def add_database_call(self, command: str, seconds: float) -> None:
        """Counts a command that the database answered."""
        with self._lock:
            self.database_calls += 1
            self.database_writes += command in WRITES
            self.database_seconds += seconds

    def add_render(self, seconds: float) -> None:
        """Adds the time of one rendering."""
        with self._lock:
            self.renders += 1
            self.render_seconds += seconds

    def end(self) -> None:
        """Stops the step's clock."""
        self.seconds = time.monotonic() - self._began

    def metadata(self) -> dict[str, float | int]:
        """The totals as Dagster metadata; its UI plots the numbers over runs."""
        rendered: dict[str, float | int] = {"render_seconds": round(self.render_seconds, 3)} if self.renders else {}
        return {
            "step_seconds": round(self.seconds, 3),
            "database_seconds": round(self.database_seconds, 3),
            "database_calls": self.database_calls,
            "database_writes": self.database_writes,
            **rendered,
        }


_step: ContextVar[StepTally | None] = ContextVar("step", default=None)
_runs: OrderedDict[str, RunTally] = OrderedDict()
_runs_lock = threading.Lock()


def run_tally(run_id: str) -> RunTally:
    """The totals of this run in this process, created on the first call."""
    with _runs_lock:
        found = _runs.setdefault(run_id, RunTally())
        while len(_runs) > RUNS_REMEMBERED:
            _runs.popitem(last=False)
        return found


@contextmanager
def measured_step(run_id: str) -> Generator[StepTally]:
    """Counts the work in the block for the step and its run, including threads that got its context."""
    tally = StepTally(run_tally(run_id))
    token = _step.set(tally)
    try:
        yield tally
    finally:
        tally.end()
        _step.reset(token)


def note_upstream_call(
    service: str, method: str, path: str, *, status: int | None, seconds: float, size: int, attempt: int
) -> None:
    """Counts one attempt at a call, and logs it at DEBUG. The path comes without its query, which may hold a key."""
    tally = _step.get()
    if tally is not None:
        tally.add_upstream_call()
    log.debug(
        "upstream call",
        service=service,
        method=method,
        path=path,
        status=status,
        duration_ms=round(seconds * 1000, 3),
        bytes=size,
        call_attempt=attempt,
    )


@contextmanager
def measured_render(what: str) -> Generator[None]:
    """Times the rendering of responses for the current step, if there is one, and logs it at DEBUG."""
    began = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - began
        tally = _step.get()
        if tally is not None:
            tally.add_render(seconds)
        log.debug("rendered", what=what, duration_ms=round(seconds * 1000, 3))


class DatabaseTimer(CommandListener):
    """Adds the time of each database command to the current step; outside of steps it does nothing."""

    def started(self, event: CommandStartedEvent) -> None:
        """Does nothing: the content of a command is private."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Counts the command."""
        _note_command(event.command_name, event.duration_micros / 1e6, status="ok")

    def failed(self, event: CommandFailedEvent) -> None:
        """Counts the command; the error that it raises says why it failed."""
        _note_command(event.command_name, event.duration_micros / 1e6, status="failed")


def _note_command(command: str, seconds: float, status: str) -> None:
    tally = _step.get()
    if tally is not None:
        tally.add_database_call(command, seconds)
        log.debug("database call", command=command, duration_ms=round(seconds * 1000, 3), status=status)
