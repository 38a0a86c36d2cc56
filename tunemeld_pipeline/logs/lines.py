"""What a log line says and how it is written: one JSON object per line, or text for people.

The field names are here, and rendering with redaction as its last step. `logs/setup.py` and `logs/files.py` decide where lines go;
`logs/reading.py` reads them back.
"""

import json
import logging
import math
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import ExcInfo

from tunemeld_pipeline.redaction import REDACTED, SENSITIVE_NAME, redact

Event = MutableMapping[str, Any]

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
HEAD = ("timestamp", "level", "event", "logger")
ORIGIN = ("environment", "version", "process", "pid", "module", "function", "line")
CONTEXT = ("genre", "asset", "service", "run_id", "request_id", "attempt", "duration_ms", "status", "error_type")
FIELDS = (*HEAD, *ORIGIN, *CONTEXT)
"""Field names with the same meaning in every process; a line has those that apply, and may have others after them."""

LONGEST_LINE = 32_000
LONGEST_TEXT = 4_000
LONGEST_EXCEPTION = 16_000
MOST_MEMBERS = 100
DEEPEST = 6
DEEPEST_READ = 100
"""Levels of a line that nothing was cut from; some readers refuse a thousand."""


# JSON allows these within a line, but some readers end a line there.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def timestamp(seconds: float) -> str:
    """A time as all lines write it: UTC, to the millisecond, so that sorting the text sorts by time."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{int(seconds % 1 * 1000):03d}Z"


class LineBuilder:
    """The structlog processor before the renderer: completes an event with all of its fields, in order.

    Args:
        constant: the fields that are the same on every line of this process.
    """

    def __init__(self, constant: Mapping[str, object]) -> None:
        self._constant = constant

    def __call__(self, logger: object, name: str, event: Event) -> Event:  # noqa: ARG002 - structlog's signature
        """The fields, starting with those that mean the same everywhere."""
        record: logging.LogRecord = event.pop("_record")
        event.pop("_from_structlog", None)
        exc_info = event.pop("exc_info", None)
        line: Event = {
            "timestamp": timestamp(record.created),
            "level": record.levelname.lower(),
            "event": event.pop("event", ""),
            "logger": record.name,
            **self._constant,
            "pid": os.getpid(),
            "module": record.module,
            "function": record.funcName,
            "line": record.lineno,
        }
        for field in CONTEXT:
            if field in event:
                line[field] = event.pop(field)
        line.update(event)
        if exc_info:
            _put_exception(line, exc_info)
        return line


def exception_text(error: BaseException) -> str:
    """A traceback without the values of variables; if it is very long, only its beginning and end."""
    text = _formatted((type(error), error, error.__traceback__))
    if len(text) > LONGEST_EXCEPTION:
        half = LONGEST_EXCEPTION // 2
        text = f"{text[:half]}\n… {len(text) - LONGEST_EXCEPTION} characters …\n{text[-half:]}"
    return text


def render_json(logger: object, name: str, event: Event) -> str:  # noqa: ARG001 - structlog's signature
    """Any event as one line of valid JSON, redacted."""
    return json_line(event)


def json_line(event: Mapping[str, Any]) -> str:
    """The event as one line of valid JSON, redacted: a value that JSON cannot express is described, one that is too long is cut."""
    event = _without_named_secrets(event)
    try:
        text = json.dumps(event, ensure_ascii=False, allow_nan=False, default=described)
        text.encode()
        if text.count("[") + text.count("{") > DEEPEST_READ and _is_deep(event, DEEPEST_READ):
            text = ""
    except Exception:  # noqa: BLE001 - NaN, cycles, lone surrogates, and containers that raise anything
        text = ""
    if not text or len(text) > LONGEST_LINE:
        text = json.dumps(plain(event), ensure_ascii=False, allow_nan=False)
    text = redact(text)
    return text if text.isascii() else text.translate(_LINE_ENDS)


def text_renderer(*, colors: bool) -> Callable[[object, str, Event], str]:
    """A renderer for people: time, level, event, and the fields they are likely to want next; the rest is in the files."""
    render = ConsoleRenderer(colors=colors, exception_formatter=plain_traceback, pad_event_to=40, sort_keys=False)
    hidden = {"environment", "version", "process", "pid", "module", "function", "line"}

    def rendered(logger: object, name: str, event: Event) -> str:
        shown = {key: one for key, one in plain(_without_named_secrets(event)).items() if key not in hidden}
        exception = shown.pop("exception", None)
        # Foreign text must neither start a new line nor send control codes to the terminal.
        for key, value in shown.items():
            if isinstance(value, str):
                shown[key] = _printable(value)
        if exception:
            shown["exception"] = "\n".join(map(_printable, str(exception).splitlines()))
        return redact(str(render(logger, name, shown)))

    return rendered


def described(value: object) -> str:
    """A value that JSON cannot express, as text; never raises."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[:LONGEST_TEXT]).decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        text = str(value) if isinstance(value, BaseException | os.PathLike) else repr(value)
    except Exception:  # noqa: BLE001 - on any error, a line about it must be written
        return f"<{type(value).__name__}, which cannot be described>"
    return text if type(text) is str else str.__str__(text)


