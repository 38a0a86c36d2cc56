"""What the operator has decided: pairs that are the same or are not, and ISRCs, in a reviewed file.

This module reads that file, whose place is the setting MATCH_OVERRIDES, and refuses one that contradicts itself; `group.py` applies it.
Rows are named by their keys, for example "SoundCloud:1234".

    [[same]]
    rows = ["SoundCloud:1234", "Spotify:abc"]
    reason = "the label's upload carries the label's name as artist"

    [[different]]
    rows = ["AppleMusic:77", "Spotify:def"]
    reason = "a live take that is not marked as one"

    [[isrc]]
    row = "AppleMusic:78"
    isrc = "QZAAA2400001"

    [[alias]]
    names = ["Marrow", "M. Row"]
"""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunemeld_pipeline.charts.matching.artists import NO_ALIASES, Aliases, split_names
from tunemeld_pipeline.errors import OverridesError
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.text_files import read_small_text, toml_tables


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the operator decided.

    Attributes:
        same: pairs of row keys that are one recording, each pair sorted.
        different: pairs of row keys that are not, each pair sorted.
        isrcs: (row key, ISRC) for rows whose ISRC is missing or wrong.
        aliases: names under which one artist is known.
    """

    same: frozenset[tuple[str, str]] = frozenset()
    different: frozenset[tuple[str, str]] = frozenset()
    isrcs: frozenset[tuple[str, str]] = frozenset()
    aliases: Aliases = NO_ALIASES

    def about(self, keys: Set[str]) -> "Overrides":
        """Those that name at least one of these rows, and the aliases; the others may name rows of another genre."""
        return Overrides(
            frozenset(pair for pair in self.same if not keys.isdisjoint(pair)),
            frozenset(pair for pair in self.different if not keys.isdisjoint(pair)),
            frozenset(entry for entry in self.isrcs if entry[0] in keys),
            self.aliases,
        )


NO_OVERRIDES = Overrides()


def read_overrides(path: Path | None) -> Overrides:
    """The overrides in this file; none where no file is named.

    Raises:
        OverridesError: the file cannot be read, or what it says cannot be used.
    """
    if path is None:
        return NO_OVERRIDES
    try:
        text = read_small_text(path)
    except OSError as error:
        raise OverridesError(
            f"{path}: cannot be read ({error.strerror}); set MATCH_OVERRIDES to a readable file"
        ) from error
    except UnicodeDecodeError as error:
        raise OverridesError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    return parse_overrides(text, str(path))


def parse_overrides(text: str, source: str = "overrides") -> Overrides:
    """The overrides in a TOML text; every entry may carry a `reason`, for people. `source` names the text in messages.

    Raises:
        OverridesError: the text is not TOML, an entry is not complete, or entries contradict each other.
    """
    try:
        tables = toml_tables(text)
    except ValueError as error:
        raise OverridesError(f"{source}: not TOML, mend it: {error}") from error
    problems = [
        f"[[{name}]]: unknown; use same, different, isrc or alias"
        for name in tables.keys() - {"same", "different", "isrc", "alias"}
    ]
    same = frozenset(_pairs(tables, "same", problems))
    different = frozenset(_pairs(tables, "different", problems))
    isrcs = frozenset(_isrcs(tables, problems))
    aliases = _aliases(tables, problems)
    problems += _contradictions(same, different, isrcs)
    if problems:
        raise OverridesError(f"{source}: {'; '.join(sorted(problems))}")
    return Overrides(same, different, isrcs, aliases)


def _entries(
    tables: dict[str, Any], name: str, known: set[str], problems: list[str]
) -> list[tuple[str, dict[str, Any]]]:
    entries = tables.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append(f"{name}: write each entry under its own [[{name}]]")
        return []
    numbered = [(f"[[{name}]] {number}", entry) for number, entry in enumerate(entries, start=1)]
    problems += [f"{place}: unknown {key!r}" for place, entry in numbered for key in entry.keys() - known - {"reason"}]
    return numbered


def _pairs(tables: dict[str, Any], name: str, problems: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for place, entry in _entries(tables, name, {"rows"}, problems):
        rows = entry.get("rows")
        if not isinstance(rows, list) or len(rows) != 2 or not all(isinstance(row, str) and row for row in rows):
            problems.append(f"{place}: needs rows = [two keys, each SERVICE:ID]")
        elif rows[0] == rows[1]:
            problems.append(f"{place}: names {rows[0]} twice")
        else:
            pairs.append((min(rows), max(rows)))
    return pairs


def _isrcs(tables: dict[str, Any], problems: list[str]) -> list[tuple[str, str]]:
    isrcs = []
    for place, entry in _entries(tables, "isrc", {"row", "isrc"}, problems):
        row, isrc = entry.get("row"), well_formed_isrc(entry.get("isrc"))
        if not isinstance(row, str) or not row:
            problems.append(f"{place}: needs row = a key, SERVICE:ID")
        elif isrc is None:
            problems.append(
                f"{place}: {entry.get('isrc')!r} is not an ISRC (two letters, three letters or digits, seven digits)"
            )
        else:
            isrcs.append((row, isrc))
    return isrcs


def _aliases(tables: dict[str, Any], problems: list[str]) -> Aliases:
    forms: dict[str, frozenset[str]] = {}
    for place, entry in _entries(tables, "alias", {"names"}, problems):
        names = entry.get("names")
        if not isinstance(names, list) or len(names) < 2 or not all(isinstance(name, str) for name in names):
            problems.append(f"{place}: needs names = [two or more names of one artist]")
            continue
        read = {name: split_names(name) for name in names}
        problems += [f"{place}: {name!r} is no single name" for name, found in read.items() if len(found) != 1]
        artist = frozenset(form for found in read.values() for one in found for form in one.forms)
        if not forms.keys().isdisjoint(artist):
            problems.append(f"{place}: names an artist of another [[alias]]; write all names of an artist in one")
        forms |= dict.fromkeys(artist, artist)
    return Aliases(frozenset(forms.items()))


def _contradictions(
    same: frozenset[tuple[str, str]], different: frozenset[tuple[str, str]], isrcs: frozenset[tuple[str, str]]
) -> list[str]:
    one_recording: dict[str, set[str]] = {}
    for a, b in sorted(same):
        joined = one_recording.get(a, {a}) | one_recording.get(b, {b})
        one_recording |= dict.fromkeys(joined, joined)
    problems = [f"{a} and {b} are both same and different" for a, b in different if b in one_recording.get(a, set())]
    rows = [row for row, _ in isrcs]
    return problems + [f"{row} has two ISRCs" for row in sorted(set(rows)) if rows.count(row) > 1]
