"""The tests of the services that `--tunemeld-service` names: what `tunemeld service test` runs."""

from tunemeld_pipeline.service_kit.contract import ServiceContract


class TestService(ServiceContract):
    """The services of the command line."""
