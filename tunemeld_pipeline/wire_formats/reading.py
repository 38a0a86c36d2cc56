"""A wire format as a list of its values, and how an answer is read by that list: a needed value that is missing loses its item, which is
reported by reason; an optional one loses only itself; what is blank is absent everywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tunemeld_pipeline.wire_formats.received import Unreadable, count, is_blank, text_of, web_address

T = TypeVar("T")
Values = dict[str, Any]

NULL_ROW = "null row"
NOT_FOUND = "not found"
NO_VIDEO = "no video"
EXPECTED = frozenset({NULL_ROW, NOT_FOUND, NO_VIDEO})
"""Reasons that services are known for. An answer of which nothing can be read, for any other reason, has another format."""


class Irregular(ValueError):
    """An item that cannot be read; its text is the reason, of which there are few."""


@dataclass(frozen=True, slots=True)
class IrregularItem:
    """An item that was left out: its place in the answer, from 1, and why."""

    position: int
    reason: str

    def sentence(self, service: str) -> str:
        """The line about it where rows are listed one by one."""
        return f"{service} position {self.position}: {self.reason}"


@dataclass(slots=True)
class ReadItems(Generic[T]):
    """What was read of a list: its items, those that were left out, and how often each optional value was unreadable, by its path."""

    items: list[T] = field(default_factory=list)
    irregular: list[IrregularItem] = field(default_factory=list)
    unreadable: Counter[str] = field(default_factory=Counter)

    def reasons(self) -> dict[str, int]:
        """How many items were left out, by reason."""
        return by_reason(self.irregular)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a format.

    Attributes:
        at: its path, names joined by dots; of several the first that can be read counts.
        read: makes the value of what is there: None where that is blank, `Unreadable` where it is something else.
        label: what a reader of reports calls it.
        parts: what is read of each entry, where the value is a list.
    """

    at: str | tuple[str, ...]
    read: Callable[[Any], Any]
    label: str = ""
    parts: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Its paths, each as the answer has it."""
        return (self.at,) if isinstance(self.at, str) else self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """The values of one answer or of one item of an answer, by the name that each has here.

    Attributes:
        needed: without one of them the item is left out.
        optional: may be absent or unreadable.
        ignored: paths that nobody reads, with all below them.
        refused: what is no item at all, by reason.
        kinds: paths that `refused` looks at.
        complete: adds what follows from the values.
    """

    name: str
    needed: Mapping[str, Value]
    optional: Mapping[str, Value] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    refused: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    complete: Callable[[Values], Values] = dict

    def read(self, thing: Any, unreadable: Counter[str] | None = None) -> Values:
        """The values of one item; `unreadable` counts the optional ones that could not be read.

        Raises:
            Irregular: it cannot be used, and why.
        """
        noted: set[str] = set()
        if is_blank(thing):
            raise Irregular(NULL_ROW)
        if not isinstance(thing, dict):
            raise Irregular("no object")
        for reason, holds in self.refused.items():
            if holds(thing):
                raise Irregular(reason)
        values = {name: _needed(value, thing, noted) for name, value in self.needed.items()}
        for name, value in self.optional.items():
            values[name], broken = _first(value, thing)
            noted.update(broken)
        if unreadable is not None:
            unreadable.update(noted)
        return self.complete(values)

    def read_one(self, thing: Any, make: Callable[[Values], T]) -> ReadItems[T]:
        """An answer that is one item.

        Raises:
            Irregular: it cannot be used, and why.
        """
        reading: ReadItems[T] = ReadItems()
        reading.items.append(make(self.read(thing, reading.unreadable)))
        return reading

    def read_all(self, entries: Sequence[Any], make: Callable[[int, Values], T]) -> ReadItems[T]:
        """Every entry of a list that can be read, made from its position, from 1, and its values."""
        reading: ReadItems[T] = ReadItems()
        for position, entry in enumerate(entries, start=1):
            try:
                reading.items.append(make(position, self.read(entry, reading.unreadable)))
            except Irregular as error:
                reading.irregular.append(IrregularItem(position, str(error)))
        return reading

    def read_answer(self, entries: Sequence[Any], make: Callable[[Values], T]) -> ReadItems[T]:
        """The same for an answer's list; one of which no entry has this format is refused.

        Raises:
            Irregular: nothing can be read, for a reason that the service is not known for; a single odd item does not prove that.
        """
        reading = self.read_all(entries, lambda _, values: make(values))
        strange = [one for one in reading.irregular if one.reason not in EXPECTED]
        if strange and not reading.items and (len(strange) > 1 or not self._has_some(entries[strange[0].position - 1])):
            raise Irregular(f"none of {len(entries)} items can be read; first: {strange[0].reason}")
        return reading

    def _has_some(self, entry: Any) -> bool:
        """Whether at least one value of an item that was left out can be read."""
        values = [*self.needed.values(), *self.optional.values()]
        return isinstance(entry, dict) and any(_first(value, entry)[0] is not None for value in values)


def by_id(read: Iterable[tuple[str, T | None]]) -> dict[str, T | None]:
    """What was read of each id. Where an answer has one twice, the first entry that has a value counts."""
    values: dict[str, T | None] = {}
    for identity, value in read:
        if values.get(identity) is None:
            values[identity] = value
    return values


def by_reason(irregular: Sequence[IrregularItem]) -> dict[str, int]:
    """How many there are for each reason, the commonest first."""
    return dict(Counter(one.reason for one in irregular).most_common())


def value_at(thing: Any, path: str) -> Any:
    """What is at a path; None where nothing is, or a part of the way is blank.

    Raises:
        Unreadable: a part of the way is no object.
    """
    for name in path.split("."):
        if isinstance(thing, dict):
            thing = thing.get(name)
        elif is_blank(thing):
            return None
        else:
            raise Unreadable(f"there is no {name} in a {type(thing).__name__}")
    return thing


def readable(thing: Any, path: str, read: Callable[[Any], T | None]) -> T | None:
    """The value at a path, None also where it cannot be read."""
    try:
        return read(value_at(thing, path))
    except Unreadable:
        return None


def list_of(value: object) -> list[Any] | None:
    """A list, which may be empty.

    Raises:
        Unreadable: it is something else.
    """
    if value is None or isinstance(value, list):
        return value
    raise Unreadable(f"a {type(value).__name__} is no list")


def names(path: str) -> Callable[[Any], str | None]:
    """Reads a list of artists: their names, joined; None where no artist has a name."""

    def read(entries: Any) -> str | None:
        found = [readable(entry, path, text_of) for entry in _entries(entries)]
        return text_of(", ".join(filter(None, found)))

    return read


def largest_image(url: str, size: str) -> Callable[[Any], str | None]:
    """Reads a list of pictures: the address of the largest, the first of equals; one of unknown size comes last."""

    def read(entries: Any) -> str | None:
        known = [
            (readable(entry, size, count) or 0, address)
            for entry in _entries(entries)
            if (address := readable(entry, url, web_address)) is not None
        ]
        return max(known, key=lambda one: one[0])[1] if known else None

    return read


def goes_on(value: object) -> bool:
    """Whether a page says that another follows: true, a number or a text says yes; null, false, 0 or nothing says no.

    Raises:
        Unreadable: it says neither.
    """
    if isinstance(value, list | dict) and value:
        raise Unreadable("this says neither yes nor no")
    return bool(value) and not is_blank(value)


def _entries(value: Any) -> list[Any]:
    return [] if is_blank(value) else list_of(value) or []


def _needed(value: Value, thing: Any, noted: set[str]) -> Any:
    found, broken = _first(value, thing)
    if found is None:
        raise Irregular(f"{value.label} unreadable" if broken else f"no {value.label}")
    noted.update(broken)
    return found


def _first(value: Value, thing: Any) -> tuple[Any, list[str]]:
    """The first of a value's places that has something, and the places before it that could not be read."""
    broken = []
    for place in value.places:
        try:
            found = value.read(value_at(thing, place))
        except Unreadable:
            broken.append(place)
        else:
            if found is not None:
                return found, broken
    return None, broken
