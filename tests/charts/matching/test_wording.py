"""Numbers and short forms in one writing."""

import pytest

from tunemeld_pipeline.charts.matching import wording
from tunemeld_pipeline.charts.matching.folding import fold
from tunemeld_pipeline.charts.matching.wording import numbers, one_writing


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Tin Rivers II", "tin rivers 2"),
        ("Tin Rivers Two", "tin rivers 2"),
        ("Volume IV", "volume 4"),
        ("Vol.2", "volume 2"),
        ("Pt. V", "part 5"),
        ("Parte Dos", "part 2"),
        ("Teil Zwei", "part 2"),
        ("Act I", "act 1"),
        ("No. 5", "number 5"),
        ("Number Five", "number 5"),
        ("Twenty-One Lanterns", "21 lanterns"),
        ("Twenty One Lanterns", "21 lanterns"),
        ("A Hundred Lanterns", "100 lanterns"),
        ("1,000 Lanterns", "1000 lanterns"),
        ("Two Thousand Lanterns", "2000 lanterns"),
        ("First Movement", "1st movement"),
        ("Thank U", "thank you"),
        ("Waiting 4 U", "waiting for you"),
        ("Salt 'n' Cedar", "salt and cedar"),
        ("Luv Me Tonite", "love me tonight"),
    ],
)
def test_words_are_in_one_writing(text: str, written: str) -> None:
    assert one_writing(fold(text)) == written
    assert one_writing(written) == written


def test_the_only_word_of_a_title_is_no_number_by_its_letter() -> None:
    assert one_writing("v") == "v"


def test_no_is_a_word_before_a_word() -> None:
    assert one_writing("no one knows") == "no 1 knows"


def test_a_letter_counts_at_the_end_alone() -> None:
    assert numbers("letters a") == ("a",)
    assert numbers("a letter") == ()
    assert numbers("a") == ()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("part v dawn", "part 5 dawn"),
        ("rivers v dawn", "rivers v dawn"),
        ("rivers i", "rivers 1"),
        ("i rivers", "i rivers"),
        ("no i wont", "no i wont"),
        ("no v rain", "number 5 rain"),
        ("act i dawn", "act 1 dawn"),
        ("act one dawn", "act 1 dawn"),
        ("r you there", "are you there"),
        ("r ya there", "are you there"),
        ("are r", "are r"),
        ("ミラクル", "みらくる"),
    ],
)
def test_a_letter_is_a_number_or_a_word_by_its_place(text: str, written: str) -> None:
    assert one_writing(text) == written


@pytest.mark.parametrize(
    ("number", "roman", "ordinal"),
    [
        (1, "i", "1st"),
        (2, "ii", "2nd"),
        (3, "iii", "3rd"),
        (4, "iv", "4th"),
        (5, "v", "5th"),
        (6, "vi", "6th"),
        (7, "vii", "7th"),
        (8, "viii", "8th"),
        (9, "ix", "9th"),
        (10, "x", "10th"),
        (11, "xi", "11th"),
        (12, "xii", "12th"),
        (13, "xiii", "13th"),
        (19, "xix", "19th"),
        (20, "xx", "20th"),
        (21, "xxi", "21st"),
        (22, "xxii", "22nd"),
        (33, "xxxiii", "33rd"),
    ],
)
def test_a_number_has_a_roman_and_an_ordinal_writing(number: int, roman: str, ordinal: str) -> None:
    assert (wording._roman(number), wording._ordinal(number)) == (roman, ordinal)
