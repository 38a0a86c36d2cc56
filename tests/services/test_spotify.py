"""Spotify over real HTTP to the sandbox: playlists, look-ups by both interfaces, and play counts."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.wire import Play, Received, answer
from tunemeld_pipeline.charts.catalog import Genre, Playlist
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.spotify.rapidapi import TRACKS_PER_CALL, SpotifyClient, read_page
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import Answer

WEB_API = {"spotify_client_id": "set", "spotify_client_secret": "set"}
TOKEN = {"access_token": "canary-7f3a9c51e2b84d06", "token_type": "Bearer", "expires_in": 3600}


def rows_of(spotify: SpotifyClient, genre: Genre) -> list[PlaylistRow]:
    return parse_playlist("Spotify", spotify.playlist(genre.playlist("Spotify")).data_json).rows


def page(number: int, *, rows: int, more: bool, limit: int = 100) -> bytes:
    """A page whose track ids go on from `number`."""
    items = [{"track": {"id": f"t{number + row}"}} for row in range(rows)]
    return answer({"items": items, "next": True if more else None, "limit": limit})


def ids_in(data_json: str) -> list[str]:
    body = json.loads(data_json)
    return [item["track"]["id"] for one in (body if isinstance(body, list) else [body]) for item in one["items"]]


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    fetched = open_client(SpotifyClient).playlist(dance.playlist("Spotify"))
    parsed = parse_playlist("Spotify", fetched.data_json)
    assert parsed.length == SANDBOX_TRACKS
    assert fetched.incomplete is None
    assert all(row.album_id and row.track_url and row.described.duration_ms for row in parsed.rows)
    assert faults.requests() == {"spotify": {"playlist_tracks": 1}}


# Pages


def test_a_playlist_is_followed_to_its_end(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    spotify = open_client(SpotifyClient, at(settings, long_lists))
    fetched = spotify.playlist(dance.playlist("Spotify"))
    assert [len(one["items"]) for one in json.loads(fetched.data_json)] == [100, 100, 50]
    assert parse_playlist("Spotify", fetched.data_json).length == MANY
    assert spotify.client.tally.calls == 3


def test_pages_that_are_shorter_than_asked_for_lose_no_row(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    def fifty_at_most(received: Received) -> bytes:
        offset = int(parse_qs(urlsplit(received.target).query)["offset"][0])
        return page(offset, rows=min(50, 130 - offset), more=offset + 50 < 130, limit=50)

    fetched = open_client(SpotifyClient, at(settings, play(fifty_at_most).url)).playlist(dance.playlist("Spotify"))
    assert ids_in(fetched.data_json) == [f"t{number}" for number in range(130)]


def test_a_later_page_that_is_not_there_is_noted_and_what_came_before_it_stands(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    server = play(page(0, rows=100, more=True), answer({"message": "Not found"}, 404))
    fetched = open_client(SpotifyClient, at(settings, server.url)).playlist(dance.playlist("Spotify"))
    assert len(ids_in(fetched.data_json)) == 100
    assert fetched.incomplete is not None
    assert "offset 100 is missing" in fetched.incomplete


@pytest.mark.parametrize("reply", [answer({}, 500), answer(b'{"items": ['), answer({"message": "Nothing new."})])
def test_half_a_playlist_is_not_kept(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, reply: bytes
) -> None:
    spotify = open_client(SpotifyClient, at(settings, play(page(0, rows=100, more=True), reply).url))
    with pytest.raises((UpstreamUnavailable, MalformedResponse), match="playlist_tracks"):
        spotify.playlist(dance.playlist("Spotify"))


def test_an_empty_playlist_is_refused(open_client: Opener, settings: Settings, play: Play, dance: Genre) -> None:
    spotify = open_client(SpotifyClient, at(settings, play(page(0, rows=0, more=False)).url))
    with pytest.raises(MalformedResponse, match="the playlist is empty; was it removed or renamed"):
        spotify.playlist(dance.playlist("Spotify"))


def test_an_empty_page_ends_the_list_whatever_it_says_of_more(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    server = play(page(0, rows=100, more=True), page(100, rows=0, more=True))
    fetched = open_client(SpotifyClient, at(settings, server.url)).playlist(dance.playlist("Spotify"))
    assert len(ids_in(fetched.data_json)) == 100
    assert len(server.requests) == 2


def test_a_list_that_never_ends_is_refused(open_client: Opener, settings: Settings, play: Play, dance: Genre) -> None:
    server = play(page(0, rows=100, more=True))
    with pytest.raises(MalformedResponse, match="go on beyond 10000 rows"):
        open_client(SpotifyClient, at(settings, server.url)).playlist(dance.playlist("Spotify"))
    assert len(server.requests) == 101


@pytest.mark.parametrize("body", [{}, [], None, {"items": None}, {"items": {}}, {"tracks": {"items": []}}])
def test_a_body_without_a_playlist_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, body: Any
) -> None:
    with pytest.raises(MalformedResponse, match=r"^Spotify: .*expected structure"):
        open_client(SpotifyClient, at(settings, play(answer(body)).url)).playlist(dance.playlist("Spotify"))


def test_an_unknown_playlist_is_not_found(open_client: Opener, dance: Genre) -> None:
    other = Playlist(url="https://x.example/p/none")
    with pytest.raises(NotFound, match="playlist_tracks"):
        open_client(SpotifyClient).playlist(other)


@pytest.mark.parametrize(
    ("more", "pages"), [(True, 2), ("true", 2), (1, 2), ("https://x.example/next", 2), (False, 1), ("", 1), (0, 1)]
)
def test_whether_there_is_a_next_page_is_said_in_several_ways(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, more: object, pages: int
) -> None:
    items = [{"track": {"id": f"t{number}"}} for number in range(100)]
    server = play(answer({"items": items, "next": more, "limit": "100"}), page(100, rows=5, more=False))
    open_client(SpotifyClient, at(settings, server.url)).playlist(dance.playlist("Spotify"))
    assert len(server.requests) == pages


def test_a_full_page_that_says_unreadably_whether_it_is_the_last_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    items = [{"track": {"id": f"t{number}"}} for number in range(100)]
    server = play(answer({"items": items, "next": {"offset": 100}}))
    with pytest.raises(MalformedResponse, match="whether another page follows cannot be read"):
        open_client(SpotifyClient, at(settings, server.url)).playlist(dance.playlist("Spotify"))


# Name, cover and description


def test_a_playlists_name_cover_and_description_come_from_the_gateway(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    described = open_client(SpotifyClient).description(dance.playlist("Spotify"))
    assert described.name == "Sandbox Dance"
    assert described.description is not None
    assert described.cover_url is not None
    assert faults.requests() == {"spotify": {"playlist": 1}}


@pytest.mark.parametrize("fault", ["404", "500", "401", "quota", "error-body", "half-json"])
def test_where_the_gateway_does_not_tell_them_oembed_does(
    open_client: Opener, faults: Faults, dance: Genre, fault: str
) -> None:
    faults.add("spotify", fault, endpoint="playlist")
    described = open_client(SpotifyClient).description(dance.playlist("Spotify"))
    assert (described.name, described.description) == ("Sandbox Dance", None)
    assert described.cover_url is not None
    assert faults.requests()["spotify_oembed"] == {"oembed": 1}


def test_where_neither_tells_them_it_is_an_error(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("spotify", "404")
    faults.add("spotify_oembed", "500")
    with pytest.raises(UpstreamUnavailable):
        open_client(SpotifyClient).description(dance.playlist("Spotify"))


# Look-ups through the gateway


def test_a_search_finds_the_recording_without_its_isrc(open_client: Opener, dance: Genre) -> None:
    spotify = open_client(SpotifyClient)
    row = rows_of(spotify, dance)[0]
    found = spotify.search(row.described.title, row.described.artist)
    assert 0 < len(found) <= 10
    track = next(track for track in found if track.track_id == row.service_track_id)
    assert (track.name, track.artist_name, track.album_id) == (row.described.title, row.described.artist, row.album_id)
    assert (track.duration_ms, track.isrc) == (row.described.duration_ms, None)
    assert track.cover_url is not None
    assert "640" in track.cover_url


def test_a_search_that_finds_nothing_is_an_empty_list(open_client: Opener) -> None:
    assert open_client(SpotifyClient).search("zzzz", "qqqq") == []


def test_a_result_that_is_null_costs_only_itself(open_client: Opener, settings: Settings, play: Play) -> None:
    data = {"id": "1", "name": "Song", "artists": {"items": [{"profile": {"name": "Act"}}]}}
    server = play(answer({"tracks": {"items": [None, {"data": data}]}}))
    found = open_client(SpotifyClient, at(settings, server.url)).search("Song", "Act")
    assert [(track.track_id, track.duration_ms, track.album_id, track.cover_url) for track in found] == [
        ("1", None, None, None)
    ]


def test_isrcs_are_looked_up_fifty_ids_a_call_and_the_unknown_are_left_out(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    spotify = open_client(SpotifyClient)
    rows = [row for row in rows_of(spotify, dance) if row.described.isrc]
    strangers = [f"4uLU6hMCjMI75M1A2t{number:04}" for number in range(TRACKS_PER_CALL)]
    found = spotify.isrcs([*strangers, *(row.service_track_id for row in rows)])
    assert found == {row.service_track_id: row.described.isrc for row in rows}
    assert faults.requests()["spotify"]["tracks"] == 2


# Look-ups through Spotify's own Web API


def test_with_credentials_a_search_finds_isrcs_and_costs_no_gateway_call(
    open_client: Opener, settings: Settings, faults: Faults, dance: Genre
) -> None:
    spotify = open_client(SpotifyClient, settings.model_copy(update=WEB_API))
    row = next(row for row in rows_of(spotify, dance) if row.described.isrc)
    found = spotify.search(row.described.title, row.described.artist)
    assert row.described.isrc in [track.isrc for track in found]
    assert all(track.album_id and track.cover_url for track in found)
    assert spotify.quota_left() == {"spotify": 1_999}
    assert faults.requests()["spotify"] == {"playlist_tracks": 1}


def test_one_token_serves_all_searches(open_client: Opener, settings: Settings, faults: Faults) -> None:
    spotify = open_client(SpotifyClient, settings.model_copy(update={**WEB_API, "etl_thread_count": 4}))
    spotify.client.map(lambda number: spotify.search(f"title {number}", "artist"), range(8))
    assert faults.requests() == {"spotify_accounts": {"api/token": 1}, "spotify_web_api": {"search": 8}}


def test_a_token_is_renewed_before_it_ends(open_client: Opener, settings: Settings, play: Play) -> None:
    def token_or_results(received: Received) -> bytes:
        # A minute is what a call may take, so a token that lasts no longer is already old.
        return answer({**TOKEN, "expires_in": 60} if received.method == "POST" else {"tracks": {"items": []}})

    server = play(token_or_results)
    spotify = open_client(SpotifyClient, at(settings, server.url, **WEB_API))
    spotify.search("title", "artist")
    spotify.search("title", "artist")
    assert [received.method for received in server.requests] == ["POST", "GET", "POST", "GET"]
    assert server.requests[1].headers["authorization"] == f"Bearer {TOKEN['access_token']}"
    assert server.requests[0].body == b"grant_type=client_credentials"


@pytest.mark.parametrize(
    ("upstream", "fault", "error", "advice"),
    [
        ("spotify_accounts", "401", CredentialsRefused, "check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"),
        ("spotify_accounts", "500", UpstreamUnavailable, "/api/token answered 500"),
        ("spotify_accounts", "error-body", CredentialsRefused, "check SPOTIFY_CLIENT_ID"),
        ("spotify_web_api", "401", CredentialsRefused, "check SPOTIFY_CLIENT_ID"),
        ("spotify_web_api", "403", CredentialsRefused, "check SPOTIFY_CLIENT_ID"),
        ("spotify_web_api", "error-body", CredentialsRefused, "check SPOTIFY_CLIENT_ID"),
        ("spotify_web_api", "quota", QuotaExhausted, "the Web API's quota is used up"),
        ("spotify_web_api", "429", UpstreamUnavailable, "the Web API's rate limit was hit"),
        ("spotify_web_api", "500", UpstreamUnavailable, "/search answered 500"),
        ("spotify_web_api", "404", NotFound, "/search answered 404"),
    ],
)
def test_each_error_of_the_web_api_means_one_thing(
    open_client: Opener,
    settings: Settings,
    faults: Faults,
    upstream: str,
    fault: str,
    error: type[UpstreamError],
    advice: str,
) -> None:
    faults.add(upstream, fault)
    with pytest.raises(error, match=rf"^Spotify: .*{advice}"):
        open_client(SpotifyClient, settings.model_copy(update=WEB_API)).search("title", "artist")


def test_a_token_never_shows_in_an_error(open_client: Opener, settings: Settings, play: Play) -> None:
    server = play(answer({"access_token": TOKEN["access_token"], "expires_in": "an hour"}))
    with pytest.raises(MalformedResponse, match="an object with access_token, expires_in") as caught:
        open_client(SpotifyClient, at(settings, server.url, **WEB_API)).search("title", "artist")
    assert str(TOKEN["access_token"]) not in str(caught.value)


@pytest.mark.parametrize("limit", [50, "50", None, 0, "many", -1, 1, 10**30])
@pytest.mark.parametrize("following", ["https://a.example/tracks?offset=50&amp;limit=50", "yes", True, "?offset=9000"])
def test_no_row_is_skipped_after_a_page_that_is_shorter_than_asked_for(limit: object, following: object) -> None:
    body = {"items": [{}] * 50, "next": following, "limit": limit}
    assert read_page(Answer("", body), 0).next_offset == 50


# Play counts


def test_an_albums_play_counts_are_numbers_by_track(open_client: Opener, faults: Faults, dance: Genre) -> None:
    spotify = open_client(SpotifyClient)
    row = rows_of(spotify, dance)[0]
    assert row.album_id is not None
    counts = spotify.play_counts(row.album_id)
    assert counts[row.service_track_id] > 0
    assert faults.requests()["spotify"]["album_tracks"] == 1
    earlier = open_client(SpotifyClient, as_of="2025-11-15").play_counts(row.album_id)
    assert earlier[row.service_track_id] < counts[row.service_track_id]


def test_an_album_of_more_tracks_than_a_page_is_read_to_its_end(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    def three_hundred_at_most(received: Received) -> bytes:
        offset = int(parse_qs(urlsplit(received.target).query)["offset"][0])
        items = [
            {"track": {"uri": f"spotify:track:t{number}", "playcount": str(number)}}
            for number in range(offset, min(offset + 300, 350))
        ]
        return answer({"data": {"album": {"tracks": {"totalCount": 350, "items": items}}}})

    spotify = open_client(SpotifyClient, at(settings, play(three_hundred_at_most).url))
    assert spotify.play_counts("album") == {f"t{number}": number for number in range(350)}


def test_a_count_that_is_not_there_is_absent_and_never_0(open_client: Opener, settings: Settings, play: Play) -> None:
    tracks = [
        {"uri": f"spotify:track:t{number}", "playcount": count} for number, count in enumerate(["5", None, "", "?"])
    ]
    body = {"data": {"album": {"tracks": {"totalCount": 4, "items": [{"track": track} for track in tracks]}}}}
    assert open_client(SpotifyClient, at(settings, play(answer(body)).url)).play_counts("album") == {
        "t0": 5,
        "t1": None,
        "t2": None,
        "t3": None,
    }


def test_an_odd_item_loses_only_its_own_count_and_is_reported(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    items = [
        {"track": None},
        {"track": {"uri": None, "playcount": "7"}},
        {"track": {"uri": "spotify:track:a", "playcount": "1234"}},
        {"track": {"uri": "spotify:track:b", "playcount": "many"}},
    ]
    for total in (4, "4", None, "four"):
        body = {"data": {"album": {"tracks": {"totalCount": total, "items": items}}}}
        spotify = open_client(SpotifyClient, at(settings, play(answer(body)).url))
        assert spotify.play_counts("album") == {"a": 1234, "b": None}
        metadata = spotify.call_metadata()
        assert metadata["irregular_items/spotify/album_tracks/null row"] == 1
        assert metadata["irregular_items/spotify/album_tracks/no id"] == 1
        assert metadata["unreadable_values/spotify/album_tracks/track.playcount"] == 1


def test_a_track_is_gone_only_where_its_album_was_read_to_its_end(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    good = {"track": {"uri": "spotify:track:a", "playcount": "1234"}}
    for items, total, expected in (
        ([good], 1, {"a": 1234}),
        ([good], None, {"a": 1234}),
        ([good, {"track": None}], 2, {"a": 1234, "gone": None}),
        ([{"track": {"uri": " ", "playcount": "7"}}], 1, {"a": None, "gone": None}),
        ([good, {"track": {"uri": "spotify:track:a"}}], 2, {"a": 1234}),
        ([{"track": {"uri": "spotify:track:a", "playcount": []}}, good], 2, {"a": 1234}),
    ):
        body = answer({"data": {"album": {"tracks": {"totalCount": total, "items": items}}}})
        spotify = open_client(SpotifyClient, at(settings, play(body).url))
        assert spotify.play_counts("album", ["a", "gone"]) == expected


@pytest.mark.parametrize("more", [{"album": None}, {"album": {"tracks": {"items": []}}}, None])
@pytest.mark.parametrize("total", [2, "1234", 10**9])
def test_an_album_that_says_more_tracks_than_it_gives_is_asked_for_twice_at_most(
    open_client: Opener, settings: Settings, play: Play, total: object, more: object
) -> None:
    good = {"track": {"uri": "spotify:track:a", "playcount": "1234"}}
    first = answer({"data": {"album": {"tracks": {"totalCount": total, "items": [good]}}}})
    server = play(first, first if more is None else answer({"data": more}))
    spotify = open_client(SpotifyClient, at(settings, server.url))
    assert spotify.play_counts("album", ["a", "b"]) == {"a": 1234, "b": None}
    assert len(server.requests) == 2


def test_a_total_of_fewer_tracks_than_came_does_not_end_an_album(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    items = [{"track": {"uri": f"spotify:track:t{number}", "playcount": "5"}} for number in range(301)]
    pages = [
        answer({"data": {"album": {"tracks": {"totalCount": 0, "items": part}}}}) for part in (items[:300], items[300:])
    ]
    assert len(open_client(SpotifyClient, at(settings, play(*pages).url)).play_counts("album")) == 301


def test_an_odd_total_is_counted(open_client: Opener, settings: Settings, play: Play) -> None:
    good = {"track": {"uri": "spotify:track:a", "playcount": "1234"}}
    body = answer({"data": {"album": {"tracks": {"totalCount": "many", "items": [good]}}}})
    spotify = open_client(SpotifyClient, at(settings, play(body).url))
    spotify.play_counts("album")
    assert spotify.call_metadata()["unreadable_values/spotify/album_tracks/data.album.tracks.totalCount"] == 1


def test_an_odd_value_of_a_description_is_counted(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    body = {"name": "Dance &amp; more", "description": ["x"], "images": "none"}
    spotify = open_client(SpotifyClient, at(settings, play(answer(body)).url))
    assert spotify.description(dance.playlist("Spotify")).name == "Dance & more"
    stated = spotify.call_metadata()
    assert stated["unreadable_values/spotify/description/description"] == 1
    assert stated["unreadable_values/spotify/description/images"] == 1


def test_what_was_left_out_is_counted_anew_for_each_step(
    open_client: Opener, settings: Settings, play: Play, store: Store
) -> None:
    body = {"tracks": [{"id": None}, {"id": "b", "external_ids": {"isrc": "QZ-Z99-26-00001"}}, None]}
    spotify = open_client(SpotifyClient, at(settings, play(answer(body)).url))
    assert spotify.isrcs(["a", "b", "c"]) == {"b": "QZZ992600001"}
    assert spotify.call_metadata()["irregular_items/spotify/tracks/no id"] == 1
    spotify.begin_step(store, "dance")
    assert not [name for name in spotify.call_metadata() if name.startswith("irregular")]


@pytest.mark.parametrize("album", [None, {"__typename": "NotFound"}])
def test_an_album_that_there_is_no_more_is_not_found(
    open_client: Opener, settings: Settings, play: Play, album: object
) -> None:
    with pytest.raises(NotFound, match="no such album"):
        open_client(SpotifyClient, at(settings, play(answer({"data": {"album": album}})).url)).play_counts("album")


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": {"album": {"tracks": {"items": []}}}}])
def test_an_album_without_tracks_is_an_error_and_no_count(
    open_client: Opener, settings: Settings, play: Play, body: Any
) -> None:
    with pytest.raises(MalformedResponse, match="album_tracks"):
        open_client(SpotifyClient, at(settings, play(answer(body)).url)).play_counts("album")
