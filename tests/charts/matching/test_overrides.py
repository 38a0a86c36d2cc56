"""The operator's file."""

from pathlib import Path

import pytest

from tunemeld_pipeline.charts.matching.artists import split_names
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides, parse_overrides, read_overrides
from tunemeld_pipeline.errors import OverridesError


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


def test_names_of_one_artist_are_read() -> None:
    aliases = parse_overrides('[[alias]]\nnames = ["Marrow", "M. Row"]\nreason = "one person"').aliases
    assert aliases.split_names("M. Row")[0].forms == aliases.split_names("Marrow")[0].forms
    assert aliases.split_names("Odile") == split_names("Odile")


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
        ('[[alias]]\nnames = ["Marrow"]', "[[alias]] 1: needs names"),
        ('[[alias]]\nnames = ["Marrow", " "]', "[[alias]] 1: ' ' is no single name"),
        ('[[alias]]\nnames = ["Marrow", "Tam & Odile"]', "[[alias]] 1: 'Tam & Odile' is no single name"),
        ('[[alias]]\nnames = ["A1", "B1"]\n[[alias]]\nnames = ["B1", "C1"]', "[[alias]] 2: names an artist of another"),
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


def test_a_file_is_named_in_what_is_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "overrides.toml"
    file.write_text("[[sane]]\n", "utf-8")
    with pytest.raises(OverridesError, match=r"overrides\.toml: \[\[sane\]\]: unknown"):
        read_overrides(file)
    with pytest.raises(OverridesError, match=r"cannot be read .*; set MATCH_OVERRIDES to a readable file"):
        read_overrides(tmp_path / "missing.toml")
    file.write_bytes(b"\xff")
    with pytest.raises(OverridesError, match="is not UTF-8 text"):
        read_overrides(file)


def test_without_a_file_nothing_is_overridden() -> None:
    assert read_overrides(None) == NO_OVERRIDES


def test_overrides_of_another_genres_rows_are_told_apart() -> None:
    overrides = Overrides(
        same=frozenset({("a", "b"), ("x", "y")}),
        different=frozenset({("b", "gone"), ("x", "z")}),
        isrcs=frozenset({("a", "QZAAA2400001"), ("x", "QZAAA2400002")}),
    )
    assert overrides.about({"a", "b"}) == Overrides(
        same=frozenset({("a", "b")}),
        different=frozenset({("b", "gone")}),
        isrcs=frozenset({("a", "QZAAA2400001")}),
    )
