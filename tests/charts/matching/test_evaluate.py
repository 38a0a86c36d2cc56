"""Measuring the judgement on labelled pairs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from tunemeld_pipeline.charts.matching.evaluate import Pair, Score, anchor_matches, evaluate, read_pairs
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import ConfigurationError

SONG = Row("Glass Rivers", "Marrow", isrc="QZAAA2400001")
IN_ANOTHER_SCRIPT = Row("Стеклянные реки", "Марроу", isrc="QZAAA2400001")
OTHER = Row("Paper Lanterns", "Odile")
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


def test_each_kind_of_outcome_is_counted() -> None:
    found = evaluate([Pair(SONG, SONG, True)] * 2 + [Pair(SONG, SONG, False)] * 3 + [Pair(SONG, OTHER, False)] * 4)
    assert (found.overall, found.unsure) == (Score(2, 3, 0, 4), 0)
    assert evaluate([Pair(SONG, replace(SONG, title="Glass Ravens", isrc=None), True)]).unsure == 1


@pytest.mark.parametrize(("letters", "expected"), [(2, True), (3, True), (4, False)])
def test_the_anchor_takes_titles_from_85_in_a_hundred(letters: int, expected: bool) -> None:
    song, other = "o" * 20, "o" * (20 - letters) + "u" * letters
    assert (fuzz.token_set_ratio(song, other) == 85) is (letters == 3)
    assert anchor_matches(Row(song, ""), Row(other, "")) is expected


def test_all_of_a_row_is_read(tmp_path: Path) -> None:
    row = {"title": "Glass Rivers", "artist": "Marrow", "isrc": "QZAAA2400001", "uploader": "Tidal Dock", "id": "7"}
    pair = {"a": row | {"service": "Spotify"}, "b": row, "same": True, "label": "ünlike"}
    path = tmp_path / "pairs.jsonl"
    path.write_text(f"\n{json.dumps(pair, ensure_ascii=False)}\n\n{json.dumps(pair | {'same': False})}\n", "utf-8")

    first, second = read_pairs(path)

    isrc, uploader = "QZAAA2400001", "Tidal Dock"
    assert first.a == Row("Glass Rivers", "Marrow", None, isrc, uploader, service="Spotify", key="Spotify:7")
    assert first.b == Row("Glass Rivers", "Marrow", None, isrc, uploader)
    assert (first.same, first.label, second.same) == (True, "ünlike", False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "no JSON: expecting property name enclosed in double quotes"),
        ('{"a": {"title": "Rivers"}, "b": {}, "same": true}', "'artist' is missing"),
        ('{"a": {"title": "", "artist": "", "duration_ms": "long"}}', "invalid literal for int"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(line, "utf-8")
    with pytest.raises(ConfigurationError, match=rf"line 1: not a pair \({why}"):
        read_pairs(path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is no UTF-8 text"):
        read_pairs(path)
