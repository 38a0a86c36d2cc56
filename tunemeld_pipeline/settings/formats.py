"""What a valid value of a setting looks like: addresses, hosts, lists, cron expressions, placeholders.

Each format is a pydantic type that judges a single value. Its message says what to write instead and never repeats the value. Rules
between settings are in `rules.py`.
"""

import json
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from tunemeld_pipeline.settings import cron
from tunemeld_pipeline.suggestions import did_you_mean

SHORTEST_TOKEN = 16
"""Characters of a token that somebody may try to guess over the network."""

POSTGRES_DRIVER = "postgresql+psycopg2"
"""How SQLAlchemy is to be asked for the driver that Dagster works with: of `postgresql://`, 2.1 makes another one."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_PLACEHOLDER = re.compile(
    r"<[^>]*>|change[-_ ]?me|replace[-_ ]?(me|this|with)|placeholder|django-insecure-|^(your|insert|example)[-_ ]"
    r"|^(x{3,}|\*+|\.+|…|todo|tbd|none|null|test|dummy|secret|password|key|token)$",
    re.IGNORECASE,
)


UNREADABLE = (
    "is not an address that MongoDB's driver can read; write mongodb://HOST:PORT/DATABASE, the port a number up to 65535, an IPv6"
    " address in brackets"
)
ESCAPING = (
    "is not an address that MongoDB's driver can read; write mongodb://USER:PASSWORD@HOST:PORT/, and in user and password %40 for @,"
    " %2F for /, %3A for :, %25 for % and so on"
)

REFUSALS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number, and not infinite",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must begin with a letter, and hold at most 40 letters, digits, - and _",
    "extra_forbidden": "is no setting",
}
"""pydantic's kind of error → what to write instead; the one setting with a pattern is MONGODB_DATABASE."""


def plain(value: Any) -> str:
    """A secret, or any other value, as text; None becomes empty text."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def lower_case(value: Any) -> Any:
    """A word such as `Production` in lower case, for comparing; anything but text is unchanged."""
    return value.strip().lower() if isinstance(value, str) else value


def _absolute(path: Path) -> Path:
    if "\x00" in str(path):
        raise ValueError("holds a NUL character, which no path has")
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError(
            "begins with the home of a user whom this machine does not know; write the whole path"
        ) from None


def words(value: Any) -> Any:
    """The words of a list that is written `a,b,c` or as JSON; anything but text is unchanged."""
    if not isinstance(value, str):
        return value
    # An IPv6 address among hosts begins with a bracket too: `[::1]`.
    if re.match(r"\s*\[(?![0-9a-fA-F:.]*:[0-9a-fA-F:.]*\])", value):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ValueError('is not a JSON list; write a,b,c or ["a", "b", "c"]') from None
    return [word.strip() for word in value.split(",") if word.strip()]


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(f"Log level must be one of: {', '.join(LOG_LEVELS)}{did_you_mean(value, LOG_LEVELS)}")
    return value.upper()


def _mongodb_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("MongoDB URL must start with mongodb:// or mongodb+srv://")
    if not url.partition("://")[2].partition("/")[0].rpartition("@")[2]:
        raise ValueError("names no host; write mongodb://HOST:PORT, and %2F for each / in the path of a socket")
    _refuse_unreadable(url)
    return value


def _refuse_unreadable(url: str) -> None:
    """Refuses what MongoDB's driver cannot read, without looking a name up, as it would for mongodb+srv://."""
    rest = url.partition("://")[2]
    hosts, _, options = rest.rpartition("?") if "?" in rest.rpartition("@")[2] else (rest, "", "")
    if _why_unreadable(f"mongodb://{hosts}") is not None:
        raise ValueError(ESCAPING if "@" in rest else UNREADABLE)
    if url.startswith("mongodb+srv://") and re.search(r",|:\d+$", hosts.rpartition("@")[2].partition("/")[0]):
        raise ValueError("names one host without a port where it begins with mongodb+srv://")
    for option in filter(None, re.split("[&;]", options)):
        name = option.partition("=")[0]
        if (why := _why_unreadable(f"mongodb://host/?{option}")) is not None:
            known = "" if why.startswith("Unknown option") else "; look its values up in MongoDB's connection strings"
            raise ValueError(
                f"has the option {name} that MongoDB's driver cannot use{known}; change it or leave it out"
            )
    if _why_unreadable(f"mongodb://{rest}") is not None:
        raise ValueError("has options that contradict one another; leave one of them out")


