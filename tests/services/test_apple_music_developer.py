"""Apple Music's documented API over real HTTP to the sandbox, and the token that is made for it."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import MANY, Opener, at
from tests.services.test_service_client import live, today
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.apple_music.developer import AppleMusicDeveloperClient, storefront_of
from tunemeld_pipeline.services.apple_music.rapidapi import AppleMusicClient
from tunemeld_pipeline.settings.settings import Settings

API = "apple_music.developer"


def song(number: int = 1, **attributes: Any) -> dict[str, Any]:
    return {
        "id": f"99{number}",
        "type": "songs",
        "attributes": {
            "name": f"Song {number}",
            "artistName": "Ona Vale & Marrow",
            "isrc": "QZZ992600001",
            "durationInMillis": 201_000,
            "url": f"https://music.apple.com/us/album/x/1?i=99{number}",
            "artwork": {"url": "https://images.example.org/{w}x{h}bb.jpg"},
            **attributes,
        },
    }


def body(*tracks: Any, following: str | None = None, **attributes: Any) -> dict[str, Any]:
    named = {"name": "Rap Life", "playlistType": "editorial", "lastModifiedDate": "2026-11-20T05:07:44Z", **attributes}
    listed: dict[str, Any] = {"data": list(tracks), **({"next": following} if following else {})}
    playlist = {
        "id": "pl.1",
        "type": "playlists",
        "href": "/v1/catalog/us/playlists/pl.1",
        "attributes": named,
        "relationships": {"tracks": listed},
    }
    return {"data": [playlist]}


def read(content: Any) -> Listing:
    return parse_playlist("AppleMusic", content if isinstance(content, str) else json.dumps(content), API)


def live_settings(url: str, key_file: Path) -> Settings:
    own = {"apple_music_key_file": key_file, "apple_music_key_id": "KEY1", "apple_music_team_id": "TEAM1"}
    return live(url, apple_music_api_base_url=url, **own)


@pytest.fixture
def key_file(tmp_path: Path) -> tuple[Path, ec.EllipticCurvePublicKey]:
    """A file as Apple gives one to a developer, and the key that knows what it has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    path = tmp_path / "AuthKey_KEY1.p8"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return path, key.public_key()


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    parsed = read(open_client(AppleMusicDeveloperClient).playlist(dance.playlist("AppleMusic")).data_json)
    assert len(parsed.rows) == SANDBOX_TRACKS
    assert (parsed.name, parsed.editorial, parsed.country) == ("danceXL", True, "US")
    assert parsed.edited_at is not None
    assert all(row.described.isrc and row.album_cover_url for row in parsed.rows)
    assert faults.requests() == {"apple_music_api": {"playlists": 1}}


def test_its_rows_are_the_gateways_with_the_same_ids(open_client: Opener, dance: Genre) -> None:
    lists = [
        parse_playlist("AppleMusic", open_client(kind).playlist(dance.playlist("AppleMusic")).data_json, source)
        for kind, source in ((AppleMusicClient, "apple_music.rapidapi"), (AppleMusicDeveloperClient, API))
    ]
    gateways, apis = [[(row.key, row.track_url) for row in one.rows] for one in lists]
    assert gateways == apis[: len(gateways)]


