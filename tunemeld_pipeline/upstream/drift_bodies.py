"""Answers that have changed, kept for who mends the reader: in the folder `drift` of TUNEMELD_HOME, one file a source, without secrets.

`tunemeld service record --from` makes a contract body of one. They are in no backup, dump, export or debug bundle.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tunemeld_pipeline.local.processes import private_directory
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.redaction import REDACTED, SENSITIVE_NAME, redact
from tunemeld_pipeline.wire_formats.received import loads

FOLDER = "drift"
SIGNED = re.compile(
    r"(?i).*(?:token|sig|signature|hmac|hdnea|policy|auth|expires|exp|key|client_id|secret|credential).*"
)
"""Names of the parameters of an address that is good for a while, or for one caller."""


def keep_body(home: Path, source: Source, body: str) -> Path:
    """Writes an answer in place of the one before; the file.

    Raises:
        OSError, LocalServerError: it cannot be written.
    """
    private_directory(home)
    path = private_directory(home / FOLDER) / f"{source.name}.{source.format}.json"
    with open(path, "w", encoding="utf-8", opener=private) as opened:
        json.dump(without_tokens(loads(body)), opened, ensure_ascii=False, indent=1)
        opened.write("\n")
    return path


def without_tokens(thing: Any, name: str = "") -> Any:
    """A decoded answer without secrets: values under such names, what looks like one, and the parameters of signed addresses."""
    if isinstance(thing, dict):
        return {key: without_tokens(value, key) for key, value in thing.items()}
    if isinstance(thing, list):
        return [without_tokens(one, name) for one in thing]
    return _clean(name, thing) if isinstance(thing, str) else thing


def _clean(name: str, value: str) -> str:
    if value and SENSITIVE_NAME.fullmatch(name):
        return REDACTED
    if "://" in value and any(SIGNED.fullmatch(parameter) for parameter in _parameters(value)):
        value = value.partition("?")[0]
    return redact(value)


def _parameters(address: str) -> Iterator[str]:
    try:
        yield from (name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True))
    except ValueError:
        return
