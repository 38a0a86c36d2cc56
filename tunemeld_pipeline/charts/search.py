"""By which terms a recording or an artist is found, and how well what was found answers a search.

Pure functions turn names into terms, a search into words, and a word into the keys by which one that is spelt almost so is known.
`storage/search.py` keeps the terms in indexes and asks them.

What folds text is imported where it is needed: most processes that open the collections only look at charts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_WORDS = 8
"""Words of a search that count, the longest ones."""

LONGEST_TEXT = 200
"""Letters of a search, or of a name, that are looked at."""

LONGEST_WORD = 24
MOST_TERMS = 48
SHORTEST_MISSPELT = 4
"""Letters from which on a word may be misspelt: below that, one letter makes another word."""

WHOLE = "="
"""What stands before the term for a whole title or name, without spaces."""

NEAR, BEGINNING = 0.8, 0.7
"""How much a word counts that is spelt almost as one searched for, and one that only begins so."""

Alternatives = Mapping[str, float]
"""Words of the index that may be meant by a word of a search, each with how much it counts."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search: its words as the index has them, and all of it without spaces."""

    words: tuple[str, ...]
    whole: str


def query_of(text: str) -> Query:
    """What is searched for; without any word where the text has nothing but spaces or signs."""
    from tunemeld_pipeline.charts.matching.folding import compact, fold

    folded = fold(text[:LONGEST_TEXT])
    words = dict.fromkeys(word[:LONGEST_WORD] for word in folded.split())
    kept = set(sorted(words, key=len, reverse=True)[:MOST_WORDS])
    return Query(tuple(word for word in words if word in kept), WHOLE + compact(folded))


def terms_of(texts: Iterable[str]) -> list[str]:
    """The terms of these names: their words, each two words in a row, and each name as a whole.

    Words of other scripts are there in Latin letters too, and those with umlauts in both ways of writing them without.
    """
    from tunemeld_pipeline.charts.matching.artists import UMLAUTS
    from tunemeld_pipeline.charts.matching.folding import compact, fold, romanise

    terms: dict[str, None] = {}
    for text in texts:
        text = text[:LONGEST_TEXT]
        written = dict.fromkeys([fold(text), fold(text.translate(UMLAUTS))])
        for folded in written:
            words = [word[:LONGEST_WORD] for word in folded.split()]
            terms.update(dict.fromkeys(words))
            terms.update(dict.fromkeys(romanise(word)[:LONGEST_WORD] for word in words if not word.isascii()))
            terms.update(dict.fromkeys(f"{one} {other}" for one, other in pairwise(words)))
            if words:
                terms[WHOLE + compact(folded)] = None
    return [term for term in terms if term][:MOST_TERMS]


def words_in(terms: Iterable[str]) -> list[str]:
    """The single words among terms."""
    return [term for term in terms if " " not in term and not term.startswith(WHOLE)]


def spelling_keys(word: str) -> list[str]:
    """Keys that two words share if one letter, or the order of two, makes the difference: the word, and it without each of its letters.

    The method is that of W. Garbe's symmetric deletes: both the words of the index and those of a search lose letters, so that nothing
    is ever inserted or exchanged in order to try it.
    """
    if len(word) < SHORTEST_MISSPELT:
        return [word]
    return list(dict.fromkeys([word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]))


def is_near(word: str, other: str) -> bool:
    """Whether a word is the other with one slip: a letter too many, too few or wrong, or two in the wrong order."""
    if min(len(word), len(other)) < SHORTEST_MISSPELT - 1 or max(len(word), len(other)) < SHORTEST_MISSPELT:
        return False
    from rapidfuzz.distance import OSA

    return OSA.distance(word, other, score_cutoff=1) == 1


def relevance(query: Query, alternatives: Sequence[Alternatives], terms: Iterable[str]) -> float:
    """How well what has these terms answers a search: 0 to 2 and more is better; 1 where every word is there as it was written.

    A name that is the whole search counts for one more, and words that stand in the same order for a little.
    """
    known = set(terms)
    if not query.words:
        return 0.0
    found = sum(max((share for word, share in one.items() if word in known), default=0.0) for one in alternatives)
    in_order = sum(f"{one} {other}" in known for one, other in pairwise(query.words))
    beside = max(0, len(words_in(known)) - len(query.words))
    return (
        found / len(query.words) + (query.whole in known) + 0.1 * in_order / len(query.words) - 0.01 * min(beside, 20)
    )


_UNSAFE = re.compile("[^a-z0-9]+")


def latin_words(text: str) -> list[str]:
    """The words of a text in the letters a to z and digits."""
    from tunemeld_pipeline.charts.matching.folding import fold, romanise

    return [
        word
        for part in fold(text).split()
        for word in _UNSAFE.split(part if part.isascii() else romanise(part))
        if word
    ]
