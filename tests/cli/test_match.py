"""`tunemeld match`: what it explains, what it lists, and how it measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command, run_tunemeld
from tests.documents import isrc
from tests.operations.test_match_review import stocked
from tunemeld_pipeline.storage.store import Store

__all__ = ["stocked"]


@pytest.mark.usefixtures("stocked")
def test_two_stored_rows_are_explained(tunemeld: Command) -> None:
    shown = tunemeld("match", "explain", isrc(2), "https://music.apple.com/us/album/x/7?i=1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == (
        f"A  Ona Vale - Paper Lanterns  [3:20.0, {isrc(2)}, Spotify:s2]\n"
        "   dance Spotify 2\n"
        "   read as title: Paper Lanterns; artists: ona vale\n"
        "B  Ona Vale - Paper Lanterns (Kestrel Remix)  [3:20.0, AppleMusic:1]\n"
        "   dance Apple Music 2\n"
        "   read as title: Paper Lanterns; artists: ona vale; version: remix kestrel\n"
        "different (0.90): title 1.00, artists 1.00, version differs, duration 0.0 s, isrc -; other version\n"
        "dance: two recordings\n\n"
    )


@pytest.mark.usefixtures("stocked")
def test_words_that_are_in_no_playlist_are_judged_as_they_are(tunemeld: Command) -> None:
    shown = tunemeld("match", "explain", "Marrow - Glass Rivers (feat. Ona Vale)", "Spotify:s1")
    assert shown.returncode == 0
    assert "A  Marrow - Glass Rivers (feat. Ona Vale)  [nothing else known]\n   in no stored playlist" in shown.stdout
    assert "\nsame (0." in shown.stdout


@pytest.mark.usefixtures("stocked")
def test_an_override_is_reported_with_what_becomes_of_it(tunemeld: Command, tmp_path: Path) -> None:
    file = tmp_path / "overrides.toml"
    file.write_text('[[different]]\nrows = ["Spotify:s1", "AppleMusic:0"]\n', "utf-8")
    shown = tunemeld("match", "explain", "Spotify:s1", "AppleMusic:0", MATCH_OVERRIDES=str(file))
    assert "same (0.98)" in shown.stdout
    assert "an override says that they are different\ndance: two recordings\n" in shown.stdout


@pytest.mark.usefixtures("stocked")
def test_what_is_neither_stored_nor_words_is_wrong_usage(tunemeld: Command) -> None:
    shown = tunemeld("match", "explain", "QZZ992699999", "Spotify:s1")
    assert shown.returncode == 2
    assert "is in no stored playlist" in shown.stderr


@pytest.mark.usefixtures("stocked")
def test_the_report_lists_what_stands_alone_with_the_best_candidates(tunemeld: Command) -> None:
    report = tunemeld("match", "report", "--genre", "dance")
    assert (report.returncode, report.stderr) == (0, "")
    assert "dance: on another list too: Spotify 33%, Apple Music 33%\n  unsure: 0\n  different: 2\n" in report.stdout
    assert (
        f"    Spotify 2: Ona Vale - Paper Lanterns  [3:20.0, {isrc(2)}, Spotify:s2]\n"
        "      Apple Music 2: Ona Vale - Paper Lanterns (Kestrel Remix)  [3:20.0, AppleMusic:1]\n"
        "        different (0.90): title 1.00"
    ) in report.stdout
    assert "nothing is like 2 further rows" in report.stdout


def test_the_report_of_all_genres_names_those_without_data_and_idle_overrides(
    tunemeld: Command, stocked: Store, tmp_path: Path
) -> None:
    file = tmp_path / "overrides.toml"
    file.write_text(
        '[[same]]\nrows = ["Spotify:s1", "AppleMusic:0"]\n[[same]]\nrows = ["Spotify:gone", "AppleMusic:gone"]\n',
        "utf-8",
    )
    everything = tunemeld("match", "report", MATCH_OVERRIDES=str(file)).stdout
    assert "pop: nothing is stored; run it first (`tunemeld etl run full --genre pop`)" in everything
    assert "override without effect: same: AppleMusic:0, Spotify:s1 (the judgement agrees without it)" in everything
    assert "override without effect: same: AppleMusic:gone, Spotify:gone (no row AppleMusic:gone" in everything
    one = tunemeld("match", "report", "-g", "dance", MATCH_OVERRIDES=str(file)).stdout
    assert "Spotify:gone" not in one


PAIRS = (
    {
        "a": {"title": "Glass Rivers", "artist": "Marrow"},
        "b": {"title": "Glass Rivers", "artist": "Marrow"},
        "same": True,
    },
    {
        "a": {"title": "Glass Rivers", "artist": "Marrow", "isrc": isrc(1), "duration_ms": 188_000},
        "b": {"title": "Glass Rivers", "artist": "Marrow", "isrc": isrc(1), "duration_ms": 250_000},
        "same": True,
        "label": "other length",
    },
)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, PAIRS)), "utf-8")
    return file


def test_the_judgement_is_measured_and_the_wrong_pairs_are_listed(pairs: Path, tmp_path: Path) -> None:
    by_code = run_tunemeld("match", "evaluate", pairs, folder=tmp_path)
    assert (by_code.returncode, by_code.stderr) == (0, "")
    assert "wrong: 0" in by_code.stdout
    by_text = run_tunemeld("match", "evaluate", pairs, "--hide-isrc", folder=tmp_path).stdout
    figures = ["overall", "2", "1.0000", "0.5000", "1", "0", "1", "1.0000", "0.5000"]  # the last two are the anchor's
    assert figures in [line.split() for line in by_text.splitlines()]
    assert "should be the same (other length)\n  A  Marrow - Glass Rivers" in by_text


def test_figures_below_those_asked_for_fail(pairs: Path, tmp_path: Path) -> None:
    high = run_tunemeld("match", "evaluate", pairs, "--hide-isrc", "--least-recall", "0.6", folder=tmp_path)
    assert (high.returncode, high.stderr) == (1, "the recall is 0.5000, below 0.6\n")
    low = run_tunemeld("match", "evaluate", pairs, "--hide-isrc", "--least-recall", "0.5", folder=tmp_path)
    assert (low.returncode, low.stderr) == (0, "")


def test_the_measurement_is_to_be_had_as_json(pairs: Path, tmp_path: Path) -> None:
    found = json.loads(run_tunemeld("match", "evaluate", pairs, "--hide-isrc", "--json", folder=tmp_path).stdout)
    assert found["overall"]["recall"] == 0.5
    assert set(found["by_label"]) == {"", "other length"}
    assert [(one["label"], one["same"], one["verdict"]) for one in found["wrong"]] == [
        ("other length", True, "different")
    ]


def test_a_file_that_holds_no_pairs_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text("{}\n", "utf-8")
    failed = run_tunemeld("match", "evaluate", "pairs.jsonl", folder=tmp_path)
    assert failed.returncode == 2
    assert "line 1: not a pair" in failed.stderr


def test_measuring_loads_neither_dagster_nor_the_database(pairs: Path) -> None:
    code = (
        f"import sys; sys.argv = ['tunemeld', 'match', 'evaluate', {str(pairs)!r}]\n"
        "from tunemeld_pipeline.cli.main import application\n"
        "application()(standalone_mode=False); sys.exit(any(name in sys.modules for name in ('dagster', 'pymongo')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
