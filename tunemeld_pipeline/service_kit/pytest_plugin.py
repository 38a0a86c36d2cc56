"""The option of pytest that names services to test; loaded by pytest itself wherever TuneMeld is installed, so it imports nothing heavy."""

import pytest

OPTION = "tunemeld_services"

pytest.register_assert_rewrite("tunemeld_pipeline.service_kit.contract")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--tunemeld-service KEY`."""
    parser.getgroup("tunemeld").addoption(
        "--tunemeld-service",
        action="append",
        default=[],
        dest=OPTION,
        metavar="KEY",
        help="a service that the tests of tunemeld_pipeline/service_kit/named_services.py are for",
    )
