"""The one settings object, and the only code that reads the environment and `.env`.

What belongs here: every setting with its meaning, its default in each environment, and the rules that values have to obey.
What does not: the form of a single value (`settings/formats.py`) and rendering for people (`settings/reference.py`). Importing
this module reads nothing, and neither does constructing `Settings` with values of one's own; `load_settings` looks around.
"""

import difflib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Self

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.documents import Ranking, RankingRule
from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.private_files import open_to_others, remedy
from tunemeld_pipeline.redaction import protect
from tunemeld_pipeline.settings.formats import (
    LOG_LEVELS,
    AbsolutePath,
    AlarmUrls,
    BaseUrl,
    CronExpression,
    Hosts,
    LinkUrl,
    LogLevel,
    LoopbackUrl,
    MongoUrl,
    Origins,
    RequestsPerSecond,
    Seconds,
    Units,
    Weight,
    is_placeholder,
    lower_case,
)
from tunemeld_pipeline.text_files import read_small_text

MOST_NAMES = 1_000
"""Names of a `.env` that are compared with the settings' names; finding the nearest takes a millisecond each."""


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


class Origin(StrEnum):
    """Where a value came from, weakest first."""

    DEFAULT = "default"
    ENVIRONMENT_FILE = "environment file"
    VARIABLE = "variable"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Provenance:
    """How a settings object came to be.

    Attributes:
        env_file: the `.env` that was read, if any.
        origins: field name → origin; a field that is not in it has its default.
        warnings: what a person should hear about the `.env`, one sentence each.
    """

    env_file: Path | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)
    warnings: tuple[str, ...] = ()

    def origin(self, field_name: str) -> Origin:
        """Where the value of this field came from."""
        return self.origins.get(field_name, Origin.DEFAULT)


@dataclass(frozen=True)
class Problem:
    """One reason why the settings cannot be used, and what to do; never holds a value of a secret."""

    field_name: str
    message: str

    def __str__(self) -> str:
        return f"{variable_name(self.field_name)}: {self.message}"


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

# What differs by environment; every other default stands at its field. Development's upstreams depend on the keys, see
# `Settings._fill_in_defaults`.
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
        "etl_batch_size": 500,
        "etl_thread_count": 50,
        "django_allowed_hosts": ("tunemeld.com", "www.tunemeld.com", "api.tunemeld.com"),
        "django_cors_origins": ("https://tunemeld.com", "https://www.tunemeld.com"),
    },
}

_SPOTIFY_PAIR = ("spotify_client_id", "spotify_client_secret")
_CLOUDFLARE_TRIPLE = ("cloudflare_account_id", "cloudflare_namespace_id", "cloudflare_api_token")
_CREDENTIALS = (
    "mongodb_url",
    "rapidapi_key",
    *_SPOTIFY_PAIR,
    "youtube_api_key",
    *_CLOUDFLARE_TRIPLE,
    "django_secret_key",
    "alarm_urls",
)
_SYSTEM_DATABASES = {"admin", "config", "local"}
_TEST_SUFFIX = "_test"
_WORLD_SUFFIXES = {Upstreams.LIVE: "", Upstreams.SANDBOX: "_sandbox", Upstreams.REPLAY: "_replay"}
# Shorter than Django's own advice (50), long enough that nobody typed it.
_SHORTEST_DJANGO_KEY = 32


def variable_name(field_name: str) -> str:
    """The environment name of a field, for example `TUNEMELD_HOME` for `home`."""
    return VARIABLES_WITH_PREFIX.get(field_name, field_name.upper())


