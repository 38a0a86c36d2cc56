"""Text made comparable: repaired, then folded. Nothing here is ever displayed.

The rules here hold for any text, title or name, and know nothing of brackets, versions or artists. `fold` is idempotent and
accepts any Unicode.
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
_LETTER_SIGNS = (
    ("$", re.compile(r"\$(?:(?=[^\W\d_])|(?<=[^\W\d_].))"), "s"),
    ("!", re.compile(r"!(?<=[^\W\d_].)(?=[^\W\d_])"), "i"),
)
# A hyphen, slash or colon inside a word is a matter of taste ("JAY-Z", "AC/DC"); so is a dot ("will.i.am"). Between digits none is.
_INSIDE_WORD = re.compile(r"[-‐‑:./·](?:(?<=\w.)(?=[^\W\d])|(?<=[^\W\d].)(?=\d))")
_SHARP = re.compile(r"(?<!\w)([a-g])[#♯](?!\w)")
_PERCENT = re.compile(r"(?<=\d)\s?%")
_HEART = re.compile(r"(?<=\w)\s+[❤♥♡]\ufe0f?\s+(?=\w)")
_ASCII_SEPARATORS = re.compile(r"[\W_]+")
_WITH = ((re.compile(r"(?<!\w)w/o(?!\w)"), "without"), (re.compile(r"(?<!\w)w/(?=[\s\w])"), "with "))

# Services and uploaders put signs for letters of these words. The number of signs is mostly that of the letters: "F**k", "S***".
_COMMONEST_MASKED = (
    "fuck fucks fucked fucker fuckers fuckin fucking shit shits bitch bitches nigga niggas pussy ass hoe hoes dick"
)
_FURTHER_MASKED = (
    "motherfucker motherfuckers motherfuckin motherfucking shitty bullshit bitchin nigger niggers pussies dicks cunt cunts asses"
    " asshole assholes badass dumbass whore whores slut sluts cock cocks damn goddamn cum tits titties bastard bastards crap hell"
    " sex sexy sexual drug drugs cocaine weed kill killer killing murder suicide rape gun guns porn nude nudes fag faggot dyke"
    " retard piss pissed thot thots puta putas puto mierda merde pute putain scheisse"
)
_COMMONEST_MASKED_WORDS = _COMMONEST_MASKED.split()
_MASKED_WORDS = (*_COMMONEST_MASKED_WORDS, *_FURTHER_MASKED.split())
# One sign or letter in place of a letter of these hides it, and the result is no other word: "F-ck", "Sh1t", "Fvck", "@ss".
_HIDDEN = (
    "fuck fucks fucked fucker fuckers fuckin fucking motherfucker motherfuckers motherfucking shit shits shitty bullshit bitch bitches"
    " bitchin nigga niggas pussy dick dicks hoes cunt cunts whore whores asshole assholes damn goddamn"
)
_HIDDEN_WORDS = _HIDDEN.split()


def _hidden_by_one() -> re.Pattern[str]:
    by_letter: dict[str, list[str]] = {}
    for word in _HIDDEN_WORDS:
        masks = (f"{word[1:at]}[-_.–·•'’!@$+xv0-9]{word[at + 1 :]}" for at in range(1, len(word) - 1))
        by_letter.setdefault(word[0], []).extend(masks)
    words = (f"{letter}(?:{'|'.join(masks)})" for letter, masks in by_letter.items())
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)}|@ss(?:es|holes?)?)(?![^\W_])")


_MASKED_BY_ONE = _hidden_by_one()
_STARS = re.compile(r"(?<=[^\W\d_])[✱∗✲⁎✻✽❋•●■█▪⬛]+(?=[^\W\d_])")
_MASK = re.compile(r"[*#@%^]|--|__|\.\.|\$\$")
_MASKED = re.compile(r"[^\W\d_]*(?:(?:[*#@%^$!&?]+|_{2,}|-{2,}|\.{2,})[^\W\d_]*)+")
_SIGNS = re.compile(r"[^\w]+|_+")
_SURELY_LOST = re.compile(
    r"(?<=[^\W\d_])(?:\*+|[#@%^$!&?*]*[#@%^*][#@%^$!&?*]*)(?=[^\W\d_])|(?<=[^\W\d_])\*{2,}|\*{2,}(?=[^\W\d_])"
)


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
        text = _STARS.sub(lambda signs: "*" * len(signs[0]), text)
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
    if "#" in text or "♯" in text:
        text = _SHARP.sub(r"\1 sharp", text)
    if "%" in text:
        text = _PERCENT.sub(" percent", text)
    if not text.isascii():
        text = _HEART.sub(" love ", text)
    text = _MASKED_BY_ONE.sub(_unmask_one, text)
    text = _APOSTROPHES.sub("", text)
    if _MASK.search(text):
        text = _MASKED.sub(_unmask, text)
    if "w/" in text:
        for short, word in _WITH:
            text = short.sub(word, text)
    for sign, pattern, letter in _LETTER_SIGNS:
        if sign in text:
            text = pattern.sub(letter, text)
    text = _INSIDE_WORD.sub("", text).replace("&", " and ").replace("+", " and ")
    if text.isascii():
        return _ASCII_SEPARATORS.sub(" ", text).strip()
    return " ".join("".join(char if _is_letter(char) else " " for char in text).split())


def _unmask_one(match: re.Match[str]) -> str:
    masked = match[0].replace("@ss", "ass")
    return next(
        (
            word
            for word in _HIDDEN_WORDS
            if len(word) == len(masked) and sum(a != b for a, b in zip(word, masked, strict=True)) == 1
        ),
        masked,
    )


def _unmask(match: re.Match[str]) -> str:
    """The word under the mask, where signs and letters leave one or a very common one; otherwise signs between letters become `LOST`."""
    whole = match[0]
    masked = whole.strip("!?&#@%^-_.")
    before, after = whole[: whole.find(masked)], whole[whole.find(masked) + len(masked) :]
    if not masked or masked.isalpha() or _MASK.search(masked) is None:
        return whole
    word = _word_under(masked)
    return f"{before}{word or _SURELY_LOST.sub(LOST, masked)}{after}"


@lru_cache(maxsize=1_024)
def _word_under(masked: str) -> str | None:
    letters = _SIGNS.split(masked)
    if not any(letters) or len(masked) < 3 or (len(masked) < 4 and "*" not in masked and "$$" not in masked):
        return None
    exact = "".join(
        re.escape(part) if part.isalpha() else f".{{{len(part)}}}" for part in re.split(r"([\W_]+)", masked)
    )
    found = [word for word in _MASKED_WORDS if re.fullmatch(exact, word)]
    if not found and all(letters) and "*" in masked:
        about = (".{1,4}" if len(masked) < 10 else ".{6,12}").join(map(re.escape, letters))
        found = [word for word in _MASKED_WORDS if re.fullmatch(about, word)]
    return found[0] if len(found) == 1 or (found and found[0] in _COMMONEST_MASKED_WORDS) else None


def _is_letter(char: str) -> bool:
    """Letters, digits, the marks that are vowels in many scripts (to `re` they are no word characters), and lost letters."""
    return char.isalnum() or char == LOST or unicodedata.category(char).startswith("M")


_BREVE = "\u0306"  # on a Cyrillic letter it makes another: "Мой", "Мои"


def _without_marks(decomposed: str) -> str:
    kept: list[str] = []
    base_has_removable_marks = True
    for char in decomposed:
        if unicodedata.category(char) == "Mn":
            if base_has_removable_marks and not (char == _BREVE and kept and kept[-1] in "иу"):
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


@lru_cache(maxsize=16_384)
def romanise(folded: str) -> str:
    """Folded text in Latin letters, without spaces: "полночь" is "polnoch". Text that is Latin already only loses its spaces."""
    if folded.isascii():
        return compact(folded)
    from anyascii import anyascii  # reads its tables when imported, which few rows need

    return compact(fold(anyascii(folded)))


_ROMANISATIONS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("kh", "h"),
        ("ck|c(?![hi])", "k"),
        ("ts|tz", "c"),
        ("[jy]", "i"),
        ("w", "v"),
        ("l", "r"),  # one letter in Korean and Japanese
        (r"(.)\1+", r"\1"),
        ("ou", "o"),
    )
)


def likeness_in_latin(a: str, b: str) -> float:
    """How alike two texts in different scripts are when both are romanised, by any system: 0 to 1."""
    if LOST in a or LOST in b:
        return 0.0
    a, b = _without_system(romanise(a)), _without_system(romanise(b))
    if min(len(a), len(b)) < 3:
        return 0.0
    return Levenshtein.normalized_similarity(a, b)


def _without_system(romanised: str) -> str:
    for letters, letter in _ROMANISATIONS:
        romanised = letters.sub(letter, romanised)
    return romanised


def likeness(a: str, b: str, *, least: float = 0.0) -> float:
    """How alike two folded texts are, 0 to 1: 1 where only spaces differ, else by Levenshtein distance; 0 below `least`."""
    a, b = compact(a), compact(b)
    if a == b:
        return 1.0
    if LOST in a or LOST in b:
        return 1.0 if _could_be_the_same(a, b) else 0.0
    return Levenshtein.normalized_similarity(a, b, score_cutoff=least)


def _fills(parts: list[str], whole: str) -> bool:
    """Whether the parts make up the whole with up to four letters lost between them. Of text in too many parts nothing is known."""
    if len(parts) > 20 or not whole.startswith(parts[0]):
        return False
    ends = {len(parts[0])}
    for part in parts[1:]:
        ends = {end + lost + len(part) for end in ends for lost in range(5) if whole.startswith(part, end + lost)}
    return len(whole) in ends


def _could_be_the_same(a: str, b: str) -> bool:
    """Whether the letters that are left agree. Three at least must be left, or a lost name would equal every name."""
    return any(
        LOST in broken and len(broken.replace(LOST, "")) >= 3 and _fills(re.split(f"{LOST}+", broken), whole)
        for broken, whole in ((a, b), (b, a))
    )
