"""Finds a font for each character of a title: the font in Pillow, which has ASCII and little more, or one of the system's fonts.

A character that no font has is drawn as its plain letter if it has one (ő as o). Any other is left out, never drawn as a box, and the log
names a package that would help. `share_image.py` places the text on the picture.
"""

import logging
import os
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
ENDINGS = {".ttf", ".otf", ".ttc"}
FONTS_TRIED = 300
UNLIKELY = ("bold", "italic", "oblique", "mono", "serif", "condensed", "black", "light", "thin", "emoji", "symbol")
WITHOUT_DECOMPOSITION = dict(
    zip(
        "øØđĐðÐłŁıßæÆœŒþÞ",
        ("o", "O", "d", "D", "d", "D", "l", "L", "i", "ss", "ae", "AE", "oe", "OE", "th", "TH"),
        strict=True,
    )
)
"""Letters for which Unicode has no plain form, such as those with a stroke."""

FONT_SIZE = 24
FONTS_KEPT = 32
"""The number of fonts whose character lists stay in memory; a large list takes two megabytes."""

OMITTED = "…"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

log = logging.getLogger(__name__)


def runs(text: str, size: int) -> list[tuple[str, Font]]:
    """The text in pieces, each with a font that has its characters; empty if no character can be drawn."""
    drawable = _drawable(text)
    if not drawable:
        return []
    # One font for the whole text if possible: a single letter from another font looks like a mistake.
    whole = next(
        (file for file in (None, *_system_fonts()) if all(_has_or_is_space(file, one) for one in drawable)), ""
    )
    if whole != "":
        return [(drawable, load(whole, size))]
    files: list[str | None] = []
    for character in drawable:
        # Spaces and marks stay with the character before them, so each word is shaped as a whole.
        joined = files and (character.isspace() or unicodedata.combining(character))
        files.append(files[-1] if joined else _font_file(character))
    pieces = groupby(zip(drawable, files, strict=True), key=lambda one: one[1])
    return [("".join(character for character, _ in group), load(file, size)) for file, group in pieces]


@lru_cache(maxsize=64)
def load(file: str | None, size: int) -> Font:
    """The font of a file; None means Pillow's own."""
    return ImageFont.load_default(size) if file is None else ImageFont.truetype(file, size)


def _drawable(text: str) -> str:
    """The text without the characters that no font can draw."""
    found: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"):
            continue
        plain = character if _has_font(character) else _plain_letter(character)
        if plain:
            found.append(plain)
        elif not found or found[-1] != OMITTED:
            found.append(OMITTED)
    kept = "".join(found).strip()
    return kept if kept.strip(f"{OMITTED} ") else ""


def _plain_letter(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    letters = [one for one in decomposed if not unicodedata.combining(one)]
    letters = [plain for one in letters for plain in WITHOUT_DECOMPOSITION.get(one, one)]
    if letters and letters != [character] and all(map(_has_font, letters)):
        return "".join(letters)
    _complain(unicodedata.name(character, "?").split(" ", maxsplit=1)[0].title())
    return ""


@cache
def _complain(script: str) -> None:
    log.warning(
        "no font on this machine has %s, so share images leave such titles out; install one, for example Debian's"
        " fonts-noto-core or fonts-noto-cjk",
        script,
    )


def _has_or_is_space(file: str | None, character: str) -> bool:
    return character.isspace() or _has(file, character)


def _has_font(character: str) -> bool:
    return character.isspace() or _font_file(character) is not None or _has(None, character)


@lru_cache(maxsize=4096)
def _font_file(character: str) -> str | None:
    """The first system font that has the character; None if Pillow's own font has it, or no font."""
    if character.isspace() or _has(None, character):
        return None
    return next((file for file in _system_fonts() if _has(file, character)), None)


@lru_cache(maxsize=8192)
def _has(file: str | None, character: str) -> bool:
    return ord(character) in _code_points(file)


@lru_cache(maxsize=FONTS_KEPT)
def _code_points(file: str | None) -> frozenset[int]:
    """The characters in a font's `cmap` table, or in that of a collection's first font; empty if it cannot be read."""
    source: Any = file
    if file is None:
        source = getattr(ImageFont.load_default(FONT_SIZE), "path", None)
        if source is None:  # a Pillow without FreeType has a bitmap of ASCII
            return frozenset(range(0x20, 0x7F))
        source.seek(0)
    try:
        with TTFont(source, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, AssertionError, ValueError, KeyError, struct.error):
        return frozenset()


@cache
def _system_fonts() -> tuple[str, ...]:
    """The system's font files, plain upright ones without serifs first."""
    files = [str(path) for folder in FOLDERS for path in _files(Path(os.path.expanduser(folder)))]  # noqa: PTH111
    return tuple(sorted(files, key=_likelihood)[:FONTS_TRIED])


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names if Path(name).suffix.lower() in ENDINGS)


def _likelihood(file: str) -> tuple[int, bool, str]:
    name = Path(file).name.lower()
    return sum(word in name for word in UNLIKELY), "sans" not in name, name
