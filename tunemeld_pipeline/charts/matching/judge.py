"""The decision: are two rows the same recording?

This module weighs title, artists, version, lengths and ISRC, and gives three short lists of reasons. A judgement is symmetric, and
people can read it. `titles.py` finds out what a title says, and `group.py` deals with many rows.

* A *contradiction* makes two rows different: another title, no artist in common, another version, lengths far apart.
* A *doubt* is settled by lengths that agree: a slip in the title, a subtitle on one side, artists that only partly agree.
  Without such lengths the judgement is unsure.
* A *question* nothing in the rows can settle: a half-alike title, names in different scripts, an equal ISRC on another
  song or version. Unsure.

Lengths more than 7 s apart leave every doubt unsettled; rows that agree fully in all else are then still the same, at a low
confidence, up to 15 s apart: services carry trimmed and untrimmed masters of one recording. Beyond that they contradict.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tunemeld_pipeline.charts.matching.artists import (
    NO_ALIASES,
    Aliases,
    CreditOverlap,
    Name,
    overlap,
    same_in_latin,
    same_name,
    split_names,
)
from tunemeld_pipeline.charts.matching.folding import LOST, compact, likeness, likeness_in_latin
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.spelling import is_slip
from tunemeld_pipeline.charts.matching.titles import ParsedTitle, readings
from tunemeld_pipeline.charts.matching.treatments import is_title_words, is_treatment
from tunemeld_pipeline.charts.matching.versions import Relation, Version, VersionKind, relate

LENGTHS_AGREE_MS = 3_000
"""Services round and trim differently; Apple Music's lengths come in whole seconds."""
LENGTHS_SPEAK_AGAINST_MS = 7_000
LENGTHS_CONTRADICT_MS = 15_000

OTHER_SONG, OTHER_VERSION = "one ISRC on two songs", "one ISRC on two versions"
"""Why two rows with one ISRC may be two recordings: labels do report a code twice, and people copy the wrong one."""

_JAPANESE_AND_CHINESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})


class Verdict(StrEnum):
    """What is said of two rows. Only `SAME` is ever acted upon."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


NEAREST_FIRST = (Verdict.SAME, Verdict.UNSURE, Verdict.DIFFERENT)
"""The verdicts, the one that says most for one recording first."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its grounds.

    Attributes:
        verdict: same, different or unsure.
        confidence: 0 to 1, how sure of this verdict; for `UNSURE` how near it was to `SAME`.
        evidence: for people: "title 1.00, artists 0.90, version same, duration 0.4 s, isrc -", then the reasons.
    """

    verdict: Verdict
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What one reading of each row amounts to."""

    title: float
    artists: float
    relation: Relation
    contradictions: tuple[str, ...]
    questions: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def order(self) -> tuple[int, int, int, float, float, str]:
        """Smaller is nearer to the same recording; a total order, so that judging is symmetric."""
        return (
            len(self.contradictions),
            len(self.questions),
            len(self.doubts),
            -self.title,
            -self.artists,
            self.relation,
        )


def judge(a: Row, b: Row, aliases: Aliases = NO_ALIASES) -> Judgement:
    """Whether two rows are the same recording.

    An equal ISRC decides unless title, artists or versions speak of two recordings. Different ISRCs prove nothing: one recording
    can carry several.
    """
    return judge_readings(a, b, row_readings(a, aliases), row_readings(b, aliases))


def row_readings(row: Row, aliases: Aliases = NO_ALIASES) -> tuple[ParsedTitle, ...]:
    """Every reading of a row's title and artist, the likeliest first."""
    return readings(row.title, row.artist, row.uploader, aliases)


