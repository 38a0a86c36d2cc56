"""What a person may have meant by a word that nobody knows."""

import pytest

from tunemeld_pipeline.suggestions import did_you_mean


@pytest.mark.parametrize(("word", "meant"), [("danc", "dance"), ("DANCE", "dance"), ("cuontry", "country")])
def test_a_word_that_is_nearly_right_is_named(word: str, meant: str) -> None:
    assert did_you_mean(word, ["country", "dance", "pop"]) == f"; did you mean {meant}?"


@pytest.mark.parametrize("word", ["", "zzz", "polka" * 1000])
def test_a_word_like_no_other_gets_no_suggestion(word: str) -> None:
    assert did_you_mean(word, ["country", "dance", "pop"]) == ""
