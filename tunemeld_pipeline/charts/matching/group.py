"""Rows of several services, grouped into recordings.

This module chooses the pairs worth judging, and joins judged pairs into groups that hold together; `judge.py` does the judging.
The outcome depends on the rows alone, never on their order. The time grows with the number of rows, since only rows that share
a block are compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, product

from tunemeld_pipeline.charts.matching.folding import romanise
from tunemeld_pipeline.charts.matching.judge import Judgement, Verdict, judge_readings, row_readings
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.titles import ParsedTitle

SURE_BY_HAND = 0.99
"""An ISRC that the operator gave is as sure as an equal one that nothing speaks against."""


class Method(StrEnum):
    """How a row came to its recording."""

    ISRC = "isrc"
    TEXT = "text"
    OVERRIDE = "override"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Tie:
    """How one row came to its recording, and how surely (0 to 1); a row alone is certain to be itself."""

    method: Method
    confidence: float


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording.

    Attributes:
        rows: indices into the rows given, ascending.
        matches: for each of `rows`, in the same order, its strongest tie to another one.
    """

    rows: tuple[int, ...]
    matches: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """An override that changes nothing, and why: to be taken out of the file."""

    override: str
    why: str


def group(rows: Sequence[Row], overrides: Overrides = NO_OVERRIDES) -> list[Recording]:
    """The recordings, ordered by their first row; every row is in exactly one.

    Overrides come first and outrank every judgement; then rows of one ISRC that are judged the same become a unit, whose rows
    vouch for each other; then units are joined from the surest pair down, and two groups only when no unit of one contradicts a
    unit of the other, so that no chain of near matches joins an original with its remix.
    """
    grouping = _Grouping(rows, overrides)
    grouping.join_by_hand()
    grouping.join_by_isrc()
    grouping.join_by_judgement()
    return grouping.recordings()


def idle_overrides(rows: Sequence[Row], overrides: Overrides) -> list[Idle]:
    """The overrides that no longer matter for these rows: the rows are gone, or the judgement says the same without them."""
    keys = {row.key for row in rows}
    isrcs = {row.key: row.canonical_isrc for row in rows}
    without = {
        rows[i].key: number
        for number, found in enumerate(group(rows, Overrides(aliases=overrides.aliases)))
        for i in found.rows
    }
    idle = []
    for verdict, pairs in (("same", overrides.same), ("different", overrides.different)):
        for a, b in sorted(pairs):
            missing = [key for key in (a, b) if key not in keys]
            if missing:
                idle.append(Idle(f"{verdict}: {a}, {b}", f"no row {' nor '.join(missing)}"))
            elif (without[a] == without[b]) == (verdict == "same"):
                idle.append(Idle(f"{verdict}: {a}, {b}", "the judgement agrees without it"))
    for key, isrc in sorted(overrides.isrcs):
        if key not in keys:
            idle.append(Idle(f"isrc: {key}", f"no row {key}"))
        elif isrcs[key] == isrc:
            idle.append(Idle(f"isrc: {key}", "the row carries this ISRC anyway"))
    return idle


