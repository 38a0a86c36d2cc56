"""A row's title and artist, taken apart: base title, version, subtitles, and everybody who is credited.

What belongs here: where titles keep these things (brackets, dashes, "feat.", "Artist - Title" and its reverse). What does not:
what the notes mean (`versions.py`), and any comparison of two rows (`judge.py`). A title can allow more than one reading;
all of them are offered, the likeliest first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunemeld_pipeline.charts.matching.artists import FEATURING, Name, same_name, split_names
from tunemeld_pipeline.charts.matching.folding import compact, fold, repair
from tunemeld_pipeline.charts.matching.versions import Kind, Version, recognise


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """One reading of a row's title and artist.

    Attributes:
        base: the title without notes and credits, repaired but not folded, for people.
        key: the base title folded.
        versions: which version of the song it is; empty for the plain recording.
        subtitles: folded notes that are neither version nor credit, for example "tipsy" of "A Bar Song (Tipsy)".
        artists: the names that the artist field and a title of the form "Artist - Title" give, in order.
        featured: the guests, from "feat. X" in any place and "(with X)".
        uploader: the names in the uploader's name, who may be the artist or a label; not counted as credits.
        alternatives: other compact forms of the title: of "새벽 Dawn" each script's half, of "Nine (Lanterns)" "ninelanterns".
    """

    base: str
    key: str
    versions: frozenset[Version]
    subtitles: tuple[str, ...]
    artists: tuple[Name, ...]
    featured: tuple[Name, ...]
    uploader: tuple[Name, ...]
    alternatives: tuple[str, ...]

    @property
    def credits(self) -> tuple[Name, ...]:
        """Everybody who is credited, main artists first."""
        return self.artists + self.featured


_OPENING, _CLOSING = "([{【「『《〈", ")]}】」』》〉"
_DASH = re.compile(r"\s+[-‐‑‒–—―−~|¦│⎸‖/]+\s+|(?<=\w)[-–—]\s+|\s+[–—](?=\w)|\s*[—―]\s*|\s*[|│⎸‖]+\s*")
_WITH = re.compile(
    r"^(?:with|w/|con|avec|mit|&|\+|and)\s+(?!(?:me|you|us|him|her|it|them|my|your|our|a|an|or|without|love)\b)",
    re.IGNORECASE,
)
_PROSE_CREDIT = re.compile(r"^(?:prod|produced|written)\b", re.IGNORECASE)
_NOTE_BREAK = re.compile(r"\s*;\s*|\s+[-–—]\s+")
# Only words that hardly end a title by themselves; "Live", "Edit" and "Mix" count in brackets and after a dash alone.
_TRAILING_VERSION = re.compile(
    r"\s+((?:official\s+)?(?:music\s+|lyrics?\s+)video|official\s+(?:audio|video|visuali[sz]er)|remix|rmx|bootleg|mashup"
    r"|sped[- ]up(?: version)?|slowed(?:\s*(?:\+|and|&|n|x)?\s*reverb)?|nightcore|instrumental|karaoke(?: version)?|a ?cap+ella"
    r"|extended(?: mix)?|radio edit|original mix|vip(?: mix)?|remaster(?:ed)?(?: \d{4})?|\d{4} remaster)$",
    re.IGNORECASE,
)
_TRAILING_PART = re.compile(r"[\s,:]+((?:part|pt\.?|parte)\s*(?:\d+|[ivx]+|one|two|three|four|five))$", re.IGNORECASE)
_PERFORMER = re.compile(r"\b(karaoke|backing track|tribute|cover|nightcore|sped ?up|slowed|instrumental)s?\b")
_PERFORMER_VERSIONS = {
    "karaoke": Kind.KARAOKE,
    "backing track": Kind.KARAOKE,
    "tribute": Kind.COVER,
    "cover": Kind.COVER,
    "nightcore": Kind.SPED_UP,
    "sped up": Kind.SPED_UP,
    "spedup": Kind.SPED_UP,
    "slowed": Kind.SLOWED,
    "instrumental": Kind.INSTRUMENTAL,
}


def parse_title(title: str, artist: str, uploader: str | None = None) -> ParsedTitle:
    """The likeliest reading of a title. Never raises, whatever the text."""
    return readings(title, artist, uploader)[0]


@lru_cache(maxsize=65_536)
def readings(title: str, artist: str, uploader: str | None = None) -> tuple[ParsedTitle, ...]:
    """Every reading of a title, the likeliest first.

    There is more than one only where a dash separates two parts and it is open what they are: artist and title, title and
    artist, title and subtitle, or one title; and where "Marrow - Live" may be a song by Marrow or one named after them.
    """
    text = repair(title or "")
    draft = _Draft(text, artist or "", uploader or "")
    outer = draft.take_brackets(text)
    if not outer:  # "(Interlude)" is a title, not a note on one
        draft = _Draft(text, artist or "", uploader or "")
        outer = " ".join(inside for inside, _ in _split_brackets(text)).strip()
    segments = [part for part in (draft.take_guests(part.strip()) for part in _DASH.split(outer)) if part]
    if len(segments) < 2:
        return (draft.reading(segments[0] if segments else outer or text),)

    rest, names = _without_artist(segments, (*draft.artists, *draft.uploader))
    only_versions = bool(names) and all(recognise(part) is not None for part in rest)
    if names and (draft.subtitles or not only_versions):
        draft.artists = _merged(draft.artists, names)
        base, *notes = [" ".join(rest)] if only_versions else rest
        return (draft.reading(base, draft.take_notes(notes)),)
    named_after_it = (draft.reading(" ".join(rest)),) if names else ()
    first, *later = segments
    later = draft.take_notes(later)
    plain = draft.reading(first, later)
    if not later:
        return (plain, *named_after_it)
    as_artist = draft.reading(later[0], later[1:], split_names(first))
    reverse = draft.reading(first, later[1:], split_names(later[0]))
    whole = draft.reading(" ".join((first, *later)))
    # SoundCloud's uploaders write "Artist - Title"; elsewhere what follows a dash is a note on the title.
    return (as_artist, plain, reverse, whole) if uploader else (plain, as_artist, reverse, whole)


class _Draft:
    """What is known of a row while its title is taken apart, before the base is chosen."""

    def __init__(self, title: str, artist: str, uploader: str) -> None:
        self._title = title
        main, *guests = FEATURING.split(repair(artist))
        self.artists = split_names(main)
        self.featured = [name for guest in guests for name in split_names(guest)]
        self.uploader = split_names(uploader)
        self.subtitles: list[str] = []
        performers = " ".join(name.folded for name in (*self.artists, *self.uploader))
        self._versions = {Version(_PERFORMER_VERSIONS[word]) for word in _PERFORMER.findall(performers)}

    def reading(self, base: str, subtitles: Iterable[str] = (), more_artists: tuple[Name, ...] = ()) -> ParsedTitle:
        """One reading, with what has been taken out of the title so far."""
        base, trailing = _without_trailing_versions(base)
        key = fold(base) or fold(self._title)
        folded_subtitles = tuple(folded for text in (*subtitles, *self.subtitles) if (folded := fold(text)))
        return ParsedTitle(
            base=base,
            key=key,
            versions=frozenset(self._versions | trailing),
            subtitles=folded_subtitles,
            artists=_merged(self.artists, more_artists),
            featured=_merged(tuple(self.featured), ()),
            uploader=self.uploader,
            alternatives=tuple(_alternatives(key, folded_subtitles)),
        )

    def take_brackets(self, title: str) -> str:
        """The text outside brackets; what is inside is sorted. A bracket that opens the title is part of it."""
        outside = ""
        for text, bracketed in _split_brackets(title):
            if not bracketed:
                outside += text
            elif not outside.strip() and recognise(text) is None and FEATURING.match(text) is None:
                outside += f"{text} "
            else:
                self.subtitles += self._sort(text)
                outside += " "
        return " ".join(outside.split())

    def take_guests(self, text: str) -> str:
        """The text before "feat. X"."""
        before, *guests = FEATURING.split(text, maxsplit=1)
        for names in guests:
            self.featured += split_names(names)
        return before.strip(" ,;(-")

    def take_notes(self, segments: Iterable[str]) -> list[str]:
        """What is left of a title's later parts when versions and credits are taken out."""
        return [text for segment in segments for text in self._sort(segment)]

    def _sort(self, note: str) -> list[str]:
        rest = []
        for piece in _NOTE_BREAK.split(note):
            credit = _WITH.match(piece)
            if credit is not None and recognise(piece) is None:
                self.featured += split_names(piece[credit.end() :])
                continue
            text = self.take_guests(piece)
            if not text or _PROSE_CREDIT.match(text):
                continue
            versions = recognise(text)
            if versions is None:
                rest.append(text)
            else:
                self._versions |= versions
        return rest


