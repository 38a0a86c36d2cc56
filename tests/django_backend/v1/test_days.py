"""`/v1/charts/{genre}/days`: the days that have a chart."""

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre, links_of

PATH = f"/v1/charts/{GENRE}/days"


class TestPromises(PathOfGenre):
    path = "/v1/charts/{genre}/days"
    rows = ()


def test_it_works(api: Api) -> None:
    days = api.ask(PATH).json()
    assert [one["date"] for one in days] == [WEDNESDAY, TUESDAY]
    assert days[0]["chart"] == f"/v1/charts/{GENRE}?date={WEDNESDAY}"


def test_so_many_of_the_newest_can_be_asked_for(api: Api) -> None:
    assert [one["date"] for one in api.ask(f"{PATH}?limit=1").json()] == [WEDNESDAY]
    assert api.ask(f"{PATH}?limit=1000").json() == api.ask(PATH).json()
    for wrong in ("0", "-1", "1001", "ten", "", "1.5", "٣"):
        answer = api.ask(f"{PATH}?limit={wrong}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


def test_a_genre_without_a_chart_has_no_days(api: Api) -> None:
    for query in ("", "?limit=3", "?fields=date"):
        answer = api.ask(f"/v1/charts/{EMPTY_GENRE}/days{query}")
        assert (answer.status_code, answer.json()) == (200, [])
    assert links_of(answer)["self"] == [f"/v1/charts/{EMPTY_GENRE}/days?fields=date"]
