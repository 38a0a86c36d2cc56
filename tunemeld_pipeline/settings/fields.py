"""Every setting of our own, with its meaning, its default and its valid values.

Importing this module reads nothing: `declared.py` adds the settings of the installed services, `sources.py` reads the environment and
`.env`, `rules.py` checks which values fit together, and `settings.py` builds the one object from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tunemeld_pipeline.charts.documents import Phi, RankingRule, StaleDiscount
from tunemeld_pipeline.charts.ranking import STANDARD
from tunemeld_pipeline.settings.choices import CacheBackend, Environment, LogFormat, Upstreams
from tunemeld_pipeline.settings.formats import (
    LOG_LEVELS,
    SHORTEST_TOKEN,
    AbsolutePath,
    AlarmUrls,
    BaseUrl,
    BrokerUrl,
    Contact,
    Contacts,
    CronExpression,
    HeartbeatUrl,
    Hosts,
    LinkUrl,
    LogLevel,
    LoopbackUrl,
    MongoUrl,
    MonitoringToken,
    Origins,
    PostgresUrl,
    RateLimit,
    Seconds,
    TrustedProxies,
    lower_case,
)
from tunemeld_pipeline.settings.places import project_root, working_folder

SHORTEST_DJANGO_KEY = 32
"""Characters. Shorter than Django's own advice (50), but too long for anybody to have typed it."""

DEFAULT_RATE_LIMIT = "600/minute"
"""A page loads some twenty files, and a program that follows every genre asks far less; a whole office may share an address."""


class Origin(StrEnum):
    """Where a value came from, weakest first."""

    DEFAULT = "default"
    ENVIRONMENT_FILE = "environment file"
    VARIABLE = "variable"
    OPTION = "option"
    """Of the command line, or what a caller gives in its place."""


@dataclass(frozen=True)
class Provenance:
    """How a settings object came to be.

    Attributes:
        env_file: the `.env` that was read, if any.
        origins: field name → origin; a field that is missing here has its default.
        warnings: what to report about the `.env`, one sentence each.
    """

    env_file: Path | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)
    warnings: tuple[str, ...] = ()

    def origin(self, field_name: str) -> Origin:
        """Where the value of this field came from."""
        return self.origins.get(field_name, Origin.DEFAULT)


def _package_version() -> str:
    # Imported here, because it also loads `email`, `csv` and `zipfile`.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tunemeld")
    except PackageNotFoundError:
        return "unknown"


def _default_home() -> Path:
    return (project_root() or working_folder() or Path.home()) / ".tunemeld"


