"""Recorded playlists: served byte for byte, page by page, and nothing invented besides."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams

from tests.sandbox.conftest import Client, serving
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import Installed, keys
from tunemeld_pipeline.sandbox import halves
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.replay import Replay
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Recorded
from tunemeld_pipeline.sandbox.world import World
from tunemeld_pipeline.service_kit import sandbox_checks
from tunemeld_pipeline.upstream.answers import FetchedPlaylist

DAY = "2024-05-03"
SPOTIFY = b'{\n  "items": [ {"track": null} ], "limit": 100, "next": null, "offset": 0, "total": 1 }\n'
APPLE = b'{"album_details": {"0": {"name": "\\u0026"}}}'
SOUNDCLOUD = b'{"status": true, "tracks": {"items": [], "nextOffset": 50}}'
DEEZER = b'{"nb_tracks": 1, "tracks": {"data": [ {"id": null} ]}}\n'
ERROR = b'{"message":"Invalid API key. Go to https:\\/\\/docs.rapidapi.com\\/docs\\/keys for more info."}'


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """One day of one genre on all services."""
    folder = tmp_path / "recorded" / DAY / "dance"
    folder.mkdir(parents=True)
    (folder / "spotify.json").write_bytes(SPOTIFY)
    (folder / "apple_music.json").write_bytes(APPLE)
    (folder / "soundcloud.json").write_bytes(SOUNDCLOUD)
    (folder / "deezer.api.json").write_bytes(DEEZER)
    return tmp_path / "recorded"


@pytest.fixture
def replay(recorded: Path, catalog: Catalog, serve_app: Callable[[Starlette], Client]) -> Client:
    return serve_app(create_app(Replay(recorded, PlaylistDirectory(catalog)), catalog))


def playlist(
    client: Client, catalog: Catalog, service: str, day: str = DAY, genre: str = "dance", offset: int = 0
) -> requests.Response:
    url = catalog.genre(genre).playlist(service).url
    if service == "Spotify":
        identity = last_part(catalog.genre(genre).playlist("Spotify").url)
        return client.ask("spotify", "playlist_tracks/", day=day, id=identity, offset=offset, limit=100)
    if service == "AppleMusic":
        return client.ask("apple_music", "playlist1/", day=day, url=url)
    if service == "Deezer":
        rest = {"index": offset, "limit": 100} if offset else {}
        return client.ask("deezer", f"playlist/{last_part(url)}{'/tracks' if offset else ''}", day=day, **rest)
    return client.ask("soundcloud", "v1/playlist/tracks", day=day, playlist=url, limit=50, offset=offset)


def test_recorded_bodies_come_back_byte_for_byte(replay: Client, catalog: Catalog) -> None:
    for service, body in (("Spotify", SPOTIFY), ("AppleMusic", APPLE), ("SoundCloud", SOUNDCLOUD), ("Deezer", DEEZER)):
        answer = playlist(replay, catalog, service)
        assert (answer.status_code, answer.content) == (200, body)


def test_a_page_that_was_not_recorded_is_404_even_when_it_was_announced(replay: Client, catalog: Catalog) -> None:
    answer = playlist(replay, catalog, "SoundCloud", offset=50)
    assert answer.status_code == 404
    assert answer.json() == {"message": "Endpoint '/v1/playlist/tracks' does not exist"}


def test_other_days_and_genres_are_404(replay: Client, catalog: Catalog) -> None:
    for service in keys():
        for answer in (
            playlist(replay, catalog, service, day="2024-05-04"),
            playlist(replay, catalog, service, genre="pop"),
        ):
            if service == "Deezer":  # whose errors come with status 200
                assert (answer.status_code, answer.json()["error"]["code"]) == (200, 800)
            else:
                assert answer.status_code == 404


@pytest.mark.parametrize(
    ("upstream", "path"),
    [
        ("spotify", "search/"),
        ("spotify", "playlist/"),
        ("spotify", "album_tracks/"),
        ("youtube", "videos"),
        ("youtube", "search"),
        ("spotify_web_api", "search"),
        ("spotify_oembed", ""),
        ("soundcloud_oembed", ""),
    ],
)
def test_everything_else_is_404(replay: Client, upstream: str, path: str) -> None:
    assert (
        replay.ask(upstream, path, day=DAY, url="https://open.spotify.com/playlist/x", part="snippet").status_code
        == 404
    )


def test_keys_are_checked_as_ever(replay: Client) -> None:
    assert replay.ask("spotify", "playlist_tracks/", day=DAY, headers={}).status_code == 401


def test_several_soundcloud_pages_are_found_by_the_offset_before(
    recorded: Path, replay: Client, catalog: Catalog
) -> None:
    pages = [
        {"tracks": {"items": [{"title": "é"}], "nextOffset": 50}},
        {"tracks": {"items": [2], "nextOffset": 100}},
        {"tracks": {"items": [3], "nextOffset": None}},
    ]
    (recorded / DAY / "dance" / "soundcloud.json").write_text(json.dumps(pages), "utf-8")
    answers = [playlist(replay, catalog, "SoundCloud", offset=offset) for offset in (0, 50, 100)]
    assert [answer.json() for answer in answers] == pages
    assert playlist(replay, catalog, "SoundCloud", offset=150).status_code == 404


def test_several_spotify_pages_are_found_by_their_own_offset(recorded: Path, replay: Client, catalog: Catalog) -> None:
    pages = [{"items": [1], "offset": 0, "next": True}, {"items": [2], "offset": 100, "next": None}]
    (recorded / DAY / "dance" / "spotify.json").write_text(json.dumps(pages), "utf-8")
    assert [playlist(replay, catalog, "Spotify", offset=offset).json() for offset in (0, 100)] == pages


def test_deezers_further_pages_begin_after_the_rows_that_come_with_the_list(
    recorded: Path, replay: Client, catalog: Catalog
) -> None:
    pages = [{"tracks": {"data": [1]}, "nb_tracks": 530}, {"data": [2], "total": 530}, {"data": [3], "total": 530}]
    (recorded / DAY / "dance" / "deezer.api.json").write_text(json.dumps(pages), "utf-8")
    answers = [playlist(replay, catalog, "Deezer", offset=offset) for offset in (0, 400, 500)]
    assert [answer.json() for answer in answers] == pages


def test_an_error_body_in_place_of_a_playlist_is_served_as_it_is(
    recorded: Path, replay: Client, catalog: Catalog
) -> None:
    for body in (ERROR, b"not even JSON"):
        (recorded / DAY / "dance" / "apple_music.json").write_bytes(body)
        answer = playlist(replay, catalog, "AppleMusic")
        assert (answer.status_code, answer.content) == (200, body)


def test_a_body_is_found_by_its_source_and_format(recorded: Path, catalog: Catalog) -> None:
    """A file that names its source comes before one that names the service; one of another format is not served."""
    folder, dance = recorded / DAY / "dance", catalog.genre("dance")
    (folder / "spotify.rapidapi.json").write_bytes(b'{"of": "its source"}')
    (folder / "spotify.rapidapi.2.json").write_bytes(b'{"of": "another format"}')
    (folder / "apple_music.page.json").write_bytes(b'{"of": "another source"}')
    identity, address = last_part(dance.playlist("Spotify").url), dance.playlist("AppleMusic").url
    replay = Replay(recorded, PlaylistDirectory(catalog))

    assert replay.body("spotify", call("playlist_tracks", id=identity)) == (b'{"of": "its source"}', "application/json")
    assert replay.body("apple_music", call("playlist1", url=address)) == (APPLE, "application/json")
    assert replay.recorded()[DAY]["dance"] == ["apple_music", "deezer.api", "soundcloud", "spotify", "spotify.rapidapi"]


def test_a_page_of_markup_is_served_as_markup_and_as_one_page(recorded: Path, catalog: Catalog) -> None:
    page = Recorded(
        "spotify.page", "spotify_page", lambda call: (call.path.rpartition("/")[2], 0), format=2, ending="html"
    )
    replay = Replay(recorded, PlaylistDirectory(catalog))
    replay._recorded.append(("Spotify", page))
    identity = last_part(catalog.genre("dance").playlist("Spotify").url)
    assert replay.body("spotify_page", call(f"playlist/{identity}")) is None

    (recorded / DAY / "dance" / "spotify.page.2.html").write_bytes(b"<p>")

    assert replay.body("spotify_page", call(f"playlist/{identity}")) == (b"<p>", "text/html")


# Whatever the source


SOURCES = [(registry.installed(key), source) for key in keys() for source in registry.installed(key).sources]
SEVERAL_PAGES = 225


@pytest.fixture(scope="module")
def long_lists(catalog: Catalog) -> Iterator[str]:
    """A sandbox whose lists have more rows than a page of any source."""
    with serving(create_app(World(1, catalog, dict.fromkeys(keys(), SEVERAL_PAGES)), catalog)) as url:
        yield url


def fetched(found: Installed, source: Source, url: str, catalog: Catalog) -> tuple[FetchedPlaylist, Listing]:
    """What the source's client brings from there, and what is read from it."""
    settings = sandbox_checks.settings_for(found, source, sandbox_checks.Server(url), SANDBOX_KEY)
    with sandbox_checks.opened(source, settings) as client:
        answer = client.playlist(catalog.genre("dance").playlist(found.service.key))
    return answer, source.read(answer.pages, answer.data_json)


