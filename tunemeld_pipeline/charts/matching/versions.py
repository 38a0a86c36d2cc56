"""Which version of a song a note such as "Marrow Remix", "Live at the Pier" or "2011 Remaster" names.

This module knows the kinds of version, the words that name each, and how two sets of versions relate. `titles.py` finds the notes in
a title, and `judge.py` decides what a relation means.

Three classes of note. Most name another recording. An edit is the same recording cut to another length, which only the
lengths can tell. The rest (remaster, explicit or clean, "from" a film, bonus track, official video) do not change the
recording and are dropped: a remaster is the same performance and listeners take it for the same record.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from tunemeld_pipeline.charts.matching.folding import compact, fold, likeness, repair
from tunemeld_pipeline.charts.matching.treatments import is_session, is_treatment
from tunemeld_pipeline.charts.matching.wording import one_writing


class VersionKind(StrEnum):
    """What was done to the song."""

    REMIX = "remix"
    MASHUP = "mashup"
    VIP = "vip"
    DJ_MIX = "dj mix"
    LIVE = "live"
    ACOUSTIC = "acoustic"
    SPED_UP = "sped up"
    SLOWED = "slowed"
    ALTERED = "altered"
    INSTRUMENTAL = "instrumental"
    ACAPELLA = "a cappella"
    KARAOKE = "karaoke"
    COVER = "cover"
    DEMO = "demo"
    RERECORDING = "re-recording"
    LANGUAGE = "language"
    PART = "part"
    SECTION = "section"
    VARIANT = "variant"
    EXTENDED = "extended"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One version of a song: its kind, and what distinguishes it from others of the kind, folded.

    `by` is a remixer, a place of a concert, a language, a part's number and what else its note says; "" where it does not say. A
    word "#2" counts versions, and "#dub" says that a remix is the dub: what one row marks so, the other has to. A word "~bootleg" is
    what a remix calls itself where that is not "remix".
    """

    kind: VersionKind
    by: str = ""

    @property
    def number(self) -> str:
        """The number of a part."""
        return self.by.partition(" ")[0]

    @property
    def names(self) -> str:
        """`by` without its marks."""
        return " ".join(word for word in self.by.split() if word[0] not in "#~")


# Notes that leave the recording what it is. Each pattern is searched in the whole folded note.
_SAME_RECORDING = re.compile(
    r"\bre ?master(?:ed|s)?\b"
    r"|^(?:explicit|clean|dirty|uncensored|censored)(?: version| edit)?$"
    r"|^(?:original|album|single|full|main|lp|studio|standard|stereo|mono|deluxe)(?: (?:version|mix|recording))?$"
    r"|^bonus(?: track)?(?: version)?$|\b(?:deluxe|expanded|special|limited|anniversary|digital) edition$|\banniversary$"
    r"|^(?:from|music from|theme from|featured in|as heard on|taken from|aus|de la pelicula|banda sonora)\b"
    r"|\b(?:soundtrack|ost)$|^(?:ost|theme)\b"
    r"|^official\b|\b(?:music|lyric|lyrics|official|animated) video$|^(?:video|audio|clip|lyrics?|with lyrics)$"
    r"|\b(?:video|clip|videoclip|audio|videoclipe) (?:oficial|officiel|officielle|ufficiale)$|^offizielles\b|^videoclip\b"
    r"|\bvisuali[sz]er$|^(?:mv|m v|hd|hq|4k|uhd)$"
    r"|^free (?:download|dl)$|^(?:premiere|exclusive|new)$"
    r"|^out (?:now|soon|today|\d+|(?:this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\b(?:release|exclusive|premiere)$"
    r"|^(?:prod|produced)\b"
    r"|^(?:title|hidden) (?:track|song)$|^main title$|^(?:main|opening|ending) theme(?: song)?$|^eurovision(?: song contest)?(?: \d{4})?$"
    r"|^super deluxe$|^digital bonus$|^audio only$|^full (?:song|audio|video)$|^hi res$|^(?:new|debut|lead|latest) (?:song|single|track)$"
    r"|^explicit content$|^squeaky clean$|^(?:colou?r coded )?lyrics\b|^(?:letra|testo|paroles|legendado|traduccion|traducao|traduction)$"
)

_CATALOGUE_NUMBER = re.compile(r"^\s*[A-Z]{2,6}(?:[ -]?0\d{1,3}|-?\d{3,4})[A-Z]?\s*$")
_LABEL = re.compile(r"^(?:[\w.&'’]+ ){1,3}(?:records|recordings|recs|entertainment|discos|music)\s*$", re.IGNORECASE)

