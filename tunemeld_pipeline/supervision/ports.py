"""Ports of this machine: whether one is free, and if not, who has it.

A port is checked before a server starts, so a person reads a sentence and not a server's own complaint. `cli/parts.py` decides which part
listens where.
"""

import ipaddress
import socket
from dataclasses import dataclass

import psutil

from tunemeld_pipeline.errors import PortTaken

ANSWER_SECONDS = 0.2
WORDS_SHOWN = 3
"""How much of the holder's command line is shown: enough to recognise it, and seldom enough to show a password in its options."""


@dataclass(frozen=True)
class Port:
    """Where a part listens, and the option that chooses another."""

    number: int
    host: str = "127.0.0.1"
    option: str = "--port"

    @property
    def is_free(self) -> bool:
        """Whether a server can listen there now."""
        family, kind, protocol, _, address = socket.getaddrinfo(self.host, self.number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(address)
            except OSError:
                return False
        return True

    @property
    def answers(self) -> bool:
        """Whether a server accepts connections there."""
        try:
            with socket.create_connection((self.reachable_host, self.number), timeout=ANSWER_SECONDS):
                return True
        except OSError:
            return False

    @property
    def reachable_host(self) -> str:
        """The host at which this machine reaches the server: loopback if it listens on all addresses."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return self.host
        if not address.is_unspecified:
            return self.host
        return "127.0.0.1" if isinstance(address, ipaddress.IPv4Address) else "::1"

    @property
    def url(self) -> str:
        """Its root address over HTTP."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.number}"


def require_free(*ports: Port) -> None:
    """Refuses to go on if a port is taken.

    Raises:
        PortTaken: names the first such port, who has it, and the option that chooses another; or two of the ports are the same.
    """
    for port in ports:
        if sum(other.number == port.number for other in ports) > 1:
            raise PortTaken(f"port {port.number} is used twice; choose another one with {port.option}")
        try:
            free = port.is_free
        except (OSError, OverflowError) as error:
            raise PortTaken(
                f"nothing can listen on {port.host}:{port.number} ({error}); choose another with --host or {port.option}"
            ) from error
        if not free:
            raise PortTaken(
                f"port {port.number} is taken by {holder_of(port.number)}; end that, or choose another port with {port.option}"
            )


def free_port(preferred: int, tries: int = 50) -> int:
    """The first free port, starting at `preferred`.

    Raises:
        PortTaken: none of `tries` ports is free.
    """
    for number in range(preferred, preferred + tries):
        if Port(number).is_free:
            return number
    raise PortTaken(f"the ports {preferred} to {preferred + tries - 1} are all taken; end what you no longer need")


def holder_of(number: int) -> str:
    """Who listens on a port, in words: pid, name and the beginning of the command, if this user may see them."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:  # macOS shows other processes' sockets to root only
        connections = []
    pids = {
        one.pid
        for one in connections
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == number and one.pid
    }
    for pid in sorted(pids):
        try:
            process = psutil.Process(pid)
            command = " ".join(process.cmdline()[:WORDS_SHOWN])
            return f"{process.name()} (pid {pid}: {command})"
        except psutil.Error:
            continue
    return "a program of another user, or one that is just ending"
