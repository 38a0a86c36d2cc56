"""`tunemeld db withhold`: what it keeps, lists, refuses and takes back."""

import json

from tests.cli.conftest import Command
from tests.documents import MONDAY, isrc, recording
from tests.storage.acts import finish
from tunemeld_pipeline.storage.store import Store


def test_a_track_is_withheld_listed_and_taken_back(tunemeld: Command, store: Store) -> None:
    finish(store, MONDAY, {})
    store.charts.put_recordings([recording(2)])

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
