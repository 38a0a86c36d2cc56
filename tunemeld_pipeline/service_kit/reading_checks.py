"""What must hold of the reading of a source's bodies: it is pure, refuses what is no list of its source, and loses a row only for a value
that the row cannot be without, that row alone, and counted.

Each check gives a sentence for each thing that does not hold; none knows a wire format. Which values a row needs is found by putting the
value of another row there: where its id, title or artist is another then, the row is made of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.given import GIVEN
from tunemeld_pipeline.plugins.reading import parse_body
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.service_kit.bodies import ContractBody, contract_bodies, listing_as_json
from tunemeld_pipeline.service_kit.values import (
    ODD,
    Kind,
    Way,
    by_kind,
    entries_around,
    is_place,
    leaves,
    replaced,
    value_at,
    written,
)
from tunemeld_pipeline.service_kit.watching import watched
from tunemeld_pipeline.wire_formats.received import is_blank, resolved

FEWEST_ROWS = 3
CUTS = 16
MOST_SHOWN = 5
"""Of each check; one mistake in a reader shows in many values."""

IMPURE_EVENTS = ("open", "socket.", "subprocess.", "urllib.")

State = PlaylistRow | str | None
"""What became of a place on the list: its row, the reason why it has none, or nothing at all."""


def unlike_its_listing(body: ContractBody) -> Iterator[str]:
    """The body reads to what is written beside it."""
    expected = body.expected()
    if expected is None:
        yield f"{body.listing.name} is missing: write it with --write, and look at it"
        return
    found = listing_as_json(body.read())
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"{name} should be {_shown(expected.get(name))}, and is {_shown(found.get(name))}"


def too_poor(body: ContractBody) -> Iterator[str]:
    """The body has what the other checks need."""
    listing = body.read()
    if len(listing.rows) < FEWEST_ROWS:
        yield f"it has {len(listing.rows)} readable rows; give it {FEWEST_ROWS} at least, with different values"
    if len({(row.described.title, row.described.artist) for row in listing.rows}) < len(listing.rows):
        yield "two of its rows have the same title and artist; give each its own"


def unlike_what_it_gives(found: Installed, source: Source) -> Iterator[str]:
    """Some row of the source's bodies has what the source declares to give, and none has what it does not declare."""
    rows = [row for body in contract_bodies(found) if body.source == source for row in body.read().rows]
    for name, (what, value_of) in GIVEN.items() if rows else ():
        is_declared, is_there = getattr(source.gives, name), any(value_of(row) is not None for row in rows)
        if is_declared and not is_there:
            yield f"{source.name} declares `{name}`, and no row of its bodies has {what}; take it out, or show it in a body"
        if is_there and not is_declared:
            yield f"rows of {source.name} have {what}, which it does not declare; declare `{name}`"


def impure(body: ContractBody) -> Iterator[str]:
    """Reading changes nothing, depends on nothing else, and gives the same each time."""
    text, pages, again = body.text, body.pages, body.pages
    first = body.source.read(pages, text)
    if pages != again:
        yield "reading changes the pages that it is given"
    events: list[str] = []
    with watched(events, IMPURE_EVENTS):
        second = body.source.read(again, text)
    if second != first:
        yield "a second reading gives another listing"
    for event in dict.fromkeys(events):
        yield f"reading does more than read: {event}"