def project_root() -> Path | None:
    """The checkout that this package runs from, or None when it is installed as a wheel."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def _package_version() -> str:
    # Imported here, since it brings `email`, `csv` and `zipfile` with it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tunemeld")
    except PackageNotFoundError:
        return "unknown"


def _default_home() -> Path:
    return (project_root() or _working_folder() or Path.home()) / ".tunemeld"


def _plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


class _RulesBroken(ValueError):
    """Carries what is wrong with an otherwise well-formed object out of pydantic, so that all of it is reported at once."""

    def __init__(self, settings: "Settings", problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.settings = settings
        self.problems = problems


class Settings(BaseSettings):
    """Every setting. Frozen; secrets never show in its repr or dumps.

    Constructing it takes the given values and the defaults of their `environment`, and reads nothing else.

    Raises:
        pydantic.ValidationError: a value is malformed or breaks a rule (`load_settings` raises SettingsError instead).
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        # A pydantic error otherwise prints the rejected value, which may be a URL with its password.
        hide_input_in_errors=True,
        # Building the validators costs more than importing this module; a command that only shows help needs none.
        defer_build=True,
    )

    environment: Annotated[Environment, BeforeValidator(lower_case)] = Field(
        Environment.DEVELOPMENT,
        description="What this installation is for; it chooses the defaults below. Staging runs as production.",
    )
    app_name: str = Field("TuneMeld", min_length=1, description="The name in log lines and in the User-Agent.")
    app_version: str = Field(default_factory=_package_version, description="The version; the package's own by default.")
    debug: bool = Field(False, description="Show details of errors. Refused in production.")
    home: AbsolutePath = Field(
        default_factory=_default_home,
        description="The folder for local data: the database, Dagster's records, logs. Default: .tunemeld in the checkout, "
        "or in the working directory when there is no checkout.",
    )
    dagster_home: AbsolutePath | None = Field(
        None,
        description="Dagster's own folder, with a dagster.yaml of your own. Unset: dagster/ in TUNEMELD_HOME, with the packaged one.",
    )

    upstreams: Annotated[Upstreams, BeforeValidator(lower_case)] = Field(
        Upstreams.SANDBOX,
        description="Where data comes from: live asks the services, sandbox invents data on this machine, replay plays "
        "recorded answers. Default in development: live when RAPIDAPI_KEY and YOUTUBE_API_KEY are set, else sandbox. "
        "Production refuses sandbox, testing refuses live.",
    )
    replay_dir: AbsolutePath | None = Field(
        None, description="The folder of recorded answers, DATE/GENRE/SERVICE.json. Needed by replay."
    )
    sandbox_url: LoopbackUrl | None = Field(
        None, description="The root of a sandbox that runs already, on this machine. Unset: one is started when needed."
    )
    sandbox_seed: int = Field(
        1, ge=0, description="Which invented world the sandbox plays; the same seed, the same world."
    )
    catalog_file: AbsolutePath | None = Field(
        None, description="A TOML file of genres and playlists in place of the packaged one."
    )
    page_folder: AbsolutePath | None = Field(
        None,
        description="The folder of a built page, with its index.html, that the API serves. Unset: the one that `make page` built, or "
        "that came with the package.",
    )
    cache: Annotated[CacheBackend, BeforeValidator(lower_case)] = Field(
        CacheBackend.MEMORY,
        description="Where rendered responses are cached: memory, or cloudflare, which needs the three CLOUDFLARE_ settings.",
    )

    mongodb_url: MongoUrl | None = Field(
        None,
        description="The MongoDB server, mongodb://… or mongodb+srv://…; a secret, since it holds the password. Unset outside "
        "production: a local server is started. Required in production.",
    )
    mongodb_database: str = Field(
        "tunemeld",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$",
        description="The live database's name. Sandbox and replay add _sandbox and _replay to it, so that the three never "
        "meet. Ends in _test in testing, and only there.",
    )

    rapidapi_key: SecretStr | None = Field(
        None, description="The RapidAPI key for Spotify, Apple Music and SoundCloud. Required for live upstreams."
    )
    spotify_client_id: str | None = Field(
        None, description="Spotify Web API client, for better look-ups; set it together with the secret or not at all."
    )
    spotify_client_secret: SecretStr | None = Field(None, description="The secret of SPOTIFY_CLIENT_ID.")
    youtube_api_key: SecretStr | None = Field(
        None, description="The YouTube Data API key. Required for live upstreams."
    )
    cloudflare_account_id: str | None = Field(
        None, description="Cloudflare Workers KV: the account. Set all three CLOUDFLARE_ settings or none."
    )
    cloudflare_namespace_id: str | None = Field(None, description="Cloudflare Workers KV: the namespace.")
    cloudflare_api_token: SecretStr | None = Field(
        None, description="Cloudflare Workers KV: a token that may read and write it."
    )

    etl_batch_size: int = Field(100, ge=1, le=100_000, description="The most operations in one bulk write.")
    etl_thread_count: int = Field(
        10, ge=1, le=500, description="Concurrent requests per upstream, within that upstream's rate limit."
    )
    etl_retry_attempts: int = Field(3, ge=1, le=20, description="Tries of one upstream call, the first included.")
    etl_retry_delay: float = Field(
        5,
        ge=0,
        le=3_600,
        allow_inf_nan=False,
        description="Seconds before the second try; doubled for each further one.",
    )
    etl_request_timeout: Seconds = Field(20, description="Seconds that one try may go without an answer.")
    etl_call_deadline: Seconds = Field(
        120, description="Seconds that one upstream call may take, all its tries included."
    )
    etl_step_deadline: Seconds = Field(900, description="Seconds that all upstream calls of one asset's step may take.")
    daily_refresh_cron: CronExpression = Field(
        "30 2 * * *", description="When the daily refresh starts, UTC: a cron expression of five fields."
    )

    daily_refresh: bool = Field(
        False,
        description="Whether the daily refresh starts by itself wherever Dagster's daemon runs, as long as nobody switched it in "
        "the UI. `tunemeld start` sets it, unless it is set.",
    )

    ranking_rule: Annotated[RankingRule, BeforeValidator(lower_case)] = Field(
        RankingRule.CENTROIDS,
        description="What the consensus is ordered by: centroids, the weighed positions on all lists; or an older rule, for "
        "comparison: priority, the position on the first of Apple Music, SoundCloud and Spotify; sum, the sum of the positions.",
    )
    ranking_phi: float = Field(
        0.95,
        ge=0.5,
        le=0.999,
        description="How far down the imagined reader of a list goes on: each row counts this much of the one above it.",
    )
    spotify_weight: Weight = Field(1.0, description="What Spotify's list counts in the consensus, against the others.")
    apple_music_weight: Weight = Field(
        1.0, description="What Apple Music's list counts in the consensus, against the others."
    )
    soundcloud_weight: Weight = Field(
        1.0, description="What SoundCloud's list counts in the consensus, against the others."
    )
    ranking_stale_discount: float = Field(
        0.8,
        gt=0,
        le=1,
        description="What remains of the weight of a service whose list could not be fetched and is an older one; 1 for all.",
    )
    match_overrides: AbsolutePath | None = Field(
        None,
        description="A reviewed TOML file of rows that are the same recording or are not, applied before every judgement.",
    )

    spotify_rate_limit: RequestsPerSecond = Field(
        5,
        description="Requests per second to Spotify. Rate limits hold for live upstreams; sandbox and replay have none.",
    )
    apple_music_rate_limit: RequestsPerSecond = Field(5, description="Requests per second to Apple Music.")
    soundcloud_rate_limit: RequestsPerSecond = Field(5, description="Requests per second to SoundCloud.")
    youtube_rate_limit: RequestsPerSecond = Field(10, description="Requests per second to YouTube.")
    spotify_daily_budget: Units = Field(2_000, description="Requests a day to Spotify; 0 sends none.")
    apple_music_daily_budget: Units = Field(200, description="Requests a day to Apple Music; 0 sends none.")
    soundcloud_daily_budget: Units = Field(500, description="Requests a day to SoundCloud; 0 sends none.")
    youtube_daily_budget: Units = Field(
        10_000, description="Units a day from YouTube, searches apart; Google's own limit is the default."
    )
    youtube_search_daily_budget: Units = Field(
        100, description="Searches a day on YouTube; Google's own limit is the default."
    )

    spotify_base_url: BaseUrl = Field("https://spotify23.p.rapidapi.com", description="Spotify through RapidAPI.")
    apple_music_base_url: BaseUrl = Field(
        "https://apple-music24.p.rapidapi.com", description="Apple Music through RapidAPI."
    )
    soundcloud_base_url: BaseUrl = Field(
        "https://soundcloud-scraper.p.rapidapi.com", description="SoundCloud through RapidAPI."
    )
    youtube_base_url: BaseUrl = Field("https://www.googleapis.com/youtube/v3", description="The YouTube Data API.")
    spotify_web_api_base_url: BaseUrl = Field("https://api.spotify.com/v1", description="The Spotify Web API.")
    spotify_accounts_base_url: BaseUrl = Field(
        "https://accounts.spotify.com", description="Where the Spotify Web API's tokens come from."
    )
    spotify_oembed_url: BaseUrl = Field(
        "https://open.spotify.com/oembed", description="Names and covers of Spotify playlists."
    )
    soundcloud_oembed_url: BaseUrl = Field(
        "https://soundcloud.com/oembed", description="Names and covers of SoundCloud playlists."
    )
    cloudflare_base_url: BaseUrl = Field("https://api.cloudflare.com/client/v4", description="The Cloudflare API.")

    django_secret_key: SecretStr | None = Field(
        None,
        description=f"Signs what Django hands out; {_SHORTEST_DJANGO_KEY} characters or more. Required in production.",
    )
    django_allowed_hosts: Hosts = Field(
        (), description="The host names that the API answers to: a,b,c or JSON. No * in production."
    )
    django_cors_origins: Origins = Field(
        (), description="The origins whose pages may call the API: a,b,c or JSON. No * in production."
    )

    alarm_urls: AlarmUrls | None = Field(
        None,
        description="Whom alarms are told: addresses as apprise writes them (mailtos://…, slack://…, jsons://… and many more), with "
        "spaces between several; a secret, since they hold passwords and tokens. tunemeld alarms test tries each.",
    )
    dagster_ui_url: LinkUrl | None = Field(
        None,
        description="Where people open Dagster's UI, for the links to runs in alarms, such as https://dagster.example.",
    )

    log_level: LogLevel = Field("INFO", description=f"The least severe messages to log: {', '.join(LOG_LEVELS)}.")
    log_format: Annotated[LogFormat, BeforeValidator(lower_case)] = Field(
        LogFormat.JSON,
        description="How lines look on standard error: json for machines, text for people. The files in TUNEMELD_HOME/logs are JSON.",
    )
    log_file_megabytes: float = Field(
        10,
        ge=0.001,
        le=1_000,
        allow_inf_nan=False,
        description="Megabytes after which a process begins a new log file.",
    )
    log_files_kept: int = Field(4, ge=0, le=1_000, description="How many full log files each process keeps.")
    log_days_kept: float = Field(
        14,
        gt=0,
        le=3_650,
        allow_inf_nan=False,
        description="Days after which log files of ended processes are removed.",
    )
    log_total_megabytes: int = Field(
        500, ge=1, le=1_000_000, description="Megabytes of all log files; beyond it the oldest of ended processes go."
    )

    # Not a setting: how this object came to be.
    provenance: Provenance = Field(Provenance(), exclude=True, repr=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: pydantic-settings by itself would take `home` from HOME, and read `.env` in testing."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings  # the signature is pydantic-settings' own
        return (init_settings,)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        environment = lower_case(values.get("environment", Environment.DEVELOPMENT))
        if environment not in list(Environment):
            return values
        filled = {**DEFAULTS_BY_ENVIRONMENT[Environment(environment)], **values}
        if "upstreams" not in filled:
            keys = [_plain(values.get(name)) for name in ("rapidapi_key", "youtube_api_key")]
            has_keys = all(key and not is_placeholder(key) for key in keys)
            filled["upstreams"] = Upstreams.LIVE if has_keys else Upstreams.SANDBOX
        return filled

    @model_validator(mode="after")
    def _obey_the_rules(self) -> Self:
        problems = [
            *self._incomplete_groups(),
            *self._database_problems(),
            *self._world_problems(),
            *self._deadline_problems(),
        ]
        if self.environment is Environment.PRODUCTION:
            problems += self._production_problems()
        if problems:
            raise _RulesBroken(self, problems)
        return self

    @property
    def database_name(self) -> str:
        """The database of this world: `tunemeld`, `tunemeld_sandbox`, `tunemeld_replay`; in testing `tunemeld_sandbox_test`."""
        suffix = _WORLD_SUFFIXES[self.upstreams]
        if self.environment is Environment.TESTING:
            return f"{self.mongodb_database.removesuffix(_TEST_SUFFIX)}{suffix}{_TEST_SUFFIX}"
        return f"{self.mongodb_database}{suffix}"

    @property
    def ranking(self) -> Ranking:
        """How the consensus weighs the lists."""
        return Ranking(
            rule=self.ranking_rule,
            phi=self.ranking_phi,
            weights={service: getattr(self, f"{service.slug}_weight") for service in Service},
            stale_discount=self.ranking_stale_discount,
        )

    @property
    def alarm_addresses(self) -> tuple[str, ...]:
        """The addresses of `alarm_urls`, one by one, in clear."""
        return tuple(_plain(self.alarm_urls).split())

    def missing_for(self, part: Part) -> list[Problem]:
        """What this part of the product needs and does not have; empty when it can start."""
        if part is Part.PIPELINE:
            if self.upstreams is not Upstreams.LIVE:
                return []
            sandbox_allowed = self.environment is not Environment.PRODUCTION
            instead = ", or set TUNEMELD_UPSTREAMS=sandbox to do without" if sandbox_allowed else ""
            return [
                Problem(name, f"is required to read live data; {remedy}{instead}")
                for name, remedy in (
                    ("rapidapi_key", "get a key at rapidapi.com"),
                    ("youtube_api_key", "get a key in the Google Cloud console"),
                )
                if not _plain(getattr(self, name))
            ]
        if self.environment is not Environment.PRODUCTION:
            return []
        problems = []
        key = _plain(self.django_secret_key)
        # A placeholder is reported by the rules that always hold.
        if len(key) < _SHORTEST_DJANGO_KEY and not (key and is_placeholder(key)):
            what = "is too short" if key else "is required in production"
            problems.append(
                Problem("django_secret_key", f"{what}; set {_SHORTEST_DJANGO_KEY} random characters or more")
            )
        if not self.django_allowed_hosts:
            problems.append(Problem("django_allowed_hosts", "is empty; list the API's host names"))
        return problems

    def require_pipeline(self) -> None:
        """Refuse to go on where the pipeline lacks a secret.

        Raises:
            SettingsError: lists every missing one.
        """
        _raise_if_any(self.missing_for(Part.PIPELINE))

    def require_django(self) -> None:
        """Refuse to go on where the API lacks a secret; it needs none of the upstreams' keys.

        Raises:
            SettingsError: lists every missing one.
        """
        _raise_if_any(self.missing_for(Part.DJANGO))

    def _incomplete_groups(self) -> list[Problem]:
        problems = []
        for names in (_SPOTIFY_PAIR, _CLOUDFLARE_TRIPLE):
            missing = [name for name in names if not _plain(getattr(self, name))]
            needed = names is _CLOUDFLARE_TRIPLE and self.cache is CacheBackend.CLOUDFLARE
            if needed:
                reason = "is required by TUNEMELD_CACHE=cloudflare; set it, or set TUNEMELD_CACHE=memory"
            else:
                present = " and ".join(variable_name(name) for name in names if name not in missing)
                reason = f"is missing beside {present}; set all of them or none"
            if needed or len(missing) < len(names):
                problems += [Problem(name, reason) for name in missing]
        return problems

    def _database_problems(self) -> list[Problem]:
        name = self.mongodb_database
        testing = self.environment is Environment.TESTING
        if testing and not name.endswith(_TEST_SUFFIX):
            return [Problem("mongodb_database", "must end in _test in testing, so that no test reaches what is real")]
        if not testing and name.endswith(_TEST_SUFFIX):
            return [Problem("mongodb_database", "ends in _test, which is for testing; choose another name")]
        if name.removesuffix(_TEST_SUFFIX).endswith(("_sandbox", "_replay")):
            return [Problem("mongodb_database", "leave out _sandbox or _replay; TUNEMELD_UPSTREAMS adds it")]
        if name in _SYSTEM_DATABASES:
            return [Problem("mongodb_database", "is one of MongoDB's own databases; choose another name")]
        return []

    def _world_problems(self) -> list[Problem]:
        problems = []
        if self.environment is Environment.TESTING and self.upstreams is Upstreams.LIVE:
            problems.append(Problem("upstreams", "live is refused in testing; set sandbox or replay"))
        if self.environment is Environment.PRODUCTION and self.upstreams is Upstreams.SANDBOX:
            problems.append(Problem("upstreams", "sandbox is refused in production; set live or replay"))
        if self.upstreams is Upstreams.REPLAY:
            if self.replay_dir is None:
                problems.append(Problem("replay_dir", "is required by TUNEMELD_UPSTREAMS=replay; name a folder"))
            elif not self.replay_dir.is_dir():
                problems.append(Problem("replay_dir", f"{self.replay_dir} is not a folder; name one that exists"))
        return problems

    def _deadline_problems(self) -> list[Problem]:
        return [
            Problem(shorter, f"is longer than {variable_name(longer)}; make it shorter")
            for shorter, longer in (
                ("etl_request_timeout", "etl_call_deadline"),
                ("etl_call_deadline", "etl_step_deadline"),
            )
            if getattr(self, shorter) > getattr(self, longer)
        ]

    def _production_problems(self) -> list[Problem]:
        problems = []
        if self.debug:
            problems.append(Problem("debug", "is refused in production; set it to false"))
        if self.mongodb_url is None:
            problems.append(Problem("mongodb_url", "is required in production; set the address of your MongoDB"))
        problems += [
            Problem(name, "is a placeholder; set the real value")
            for name in _CREDENTIALS
            if is_placeholder(_plain(getattr(self, name)))
        ]
        problems += [
            Problem(name, "* is refused in production; list the names")
            for name in ("django_allowed_hosts", "django_cors_origins")
            if any("*" in word for word in getattr(self, name))
        ]
        return problems


SETTING_NAMES = tuple(name for name in Settings.model_fields if name != "provenance")


def load_settings(
    env_file: Path | None = None,
    environment: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    needed_by: Collection[Part] = (),
) -> Settings:
    """The settings from overrides, process variables, one `.env` and the environment's defaults, the strongest first.

    Args:
        env_file: the only `.env` to read; by default the one that TUNEMELD_ENV_FILE names, else that in the working directory,
            else that in the checkout.
        environment: beats TUNEMELD_ENV.
        overrides: field name → value, for one command; None means not given.
        needed_by: the parts that are about to start; what they miss is reported with everything else.

    Raises:
        SettingsError: lists every problem, each with its variable's name and what to do; never a value of a secret.
    """
    settings, problems = examine_settings(env_file, environment, overrides)
    reported = {problem.field_name for problem in problems}
    for part in needed_by:
        problems += [problem for problem in settings.missing_for(part) if problem.field_name not in reported]
    protect(settings)
    _raise_if_any(problems)
    return settings


def examine_settings(
    env_file: Path | None = None, environment: str | None = None, overrides: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Problem]]:
    """The same, however broken: what the settings are without the values that cannot be used, and what is wrong with those."""
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    if environment is not None:
        given["environment"] = environment
    process = _by_field(os.environ)
    stated = {**process, **given}.get("environment")

    if env_file is None and os.environ.get(ENV_FILE_VARIABLE):
        env_file = Path(os.environ[ENV_FILE_VARIABLE])
    path, variables, complaints = None, dict[str, str](), list[str]()
    unreadable = []
    try:
        path = None if lower_case(stated) == Environment.TESTING else _find_env_file(env_file)
        variables, complaints = _read_env_file(path) if path else ({}, [])
    except SettingsError as error:
        unreadable = [Problem("env_file", str(error))]
    file = _by_field(variables)

    chosen = stated or file.get("environment", Environment.DEVELOPMENT)
    unknown = problem_of_environment(chosen)
    if unknown:
        chosen = Environment.DEVELOPMENT
    if lower_case(chosen) == Environment.TESTING and path:
        # The file said so itself: nothing else in it counts.
        variables, complaints, file = {}, [], {"environment": chosen}

    origins: dict[str, Origin] = {}
    for layer, origin in ((file, Origin.ENVIRONMENT_FILE), (process, Origin.VARIABLE), (given, Origin.OVERRIDE)):
        origins |= dict.fromkeys(layer, origin)
    if unknown:
        del origins["environment"]
    if path is not None and file.keys() & set(_CREDENTIALS) and open_to_others(path):
        complaints.append(f"{path}: holds secrets, and others on this machine can read it; {remedy(path)}")
    provenance = Provenance(path, origins, (*complaints, *_unknown_names(variables, path)))
    values = {**file, **process, **given, "environment": chosen, "provenance": provenance}

    settings, problems = _build(values)
    # Where the environment is not known, the rules of another would only mislead.
    return settings, unreadable + ([unknown] if unknown else problems)