@pytest.mark.parametrize(("found", "source"), SOURCES, ids=lambda one: getattr(one, "name", ""))
def test_a_list_is_the_same_where_its_answer_is_played_again(
    found: Installed,
    source: Source,
    long_lists: str,
    catalog: Catalog,
    serve_app: Callable[[Starlette], Client],
    tmp_path: Path,
) -> None:
    sent, first = fetched(found, source, long_lists, catalog)
    (recorded,) = (one for _, one in halves.recorded() if one.source == source.name)
    content = sent.data_json
    if recorded.ending == "html":  # of a page what is stored is an extract
        path = urlsplit(catalog.genre("dance").playlist(found.service.key).url).path
        content = requests.get(f"{long_lists}/{recorded.upstream}/at/{sandbox_checks.DAY}{path}", timeout=300).text
    place = tmp_path / str(sandbox_checks.DAY) / "dance"
    place.mkdir(parents=True)
    (place / f"{source.name}.{recorded.ending}").write_text(content, "utf-8")

    replay = serve_app(create_app(Replay(tmp_path, PlaylistDirectory(catalog)), catalog))
    again, second = fetched(found, source, replay.url, catalog)

    assert (again.incomplete, second) == (sent.incomplete, first)
    assert len(first.rows) > 25
    assert requests.get(f"{replay.url}/_control/replay", timeout=300).json() == {
        "dates": {str(sandbox_checks.DAY): {"dance": [source.name]}}
    }


