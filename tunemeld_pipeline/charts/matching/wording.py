"""A title's words in one writing: numbers as digits, words with a short form in full.

"Rivers II", "Rivers Two" and "Rivers 2" are one title, and "Thank U" is "Thank You"; katakana
are hiragana. Works on folded text, for titles and names.
"""

import re
from functools import lru_cache

_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
    " seventeenth eighteenth nineteenth"
)
_ORDINAL_TENS = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
_DECADES = "twenties thirties forties fifties sixties seventies eighties nineties"
# Only what is no common word of another language: "six" is, but is the same number there; "sex", "due" and "um" are not.
_OTHER_LANGUAGES = {
    2: "dos deux zwei dois",
    3: "tres trois drei",
    4: "cuatro quatre vier quattro quatro",
    5: "cinco cinq funf fuenf cinque",
    6: "seis sechs sei",
    7: "siete sieben sette sete",
    8: "ocho huit acht otto oito",
    9: "nueve neuf neun nove",
}
_TENS_AND_UNITS = {word: str(10 * n) for n, word in enumerate(_TENS.split(), start=2)}
_NUMBERS = {word: str(n) for n, word in enumerate(_UNITS.split(), start=1)}
_NUMBERS |= {
    tens + unit: str(int(value) + n)  # a hyphen is gone when text is folded: "twentyone"
    for tens, value in _TENS_AND_UNITS.items()
    for n, unit in enumerate(_UNITS.split()[:9], start=1)
}
_NUMBERS |= _TENS_AND_UNITS | {"zero": "0", "hundred": "100", "thousand": "1000", "million": "1000000"}
_NUMBERS |= {word: str(n) for n, words in _OTHER_LANGUAGES.items() for word in words.split()}


def _roman(number: int) -> str:
    tens, units = divmod(number, 10)
    return "x" * tens + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[units]


_ROMAN = {_roman(n): str(n) for n in range(1, 40)}
# Single letters and "xx" are numbers only where a number is expected: at the end, or after "Part" and its like.
_ROMAN_BY_PLACE = {word: _ROMAN[word] for word in ("i", "v", "x", "xx", "xxx")}
_NUMBERS |= {word: digits for word, digits in _ROMAN.items() if word not in _ROMAN_BY_PLACE}