def judge_readings(a: Row, b: Row, a_read: Sequence[ParsedTitle], b_read: Sequence[ParsedTitle]) -> Judgement:
    """`judge` for a caller who judges each row against many and has read it once."""
    gap = _gap_ms(a.duration_ms, b.duration_ms)
    isrcs_equal = a.canonical_isrc is not None and a.canonical_isrc == b.canonical_isrc
    compared = [
        (_compare(mine, theirs, gap), mine, theirs)
        for mine in a_read
        for theirs in b_read
        if not (mine.moved or theirs.moved) or (mine.is_supported_by(theirs) and theirs.is_supported_by(mine))
    ]
    if isrcs_equal:
        objections, best = min(
            ((_objections(found, mine, theirs, gap), found) for found, mine, theirs in compared),
            key=lambda pair: (len(pair[0]), pair[1].order, pair[0]),
        )
        verdict, confidence, reasons = _decide_by_isrc(objections, gap)
    else:
        best = min((found for found, _, _ in compared), key=lambda found: found.order)
        verdict, confidence, reasons = _decide(best, gap)
    isrc = "equal" if isrcs_equal else "differs" if a.canonical_isrc and b.canonical_isrc else "-"
    duration = "-" if gap is None else f"{gap / 1000:.1f} s"
    evidence = (
        f"title {best.title:.2f}, artists {best.artists:.2f}, version {best.relation}, duration {duration}, isrc {isrc}"
        + "".join(f"; {reason}" for reason in reasons)
    )
    return Judgement(verdict, round(confidence, 3), evidence)


def _decide_by_isrc(objections: tuple[str, ...], gap: int | None) -> tuple[Verdict, float, tuple[str, ...]]:
    if objections:
        return Verdict.UNSURE, 0.5, objections
    lengths_differ = gap is not None and gap > LENGTHS_SPEAK_AGAINST_MS
    return (Verdict.SAME, 0.9, ("lengths differ under one ISRC",)) if lengths_differ else (Verdict.SAME, 0.99, ())


def _objections(found: _Comparison, a: ParsedTitle, b: ParsedTitle, gap: int | None) -> tuple[str, ...]:
    """What speaks for two recordings although the ISRC is one.

    A remix is also listed as a song by its remixers: where they are the other row's leads, the remix is no other version, and they
    are the artist in common.
    """
    mine, theirs = _remixes_led_by(b, a), _remixes_led_by(a, b)
    remixed = bool(mine or theirs)
    objections = []
    if _other_title(found, a, b) or (
        found.artists == 0.0 and not remixed and _other_artists(a, b) and not _only_uploaded(found, a, b, gap)
    ):
        objections.append(OTHER_SONG)
    relation = found.relation
    if relation is Relation.CONFLICT and remixed:
        names = (compact(name.folded) for name in a.credits + b.credits)
        relation = relate(a.versions - mine, b.versions - theirs, artists=names)
    lengths_differ = gap is not None and gap > LENGTHS_SPEAK_AGAINST_MS
    if relation is Relation.CONFLICT or (relation is Relation.EXTENDED and lengths_differ):
        objections.append(OTHER_VERSION)
    return tuple(objections)


def _remixes_led_by(leads: ParsedTitle, remixed: ParsedTitle) -> frozenset[Version]:
    """The remixes of one row whose remixers are all leads of the other, which is no remix itself."""
    if any(version.kind is VersionKind.REMIX for version in leads.versions):
        return frozenset()
    return frozenset(
        version
        for version in remixed.versions
        if version.kind is VersionKind.REMIX
        and (remixers := split_names(version.names))
        and all(any(same_name(remixer, lead) for lead in leads.artists) for remixer in remixers)
    )


def _other_title(found: _Comparison, a: ParsedTitle, b: ParsedTitle) -> bool:
    return bool(a.key and b.key) and found.title < 0.75 and not _scripts([a.key]).isdisjoint(_scripts([b.key]))


def _other_artists(a: ParsedTitle, b: ParsedTitle) -> bool:
    """Whether two credits without an artist in common can be compared: names in another script may be the same."""
    return bool(a.credits and b.credits) and _scripts(name.folded for name in a.credits) == _scripts(
        name.folded for name in b.credits
    )


def _only_uploaded(found: _Comparison, a: ParsedTitle, b: ParsedTitle, gap: int | None) -> bool:
    """Whether a row has no artist but its uploader, who may be the label, and all else agrees."""
    lengths_agree = gap is not None and gap <= LENGTHS_AGREE_MS
    return (
        found.title == 1.0
        and lengths_agree
        and any(row.uploader and set(row.artists) <= set(row.uploader) for row in (a, b))
    )


