"""The operator's file."""

import pytest

from tunemeld_pipeline.matching.overrides import NO_OVERRIDES, Overrides, OverridesError, parse_overrides


def test_a_file_of_overrides_is_read() -> None:
    text = """
    [[same]]
    rows = ["SoundCloud:2", "AppleMusic:1"]
    reason = "the label's upload"
    [[different]]
    rows = ["AppleMusic:1", "Spotify:3"]
    [[isrc]]
    row = "AppleMusic:1"
    isrc = "qz-aaa-24-00001"
    """
    assert parse_overrides(text) == Overrides(
        same=frozenset({("AppleMusic:1", "SoundCloud:2")}),
        different=frozenset({("AppleMusic:1", "Spotify:3")}),
        isrcs=frozenset({("AppleMusic:1", "QZAAA2400001")}),
    )


def test_an_empty_file_overrides_nothing() -> None:
    assert parse_overrides("") == NO_OVERRIDES


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("same = ", "not TOML"),
        ("same = 1", "same: write each entry"),
        ("[[sane]]\nrows = []", "[[sane]]: unknown"),
        ('[[same]]\nrows = ["a"]', "[[same]] 1: needs rows"),
        ('[[same]]\nrows = ["a", "a"]', "[[same]] 1: names a twice"),
        ('[[same]]\nrows = ["a", "b"]\nwhy = "x"', "[[same]] 1: unknown 'why'"),
        ('[[isrc]]\nrow = "a"\nisrc = "12"', "[[isrc]] 1: '12' is not an ISRC"),
        ('[[isrc]]\nisrc = "QZAAA2400001"', "[[isrc]] 1: needs row"),
        ('[[isrc]]\nrow = "a"\nisrc = "QZAAA2400001"\n[[isrc]]\nrow = "a"\nisrc = "QZAAA2400002"', "a has two ISRCs"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, problem: str) -> None:
    with pytest.raises(OverridesError) as caught:
        parse_overrides(text)
    assert problem in str(caught.value)


def test_a_contradiction_is_found_across_entries() -> None:
    text = '[[same]]\nrows = ["a", "b"]\n[[same]]\nrows = ["b", "c"]\n[[different]]\nrows = ["a", "c"]'
    with pytest.raises(OverridesError, match="a and c are both same and different"):
        parse_overrides(text)
