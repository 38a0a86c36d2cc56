"""Spotify's public page over real HTTP to the sandbox, and pages of other kinds."""

import base64
import json
from typing import Any

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.spotify.page import SpotifyPageClient
from tunemeld_pipeline.services.spotify.rapidapi import SpotifyClient
from tunemeld_pipeline.settings.settings import Settings

PAGE = "spotify.page"


def track(number: int = 1, **data: Any) -> dict[str, Any]:
    return {
        "itemV2": {
            "data": {
                "__typename": "Track",
                "uri": f"spotify:track:sp{number}",
                "name": f"Song {number}",
                "artists": {"items": [{"profile": {"name": "Ona Vale"}}, {"profile": {"name": "Marrow"}}]},
                "albumOfTrack": {
                    "uri": f"spotify:album:al{number}",
                    "coverArt": {"sources": [{"url": "https://images.example.org/640", "height": 640}]},
                },
                "duration": {"totalMilliseconds": 201_000},
                "playcount": "2478271760",
                **data,
            }
        }
    }


def body(*rows: Any, **playlist: Any) -> str:
    content = {"items": list(rows), "totalCount": 50}
    owner = {"data": {"username": "spotify"}}
    return json.dumps({"country": "BR", "playlist": {"name": "Hits", "ownerV2": owner, "content": content, **playlist}})


def read(text: str) -> Listing:
    return parse_playlist("Spotify", text, PAGE)


def page(state: Any, identity: str = "initialState") -> bytes:
    script = base64.b64encode(json.dumps(state).encode()).decode()
    return answer(f'<html><script id="{identity}" type="text/plain">{script}</script></html>'.encode())


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    fetched = open_client(SpotifyPageClient).playlist(dance.playlist("Spotify"))
    parsed = read(fetched.data_json)
    assert len(parsed.rows) == parsed.rows_total == SANDBOX_TRACKS
    assert (parsed.name, parsed.editorial, parsed.country) == ("Sandbox Dance", True, "US")
    assert parsed.cover_url is not None
    assert all(row.play_count and row.album_id and row.described.duration_ms for row in parsed.rows)
    assert parsed.unreadable == {}
    assert faults.requests() == {"spotify_page": {"playlist": 1}}


def test_its_rows_are_the_gateways_with_the_same_ids(open_client: Opener, dance: Genre) -> None:
    lists = [
        parse_playlist("Spotify", open_client(kind).playlist(dance.playlist("Spotify")).data_json, source)
        for kind, source in ((SpotifyClient, "spotify.rapidapi"), (SpotifyPageClient, PAGE))
    ]
    whole, shown = [[(row.key, row.described.title, row.described.artist) for row in one.rows] for one in lists]
    assert shown == whole[: len(shown)]


