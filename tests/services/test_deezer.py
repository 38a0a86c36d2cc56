"""Deezer's public API over real HTTP to the sandbox: lists, what is left out of them, and tracks."""

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
from tunemeld_pipeline.services.deezer.api import DeezerClient
from tunemeld_pipeline.settings.settings import Settings

API = "deezer.api"


def row(number: int = 1, **item: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Song {number} (Live)",
        "title_short": f"Song {number}",
        "title_version": "(Live)",
        "isrc": "QZZ992600001",
        "link": f"https://www.deezer.com/track/{number}",
        "duration": 201,
        "time_add": 1_763_700_000,
        "artist": {"id": 9, "name": "Ona Vale"},
        "album": {
            "id": 8,
            "cover_xl": "https://images.example.org/1000.jpg",
            "cover_big": "https://images.example.org/500.jpg",
        },
        **item,
    }


def body(*rows: Any, **playlist: Any) -> dict[str, Any]:
    listed = {"id": 5, "title": "Rap Bangers", "nb_tracks": len(rows), "creator": {"name": "Deezer Rap Editor"}}
    return {**listed, "tracks": {"data": list(rows)}, **playlist}


def error(code: int) -> dict[str, Any]:
    return {"error": {"type": "Exception", "message": "x", "code": code}}


def read(content: Any) -> Listing:
    return parse_playlist("Deezer", content if isinstance(content, str) else json.dumps(content), API)


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    parsed = read(open_client(DeezerClient).playlist(dance.playlist("Deezer")).data_json)
    assert parsed.rows_total == SANDBOX_TRACKS
    assert SANDBOX_TRACKS - 3 <= len(parsed.rows) <= SANDBOX_TRACKS
    assert (parsed.name, parsed.editorial) == ("New Dance", True)
    assert all(row.described.duration_ms and row.album_cover_url and row.added_at for row in parsed.rows)
    assert 0 < sum(row.described.isrc is not None for row in parsed.rows) < len(parsed.rows)
    assert faults.requests() == {"deezer": {"playlist": 1}}


