"""The page's languages: which one a visitor gets, how each writes numbers and days, and that its catalogue holds nothing in vain.

frontend/tests/catalogue.test.ts compares the languages' texts.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

if not settings.configured:
    settings.configure()

from django_backend import languages
from django_backend.languages import ENGLISH, LANGUAGES, wanted_language

GERMAN = LANGUAGES["de"]
FOLDER = Path(languages.__file__).parent


@pytest.mark.parametrize(
    ("query", "accepted", "code"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "fr,en;q=0.8,de;q=0.9", "de"),
        ("", "de;q=0, fr", "en"),
        ("", "", "en"),
        ("", "*", "en"),
        ("", "no header; at all;;q=x" * 100, "en"),
        ("lang=de", "en", "de"),
        ("lang=en", "de", "en"),
        ("lang=../en", "de", "de"),
        ("lang=", "fr", "en"),
    ],
)
def test_a_visitor_gets_the_language_that_they_ask_for(query: str, accepted: str, code: str) -> None:
    request = RequestFactory().get(f"/?{query}", headers={"Accept-Language": accepted})
    assert wanted_language(request).code == code


def test_each_language_writes_numbers_days_and_lists_as_its_own() -> None:
    said = [
        (one.number(1234567), one.decimal(2.25), one.share(0.333), one.day(date(2026, 3, 1)), one.listed("ABC"))
        for one in (ENGLISH, GERMAN)
    ]
    assert said == [
        ("1,234,567", "2.2", "33%", "1 March 2026", "A, B and C"),
        ("1.234.567", "2,2", "33 %", "1. März 2026", "A, B und C"),
    ]
    assert [ENGLISH.listed(names) for names in ([], ["A"], ["A", "B"])] == ["", "A", "A and B"]
    assert [GERMAN.say("plain.daysOnOurs", count=count) for count in (1, 1234)] == [
        "1 Tag in den Charts von TuneMeld",
        "1.234 Tage in den Charts von TuneMeld",
    ]


def test_the_server_says_each_text_that_is_its_own() -> None:
    source = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.py"))
    own = json.loads((FOLDER / "texts" / "en.json").read_text("utf-8"))["server"]
    assert [key for key in own if f'"{key}"' not in source and f"'{key}'" not in source] == []
