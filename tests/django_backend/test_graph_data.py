"""`/graph-data/{genre}`: counts over time."""

import pytest

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath

PATH = f"/graph-data/{GENRE}"


class TestPromises(RenderedPath):
    path = "/graph-data/{genre}"


class TestPromisesOfAWindow(RenderedPath):
    path = "/graph-data/{genre}?days=30"


def test_it_works(api: Api) -> None:
    tracks = api.data(PATH)
    chart = {track["isrc"]: track for track in api.data(f"/playlist-data/{GENRE}")[0]["tracks"]}
    assert tracks
    for track in tracks:
        assert set(track["view_counts"]) == set(track["readings"]) == {"Spotify", "Youtube", "SoundCloud"}
        assert track["track_name"] == chart[track["isrc"]]["track_name"]
        for source, totals in track["readings"].items():
            gains = track["view_counts"][source]
            assert [moment for moment, _ in gains] == [moment for moment, _ in totals]
            assert {moment[:10] for moment, _ in totals} <= {TUESDAY, WEDNESDAY}
            if len(totals) == 2:
                assert gains[1][1] == totals[1][1] - totals[0][1]
    assert any(len(track["readings"]["Spotify"]) == 2 for track in tracks)


def test_ninety_days_are_what_is_meant_without_a_number(api: Api) -> None:
    assert api.ask(PATH).content == api.ask(f"{PATH}?days=90").content


@pytest.mark.parametrize("days", ["30", "90", "365", "730"])
def test_other_windows_can_be_asked_for(api: Api, days: str) -> None:
    assert api.data(f"{PATH}?days={days}")


@pytest.mark.parametrize("days", ["7", "0", "-30", "030", "many", ""])
def test_a_window_that_there_is_not_is_told_the_others(api: Api, days: str) -> None:
    answer = api.ask(f"{PATH}?days={days}")
    assert (answer.status_code, answer.json()["message"]) == (400, "days is one of 30, 90, 365, 730")
