"""Removes secrets from text: the last step before anything is written where somebody may read it.

This module knows which values are secret, and which shapes of text carry one: addresses with a password, headers, query parameters.
Loading settings protects their secrets: from then on, no text that has passed through `redact` contains one of their values, in any
encoding. The text then goes to the log (`logs/setup.py`), to Dagster (`assets/steps.py`) or to the terminal (`cli/`).
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import BaseModel, SecretStr

REDACTED = "[redacted]"
SHORTEST = 6
"""A shorter value is no secret, and hiding it would garble ordinary prose; in addresses and headers, shorter ones are hidden too."""

SHORTEST_PATH = 12
"""A secret address's (a webhook's) path is itself secret if it is at least this long: errors print it without the host."""

_NAMES = r"(?:proxy-)?authorization|(?:set-)?cookie|[\w-]*(?:api|access|rapidapi|secret)[-_]?key|[\w-]*(?:token|secret|password|passwd)"
SENSITIVE_NAME = re.compile(rf"(?i:{_NAMES})")
"""Names of fields and headers whose value is always hidden; to be matched in full."""

EXAMPLE = "USER:PASSWORD@"
"""What stands in the place of a user and a password where a message says how to write an address."""

_USER_INFO = rf"(://)(?!{EXAMPLE}[^@\s]*(?:\s|$))[^\s/@\"'\\<>]*(?:@[^\s/@\"'\\<>]*)*@"
_QUERY = r"(?i)([?&](?:key|sig|signature|auth|code|api_?key|[\w-]*(?:token|secret|password))=)[^&\s\"'#\\<>]+"
# The sign between a name and its value distinguishes a value from prose: "token: refused" is a sentence, "token=…" is not.
_ASSIGNED = rf"(?i)(?<![\w-])((?:{_NAMES})=)(?!\[redacted\])(?:(?:bearer|basic)\s+)?[^\s\"'&,;\\)}}\]]+"
_QUOTED = rf"(?i)(?P<head>(?P<open>\\*[\"'])(?:{_NAMES})(?P=open)\s*[:,]\s*b?)(?P<quote>\\*[\"'])(?P<value>.*?)(?<!\\)(?P=quote)"
_HEADER = (
    r"(?i)(?<![\w-])((?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*key|x-[\w-]*token)\s*:\s*)"
    r"(?!\[redacted\])(?:(?:bearer|basic|digest)\s+)?[^\s\"'\\,]+"
)
_BEARER = r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{12,}"
_compiled = cache(re.compile)
"""Compiled when a text is first looked at: many a command prints none that could hold a secret."""

_HINTS = ("key", "token", "secret", "passw", "authorization", "cookie", "bearer", "basic")


class Redactor:
    """Hides these values, and anything that looks like a secret.

    Args:
        secrets: the values to hide, in clear.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        # The longest first: one secret may be the beginning of another.
        self._values = (
            re.compile("|".join(re.escape(form) for form in sorted(forms, key=lambda one: (-len(one), one))))
            if forms
            else None
        )

    def __call__(self, text: str) -> str:
        """The text without secrets. JSON stays JSON, a line stays a line."""
        if self._values is not None:
            text = self._values.sub(REDACTED, text)
        if "://" in text and "@" in text:
            text = _compiled(_USER_INFO).sub(rf"\1{REDACTED}@", text)
        if "=" in text and ("?" in text or "&" in text):
            text = _compiled(_QUERY).sub(rf"\1{REDACTED}", text)
        lower = text.lower()
        if any(hint in lower for hint in _HINTS):
            text = _compiled(_QUOTED).sub(rf"\g<head>\g<quote>{REDACTED}\g<quote>", text)
            text = _compiled(_HEADER).sub(rf"\1{REDACTED}", text)
            text = _compiled(_BEARER).sub(rf"\1{REDACTED}", text)
            if "=" in text:
                text = _compiled(_ASSIGNED).sub(rf"\1{REDACTED}", text)
        return text


def secrets_of(settings: BaseModel) -> Iterator[str]:
    """The secret values of a settings object: the fields typed as secrets, and the passwords and paths within addresses."""
    for name in type(settings).model_fields:
        yield from _secrets_in(getattr(settings, name))
    yield from getattr(settings, "combined_secrets", ())


def protect(settings: BaseModel) -> None:
    """From now on `redact` hides the secrets of these settings too."""
    protect_values(secrets_of(settings))


def protect_values(secrets: Iterable[str]) -> None:
    """The same for single values, including any secrets inside them."""
    global _redactor
    with _lock:
        found = {part for secret in secrets for part in _parts(secret)} - _protected
        if found:
            _protected.update(found)
            _redactor = None


def redact(text: str) -> str:
    """The text without protected secrets and without anything that looks like one."""
    global _redactor
    redactor = _redactor
    if redactor is None:
        with _lock:
            redactor = _redactor = Redactor(_protected)
    return redactor(text)


def is_clean(text: str) -> bool:
    """Whether the text may be shown unchanged."""
    return redact(text) == text


_lock = threading.Lock()
_protected: set[str] = set()
_redactor: Redactor | None = None


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        yield from _parts(secret)
        words = secret.split()
        if len(words) > 1 and all("://" in word for word in words):  # several addresses in one setting
            for word in words:
                yield from _parts(word)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _secrets_in(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _secrets_in(one)


def _parts(secret: str) -> Iterator[str]:
    yield secret
    # Some settings hold several addresses with spaces between.
    for word in secret.split():
        if "://" in word:
            yield word
            yield from _parts_of_address(word)


def _parts_of_address(word: str) -> Iterator[str]:
    try:
        address = urlsplit(word)
        password = address.password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
    if address.scheme not in ("mongodb", "mongodb+srv"):
        path = address.path.strip("/")
        yield from (one for one in (path, *path.split("/")) if len(one) >= SHORTEST_PATH)


def _forms(secret: str) -> set[str]:
    """The secret as it looks in an address, in JSON and in Python's own notation."""
    if len(secret) < SHORTEST:
        return set()
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        json.dumps(repr(secret)[1:-1])[1:-1],
    }
