"""The tests that every service must pass, for pytest: a class to inherit from.

A package's own tests have `class TestTidal(ServiceContract): services = ("Tidal",)`; where `services` is empty, the services are those that
`--tunemeld-service` names, which `tunemeld service test` uses.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import pytest

from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.service_kit import reading_checks, sandbox_checks, service_checks
from tunemeld_pipeline.service_kit.bodies import ContractBody, contract_bodies
from tunemeld_pipeline.service_kit.pytest_plugin import OPTION
from tunemeld_pipeline.service_kit.sandbox_checks import Server

Whose = tuple[Installed, Source]


def all_bodies() -> list[ContractBody]:
    """The bodies of all installed services."""
    return [body for one in registry.services() for body in contract_bodies(registry.installed(one.key))]


class ServiceContract:
    """Each test is one promise; what does not hold is listed where it fails."""

    services: ClassVar[Sequence[str]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each service, or for each of its bodies."""
        keys = self.services or metafunc.config.getoption(OPTION)
        found = [registry.installed(key) for key in keys]
        if "service" in metafunc.fixturenames:
            metafunc.parametrize("service", found, ids=lambda one: one.service.key)
        if "source" in metafunc.fixturenames:
            sources = [(one, source) for one in found for source in one.sources]
            metafunc.parametrize("source", sources, ids=lambda one: one[1].name)
        if "body" in metafunc.fixturenames:
            bodies = [body for one in found for body in contract_bodies(one)]
            metafunc.parametrize("body", bodies, ids=lambda one: one.name)

    def test_it_is_declared_as_others_rely_on(self, service: Installed) -> None:
        assert list(service_checks.wrongly_declared(service)) == []

    def test_every_source_has_a_body(self, service: Installed) -> None:
        assert list(service_checks.without_a_body(service)) == []

    def test_addresses_lead_to_ids_and_back(self, service: Installed) -> None:
        assert list(service_checks.lost_addresses(service)) == []

    def test_its_lists_are_addresses_on_its_hosts(self, service: Installed) -> None:
        assert list(service_checks.impossible_lists(service)) == []

    def test_its_picture_is_a_small_drawing(self, service: Installed) -> None:
        assert list(service_checks.wrong_picture(service)) == []

    def test_a_body_reads_to_its_listing(self, body: ContractBody) -> None:
        assert list(reading_checks.unlike_its_listing(body)) == []

    def test_a_body_has_rows_enough(self, body: ContractBody) -> None:
        assert list(reading_checks.too_poor(body)) == []

    def test_its_rows_have_what_it_declares(self, source: Whose) -> None:
        assert list(reading_checks.unlike_what_it_gives(*source)) == []

    def test_reading_is_pure(self, body: ContractBody) -> None:
        assert list(reading_checks.impure(body)) == []

    def test_a_body_that_is_cut_off_is_refused(self, body: ContractBody) -> None:
        assert list(reading_checks.not_refused(body)) == []

    def test_another_services_body_is_drift(self, body: ContractBody) -> None:
        assert list(reading_checks.taken_for_its_own(body, all_bodies())) == []

    def test_a_value_costs_its_row_at_most(self, body: ContractBody) -> None:
        assert list(reading_checks.lost_or_spoilt(body)) == []

    def test_no_body_holds_a_secret(self, body: ContractBody) -> None:
        assert list(reading_checks.unclean(body)) == []

    def test_its_client_keeps_to_its_hosts_and_their_rates(self, source: Whose, kit_sandbox: Server) -> None:
        assert list(sandbox_checks.misbehaving(*source, kit_sandbox)) == []

    def test_its_client_tells_no_key(self, source: Whose, kit_refusing: Server) -> None:
        assert list(sandbox_checks.indiscreet(*source, kit_refusing)) == []

    @pytest.fixture(scope="class")
    @classmethod
    def kit_sandbox(cls) -> Iterator[Server]:
        """The sandbox with all installed services."""
        with sandbox_checks.sandbox() as server:
            yield server

    @pytest.fixture(scope="class")
    @classmethod
    def kit_refusing(cls) -> Iterator[Server]:
        """A server that refuses everything."""
        with sandbox_checks.refusing() as server:
            yield server
