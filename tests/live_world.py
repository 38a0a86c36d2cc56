"""A live world whose every host is another address, such as the sandbox, which plays today where no day is named. No key is set."""

from tunemeld_pipeline.plugins.registry import hosts
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings


def live_at(settings: Settings, root: str, *, per_second: float = 1_000, **more: object) -> Settings:
    """The settings of the live world with `root/HOST` as each host's address, in the database of these settings with another suffix."""
    return settings.model_copy(
        update={
            "upstreams": Upstreams.LIVE,
            **{host.address_field: f"{root}/{key}" for key, host in hosts().items()},
            **{host.rate_field: per_second for host in hosts().values()},
            **more,
        }
    )


def live_variables(root: str, *, per_second: float = 1_000) -> dict[str, str]:
    """The same as variables of a command."""
    return {
        "TUNEMELD_ENV": "development",
        "TUNEMELD_UPSTREAMS": "live",
        **{host.address_field.upper(): f"{root}/{key}" for key, host in hosts().items()},
        **{host.rate_field.upper(): str(per_second) for host in hosts().values()},
    }
