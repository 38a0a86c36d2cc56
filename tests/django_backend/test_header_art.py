"""`/header-art/{genre}`: names and covers of the services' playlists."""

import pytest

from tests.django_backend.conftest import GENRE, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath
from tests.documents import aggregate, chart, materialization, raw_playlist
from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.publishing.reading import Documents, LastDays
from tunemeld_pipeline.publishing.responses import Header, header_art


class TestPromises(RenderedPath):
    path = "/header-art/{genre}"


def test_it_works(api: Api) -> None:
    shown = api.data(f"/header-art/{GENRE}")
    assert list(shown) == list(keys())
    for header in shown.values():
        for name in ("playlist_cover_url", "playlist_cover_description_text", "playlist_name", "playlist_url"):
            assert isinstance(header[name], str)
        assert header["playlist_name"]
        assert header["fetched_at"] == f"{WEDNESDAY}T00:00:00+00:00"
        assert (header["stale"], header["stale_since"], header["upstream"]) == (False, None, "sandbox")
    assert shown["AppleMusic"]["playlist_cover_url"].endswith(".m3u8")


def headers_of(*playlists: RawPlaylist) -> dict[str, Header]:
    documents = Documents(materialization(), chart(), aggregate(), [], playlists, {}, [], LastDays([], {}, {}))
    return header_art(documents, load_catalog().genre("dance"))


@pytest.mark.parametrize(
    ("cover", "shown"),
    [
        ("https://covers.example/a.jpg", "https://covers.example/a.jpg#.m3u8"),
        ("https://covers.example/a.jpg#part", "https://covers.example/a.jpg#part.m3u8"),
        ("https://covers.example/a.jpg#.m3u8", "https://covers.example/a.jpg#.m3u8"),
        ("https://covers.example/a.m3u8", "https://covers.example/a.m3u8"),
        ("https://covers.example/a.m3u8?b=1", "https://covers.example/a.m3u8?b=1#.m3u8"),
        ("", "#.m3u8"),
        (None, "#.m3u8"),
    ],
)
def test_the_cover_of_apple_music_ends_like_a_video_and_of_others_stays(cover: str | None, shown: str) -> None:
    update = {"playlist_cover_url": cover}
    headers = headers_of(*(raw_playlist(service).model_copy(update=update) for service in keys()))
    assert headers["AppleMusic"]["playlist_cover_url"] == shown
    others = {service: header["playlist_cover_url"] for service, header in headers.items() if service != "AppleMusic"}
    assert others == {service: cover or "" for service in keys() if service != "AppleMusic"}


def test_a_service_that_never_answered_has_a_header_from_the_catalogue() -> None:
    headers = headers_of(raw_playlist("Spotify"))
    assert headers["Spotify"]["fetched_at"] is not None
    assert headers["AppleMusic"] == {
        "playlist_cover_url": "#.m3u8",
        "playlist_cover_description_text": "",
        "playlist_name": "danceXL",
        "playlist_url": load_catalog().genre("dance").playlist("AppleMusic").url,
        "fetched_at": None,
        "stale": True,
        "stale_since": None,
        "upstream": "sandbox",
    }
    assert headers["SoundCloud"]["playlist_name"] == "SoundCloud playlist"
