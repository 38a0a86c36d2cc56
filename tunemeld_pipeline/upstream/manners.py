"""How fast a host is asked by all runs of an installation together, and how one is treated that asks for no key.

Each host has one pace, kept to across processes and machines. One that asks for no key gets one request after the other besides; what
it says about waiting holds for everybody, and when it refuses us nobody asks it for a day. `storage/hosts.py` keeps what is known of each.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tunemeld_pipeline.errors import CredentialsRefused, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.storage.hosts import Hosts, Turn
from tunemeld_pipeline.upstream.interruption import REQUESTED, stop_if_asked

POLL_SECONDS = 0.05
LEFT_ALONE = timedelta(hours=23)
"""A day, less the time by which the next day's refresh may begin earlier in its day than this one did."""

SPARE = 1.1
"""Turns are a tenth further apart than the rate says: what is sent up to LATE_SECONDS after its turn, and travels as long again, does not
meet too many of the next second's."""

LATE_SECONDS = 0.05
LATE_TRIES = 3
"""A turn that a busy machine has missed by more is left, and another taken, so many times. Of a host that gets less than a call a second it
may be missed by as much more."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What every request to one host observes.

    Attributes:
        service: the name that errors carry.
        host: the host's key.
        per_second: how many requests a second all runs together may send.
        hosts: what is known of the hosts, asked for when it is needed.
        lease: of a host that asks for no key, seconds after which a request counts as ended whose process is gone; None of one with a key,
            whose requests need not wait for one another.
    """

    service: str
    host: str
    per_second: float
    hosts: Callable[[], Hosts]
    lease: float | None = None
    _ours: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held by the thread of this process that waits for its turn, or has it, so that its other threads need not ask the database."""

    def await_turn(self, ends: float) -> None:
        """Waits until it is our turn, which `end_turn` ends; `ends` is in seconds of `time.monotonic`.

        Raises:
            CredentialsRefused: the host has refused us, and is left alone.
            UpstreamUnavailable: the turn would come too late.
            RunStopped: somebody has asked this process to end.
        """
        if not self._ours.acquire(timeout=max(0.0, ends - time.monotonic())):
            raise self._too_late()
        try:
            if self.lease is None:
                self._take_turn(ends)
            else:
                self._take_turn_alone(ends, self.lease)
        except BaseException:
            self._ours.release()
            raise
        if self.lease is None:
            self._ours.release()

    def end_turn(self) -> None:
        """Lets the next one ask, where requests wait for one another."""
        if self.lease is None:
            return
        try:
            self.hosts().end_turn(self.host)
        finally:
            self._ours.release()

    def _take_turn(self, ends: float) -> None:
        for _ in range(LATE_TRIES):
            asked = time.monotonic()
            turn = self._next_turn(ends, None)
            REQUESTED.wait(turn.seconds)
            stop_if_asked()
            if time.monotonic() - asked - turn.seconds <= LATE_SECONDS * max(1, 1 / self.per_second):
                break

    def _take_turn_alone(self, ends: float, lease: float) -> None:
        while True:
            self._refuse_if_closed()
            turn = self._next_turn(ends, lease)
            if turn.is_taken:
                break
            REQUESTED.wait(POLL_SECONDS)
            stop_if_asked()
        try:
            REQUESTED.wait(turn.seconds)
            stop_if_asked()
            # Before its turn another run may have been refused.
            self._refuse_if_closed()
        except BaseException:
            self.hosts().end_turn(self.host)
            raise

    def _next_turn(self, ends: float, lease: float | None) -> Turn:
        """The next turn, perhaps not taken yet since somebody else's is under way."""
        left = max(0.0, ends - time.monotonic())
        turn = self.hosts().take_turn(self.host, SPARE / self.per_second, left, lease)
        if not turn.is_taken and not (turn.is_near and left):
            raise self._too_late()
        return turn

    def _too_late(self) -> UpstreamUnavailable:
        return UpstreamUnavailable(
            self.service, "too many calls wait for its rate limit", remedy="the rest waits for another run"
        )

    def note(self, error: UpstreamError) -> None:
        """Keeps what an answer of a host without a key means for everybody: that we are refused, or are to wait."""
        if self.lease is None:
            return
        if isinstance(error, CredentialsRefused):
            self.hosts().close(self.host, LEFT_ALONE, str(error).removeprefix(f"{self.service}: "))
        elif isinstance(error, UpstreamUnavailable) and error.retry_after:
            self.hosts().hold(self.host, error.retry_after)

    def _refuse_if_closed(self) -> None:
        closed = self.hosts().closed(self.host)
        if closed is not None:
            raise CredentialsRefused(
                self.service,
                f"it has refused us ({closed.why})",
                remedy=f"it is left alone until {closed.until:%Y-%m-%d %H:%M} UTC",
            )
