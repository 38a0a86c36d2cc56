"""What a person may have meant by a word that nobody knows.

Errors about a wrong genre, option or setting end with it. Which words are known is up to the code that refuses one.
"""

import difflib
from collections.abc import Iterable

LONGEST_WORD = 200
"""Characters. Comparing takes time with the square of the length."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, whatever its case; None where none is like it."""
    by_folded = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(word[:LONGEST_WORD].casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: `; did you mean dance?`, or nothing."""
    found = nearest(word, known)
    return f"; did you mean {found}?" if found else ""
