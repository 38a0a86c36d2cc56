"""`tunemeld db withhold`: what it keeps, lists, refuses and takes back."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.documents import MONDAY, isrc, recording
from tests.storage.acts import finish, put_recordings
from tunemeld_pipeline.dumps.dump import read_manifest
from tunemeld_pipeline.storage.store import Store


def test_a_track_is_withheld_listed_and_taken_back(tunemeld: Command, store: Store) -> None:
    finish(store, MONDAY, {})
    put_recordings(store, [recording(2)])

    done = tunemeld("db", "withhold", "track", isrc(2), "--reason", "the label asked")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Singer 2 - Song 2" in done.stdout
    assert store.charts.versions()["dance"].version == 2

    (one,) = json.loads(tunemeld("db", "withhold", "list", "--json").stdout)
    assert (one["kind"], one["key"], one["reason"], one["taken_back_at"]) == ("track", isrc(2), "the label asked", None)
    assert "the label asked" in tunemeld("db", "withhold", "list").stdout

    assert "shown again" in tunemeld("db", "withhold", "take-back", "track", isrc(2)).stdout
    assert tunemeld("db", "withhold", "list").stdout.strip() == "nothing is withheld"
    (one,) = json.loads(tunemeld("db", "withhold", "list", "--all", "--json").stdout)
    assert one["taken_back_at"] is not None
    again = tunemeld("db", "withhold", "take-back", "track", isrc(2))
    assert (again.returncode, "tunemeld db withhold list" in again.stderr) == (1, True)


def test_an_artist_is_withheld_and_taken_back_by_slug(tunemeld: Command, store: Store) -> None:
    finish(store, MONDAY, {})
    put_recordings(store, [recording(2)])
    assert tunemeld("db", "withhold", "artist", "singer-2", "--reason", "a wish").returncode == 0
    done = tunemeld("db", "withhold", "take-back", "artist", "singer-2")
    assert (done.returncode, done.stdout) == (0, "artist Singer 2: shown again\n")


def test_what_is_not_known_yet_is_withheld_all_the_same_and_said(tunemeld: Command, store: Store) -> None:
    done = tunemeld("db", "withhold", "artist", "Ona Vale", "--reason", "a wish")
    assert done.returncode == 3
    assert "no recording is known by Ona Vale yet" in done.stderr
    assert store.withholdings.now().hides_recording([], "Undertow", "Ona Vale")


def test_an_unknown_service_is_refused_with_those_that_there_are(tunemeld: Command, store: Store) -> None:
    done = tunemeld("db", "withhold", "service", "Gramophone", "--reason", "a wish")
    assert done.returncode == 2
    assert "Spotify" in done.stderr
    assert tunemeld("db", "withhold", "service", "apple music", "--reason", "a wish").returncode == 0
    assert store.withholdings.now().services == {"AppleMusic"}
    assert "shown again" in tunemeld("db", "withhold", "take-back", "service", "apple music").stdout


def test_a_dump_is_made_again_without_what_is_withheld(
    tunemeld: Command, store: Store, variables: dict[str, str], tmp_path: Path
) -> None:
    finish(store, MONDAY, {})
    put_recordings(store, [recording(2)])
    variables["DUMP_DIR"] = str(tmp_path / "dumps")
    dry = tunemeld("db", "dump", "--dry-run")
    assert (dry.returncode, "nothing was written" in dry.stdout) == (0, True)
    assert "3 rows of charts" in dry.stdout
    assert "all months stay" in dry.stdout
    assert not (tmp_path / "dumps").exists()
    assert "2 files" in tunemeld("db", "dump").stdout
    before = read_manifest(tmp_path / "dumps")
    assert before is not None
    assert tunemeld("db", "withhold", "track", isrc(2), "--reason", "a wish").returncode == 0
    after = read_manifest(tmp_path / "dumps")
    assert after is not None
    assert sum(one.rows for one in before.files) - sum(one.rows for one in after.files) == 2
