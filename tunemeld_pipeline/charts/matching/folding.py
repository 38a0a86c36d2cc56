"""Text made comparable: repaired, then folded. Nothing here is ever displayed.

What belongs here: what can be said of any text, whether it is a title or a name. What does not: anything that knows
brackets, versions or artists. `fold` is idempotent and accepts any Unicode.
"""

import html
import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

LOST = "\ufffd"
"""Unicode's replacement character: letters that somebody lost before us. In comparisons it stands for up to four of them."""

_CP1252 = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(0x80, 0x100)}
"""What Windows shows for each byte above ASCII, with the five bytes that it leaves undefined as themselves."""

_MOJIBAKE_RUN = re.compile("[" + "".join(map(re.escape, _CP1252)) + "]{2,}")
# U+FFFD is EF BF BD in UTF-8: read as Windows text, and often cut short, it shows as "ï¿½" or "ï¿"; kept as one byte, as "ý".
_LOST_LETTERS = re.compile("ï¿½?|ý{2,}")

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t"}
)
_APOSTROPHES = re.compile("['’‘ʼʻ`´′＇]")
_DOTTED_LETTERS = re.compile(r"\b(?:\w\.){2,}\w?(?!\w)")
_LETTER_SIGNS = ((re.compile(r"\$(?=[^\W\d_])|(?<=[^\W\d_])\$"), "s"), (re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])"), "i"))
# A hyphen, slash or colon inside a word is a matter of taste ("JAY-Z", "AC/DC"); so is a dot ("will.i.am").
_INSIDE_WORD = re.compile(r"(?<=\w)[-‐‑:./·](?=\w)")
_ASCII_SEPARATORS = re.compile(r"[\W_]+")


def repair(text: str) -> str:
    """The text as its author wrote it: HTML entities resolved, UTF-8 that was read as Windows text decoded, NFKC.

    Letters that are lost for good become `LOST`. Safe on text that is not broken.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _MOJIBAKE_RUN.sub(_decode_run, text)
        text = _LOST_LETTERS.sub(LOST, text)
        text = unicodedata.normalize("NFKC", text)
    return text


def _decode_run(run: re.Match[str]) -> str:
    try:
        return bytes(_CP1252[char] for char in run[0]).decode("utf-8")
    except UnicodeDecodeError:
        return run[0]


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower-case words separated by single spaces: case, diacritics and punctuation gone, "&" as "and", "$" as a letter.

    Scripts other than Latin, Greek and Cyrillic keep their marks, which are letters there. Text that has nothing but
    punctuation keeps it, so that "!!!" and "???" stay two names.
    """
    for _ in range(8):  # a form can uncover work for the next one; more than three rounds have not been seen
        repaired = repair(text)
        words = _fold_words(repaired)
        if words and words.isascii():  # nothing is left that a further round could change
            return words
        folded = words or _without_spaces(repaired)
        if folded == text:
            break
        text = folded
    return text


def _fold_words(text: str) -> str:
    if text.isascii():
        text = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
        text = unicodedata.normalize("NFKC", _without_marks(decomposed)).translate(_LETTERS_WITHOUT_DECOMPOSITION)
    text = _APOSTROPHES.sub("", text)
    for sign, letter in _LETTER_SIGNS:
        text = sign.sub(letter, text)
    text = _DOTTED_LETTERS.sub(lambda match: match[0].replace(".", ""), text)
    text = _INSIDE_WORD.sub("", text).replace("&", " and ").replace("+", " and ")
    if text.isascii():
        return _ASCII_SEPARATORS.sub(" ", text).strip()
    return " ".join("".join(char if _is_letter(char) else " " for char in text).split())


def _is_letter(char: str) -> bool:
    """Letters, digits, the marks that are vowels in many scripts (to `re` they are no word characters), and lost letters."""
    return char.isalnum() or char == LOST or unicodedata.category(char).startswith("M")


def _without_marks(decomposed: str) -> str:
    kept: list[str] = []
    base_has_removable_marks = True
    for char in decomposed:
        if unicodedata.category(char) == "Mn":
            if base_has_removable_marks:
                continue
        else:
            base_has_removable_marks = char < "\u0530"  # the blocks before it are Latin, Greek and Cyrillic
        kept.append(char)
    return "".join(kept)


def _without_spaces(text: str) -> str:
    visible = "".join(char for char in text.casefold() if char.isprintable() and not char.isspace())
    return unicodedata.normalize("NFKC", visible)


def compact(folded: str) -> str:
    """Folded text without its spaces, since "New Era" and "NewEra" are one name."""
    return folded.replace(" ", "")


def likeness(a: str, b: str) -> float:
    """How alike two folded texts are, 0 to 1: 1 where only spaces differ, else by Levenshtein distance."""
    a, b = compact(a), compact(b)
    if a == b:
        return 1.0
    if LOST in a or LOST in b:
        return 1.0 if _could_be_the_same(a, b) else 0.0
    return Levenshtein.normalized_similarity(a, b)


def _could_be_the_same(a: str, b: str) -> bool:
    """Whether the letters that are left agree. Three at least must be left, or a lost name would equal every name."""
    return any(
        LOST in broken
        and len(broken.replace(LOST, "")) >= 3
        and re.fullmatch(".{0,4}".join(map(re.escape, re.split(f"{LOST}+", broken))), whole) is not None
        for broken, whole in ((a, b), (b, a))
    )
