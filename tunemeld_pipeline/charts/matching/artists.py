"""Artists as displayed, split into names and compared.

This module knows what separates names, which names contain a separator themselves, and when two credits share an artist; `titles.py`
finds the artist in a title.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from tunemeld_pipeline.charts.matching.folding import LOST, compact, fold, likeness, likeness_in_latin, repair
from tunemeld_pipeline.charts.matching.wording import numbers, one_writing

FEATURING = re.compile(
    r"[\s(\[]*(?<![\w-])(?:feat(?:\.|uring)?|ft\.?)(?![\w-])(?!\s+(?:of|under|deep|tall)\b)[\s:]*", re.IGNORECASE
)
"""What introduces a guest. "feat" and "ft" are also words: "A Feat of Strength", "Six ft Under"."""

# Names that contain what separates names elsewhere. Only what the grammar below cannot see is listed: "X & the Ys" is one name
# without being here. A missing entry does little harm, since both sides of a comparison are then split in the same way.
_WHOLE_NAMES = (
    "Above & Beyond",
    "Aly & Fila",
    "Angus & Julia Stone",
    "Axwell /\\ Ingrosso",
    "Belle & Sebastian",
    "Blood, Sweat & Tears",
    "Brooks & Dunn",
    "Catz 'n Dogz",
    "Chase & Status",
    "Coheed and Cambria",
    "Crosby, Stills & Nash",
    "Dan + Shay",
    "Daryl Hall & John Oates",
    "Dimitri Vegas & Like Mike",
    "Earth, Wind & Fire",
    "Emerson, Lake & Palmer",
    "Gabriel & Dresden",
    "Hall & Oates",
    "Iron & Wine",
    "Macklemore & Ryan Lewis",
    "Maddie & Tae",
    "Marina and the Diamonds",
    "Matt and Kim",
    "Medeski, Martin & Wood",
    "Mumford & Sons",
    "Oden & Fatzo",
    "Of Monsters and Men",
    "Peter Bjorn and John",
    "Peter, Paul and Mary",
    "Polo & Pan",
    "Sam & Dave",
    "Seals & Crofts",
    "She & Him",
    "Simon & Garfunkel",
    "Sonny & Cher",
    "Sultan + Shepard",
    "Tegan and Sara",
    "The Mamas & the Papas",
    "Tube & Berger",
    "Tyler, The Creator",
    "Ike & Tina Turner",
    "Years & Years",
    "Zion & Lennox",
)


# One of the signs comes first, since a search for a set of signs is fast.
_SEPARATOR = re.compile(
    r"[\s,;，、|•&](?:(?<=[,;，、|•])\s*"
    r"|(?<=\s)(?:(?:[&+/·×]|x(?=\s+[\w$!])|vs\.?|versus|b2b|presents|pres\.|and|with|y|con|und|et)\s+|w/\s*)"
    r"|(?<=&)(?:\s*(?=the\b)|(?<=[^\W\d_]{2}&)(?=[^\W\d_]{2})))",
    re.IGNORECASE,
)
_BAND_OF_A_LEADER = re.compile(r"\s+(?:&|\+|and|y)\s+(?:the|his|her|los|las)\s+", re.IGNORECASE)


def _as_pattern(name: str) -> str:
    words = [
        r"(?:&|\+|and|y|,)" if word in {"&", "+", "and"} else re.escape(word.rstrip(",")) + ",?"
        for word in name.split()
    ]
    return r"\s+".join(words).removesuffix(",?")


_WHOLE_NAME = re.compile(rf"(?<![\w&])(?:{'|'.join(map(_as_pattern, _WHOLE_NAMES))})(?!\w)", re.IGNORECASE)
# "Flex (UK)" is "Flex"; "The Weeknd" is "Weeknd"; a channel called "Becky Hill Official" is hers.
_BRACKETS = re.compile(r"\s*[(\[{【「『〔].*?(?:[)\]}】」』〕]|$)")
_BRACKETED = re.compile(r"(?<=\S)\s*[(\[{【「『〔]([^()\[\]{}【】「」『』〔〕]+)")
_OPENING_BRACKET = re.compile(r"[(\[{【「『〔]")
_SLASH = re.compile(r"(?<=\w{3})/(?=\w{3})")
# What may follow a name without being another one: a country, a trade, a band.
_NO_NAME = re.compile(
    r"^(?:(?P<country>argentina|australia|austria|belgium|brazil|canada|chile|china|colombia|denmark|england|finland|france|germany|ghana"
    r"|greece|hungary|iceland|india|ireland|israel|italy|jamaica|japan|kenya|korea|mexico|netherlands|nigeria|norway|peru|poland"
    r"|portugal|romania|russia|scotland|serbia|spain|sweden|switzerland|turkey|ukraine|usa?|uk|wales)"
    r"|[a-z]{1,3}|(?:of|from|ex|aka) .*|official|band|music|producer|singer|rapper|artist|vocals?|remixer|group|duo|live)$"
)
_DECORATION_BEFORE = ("the ", "dj ")
_DECORATION_BEHIND = (" official", " music", "vevo", " topic", " uk", " us", " usa")
_DECORATION = re.compile(r"^(?:the|dj) (?=.{3})|(?<=.{3}) (?:official|music|vevo|topic|uk|us|usa)$|(?<=.{3})vevo$")

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True, slots=True)
class Name:
    """One artist's name, ready to be compared.

    Attributes:
        folded: the whole name, folded.
        forms: the compact name, what is left of it without decoration, its other name in a bracket, and its aliases; two names
            are the same when any forms agree.
        parts: for a name that contains a separator, the compact names that it would fall into; otherwise empty.
        bracketed: those of `forms` that stand in a bracket: two singers can have their band's name there.
        country: the country in a bracket, which tells apart artists of one name; "" without one.
    """

    folded: str
    forms: frozenset[str]
    parts: frozenset[str] = frozenset()
    bracketed: frozenset[str] = frozenset()
    country: str = ""


@lru_cache(maxsize=16_384)
def split_names(credit: str) -> tuple[Name, ...]:
    """The names in a credit such as "A, B & C feat. D x E", in their order, each once."""
    return tuple(name for _, name in displayed_names(credit))


def displayed_names(credit: str) -> list[tuple[str, Name]]:
    """The names in a credit as in `split_names`, each first as it is displayed."""
    names: dict[str, tuple[str, Name]] = {}
    for piece in FEATURING.split(repair(credit)):
        for text in _split_at_separators(piece):
            name = _name(text)
            if name is not None:
                names.setdefault(compact(name.folded), (_displayed(text), name))
    return list(names.values())


def _displayed(text: str) -> str:
    shown = text.strip(" ()[]")
    return f"{shown})" if "(" in shown and ")" not in shown else shown


def _split_at_separators(credit: str) -> list[str]:
    separators = list(_SEPARATOR.finditer(credit))
    if not separators:
        return [credit]
    protected = [match.span() for match in _WHOLE_NAME.finditer(credit)]
    protected += [match.span() for match in _BAND_OF_A_LEADER.finditer(credit)]
    pieces, start = [], 0
    for separator in separators:
        if any(begin < separator.end() and separator.start() < end for begin, end in protected):
            continue
        pieces.append(credit[start : separator.start()])
        start = separator.end()
    return [*pieces, credit[start:]]


def _name(text: str) -> Name | None:
    text = text.strip(" ()[]")
    folded = fold(text)
    if not folded:
        return None
    forms = [folded, one_writing(folded)]
    if folded.startswith(_DECORATION_BEFORE) or folded.endswith(_DECORATION_BEHIND):
        forms.append(_DECORATION.sub("", folded))
    if not text.isascii() and (written := text.translate(UMLAUTS)) != text:
        forms.append(fold(written))
    others: list[str] = []
    country = ""
    if _OPENING_BRACKET.search(text):
        forms.append(fold(_BRACKETS.sub("", text)))
        for form in map(fold, _BRACKETED.findall(text)):
            no_name = _NO_NAME.match(form)
            if no_name is None:
                others.append(form)
            else:
                country = no_name["country"] or country
    pieces = [name for piece in _SEPARATOR.split(text) for name in _SLASH.split(piece)]
    parts = [part for piece in pieces if (part := compact(fold(piece)))]
    return Name(
        folded,
        _compacted((*forms, *others)),
        frozenset(parts if len(parts) > 1 else ()),
        _compacted(others) - _compacted(forms),
        country,
    )


def _compacted(forms: Iterable[str]) -> frozenset[str]:
    return frozenset(compact(form) for form in forms if form)


def same_name(a: Name, b: Name) -> bool:
    """Whether two names mean one artist: equal but for decoration, letters that were lost, or a slip of the pen."""
    if a.country and b.country and a.country != b.country:
        return False
    if not a.forms.isdisjoint(b.forms) and not (a.forms & b.forms <= a.bracketed & b.bracketed):
        return True
    if LOST in a.folded or LOST in b.folded:
        return likeness(a.folded, b.folded) == 1.0
    mine, theirs = a.folded, b.folded
    if min(len(mine), len(theirs)) < 6 or likeness(mine, theirs, least=0.88) < 0.88:
        return False
    return _numbers(a) == _numbers(b)


def _numbers(name: Name) -> tuple[str, ...]:
    return numbers(one_writing(name.folded))


def same_in_latin(a: Iterable[Name], b: Iterable[Name]) -> bool:
    """Whether a name of one credit, romanised, is one of the other's."""
    others = tuple(b)
    return any(likeness_in_latin(name.folded, other.folded) >= 0.8 for name in a for other in others)


