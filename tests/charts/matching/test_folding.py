"""Text made comparable."""

import pytest

from tunemeld_pipeline.charts.matching.folding import (
    _HIDDEN_WORDS,
    LOST,
    _hidden_by_one,
    compact,
    fold,
    likeness,
    likeness_in_latin,
    repair,
)


def test_folding_keeps_words_and_nothing_else() -> None:
    assert fold("  Don’t Wake the HARBOUR!  ") == "dont wake the harbour"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë Brandt", "zoe brandt"),
        ("Sørensen & Łukasz", "sorensen and lukasz"),
        ("ＷＩＤＥ 𝐁𝐎𝐋𝐃", "wide bold"),
        ("Ca$h Avenue", "cash avenue"),
        ("P!lot", "pilot"),
        ("V.O.X.", "vox"),
        ("VOX-Z", "voxz"),
        ("Tam &amp; Odile", "tam and odile"),
        ("Sultan + Tam", "sultan and tam"),
        ("", ""),
    ],
)
def test_one_name_however_it_is_written(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["夜の灯台", "새벽", "полночь", "ליל", "रात"])
def test_other_scripts_survive(text: str) -> None:
    assert fold(text) == text


def test_marks_that_make_another_letter_are_kept_outside_latin() -> None:
    assert fold("か") != fold("が")


@pytest.mark.parametrize("text", ["!!!", "???", "÷"])
def test_a_name_of_punctuation_stays_itself(text: str) -> None:
    assert fold(text) == text


def test_utf8_read_as_windows_text_is_repaired() -> None:
    assert repair("CafÃ© Lumen â€“ JosÃ©") == "Café Lumen – José"
    assert repair("Café Ångström") == "Café Ångström"


def test_letters_that_are_lost_stand_for_any_few_letters() -> None:
    assert fold("Sorï¿½ Lund") == f"sor{LOST} lund"
    assert likeness(fold("Sorï¿½ Lund"), fold("Sorø Lund")) == 1.0
    assert likeness(fold("ýý"), fold("anything")) == 0.0


@pytest.mark.parametrize(
    ("masked", "word"),
    [
        ("F**k", "fuck"),
        ("F***", "fuck"),
        ("f@#k", "fuck"),
        ("Sh*t", "shit"),
        ("S**t!", "shit"),
        ("N****s", "niggas"),
        ("B***h", "bitch"),
        ("Motherf****r", "motherfucker"),
        ("F**kin'", "fuckin"),
        ("A$$", "ass"),
    ],
)
def test_a_masked_word_is_read_where_only_one_fits(masked: str, word: str) -> None:
    assert fold(masked) == word


def test_other_masked_letters_are_lost_letters() -> None:
    assert likeness(fold("Lant*rn Harbour"), fold("Lantern Harbour")) == 1.0
    assert likeness(fold("Lant*rn Harbour"), fold("Cantern Harbour")) == 0.0


@pytest.mark.parametrize(
    ("text", "folded"),
    [("*NSYNC", "nsync"), ("Rivers*", "rivers"), ("Ca$h", "cash"), ("#1", "1"), ("w/ Odile", "with odile")],
)
def test_signs_that_mask_nothing_stay_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("other", "latin"),
    [("веста", "vesta"), ("さくら", "sakura"), ("юлия", "julia"), ("щедрик", "shchedryk"), ("안개", "angae")],
)
def test_other_scripts_are_read_in_latin_letters_by_any_system(other: str, latin: str) -> None:
    assert likeness_in_latin(other, latin) >= 0.8
    assert likeness_in_latin(other, "midnight") < 0.8


def test_spaces_do_not_make_a_difference() -> None:
    assert compact("new era") == "newera"
    assert likeness("new era", "newera") == 1.0


def test_text_full_of_lost_letters_is_compared_at_once() -> None:
    masked = "*a" * 2_000

    assert likeness(fold(masked), fold(masked + "z")) == 0.0
    assert likeness(f"mar{LOST}w", "marrow") == likeness("marrow", f"{LOST}arrow") == 1.0
    assert likeness(f"m{LOST}w", "marrrrow") == 0.0


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("F_ck the Harbour", "fuck the harbour"),
        ("F-ck", "fuck"),
        ("F.cking Cold", "fucking cold"),
        ("Fvck", "fuck"),
        ("Kick @ss", "kick ass"),
        ("@sia", "sia"),
        ("Duck", "duck"),
        ("Hoax", "hoax"),
        ("Sh1t", "shit"),
        ("1.1", "1 1"),
        ("9-5", "9 5"),
        ("will.i.am", "william"),
        ("No.5", "no5"),
        ("R.I.V.E.R.", "river"),
        ("C# Minor", "c sharp minor"),
        ("50% Tin", "50 percent tin"),
        ("I ❤️ Tin", "i love tin"),
        ("Мой", "мой"),
        ("Еще ё", "еще е"),
    ],
)
def test_a_sign_is_read_for_what_it_stands_for(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_one_sign_inside_a_word_hides_it_and_one_at_its_ends_or_a_letter_beside_it_does_not() -> None:
    hidden = _hidden_by_one()

    for word in _HIDDEN_WORDS:
        for at in range(1, len(word) - 1):
            for sign in "-_.–·•'’!@$+xv09":
                masked = word[:at] + sign + word[at + 1 :]
                assert hidden.fullmatch(masked), masked
                found = hidden.search(f"a {masked}, b")
                assert found is not None
                assert found[0] == masked
                assert not hidden.search(f"a{masked}") and not hidden.search(f"{masked}a")
        assert not hidden.fullmatch(f"-{word[1:]}")
        assert not hidden.fullmatch(f"{word[:-1]}-")
    assert all(map(hidden.fullmatch, ("@ss", "@sses", "@sshole", "@ssholes")))
    assert not hidden.fullmatch("@ssed")
