"""`/chart-dates/{genre}`: the days that have a chart."""

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath


class TestPromises(RenderedPath):
    path = "/chart-dates/{genre}"


def test_it_works(api: Api) -> None:
    assert api.data(f"/chart-dates/{GENRE}") == [TUESDAY, WEDNESDAY]


def test_each_of_them_can_be_asked_for(api: Api) -> None:
    for day in api.data(f"/chart-dates/{GENRE}"):
        assert api.data(f"/playlist-data/{GENRE}?date={day}")[0]["insert_timestamp"][:10] == day