def plain(value: Any, depth: int = 0) -> Any:
    """The value in JSON's types only: bounded in length, members and depth, without cycles, NaN or lone surrogates."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**64 else described(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, str):
        return _bounded(str.__str__(value), LONGEST_EXCEPTION if depth == 1 else LONGEST_TEXT)
    if depth >= DEEPEST and isinstance(value, Mapping | list | tuple | set | frozenset):
        return f"<{type(value).__name__} of {_size(value)}>"
    try:
        if isinstance(value, Mapping):
            members = list(value.items())
            shown = {_key(key): plain(one, depth + 1) for key, one in members[:MOST_MEMBERS]}
            return shown if len(members) <= MOST_MEMBERS else {**shown, "…": f"{len(members) - MOST_MEMBERS} more"}
        if isinstance(value, list | tuple | set | frozenset):
            values = list(value)
            shown_values = [plain(one, depth + 1) for one in values[:MOST_MEMBERS]]
            return shown_values + ([f"… {len(values) - MOST_MEMBERS} more"] if len(values) > MOST_MEMBERS else [])
    except Exception:  # noqa: BLE001 - a container may raise anything
        return f"<{type(value).__name__}, which cannot be described>"
    return _bounded(described(value), LONGEST_TEXT)


def _put_exception(line: Event, exc_info: ExcInfo | BaseException | bool) -> None:
    error = sys.exception() if exc_info is True else exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        line.setdefault("error_type", type(error).__name__)
        line["exception"] = exception_text(error)


def _formatted(exc_info: Any) -> str:
    try:
        return logging.Formatter().formatException(exc_info)
    except Exception as broken:  # noqa: BLE001 - an error's own text may raise
        return f"<{exc_info[0].__name__}, whose text is unavailable: {type(broken).__name__}>"


def _without_named_secrets(event: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """The event with values under names such as `authorization` hidden, at any depth that matters."""
    found: dict[str, Any] | None = None
    for key, value in event.items():
        if isinstance(key, str) and SENSITIVE_NAME.fullmatch(key):
            found = dict(event) if found is None else found
            found[key] = REDACTED
        elif type(value) is dict and depth < DEEPEST:
            cleaned = _without_named_secrets(value, depth + 1)
            if cleaned is not value:
                found = dict(event) if found is None else found
                found[key] = cleaned
    return event if found is None else found


def _is_deep(value: object, levels: int) -> bool:
    """Whether containers lie in it deeper than so many levels. Python 3.12 and later write any depth, which readers then refuse."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else None
    return members is not None and (levels == 0 or any(_is_deep(one, levels - 1) for one in members))


def _key(key: object) -> str:
    return _bounded(key if isinstance(key, str) else described(key), 200)


def _bounded(text: str, most: int) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most} characters more"


def _size(value: Any) -> str:
    try:
        return f"{len(value)} members"
    except Exception:  # noqa: BLE001
        return "an unknown number of members"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\t" else one.encode("unicode_escape").decode() for one in text)
