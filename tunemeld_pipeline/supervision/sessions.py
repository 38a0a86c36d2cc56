"""Ends together the processes that were started together.

Each part leads its own session, and everything that it starts stays in that session unless it leaves on purpose. So a part's grandchildren
are found even long after their parent was killed, and a terminal's Ctrl-C reaches only the supervisor. `supervisor.py` and `warden.py`
decide when a session ends.
"""

import os
import signal
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

POLL_SECONDS = 0.05
REST_SECONDS = 5.0
"""Seconds from SIGTERM to SIGKILL for processes that a leader left behind."""


@dataclass(frozen=True)
class Session:
    """A part's processes.

    Attributes:
        leader: the pid of the part itself, which is the session's id.
        patience: seconds from SIGTERM to SIGKILL.
        depth: how many levels of parts it builds on; the deepest are ended first.
        gentle: gets its whole patience even when somebody is in a hurry, because it has to end others itself.
    """

    leader: int
    patience: float
    depth: int = 0
    gentle: bool = False

    def members(self) -> list[int]:
        """The pids of its running processes; zombies do not count."""
        return [pid for pid in psutil.pids() if _session_of(pid) == self.leader and not _has_ended(pid)]


def end_sessions(sessions: Collection[Session], *, hurry: Callable[[], bool]) -> None:
    """Ends all sessions, those that build on others first, and returns when none of their processes runs.

    Args:
        hurry: called repeatedly; once it returns True, every session that is not gentle is killed at once.
    """
    for depth in sorted({session.depth for session in sessions}, reverse=True):
        under_way = [_Ending(session) for session in sessions if session.depth == depth]
        while under_way := [ending for ending in under_way if not ending.is_done(hurry=hurry())]:
            time.sleep(POLL_SECONDS)


class _Ending:
    """One session that is ending: its leader is asked first, since it may know how to end the rest in order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._deadline = time.monotonic() + session.patience
        self._rest_was_asked = False
        leader = [session.leader] if session.leader in session.members() else []
        _send(signal.SIGTERM, leader)
        _send(signal.SIGCONT, leader)  # one that is stopped hears nothing before

    def is_done(self, *, hurry: bool) -> bool:
        left = self._session.members()
        if not left:
            return True
        if time.monotonic() > self._deadline or (hurry and not self._session.gentle):
            _send(signal.SIGKILL, left)
        elif self._session.leader not in left and not self._rest_was_asked:
            self._rest_was_asked = True
            self._deadline = min(self._deadline, time.monotonic() + REST_SECONDS)
            _send(signal.SIGTERM, left)
        return False


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
