"""`/graph-data/{genre}`: counts over time."""

import pytest

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.publication import genre_paths

PATH = f"/graph-data/{GENRE}"


class TestPromises(RenderedPath):
    path = "/graph-data/{genre}"


class TestPromisesOfAWindow(RenderedPath):
    path = "/graph-data/{genre}?days=30"


class TestPromisesOfALongWindow(RenderedPath):
    path = "/graph-data/{genre}?days=365"


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
def test_every_window_shows_the_days_that_there_are(api: Api, days: str) -> None:
    assert api.data(f"{PATH}?days={days}") == api.data(PATH)


def test_a_long_window_is_made_for_who_asks_and_kept(api: Api) -> None:
    assert not [path for path in genre_paths(load_catalog().genre(GENRE)) if "days=365" in path or "days=730" in path]
    first, again = api.ask(f"{PATH}?days=730"), api.ask(f"{PATH}?days=730")
    rendered = api.ask(PATH)
    for name in ("ETag", "Last-Modified", "Cache-Control", "Link", "Deprecation"):
        assert first.headers[name] == again.headers[name] == rendered.headers[name]


@pytest.mark.parametrize("days", ["7", "0", "-30", "030", "many", ""])
def test_a_window_that_there_is_not_is_refused_with_the_others(api: Api, days: str) -> None:
    answer = api.ask(f"{PATH}?days={days}")
    assert (answer.status_code, answer.json()["message"]) == (400, "days must be one of 30, 90, 365, 730")


def test_a_past_day_has_the_counts_of_its_own_tracks_until_that_day(api: Api) -> None:
    (past,) = api.data(f"/playlist-data/{GENRE}?date={TUESDAY}")
    points = {one["track_id"]: one for one in api.data(f"{PATH}?date={TUESDAY}")}
    with_isrc = [track for track in past["tracks"] if track["isrc"]]
    assert [one["track_id"] for one in with_isrc] == list(points)
    days = {at[:10] for one in points.values() for totals in one["readings"].values() for at, _ in totals}
    assert days == {TUESDAY}


def test_a_past_days_counts_can_be_kept_and_asked_for_further_back(api: Api) -> None:
    first = api.ask(f"{PATH}?date={WEDNESDAY}")
    again = api.ask(f"{PATH}?date={WEDNESDAY}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert api.ask(f"{PATH}?date={WEDNESDAY}&days=365").content == api.ask(f"{PATH}?days=365&date={WEDNESDAY}").content


@pytest.mark.parametrize(
    ("query", "status"), [("date=2025-11-25", 404), ("date=never", 400), (f"date={TUESDAY}&days=7", 400)]
)
def test_counts_of_a_day_without_a_chart_are_refused(api: Api, query: str, status: int) -> None:
    answer = api.ask(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["status"]) == (status, "error")
