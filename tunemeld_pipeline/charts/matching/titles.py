"""A row's title and artist, taken apart: base title, version, subtitles, and everybody who is credited.

This module knows where titles keep these things: in brackets, after dashes and "feat.", as "Artist - Title" or its reverse. `versions.py`
knows what the notes mean, and `judge.py` compares two rows. A title can have more than one reading: all are given, the likeliest first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from tunemeld_pipeline.charts.matching.artists import FEATURING, NO_ALIASES, Aliases, Name, same_name, split_names
from tunemeld_pipeline.charts.matching.folding import compact, fold, repair
from tunemeld_pipeline.charts.matching.treatments import is_title_words, is_treatment
from tunemeld_pipeline.charts.matching.versions import Version, VersionKind, recognise
from tunemeld_pipeline.charts.matching.wording import COUNTED, numbers, one_writing


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """One reading of a row's title and artist.

    Attributes:
        base: the title without notes and credits, repaired but not folded, for people.
        key: the base title folded, in one writing.
        compact: the key without spaces.
        numbers: the numbers in the key.
        whole: the base title and its subtitles, compact; how the title writes them makes no difference.
        part: of "Rivers, Pt. 2" the compact title with the number alone, "rivers2"; "" where no part is named.
        versions: which version of the song it is; empty for the plain recording.
        subtitles: folded notes that are neither version nor credit, for example "tipsy" of "A Bar Song (Tipsy)".
        listed: the folded beginnings of subtitles that are lists, "slate" of "slate ona vale", which was "Slate, Ona Vale".
        artists: the names that the artist field and a title of the form "Artist - Title" give, in order.
        featured: the guests, from "feat. X" in any place and "(with X)".
        uploader: the names in the uploader's name, who may be the artist or a label; not counted as credits.
        alternatives: other compact forms of the title: of "새벽 Dawn" each script's half, of "Nine (Lanterns)" "ninelanterns".
        moved: those of `artists` whom only this reading of the title's words makes artists; a credit or an uploader of the other
            row has to support it.
        place: a track's place on a record or a record's number in front of the title, which this reading leaves out; mostly "".
    """

    base: str
    key: str
    compact: str
    numbers: tuple[str, ...]
    whole: str
    part: str
    versions: frozenset[Version]
    subtitles: tuple[str, ...]
    listed: tuple[str, ...]
    artists: tuple[Name, ...]
    featured: tuple[Name, ...]
    uploader: tuple[Name, ...]
    alternatives: tuple[str, ...]
    moved: tuple[Name, ...] = ()
    place: str = ""

    @property
    def credits(self) -> tuple[Name, ...]:
        """Everybody who is credited, main artists first."""
        return self.artists + self.featured

    def is_supported_by(self, other: "ParsedTitle") -> bool:
        """Whether nothing has been moved out of the title, or somebody moved is a credit or an uploader of the other row.

        A row that names no artist has only its title to say who it is by.
        """
        if len(self.moved) in (0, len(self.artists)):
            return True
        known = [name for name in (*other.credits, *other.uploader) if name not in other.moved]
        return any(same_name(name, one) for name in self.moved for one in known)


_OPENING, _CLOSING = "([{【「『《〈", ")]}】」』》〉"
_BRACKET = re.compile(f"[{re.escape(_OPENING)}]")
_DASH = re.compile(
    r"\s+[-‐‑‒–—―−⸺⸻~|¦│⎸‖/•·・»➤►▶→_]+\s+|(?<=\w)[-–—]\s+|\s+[–—](?=\w)|(?<=\w)\s+-(?=[^\W\d_])|\s*[—―⸺⸻]\s*|\s*[|│⎸‖]+\s*"
)
_DASH_SIGNS = frozenset("-‐‑‒–—―−⸺⸻~|¦│⎸‖/•·・»➤►▶→_")
_BETWEEN_DASHES = re.compile(r"\s([-~])(?=\S)([^-~]+)(?<=\S)\1\s*$")
# "PREMIERE: ", "Tidal Dock Premiere | ", "Exclusive - ", "FREE DL // " before the title or the artist.
_ANNOUNCEMENT = re.compile(
    r"^\W*(?:(?:[\w.'’&]+[\s:]+){0,3}?(?:pr[eèé]mi[eèé]re|exclusive)s?(?:\s*#?\d+)?|free\s+(?:download|dl)|out\s+now|new\s+music)"
    r"\s*(?:[*★☆✨⚡⬇🔥]+\ufe0f?|[:|»>]+|//+|\s[-–—/~]+\s|[-–—]\s)\s*(?=\S)"
    r"|^\W*(?-i:NEW|HOT|FRESH|JUST IN|LISTEN|STREAM|WATCH)\s*[:|»>!]+\s*(?=\S)|^\W*(?-i:PREMI[EÈ]RE)\s+(?=\S.*\s[-–—]\s)",
    re.IGNORECASE,
)
_ANNOUNCING = (
    "prem",
    "prèm",
    "prém",
    "exclusive",
    "free",
    "out",
    "new",
    "hot",
    "fresh",
    "just in",
    "listen",
    "stream",
    "watch",
)
# A track's place on a record or in a list, or a record's number, in front: "03. ", "07 - ", "A1 ", "[GLH001] ", "GLH014 | ".
_PLACE = re.compile(
    r"^\s*(?:0\d\s*[-–—.):]*\s+|\d{1,2}\s*(?:[.)]|\s[-–—])\s+|[A-F][1-9](?:[.):]\s*|\s+(?:[-–—]\s+)?)"
    r"|\[[A-Z]{2,6}[ -]?\d{2,4}[A-Z]?\]\s*[-–—:|]*\s*|[A-Z]{2,6}-?\d{3,4}[A-Z]?\s*[-–—:|]\s+)(?=\S)"
)
# A subtitle in front: "(I Won't Let You Go) Tin Rivers".
_BRACKET_BEFORE = re.compile(r"^\s*[(\[]([^()\[\]]+)[)\]]\s+(?=\w)(.*)$")
# The artist before a colon: "Marrow: Tin Rivers".
_COLON = re.compile(r"(?<=\w):\s+")
# The title in quotation marks: "Marrow 'Tin Rivers' MV".
_QUOTES = frozenset("\"“'‘")
_QUOTED = re.compile(r"""^(?P<names>\S.*?)\s+(?:"(?P<a>[^"]+)"|“(?P<b>[^”]+)”|['‘](?P<c>[^'’]+)['’])(?P<rest>\s.*|)$""")
# "Tin Rivers by Marrow", "Tin Rivers w/ Odile"
_NAMED_BEHIND = re.compile(r"\s+(?:by\s+|w/\s*)(?P<names>\S.*)$", re.IGNORECASE)
_DONE_BY = re.compile(
    r"\b(?:remix(?:ed)?|rework(?:ed)?|edit(?:ed)?|mix(?:ed)?|flip|bootleg|cover(?:ed)?|produced|prod|performed|written|version|stand)$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"^(?:with|w/|con|avec|mit|&|\+|and)\s+(?!(?:me|you|us|him|her|it|them|my|your|our|a|an|or|without|love)\b)",
    re.IGNORECASE,
)
_PROSE_CREDIT = re.compile(r"^(?:prod|produced|written|dir|directed|shot|filmed)\b", re.IGNORECASE)
_TRAILING_CREDIT = re.compile(r"(?<=\w)[\s*]+prod(?:uced)?(?:\.\s*(?:by\s+)?|\s+by\s+)\S.*$", re.IGNORECASE)
_STARRED = re.compile(r"\*([^*\s][^*]*)\*\s*$")
_NOTE_BREAK = re.compile(rf"\s*;\s*|{_DASH.pattern}")
_NUMBER_ALONE = re.compile(r"^(?:\d{1,3}|[a-zα-ωа-я]|\d{1,2}(?:st|nd|rd|th))$")
# Only words that hardly end a title by themselves; "Live", "Edit" and "Mix" count in brackets and after a dash alone.
_VERSION_WORDS = (
    r"(?-i:M/?V)|(?:official\s+)?(?:music\s+|lyrics?\s+)video|official\s+(?:audio|video|visuali[sz]er)|remix|rmx|bootleg|mashup"
    r"|sped[- ]up(?: version)?|slowed(?:\s*(?:\+|and|&|n|x)?\s*reverb)?|nightcore|instrumental|karaoke(?: version)?|a ?cap+ella"
    r"|extended(?: mix)?|radio edit|original mix|vip(?: mix)?|remaster(?:ed)?(?: \d{4})?|\d{4} remaster"
    r"|(?-i:OUT NOW)|free (?:download|dl)|with lyrics"
)
_TRAILING_VERSION = re.compile(rf"\s+({_VERSION_WORDS})[!\s]*$", re.IGNORECASE)
_VERSION_BEHIND_NAMES = re.compile(rf"\s+(live|acoustic|demo|cover|{_VERSION_WORDS})[!\s]*$", re.IGNORECASE)
_TRAILING_PART = re.compile(rf"[\s,:]+((?:{'|'.join(COUNTED)})(?:\.\s*|\s+|(?=\d))#?\w+)$", re.IGNORECASE)
_PERFORMER = re.compile(r"\b(karaoke|backing track|tribute|cover|nightcore|sped ?up|slowed|instrumental)s?\b")
_PERFORMER_VERSIONS = {
    "karaoke": VersionKind.KARAOKE,
    "backing track": VersionKind.KARAOKE,
    "tribute": VersionKind.COVER,
    "cover": VersionKind.COVER,
    "nightcore": VersionKind.SPED_UP,
    "sped up": VersionKind.SPED_UP,
    "spedup": VersionKind.SPED_UP,
    "slowed": VersionKind.SLOWED,
    "instrumental": VersionKind.INSTRUMENTAL,
}


