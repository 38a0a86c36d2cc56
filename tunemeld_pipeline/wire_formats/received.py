"""Single values as services send them, made fit to be stored, compared and shown. Each reader returns None for what is blank and
raises `Unreadable` for what is there but is of another kind, so that nobody mistakes one for the other.
"""

import html
import json
import re
import unicodedata
from datetime import UTC, datetime
from html.entities import html5
from typing import Any
from urllib.parse import urlsplit

from tunemeld_pipeline.isrc import well_formed_isrc

MAX_TEXT = 2_000
"""Characters. The longest title of some 5,000 captured rows has 140; matching takes time with the square of a title's length."""

MAX_VALUES = 1_000_000
"""Values in one JSON document: some 100 MB as Python objects. A playlist of 10,000 rows, the most there can be, has half of that."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
"""An HTML entity with its semicolon. Browsers resolve some without it too, which would spoil addresses ("?a=1&copy=2")."""

_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0") | {
    chr(code)
    for codes in (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
    for code in codes
}
"""Letters and marks that show nothing: fillers of Hangul, the blank of Braille, variation selectors, codes that Unicode ignores."""

_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\xad\u200b\u2060\ufeff"
"""What is taken off a text's ends: spaces, and what has no width and no meaning there."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters but tab and line ends: in a terminal they would do something."""

_REPLACEMENT = "\ufffd"
_WHOLE_FLOAT = 2**53


class TooManyValues(ValueError):
    """A JSON document with more values than any answer that we request can have."""


class Unreadable(ValueError):
    """A value that is there, and is not what it should be."""


def loads(text: str) -> Any:
    """What a JSON document holds; its values are counted first, since parsing a million rows only to refuse them still takes the memory.

    Raises:
        TooManyValues: it may hold more than a million values.
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    if len(text) > MAX_VALUES and sum(map(text.count, "[{,")) > MAX_VALUES:
        raise TooManyValues(f"it holds more than {MAX_VALUES:,} values")
    return json.loads(text)


def is_blank(value: object) -> bool:
    """Whether nothing is there: null, an empty list or object, or text that shows nothing once its HTML entities are resolved."""
    if isinstance(value, str):
        if value[:1].isascii() and value[:1].isalnum():  # nearly all of them, and the rest is slow
            return False
        return len(value) <= MAX_TEXT and not any(map(_shows, _without_entities(value)))
    return value is None or (isinstance(value, list | dict) and not value)


def resolved(text: str) -> str:
    """The text with its HTML entities resolved, and fit for UTF-8, BSON and a terminal."""
    text = _without_entities(text)
    if not text.isascii():
        # A service that cuts a title in the middle of an emoji sends half of a surrogate pair, which neither UTF-8 nor BSON can hold.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub(_REPLACEMENT, text)


def text_of(value: object) -> str | None:
    """A name or title, ready to be shown.

    Raises:
        Unreadable: it is no text, or too long to be a name.
    """
    if is_blank(value):
        return None
    if not isinstance(value, str):
        raise Unreadable(f"a {type(value).__name__} is no text")
    if len(value) > MAX_TEXT:
        raise Unreadable(f"a text is longer than {MAX_TEXT:,} characters")
    return resolved(value).strip(_EDGES)


def id_of(value: object) -> str | None:
    """A service's id of something, text or a whole number from 1.

    Raises:
        Unreadable: it is something else, or holds characters that no id has.
    """
    identity = str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else text_of(value)
    if identity is not None and (not _is_clean(identity) or len(identity) > MAX_TEXT):
        raise Unreadable("an id holds characters that no id has")
    return identity


def web_address(value: object) -> str | None:
    """An http(s) address.

    Raises:
        Unreadable: it is something else.
    """
    address = text_of(value)
    if address is None:
        return None
    try:
        host = urlsplit(address).hostname
    except ValueError:  # a malformed IPv6 address
        host = None
    if not (host and address.startswith(("https://", "http://")) and _is_clean(address)):
        raise Unreadable("this is no web address")
    return address


def count(value: object) -> int | None:
    """A whole number of 0 or more that fits into 64 bits, as a number or as text ("66851111").

    Raises:
        Unreadable: it is something else.
    """
    if is_blank(value):
        return None
    if isinstance(value, str):
        digits = value.strip()
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            return int(digits)
    elif isinstance(value, float) and value.is_integer() and 0 <= value < _WHOLE_FLOAT:
        return int(value)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    raise Unreadable(f"this {type(value).__name__} is no count")


def length_in_ms(value: object) -> int | None:
    """A length in milliseconds; None for 0 too, which services send where they do not know it.

    Raises:
        Unreadable: it is no number.
    """
    return count(value) or None


def moment_of(value: object) -> datetime | None:
    """A time in UTC: ISO 8601 text, in UTC where it names no zone, or seconds since 1970, of which 0 means unknown.

    Raises:
        Unreadable: it is something else.
    """
    if isinstance(value, str) and not is_blank(value):
        try:
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unreadable("this text is no time") from error
    seconds = count(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("this number is no time") from error


def isrc_of(value: object) -> str | None:
    """An ISRC in its one spelling.

    Raises:
        Unreadable: it is something else.
    """
    text = text_of(value)
    code = well_formed_isrc(text)
    if text is not None and code is None:
        raise Unreadable("this is no ISRC")
    return code


def _without_entities(text: str) -> str:
    """The text with its entities resolved until none is left: one that was escaped twice ("&amp;amp;") has been seen."""
    before = ""
    while "&" in text and text != before:
        before, text = text, _ENTITY.sub(lambda entity: _character(entity[0]), text)
    return text


def _character(entity: str) -> str:
    """What an entity stands for; one that is unknown stays, where browsers would resolve its beginning."""
    return html.unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity


def _is_clean(text: str) -> bool:
    """Whether all characters of an id or an address are those that were sent, and can be seen."""
    return text.isprintable() and _REPLACEMENT not in text


def _shows(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANK_LETTERS