def call(path: str, **query: str) -> Call:
    """A request of that day."""
    return Call("GET", path, date.fromisoformat(DAY), QueryParams(query), Headers(), b"", "https://sandbox")


def test_control_lists_what_was_recorded(recorded: Path, replay: Client) -> None:
    (recorded / "notes" / "dance").mkdir(parents=True)
    (recorded / "notes" / "dance" / "spotify.json").touch()
    listed = requests.get(f"{replay.url}/_control/replay", timeout=300).json()
    assert listed == {"dates": {DAY: {"dance": ["apple_music", "deezer.api", "soundcloud", "spotify"]}}}
    assert requests.get(f"{replay.url}/_control/health", timeout=300).json()["replay_dir"] == str(recorded)


def test_no_path_leads_out_of_the_folder(recorded: Path, catalog: Catalog, replay: Client) -> None:
    outside = recorded.parent / "dance"
    outside.mkdir()
    (outside / "spotify.json").write_bytes(SPOTIFY)
    identity = last_part(catalog.genre("dance").playlist("Spotify").url)
    for day in ("..", "%2e%2e", "2024-05-03%2f..%2f.."):
        address = f"{replay.url}/spotify/at/{day}/playlist_tracks/"
        request = requests.Request("GET", address, params={"id": identity}).prepare()
        request.url = f"{address}?id={identity}"
        with requests.Session() as session:
            request.headers.update({"X-RapidAPI-Key": "sandbox", "X-RapidAPI-Host": "x"})
            assert session.send(request, timeout=300).status_code in (400, 404)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, catalog: Catalog) -> None:
    with pytest.raises(NotADirectoryError, match="no such folder"):
        Replay(tmp_path / "nothing", PlaylistDirectory(catalog))