def test_a_long_list_shows_its_first_thirty_rows_and_says_how_many_it_has(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    parsed = read(
        open_client(SpotifyPageClient, at(settings, long_lists)).playlist(dance.playlist("Spotify")).data_json
    )
    assert ([row.position for row in parsed.rows], parsed.rows_total) == ([*range(1, 31)], MANY)


def test_nothing_of_the_pages_session_is_kept(open_client: Opener, dance: Genre) -> None:
    kept = open_client(SpotifyPageClient).playlist(dance.playlist("Spotify")).data_json
    assert json.loads(kept).keys() == {"country", "playlist"}
    assert not [word for word in ("session", "token", "premium", "availableMarkets") if word in kept]


def test_a_list_of_somebody_else_is_not_editorial(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("spotify_page", "new-owner")
    assert read(open_client(SpotifyPageClient).playlist(dance.playlist("Spotify")).data_json).editorial is False


def test_a_dead_list_is_not_found_though_its_page_answers_200(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    gone = dance.playlist("Spotify").model_copy(update={"url": "https://open.spotify.com/playlist/0000"})
    with pytest.raises(NotFound, match="Spotify: its page says that there is no such playlist"):
        open_client(SpotifyPageClient).playlist(gone)


@pytest.mark.parametrize(
    ("fault", "error"), [("403", CredentialsRefused), ("429", UpstreamUnavailable), ("500", UpstreamUnavailable)]
)
def test_each_refusal_of_the_page_means_one_thing(
    open_client: Opener, faults: Faults, dance: Genre, fault: str, error: type[Exception]
) -> None:
    faults.add("spotify_page", fault, times=None)
    with pytest.raises(error, match="Spotify: "):
        open_client(SpotifyPageClient).playlist(dance.playlist("Spotify"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>Are you a robot?</html>", "no whole script initialState"),
        (page({"entities": {"items": {}}}, "remoteConfig").partition(b"\r\n\r\n")[2], "no whole script initialState"),
        (b'<script id="initialState">not base 64</script>', "cannot be read"),
        (b'<script id="initialState">bm8gSlNPTg==</script>', "cannot be read"),
        (page({"entities": {"items": {}}}).partition(b"\r\n\r\n")[2], "does not say that there is none"),
        (page({"entities": "moved"}).partition(b"\r\n\r\n")[2], "does not say that there is none"),
        (page([]).partition(b"\r\n\r\n")[2], "does not say that there is none"),
    ],
)
def test_a_page_without_the_list_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, content: bytes, why: str
) -> None:
    with pytest.raises(MalformedResponse, match=rf"^Spotify: .*expected structure.*{why}"):
        open_client(SpotifyPageClient, at(settings, play(answer(content)).url)).playlist(dance.playlist("Spotify"))


@pytest.mark.parametrize("part", range(1, 16))
def test_a_page_that_is_cut_off_is_refused(
    open_client: Opener, settings: Settings, sandbox_root: str, play: Play, dance: Genre, part: int
) -> None:
    whole = body(*(track(number) for number in range(8)))
    with pytest.raises(MalformedResponse):
        read(whole[: len(whole) * part // 16])


def test_a_row_has_all_that_the_page_tells() -> None:
    (row,) = read(body(track())).rows
    assert (row.position, row.key, row.described.title, row.described.artist) == (
        1,
        "Spotify:sp1",
        "Song 1",
        "Ona Vale, Marrow",
    )
    assert (row.track_url, row.album_id) == ("https://open.spotify.com/track/sp1", "al1")
    assert (row.described.duration_ms, row.play_count) == (201_000, 2_478_271_760)
    assert row.album_cover_url == "https://images.example.org/640"


def test_a_page_in_another_language_is_read_alike() -> None:
    parsed = read(
        body(track(name="Canção do Mar", playcount="12"), name="Os Mais Tocados", description="As músicas do dia")
    )
    assert (parsed.name, parsed.country, parsed.editorial, parsed.rows_total) == ("Os Mais Tocados", "BR", True, 50)
    assert [(row.described.title, row.play_count) for row in parsed.rows] == [("Canção do Mar", 12)]


def test_a_length_under_its_older_name_is_read() -> None:
    (row,) = read(body(track(duration=None, trackDuration={"totalMilliseconds": 5_000}))).rows
    assert row.described.duration_ms == 5_000


def test_what_is_no_track_leaves_a_gap_by_its_reason() -> None:
    gone = {"itemV2": {"data": {"__typename": "NotFound"}}}
    episode = track(2, __typename="Episode", uri="spotify:episode:e2")
    parsed = read(body(track(1), gone, None, {"itemV2": None}, episode, track(6)))
    assert [row.position for row in parsed.rows] == [1, 6]
    assert parsed.reasons() == {"null row": 2, "not found": 1, "no song": 1}


@pytest.mark.parametrize("username", [None, "", {}, []])
def test_an_owner_that_is_not_named_is_unknown(username: object) -> None:
    assert read(body(track(), ownerV2={"data": {"username": username}})).editorial is None


@pytest.mark.parametrize(
    "text", ["{}", '{"playlist": {}}', '{"items": []}', '{"playlist": {"content": {"items": {}}}}']
)
def test_a_body_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedResponse, match="Spotify"):
        read(text)
