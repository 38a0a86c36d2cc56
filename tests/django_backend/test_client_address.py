"""Who a client is, behind proxies and in front of people who make addresses up."""

import pytest

from django_backend.client_address import SOCKET, UNKNOWN, ClientAddresses, is_this_machine

MINE, OTHER, PROXY, CDN = "203.0.113.7", "198.51.100.9", "10.1.2.3", "172.16.5.5"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        pytest.param((), MINE, "", MINE, id="no proxy"),
        pytest.param((), MINE, OTHER, MINE, id="what a client says of itself counts for nothing"),
        pytest.param(("1",), PROXY, MINE, MINE, id="one proxy"),
        pytest.param(("1",), PROXY, f"{OTHER}, {MINE}", MINE, id="in front of the one proxy everything is made up"),
        pytest.param(("2",), PROXY, f"{OTHER}, {MINE}, {CDN}", MINE, id="two proxies"),
        pytest.param(("2",), PROXY, MINE, MINE, id="fewer proxies than there are"),
        pytest.param(("1",), PROXY, "", PROXY, id="nobody in between"),
        pytest.param(("10.0.0.0/8",), PROXY, MINE, MINE, id="a proxy's network"),
        pytest.param(("10.0.0.0/8",), MINE, OTHER, MINE, id="not from the proxy's network"),
        pytest.param(("10.0.0.0/8", "172.16.0.0/12"), PROXY, f"{OTHER}, {MINE}, {CDN}", MINE, id="two networks"),
        pytest.param(("10.0.0.0/8",), PROXY, f"{OTHER}, {MINE}, {CDN}", CDN, id="an unknown proxy is the client"),
        pytest.param(("10.0.0.0/8",), PROXY, f"{MINE}, nonsense", UNKNOWN, id="nonsense is nobody in particular"),
        pytest.param(("1",), PROXY, "2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64", id="one subscriber's network"),
        pytest.param(("1",), PROXY, "[2001:db8:1:2:bbbb::2]:4711", "2001:db8:1:2::/64", id="with a port"),
        pytest.param(("1",), PROXY, f"{MINE}:4711", MINE, id="IPv4 with a port"),
        pytest.param((), f"::ffff:{MINE}", "", MINE, id="IPv4 within IPv6"),
        pytest.param(("::1/128",), "::1", MINE, MINE, id="a proxy on this machine"),
        pytest.param((), "", "", SOCKET, id="a Unix socket"),
        pytest.param(("127.0.0.0/8",), "", MINE, MINE, id="a proxy behind a Unix socket"),
        pytest.param((), "", MINE, SOCKET, id="a Unix socket without trust"),
    ],
)
def test_it_works(trusted: tuple[str, ...], peer: str, forwarded: str, client: str) -> None:
    assert ClientAddresses(trusted).of(peer, forwarded) == client


def test_this_machine_is_known_by_its_own_addresses_alone() -> None:
    addresses = ClientAddresses(())
    for peer in ("127.0.0.1", "127.5.5.5", "::1", "::ffff:127.0.0.1", ""):
        assert is_this_machine(addresses.of(peer, "127.0.0.1"))
    for peer in (MINE, "2001:db8::1", "nonsense"):
        assert not is_this_machine(addresses.of(peer, "127.0.0.1"))


def test_a_header_of_any_length_is_read() -> None:
    made_up = ", ".join([OTHER] * 1_000)
    assert ClientAddresses(("1",)).of(PROXY, f"{made_up}, {MINE}") == MINE
