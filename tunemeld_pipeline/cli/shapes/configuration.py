"""The settings: their values, what is wrong with them, and what was taken over from an older environment file."""

from typing import Any

from typing_extensions import TypedDict

from tunemeld_pipeline.settings.choices import Environment, Upstreams


class SettingShown(TypedDict):
    """A setting as it counts now."""

    value: Any
    """null where it is not set, `(hidden)` for a secret."""
    origin: str
    """default, environment file, variable, option, or refused."""


class NamedSetting(SettingShown):
    """`tunemeld config get`."""

    name: str


class SettingsCheck(TypedDict):
    """`tunemeld config validate`."""

    usable: bool
    environment: Environment
    upstreams: Upstreams
    env_file: str | None
    problems: dict[str, str]
    """Setting → what is wrong with it."""
    warnings: list[str]
    not_configured: dict[str, str]
    """Service → what is not set, so that it is left out."""
    left_out: dict[str, str]
    """Installed package of a service → why it is left out."""
    readable_by_others: list[str]
    """Files of ours that others on this machine can read."""


TakenSetting = TypedDict("TakenSetting", {"from": str, "place": str})
"""The older system's name of a setting, and where its value stands."""


class EnvironmentMigration(TypedDict):
    """`tunemeld config migrate-env`: names and sentences, no values."""

    environment: str
    settings: dict[str, TakenSetting]
    conflicts: list[str]
    unknown: list[str]
    left_out: list[str]
    missing: list[str]
    notes: list[str]
