"""The services that are installed, the tests that each has to pass, and the faults that a sandbox plays."""

from typing_extensions import TypedDict


class ServiceSource(TypedDict):
    """A source of a service's lists."""

    key: str
    """The service's."""
    name: str
    kind: str
    source: str
    format: int
    needs: list[str]
    """The settings without which it cannot be read."""
    gives: list[str]
    """What its rows say besides names."""
    documented: bool | None
    consent: bool | None
    """Whether somebody has to agree to its terms by naming it in the settings."""
    terms: str | None
    hosts: list[str]
    bodies: int
    """How many contract bodies it has."""
    module: str


class Services(TypedDict):
    """`tunemeld service list`."""

    sources: list[ServiceSource]
    left_out: dict[str, str]
    """Package that cannot be used → why."""


class ServiceTest(TypedDict):
    """A test that a service has to pass."""

    test: str
    of: str
    passed: bool
    why: str


class ServiceTests(TypedDict):
    """`tunemeld service test`."""

    passed: bool
    tests: list[ServiceTest]


class Fault(TypedDict):
    """A fault that a sandbox still has to play."""

    upstream: str
    endpoint: str | None
    """Part of an endpoint's name; null for the whole upstream."""
    fault: str
    times: int | None
    """How many more requests meet it; null for all."""
    seconds: float | None
    status: int | None
