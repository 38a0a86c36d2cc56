"""Apple Music over real HTTP to the sandbox."""

from typing import Any

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.apple_music.formats import cover_address
from tunemeld_pipeline.services.apple_music.rapidapi import AppleMusicClient
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.wire_formats.received import Unreadable


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    fetched = open_client(AppleMusicClient).playlist(dance.playlist("AppleMusic"))
    parsed = parse_playlist("AppleMusic", fetched.data_json)
    assert len(parsed.rows) in (SANDBOX_TRACKS, SANDBOX_TRACKS - 1)
    assert [row.position for row in parsed.rows] == list(range(1, len(parsed.rows) + 1))
    assert fetched.incomplete is None
    assert parsed.cover_url is not None
    assert parsed.cover_url.endswith("600x600SC.DN01.jpg?l=en-US")
    assert faults.requests() == {"apple_music": {"playlist1": 1}}


def test_a_long_playlist_comes_in_one_call_and_in_its_own_order(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    fetched = open_client(AppleMusicClient, at(settings, long_lists)).playlist(dance.playlist("AppleMusic"))
    parsed = parse_playlist("AppleMusic", fetched.data_json)
    # Its keys arrive sorted as text, "10" before "2".
    assert parsed.length in (MANY, MANY - 1)
    assert [row.position for row in parsed.rows] == list(range(1, parsed.length + 1))


def test_the_older_form_with_songs_is_read_too(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    song = {"name": "Song", "artist": "Act", "link": "https://music.apple.com/us/album/x/1?i=2"}
    server = play(answer({"album_details": {"songs": [song]}}))
    fetched = open_client(AppleMusicClient, at(settings, server.url)).playlist(dance.playlist("AppleMusic"))
    assert parse_playlist("AppleMusic", fetched.data_json).rows[0].service_track_id == "2"


@pytest.mark.parametrize(
    "body",
    [{}, [], "text", {"album_details": None}, {"album_details": []}, {"album_details": {"count": 100}}],
)
def test_a_body_without_a_playlist_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, body: Any
) -> None:
    apple_music = open_client(AppleMusicClient, at(settings, play(answer(body)).url))
    with pytest.raises(MalformedResponse, match=r"^Apple Music: .*expected structure"):
        apple_music.playlist(dance.playlist("AppleMusic"))


def test_an_error_body_with_status_200_is_no_playlist(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("apple_music", "error-body")
    with pytest.raises(CredentialsRefused, match="Apple Music: RapidAPI refused the key; check RAPIDAPI_KEY"):
        open_client(AppleMusicClient).playlist(dance.playlist("AppleMusic"))


def test_half_a_document_is_asked_for_again_and_never_kept(
    open_client: Opener, settings: Settings, faults: Faults, dance: Genre
) -> None:
    faults.add("apple_music", "half-json", times=3)
    apple_music = open_client(AppleMusicClient, settings.model_copy(update={"etl_retry_attempts": 2}))
    with pytest.raises(UpstreamUnavailable, match="not whole JSON"):
        apple_music.playlist(dance.playlist("AppleMusic"))
    assert apple_music.playlist(dance.playlist("AppleMusic")).data_json.endswith("}")


@pytest.mark.parametrize(
    ("template", "cover"),
    [
        (
            "https://is1.example.org/{w}x{h}SC.DN01.{f}?l=en-US",
            "https://is1.example.org/600x600SC.DN01.jpg?l=en-US",
        ),
        (None, None),
        (" ", None),
    ],
)
def test_the_cover_is_what_the_template_means(template: object, cover: str | None) -> None:
    assert cover_address(template) == cover


@pytest.mark.parametrize("template", ["javascript:alert(1)", 5])
def test_a_cover_that_is_no_address_is_unreadable(template: object) -> None:
    with pytest.raises(Unreadable):
        cover_address(template)