def test_a_list_of_more_rows_than_come_at_once_is_followed_page_by_page(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    rows = [row(number) for number in range(1, 531)]
    address = "https://api.deezer.com/playlist/5/tracks?limit=100&index=500"
    server = play(
        answer(body(*rows[:400], nb_tracks=530)),
        answer({"data": rows[400:500], "total": 530, "next": address}),
        answer({"data": rows[500:], "total": 530}),
    )
    parsed = read(open_client(DeezerClient, at(settings, server.url)).playlist(dance.playlist("Deezer")).data_json)
    assert ([one.position for one in parsed.rows], parsed.rows_total) == (list(range(1, 531)), 530)
    assert [one.target.partition("/playlist/")[2] for one in server.requests] == [
        "2249258602", "2249258602/tracks?limit=100&index=400", "2249258602/tracks?limit=100&index=500",
    ]  # fmt: skip


def test_the_sandboxs_long_lists_come_at_once(
    open_client: Opener, settings: Settings, long_lists: str, dance: Genre
) -> None:
    parsed = read(open_client(DeezerClient, at(settings, long_lists)).playlist(dance.playlist("Deezer")).data_json)
    assert parsed.rows_total == MANY
    assert MANY * 0.9 < len(parsed.rows) < MANY


def test_rows_that_are_not_licensed_here_are_missing_from_the_total(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    faults.add("deezer", "in-part")
    parsed = read(open_client(DeezerClient).playlist(dance.playlist("Deezer")).data_json)
    assert parsed.rows_total == SANDBOX_TRACKS
    assert [one.position for one in parsed.rows] == list(range(1, len(parsed.rows) + 1))
    assert len(parsed.rows) <= SANDBOX_TRACKS / 2


def test_a_list_of_somebody_else_is_not_editorial(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("deezer", "new-owner")
    assert read(open_client(DeezerClient).playlist(dance.playlist("Deezer")).data_json).editorial is False


@pytest.mark.parametrize(
    ("owner", "editorial"),
    [
        ("Deezer Rap Editor", True),
        ("Deezer Artist Editors", True),
        ("Deezer Editors", True),
        ("deezer pop editor", True),
        ("Deezer", False),
        ("Not Deezer Rap Editor", False),
        ("Deezer Rap Editor's friend", False),
        (" ", None),
        (None, None),
        (5, None),
    ],
)
def test_the_editors_are_known_by_their_names(owner: object, editorial: bool | None) -> None:
    assert read(body(row(), creator={"name": owner})).editorial is editorial


@pytest.mark.parametrize(
    ("code", "expected", "advice"),
    [
        (4, UpstreamUnavailable, "its limit of 50 requests in 5 seconds was hit"),
        (700, UpstreamUnavailable, "it says that it is busy"),
        (800, NotFound, "it has nothing under that number"),
        (200, CredentialsRefused, r"it does not let us in \(its code 200\)"),
        (300, CredentialsRefused, "ask Deezer"),
        (901, CredentialsRefused, "ask Deezer"),
        (600, MalformedResponse, "expected structure"),
        ("x", MalformedResponse, "expected structure"),
    ],
)
def test_each_error_means_one_thing_though_it_comes_with_status_200(
    open_client: Opener,
    settings: Settings,
    play: Play,
    dance: Genre,
    code: Any,
    expected: type[Exception],
    advice: str,
) -> None:
    server = play(answer(error(code)))
    with pytest.raises(expected, match=f"^Deezer: .*{advice}"):
        open_client(DeezerClient, at(settings, server.url)).playlist(dance.playlist("Deezer"))
    assert len(server.requests) == 1


def test_after_its_quota_is_waited_for_it_is_asked_again(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    server = play(answer(error(4)), answer(body(row())))
    patient = at(settings, server.url, etl_retry_attempts=2)
    assert len(read(open_client(DeezerClient, patient).playlist(dance.playlist("Deezer")).data_json).rows) == 1
    first, second = server.requests
    assert second.at - first.at >= 5.0


@pytest.mark.parametrize(
    ("fault", "expected"), [("quota", UpstreamUnavailable), ("500", UpstreamUnavailable), ("404", NotFound)]
)
def test_the_sandbox_plays_the_errors(
    open_client: Opener, faults: Faults, dance: Genre, fault: str, expected: type[Exception]
) -> None:
    faults.add("deezer", fault, times=None)
    with pytest.raises(expected, match=r"^Deezer: "):
        open_client(DeezerClient).playlist(dance.playlist("Deezer"))


def test_a_dead_list_is_not_found(open_client: Opener, dance: Genre) -> None:
    gone = dance.playlist("Deezer").model_copy(update={"url": "https://www.deezer.com/playlist/1"})
    with pytest.raises(NotFound, match="it has nothing under that number"):
        open_client(DeezerClient).playlist(gone)


def test_a_row_has_all_that_the_list_tells() -> None:
    parsed = read(body(row()))
    (only,) = parsed.rows
    assert (only.key, only.described.title, only.described.artist) == ("Deezer:1", "Song 1 (Live)", "Ona Vale")
    assert (only.described.isrc, only.described.duration_ms) == ("QZZ992600001", 201_000)
    assert (only.track_url, only.album_cover_url) == (
        "https://www.deezer.com/track/1",
        "https://images.example.org/1000.jpg",
    )
    assert (parsed.name, parsed.editorial, parsed.rows_total) == ("Rap Bangers", True, 1)
    assert parsed.edited_at == only.added_at is not None


def test_what_an_older_list_does_not_know_is_unknown() -> None:
    (only,) = read(body(row(time_add=0, duration=0, link=None))).rows
    assert (only.added_at, only.described.duration_ms) == (None, None)
    assert only.track_url == "https://www.deezer.com/track/1"


@pytest.mark.parametrize("content", [{}, [], {"tracks": None}, {"tracks": {}}, {"tracks": {"items": []}}, {"data": {}}])
def test_a_body_without_a_list_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, content: Any
) -> None:
    with pytest.raises(MalformedResponse, match=r"^Deezer: .*expected structure"):
        open_client(DeezerClient, at(settings, play(answer(content)).url)).playlist(dance.playlist("Deezer"))


def test_an_empty_list_is_refused(open_client: Opener, settings: Settings, play: Play, dance: Genre) -> None:
    with pytest.raises(MalformedResponse, match="the playlist is empty"):
        open_client(DeezerClient, at(settings, play(answer(body())).url)).playlist(dance.playlist("Deezer"))


@pytest.mark.parametrize("part", range(1, 16))
def test_a_body_that_is_cut_off_is_refused(part: int) -> None:
    whole = json.dumps(body(*(row(number) for number in range(1, 9))))
    with pytest.raises(MalformedResponse, match="Deezer"):
        read(whole[: len(whole) * part // 16])


# Tracks


def test_a_track_has_its_isrc_and_everybody_who_takes_part(open_client: Opener, dance: Genre) -> None:
    client = open_client(DeezerClient)
    without = next(
        one for one in read(client.playlist(dance.playlist("Deezer")).data_json).rows if one.described.isrc is None
    )
    found = client.recording(without.service_track_id)
    assert found.isrc
    assert found.title == without.described.title
    assert found.artist.split(", ")[0] == without.described.artist


def test_an_unknown_track_is_none(open_client: Opener) -> None:
    client = open_client(DeezerClient)
    assert client.recording("no-number") is None


@pytest.mark.parametrize("content", [{}, [], {"id": 5}, {"title": "Song"}, {"title": "Song", "contributors": [{}]}])
def test_a_track_without_its_names_is_refused(
    open_client: Opener, settings: Settings, play: Play, content: Any
) -> None:
    client = open_client(DeezerClient, at(settings, play(answer(content)).url))
    with pytest.raises(MalformedResponse, match=r"^Deezer: .*expected structure"):
        client.recording("5")
