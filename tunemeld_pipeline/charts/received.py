"""Single values as services send them, made fit to be stored and compared: text, ids, addresses, counts, and JSON of a bounded size.

What belongs here: what every reader of a body needs whatever the service, since any value can be of any type, of any length, or hold
what MongoDB and UTF-8 cannot. What does not: where a value is in a body (`playlists.py`, `resources/`).
"""

import json
from typing import Any

MAX_TEXT = 2_000
"""Characters. The longest title of some 5,000 captured rows has 140; matching takes time with the square of a title's length."""

MAX_VALUES = 1_000_000
"""Values in one JSON document: some 100 MB as Python objects. A playlist of 10,000 rows, the most there can be, has half of that."""


class TooManyValues(ValueError):
    """A JSON document of more values than anything has that is asked for here."""


def loads(text: str) -> Any:
    """What a JSON document holds; counted first, since parsing a million rows to refuse them would take the memory all the same.

    Raises:
        TooManyValues: it may hold more than a million values.
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    if len(text) > MAX_VALUES and sum(map(text.count, "[{,")) > MAX_VALUES:
        raise TooManyValues(f"it holds more than {MAX_VALUES:,} values")
    return json.loads(text)


def text_of(value: object) -> str:
    """A name or title that has to be there.

    Raises:
        ValueError: it is missing, blank, or too long to be one.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a name or id is missing")
    if len(value) > MAX_TEXT:
        raise ValueError(f"a name or id is longer than {MAX_TEXT:,} characters")
    # A service that cuts a title in the middle of an emoji sends half of a surrogate pair, which neither UTF-8 nor BSON can hold.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def optional_text(value: object) -> str | None:
    """The same where it may be absent: None for what is no text, blank or too long."""
    try:
        return text_of(value)
    except ValueError:
        return None


def id_of(value: object) -> str:
    """A service's id of something, text or a whole number.

    Raises:
        ValueError: it is missing, or holds characters that no id has.
    """
    identity = str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)
    if not identity.isprintable():
        raise ValueError("an id holds characters that no id has")
    return identity


def web_address(value: object) -> str | None:
    """An http(s) address as it came; None for anything else."""
    address = optional_text(value)
    return address if address and address.startswith(("https://", "http://")) and address.isprintable() else None


def count(value: object) -> int | None:
    """A whole number of 0 or more that fits into 64 bits; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def count_from_text(value: object) -> int | None:
    """A count that a service sends as text ("66851111") or as a number; None where there is none, never 0 for it."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    return count(value)
