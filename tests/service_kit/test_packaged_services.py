"""Every packaged service passes the tests that every service must pass."""

from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.service_kit.contract import ServiceContract


class TestThePackagedServices(ServiceContract):
    """The same that `tunemeld service test` runs for a service of another package."""

    services = registry.keys()
