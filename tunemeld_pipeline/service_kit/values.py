"""The values of a decoded body: the way to each, and the body with one of them changed.

A way is the names and places from the body's pages down to a value. Where a body has a list, or an object whose names are numbers, its
entries are alike, and `kind_of` says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

Way = tuple[str | int, ...]
Kind = tuple[object, ...]

ODD: tuple[Any, ...] = (None, "", " ", {}, [], 0, 1.5, "1")
"""What may stand where a value is expected."""

TYPES = ("type", "kind", "__typename", "itemKind")
"""Names under which an entry says what it is: entries of one list may be of several kinds."""


def ways(thing: Any, way: Way = ()) -> Iterator[Way]:
    """The way to every value below a value, the outer ones first."""
    for name, inner in _inside(thing):
        yield (*way, name)
        yield from ways(inner, (*way, name))


def leaves(thing: Any) -> Iterator[Any]:
    """Every value that holds no others."""
    inside = list(_inside(thing))
    if not inside:
        yield thing
    for _, inner in inside:
        yield from leaves(inner)


def _inside(thing: Any) -> Sequence[tuple[str | int, Any]]:
    if isinstance(thing, dict):
        return list(thing.items())
    return list(enumerate(thing)) if isinstance(thing, list) else []


def value_at(thing: Any, way: Way) -> Any:
    """What is there."""
    for name in way:
        thing = thing[name]
    return thing


def replaced(thing: Any, way: Way, value: Any) -> Any:
    """The body with something else there; the rest of it is shared with the body as it was."""
    if not way:
        return value
    changed = copy(thing)
    changed[way[0]] = replaced(thing[way[0]], way[1:], value)
    return changed


def is_place(name: str | int) -> bool:
    """Whether this is the place of an entry in a list, or its number in an object of numbered entries."""
    return isinstance(name, int) or name.isdigit()


def kind_of(pages: Any, way: Way) -> Kind:
    """What two ways have in common that lead to the same value of two alike entries."""
    kind: list[object] = []
    thing = pages
    for name in way:
        thing = thing[name]
        if is_place(name):
            said = [thing.get(one) for one in TYPES] if isinstance(thing, dict) else []
            kind.append(tuple(one if isinstance(one, str) else None for one in said))
        else:
            kind.append(name)
    return tuple(kind)


def by_kind(pages: Any) -> dict[Kind, list[Way]]:
    """The ways to all values, those of one kind together."""
    found: dict[Kind, list[Way]] = defaultdict(list)
    for way in ways(pages):
        if len(way) > 1:  # a page as a whole is no value of it
            found[kind_of(pages, way)].append(way)
    return found


def written(way: Way) -> str:
    """A way for people, without its page: `items[2].track.name`."""
    text = ""
    for name in way[1:]:
        text += f"[{name}]" if is_place(name) else f".{name}" if text else str(name)
    return text


def entries_around(way: Way) -> list[Way]:
    """The entries of lists that a value is in, the outermost first; its page is none."""
    return [way[:end] for end in range(2, len(way) + 1) if is_place(way[end - 1])]