def _scripts(texts: Iterable[str]) -> frozenset[str]:
    """The scripts of the letters; Japanese and Chinese share theirs. Text without letters has the empty name's."""
    found = {
        "LATIN" if char.isascii() else unicodedata.name(char, "").partition(" ")[0]
        for text in texts
        for char in text
        if char.isalpha()
    }
    return frozenset({"CJK" if name in _JAPANESE_AND_CHINESE else name for name in found} or {""})


def _decide(best: _Comparison, gap: int | None) -> tuple[Verdict, float, tuple[str, ...]]:
    if best.contradictions:
        return Verdict.DIFFERENT, min(0.85 + 0.05 * len(best.contradictions), 0.99), best.contradictions
    settled = gap is not None and gap <= LENGTHS_AGREE_MS
    if best.questions or len(best.doubts) > 2 or (best.doubts and not settled):
        return Verdict.UNSURE, max(0.7 - 0.1 * len(best.questions + best.doubts), 0.1), best.questions + best.doubts
    if settled:
        return Verdict.SAME, 0.98 - 0.06 * len(best.doubts), best.doubts
    if gap is None:
        return Verdict.SAME, 0.93, ()
    if gap <= LENGTHS_SPEAK_AGAINST_MS:
        return Verdict.SAME, 0.9, ()
    return Verdict.SAME, 0.75, (f"lengths {gap / 1000:.0f} s apart",)


def _compare(a: ParsedTitle, b: ParsedTitle, gap: int | None) -> _Comparison:
    contradictions: list[str] = []
    questions: list[str] = []
    doubts: list[str] = []
    title = _title_likeness(a, b)
    if not (a.key and b.key and a.credits and b.credits):
        questions.append("no title or no artist")
    elif title < 0.75 and _is_latin(a.key) != _is_latin(b.key):
        if a.numbers == b.numbers and likeness_in_latin(a.key, b.key) >= 0.8:
            doubts.append("titles agree in Latin letters")
        else:
            questions.append("titles in different scripts")
    elif title < 0.75:
        contradictions.append("other title")
    elif title < 1.0 and a.numbers == b.numbers and is_slip(a.key, b.key):
        doubts.append("title nearly equal")
    elif title < 1.0:
        questions.append("title not alike enough")

    found = overlap(a.credits, b.credits)
    artists, leads = _with_uploaders(found, a, b)
    if artists == 0.0 and a.credits and b.credits:
        if _one_script(a.credits, b.credits):
            contradictions.append("no artist in common")
        elif same_in_latin(a.credits, b.credits):
            doubts.append("artists agree in Latin letters")
        else:
            questions.append("artists in different scripts")
    elif found.share > 0.0 and found.both_have_others:
        questions.append("other guests")
    elif 0.8 < artists < 1.0:
        questions.append("names only alike")
    elif a.credits and b.credits and (artists < 1.0 or not leads):
        doubts.append("artists agree in part")

    mine, theirs = a.versions, b.versions
    if (a.part or b.part) and _one_names_its_part(a, b):
        mine, theirs = _without_part(mine), _without_part(theirs)
        doubts.append("part named on one side")
    relation = relate(mine, theirs, artists=(compact(name.folded) for name in a.credits + b.credits))
    if relation is Relation.CONFLICT:
        contradictions.append("other version")
    elif relation is Relation.EXTENDED:
        (questions if gap is not None and gap <= LENGTHS_AGREE_MS else contradictions).append("extended on one side")
    elif relation is Relation.REWORDED:
        questions.append(f"version {relation}")
    elif relation is not Relation.SAME:
        doubts.append(f"version {relation}")
    if a.place and b.place and a.place != b.place:
        questions.append("other track numbers")
    elif a.place != b.place:
        doubts.append("a track number on one side")

    said, answered = _subtitles(a, b), _subtitles(b, a)
    if said != answered:
        counted = [{word for word in words if word.isdecimal()} for words in (said, answered)]
        if said and answered and (not (said <= answered or answered <= said) or counted[0] != counted[1]):
            questions.append("other subtitle")
        elif not (_lists_in_part(a, b) or _lists_in_part(b, a)):
            if _may_name_a_version(a, said - answered) or _may_name_a_version(b, answered - said):
                questions.append("a note that may name another version")
            else:
                doubts.append("subtitle on one side")

    if gap is not None and gap > LENGTHS_CONTRADICT_MS:
        contradictions.append(f"lengths {gap / 1000:.0f} s apart")
    return _Comparison(title, artists, relation, tuple(contradictions), tuple(questions), tuple(doubts))


