"""The languages of the web page: its texts in each, how each writes numbers and days, and which one a visitor wants.

The texts stand in `texts/`, a file for each language, which the page in `frontend/` reads too. What programs and feed readers get is in
English.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

PARAMETER = "lang"
"""The parameter of an address that names a language; the page reads it too."""

_FILES = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code, with its texts by their keys; a text with a `count` has a form for one and for others."""

    code: str
    texts: Mapping[str, str | Mapping[str, str]]

    def say(self, key: str, **values: str | int) -> str:
        """A text with its values."""
        text = self.texts[key]
        if not isinstance(text, str):
            # The rule of English and German; one with more forms brings its own.
            text = text["one" if values["count"] == 1 else "other"]
        return text.format(**{name: self.number(one) if isinstance(one, int) else one for name, one in values.items()})

    def number(self, value: int) -> str:
        """A whole number, for example 1,234."""
        return f"{value:,}".replace(",", self.say("number.group"))

    def decimal(self, value: float) -> str:
        """A number with one decimal."""
        return f"{value:.1f}".replace(".", self.say("number.decimal"))

    def share(self, value: float) -> str:
        """A share from 0 to 1 in percent."""
        return self.say("number.share", number=f"{value:.0%}".removesuffix("%"))

    def day(self, day: date) -> str:
        """A day as people write it, for example 31 January 2026."""
        month = self.say("number.months").split(",")[day.month - 1]
        return self.say("number.day", day=str(day.day), month=month, year=str(day.year))

    def listed(self, names: Iterable[str]) -> str:
        """Names as a sentence has them, for example "One, Two and Three"."""
        *start, last = list(names) or [""]
        return self.say("list.last", start=", ".join(start), last=last) if start else last


def _read(path: Path) -> Language:
    parts = json.loads(path.read_text("utf-8"))
    return Language(path.stem, parts["page"] | parts["server"])


LANGUAGES = {path.stem: _read(path) for path in sorted(_FILES.glob("*.json"))}
ENGLISH = LANGUAGES["en"]


def named_language(request: HttpRequest) -> Language | None:
    """The language that the address names, if there is such a one."""
    return LANGUAGES.get(request.GET.get(PARAMETER, ""))


def wanted_language(request: HttpRequest) -> Language:
    """The language that the address names, else the first of those that the browser prefers that there is, else English."""
    named = named_language(request)
    if named is not None:
        return named
    preferred = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    known = (LANGUAGES.get(code.partition("-")[0]) for code, weight in preferred if weight > 0)
    return next((one for one in known if one is not None), ENGLISH)
