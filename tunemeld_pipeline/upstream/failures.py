"""What an upstream's answer to a failed call becomes: the error of its status, with what the upstream says of it, and never a key.

What each error says to people stands in `errors.py`, also of a quota that is used up.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.upstream.headers import retry_after

SHORTEST_SECRET = 12
"""Shorter words of a header are no keys; removing them from what people read would only garble it."""

TRANSIENT_STATUSES = frozenset({408, 425, 429})


def error_by_status(
    service: str, path: str, status: int, headers: Mapping[str, str], *, keyless: bool = False
) -> UpstreamError:
    """The error that an answer's status alone means.

    Args:
        keyless: whether no key was sent, so that a refusal is meant for us.
    """
    if status in TRANSIENT_STATUSES or status >= 500:
        return UpstreamUnavailable(service, f"{path} answered {status}", retry_after=retry_after(headers))
    if status in (401, 403) and keyless:
        return CredentialsRefused(
            service, f"{path} answered {status}: we are not let in", remedy="it is left alone for a day"
        )
    if status in (401, 403):
        return CredentialsRefused(
            service, f"{path} answered {status}: the key was not accepted", remedy="check it and its plan"
        )
    if status == 404:
        return NotFound(service, f"{path} answered 404")
    return MalformedResponse(service, f"{path} answered {status}, which this service is not known for")


def reason(error: Exception) -> str:
    """Why no whole answer came, in a few words."""
    # requests wraps urllib3's error, whose text holds the address; the class names say as much and no secret.
    inner = error.args[0] if error.args else None
    inner = getattr(inner, "reason", inner)
    name = type(inner).__name__ if isinstance(inner, Exception) else type(error).__name__
    return {
        "NewConnectionError": "connection refused or host unknown",
        "ReadTimeoutError": "no answer in time",
        "ConnectTimeoutError": "no connection in time",
        "ProtocolError": "connection cut",
        "IncompleteRead": "connection cut",
        "NameResolutionError": "host unknown",
        "SSLError": "TLS refused",
        "SSLCertVerificationError": "certificate refused",
    }.get(name, name)


def described(data: Any) -> str:
    """The shape of an answer that is not as expected."""
    # Names and the service's own message, but no values: one of them may be an access token.
    if not isinstance(data, dict):
        return f"a list of {len(data)}" if isinstance(data, list) else f"a bare {type(data).__name__}"
    names = ", ".join(name[:40] for name in list(data)[:10]) or "nothing in it"
    said = next((data[name] for name in ("message", "error") if isinstance(data.get(name), str)), None)
    return f"an object with {names}" + (f'; it says "{said[:160]}"' if said else "")


def without_secrets(text: str, sent: Mapping[str, str]) -> str:
    """An answer without the keys of its request, since some services repeat them in their errors."""
    for value in sent.values():
        for word in _words(str(value)):
            if len(word) >= SHORTEST_SECRET:
                text = text.replace(word, "[…]")
    return text


def _words(value: str) -> Iterator[str]:
    """The words of a header, and the name and the password that Basic authentication hides in one."""
    scheme, *words = value.split() or [""]
    yield from (scheme, *words)
    if scheme.lower() == "basic" and words:
        try:
            yield from base64.b64decode(words[0], validate=True).decode().split(":", 1)
        except (binascii.Error, ValueError):
            return
