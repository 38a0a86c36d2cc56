"""The rules between settings; each returns the problems that it finds. `formats.py` judges single values."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tunemeld_pipeline.errors import CatalogError, SettingsError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.settings.choices import (
    SOURCES_SUFFIX,
    CacheBackend,
    Component,
    Environment,
    Upstreams,
    variable_name,
)
from tunemeld_pipeline.settings.configured import lacking, usable_sources
from tunemeld_pipeline.settings.declared import DECLARED_CREDENTIALS, TOGETHER, setting
from tunemeld_pipeline.settings.fields import SHORTEST_DJANGO_KEY, Fields
from tunemeld_pipeline.settings.formats import is_placeholder, plain

CLOUDFLARE_TRIPLE = ("cloudflare_account_id", "cloudflare_namespace_id", "cloudflare_api_token")
CREDENTIALS = (
    "mongodb_url",
    "postgres_url",
    "broker_url",
    *DECLARED_CREDENTIALS,
    *CLOUDFLARE_TRIPLE,
    "django_secret_key",
    "monitoring_token",
    "alarm_urls",
    "heartbeat_url",
)
CLUSTER_PACKAGES = {"postgres_url": "dagster_postgres", "broker_url": "dagster_celery"}
_SYSTEM_DATABASES = {"admin", "config", "local"}
TEST_SUFFIX = "_test"


@dataclass(frozen=True)
class SettingProblem:
    """One reason why the settings cannot be used, and what to do; never holds a value of a secret."""

    field_name: str
    message: str

    def __str__(self) -> str:
        return f"{variable_name(self.field_name)}: {self.message}"


def broken_rules(settings: Fields) -> list[SettingProblem]:
    """Which of these settings contradict each other; empty when they can be used."""
    problems = [
        *_incomplete_groups(settings),
        *_database_problems(settings),
        *_cluster_problems(settings),
        *_world_problems(settings),
        *_deadline_problems(settings),
    ]
    if settings.environment is Environment.PRODUCTION:
        problems += _production_problems(settings)
    return problems


def own_dagster_folder(settings: Fields) -> Path:
    """Where Dagster keeps this world's runs, unless `dagster_home` names another place."""
    return settings.home / "dagster" / settings.upstreams.value


def missing_for(settings: Fields, part: Component) -> list[SettingProblem]:
    """What this part of the product needs but lacks; empty when it can start."""
    if part is Component.PIPELINE:
        return _no_list(settings)
    if settings.environment is not Environment.PRODUCTION:
        return []
    problems = []
    key = plain(settings.django_secret_key)
    # Placeholders are reported by the rules that always apply.
    if len(key) < SHORTEST_DJANGO_KEY and not (key and is_placeholder(key)):
        what = "is too short" if key else "is required in production"
        problems.append(
            SettingProblem("django_secret_key", f"{what}; set {SHORTEST_DJANGO_KEY} random characters or more")
        )
    if not settings.django_allowed_hosts:
        problems.append(SettingProblem("django_allowed_hosts", "is empty; list the API's host names"))
    return problems


def _no_list(settings: Fields) -> list[SettingProblem]:
    """What would configure the catalogue's services by the source that each prefers, where none is; nothing where one is."""
    services = _catalogued(settings)
    if any(usable_sources(settings, service) for service in services):
        return []
    sources = [registry.installed(service).sources[0] for service in services]
    wanted = dict.fromkeys(name for source in sources for name in lacking(settings, source))
    return required(settings, tuple(wanted), _without_a_key(settings)) or [
        SettingProblem(
            f"{registry.slug_of(services[0])}{SOURCES_SUFFIX}",
            f"is required to read live data: every source of {registry.name_of(services[0])} needs your consent; name one",
        )
    ]


def _without_a_key(settings: Fields) -> str:
    """What would do instead of a key, where there is something."""
    pages = [
        source
        for service in _catalogued(settings)
        for source in registry.installed(service).sources
        if not source.needs and source.terms and source.terms.consent
    ]
    return f", or set {variable_name('live_pages')}=yes to read public pages (docs/live.md)" if pages else ""


def required(settings: Fields, names: tuple[str, ...], instead_of_a_key: str = "") -> list[SettingProblem]:
    """What is wrong where these declared settings have no value."""
    sandbox_allowed = settings.environment is not Environment.PRODUCTION
    instead = ", or set TUNEMELD_UPSTREAMS=sandbox to do without" if sandbox_allowed else ""
    return [
        SettingProblem(
            name.lower(),
            f"is required to read live data; {setting(name).obtain or 'set it'}{instead_of_a_key}{instead}",
        )
        for name in names
    ]


def _catalogued(settings: Fields) -> list[str]:
    """The services that the catalogue names; all of them where it cannot be read, which is a problem of its own."""
    try:
        return registry.in_order(registry.load_catalog(settings.catalog_file).services())
    except CatalogError:
        return list(registry.keys())