_LANGUAGES = (
    "english|spanish|espanol|french|francais|german|deutsch|italian|italiano|portuguese|portugues|japanese|korean|chinese|"
    "mandarin|cantonese|hindi|tamil|telugu|arabic|russian|turkish|thai|dutch|swedish|ingles|spanglish"
)
_OWN_NAMES_OF_LANGUAGES = {
    "espanol": "spanish",
    "francais": "french",
    "deutsch": "german",
    "italiano": "italian",
    "portugues": "portuguese",
    "ingles": "english",
}

# The first pattern of a kind that is found in the folded note decides; several kinds may be found in one note.
_WORDS: tuple[tuple[VersionKind, re.Pattern[str]], ...] = (
    (
        VersionKind.KARAOKE,
        re.compile(
            r"\bkaraoke\b|\bbacking track\b|\bin the style of\b|\b(?:originally performed|made famous|as made famous) by\b"
        ),
    ),
    (
        VersionKind.COVER,
        re.compile(r"\bcover(?:ed)?(?: by\b| version$|$)|\btribute(?: version| cover)?$|^tribute to\b"),
    ),
    (VersionKind.INSTRUMENTAL, re.compile(r"\binstrumental(?:e|es|s|na)?\b|^inst$|\bno vocals\b")),
    (VersionKind.ACAPELLA, re.compile(r"\bacc?app?ell?a\b|\ba capp?ella\b|\bvocals only\b")),
    (VersionKind.SPED_UP, re.compile(r"\b(?:sped|speed) ?up\b|\bnightcore\b|\bfast(?:er)? version\b")),
    (VersionKind.SLOWED, re.compile(r"\bslowed\b|\bslow(?:er)? version\b|\breverb\b|\bchopped\b|\bdaycore\b")),
    (VersionKind.ALTERED, re.compile(r"\b8d\b|\bbass ?boosted\b|\b(?:1|10|one|ten) hours?\b|\bloop(?:ed)?$")),
    (
        VersionKind.LIVE,
        re.compile(
            # "Live Forever" and "Live Your Life" are words of a title: only these continuations speak of a concert.
            r"\blive$|\blive (?:at|from|in|on|bei|aus|im|en|dal|du|session|sessions|version|ver|recording|performance"
            r"|take|edit|mix|lounge|acoustic|stream|video|orchestral|\d+)\b"
            r"|\ben (?:vivo|directo|concert)\b|\bao vivo\b|\bdal vivo\b|^recorded (?:live|at|in)\b|^in concert\b"
            r"|\b(?:live|bbc|home|studio|peel|radio|acoustic|music|spotify|deezer|kexp|vevo) sessions?$"
            r"|\bspotify singles?\b|\btiny desk\b|\bcolors show\b|\bunplugged\b"
        ),
    ),
    (
        VersionKind.ACOUSTIC,
        re.compile(
            r"\bacoustic\b|\bacustic[ao]\b|\bstripped\b|\bunplugged\b|\b(?:piano|guitar|orchestral|orchestra|symphonic|string|strings)"
            r"(?: (?:version|ver|mix|quartet)\b|$)"
        ),
    ),
    (VersionKind.DEMO, re.compile(r"\bdemo\b")),
    (VersionKind.VIP, re.compile(r"\bvip\b")),
    (
        VersionKind.DJ_MIX,
        re.compile(
            r"^mixed$|\bmixed (?:by|version|cut|edit)\b|\bdj ?mix\b|\b(?:continuous|nonstop|non stop) (?:dj )?mix\b|\bmix cut\b"
        ),
    ),
    (VersionKind.MASHUP, re.compile(r"\bmash ?up\b|\bmegamix\b|\bmedley\b")),
    (VersionKind.RERECORDING, re.compile(r"\bre ?record(?:ed|ing)?\b|\bnew recording\b")),
    (VersionKind.SECTION, re.compile(r"^(?:intro|outro|interlude|skit|prelude|reprise|reprised)$|\breprise$")),
    (
        VersionKind.EXTENDED,
        re.compile(r"\bextended\b|\b12 ?(?:inch)?(?: (?:mix|version))\b|\blong version\b|\bfull length\b"),
    ),
)
_OWNERS_VERSION = re.compile(r"(?i)(\w+)(?:['’‘ʼ`´′]s|s['’‘ʼ`´′]) version\b")
_LANGUAGE = re.compile(
    rf"^(?P<alone>{_LANGUAGES})$|\b(?P<before>{_LANGUAGES})(?: language)? (?:version|ver|remix|edit)$"
    rf"|\b(?:version|versione|ver|versao) (?:en |em |in )?(?P<after>{_LANGUAGES})$"
)
# In one writing, so that every number is in digits: "part 2", "volume 2 dawn", "number 5". A letter is a number at the end alone.
_PART = re.compile(
    r"^(?P<counted>part|volume|chapter|act|episode|number) (?P<number>\d+|[a-z](?=$))(?:st|nd|rd|th)?\b ?(?P<rest>.*)$"
)

