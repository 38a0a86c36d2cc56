"""Notes about a genre, a session or a treatment."""

import pytest

from tunemeld_pipeline.charts.matching.folding import fold
from tunemeld_pipeline.charts.matching.treatments import is_title_words, is_treatment


@pytest.mark.parametrize(
    "note",
    [
        "Phonk",
        "Hypertechno",
        "Slap House",
        "Jersey Club",
        "Drum & Bass",
        "R&B",
        "UK Garage",
        "Lo-Fi Beats",
        "140 BPM",
        "8-Bit",
        "Studio Outtake",
        "Rehearsal at the Mill",
        "Voice Note",
        "First Take",
        "Strings by Ona Vale",
        "One World Lanterns",
        "with the Quay Orchestra",
        "Pitched Up",
        "From Another Room",
        "Ремикс",
        "ライブ",
        "2024",
    ],
)
def test_genres_sessions_and_treatments_are_known(note: str) -> None:
    assert is_treatment(fold(note))


@pytest.mark.parametrize(
    "note", ["Lantern", "Copper Sky", "House of Rain", "Dance With the Tide", "Stand by Me", "Video by Odile", "7"]
)
def test_words_of_a_subtitle_are_none(note: str) -> None:
    assert not is_treatment(fold(note))


@pytest.mark.parametrize("note", ["I Won't Let You Go", "What Is Love", "Te Quiero", "If You Go"])
def test_a_phrase_is_made_of_a_titles_words(note: str) -> None:
    assert is_title_words(fold(note))


@pytest.mark.parametrize(
    "note", ["Lantern", "Copper Sky", "Gqom", "You", "My Rehearsal", "No Drums", "A Copper Show", "夜"]
)
def test_a_name_or_a_treatment_is_no_phrase(note: str) -> None:
    assert not is_title_words(fold(note))