def examine_values(values: Mapping[str, Any]) -> tuple[Settings, list[Problem]]:
    """The settings of these values alone, by field name; or, with the problems, what they would be without the malformed ones.

    An environment that is not known counts as development, beside its problem.
    """
    unknown = problem_of_environment(values.get("environment", Environment.DEVELOPMENT))
    if unknown is None:
        return _build(dict(values))
    settings, problems = _build({**values, "environment": Environment.DEVELOPMENT})
    return settings, [unknown, *problems]


def problem_of_environment(name: Any) -> Problem | None:
    """What is wrong with the name of an environment; None where there is one of that name."""
    if lower_case(name) in list(Environment):
        return None
    return Problem("environment", f"must be one of: {', '.join(Environment)}")


def _build(values: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """The settings, or, with the problems, what they would be without the malformed values, so that the rules are checked too."""
    try:
        return Settings(**values), []
    except ValidationError as error:
        problems: dict[str, Problem] = {}
        for item in error.errors(include_url=False, include_input=False):
            cause = item.get("ctx", {}).get("error")
            if isinstance(cause, _RulesBroken):
                return cause.settings, cause.problems
            name = str(item["loc"][0])
            problems.setdefault(name, Problem(name, str(cause) if cause else item["msg"]))
    kept = {name: value for name, value in values.items() if name not in problems}
    provenance = kept.get("provenance", Provenance())
    origins = {name: origin for name, origin in provenance.origins.items() if name not in problems}
    settings, rules = _build({**kept, "provenance": replace(provenance, origins=origins)})
    return settings, [*problems.values(), *(rule for rule in rules if rule.field_name not in problems)]


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise SettingsError(
            "the settings cannot be used, mend these:\n" + "\n".join(f"  {problem}" for problem in problems)
        )


def _by_field(variables: Mapping[str, str]) -> dict[str, str]:
    """Field name → value of the settings among `variables`; an empty value counts as not set."""
    found = {name: variables.get(variable_name(name), "").strip() for name in SETTING_NAMES}
    return {name: value for name, value in found.items() if value}


def _find_env_file(env_file: Path | None) -> Path | None:
    if env_file is not None:
        if not env_file.is_file():
            raise SettingsError(
                f"{env_file}: there is no such environment file; copy .env.example, or leave --env-file out"
            )
        return env_file.absolute()
    folders = filter(None, [_working_folder(), project_root()])
    return next((folder / ".env" for folder in folders if os.path.isfile(folder / ".env")), None)  # noqa: PTH113


def _working_folder() -> Path | None:
    """None where somebody removed it meanwhile, which is no reason to refuse what needs no folder."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _read_env_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """The names and values in a `.env`, taken literally (no `${…}`), and a sentence on each line that is none."""
    variables: dict[str, str] = {}
    complaints = []
    try:
        text = read_small_text(path).removeprefix("\ufeff")
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); check what it is, and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    for binding in parse_stream(StringIO(text, newline=None)):
        if binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
        elif binding.key is not None or binding.error:
            # Such a line may be a part of a secret: say where it is, not what it says.
            complaints.append(f"{path}, line {binding.original.line}: not NAME=value; the line is left out")
    return variables, complaints


def _unknown_names(variables: Mapping[str, str], path: Path | None) -> list[str]:
    known = [variable_name(name) for name in SETTING_NAMES]
    sentences = []
    for name in list(variables)[:MOST_NAMES]:
        if name not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else "no setting has a name like it"
            sentences.append(f"{path}: unknown name {name}; {hint}")
    return sentences
