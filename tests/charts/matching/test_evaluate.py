"""Measuring the judgement on labelled pairs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tunemeld_pipeline.charts.matching.evaluate import Pair, anchor_matches, evaluate, read_pairs
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import ConfigurationError

SONG = Row("Glass Rivers", "Marrow", isrc="QZAAA2400001")
IN_ANOTHER_SCRIPT = Row("Стеклянные реки", "Марроу", isrc="QZAAA2400001")
REMIX = Row("Glass Rivers (Remix)", "Marrow")


def test_pairs_are_counted_overall_and_by_label() -> None:
    found = evaluate(
        [
            Pair(SONG, SONG, True, "equal"),
            Pair(SONG, REMIX, False, "remix"),
            Pair(SONG, IN_ANOTHER_SCRIPT, True, "isrc"),
        ]
    )
    assert (found.overall.precision, found.overall.recall) == (1.0, 1.0)
    assert set(found.by_label) == {"equal", "remix", "isrc"}
    assert found.wrong == ()


def test_hidden_isrcs_leave_the_text_to_decide() -> None:
    found = evaluate([Pair(SONG, SONG, True), Pair(SONG, IN_ANOTHER_SCRIPT, True, "isrc")], hide_isrc=True)
    assert found.overall.recall == 0.5
    assert [pair.label for pair, _ in found.wrong] == ["isrc"]


def test_the_anchor_is_counted_beside_the_judgement() -> None:
    found = evaluate([Pair(SONG, SONG, True, "equal"), Pair(SONG, REMIX, False, "remix")])
    assert (found.overall.precision, found.anchor.precision, found.anchor.recall) == (1.0, 0.5, 1.0)
    assert found.anchor_by_label["remix"].false_matches == 1


def test_the_anchor_tells_lengths_apart() -> None:
    song = replace(SONG, duration_ms=180_000)
    assert anchor_matches(song, replace(song, duration_ms=187_000))
    assert not anchor_matches(song, replace(song, duration_ms=187_001))


def test_nothing_to_find_is_found_wholly() -> None:
    assert evaluate([]).overall.precision == evaluate([]).overall.recall == 1.0


def test_a_file_of_pairs_is_read(tmp_path: Path) -> None:
    row = {"service": "Spotify", "id": "1", "title": "Glass Rivers", "artist": "Marrow", "duration_ms": 188000.0}
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"a": row, "b": {"title": None, "artist": None}, "same": False}) + "\n\n", "utf-8")
    (pair,) = read_pairs(path)
    assert (pair.a.key, pair.a.duration_ms, pair.b.title, pair.label) == ("Spotify:1", 188_000, "", "")


@pytest.mark.parametrize("line", ["{", "[]", '{"a": {}, "b": {}, "same": true}', '{"same": true}'])
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(line, "utf-8")
    with pytest.raises(ConfigurationError, match="line 1: not a pair"):
        read_pairs(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_pairs(tmp_path / "none.jsonl")
