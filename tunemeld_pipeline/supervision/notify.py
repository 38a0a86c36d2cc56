"""Reports to systemd that the service is ready, that it is alive, or that it is ending.

The protocol is sd_notify(3), one datagram per message; `supervisor.py` decides when to send it. Without a service manager, nothing happens.
"""

import os
import socket
import time
from contextlib import suppress


class ServiceManager:
    """The service manager that started this process, if one did and expects reports."""

    def __init__(self) -> None:
        # Removed, so that no part reports for the whole service.
        address = os.environ.pop("NOTIFY_SOCKET", "")
        microseconds = os.environ.pop("WATCHDOG_USEC", "")
        wanted_of = os.environ.pop("WATCHDOG_PID", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        # sd_watchdog_enabled(3): half of the time that it waits at most.
        wanted = microseconds.isdecimal() and wanted_of in ("", str(os.getpid()))
        self._every = int(microseconds) / 2e6 if wanted else None
        self._next = 0.0

    def ready(self, status: str) -> None:
        """All parts are up; `status` is what `systemctl status` shows."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, text: str) -> None:
        """What is happening, in words."""
        self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """The service is ending."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Call this about every second; it notifies the watchdog as often as the watchdog expects."""
        now = time.monotonic()
        if self._every is not None and now >= self._next:
            self._next = now + self._every
            self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                # A manager that does not read must not block code that has to end something.
                channel.setblocking(False)
                channel.sendto(message.encode(), self._address)