@dataclass(frozen=True, slots=True)
class Aliases:
    """Names under which one artist is known: compact forms, each with all forms of its artist."""

    forms: frozenset[tuple[str, frozenset[str]]] = frozenset()

    def split_names(self, credit: str) -> tuple[Name, ...]:
        """`split_names`, each name with its aliases among its forms."""
        names = split_names(credit)
        if not self.forms:
            return names
        known = dict(self.forms)
        return tuple(
            replace(name, forms=name.forms.union(*(known[form] for form in name.forms if form in known)))
            for name in names
        )


NO_ALIASES = Aliases()


@dataclass(frozen=True, slots=True)
class CreditOverlap:
    """How much of the shorter of two credits is found in the other.

    Attributes:
        share: 1.0 where every name of the shorter credit is in the longer one; 0.0 where none is.
        leads: whether the first-named artist of one of them is in the other.
        both_have_others: whether each has somebody whom the other has not, not even in part.
    """

    share: float
    leads: bool
    both_have_others: bool = False


def overlap(a: Iterable[Name], b: Iterable[Name]) -> CreditOverlap:
    """Compares two credits as sets: services list guests and remixers or leave them out, in any order."""
    some, others = tuple(a), tuple(b)
    if not some or not others:
        return CreditOverlap(0.0, False)
    in_others = _found(some, others)
    in_some = _found(others, some)
    share = max(sum(in_others) / len(some), sum(in_some) / len(others))
    return CreditOverlap(share, in_others[0] > 0 or in_some[0] > 0, 0.0 in in_others and 0.0 in in_some)


def _found(names: tuple[Name, ...], credit: tuple[Name, ...]) -> list[float]:
    """For each name: 1 where it is in the credit, whole or in all its parts; 0.5 where only a part of a name is."""
    forms = frozenset().union(*(other.forms for other in credit))
    parts = frozenset().union(*(other.parts for other in credit))
    return [_share_found(name, forms, parts, credit) for name in names]


def _share_found(name: Name, forms: frozenset[str], parts: frozenset[str], credit: tuple[Name, ...]) -> float:
    plain = not name.bracketed and not name.country
    if (plain and not name.forms.isdisjoint(forms)) or (name.parts and name.parts <= forms):
        return 1.0
    if any(same_name(name, other) for other in credit):
        # A name that is only alike leaves a doubt: "Ilka Rowan" and "Ilka Rowen".
        return 0.9 if name.forms.isdisjoint(forms) and LOST not in name.folded else 1.0
    return 0.0 if name.forms.isdisjoint(parts) and name.parts.isdisjoint(forms) else 0.5
