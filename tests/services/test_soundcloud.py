"""SoundCloud over real HTTP to the sandbox."""

import json
from typing import Any

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.soundcloud.rapidapi import SoundCloudClient
from tunemeld_pipeline.settings.settings import Settings


def page(rows: int, following: object) -> bytes:
    items = [{"id": number, "title": "Song"} for number in range(rows)]
    return answer({"status": True, "tracks": {"nextOffset": following, "items": items}})


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    fetched = open_client(SoundCloudClient).playlist(dance.playlist("SoundCloud"))
    parsed = parse_playlist("SoundCloud", fetched.data_json)
    assert parsed.length == len(parsed.rows) == SANDBOX_TRACKS
    assert fetched.incomplete is None
    assert sum(row.play_count is not None for row in parsed.rows) >= SANDBOX_TRACKS - 1
    assert faults.requests() == {"soundcloud": {"v1/playlist/tracks": 1}}


@pytest.mark.parametrize("genre", ["country", "dance", "pop", "rap"])
def test_a_playlist_is_followed_until_next_offset_is_null(
    open_client: Opener, settings: Settings, long_lists: str, catalog: Catalog, genre: str
) -> None:
    # After a full last page some playlists say null, and some name another page, which is empty.
    fetched = open_client(SoundCloudClient, at(settings, long_lists)).playlist(
        catalog.genre(genre).playlist("SoundCloud")
    )
    assert [len(one["tracks"]["items"]) for one in json.loads(fetched.data_json)] == [50] * 5
    assert parse_playlist("SoundCloud", fetched.data_json).length == MANY


def test_pages_that_go_in_circles_are_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    server = play(page(50, 50), page(50, 50))
    with pytest.raises(MalformedResponse, match="its page at offset 50 is followed by one at 50"):
        open_client(SoundCloudClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))


@pytest.mark.parametrize("following", [101, 10**15, "9000"])
def test_a_next_page_far_beyond_this_one_does_not_end_the_list_in_silence(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: object
) -> None:
    full = play(page(50, following), page(0, None))
    with pytest.raises(MalformedResponse, match="whether another page follows cannot be read"):
        open_client(SoundCloudClient, at(settings, full.url)).playlist(dance.playlist("SoundCloud"))
    short = play(page(7, following))
    assert (
        open_client(SoundCloudClient, at(settings, short.url)).playlist(dance.playlist("SoundCloud")).incomplete
        is not None
    )


@pytest.mark.parametrize("following", ["50", 50.0])
def test_an_offset_that_is_written_in_another_way_is_followed(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: object
) -> None:
    server = play(page(50, following), page(7, None))
    fetched = open_client(SoundCloudClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))
    assert [len(one["tracks"]["items"]) for one in json.loads(fetched.data_json)] == [50, 7]
    assert "offset=50" in server.requests[1].target


@pytest.mark.parametrize("following", ["soon", {"at": 50}, [50], 50.5, True])
def test_a_full_page_that_says_unreadably_whether_it_is_the_last_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: object
) -> None:
    server = play(page(50, following))
    with pytest.raises(MalformedResponse, match="whether another page follows cannot be read"):
        open_client(SoundCloudClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))


@pytest.mark.parametrize("following", ["soon", {"at": 50}, 1.5, 0, "1"])
def test_a_short_page_is_kept_as_the_end_and_as_incomplete_where_it_says_unreadably_whether_it_is(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: object
) -> None:
    server = play(page(7, following))
    fetched = open_client(SoundCloudClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))
    assert len(json.loads(fetched.data_json)["tracks"]["items"]) == 7
    assert "whether another page follows cannot be read" in (fetched.incomplete or "")
    assert len(server.requests) == 1


@pytest.mark.parametrize("following", [None, "", " ", [], {}, "\u200b"])
def test_where_nothing_is_said_of_a_next_page_the_list_ends(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: object
) -> None:
    server = play(page(50, following))
    assert (
        open_client(SoundCloudClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud")).incomplete
        is None
    )
    assert len(server.requests) == 1


def test_a_later_page_that_does_not_come_loses_the_whole_fetch(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    server = play(page(50, 50), answer({}, 503))
    with pytest.raises(UpstreamUnavailable, match="answered 503"):
        open_client(SoundCloudClient, at(settings, server.url, etl_retry_attempts=3)).playlist(
            dance.playlist("SoundCloud")
        )
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "body",
    [{}, {"status": False, "errorId": "NotFound"}, {"tracks": None}, {"tracks": {"items": None}}, {"tracks": []}],
)
def test_a_body_without_a_playlist_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, body: Any
) -> None:
    with pytest.raises(MalformedResponse, match=r"^SoundCloud: .*expected structure"):
        open_client(SoundCloudClient, at(settings, play(answer(body)).url)).playlist(dance.playlist("SoundCloud"))


def test_an_error_body_with_status_200_is_no_playlist(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("soundcloud", "error-body")
    with pytest.raises(CredentialsRefused, match="SoundCloud: RapidAPI refused the key"):
        open_client(SoundCloudClient).playlist(dance.playlist("SoundCloud"))


def test_name_cover_and_description_come_by_oembed_and_cost_nothing(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    soundcloud = open_client(SoundCloudClient)
    described = soundcloud.description(dance.playlist("SoundCloud"))
    assert described.name == "Sandbox Dance Uploads by Sandbox"
    assert described.description is not None
    assert described.cover_url is not None
    assert soundcloud.quota_left() == {"soundcloud": 500}
    assert faults.requests() == {"soundcloud_oembed": {"oembed": 1}}


@pytest.mark.parametrize("body", [{}, [], {"title": 5}, {"title": " "}])
def test_an_oembed_answer_of_another_shape_is_an_error(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, body: Any
) -> None:
    with pytest.raises(MalformedResponse):
        open_client(SoundCloudClient, at(settings, play(answer(body)).url)).description(dance.playlist("SoundCloud"))
