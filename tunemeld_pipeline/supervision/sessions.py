"""Processes that were started together, ended together.

What belongs here: who is in a session, and ending it, politely first. What does not: when that is to happen (`supervisor.py`,
`warden.py`). Each part is the leader of a session of its own, and whatever it starts is in that session too, unless it leaves it
on purpose. Hence a part's grandchildren are found when their parent has long been killed, and a terminal's Ctrl-C reaches the
supervisor alone.
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
"""For what a leader left behind, from SIGTERM to SIGKILL."""


@dataclass(frozen=True)
class Session:
    """A part's processes.

    Attributes:
        leader: the pid of the part itself, which is the session's id.
        patience: seconds from SIGTERM to SIGKILL.
        depth: how many parts it builds on; the deepest are ended first.
        gentle: left its whole patience even when somebody is in a hurry, since it ends others in its turn.
    """

    leader: int
    patience: float
    depth: int = 0
    gentle: bool = False

    def members(self) -> list[int]:
        """The pids of its processes that run; one that has ended and was not yet waited for does not count."""
        return [pid for pid in psutil.pids() if _session_of(pid) == self.leader and not _has_ended(pid)]


def end_sessions(sessions: Collection[Session], *, hurry: Callable[[], bool]) -> None:
    """End all of them, those that build on others first, and come back when nothing of them runs.

    Args:
        hurry: asked again and again; once it says True, what is not gentle is killed at once.
    """
    for depth in sorted({session.depth for session in sessions}, reverse=True):
        under_way = [_Ending(session) for session in sessions if session.depth == depth]
        while under_way := [ending for ending in under_way if not ending.is_done(hurry=hurry())]:
            time.sleep(POLL_SECONDS)


class _Ending:
    """One session on its way out: its leader is asked first, since it may know how to end the rest in order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._deadline = time.monotonic() + session.patience
        self._rest_was_asked = False
        _send(signal.SIGTERM, [session.leader] if session.leader in session.members() else [])

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