# "Radio-Edit" and "Live-Version" are two words each; elsewhere a hyphen inside a word is a matter of taste.
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_REMIX = re.compile(
    r"\b(?:remix(?:ed)?|rmx|re ?work(?:ed)?|re ?fix|flip|bootleg|redux|re ?edit|reimagined|remode|dub|re ?make|mix)"
    r"(?:$| (?=(?:by|with|edit|version|ver|radio|extended|instrumental|feat|ft|\d+)\b))"
)
# What else a remix can call itself. "Odile Edit" and "Odile Remix" may be two, or one that two services name.
_CALLED = re.compile(r"\b(bootleg|flip|re ?work|re ?fix|redux|re ?mode|re ?make|edit|mix)(?:ed)?\b")
_REMIXED_BY = re.compile(r"\b(?:remix(?:ed)?|rework(?:ed)?|edit(?:ed)?|mix(?:ed)?) by (?P<by>.+)$")
_EDIT = re.compile(
    r"\bedit(?:$| by\b| \d)|^(?:radio|7 ?(?:inch)?|short|single|tv|video)(?: (?:mix|version|cut))$|^(?:short|tv) (?:size|cut)$"
)
_VARIANT = re.compile(
    r"\b(?:version|versione|versao|versio|ver|fassung|variante|take|mix)\b(?: \d+)?$|^(?:version|versione|versao|versio) (?!of\b|de\b)"
)
# Words that say how long or for whom an edit is, not whose it is: "Radio Edit" is an edit, "Kestrel Edit" is a remix.
_NOT_A_REMIXER = frozenset(
    {
        "a",
        "the",
        "original",
        "official",
        "radio",
        "single",
        "short",
        "video",
        "tv",
        "clean",
        "explicit",
        "main",
        "album",
        "full",
    }
    | {"edit", "edited", "extended", "version", "ver", "mix", "remix", "rmx", "vip", "live", "acoustic", "instrumental"}
    | {"us", "uk", "eu", "inch", "new", "7", "12", "by", "feat", "ft"}
)
_CONCERT_WORDS = frozenset(
    {"live", "at", "from", "in", "on", "the", "a", "en", "vivo", "version", "ver"}
    | {"recorded", "recording", "performance", "session", "sessions"}
)
_TELLING_WORDS: dict[VersionKind, set[str]] = {
    VersionKind.SLOWED: {"super", "ultra", "extra", "reverb", "chopped", "daycore"},
    VersionKind.SPED_UP: {"super", "ultra", "extra", "nightcore"},
    VersionKind.SECTION: {"intro", "outro", "interlude", "skit", "prelude", "reprise", "reprised"},
    VersionKind.ACOUSTIC: {
        "piano",
        "guitar",
        "orchestral",
        "orchestra",
        "symphonic",
        "string",
        "strings",
        "stripped",
        "unplugged",
    },
}
_JOINERS = frozenset({"and", "x", "vs", "with", "the", "s", "dj"})
# "Take 2", "Odile Remix II" and "Demo #3" are counted; "Live at Studio 5" and "Remix 2024" are not.
_COUNTED = re.compile(
    r"^(?P<note>.*\b(?:remix|rmx|mix|version|versione|versao|versio|ver|take|demo|edit|dub|bootleg|flip|rework|refix|remake|vip"
    r"|instrumental|mashup|cover|reprise|interlude|intro|outro|skit|prelude))(?: (?:no|nr|number|part|pt|vol|volume))? (?P<number>\S+)$"
)
_COUNTED_KINDS = frozenset(VersionKind) - {VersionKind.PART, VersionKind.LANGUAGE}
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_DUB = re.compile(r"\bdub$|\bdub (?:mix|version|remix|edit)\b")
_SMALL_NUMBER = re.compile(r"^number 0?(\d{1,2})$")
_POSSESSIVE = re.compile(r"(?<=\w)(?:['’‘ʼ`´′]s|(?<=s)['’‘ʼ`´′])(?= )", re.IGNORECASE)