class Fields(BaseSettings):
    """The fields of our own settings, without the rules that combine them. Frozen; secrets never show in its repr or dumps."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        # Otherwise a pydantic error prints the rejected value, which may be a URL with a password.
        hide_input_in_errors=True,
        # Building the validators takes longer than importing this module; a command that only shows help needs none.
        defer_build=True,
    )

    environment: Annotated[Environment, BeforeValidator(lower_case)] = Field(
        Environment.DEVELOPMENT,
        description="The purpose of this installation; it selects the defaults below. Staging runs as production.",
    )
    app_name: str = Field("TuneMeld", min_length=1, description="The name in log lines and in the User-Agent.")
    app_version: str = Field(default_factory=_package_version, description="The version; by default, the package's.")
    debug: bool = Field(False, description="Show details of errors. Refused in production.")
    home: AbsolutePath = Field(
        default_factory=_default_home,
        description="The folder for local data: the database, Dagster's records, logs. Default: .tunemeld in the checkout, "
        "or in the working directory if there is no checkout.",
    )
    dagster_home: AbsolutePath | None = Field(
        None,
        description="Dagster's folder, with your own dagster.yaml. Unset: dagster/ in TUNEMELD_HOME, with the packaged dagster.yaml.",
    )

    dagster_days_kept: float = Field(
        90,
        gt=0,
        le=36_500,
        allow_inf_nan=False,
        description="Days after which a weekly job removes ended runs from Dagster's records.",
    )

    upstreams: Annotated[Upstreams, BeforeValidator(lower_case)] = Field(
        Upstreams.SANDBOX,
        description="Where data comes from: live calls the services, sandbox invents data on this machine, replay plays "
        "recorded answers. Default in development: live if every key is set that the packaged services and counts need, else sandbox. "
        "Production refuses sandbox, testing refuses live.",
    )
    live_pages: bool = Field(
        False,
        description="Whether the services' public pages may be read unattended, once a day: yes is your consent to the terms of each "
        "(docs/services.md). No: only those pages that TUNEMELD_SERVICE_SOURCES names.",
    )
    replay_dir: AbsolutePath | None = Field(
        None, description="The folder of recorded answers, DATE/GENRE/SOURCE.json. Required by replay."
    )
    sandbox_url: LoopbackUrl | None = Field(
        None, description="The root of a running sandbox on this machine. Unset: one is started when needed."
    )
    sandbox_seed: int = Field(
        1, ge=0, description="Selects the sandbox's invented world; the same seed gives the same world."
    )
    catalog_file: AbsolutePath | None = Field(
        None, description="A TOML file of genres and playlists that replaces the packaged one."
    )
    page_folder: AbsolutePath | None = Field(
        None,
        description="The folder of a built page, with its index.html, for the API to serve. Unset: the page that `make page` built, or "
        "the one in the package.",
    )
    cache: Annotated[CacheBackend, BeforeValidator(lower_case)] = Field(
        CacheBackend.MEMORY,
        description="Where to cache rendered responses: memory, or cloudflare, which needs the three CLOUDFLARE_ settings.",
    )

    mongodb_url: MongoUrl | None = Field(
        None,
        description="The MongoDB server, mongodb://… or mongodb+srv://…; a secret, because it contains the password. Unset outside "
        "production: a local server is started. Required in production.",
    )
    mongodb_database: str = Field(
        "tunemeld",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$",
        description="The live database's name. Sandbox and replay add _sandbox and _replay to it, which keeps the three "
        "apart. Ends in _test in testing, and only there.",
    )
    backup_dir: AbsolutePath | None = Field(
        None,
        description="The folder for a backup a day, which is tried out in a scratch database; best on another disk. Unset: none is made.",
    )
    backup_keep: int = Field(7, ge=1, le=10_000, description="How many of the newest backups stay in BACKUP_DIR.")

    dump_dir: AbsolutePath | None = Field(
        None,
        description="The folder of a public dump of all charts, lists and histories as Parquet files, made each month and served under "
        "/dumps/; needs the extra tunemeld[dumps]. tunemeld db dump --dry-run says how large it is. Unset: none is made.",
    )
    dump_months: int | None = Field(
        None, ge=1, le=10_000, description="How many of the newest months the dump holds. Unset: all that are kept."
    )

    postgres_url: PostgresUrl | None = Field(
        None,
        description="Where Dagster keeps its records, if several machines share them: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, best "
        "that of a pgbouncer; a secret. Each of live, sandbox and replay needs a database of its own. Needs the extra tunemeld[cluster]. "
        "Unset: SQLite, in TUNEMELD_HOME.",
    )
    broker_url: BrokerUrl | None = Field(
        None,
        description="The Redis through which runs reach the workers: redis://:PASSWORD@HOST:PORT/0, or rediss:// with TLS; a secret. "
        "Needs POSTGRES_URL, MONGODB_URL and workers (tunemeld worker). Unset: each run is a process on the daemon's machine.",
    )
    cluster_slots: int = Field(
        4,
        ge=1,
        le=1_000,
        description="With BROKER_URL: the most runs that are under way at once, the slots of all workers together.",
    )
    worker_slots: int = Field(2, ge=1, le=100, description="How many runs one worker does at once.")

    cloudflare_account_id: str | None = Field(
        None, description="Cloudflare Workers KV: the account. Set all three CLOUDFLARE_ settings or none."
    )
    cloudflare_namespace_id: str | None = Field(None, description="Cloudflare Workers KV: the namespace.")
    cloudflare_api_token: SecretStr | None = Field(
        None, description="Cloudflare Workers KV: a token with read and write access."
    )

    upstream_contact: Contact = Field(
        "https://tunemeld.com",
        description="How those who run a service can reach you: https://… or mailto:…, in the User-Agent of every request.",
    )
    etl_batch_size: int = Field(100, ge=1, le=100_000, description="The most operations in one bulk write.")
    etl_thread_count: int = Field(
        10, ge=1, le=500, description="Concurrent requests per upstream, within that upstream's rate limit."
    )
    etl_retry_attempts: int = Field(3, ge=1, le=20, description="Tries of one upstream call, including the first.")
    etl_retry_delay: float = Field(
        5,
        ge=0,
        le=3_600,
        allow_inf_nan=False,
        description="Seconds before the second try; doubled for each further one.",
    )
    etl_request_timeout: Seconds = Field(20, description="Seconds that one try waits for an answer.")
    etl_call_deadline: Seconds = Field(
        120, description="Seconds that one upstream call may take, including all its tries."
    )
    etl_step_deadline: Seconds = Field(900, description="Seconds that all upstream calls of one asset's step may take.")
    daily_refresh_cron: CronExpression = Field(
        "30 2 * * *", description="When the daily refresh starts, UTC: a cron expression of five fields."
    )

    daily_refresh: bool = Field(
        False,
        description="Whether the daily refresh starts on its own where Dagster's daemon runs, unless somebody switched it in "
        "the UI. `tunemeld start` switches it on, unless you set it.",
    )

    ranking_rule: Annotated[RankingRule, BeforeValidator(lower_case)] = Field(
        STANDARD.rule,
        description="The rule that orders the consensus: centroids, the weighted positions on all lists; or an older rule, for "
        "comparison: priority, the position on the list that comes first in the older system's order; sum, the sum of the positions.",
    )
    ranking_phi: Phi = Field(
        STANDARD.phi,
        description="How far down an imagined reader reads a list: each row counts this fraction of the row above it.",
    )
    ranking_stale_discount: StaleDiscount = Field(
        STANDARD.stale_discount,
        description="The fraction of its weight that a service keeps while an older list stands in for a failed one; 1 keeps all.",
    )
    match_overrides: AbsolutePath | None = Field(
        None,
        description="A reviewed TOML file of rows that are, or are not, the same recording, and of artists' aliases; applied first.",
    )

    cloudflare_base_url: BaseUrl = Field("https://api.cloudflare.com/client/v4", description="The Cloudflare API.")

    django_secret_key: SecretStr | None = Field(
        None,
        description=f"The key for Django's signatures; {SHORTEST_DJANGO_KEY} characters or more. Required in production.",
    )
    django_allowed_hosts: Hosts = Field(
        (), description="The host names that the API serves: a,b,c or JSON. No * in production."
    )
    django_cors_origins: Origins = Field(
        (),
        description="The origins whose pages may call the API: a,b,c or JSON; * means all of them. No * in production.",
    )

    api_pages_megabytes: int = Field(
        256,
        ge=16,
        le=65_536,
        description="Megabytes of answers that each worker of the API keeps in memory, besides the 130 to 190 that it takes by itself; the "
        "genres asked for longest ago leave first.",
    )
    rate_limit: RateLimit | None = Field(
        None,
        description=f"The requests that one client address may make: 600/minute, 10/second, 20000/hour; off for no limit. Unset: "
        f"{DEFAULT_RATE_LIMIT} for all addresses but this machine's own; a value counts for those too.",
    )
    trusted_proxies: TrustedProxies = Field(
        (),
        description="Which proxies in front of the API say in X-Forwarded-For who the client is: how many there are, such as 1, or their "
        "networks: a,b,c or JSON. Unset: none, and the client is who connects.",
    )
    monitoring_public: bool = Field(
        True,
        description="Whether anybody may read /metrics and /health. /health/live and /health/ready are always open.",
    )
    monitoring_token: MonitoringToken | None = Field(
        None,
        description=f"The token that opens /metrics and /health where they are not public, as Authorization: Bearer …; "
        f"{SHORTEST_TOKEN} characters or more. Requests with it are never limited.",
    )
    security_contact: Contacts = Field(
        (),
        description="Where to report a weakness, in /.well-known/security.txt: mailto:…, https://… or tel:…, separated by commas, the "
        "preferred one first. Needs SECURITY_CONTACT_EXPIRES. Unset: there is no such file.",
    )
    security_contact_expires: date | None = Field(
        None,
        description="The UTC day until which SECURITY_CONTACT holds, such as 2027-01-31; best less than a year away.",
    )

    alarm_urls: AlarmUrls | None = Field(
        None,
        description="Where alarms go: addresses in apprise's form (mailtos://…, slack://…, jsons://… and many more), separated by "
        "spaces; a secret, because they contain passwords and tokens. tunemeld alarms test tries each.",
    )
    heartbeat_url: HeartbeatUrl | None = Field(
        None,
        description="A dead man's switch, as healthchecks.io and its self-hosted kin give: called at the end of each day on which every "
        "genre was refreshed, and with /fail after its path if one failed. It raises the alarm when no call comes; a secret.",
    )
    dagster_ui_url: LinkUrl | None = Field(
        None,
        description="The address of Dagster's UI, such as https://dagster.example: for the links to runs in alarms, and the host that a "
        "proxy in front may ask for.",
    )

    log_level: LogLevel = Field("INFO", description=f"The lowest level to log: {', '.join(LOG_LEVELS)}.")
    log_format: Annotated[LogFormat, BeforeValidator(lower_case)] = Field(
        LogFormat.JSON,
        description="The form of lines on standard error: json for machines, text for people. The files in TUNEMELD_HOME/logs are JSON.",
    )
    log_file_megabytes: float = Field(
        10,
        ge=0.001,
        le=1_000,
        allow_inf_nan=False,
        description="Megabytes after which a process starts a new log file.",
    )
    log_files_kept: int = Field(4, ge=0, le=1_000, description="The number of full log files that each process keeps.")
    log_days_kept: float = Field(
        14,
        gt=0,
        le=3_650,
        allow_inf_nan=False,
        description="Days after which log files of ended processes are removed.",
    )
    log_total_megabytes: int = Field(
        500,
        ge=1,
        le=1_000_000,
        description="Megabytes for all log files; beyond this, the oldest files of ended processes are removed.",
    )

    # Not a setting: how this object was made.
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
        """Only the values passed in: pydantic-settings would otherwise take `home` from HOME, and read `.env` in testing."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings  # the signature is pydantic-settings' own
        return (init_settings,)
