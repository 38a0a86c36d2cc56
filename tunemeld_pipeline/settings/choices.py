"""The values that some settings choose between, and the environment names of all settings."""

from enum import StrEnum


class Environment(StrEnum):
    """What this installation is for; it chooses the defaults. Staging runs as production with its own values."""

    DEVELOPMENT = "development"
    TESTING = "testing"
    PRODUCTION = "production"


class Upstreams(StrEnum):
    """Where data comes from; each choice has its own database."""

    LIVE = "live"
    SANDBOX = "sandbox"
    REPLAY = "replay"


class CacheBackend(StrEnum):
    """Where rendered responses are kept."""

    MEMORY = "memory"
    CLOUDFLARE = "cloudflare"


class LogFormat(StrEnum):
    """How a log line is written."""

    JSON = "json"
    TEXT = "text"


class Component(StrEnum):
    """A part of the product that needs its own secrets."""

    PIPELINE = "pipeline"
    DJANGO = "django"


# All other settings of our own carry their field's name in capitals.
VARIABLES_WITH_PREFIX = {
    "environment": "TUNEMELD_ENV",
    "home": "TUNEMELD_HOME",
    "upstreams": "TUNEMELD_UPSTREAMS",
    "replay_dir": "TUNEMELD_REPLAY_DIR",
    "sandbox_url": "TUNEMELD_SANDBOX_URL",
    "sandbox_seed": "TUNEMELD_SANDBOX_SEED",
    "catalog_file": "TUNEMELD_CATALOG",
    "cache": "TUNEMELD_CACHE",
    "page_folder": "TUNEMELD_PAGE_FOLDER",
    # Not a setting, but where settings are read from.
    "env_file": "TUNEMELD_ENV_FILE",
}
ENV_FILE_VARIABLE = VARIABLES_WITH_PREFIX["env_file"]
"""Names the only `.env` to read, as `--env-file` does; the processes that a command starts learn of it this way."""


SOURCES_SUFFIX = "_sources"
"""How the field ends that orders the sources of a service; its variable has the prefix too."""


def variable_name(field_name: str) -> str:
    """The environment name of a field, for example `TUNEMELD_HOME` for `home`."""
    prefix = "TUNEMELD_" if field_name.endswith(SOURCES_SUFFIX) else ""
    return VARIABLES_WITH_PREFIX.get(field_name, f"{prefix}{field_name.upper()}")
