"""The one settings object: our own fields and the declared ones, the defaults of each environment, and the rules between them."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from tunemeld_pipeline.charts.documents import Ranking
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.settings.choices import Component, Environment, LogFormat, Upstreams
from tunemeld_pipeline.settings.declared import TOGETHER, AllFields
from tunemeld_pipeline.settings.formats import is_placeholder, lower_case, plain
from tunemeld_pipeline.settings.rules import (
    TEST_SUFFIX,
    SettingProblem,
    broken_rules,
    missing_for,
    own_dagster_folder,
    raise_if_any,
)

_WORLD_SUFFIXES = {Upstreams.LIVE: "", Upstreams.SANDBOX: "_sandbox", Upstreams.REPLAY: "_replay"}

# Defaults that differ by environment; every other default is at its field. Development's default upstreams depend on which keys
# are set, see `Settings._fill_in_defaults`.
DEFAULTS_BY_ENVIRONMENT: Mapping[Environment, Mapping[str, Any]] = {
    Environment.DEVELOPMENT: {
        "debug": True,
        "etl_batch_size": 10,
        "etl_thread_count": 2,
        "django_allowed_hosts": ("localhost", "127.0.0.1"),
        "django_cors_origins": tuple(
            f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (8000, 8080, 3000)
        ),
        "log_level": "DEBUG",
        "log_format": LogFormat.TEXT,
    },
    Environment.TESTING: {
        "debug": True,
        "upstreams": Upstreams.SANDBOX,
        "mongodb_database": "tunemeld_test",
        "etl_batch_size": 5,
        "etl_thread_count": 1,
        "etl_retry_attempts": 1,
        "django_allowed_hosts": ("localhost", "127.0.0.1", "testserver"),
        "log_level": "DEBUG",
        "log_format": LogFormat.TEXT,
    },
    Environment.PRODUCTION: {
        "upstreams": Upstreams.LIVE,
        "daily_refresh": True,
        "monitoring_public": False,
        "etl_batch_size": 500,
        "etl_thread_count": 50,
        "django_allowed_hosts": ("tunemeld.com", "www.tunemeld.com", "api.tunemeld.com"),
        "django_cors_origins": ("https://tunemeld.com", "https://www.tunemeld.com"),
    },
}


def is_on_by_default(environment: Environment) -> bool:
    """Whether the daily refresh starts on its own in this environment, unless somebody decides otherwise."""
    return bool(DEFAULTS_BY_ENVIRONMENT[environment].get("daily_refresh", False))


def _usual_keys() -> set[str]:
    """The keys of what the packaged folders read first; who has all of them means to read live data."""
    packaged = [folder for folder in registry.folders() if folder.module.startswith(registry.PACKAGED)]
    return {name for folder in packaged for name in folder.accesses[0].needs}


class RulesBroken(ValueError):
    """Carries all problems of an otherwise well-formed object out of pydantic, so they are reported together."""

    def __init__(self, settings: "Settings", problems: list[SettingProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.settings = settings
        self.problems = problems


class Settings(AllFields):
    """Every setting, with what follows from them.

    Constructing it takes the given values and the defaults of their `environment`, and reads nothing else.

    Raises:
        pydantic.ValidationError: a value is malformed or breaks a rule (`load_settings` raises SettingsError instead).
    """

    @model_validator(mode="before")
    @classmethod
    def _fill_in_defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        environment = lower_case(values.get("environment", Environment.DEVELOPMENT))
        if environment not in list(Environment):
            return values
        filled = {**DEFAULTS_BY_ENVIRONMENT[Environment(environment)], **values}
        if "upstreams" not in filled:
            keys = [plain(values.get(name.lower())) for name in sorted(_usual_keys())]
            has_keys = bool(keys) and all(key and not is_placeholder(key) for key in keys)
            filled["upstreams"] = Upstreams.LIVE if has_keys else Upstreams.SANDBOX
        return filled

    @model_validator(mode="after")
    def _obey_the_rules(self) -> Self:
        if problems := broken_rules(self):
            raise RulesBroken(self, problems)
        return self

    @property
    def database_name(self) -> str:
        """The database for these upstreams: `tunemeld`, `tunemeld_sandbox`, `tunemeld_replay`; in testing `tunemeld_sandbox_test`."""
        suffix = _WORLD_SUFFIXES[self.upstreams]
        if self.environment is Environment.TESTING:
            return f"{self.mongodb_database.removesuffix(TEST_SUFFIX)}{suffix}{TEST_SUFFIX}"
        return f"{self.mongodb_database}{suffix}"

    @property
    def dagster_folder(self) -> Path:
        """Where Dagster keeps this world's runs: each world has its own, unless `dagster_home` names one."""
        return self.dagster_home or own_dagster_folder(self)

    @property
    def scratch_database_name(self) -> str:
        """The database in which a backup is tried out; no world's, since `mongodb_database` holds no `+`."""
        return f"{self.database_name}+scratch"

    @property
    def ranking(self) -> Ranking:
        """How the consensus weighs the lists."""
        return Ranking(
            rule=self.ranking_rule,
            phi=self.ranking_phi,
            weights={
                service.key: service.weighing(getattr(self, f"{service.slug}_weight", None))
                for service in registry.services()
            },
            stale_discount=self.ranking_stale_discount,
        )

    @property
    def combined_secrets(self) -> tuple[str, ...]:
        """What HTTP's basic authentication makes of a client's name and its secret: the two as one word."""
        pairs = [[plain(getattr(self, name.lower())) for name in names] for names in TOGETHER if len(names) == 2]
        return tuple(base64.b64encode(":".join(pair).encode()).decode() for pair in pairs if all(pair))

    @property
    def alarm_addresses(self) -> tuple[str, ...]:
        """The addresses of `alarm_urls`, one by one, in clear."""
        return tuple(plain(self.alarm_urls).split())

    def missing_for(self, part: Component) -> list[SettingProblem]:
        """The settings that this part of the product lacks; empty if it can start."""
        return missing_for(self, part)

    def require_pipeline(self) -> None:
        """Raise an error if no service of the catalogue is configured.

        Raises:
            SettingsError: lists what would configure one.
        """
        raise_if_any(self.missing_for(Component.PIPELINE))

    def require_django(self) -> None:
        """Raise an error if the API lacks a secret; it needs none of the upstreams' keys.

        Raises:
            SettingsError: lists every missing one.
        """
        raise_if_any(self.missing_for(Component.DJANGO))


SETTING_NAMES = tuple(name for name in Settings.model_fields if name != "provenance")