def recognise(note: str) -> frozenset[Version] | None:
    """What a bracket's or dash's note says of the version; empty where it changes nothing, None where it names no version."""
    return _recognise(repair(note))


@lru_cache(maxsize=16_384)
def _recognise(note: str) -> frozenset[Version] | None:
    folded, number = _without_count(fold(_HYPHEN.sub(" ", _POSSESSIVE.sub("", note).replace("@", " at "))))
    owner = _OWNERS_VERSION.search(note)
    if owner is not None and fold(owner[1]) not in _NOT_A_REMIXER:
        return frozenset({Version(VersionKind.RERECORDING, fold(owner[1]))})
    found = {Version(kind, _distinction(kind, folded)) for kind, words in _WORDS if words.search(folded)}
    part = _PART.match(one_writing(folded))
    if part is not None:
        counted = "" if part["counted"] == "part" else part["counted"]
        found.add(Version(VersionKind.PART, " ".join(f"{part['number']} {counted} {part['rest']}".split())))
    language = _LANGUAGE.search(folded)
    if language is not None:
        name = language["alone"] or language["before"] or language["after"]
        found.add(Version(VersionKind.LANGUAGE, _OWN_NAMES_OF_LANGUAGES.get(name, name)))
    if not found and "remix" not in folded and (_SAME_RECORDING.search(folded) or _is_catalogued(note, folded)):
        return None if is_session(folded) else frozenset()
    is_edit = _EDIT.search(folded) is not None
    if is_edit:
        found.add(Version(VersionKind.EDIT))
    remixer = _remixer(folded)
    # An unnamed "Mix" says something only where nothing else does: "Extended Mix" is no remix, "Extended Remix" is one.
    is_remix = "remix" in folded or (
        found <= {Version(VersionKind.EDIT), Version(VersionKind.EXTENDED)} and (remixer or not found)
    )
    if is_remix and (_REMIX.search(folded) or is_edit):
        found.add(Version(VersionKind.REMIX, _marked(remixer, folded)))
    elif not found and _VARIANT.search(folded):
        found.add(Version(VersionKind.VARIANT, _VARIANT.sub("", folded).strip()))
    if number:
        return frozenset(
            replace(one, by=f"{one.by} #{number}".strip()) if one.kind in _COUNTED_KINDS else one for one in found
        )
    return frozenset(found) or None


def _is_catalogued(note: str, folded: str) -> bool:
    """Whether a note says by whom and under which number a record was released: "GLH014", "Glasshaus Records"."""
    if _LABEL.match(note):
        return not is_treatment(folded.rpartition(" ")[0])  # not "Home Recordings"
    return _CATALOGUE_NUMBER.match(note) is not None and not is_treatment(folded)


def _without_count(folded: str) -> tuple[str, str]:
    """A note without the number that counts its version, and that number: "take" and "2"; "" where it has none."""
    counted = _COUNTED.match(folded) if " " in folded else None
    number = _SMALL_NUMBER.match(one_writing(f"number {counted['number']}")) if counted else None
    return (counted["note"], number[1]) if counted and number else (folded, "")


def _distinction(kind: VersionKind, folded: str) -> str:
    """Where and when of a concert, for some other kinds the words that distinguish one from another, for the rest nothing."""
    words = folded.split()
    if kind is VersionKind.LIVE:
        return " ".join(word for word in words if word not in _CONCERT_WORDS)
    telling = _TELLING_WORDS.get(kind, set())
    return " ".join(word for word in words if word in telling or _YEAR.match(word))


def _remixer(folded: str) -> str:
    by = _REMIXED_BY.search(folded)
    remix = _REMIX.search(folded) or _EDIT.search(folded)
    text = by["by"] if by else folded[: remix.start()] if remix else ""
    return " ".join(word for word in text.split() if word not in _NOT_A_REMIXER)


def _marked(remixer: str, folded: str) -> str:
    """A remixer with what the note calls the remix, for "remix" itself nothing."""
    called = _CALLED.search(folded) if remixer and "remix" not in folded and "rmx" not in folded else None
    marks = [f"~{compact(called[1])}"] if called else []
    return " ".join([*remixer.split(), *(["#dub"] if _DUB.search(folded) else marks)])


