"""`/last-updated/{genre}`: when the genre was last observed."""

from tests.django_backend.conftest import GENRE, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath


class TestPromises(RenderedPath):
    path = "/last-updated/{genre}"


def test_it_works(api: Api) -> None:
    assert api.data(f"/last-updated/{GENRE}") == {"last_updated": f"{WEDNESDAY}T00:00:00+00:00"}