def parse_title(title: str, artist: str, uploader: str | None = None) -> ParsedTitle:
    """The likeliest reading of a title. Never raises, for any text."""
    return readings(title, artist, uploader)[0]


@lru_cache(maxsize=65_536)
def readings(
    title: str, artist: str, uploader: str | None = None, aliases: Aliases = NO_ALIASES
) -> tuple[ParsedTitle, ...]:
    """Every reading of a title, the likeliest first.

    There is more than one only where a dash separates two parts and it is open what they are: title and subtitle, artist and
    title, or title and artist; and where "Marrow - Live" may be a song by Marrow or one named after them.
    """
    text = _without_announcement(repair(title or ""))
    if text.rstrip().endswith(("-", "~")):
        text = _BETWEEN_DASHES.sub(r" (\2)", text)
    elif text.rstrip().endswith("*"):
        text = _STARRED.sub(lambda found: f" ({found[1]})" if recognise(found[1]) is not None else found[0], text)
    found = _readings_of(text, artist or "", uploader or "", aliases)
    place = _PLACE.match(text)
    if place is not None and recognise(text[place.end() :]) is None:
        numbered = _readings_of(text[place.end() :], artist or "", uploader or "", aliases)
        found += tuple(replace(reading, place=compact(fold(place[0]))) for reading in numbered)
    bracket = _BRACKET_BEFORE.match(text)
    if bracket is not None and is_title_words(fold(bracket[1])):
        found += _readings_of(f"{bracket[2]} ({bracket[1]})", artist or "", uploader or "", aliases)
    return found


