"""When two titles that are alike are one title in two spellings, and when they are two.

The rules here leave what another letter makes another word, "Desert" and "Dessert", "Losing" and "Loving"; each was run over a word
list of American English, and the pairs of words that it took for one are named as exceptions.
"""

import re
from functools import lru_cache

from tunemeld_pipeline.charts.matching.folding import likeness

_FILLERS = frozenset({"the", "a", "an", "and", "oh", "to", "of", "in"})
# Nouns that another word with "-ing" is like; of others "-in" is short for it: "Runnin".
_NOUNS_IN_IN = (
    "aspirin basin begin bobbin cabin cumin dentin florin gamin goblin jerkin login muffin pippin plugin puffin raisin robin satin"
    " tannin"
)
_NOUNS = frozenset(_NOUNS_IN_IN.split())
# What is often spelt in another way without being another word: "Colour", "Centre", "Freind", "Travelled", "Soooo".
_SPELLINGS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("(?<=[a-z]{3})our(?=(?:s|ed|ing|ful|less|ites?|able|hoods?|ly|y)?$)", "or"),
        ("tre(s?)$", r"ter\1"),
        ("(?<=[a-z]{3})is(e[ds]?|ing|ations?)$", r"iz\1"),
        ("ei", "ie"),
        ("rhy", "ry"),
        ("(?<=[a-z]{3}[aeo])ll(?=(?:ed|ing|ers?|ery|ous|ors?)$)", "l"),
        (r"(.)\1{2,}", r"\1"),
    )
)
# "Tommorow", "Accomodate"; before an ending a doubled letter makes another word ("Hoping", "Diner"), and so does an S.
_DOUBLED = re.compile(r"([bcdfgklmnprt])\1(?!(?:ing|in|ed|ers?|est|y|ies|ier|ied|iest|iness|les?|led|ling|ly)?s?$)")
_VOWELS = re.compile("[aeiouy]")
# Long words in which a vowel makes another word: "Confirmation" and "Conformation".
_ANOTHER_BY_A_VOWEL = re.compile(
    "^(?:accl|afterw|advers|appr|centr|comm|compar|comp[eou]|compl|conce|concu|conf|constr|conte|conv|deprec|depreda|discre|gradua|habit|indic|infl"
    "|inge|inst|insul|light|predic|prescr|resid|sandp|station|superst|troubles|under|uninhab|warran)"
)


@lru_cache(maxsize=16_384)
def is_slip(a: str, b: str) -> bool:
    """Whether two folded titles that are alike differ as one who writes errs: by an article, or by letters within a longer word."""
    some, others = a.split(), b.split()
    mine, theirs = [word for word in some if word not in others], [word for word in others if word not in some]
    if not mine or not theirs:
        return _FILLERS.issuperset(mine + theirs)
    one, other = "".join(mine), "".join(theirs)
    if one[0] != other[0]:
        return False
    shorter = min(len(one), len(other))
    plain, plain_other = _without_spelling(one), _without_spelling(other)
    if plain == plain_other and (shorter >= 5 or abs(len(one) - len(other)) > 1):
        return True
    if shorter >= 8 and _DOUBLED.sub(r"\1", plain) == _DOUBLED.sub(r"\1", plain_other):
        return True
    return shorter >= 10 and _differs_by_a_vowel(one, other)


def _without_spelling(word: str) -> str:
    if word.endswith("in") and word not in _NOUNS:
        word += "g"
    for letters, letter in _SPELLINGS:
        word = letters.sub(letter, word)
    return word


def _differs_by_a_vowel(one: str, other: str) -> bool:
    """Whether two long words with one beginning and one end have the same consonants: "Kaleidoscope" and "Kaleidescope"."""
    return (
        one[:5] == other[:5]
        and one[-2:] == other[-2:]
        and abs(len(one) - len(other)) <= 1
        and likeness(one, other) >= 0.88
        and _VOWELS.sub("", one) == _VOWELS.sub("", other)
        and _ANOTHER_BY_A_VOWEL.match(one) is None
    )
