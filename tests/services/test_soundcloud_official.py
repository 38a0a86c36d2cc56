"""SoundCloud's documented API over real HTTP to the sandbox: its token, where an address leads, and a playlist page by page."""

import json
from typing import Any

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.services.test_service_client import live, today
from tests.wire import CANARY, Play, Received, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.soundcloud.official import SoundCloudOfficialClient
from tunemeld_pipeline.services.soundcloud.rapidapi import SoundCloudClient
from tunemeld_pipeline.settings.settings import Settings

API = "soundcloud.official"
LOCATION = "https://api.soundcloud.com/playlists/7"


def track(number: int = 1, **item: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Ona Vale - Song {number}",
        "permalink_url": f"https://soundcloud.com/onavale/song-{number}",
        "duration": 201_500,
        "artwork_url": "https://images.example.org/cover-large.jpg",
        "playback_count": 8_087,
        "isrc": "QZZ992600001",
        "metadata_artist": "Ona Vale",
        "user": {"username": "A Label"},
        **item,
    }


def head(**facts: Any) -> dict[str, Any]:
    owner = {"permalink": "soundcloud-hustle"}
    return {"title": "Drippin", "track_count": 80, "last_modified": "2026/11/20 05:00:00 +0000", "user": owner, **facts}


def page(*tracks: Any, following: Any = None) -> dict[str, Any]:
    return {"collection": list(tracks), **({"next_href": following} if following is not None else {})}


def api(*pages: Any, location: Any = LOCATION, described: Any = None) -> Any:
    """A server that plays the token, the redirection, the playlist and these pages, by path."""
    left = list(pages)

    def reply(received: Received) -> bytes:
        path = received.target.partition("?")[0]
        if path.endswith("/oauth/token"):
            return answer({"access_token": "issued-token-0123456789", "expires_in": 3600})
        if path.endswith("/resolve"):
            return answer({"status": "302 - Found", "location": location}, 302)
        if not path.endswith("/tracks"):
            return answer(described if described is not None else head())
        return answer(left.pop(0))

    return reply


def read(content: Any) -> Listing:
    return parse_playlist("SoundCloud", content if isinstance(content, str) else json.dumps(content), API)


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    parsed = read(open_client(SoundCloudOfficialClient).playlist(dance.playlist("SoundCloud")).data_json)
    assert len(parsed.rows) == parsed.rows_total == SANDBOX_TRACKS
    assert (parsed.name, parsed.editorial) == ("Sandbox Dance Uploads", True)
    assert parsed.edited_at is not None
    assert sum(row.play_count is not None for row in parsed.rows) >= SANDBOX_TRACKS - 1
    assert faults.requests() == {
        "soundcloud_accounts": {"oauth/token": 1},
        "soundcloud_api": {"playlists": 1, "resolve": 1, "tracks": 1},
    }


def test_its_rows_are_the_gateways_with_the_same_ids(open_client: Opener, dance: Genre) -> None:
    lists = [
        parse_playlist("SoundCloud", open_client(kind).playlist(dance.playlist("SoundCloud")).data_json, source)
        for kind, source in ((SoundCloudClient, "soundcloud.rapidapi"), (SoundCloudOfficialClient, API))
    ]
    gateways, apis = [[(row.key, row.described.title) for row in one.rows] for one in lists]
    assert gateways == apis