class _Grouping:
    """The work of one call: rows that say the same are judged once, as one entry."""

    def __init__(self, rows: Sequence[Row], overrides: Overrides) -> None:
        self._isrcs = dict(overrides.isrcs)
        self._overrides = overrides
        entries: defaultdict[Row, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            isrc = self._isrcs.get(row.key) if row.key else None
            entries[replace(row, isrc=isrc) if isrc else row].append(index)
        self._entries = sorted(entries, key=_order)
        self._read = [row_readings(row, overrides.aliases) for row in self._entries]
        self._indices = [entries[row] for row in self._entries]
        self._group_of = list(range(len(self._entries)))
        self._unit_of = self._group_of
        self._members = {number: [number] for number in self._group_of}
        self._ties: list[Tie | None] = [None] * len(self._entries)
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        named = {key for keys in overrides.same | overrides.different for key in keys}
        for number, row in enumerate(self._entries):
            if row.key in named:
                self._by_key[row.key].append(number)
        self._apart = {pair for keys in overrides.different for pair in self._pairs(keys)}
        self._judged: dict[tuple[int, int], Judgement] = {}
        self._isrc_of = [row.canonical_isrc for row in self._entries]
        self._candidate_pairs = self._candidates()

    def join_by_hand(self) -> None:
        for keys in sorted(self._overrides.same):
            for a, b in self._pairs(keys):
                self._join(a, b, Tie(Method.OVERRIDE, 1.0))
        self._unit_of = list(self._group_of)

    def join_by_isrc(self) -> None:
        """Before the pairs of texts, even the surest: what one row of an ISRC vouches for must not depend on the rows' order."""
        of_one_isrc = [pair for pair in self._candidate_pairs if self._one_isrc(*pair)]
        self._join_surest_first(of_one_isrc)
        self._unit_of = list(self._group_of)
        # Nothing else can join what one ISRC could not.
        self._apart |= {(a, b) for a, b in of_one_isrc if self._group_of[a] != self._group_of[b]}

    def join_by_judgement(self) -> None:
        self._join_surest_first(self._candidate_pairs)

    def recordings(self) -> list[Recording]:
        found = []
        for members in self._members.values():
            matched = [
                (index, self._ties[number] or self._tie_to_itself(number))
                for number in members
                for index in self._indices[number]
            ]
            matched.sort(key=lambda item: item[0])
            found.append(Recording(tuple(index for index, _ in matched), tuple(match for _, match in matched)))
        return sorted(found, key=lambda recording: recording.rows)

    def _pairs(self, keys: tuple[str, str]) -> Iterator[tuple[int, int]]:
        """The entries that an override names: several rows can have one key, rows of several days for example."""
        for a, b in product(self._by_key.get(keys[0], ()), self._by_key.get(keys[1], ())):
            yield min(a, b), max(a, b)

    def _candidates(self) -> list[tuple[int, int]]:
        blocks: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self._entries):
            for block in set(_blocks(row, self._read[number])):
                blocks[block].append(number)
        return sorted({pair for numbers in blocks.values() for pair in combinations(numbers, 2)})

    def _join_surest_first(self, pairs: Iterable[tuple[int, int]]) -> None:
        unmeasured = [not row.duration_ms for row in self._entries]
        same = [
            (unmeasured[pair[0]] + unmeasured[pair[1]], -found.confidence, pair)
            for pair in pairs
            if (found := self._judge(pair)).verdict is Verdict.SAME and pair not in self._apart
        ]
        for _, _, (a, b) in sorted(same):
            mine, theirs = self._group_of[a], self._group_of[b]
            if mine == theirs or not self._contradicted(mine, theirs):
                self._join(a, b, self._match(a, b))

    def _one_isrc(self, a: int, b: int) -> bool:
        isrc = self._isrc_of[a]
        return isrc is not None and isrc == self._isrc_of[b]

    def _judge(self, pair: tuple[int, int]) -> Judgement:
        if pair not in self._judged:
            a, b = pair
            found = judge_readings(self._entries[a], self._entries[b], self._read[a], self._read[b])
            if self._one_isrc(a, b) and self._isrc_by_hand(a, b):
                found = replace(found, verdict=Verdict.SAME, confidence=SURE_BY_HAND)
            self._judged[pair] = found
        return self._judged[pair]

    def _isrc_by_hand(self, a: int, b: int) -> bool:
        return self._entries[a].key in self._isrcs or self._entries[b].key in self._isrcs

    def _contradicted(self, mine: int, theirs: int) -> bool:
        """Whether a unit of one group and a unit of the other are different, and no unit of several rows is the same as both."""
        ours, others = self._units(mine), self._units(theirs)
        return any(
            self._relation(unit, other) is Verdict.DIFFERENT and not self._settled(unit, other, ours + others)
            for unit in ours
            for other in others
        )

    def _settled(self, unit: Sequence[int], other: Sequence[int], units: Iterable[Sequence[int]]) -> bool:
        if any((min(a, b), max(a, b)) in self._apart for a, b in product(unit, other)):
            return False
        return any(
            self._relation(one, unit) is self._relation(one, other) is Verdict.SAME
            for one in units
            if len(one) > 1 and one is not unit and one is not other
        )

    def _relation(self, unit: Sequence[int], other: Sequence[int]) -> Verdict:
        """What is said of two units: any pair of rows may say that they are different, and any vouch for them."""
        found = Verdict.UNSURE
        for a, b in product(unit, other):
            pair = (min(a, b), max(a, b))
            if pair in self._apart:
                return Verdict.DIFFERENT
            verdict = self._judge(pair).verdict
            if verdict is Verdict.SAME or found is Verdict.SAME:
                found = Verdict.SAME
            # Two rows with one ISRC that are not the same are two songs or two versions.
            elif verdict is Verdict.DIFFERENT or self._one_isrc(a, b):
                found = Verdict.DIFFERENT
        return found

    def _units(self, group: int) -> list[list[int]]:
        units: defaultdict[int, list[int]] = defaultdict(list)
        for number in self._members[group]:
            units[self._unit_of[number]].append(number)
        return list(units.values())

    def _match(self, a: int, b: int) -> Tie:
        confidence = self._judge((min(a, b), max(a, b))).confidence
        if self._one_isrc(a, b):
            return Tie(Method.OVERRIDE if self._isrc_by_hand(a, b) else Method.ISRC, confidence)
        return Tie(Method.TEXT, confidence)

    def _join(self, a: int, b: int, match: Tie) -> None:
        for number in (a, b):
            tie = self._ties[number]
            if tie is None or tie.confidence < match.confidence:
                self._ties[number] = match
        kept, other = sorted((self._group_of[a], self._group_of[b]))
        if kept != other:
            moved = self._members.pop(other)
            self._members[kept] += moved
            for number in moved:
                self._group_of[number] = kept

    def _tie_to_itself(self, number: int) -> Tie:
        if len(self._indices[number]) == 1:
            return Tie(Method.ALONE, 1.0)
        return Tie(Method.ISRC if self._entries[number].isrc else Method.TEXT, 1.0)


def _order(row: Row) -> tuple[str, ...]:
    return (row.key, row.service or "", row.title, row.artist, str(row.duration_ms), row.isrc or "", row.uploader or "")


def _blocks(row: Row, read: Sequence[ParsedTitle]) -> Iterator[str]:
    """The blocks of a row: rows that share none are not compared.

    An equal ISRC; an equal title with artists that begin alike; an artist with titles that begin or end alike.
    """
    if row.canonical_isrc:
        yield f"isrc {row.canonical_isrc}"
    for reading in read:
        names = {form for name in (*reading.credits, *reading.uploader) for form in name.forms | name.parts}
        titles = {reading.compact, *reading.alternatives, *([reading.part] if reading.part else [])}
        # The other row may be in Latin letters.
        names |= {romanise(name) for name in names if not name.isascii()}
        titles |= {romanise(title) for title in titles if not title.isascii()}
        for title in titles:
            yield from _title_blocks(title, names)


def _title_blocks(title: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield f"title {title} {name[:2]}"
        yield f"start {title[:4]} {name}"
        yield f"end {title[-4:]} {name}"