def _split_brackets(title: str) -> Iterator[tuple[str, bool]]:
    """(text, whether it was in brackets) from left to right; nested brackets stay inside, an unclosed one reaches to the end."""
    depth = start = 0
    for index, char in enumerate(title):
        if char in _OPENING:
            if depth == 0:
                yield title[start:index], False
                start = index + 1
            depth += 1
        elif char in _CLOSING and depth > 0:
            depth -= 1
            if depth == 0:
                yield title[start:index], True
                start = index + 1
    yield title[start:], depth > 0


def _without_artist(segments: list[str], known: tuple[Name, ...]) -> tuple[list[str], tuple[Name, ...]]:
    """The segments without the one that names the row's artist, and the names in it. The artist stands first or last."""
    for at, rest in ((0, segments[1:]), (-1, segments[:-1])):
        names = split_names(segments[at])
        if any(same_name(name, other) for name in names for other in known) and recognise(segments[at]) is None:
            return rest, names
    return segments, ()


def _merged(names: tuple[Name, ...], more: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple({compact(name.folded): name for name in (*names, *more)}.values())


def _without_trailing_versions(base: str) -> tuple[str, set[Version]]:
    versions: set[Version] = set()
    while True:
        note = _TRAILING_VERSION.search(base) or _TRAILING_PART.search(base)
        found = recognise(note[1]) if note else None
        if note is None or found is None:
            return base, versions
        versions |= found
        base = base[: note.start()].rstrip(" ,:-")


def _alternatives(key: str, subtitles: tuple[str, ...]) -> Iterator[str]:
    """A title in two scripts is two titles: the halves of "새벽 Dawn", or the bracket of "새벽 (Dawn)".

    Without its bracket's signs, "Nine (Lanterns)" is "Nine Lanterns".
    """
    latin = [word for word in key.split() if word.isascii()]
    other = [word for word in key.split() if not word.isascii()]
    for half in (latin, other):
        if latin and other and len(compact("".join(half))) >= 2:
            yield "".join(half)
    for subtitle in subtitles:
        yield compact(key + subtitle)
        if subtitle.isascii() != key.isascii():
            yield compact(subtitle)