def _why_unreadable(url: str) -> str | None:
    """The driver's words, which may hold part of a password where the address does."""
    from pymongo.errors import PyMongoError  # half of what a command takes that needs no database
    from pymongo.uri_parser import parse_uri

    try:
        parse_uri(url, validate=True, warn=False)
    except (PyMongoError, ValueError, OSError, TypeError) as error:
        return str(error)
    return None


def refusal(kind: str, limits: Mapping[str, Any], value: Any, otherwise: str) -> str:
    """Why a value is refused, for people.

    Args:
        kind: the type of pydantic's error.
        limits: its context, by name.
        value: what was refused; only a choice between words looks at it.
        otherwise: pydantic's own message, for a kind that has no sentence here.
    """
    bounds = {
        "greater_than": "gt",
        "greater_than_equal": "ge",
        "less_than": "lt",
        "less_than_equal": "le",
    }
    if kind in bounds:
        words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
        return f"must be {words[bounds[kind]]} {_number(limits[bounds[kind]])}"
    if kind == "enum":
        choices = str(limits["expected"]).replace("'", "").replace(" or ", ", ")
        return f"must be one of: {choices}{did_you_mean(str(value), choices.split(', '))}"
    return REFUSALS.get(kind, otherwise)


def _number(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(value: str, on_credentials: str) -> SplitResult:
    """The parts of an http(s) address without credentials, query or fragment."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not an address; write https://HOST/PATH") from None
    if parts.scheme not in ("http", "https") or not host or any(character.isspace() for character in value):
        raise ValueError("is not an http(s) address; write https://HOST/PATH")
    if "@" in parts.netloc:
        raise ValueError(f"holds a user name or password{on_credentials}")
    if parts.query or parts.fragment:
        raise ValueError("must end with the path; drop what follows ? or #")
    return parts


def _base_url(value: str) -> str:
    parts = _address(value, "; keys have settings of their own")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("plain http is for this machine only; write https://")
    return value.rstrip("/")


def _loopback_url(value: str) -> str:
    if not is_loopback(urlsplit(value).hostname or ""):
        raise ValueError("must be on this machine, such as http://127.0.0.1:8899")
    return value


def _link_url(value: str) -> str:
    _address(value, ", and goes into messages; leave them out")
    return value.rstrip("/")


def _alarm_urls(value: SecretStr) -> SecretStr:
    for number, url in enumerate(value.get_secret_value().split(), start=1):
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", url):
            raise ValueError(f"number {number} is no address; write SERVICE://…, with spaces between several")
        if re.search(r"[?&]verify=(no|0|false|off|n|f)\b", url, re.IGNORECASE):
            raise ValueError(f"number {number} says verify=no, which lets anybody read the alarms; leave it out")
    return value


def _postgres_url(value: SecretStr) -> SecretStr:
    scheme, _, rest = value.get_secret_value().partition("://")
    if scheme not in ("postgresql", "postgres", POSTGRES_DRIVER) or not _names_host(rest) or not _path_of(rest):
        raise ValueError("is no Postgres address; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return SecretStr(f"{POSTGRES_DRIVER}://{rest}")


def _broker_url(value: SecretStr) -> SecretStr:
    scheme, _, rest = value.get_secret_value().partition("://")
    if scheme not in ("redis", "rediss") or not _names_host(rest):
        raise ValueError("is no address of Redis; write redis://:PASSWORD@HOST:PORT/0, or rediss:// with TLS")
    return value


def _names_host(rest: str) -> bool:
    """Whether an address names a host and, if any, a port that can be one; `rest` is what follows ://."""
    try:
        parts = urlsplit(f"//{rest}")
        return bool(parts.hostname) and parts.port != 0 and not any(character.isspace() for character in rest)
    except ValueError:
        return False


def _path_of(rest: str) -> str:
    return urlsplit(f"//{rest}").path.strip("/")


def _heartbeat_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(character.isspace() for character in url):
        raise ValueError("is not an http(s) address; write https://HOST/PATH")
    if parts.fragment:
        raise ValueError("must not hold a #, which no server gets to see")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("is a secret, and plain http is for this machine only; write https://")
    return value


def _allowed_host(value: str) -> str:
    if not re.fullmatch(r"\*|\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:.]+\]", value):
        raise ValueError("must hold bare host names, such as tunemeld.com, without scheme, port or path")
    return value


def _origin(value: str) -> str:
    if value != "*" and not re.fullmatch(r"https?://[^\s/?#@]+", value):
        raise ValueError("must hold origins, such as https://tunemeld.com, without a path")
    return value


def _rate_limit(value: str) -> str:
    written = value.strip().lower()
    if written == "off":
        return written
    found = re.fullmatch(r"([1-9]\d{0,8})\s*/\s*(second|minute|hour|day)", written)
    if found is None:
        raise ValueError("must be a number per second, minute, hour or day, such as 600/minute, or off")
    return f"{found[1]}/{found[2]}"


def _trusted_proxy(value: str) -> str:
    if re.fullmatch(r"\d{1,2}", value):
        return value
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("must hold how many proxies there are, such as 1, or networks, such as 10.0.0.0/8") from None


def _trusted_proxies(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > 1 and any(one.isdigit() for one in value):
        raise ValueError("must hold a number alone, or networks alone")
    return value


def _contact(value: str) -> str:
    if not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://[^\s]+|tel:[+0-9().-]+)", value):
        raise ValueError(
            "must hold addresses such as mailto:security@tunemeld.example or https://tunemeld.example/security"
        )
    return value


def _one_contact(value: str) -> str:
    if not re.fullmatch(r"(mailto:[!-~]+@[!-~]+|https://[!-~]+)", value) or set(value) & set("()"):
        raise ValueError("must be an address such as mailto:me@tunemeld.example or https://tunemeld.example/about")
    return value


def _monitoring_token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    # What RFC 6750 lets a bearer token be.
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token):
        raise ValueError("may hold letters, digits and - . _ ~ + / only")
    if len(token) < SHORTEST_TOKEN:
        raise ValueError(f"is too short; set {SHORTEST_TOKEN} random characters or more")
    return value


def is_placeholder(value: str) -> bool:
    """Whether this stands in for a real secret, such as `changeme` or `<password>`."""
    return _PLACEHOLDER.search(value) is not None


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
LoopbackUrl = Annotated[str, AfterValidator(_base_url), AfterValidator(_loopback_url)]
LinkUrl = Annotated[str, AfterValidator(_link_url)]
HeartbeatUrl = Annotated[SecretStr, AfterValidator(_heartbeat_url)]
AlarmUrls = Annotated[SecretStr, AfterValidator(_alarm_urls)]
PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker_url)]
MongoUrl = Annotated[SecretStr, AfterValidator(_mongodb_url)]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_allowed_host)], ...], BeforeValidator(words)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(words)]
RateLimit = Annotated[str, AfterValidator(_rate_limit)]
TrustedProxies = Annotated[
    tuple[Annotated[str, AfterValidator(_trusted_proxy)], ...],
    BeforeValidator(words),
    AfterValidator(_trusted_proxies),
]
Contact = Annotated[str, AfterValidator(_one_contact)]
Contacts = Annotated[tuple[Annotated[str, AfterValidator(_contact)], ...], BeforeValidator(words)]
MonitoringToken = Annotated[SecretStr, AfterValidator(_monitoring_token)]
CronExpression = Annotated[str, AfterValidator(cron.checked)]
LogLevel = Annotated[str, AfterValidator(_log_level)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
RequestsPerSecond = Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]
Units = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