def _readings_of(text: str, artist: str, uploader: str, aliases: Aliases) -> tuple[ParsedTitle, ...]:
    draft = _Draft(text, artist, uploader, aliases)
    outer = draft.take_brackets(text)
    if not outer:  # "(Interlude)" is a title, not a note on one
        draft = _Draft(text, artist, uploader, aliases)
        outer = " ".join(inside for inside, _ in _split_brackets(text)).strip()
    segments = [part for part in (draft.take_guests(part.strip()) for part in _split_at_dashes(outer)) if part]
    segments = _each_once(segments)
    if len(segments) < 2:
        return draft.readings_of_one(segments[0] if segments else outer or text)

    rest, names = draft.without_artist(segments)
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
    as_artist = draft.reading(later[0], later[1:], aliases.split_names(first))
    reverse = draft.reading(first, later[1:], aliases.split_names(later[0]))
    # SoundCloud's uploaders write "Artist - Title"; elsewhere what follows a dash is a note on the title.
    return (as_artist, plain, reverse) if uploader else (plain, as_artist, reverse)


def _without_announcement(title: str) -> str:
    """The title without "PREMIERE:" and its like; a song can be called "Exclusive" and have a live take."""
    lowered = title.lower()
    found = _ANNOUNCEMENT.match(title) if any(word in lowered for word in _ANNOUNCING) else None
    if found is None:
        return title
    rest = title[found.end() :]
    return title if recognise(rest) is not None else rest