def _title_likeness(a: ParsedTitle, b: ParsedTitle) -> float:
    mine, theirs = a.compact, b.compact
    if mine == theirs:
        return 1.0 if a.numbers == b.numbers else 0.9  # "1.1" and "11"
    if a.whole in (b.whole, theirs) or b.whole == mine or _one_names_its_part(a, b):
        return 1.0
    if a.numbers != b.numbers:
        return 0.0
    if mine in b.alternatives or theirs in a.alternatives:
        return 1.0
    # In a short word one letter makes another word.
    alike = likeness(mine, theirs)
    return alike if alike == 1.0 or min(len(a.key), len(b.key)) >= 6 else 0.0


def _one_names_its_part(a: ParsedTitle, b: ParsedTitle) -> bool:
    """Whether one row names a part with its word and the other by its number alone: "Rivers, Pt. 2" and "Rivers II"."""
    return bool(a.part) != bool(b.part) and (a.part == b.compact or b.part == a.compact)


def _is_latin(key: str) -> bool:
    return key.replace(LOST, "").isascii()


def _without_part(versions: frozenset[Version]) -> frozenset[Version]:
    return frozenset(version for version in versions if version.kind is not VersionKind.PART)


def _with_uploaders(found: CreditOverlap, a: ParsedTitle, b: ParsedTitle) -> tuple[float, bool]:
    """The share of the shorter credit that is in the longer one, and whether a lead artist is; the uploader counts if needed."""
    if found.share == 0.0:
        by_uploader = max(overlap(a.uploader, b.credits).share, overlap(a.credits, b.uploader).share)
        return min(by_uploader, 0.5), False
    return found.share, found.leads


def _one_script(a: tuple[Name, ...], b: tuple[Name, ...]) -> bool:
    return any(name.folded.isascii() for name in a) == any(name.folded.isascii() for name in b)


def _lists_in_part(a: ParsedTitle, b: ParsedTitle) -> bool:
    """Whether the one's subtitles are lists that begin with those of the other: "Slate, Ona Vale" and "Slate"."""
    return 0 < len(a.subtitles) == len(b.subtitles) and all(
        subtitle in b.subtitles or any(begin in b.subtitles and subtitle.startswith(begin) for begin in a.listed)
        for subtitle in a.subtitles
    )


def _may_name_a_version(row: ParsedTitle, words: frozenset[str]) -> bool:
    """Whether a note with some of the words is not made of a title's words, and so may name a version that is not known here."""
    return bool(words) and any(
        not words.isdisjoint(subtitle.split()) and not is_title_words(subtitle) and not _translates(subtitle, row.key)
        for subtitle in row.subtitles
    )


def _translates(subtitle: str, key: str) -> bool:
    """Whether a note is the title in another script: "夜に走る (Running Into the Night)"."""
    return subtitle.isascii() != key.isascii() and not (
        is_treatment(subtitle) or (subtitle.isascii() and " " not in subtitle)
    )


def _subtitles(a: ParsedTitle, b: ParsedTitle) -> frozenset[str]:
    """The words of a row's subtitles that the other's title has not; names of artists are left out."""
    if not a.subtitles or a.whole in (b.whole, b.compact):
        return frozenset()
    credited = a.credits + a.uploader + b.credits + b.uploader
    return frozenset(
        word
        for subtitle in a.subtitles
        if compact(subtitle) not in (b.compact, *b.alternatives)
        and a.compact + compact(subtitle) != b.compact
        and not all(any(same_name(name, other) for other in credited) for name in split_names(subtitle))
        for word in subtitle.split()
    )


def _gap_ms(a: int | None, b: int | None) -> int | None:
    return abs(a - b) if a and b else None
