"""Finds out which processes of a part hang: they run, but do nothing any more.

A `Watch` asks a part's probes again and again in its own thread, and judges by several missed answers over a time that no busy machine
needs. `supervisor.py` kills what hangs; the probes of TuneMeld's own parts are in `cli/probes.py`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Generic, TypeVar

import psutil

from tunemeld_pipeline.limits import (
    HUNG_MISSES,
    HUNG_SECONDS,
    PROBE_ANSWER_SECONDS,
    PROBE_SECONDS,
    START_SECONDS,
    STOPPED_SECONDS,
)
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.sessions import Session

_LOG = logging.getLogger(__name__)

K = TypeVar("K")

Probe = Callable[[int], Mapping[int, str]]
"""Asks a part, given its leader's pid; per pid of a process that does not answer, what was missed. Returns within seconds."""


STOPPED = "it is stopped"


@dataclass(frozen=True)
class Patience:
    """When a process counts as hanging.

    Attributes:
        every: seconds between two questions.
        misses: how many answers in a row must be missing.
        seconds: over how long they must be missing.
        stopped: over how long a process must be stopped, which is certain to be no load of the machine.
        start: seconds within which a part must be ready.
    """

    every: float = PROBE_SECONDS
    misses: int = HUNG_MISSES
    seconds: float = HUNG_SECONDS
    stopped: float = STOPPED_SECONDS
    start: float = START_SECONDS


PATIENCE = Patience()


@dataclass
class _Missing:
    """A process that gives no answer: since when, how often, and what was missed last."""

    since: float
    reason: str
    times: int = 0


class Watch:
    """Watches over one part as long as it runs.

    Args:
        leader: the pid of the part.
        probes: what to ask once it is ready; whether its processes are stopped is always looked at.
    """

    def __init__(self, leader: int, probes: Sequence[Probe], patience: Patience) -> None:
        self._leader = leader
        self._probes = probes
        self._patience = patience
        self._missing: dict[int, _Missing] = {}
        self._is_ready = False
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name=f"watch-{leader}", daemon=True).start()

    def ready(self) -> None:
        """The part is ready: it has to answer from now on."""
        self._is_ready = True

    def end(self) -> None:
        """The part has ended."""
        self._ended.set()

    def hanging(self) -> dict[int, str]:
        """The pids of the processes that hang, each with the reason."""
        now = time.monotonic()
        return {
            pid: f"{one.reason}, seen {one.times} times in {now - one.since:.0f} s"
            for pid, one in self._missing.copy().items()
            if one.times >= self._patience.misses
            and now - one.since >= (self._patience.stopped if one.reason == STOPPED else self._patience.seconds)
        }

    def _watch(self) -> None:
        while not self._ended.wait(self._patience.every):
            now = time.monotonic()
            found = self._ask()
            missing = {pid: self._missing.get(pid) or _Missing(now, reason) for pid, reason in found.items()}
            for pid, one in missing.items():
                one.reason, one.times = found[pid], one.times + 1
            self._missing = missing

    def _ask(self) -> dict[int, str]:
        found = stopped(self._leader)
        # What is stopped does not answer, which need not be waited for.
        for probe in self._probes if self._is_ready and not found else ():
            try:
                found = {**probe(self._leader), **found}
            except Exception:  # noqa: BLE001 - a probe that fails itself says nothing about the part
                _LOG.debug("a probe failed itself", exc_info=True)
        return found


def stopped(leader: int) -> dict[int, str]:
    """A probe: the part's processes that were stopped, by SIGSTOP for example. One that a debugger holds is left alone."""
    return {pid: STOPPED for pid in Session(leader, 0).members() if _is_stopped(pid)}


def answers_http(port: Port, path: str, headers: Mapping[str, str] | None = None) -> Probe:
    """A probe: whether a server answers a request at all, with any status."""

    def ask(leader: int) -> dict[int, str]:
        connection = HTTPConnection(port.reachable_host, port.number, timeout=PROBE_ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            connection.getresponse().read()
        except (OSError, HTTPException):
            return {leader: f"it does not answer {path} within {PROBE_ANSWER_SECONDS:.0f} s"}
        finally:
            connection.close()
        return {}

    return ask


class Unchanged(Generic[K]):
    """Notices values that no longer change, without believing any clock but its own.

    Args:
        seconds: how long a value may stay the same.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[K, tuple[object, float]] = {}

    def of(self, values: Mapping[K, object]) -> dict[K, float]:
        """Per key whose value has been the same for too long, for how many seconds; other keys are forgotten."""
        now = time.monotonic()
        self._seen = {
            key: known if (known := self._seen.get(key)) and known[0] == value else (value, now)
            for key, value in values.items()
        }
        return {key: now - since for key, (_, since) in self._seen.items() if now - since > self._seconds}


def _is_stopped(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False
