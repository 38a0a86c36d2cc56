"""How a host that asks for no key is treated: one request after the other, of all runs of an installation together.

Its rate is kept to across processes and machines, what it says about waiting holds for everybody, and when it refuses us nobody asks it
for a day. `storage/keyless_hosts.py` keeps what is known of each host.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tunemeld_pipeline.errors import CredentialsRefused, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.storage.keyless_hosts import KeylessHosts
from tunemeld_pipeline.upstream.interruption import REQUESTED, stop_if_asked

POLL_SECONDS = 0.05
LEFT_ALONE = timedelta(hours=23)
"""A day, less the time by which the next day's refresh may begin earlier in its day than this one did."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What every request to one host observes.

    Attributes:
        service: the name that errors carry.
        host: the host's key.
        per_second: how many requests a second all runs together may send.
        lease: seconds after which a request counts as ended whose process is gone.
        hosts: what is known of the hosts, asked for when it is needed.
    """

    service: str
    host: str
    per_second: float
    lease: float
    hosts: Callable[[], KeylessHosts]
    _ours: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held by the thread of this process whose turn it is, so that its other threads need not ask the database."""

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
            self._take_turn(ends)
        except BaseException:
            self._ours.release()
            raise

    def end_turn(self) -> None:
        """Lets the next one ask."""
        try:
            self.hosts().end_turn(self.host)
        finally:
            self._ours.release()

    def _take_turn(self, ends: float) -> None:
        while True:
            self._refuse_if_closed()
            left = max(0.0, ends - time.monotonic())
            turn = self.hosts().take_turn(self.host, 1 / self.per_second, left, self.lease)
            if turn.is_taken:
                break
            if not turn.is_near or not left:
                raise self._too_late()
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

    def _too_late(self) -> UpstreamUnavailable:
        return UpstreamUnavailable(
            self.service, "too many calls wait for its rate limit", remedy="the rest waits for another run"
        )

    def note(self, error: UpstreamError) -> None:
        """Keeps what an answer means for everybody: that we are refused, or are to wait."""
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