def test_a_token_is_kept_and_used_for_all_playlists_of_a_run(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    client = open_client(SoundCloudOfficialClient, at(settings, long_lists))
    for _ in range(2):
        parsed = read(client.playlist(dance.playlist("SoundCloud")).data_json)
        assert [row.position for row in parsed.rows] == list(range(1, MANY + 1))


def test_live_the_operators_application_asks_for_the_token_and_the_token_for_the_rest(
    open_client: Opener, play: Play, dance: Genre
) -> None:
    server = play(api(page(track())))
    hosts = {f"soundcloud_{host}_base_url": server.url for host in ("api", "accounts")}
    own = {"soundcloud_client_id": "an-application", "soundcloud_client_secret": CANARY}
    client = open_client(SoundCloudOfficialClient, live(server.url, **hosts, **own), as_of=today())
    client.playlist(dance.playlist("SoundCloud"))
    token, *rest = server.requests
    assert (token.method, token.target, token.body) == ("POST", "/oauth/token", b"grant_type=client_credentials")
    assert token.headers["authorization"].startswith("Basic ")
    assert {one.headers["authorization"] for one in rest} == {"OAuth issued-token-0123456789"}
    assert [one.target.partition("?")[0] for one in rest] == ["/resolve", "/playlists/7", "/playlists/7/tracks"]


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/playlists/7/../../steal",
        "https://api.soundcloud.com/tracks/7",
        "https://api.soundcloud.com/playlists/7/tracks",
        "ftp://x/playlists/7",
        5,
        None,
    ],
)
def test_an_address_that_leads_to_no_playlist_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, location: Any
) -> None:
    server = play(api(page(track()), location=location))
    with pytest.raises(MalformedResponse, match=r"^SoundCloud: .*expected structure"):
        open_client(SoundCloudOfficialClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("upstream", "fault", "error", "advice"),
    [
        ("soundcloud_accounts", "401", CredentialsRefused, "check SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET"),
        ("soundcloud_api", "401", CredentialsRefused, "check SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET"),
        ("soundcloud_api", "404", NotFound, "/resolve answered 404"),
        ("soundcloud_api", "429", UpstreamUnavailable, "its API's rate limit was hit"),
        ("soundcloud_accounts", "quota", UpstreamUnavailable, "rate limit was hit"),
        ("soundcloud_api", "500", UpstreamUnavailable, "answered 500"),
        ("soundcloud_api", "error-body", CredentialsRefused, "check SOUNDCLOUD_CLIENT_ID"),
    ],
)
def test_each_error_of_the_api_means_one_thing(
    open_client: Opener,
    faults: Faults,
    dance: Genre,
    upstream: str,
    fault: str,
    error: type[Exception],
    advice: str,
) -> None:
    faults.add(upstream, fault, times=None)
    with pytest.raises(error, match=f"^SoundCloud: .*{advice}"):
        open_client(SoundCloudOfficialClient).playlist(dance.playlist("SoundCloud"))


def test_a_list_of_somebody_else_is_not_editorial(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("soundcloud_api", "new-owner", endpoint="playlists")
    assert (
        read(open_client(SoundCloudOfficialClient).playlist(dance.playlist("SoundCloud")).data_json).editorial is False
    )


def test_a_cursor_is_followed_with_its_own_parameters_on_our_host(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    following = "https://elsewhere.example/playlists/7/tracks?cursor=abc&limit=50"
    server = play(api(page(*map(track, range(1, 51)), following=following), page(track(99))))
    fetched = open_client(SoundCloudOfficialClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))
    assert len(read(fetched.data_json).rows) == 51
    assert server.requests[-1].target.endswith("/playlists/7/tracks?cursor=abc&limit=50")


@pytest.mark.parametrize(
    "following", ["soon", 5, {"a": 1}, "https://x.example/tracks?offset=50", "https://x.example/playlists/7/tracks"]
)
def test_a_full_page_that_says_unreadably_whether_it_is_the_last_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: Any
) -> None:
    server = play(api(page(*map(track, range(1, 51)), following=following)))
    with pytest.raises(MalformedResponse, match="whether another page follows cannot be read"):
        open_client(SoundCloudOfficialClient, at(settings, server.url)).playlist(dance.playlist("SoundCloud"))


def test_a_row_has_all_that_the_api_tells() -> None:
    parsed = read({"playlist": head(), **page(track(1), track(2, id=None, urn="soundcloud:tracks:2"))})
    row, other = parsed.rows
    assert (row.key, other.key) == ("SoundCloud:1", "SoundCloud:2")
    assert (row.described.title, row.described.artist, row.described.uploader) == (
        "Ona Vale - Song 1",
        "Ona Vale",
        "A Label",
    )
    assert (row.described.isrc, row.described.duration_ms, row.play_count) == ("QZZ992600001", 201_500, 8_087)
    assert row.album_cover_url == "https://images.example.org/cover-t500x500.jpg"
    assert (parsed.name, parsed.rows_total, parsed.editorial) == ("Drippin", 80, True)


@pytest.mark.parametrize(
    ("account", "editorial"), [("SoundCloud", True), ("a-listener", False), (None, None), ("soundcloudx", False)]
)
def test_the_editors_are_known_by_their_accounts(account: object, editorial: bool | None) -> None:
    assert read({"playlist": head(user={"permalink": account}), **page(track())}).editorial is editorial


@pytest.mark.parametrize("content", [{}, [], {"collection": None}, {"tracks": []}, {"errors": []}])
def test_a_body_without_tracks_is_refused(content: Any) -> None:
    with pytest.raises(MalformedResponse, match="SoundCloud"):
        read([content])


@pytest.mark.parametrize("part", range(1, 16))
def test_a_body_that_is_cut_off_is_refused(part: int) -> None:
    whole = json.dumps({"playlist": head(), **page(*(track(number) for number in range(1, 9)))})
    with pytest.raises(MalformedResponse, match="SoundCloud"):
        read(whole[: len(whole) * part // 16])
