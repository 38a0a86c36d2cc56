"""`/v1/services`: the services and sources of counts, with what a page needs to show them."""

import re

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, WEDNESDAY, Api
from tests.django_backend.v1.promises import PublicPath


class TestPromises(PublicPath):
    path = "/v1/services"
    rows = ()


def test_it_works(api: Api) -> None:
    services = {one["service"]: one for one in api.ask("/v1/services").json()}
    genres = {one["genre"]: one for one in api.ask("/v1/genres").json()}
    chart = api.ask(f"/v1/charts/{GENRE}").json()
    assert {name for name, one in services.items() if "lists" in one["gives"]} == chart["lists"].keys()
    assert {name for name, one in services.items() if "counts" in one["gives"]} == chart["coverage"].keys()
    for name, state in genres[GENRE]["lists"].items():
        shown = services[name]["lists"][GENRE]
        assert {**shown, "url": None} == {**state, "url": None}
        assert shown["url"].startswith(f"https://{services[name]['hosts'][0]}/")
        assert shown["observed_at"] == f"{WEDNESDAY}T00:00:00Z"
        assert services[name]["lists"][EMPTY_GENRE]["state"] is None
    assert {name: one["coverage"][GENRE] for name, one in services.items() if one["coverage"]} == chart["coverage"]


def test_each_has_a_colour_for_light_and_for_dark_paper(api: Api) -> None:
    for one in api.ask("/v1/services").json():
        for colour in one["colours"].values():
            assert re.fullmatch("#[0-9a-f]{6}", colour)