def _split_at_dashes(text: str) -> list[str]:
    return [text] if _DASH_SIGNS.isdisjoint(text) else _DASH.split(text)


def _each_once(segments: list[str]) -> list[str]:
    """The segments without those that repeat the one before them: "Tam & Odile - Tam, Odile - Undertow"."""
    if len(segments) < 3:
        return segments
    names = [{name.folded for name in split_names(part)} for part in segments]
    return [part for at, part in enumerate(segments) if at == 0 or names[at] != names[at - 1]]


def _is_number(note: str) -> bool:
    return len(note) < 12 and _NUMBER_ALONE.match(one_writing(fold(f"n {note}")).removeprefix("and ")) is not None


class _Draft:
    """What is known of a row while its title is taken apart, before the base is chosen."""

    def __init__(self, title: str, artist: str, uploader: str, aliases: Aliases) -> None:
        self._title = title
        self._split_names = aliases.split_names
        main, *guests = FEATURING.split(repair(artist))
        self.artists = self._split_names(main)
        self.featured = [name for guest in guests for name in self._split_names(guest)]
        self.uploader = self._split_names(uploader)
        self.subtitles: list[str] = []
        performers = " ".join(name.folded for name in (*self.artists, *self.uploader))
        self._versions = {Version(_PERFORMER_VERSIONS[word]) for word in _PERFORMER.findall(performers)}

    def reading(self, base: str, subtitles: Iterable[str] = (), moved: tuple[Name, ...] = ()) -> ParsedTitle:
        """One reading, with what has been taken out of the title so far."""
        base, trailing = _without_trailing_versions(base)
        notes = []
        for note in (*subtitles, *self.subtitles):
            if self._is_of_the_title(note):
                base += f" {note}"  # "Rivers - II" and "Rivers (II)" are "Rivers II"
            else:
                notes.append(note)
        key = one_writing(fold(base) or fold(self._title))
        short, versions = compact(key), frozenset(self._versions | trailing)
        folded_subtitles = tuple(folded for text in notes if (folded := fold(text)))
        return ParsedTitle(
            base=base,
            key=key,
            compact=short,
            numbers=numbers(key),
            whole=compact(one_writing(" ".join((key, *folded_subtitles)))) if folded_subtitles else short,
            part=next((short + version.number for version in versions if version.kind is VersionKind.PART), ""),
            versions=versions,
            subtitles=folded_subtitles,
            listed=tuple(fold(text.partition(",")[0]) for text in notes if "," in text),
            artists=_merged(self.artists, moved),
            featured=_merged(tuple(self.featured), ()),
            uploader=self.uploader,
            alternatives=tuple(_alternatives(key, folded_subtitles)),
            moved=moved,
        )

    def readings_of_one(self, text: str) -> tuple[ParsedTitle, ...]:
        """The readings of a title without dashes, which can name artists before a colon or behind "by"."""
        found = [self.reading(text)]
        colon = _COLON.search(text) if ":" in text else None
        if colon is not None:
            found.append(self.reading(text[colon.end() :], (), self._split_names(text[: colon.start()])))
        behind = _NAMED_BEHIND.search(text)
        if behind is not None and _DONE_BY.search(text[: behind.start()]) is None:
            found.append(self.reading(text[: behind.start()], (), self._split_names(behind["names"])))
        quoted = _QUOTED.match(text) if not _QUOTES.isdisjoint(text) else None
        if quoted is not None:
            title = quoted["a"] or quoted["b"] or quoted["c"]
            found.append(
                self.reading(title, self.take_notes([quoted["rest"].strip()]), self._split_names(quoted["names"]))
            )
        return tuple(found)

    def without_artist(self, segments: list[str]) -> tuple[list[str], tuple[Name, ...]]:
        """The segments without those that name the row's artist, and the names in them. The artist comes first or last."""
        rest, found = self._without_one_artist(segments, (*self.artists, *self.uploader))
        names = found
        while found and len(rest) > 1:  # "Tam - Tam & Odile - Undertow"
            further, found = self._without_one_artist(rest, names)
            if found and all(recognise(part) is not None for part in further):
                break
            rest, names = further, _merged(names, found)
        return rest, names

    def _without_one_artist(self, segments: list[str], known: tuple[Name, ...]) -> tuple[list[str], tuple[Name, ...]]:
        for at, rest in ((0, segments[1:]), (-1, segments[:-1])):
            names = self._split_names(segments[at])
            if any(same_name(name, other) for name in names for other in known) and recognise(segments[at]) is None:
                return rest, names
        return segments, ()

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

    def _is_of_the_title(self, note: str) -> bool:
        return _is_number(note) and not any(
            same_name(name, other) for name in split_names(note) for other in (*self.artists, *self.uploader)
        )

    def take_guests(self, text: str) -> str:
        """The text before "feat. X"."""
        credit = _TRAILING_CREDIT.search(text) if "prod" in text.lower() else None
        if credit is not None:
            self._take_version(credit[0])
            text = text[: credit.start()]
        before, *guests = FEATURING.split(text, maxsplit=1)
        for guest in guests:
            self.featured += self._split_names(self._take_version(guest))
        return before.strip(" ,;(-")

    def _take_version(self, names: str) -> str:
        """Names without the version behind them: "Odile" of "feat. Odile Live"."""
        found = _VERSION_BEHIND_NAMES.search(names)
        if found is not None and (versions := recognise(found[1])) is not None:
            self._versions |= versions
            names = names[: found.start()]
        return names

    def take_notes(self, segments: Iterable[str]) -> list[str]:
        """What is left of a title's later parts when versions and credits are taken out."""
        return [text for segment in segments for text in self._sort(segment)]

    def _sort(self, note: str, *, nested: bool = False) -> list[str]:
        rest = []
        pieces = list(_split_brackets(note)) if not nested and _BRACKET.search(note) else []
        outside = "".join(text for text, bracketed in pieces if not bracketed)
        for inside, bracketed in pieces:
            if bracketed and outside.strip():  # "Odile Remix [Out Now]"
                rest += self._sort(inside, nested=True)
        for piece in filter(None, _split_note(outside.strip() or note)):
            text = self.take_guests(piece)
            credit = _WITH.match(text)
            if credit is not None and recognise(text) is None and not is_treatment(fold(text[credit.end() :])):
                self.featured += self._split_names(text[credit.end() :])
                continue
            if not text or _PROSE_CREDIT.match(text):
                self._take_version(text)
                continue
            versions = recognise(text)
            if versions is None:
                rest.append(text)
            else:
                self._versions |= versions
        return rest


def _split_note(note: str) -> list[str]:
    return _NOTE_BREAK.split(note) if ";" in note else _split_at_dashes(note)


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


def _merged(names: tuple[Name, ...], more: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple({compact(name.folded): name for name in (*names, *more)}.values())


def _without_trailing_versions(base: str) -> tuple[str, set[Version]]:
    versions: set[Version] = set()
    while True:
        note = _TRAILING_VERSION.search(base) or _TRAILING_PART.search(base)
        found = recognise(note[1]) if note else None
        if note is None or found is None or _is_shouted(note[1], base[: note.start()]):
            return base, versions
        versions |= found
        base = base[: note.start()].rstrip(" ,:-")


def _is_shouted(note: str, before: str) -> bool:
    """Whether "OUT NOW" is in capitals like all of the title, and so may be words of it: "GET OUT NOW", "Get OUT NOW"."""
    return note == "OUT NOW" and (before.isupper() or " " not in before.strip())


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
        yield compact(one_writing(f"{key} {subtitle}"))
        if subtitle.isascii() != key.isascii():
            yield compact(subtitle)
