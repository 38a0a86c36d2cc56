"""What systemd is told of a service: that it is ready, that it is alive, that it is ending.

What belongs here: the protocol, sd_notify(3), which is one datagram a message. What does not: when (`supervisor.py`). Where no service
manager listens, nothing happens.
"""

import os
import socket
import time
from contextlib import suppress


class ServiceManager:
    """The service manager that started this process, if one did and wants to hear from it."""

    def __init__(self) -> None:
        # Taken out, so that no part speaks for the whole service.
        address = os.environ.pop("NOTIFY_SOCKET", "")
        microseconds = os.environ.pop("WATCHDOG_USEC", "")
        wanted_of = os.environ.pop("WATCHDOG_PID", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        # sd_watchdog_enabled(3): half of the time that it is prepared to wait.
        wanted = microseconds.isdecimal() and wanted_of in ("", str(os.getpid()))
        self._every = int(microseconds) / 2e6 if wanted else None
        self._next = 0.0

    def ready(self, status: str) -> None:
        """All parts are up; `status` is what `systemctl status` shows."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, text: str) -> None:
        """What goes on, in words."""
        self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Call it every second or so; it tells the watchdog as often as that wants to hear it."""
        now = time.monotonic()
        if self._every is not None and now >= self._next:
            self._next = now + self._every
            self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                # One that does not read must not hold up who has to end something.
                channel.setblocking(False)
                channel.sendto(message.encode(), self._address)
