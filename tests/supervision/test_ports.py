"""Whether a port is free, and who has it."""

import os
import socket
from collections.abc import Iterator

import pytest

from tunemeld_pipeline.errors import PortTaken
from tunemeld_pipeline.supervision.ports import Port, free_port, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_free(taken: int) -> None:
    require_free(Port(free_port(taken)))


def test_the_holder_of_a_port_is_named_with_the_way_around(taken: int) -> None:
    with pytest.raises(PortTaken) as refused:
        require_free(Port(free_port(taken)), Port(taken, option="--api-port"))
    message = str(refused.value)
    assert f"port {taken} is taken by" in message
    assert f"(pid {os.getpid()}: " in message
    assert "choose another port with --api-port" in message


def test_no_more_of_the_holder_is_shown_than_it_takes_to_know_it(taken: int) -> None:
    with pytest.raises(PortTaken) as refused:
        require_free(Port(taken))
    shown = str(refused.value).partition(f"pid {os.getpid()}: ")[2].partition(")")[0]
    assert 1 <= len(shown.split()) <= 3


def test_the_next_free_port_is_found(taken: int) -> None:
    assert free_port(taken) > taken


def test_an_address_that_this_machine_has_not_got_is_reported(taken: int) -> None:
    with pytest.raises(PortTaken, match=r"cannot listen|nothing can listen|is taken"):
        require_free(Port(taken, "no-such-host.invalid"))


def test_a_port_answers_while_somebody_listens(taken: int) -> None:
    assert Port(taken).answers
    assert Port(taken, "0.0.0.0").answers  # noqa: S104 - only asked
    assert not Port(free_port(taken)).answers
