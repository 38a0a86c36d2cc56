"""Single values as services send them, made fit to be stored, compared and shown. Each reader returns None for what is blank and
raises `Unreadable` for what is there but is of another kind, so that nobody mistakes one for the other.
"""

import html
import json
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from tunemeld_pipeline.isrc import well_formed_isrc

MAX_TEXT = 2_000
"""Characters. The longest title of some 5,000 captured rows has 140; matching takes time with the square of a title's length."""

MAX_VALUES = 1_000_000
"""Values in one JSON document: some 100 MB as Python objects. A playlist of 10,000 rows, the most there can be, has half of that."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
"""An HTML entity with its semicolon. Browsers resolve some without it too, which would spoil addresses ("?a=1&copy=2")."""

_ENTITY_ROUNDS = 3
"""A title that was escaped twice ("&amp;amp;") has been seen."""

_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
"""Letters and marks that show nothing: fillers of Hangul, the blank of Braille, variation selectors."""

_ZERO_WIDTH = "\u200b\u2060\ufeff"
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
        return len(value) <= MAX_TEXT and not any(map(_shows, resolved(value)))
    return value is None or (isinstance(value, list | dict) and not value)


def resolved(text: str) -> str:
    """The text with its HTML entities resolved, and fit for UTF-8 and BSON."""
    for _ in range(_ENTITY_ROUNDS):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    # A service that cuts a title in the middle of an emoji sends half of a surrogate pair, which neither UTF-8 nor BSON can hold.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


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
    return resolved(value).strip().strip(_ZERO_WIDTH).strip()


def id_of(value: object) -> str | None:
    """A service's id of something, text or a whole number from 1.

    Raises:
        Unreadable: it is something else, or holds characters that no id has.
    """
    identity = str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else text_of(value)
    if identity is not None and (not identity.isprintable() or len(identity) > MAX_TEXT):
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
    if not (host and address.startswith(("https://", "http://")) and address.isprintable()):
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


def _shows(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANK_LETTERS