def _ordinal(number: int) -> str:
    return str(number) + ({1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number // 10 != 1 else "th")


_NUMBERS |= {word: _ordinal(n) for n, word in enumerate(_ORDINALS.split(), start=1)}
_NUMBERS |= {word: _ordinal(10 * n) for n, word in enumerate(_ORDINAL_TENS.split(), start=2)}
_NUMBERS |= {word: f"{10 * n}s" for n, word in enumerate(_DECADES.split(), start=2)}
_NUMBERS |= {
    tens + unit: _ordinal(int(value) + n)  # "twentyfirst"
    for tens, value in _TENS_AND_UNITS.items()
    for n, unit in enumerate(_ORDINALS.split()[:9], start=1)
}

_SHORT_FORMS = {
    "u": "you",
    "ya": "you",
    "ur": "your",
    "n": "and",
    "luv": "love",
    "tha": "the",
    "til": "until",
    "till": "until",
    "cuz": "because",
    "coz": "because",
    "cause": "because",
    "nite": "night",
    "tonite": "tonight",
    "thru": "through",
    "b4": "before",
    "okay": "ok",
    "4ever": "forever",
    "2nite": "tonight",
    "2night": "tonight",
    "2day": "today",
    "2gether": "together",
    "2morrow": "tomorrow",
    "every1": "everyone",
    "some1": "someone",
    "any1": "anyone",
    "no1": "noone",
    "gr8": "great",
    "l8": "late",
    "l8r": "later",
    "m8": "mate",
    "str8": "straight",
}

COUNTED = {
    "part": "part",
    "parts": "part",
    "pt": "part",
    "pts": "part",
    "parte": "part",
    "partie": "part",
    "teil": "part",
    "deel": "part",
    "vol": "volume",
    "volume": "volume",
    "chapter": "chapter",
    "chap": "chapter",
    "ch": "chapter",
    "capitulo": "chapter",
    "kapitel": "chapter",
    "act": "act",
    "acto": "act",
    "akt": "act",
    "episode": "episode",
    "ep": "episode",
    "no": "number",
    "nr": "number",
    "num": "number",
    "number": "number",
}
"""What a number counts, by the folded words for it."""

_REWRITTEN = frozenset((*_NUMBERS, *_ROMAN_BY_PLACE, *COUNTED, *_SHORT_FORMS, "a", "r"))
_GLUED = re.compile(rf"\b({'|'.join(COUNTED)})(\d+)\b")
_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_GROUPED_DIGITS = re.compile(r"\b(\d{1,3}) (000)\b")
_LEADING_ZEROS = re.compile(r"(?<![\w])0+(?=[1-9]\d?\b)")
_FOR_YOU = re.compile(r"\b([24]) (?=(?:u|you)\b)")
_MULTIPLIED = re.compile(r"\b(?:(?P<times>\d{1,3})|a) (?P<unit>100|1000|1000000)\b")
_TENS_BY_THEMSELVES = re.compile(r"\b([2-9])0 ([1-9])\b")
_DIGITS = re.compile(r"\d+")
_ALONE_AT_THE_END = re.compile(r"(?<=\s)[a-zα-ωа-я]$")


@lru_cache(maxsize=65_536)
def one_writing(folded: str) -> str:
    """Folded words with numbers as digits ("II", "Two" and "2" are "2"), counting words and short forms in full."""
    text = folded if folded.isascii() else folded.translate(_HIRAGANA)
    if _DIGITS.search(text):
        text = _GLUED.sub(r"\1 \2", _GROUPED_DIGITS.sub(r"\1\2", text))
        text = _LEADING_ZEROS.sub("", text)
        text = _FOR_YOU.sub(lambda match: "to " if match[1] == "2" else "for ", text)
    words = text.split()
    if _REWRITTEN.isdisjoint(words):
        return text
    written = [_one_writing_of(word, words[:at], words[at + 1 :]) for at, word in enumerate(words)]
    if written == words:
        return text
    text = " ".join(written)
    if any(word in _TENS_AND_UNITS for word in words):
        text = _TENS_BY_THEMSELVES.sub(lambda match: match[1] + match[2], text)
    return _MULTIPLIED.sub(lambda match: str(int(match["times"] or 1) * int(match["unit"])), text)


def _one_writing_of(word: str, before: list[str], after: list[str]) -> str:
    if word in _NUMBERS:
        return _NUMBERS[word]
    if (
        word in _ROMAN_BY_PLACE
        and before
        and (not after or (before[-1] in COUNTED and (before[-1] != "no" or word != "i")))
    ):
        return _ROMAN_BY_PLACE[word]
    if word in COUNTED and after and _is_counted(word, after[0]):
        return COUNTED[word]
    if word == "r" and after and after[0] in {"u", "you", "ya"}:
        return "are"
    return _SHORT_FORMS.get(word, word)


def _is_counted(counting: str, word: str) -> bool:
    """Whether a counting word has a number behind it; "No" and "Act" are words as well: "No Two Alike", "No I"."""
    if word.isdecimal():
        return True
    if counting in {"no", "act"}:
        return word in _ROMAN and word != "i"
    return word in _NUMBERS or word in _ROMAN_BY_PLACE


@lru_cache(maxsize=65_536)
def numbers(written: str) -> tuple[str, ...]:
    """The numbers in words of one writing, in their order, and a letter alone at the end: "Letters A" is not "Letters B"."""
    return (*_DIGITS.findall(written), *_ALONE_AT_THE_END.findall(written))