class Relation(StrEnum):
    """How two sets of versions relate."""

    SAME = "same"
    UNNAMED = "named on one side"
    LENGTH = "cut on one side"
    REWORDED = "in other words"
    EXTENDED = "extended on one side"
    CONFLICT = "differs"


_FROM_BEST_TO_WORST = tuple(Relation)


def relate(a: frozenset[Version], b: frozenset[Version], *, artists: Iterable[str] = ()) -> Relation:
    """How the versions of two rows relate; the worst relation of all kinds counts.

    Args:
        a, b: the versions of each row.
        artists: folded names of both rows' artists: a remixer whom only one title names may be credited as artist.
    """
    if a == b:
        return Relation.SAME
    some, others = _by_kind(a), _by_kind(b)
    worst = Relation.SAME
    for kind in some.keys() | others.keys():
        relation = _relate_kind(kind, some.get(kind), others.get(kind), frozenset(artists))
        worst = max(worst, relation, key=_FROM_BEST_TO_WORST.index)
    return worst


def _by_kind(versions: Iterable[Version]) -> dict[VersionKind, frozenset[str]]:
    kinds: dict[VersionKind, frozenset[str]] = {}
    for version in versions:
        kinds[version.kind] = kinds.get(version.kind, frozenset()) | {version.by}
    return kinds


def _relate_kind(
    kind: VersionKind, a: frozenset[str] | None, b: frozenset[str] | None, artists: frozenset[str]
) -> Relation:
    if a is None or b is None:
        one_sided = {VersionKind.EDIT: Relation.LENGTH, VersionKind.EXTENDED: Relation.EXTENDED}
        return one_sided.get(kind, Relation.CONFLICT)
    if kind is VersionKind.PART:
        return _relate_parts(a, b)
    if _marks(a) != _marks(b):
        return Relation.CONFLICT
    reworded = _called(a) != _called(b)
    a, b = _without_marks(a), _without_marks(b)
    if bool(a) != bool(b):
        named = a or b
        if all(compact(by) in artists for by in named):
            return Relation.SAME
        return Relation.REWORDED if kind in _TELLING_WORDS else Relation.UNNAMED
    if not _same_distinctions(a, b):
        return Relation.CONFLICT
    reworded = reworded or ((kind is VersionKind.REMIX or kind in _TELLING_WORDS) and _one_says_more(a, b, artists))
    return Relation.REWORDED if reworded else Relation.SAME


def _called(distinctions: frozenset[str]) -> frozenset[str]:
    return frozenset(word for by in distinctions for word in by.split() if word.startswith("~"))


def _one_says_more(a: frozenset[str], b: frozenset[str], artists: frozenset[str]) -> bool:
    """Whether one side has all words of the other and more, which are no names of the artists: "Odile Remix", "Odile & Tam Remix"."""
    some, others = (frozenset(word for by in side for word in by.split()) - _JOINERS for side in (a, b))
    more = some ^ others
    return (some < others or others < some) and not all(any(word in artist for artist in artists) for word in more)


def _marks(distinctions: frozenset[str]) -> frozenset[str]:
    return frozenset(word for by in distinctions for word in by.split() if word.startswith("#"))


def _without_marks(distinctions: frozenset[str]) -> frozenset[str]:
    return frozenset(" ".join(word for word in by.split() if word[0] not in "#~") for by in distinctions) - {""}


def _relate_parts(a: frozenset[str], b: frozenset[str]) -> Relation:
    """Parts with unequal numbers conflict, and so do two names; a name, or what is counted, may be left out on one side."""
    if a == b:
        return Relation.SAME
    some, others = (frozenset(word for by in side for word in by.split()[1:]) for side in (a, b))
    if {by.split()[0] for by in a} != {by.split()[0] for by in b} or not (some <= others or others <= some):
        return Relation.CONFLICT
    return Relation.UNNAMED


def _same_distinctions(a: frozenset[str], b: frozenset[str]) -> bool:
    if a == b:
        return True
    some, others = (frozenset(word for by in side for word in by.split()) - _JOINERS for side in (a, b))
    if {word for word in some if word.isdigit()} != {word for word in others if word.isdigit()}:
        return False
    if some.isdisjoint(others):
        return likeness(" ".join(sorted(some)), " ".join(sorted(others))) >= 0.85
    return some <= others or others <= some or likeness(" ".join(sorted(some)), " ".join(sorted(others))) >= 0.85
