"""When two titles that are alike are one title in two spellings."""

import pytest

from tunemeld_pipeline.charts.matching.spelling import is_slip


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("lanterns over the harbour", "lanterns over harbour"),
        ("colours of pewter", "colors of pewter"),
        ("neighbourhood", "neighborhood"),
        ("copper theatre", "copper theater"),
        ("realise it", "realize it"),
        ("organisation", "organization"),
        ("my freind", "my friend"),
        ("rhythm", "rythm"),
        ("travelled far", "traveled far"),
        ("runnin away", "running away"),
        ("sooo cold", "so cold"),
        ("noooo", "no"),
        ("tommorrow", "tomorrow"),
        ("accommodate", "accomodate"),
        ("definately", "definitely"),
        ("kaleidescope", "kaleidoscope"),
    ],
)
def test_another_spelling_is_a_slip(a: str, b: str) -> None:
    assert is_slip(a, b)
    assert is_slip(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("copper desert", "copper dessert"),
        ("hoping", "hopping"),
        ("diner", "dinner"),
        ("morning", "mourning"),
        ("robin", "robing"),
        ("too cold", "to cold"),
        ("seven", "eleven"),
        ("tramelin", "dramelin"),
        ("tomatto", "tomato"),
        ("wandering", "wondering"),
        ("complement", "compliment"),
        ("confirmation", "conformation"),
        ("considerable", "considerably"),
        ("macroscopic", "microscopic"),
        ("kaleidoscopes", "kaleidescope"),
        ("kaleidoscopic", "kaleidescopec"),
        ("copper harbour mixed", "copper harbour"),
        ("later", "latter"),
    ],
)
def test_another_word_is_no_slip(a: str, b: str) -> None:
    assert not is_slip(a, b)
    assert not is_slip(b, a)
