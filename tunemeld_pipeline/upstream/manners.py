"""How a host that asks for no key is treated: one request after the other, by all runs of an installation together.

Its rate is kept to across processes and machines, what it says about waiting holds for everybody, and when it refuses us nobody asks it
for a day. `storage/keyless_hosts.py` keeps what is known of each host.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tunemeld_pipeline.errors import CredentialsRefused, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.storage.keyless_hosts import KeylessHosts
from tunemeld_pipeline.upstream.interruption import REQUESTED, stop_if_asked

LEFT_ALONE = timedelta(hours=23)
"""A day, less the time by which the next day's refresh may begin earlier in its day than this one did."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What every request to one host observes.

    Attributes:
        service: the name that errors carry.
        host: the host's key.
        per_second: how many requests a second all runs together may send.
        hosts: what is known of the hosts, asked for when it is needed.
    """

    service: str
    host: str
    per_second: float
    hosts: Callable[[], KeylessHosts]

    def await_turn(self, ends: float) -> None:
        """Waits until it is our turn; `ends` is in seconds of `time.monotonic`.

        Raises:
            CredentialsRefused: the host has refused us, and is left alone.
            UpstreamUnavailable: the turn would come too late.
            RunStopped: somebody has asked this process to end.
        """
        self._refuse_if_closed()
        waits = self.hosts().take_turn(self.host, 1 / self.per_second, max(0.0, ends - time.monotonic()))
        if waits is None:
            raise UpstreamUnavailable(
                self.service, "too many calls wait for its rate limit", remedy="the rest waits for another run"
            )
        if waits:
            REQUESTED.wait(waits)
            stop_if_asked()
            # Meanwhile another run may have been refused.
            self._refuse_if_closed()

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