def _incomplete_groups(settings: Fields) -> list[SettingProblem]:
    problems = []
    declared = [tuple(name.lower() for name in names) for names in TOGETHER]
    for names in (*declared, CLOUDFLARE_TRIPLE):
        missing = [name for name in names if not plain(getattr(settings, name))]
        needed = names is CLOUDFLARE_TRIPLE and settings.cache is CacheBackend.CLOUDFLARE
        if needed:
            reason = "is required by TUNEMELD_CACHE=cloudflare; set it, or set TUNEMELD_CACHE=memory"
        else:
            present = " and ".join(variable_name(name) for name in names if name not in missing)
            reason = f"is needed together with {present}; set all of them or none"
        if needed or len(missing) < len(names):
            problems += [SettingProblem(name, reason) for name in missing]
    if bool(settings.security_contact) != (settings.security_contact_expires is not None):
        lacking = "security_contact_expires" if settings.security_contact else "security_contact"
        problems.append(
            SettingProblem(lacking, "is needed in a security.txt; set the contact and its last day, or neither")
        )
    return problems


def _database_problems(settings: Fields) -> list[SettingProblem]:
    name = settings.mongodb_database
    testing = settings.environment is Environment.TESTING
    if testing and not name.endswith(TEST_SUFFIX):
        return [SettingProblem("mongodb_database", "must end in _test in testing, so that no test reaches real data")]
    if not testing and name.endswith(TEST_SUFFIX):
        return [SettingProblem("mongodb_database", "ends in _test, which is for testing; choose another name")]
    if name.removesuffix(TEST_SUFFIX).endswith(("_sandbox", "_replay")):
        return [SettingProblem("mongodb_database", "leave out _sandbox or _replay; TUNEMELD_UPSTREAMS adds it")]
    if name in _SYSTEM_DATABASES:
        return [SettingProblem("mongodb_database", "is one of MongoDB's own databases; choose another name")]
    return []


def _cluster_problems(settings: Fields) -> list[SettingProblem]:
    """What hinders several machines from sharing Dagster's records and runs."""
    problems = [
        SettingProblem(name, "needs the extra that brings its packages; run: pip install 'tunemeld[cluster]'")
        for name, package in CLUSTER_PACKAGES.items()
        if getattr(settings, name) is not None and find_spec(package) is None
    ]
    # What a command starts has the name of our own folder.
    if settings.postgres_url is not None and settings.dagster_home not in (None, own_dagster_folder(settings)):
        problems.append(
            SettingProblem(
                "postgres_url",
                "is not read where DAGSTER_HOME has a dagster.yaml of your own; leave one of the two out",
            )
        )
    if settings.broker_url is None:
        return problems
    if settings.postgres_url is None:
        what = "is needed with BROKER_URL: workers write their runs' records into it; set it, or leave BROKER_URL out"
        problems.append(SettingProblem("postgres_url", what))
    if settings.mongodb_url is None:
        what = "is needed with BROKER_URL: no other machine reaches a local server; set it, or leave BROKER_URL out"
        problems.append(SettingProblem("mongodb_url", what))
    if settings.worker_slots > settings.cluster_slots:
        what = f"is more than CLUSTER_SLOTS, which is {settings.cluster_slots}; raise that to the slots of all workers"
        problems.append(SettingProblem("worker_slots", what))
    return problems


def _world_problems(settings: Fields) -> list[SettingProblem]:
    problems = []
    if settings.environment is Environment.TESTING and settings.upstreams is Upstreams.LIVE:
        problems.append(SettingProblem("upstreams", "live is refused in testing; set sandbox or replay"))
    if settings.environment is Environment.PRODUCTION and settings.upstreams is Upstreams.SANDBOX:
        problems.append(SettingProblem("upstreams", "sandbox is refused in production; set live or replay"))
    if settings.upstreams is Upstreams.REPLAY:
        if settings.replay_dir is None:
            problems.append(SettingProblem("replay_dir", "is required by TUNEMELD_UPSTREAMS=replay; name a folder"))
        elif not settings.replay_dir.is_dir():
            problems.append(
                SettingProblem("replay_dir", f"{settings.replay_dir} is not a folder; name one that exists")
            )
    return problems


def _deadline_problems(settings: Fields) -> list[SettingProblem]:
    return [
        SettingProblem(shorter, f"is longer than {variable_name(longer)}; make it shorter")
        for shorter, longer in (
            ("etl_request_timeout", "etl_call_deadline"),
            ("etl_call_deadline", "etl_step_deadline"),
        )
        if getattr(settings, shorter) > getattr(settings, longer)
    ]


def _production_problems(settings: Fields) -> list[SettingProblem]:
    problems = []
    if settings.debug:
        problems.append(SettingProblem("debug", "is refused in production; set it to false"))
    if settings.mongodb_url is None:
        problems.append(SettingProblem("mongodb_url", "is required in production; set the address of your MongoDB"))
    problems += [
        SettingProblem(name, "is a placeholder; set the real value")
        for name in CREDENTIALS
        if is_placeholder(plain(getattr(settings, name)))
    ]
    problems += [
        SettingProblem(name, "* is refused in production; list the names")
        for name in ("django_allowed_hosts", "django_cors_origins")
        if any("*" in word for word in getattr(settings, name))
    ]
    return problems


def raise_if_any(problems: list[SettingProblem]) -> None:
    """Raises SettingsError with every problem, if there are any."""
    if problems:
        raise SettingsError(
            "the settings cannot be used; fix these:\n" + "\n".join(f"  {problem}" for problem in problems)
        )
