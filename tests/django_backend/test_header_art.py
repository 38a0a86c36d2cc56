"""`/header-art/{genre}`: names and covers of the services' playlists."""

from tests.django_backend.conftest import GENRE, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath


class TestPromises(RenderedPath):
    path = "/header-art/{genre}"


def test_it_works(api: Api) -> None:
    shown = api.data(f"/header-art/{GENRE}")
    assert list(shown) == ["Spotify", "AppleMusic", "SoundCloud"]
    for header in shown.values():
        for name in ("playlist_cover_url", "playlist_cover_description_text", "playlist_name", "playlist_url"):
            assert isinstance(header[name], str)
        assert header["fetched_at"] == f"{WEDNESDAY}T00:00:00+00:00"
        assert (header["stale"], header["stale_since"], header["upstream"]) == (False, None, "sandbox")