def not_refused(body: ContractBody) -> Iterator[str]:
    """A body that is cut off is refused, and in one way."""
    text = body.text.rstrip()
    for part in range(CUTS):
        try:
            parse_body(body.service, body.source, text[: len(text) * part // CUTS])
        except MalformedResponse:
            continue
        except Exception as error:  # noqa: BLE001 - whatever else it raises is the finding
            yield f"cut at {part} sixteenths it raises {type(error).__name__}, and no MalformedResponse"
            continue
        yield f"cut at {part} sixteenths it is read"


def taken_for_its_own(body: ContractBody, others: Sequence[ContractBody]) -> Iterator[str]:
    """The body of another service is drift: refused, or hardly any of it readable."""
    for other in others:
        if other.service.key == body.service.key:
            continue
        try:
            listing = body.source.read(other.pages, other.text)
        except MalformedResponse:
            continue
        except Exception as error:  # noqa: BLE001
            yield f"of {other.name} it raises {type(error).__name__}, and no MalformedResponse"
            continue
        if listing.rows and len(listing.rows) * 2 >= listing.length:
            yield f"{other.name} is read as if it were its own: {len(listing.rows)} of {listing.length} rows"


def unclean(body: ContractBody) -> Iterator[str]:
    """Nothing in the body looks like a secret."""
    for leaf in leaves(body.pages):
        if isinstance(leaf, str) and redact(leaf) != leaf:
            yield f"it holds what looks like a secret: {redact(leaf)[:100]}"


def lost_or_spoilt(body: ContractBody) -> Iterator[str]:
    """Each value, replaced by each odd one: an optional one loses no row, a needed one its own alone, which is counted."""
    findings = _Replacing(body).findings()
    yield from islice(findings, MOST_SHOWN)
    if next(findings, None):
        yield "… and more"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a changed body reads to: the state of each place; None where it is refused; an error where it raises something else."""

    states: dict[int, State] | None
    error: str = ""

    def state(self, position: int) -> State:
        return self.states.get(position) if self.states else None


class _Replacing:
    """One body, its rows, and what depends on each of its values."""

    def __init__(self, body: ContractBody) -> None:
        self._body = body
        self._text = body.text
        self._pages = body.pages
        self._whole = self._outcome(self._pages)
        self._places = sorted(self._whole.states or {})
        self._words = _words_of(self._pages)
        self._dependents: dict[Way, frozenset[int]] = {}
        self._kinds = by_kind(self._pages)
        self._needed: dict[Kind, bool] = {}

    def findings(self) -> Iterator[str]:
        """What does not hold, value by value."""
        for kind, found in self._kinds.items():
            way = self._representative(found)
            if way is None:
                continue
            entry = self._entry(way)
            for odd in ODD:
                pages = replaced(self._pages, way, odd)
                outcome = self._outcome(pages)
                where = f"{written(way)} = {odd!r}"
                if outcome.error:
                    yield f"{where}: it raises {outcome.error}"
                elif entry is None:
                    yield from self._beside_the_rows(kind, where, outcome)
                else:
                    yield from self._in_an_entry(kind, where, outcome, self._depending(entry), pages)

    def _beside_the_rows(self, kind: Kind, where: str, outcome: _Outcome) -> Iterator[str]:
        if self._is_needed(kind):
            return  # without it the body may be refused, or be another list
        if outcome.states is None:
            yield f"{where}: it is optional, and the whole list is refused"
        elif outcome.states != self._whole.states:
            yield f"{where}: it is optional and beside the rows, and the rows are others"

    def _in_an_entry(
        self, kind: Kind, where: str, outcome: _Outcome, depending: frozenset[int], pages: Any
    ) -> Iterator[str]:
        if outcome.states is None:
            yield f"{where}: the whole list is refused because of one entry"
            return
        for position in self._places:
            before, after = self._whole.state(position), outcome.state(position)
            if position not in depending:
                if after != before:
                    yield f"{where}: row {position} is another, which has nothing to do with it"
            elif after is None:
                yield f"{where}: row {position} is gone, and not counted"
            elif isinstance(after, str):
                if not after.strip():
                    yield f"{where}: row {position} is left out without a reason"
                if isinstance(before, PlaylistRow) and not self._is_needed(kind):
                    yield f"{where}: it is optional, and row {position} is lost ({after})"
            else:
                yield from (f"{where}: row {position} {wrong}" for wrong in self._spoilt(before, after, pages))
        for position in (outcome.states or {}).keys() - set(self._places):
            yield f"{where}: there is a row {position} that the list does not have"

    def _spoilt(self, before: State, after: PlaylistRow, pages: Any) -> Iterator[str]:
        yield from wrong_values(after)
        if after != before:
            known = _words_of(pages) | (_identity_words(before) if isinstance(before, PlaylistRow) else set())
            if made_up := sorted(_identity_words(after) - known):
                yield f"says {' '.join(made_up)!r}, which the body does not say"

    def _representative(self, found: Sequence[Way]) -> Way | None:
        """Of alike values the first that is not blank and not of a row that cannot be read; None where all are of such rows."""
        read = [way for way in found if (entry := self._entry(way)) is None or not self._is_unread(entry)]
        return next((way for way in read if not is_blank(value_at(self._pages, way))), read[0] if read else None)

    def _is_unread(self, entry: Way) -> bool:
        """Whether this is the entry of a row that cannot be read, among those of others."""
        depending = self._depending(entry)
        if depending:
            return not any(isinstance(self._whole.state(one), PlaylistRow) for one in depending)
        beside = value_at(self._pages, entry[:-1])
        others = range(len(beside)) if isinstance(beside, list) else beside
        return any(is_place(one) and self._depending((*entry[:-1], one)) for one in others)

    def _entry(self, way: Way) -> Way | None:
        """The outermost entry around a value of which not the whole list is made; None where the value is beside the rows."""
        return next((one for one in entries_around(way) if self._is_one_of_several(one)), None)

    def _is_one_of_several(self, entry: Way) -> bool:
        return self._depending(entry) < frozenset(self._places)

    def _depending(self, entry: Way) -> frozenset[int]:
        """The places whose state is another without this entry; all of them where the list is refused then."""
        if entry not in self._dependents:
            outcome = self._outcome(replaced(self._pages, entry, None))
            refused = outcome.states is None and not outcome.error
            self._dependents[entry] = frozenset(
                one for one in self._places if refused or outcome.error or outcome.state(one) != self._whole.state(one)
            )
        return self._dependents[entry]

    def _is_needed(self, kind: Kind) -> bool:
        if kind not in self._needed:
            below = [one for one in self._kinds if len(one) > len(kind) and one[: len(kind)] == kind]
            self._needed[kind] = any(map(self._decides, below or [kind]))
        return self._needed[kind]

    def _decides(self, kind: Kind) -> bool:
        """Whether a row is made of this value: with another row's, or a slightly different one, it is another or none."""
        way = self._representative(self._kinds[kind])
        if way is None:
            return False
        value = value_at(self._pages, way)
        others = [value_at(self._pages, one) for one in self._kinds[kind]]
        fitting = [one for one in others if type(one) is type(value) and one != value and not is_blank(one)]
        return any(self._is_other(replaced(self._pages, way, one)) for one in fitting[:3] or _slightly_different(value))

    def _is_other(self, pages: Any) -> bool:
        outcome = self._outcome(pages)
        return any(
            _identity(outcome.state(one)) != _identity(self._whole.state(one))
            for one in self._places
            if isinstance(self._whole.state(one), PlaylistRow)
        )

    def _outcome(self, pages: Any) -> _Outcome:
        try:
            return _Outcome(states_of(self._body.source.read(pages, self._text)))
        except MalformedResponse:
            return _Outcome(None)
        except Exception as error:  # noqa: BLE001
            return _Outcome(None, f"{type(error).__name__}, and no MalformedResponse")


def states_of(listing: Listing) -> dict[int, State]:
    """What became of each place of a list."""
    reasons: dict[int, State] = {one.position: one.reason for one in listing.irregular}
    return reasons | {row.position: row for row in listing.rows}


def wrong_values(row: PlaylistRow) -> Iterator[str]:
    """What no row may have, whatever its body says."""
    described = row.described
    for name, text in (("title", described.title), ("artist", described.artist), ("id", row.service_track_id)):
        if not isinstance(text, str) or is_blank(text) or text != text.strip():
            yield f"has {text!r} as its {name}"
    for name, number in (("length", described.duration_ms), ("plays", row.play_count)):
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 0):
            yield f"has {number!r} as its {name}"
    if described.duration_ms == 0:
        yield "has a length of 0, which means that it is unknown"
    if described.isrc is not None and well_formed_isrc(described.isrc) != described.isrc:
        yield f"has {described.isrc!r} as its ISRC"
    for name, address in (("address", row.track_url), ("cover", row.album_cover_url)):
        if address and not str(address).startswith(("https://", "http://")):
            yield f"has {address!r} as its {name}"


def _identity(state: State) -> object:
    if isinstance(state, PlaylistRow):
        return state.service_track_id, state.described.title, state.described.artist
    return None


def _identity_words(row: PlaylistRow) -> set[str]:
    return _words(f"{row.described.title} {row.described.artist}")


def _words_of(pages: Any) -> set[str]:
    return {word for leaf in leaves(pages) if isinstance(leaf, str) for word in _words(resolved(leaf))}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _slightly_different(value: Any) -> list[Any]:
    """Another value of the same kind, where no other row has one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    return [f"{value}x"] if isinstance(value, str) else []


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
