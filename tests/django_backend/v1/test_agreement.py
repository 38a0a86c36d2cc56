"""`/v1/agreement/{genre}`: how much the services agree, who was first, how long recordings stay."""

from math import comb

import pytest

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre
from tunemeld_pipeline.plugins.registry import keys

PATH = f"/v1/agreement/{GENRE}"


class TestPromises(PathOfGenre):
    path = "/v1/agreement/{genre}"
    rows = ("recordings",)


def test_it_works(api: Api) -> None:
    found = api.ask(PATH).json()
    assert (found["genre"], found["date"], found["first_date"]) == (GENRE, WEDNESDAY, TUESDAY)
    assert (found["measure"], found["p"]) == ("RBO_ext", 0.95)
    assert [day["date"] for day in found["days"]] == [TUESDAY, WEDNESDAY]
    assert all(len(day["pairs"]) == comb(len(keys()), 2) and 0 < day["mean"] < 1 for day in found["days"])
    chart = api.data(f"/playlist-data/{GENRE}")[0]["tracks"]
    assert [(row["track_id"], row["rank"]) for row in found["recordings"]] == [
        (row["track_id"], row["rank"]) for row in chart
    ]


def test_the_newest_overlaps_are_those_of_the_lists_that_are_shown(api: Api) -> None:
    lists = {
        service: [row["track_id"] for row in api.data(f"/service-playlist/{GENRE}/{service}")[0]["tracks"]]
        for service in keys()
    }
    for pair in api.ask(PATH).json()["days"][-1]["pairs"]:
        one, other = (lists[service] for service in pair["services"])
        assert pair["shared"] == len({*one} & {*other})


def test_what_was_there_on_the_first_day_has_no_first_service(api: Api) -> None:
    found = api.ask(PATH).json()
    for row in found["recordings"]:
        earliest = min(row["listed"].values())
        assert bool(row["first"]) == (earliest > TUESDAY)
        assert row["days_on_chart"] in (1, 2)


def test_it_changed_last_when_the_genre_did(api: Api) -> None:
    chart, found = api.ask(f"/v1/charts/{GENRE}"), api.ask(PATH)
    assert found.headers["Last-Modified"] == chart.headers["Last-Modified"]


@pytest.mark.parametrize("days", ["30", "90", "365", "730"])
def test_the_window_can_be_chosen(api: Api, days: str) -> None:
    assert api.ask(f"{PATH}?days={days}").json() == api.ask(PATH).json()


def test_another_window_is_refused(api: Api) -> None:
    answer = api.ask(f"{PATH}?days=7")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "days")


def test_a_genre_without_a_chart_says_what_makes_one(api: Api) -> None:
    answer = api.ask(f"/v1/agreement/{EMPTY_GENRE}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs#no-data-yet")