def test_a_long_list_is_followed_page_by_page(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    fetched = open_client(AppleMusicDeveloperClient, at(settings, long_lists)).playlist(dance.playlist("AppleMusic"))
    assert [len(page["data"]) for page in json.loads(fetched.data_json)] == [1, 100, 50]
    assert [row.position for row in read(fetched.data_json).rows] == list(range(1, MANY + 1))


def test_a_live_call_carries_a_token_that_the_operators_key_has_signed(
    open_client: Opener, play: Play, dance: Genre, key_file: tuple[Path, ec.EllipticCurvePublicKey]
) -> None:
    path, public = key_file
    server = play(answer(body(song())))
    open_client(AppleMusicDeveloperClient, live_settings(server.url, path), as_of=today()).playlist(
        dance.playlist("AppleMusic")
    )
    (received,) = server.requests
    assert received.target.startswith("/v1/catalog/us/playlists/pl.6bf4415b83ce4f3789614ac4c3675740?include=tracks")
    token = received.headers["authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": "KEY1", "typ": "JWT"}
    claims = jwt.decode(token, public, ["ES256"], issuer="TEAM1")
    assert claims["exp"] - claims["iat"] == 12 * 3600


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_a_key_is_refused_with_what_to_do_and_not_shown(
    open_client: Opener, play: Play, dance: Genre, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "AuthKey.p8"
    path.write_text(content, "utf-8")
    server = play(answer({}))
    client = open_client(AppleMusicDeveloperClient, live_settings(server.url, path), as_of=today())
    with pytest.raises(CredentialsRefused, match=r"KEY_FILE holds no private key.*download the \.p8 file") as caught:
        client.playlist(dance.playlist("AppleMusic"))
    assert "canary" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(
    ("fault", "error", "advice"),
    [
        ("401", CredentialsRefused, "check APPLE_MUSIC_KEY_FILE"),
        ("403", CredentialsRefused, "check APPLE_MUSIC_KEY_FILE"),
        ("404", NotFound, "its API has no such playlist"),
        ("429", UpstreamUnavailable, "answered 429"),
        ("500", UpstreamUnavailable, "answered 500"),
        ("error-body", CredentialsRefused, "check APPLE_MUSIC_KEY_FILE"),
    ],
)
def test_each_error_of_the_api_means_one_thing(
    open_client: Opener, faults: Faults, dance: Genre, fault: str, error: type[Exception], advice: str
) -> None:
    faults.add("apple_music_api", fault, times=None)
    with pytest.raises(error, match=f"^Apple Music: .*{advice}"):
        open_client(AppleMusicDeveloperClient).playlist(dance.playlist("AppleMusic"))


def test_a_list_of_somebody_else_is_not_editorial(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("apple_music_api", "new-owner")
    assert (
        read(open_client(AppleMusicDeveloperClient).playlist(dance.playlist("AppleMusic")).data_json).editorial is False
    )


def test_a_row_has_all_that_the_api_tells() -> None:
    parsed = read(body(song()))
    (row,) = parsed.rows
    assert (row.key, row.described.title, row.described.artist) == ("AppleMusic:991", "Song 1", "Ona Vale & Marrow")
    assert (row.described.isrc, row.described.duration_ms) == ("QZZ992600001", 201_000)
    assert row.album_cover_url == "https://images.example.org/600x600bb.jpg"
    assert f"{parsed.edited_at:%Y-%m-%d}" == "2026-11-20"


def test_a_music_video_leaves_a_gap() -> None:
    parsed = read(body(song(1), {**song(2), "type": "music-videos"}, song(3)))
    assert ([row.position for row in parsed.rows], parsed.reasons()) == ([1, 3], {"music video": 1})


@pytest.mark.parametrize("odd", [None, "", " ", {}, [], 0, 1.5, "1"], ids=repr)
def test_an_odd_value_costs_a_row_only_where_it_is_needed(odd: Any) -> None:
    whole = body(song(1), song(2))
    for name in ("isrc", "durationInMillis", "url", "artwork"):
        assert len(read(body(song(1, **{name: odd}), song(2))).rows) == 2, name
    for name in ("name", "artistName"):
        kept = 2 if odd == "1" else 1
        assert len(read(body(song(1, **{name: odd}), song(2))).rows) == kept, name
    for name in ("name", "playlistType", "lastModifiedDate", "artwork", "description"):
        assert read(body(song(1), song(2), **{name: odd})).rows == read(whole).rows, name


@pytest.mark.parametrize(
    "content", [{}, [], {"data": None}, {"data": {}}, {"data": [{"type": "playlists"}]}, {"errors": []}]
)
def test_a_body_without_a_playlist_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, content: Any
) -> None:
    with pytest.raises(MalformedResponse, match=r"^Apple Music: .*expected structure"):
        open_client(AppleMusicDeveloperClient, at(settings, play(answer(content)).url)).playlist(
            dance.playlist("AppleMusic")
        )


@pytest.mark.parametrize(
    "following", ["/v1/x?offset=soon", 5, {"a": 1}, "/v1/catalog/us/playlists/pl.1/tracks?offset=-1"]
)
def test_a_full_page_that_says_unreadably_whether_it_is_the_last_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, following: Any
) -> None:
    full = play(answer(body(*map(song, range(100)), following=following)))
    with pytest.raises(MalformedResponse, match="whether another page follows cannot be read"):
        open_client(AppleMusicDeveloperClient, at(settings, full.url)).playlist(dance.playlist("AppleMusic"))


@pytest.mark.parametrize("part", range(1, 16))
def test_a_body_that_is_cut_off_is_refused(part: int) -> None:
    whole = json.dumps(body(*(song(number) for number in range(8))))
    with pytest.raises(MalformedResponse, match="Apple Music"):
        read(whole[: len(whole) * part // 16])


@pytest.mark.parametrize(
    ("address", "storefront"),
    [
        ("https://music.apple.com/gb/playlist/x/pl.1", "gb"),
        ("https://music.apple.com/playlist/x/pl.1", "us"),
        ("https://music.apple.com/", "us"),
    ],
)
def test_the_storefront_is_that_of_the_lists_address(address: str, storefront: str) -> None:
    assert storefront_of(address) == storefront
