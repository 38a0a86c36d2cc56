"""`tunemeld service`: what is installed, a new package, the tests that every service must pass, and bodies for them."""

import json
from pathlib import Path

from tests.cli.conftest import Command, run_tunemeld
from tunemeld_pipeline.cli import exits


def test_it_lists_every_source_with_what_it_needs(tmp_path: Path) -> None:
    shown = run_tunemeld("service", "list", "--json", folder=tmp_path)
    sources = {one["source"]: one for one in json.loads(shown.stdout)["sources"]}
    assert shown.returncode == exits.OK
    assert sources["spotify.rapidapi"]["needs"] == ["RAPIDAPI_KEY"]
    assert "isrc" in sources["spotify.rapidapi"]["gives"]
    assert all(one["bodies"] > 0 for one in sources.values())


def test_a_new_package_is_written_and_says_what_is_next(tmp_path: Path) -> None:
    written = run_tunemeld("service", "new", "Wavelet", "--folder", "mine", folder=tmp_path)
    assert written.returncode == exits.OK
    assert "next: pip install -e mine/tunemeld-service-wavelet" in written.stdout
    assert (tmp_path / "mine" / "tunemeld-service-wavelet" / "tunemeld_service_wavelet" / "__init__.py").is_file()
    again = run_tunemeld("service", "new", "Wavelet", "--folder", "mine", folder=tmp_path)
    assert again.returncode == exits.USAGE
    assert "is there already; choose another" in again.stderr


def test_the_tests_of_a_service_are_run_and_reported(tmp_path: Path) -> None:
    ran = run_tunemeld("service", "test", "apple music", "--json", folder=tmp_path)
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["passed"]) == (exits.OK, True)
    assert {one["of"] for one in answer["tests"]} >= {
        "AppleMusic",
        "apple_music.rapidapi/songs",
        "apple_music.rapidapi",
    }
    assert all(one["passed"] for one in answer["tests"])


def test_an_unknown_service_or_source_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    for words, meant in ((("test", "Spotfy"), "Spotify"), (("record", "spotify.rapidpi", "dance"), "spotify.rapidapi")):
        refused = run_tunemeld("service", *words, folder=tmp_path)
        assert refused.returncode == exits.USAGE
        assert f"did you mean {meant}?" in " ".join(refused.stderr.split())


def test_a_body_is_recorded_from_an_answer(tunemeld: Command, tmp_path: Path) -> None:
    recorded = tunemeld("service", "record", "soundcloud.rapidapi", "dance", "--name", "ours", "--folder", "bodies")
    assert recorded.returncode == exits.OK, recorded.stderr
    body = json.loads((tmp_path / "bodies" / "ours.json").read_text("utf-8"))
    listing = json.loads((tmp_path / "bodies" / "ours.listing.json").read_text("utf-8"))
    assert len(body["tracks"]["items"]) == 5
    assert [row["position"] for row in listing["rows"]] == [1, 2, 3, 4, 5]


def test_a_playlist_that_nobody_knows_is_refused_with_the_genres(tunemeld: Command) -> None:
    refused = tunemeld("service", "record", "soundcloud.rapidapi", "danse")
    assert refused.returncode == exits.USAGE
    assert "is no list of SoundCloud in the catalogue" in " ".join(refused.stderr.split())
