"""`/v1/charts/{genre}`: the chart, in one shape for today and for every past day."""

from email.utils import parsedate_to_datetime

import pytest

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre, links_of

PATH = f"/v1/charts/{GENRE}"


class TestToday(PathOfGenre):
    path = "/v1/charts/{genre}"
    rows = ("tracks",)


class TestPastDay(PathOfGenre):
    path = f"/v1/charts/{{genre}}?date={TUESDAY}"
    rows = ("tracks",)


def test_it_works(api: Api) -> None:
    chart, older = api.ask(PATH).json(), api.data(f"/playlist-data/{GENRE}")[0]
    assert (chart["genre"], chart["date"], chart["previous_date"]) == (GENRE, WEDNESDAY, TUESDAY)
    assert [row["rank"] for row in chart["tracks"]] == list(range(1, len(older["tracks"]) + 1))
    for row, before in zip(chart["tracks"], older["tracks"], strict=True):
        assert {service: one["rank"] for service, one in row["services"].items()} == before["sources"]
        assert {service: one["contribution"] for service, one in row["services"].items()} == before["contributions"]
        assert row["services"][before["source_name"]]["url"] == before["track_url"]
        assert (row["movement"], row["status"]) == (before["movement"], before["status"])
        assert {source: one["gain_7d"] for source, one in row["counts"].items()} == before["gain_7d"]


def test_an_unknown_count_is_null(api: Api) -> None:
    shown = [one for row in api.ask(PATH).json()["tracks"] for one in row["counts"].values()]
    assert any(one["last"] is None and one["gain_of_week"] is None for one in shown)
    for one in shown:
        if one["last"] and one["first_of_week"]:
            assert one["gain_of_week"] == one["last"]["count"] - one["first_of_week"]["count"]
            assert one["last"]["counted_at"].endswith("Z")


def test_a_past_day_has_the_same_shape_and_its_own_values(api: Api) -> None:
    today, newest, day = (api.ask(one).json() for one in (PATH, f"{PATH}?date={WEDNESDAY}", f"{PATH}?date={TUESDAY}"))
    assert list(today) == list(newest) == list(day)
    assert list(today["tracks"][0]) == list(day["tracks"][0])
    assert {**newest, "tracks": []} == {**today, "tracks": []}
    for then, now in zip(newest["tracks"], today["tracks"], strict=True):
        # Without an ISRC there is no history to take counts from.
        left_out = {"counts"} if now["isrc"] is None else set()
        assert {name: then[name] for name in then.keys() - left_out} == {
            name: now[name] for name in now.keys() - left_out
        }
    assert (day["date"], day["previous_date"], day["next_date"]) == (TUESDAY, None, WEDNESDAY)


def test_days_are_linked(api: Api) -> None:
    assert links_of(api.ask(PATH))["prev"] == [f"{PATH}?date={TUESDAY}"]
    day = links_of(api.ask(f"{PATH}?date={TUESDAY}"))
    assert day["next"] == [f"{PATH}?date={WEDNESDAY}"]
    assert "prev" not in day


def test_a_past_day_may_be_kept_for_a_day_and_says_when_it_changed(api: Api) -> None:
    today, day = api.ask(PATH), api.ask(f"{PATH}?date={TUESDAY}")
    assert "max-age=86400" in day.headers["Cache-Control"]
    # It was made by runs of this test session, not on the day that it shows.
    assert parsedate_to_datetime(day.headers["Last-Modified"]) == parsedate_to_datetime(today.headers["Last-Modified"])


@pytest.mark.parametrize(
    "path", [PATH, f"/v1/lists/{GENRE}/Spotify", f"/v1/export/{GENRE}.csv", f"/playlist-data/{GENRE}"]
)
def test_the_newest_day_by_its_date_is_not_past_and_not_kept_for_long(api: Api, path: str) -> None:
    assert "max-age=60" in api.ask(f"{path}?date={WEDNESDAY}").headers["Cache-Control"]
    assert "max-age=86400" in api.ask(f"{path}?date={TUESDAY}").headers["Cache-Control"]


def test_the_first_rows_of_a_past_day_can_be_asked_for(api: Api) -> None:
    whole = api.ask(f"{PATH}?date={TUESDAY}").json()
    for _ in range(2):  # made, and then kept
        few = api.ask(f"{PATH}?limit=3&fields=title,rank&date={TUESDAY}")
        assert few.json()["tracks"] == [{"rank": row["rank"], "title": row["title"]} for row in whole["tracks"][:3]]
        assert links_of(few)["self"] == [f"{PATH}?date={TUESDAY}&fields=rank%2Ctitle&limit=3"]
        assert "max-age=86400" in few.headers["Cache-Control"]


def test_a_day_without_a_chart_is_refused_with_the_nearest_ones(api: Api) -> None:
    problem = api.ask(f"{PATH}?date=2025-11-25").json()
    assert (problem["status"], problem["type"]) == (404, "/docs#no-chart-on-that-day")
    assert problem["nearest"] == [WEDNESDAY, TUESDAY]


@pytest.mark.parametrize("date", ["yesterday", "2025-02-30", "20251118", ""])
def test_what_is_no_day_is_refused(api: Api, date: str) -> None:
    answer = api.ask(f"{PATH}?date={date}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "date")


def test_a_genre_without_a_chart_says_what_makes_one(api: Api) -> None:
    for path in (f"/v1/charts/{EMPTY_GENRE}", f"/v1/charts/{EMPTY_GENRE}?date={TUESDAY}"):
        answer = api.ask(path)
        assert answer.status_code == 404
        assert f"tunemeld etl run full --genre {EMPTY_GENRE}" in answer.json()["detail"]
