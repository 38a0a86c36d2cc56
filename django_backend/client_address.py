"""Who a client is: the address before the proxies that the settings trust, in the form in which requests are counted.

Each proxy adds the address that it was called from to the end of X-Forwarded-For, so only what trusted proxies have added says
anything; everything in front of that may be made up.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

SOCKET = "a Unix socket"
"""A client that connects through a Unix socket, which only a program on this machine can."""

UNKNOWN = "unknown"
"""All clients together whose address cannot be read."""

SUBSCRIBER_BITS = 64
"""One subscriber has at least a /64 of IPv6, and could take another of its addresses for each request."""


class ClientAddresses:
    """Finds clients' addresses.

    Args:
        trusted: how many proxies there are, as the only entry, or their networks.
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        self._proxies = int(trusted[0]) if trusted and trusted[0].isdigit() else 0
        self._networks = [] if self._proxies else [ip_network(one) for one in trusted if not one.isdigit()]

    def of(self, peer: str, forwarded: str) -> str:
        """The client's address: of IPv6 its network, `2001:db8:1:2::/64`.

        Args:
            peer: the address that connected, empty for a Unix socket.
            forwarded: X-Forwarded-For, empty if there was none.
        """
        if not self._proxies and not self._networks:
            forwarded = ""
        chain = [*(one.strip() for one in forwarded.split(",") if one.strip()), peer]
        if self._proxies:
            chain = chain[max(0, len(chain) - 1 - self._proxies) :][:1]
        for hop in reversed(chain):
            address = _parsed(hop)
            if hop and (address is None or not any(address in network for network in self._networks)):
                return _counted(address)
        return _counted(_parsed(chain[0])) if chain[0] else SOCKET


def is_this_machine(client: str) -> bool:
    """Whether a client's address as it is counted is one of this machine's own, which nobody else can have."""
    return client in (SOCKET, "::/64") or client.startswith("127.")


def _parsed(hop: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: also with a port, in brackets, or IPv4 within IPv6."""
    bare = hop.partition("]")[0].removeprefix("[") if hop.startswith("[") else hop
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _counted(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), SUBSCRIBER_BITS), strict=False))
    return str(address)
