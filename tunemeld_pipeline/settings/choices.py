"""The words that settings choose between, and the names that settings have in the environment."""

from enum import StrEnum


class Environment(StrEnum):
    """What this installation is for; it chooses the defaults. Staging runs as production with values of its own."""

    DEVELOPMENT = "development"
    TESTING = "testing"
    PRODUCTION = "production"


class Upstreams(StrEnum):
    """The world that data comes from; each has a database of its own."""

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


class Part(StrEnum):
    """A part of the product that needs secrets of its own."""

    PIPELINE = "pipeline"
    DJANGO = "django"


# All other settings carry their field's name in capitals.
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
"""Names the only `.env` to read, as `--env-file` does: so do the processes that a command starts know of it."""


def variable_name(field_name: str) -> str:
    """The environment name of a field, for example `TUNEMELD_HOME` for `home`."""
    return VARIABLES_WITH_PREFIX.get(field_name, field_name.upper())
