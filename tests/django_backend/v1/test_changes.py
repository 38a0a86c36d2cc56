"""`/v1/charts/{genre}/changes`: what changed on a chart between two days."""

import pytest

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre

PATH = f"/v1/charts/{GENRE}/changes"


class TestPromises(PathOfGenre):
    path = "/v1/charts/{genre}/changes"
    rows = ("new", "gone", "climbed", "fell")


def test_it_works_and_means_since_the_day_before(api: Api) -> None:
    found = api.ask(PATH).json()
    assert (found["genre"], found["compared_with"], found["date"]) == (GENRE, TUESDAY, WEDNESDAY)
    assert found == api.ask(f"{PATH}?from={TUESDAY}&to={WEDNESDAY}").json()


def test_each_recording_of_the_two_charts_is_reported_once_with_its_ranks(api: Api) -> None:
    found = api.ask(PATH).json()
    charts = {
        day: {row["track_id"]: row["rank"] for row in api.data(f"/playlist-data/{GENRE}?date={day}")[0]["tracks"]}
        for day in (TUESDAY, WEDNESDAY)
    }
    rows = [row for name in ("new", "gone", "climbed", "fell") for row in found[name]]
    assert len({row["track_id"] for row in rows}) == len(rows)
    assert len(rows) + found["unchanged"] == len(charts[TUESDAY].keys() | charts[WEDNESDAY].keys())
    assert found["climbed"] or found["fell"] or found["new"]
    for row in rows:
        assert row["title"] and row["artist"]
        assert row["rank"] == charts[WEDNESDAY].get(row["track_id"])
        assert row["previous_rank"] == charts[TUESDAY].get(row["track_id"])
        if row["rank"] and row["previous_rank"]:
            assert row["movement"] == row["previous_rank"] - row["rank"] != 0


def test_the_first_day_has_nothing_to_be_compared_with(api: Api) -> None:
    found = api.ask(f"{PATH}?to={TUESDAY}").json()
    assert (found["date"], found["compared_with"], found["new"], found["gone"]) == (TUESDAY, None, [], [])


@pytest.mark.parametrize("query", ["", f"?from={TUESDAY}&to={WEDNESDAY}"])
def test_what_shows_the_newest_day_may_change_and_is_not_kept_for_long(api: Api, query: str) -> None:
    assert "max-age=60" in api.ask(f"{PATH}{query}").headers["Cache-Control"]


@pytest.mark.parametrize("asked", ["from=2025-11-20&to=2025-11-18", "from=2025-11-19&to=2025-11-19", "from=2025-11-19"])
def test_the_earlier_day_comes_first(api: Api, asked: str) -> None:
    answer = api.ask(f"{PATH}?{asked}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "from")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("value", ["yesterday", "2025-02-30", "20251118", ""])
def test_what_is_no_day_is_refused(api: Api, name: str, value: str) -> None:
    answer = api.ask(f"{PATH}?{name}={value}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, name)


def test_a_day_without_a_chart_names_the_nearest(api: Api) -> None:
    for asked in ("from=2025-11-01", "to=2025-12-01"):
        answer = api.ask(f"{PATH}?{asked}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/docs#no-chart-on-that-day")
        assert set(answer.json()["nearest"]) == {TUESDAY, WEDNESDAY}


def test_a_genre_without_a_chart_says_what_makes_one(api: Api) -> None:
    answer = api.ask(f"/v1/charts/{EMPTY_GENRE}/changes")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs#no-data-yet")
    assert f"tunemeld etl run full --genre {EMPTY_GENRE}" in answer.json()["detail"]
