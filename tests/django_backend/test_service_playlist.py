"""`/service-playlist/{genre}/{service}`: one service's rows, or the consensus."""

import pytest

from tests.django_backend.conftest import GENRE, Api
from tests.django_backend.promises import RenderedPath


class TestPromises(RenderedPath):
    path = "/service-playlist/{genre}/Aggregate"


@pytest.mark.parametrize("service", ["Spotify", "AppleMusic", "SoundCloud", "Aggregate"])
def test_it_works(api: Api, service: str) -> None:
    (playlist,) = api.data(f"/service-playlist/{GENRE}/{service}")
    assert (playlist["genre_name"], playlist["service_name"]) == (GENRE, service)
    ranks = [track["rank"] for track in playlist["tracks"]]
    assert ranks
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("service", ["Deezer", "spotify"])
def test_an_unknown_service_is_refused_with_the_known_ones(api: Api, service: str) -> None:
    answer = api.ask(f"/service-playlist/{GENRE}/{service}")
    assert answer.status_code == 404
    assert answer.json()["data"]["known"] == ["Spotify", "AppleMusic", "SoundCloud", "Aggregate"]
