"""Apple Music's public page over real HTTP to the sandbox, and pages of both years' forms."""

import json
from typing import Any

import pytest

from tests.conftest import SANDBOX_TRACKS
from tests.services.conftest import Opener, at
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import MalformedResponse, NotFound
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.apple_music.page import AppleMusicPageClient
from tunemeld_pipeline.services.apple_music.page_formats import list_in, state_in
from tunemeld_pipeline.services.apple_music.rapidapi import AppleMusicClient
from tunemeld_pipeline.settings.settings import Settings

PAGE = "apple_music.page"


def link(title: str, kind: str) -> dict[str, Any]:
    return {"title": title, "segue": {"destination": {"contentDescriptor": {"kind": kind}}}}


def song(number: int = 1, **item: Any) -> dict[str, Any]:
    return {
        "title": f"Song {number}",
        "subtitleLinks": [link("Ona Vale", "artist"), link("Marrow", "artist")],
        "tertiaryLinks": [link("An Album", "album")],
        "duration": 201_000,
        "contentDescriptor": {"kind": "song", "identifiers": {"storeAdamID": f"99{number}"}},
        "artwork": {"dictionary": {"url": "https://images.example.org/{w}x{h}bb.{f}"}},
        **item,
    }


def page(*items: Any, older: bool = False, owner: str = "appleCurator") -> str:
    header = {"title": "Rap Life", "trackCount": 100, "subtitleLinks": [link("Editors", owner)]}
    sections = [
        {"itemKind": "containerDetailTracklistFooterLockup", "items": [{"description": "x"}]},
        {"itemKind": "trackLockup", "items": list(items)},
        {"itemKind": "containerDetailHeaderLockup", "items": [header]},
    ]
    pages = [{"data": {"canonicalURL": "https://music.apple.com/us/playlist/x/pl.1", "sections": sections}}]
    script = json.dumps(pages if older else {"data": pages})
    return f'<html><script type="application/json" id="serialized-server-data">{script}</script></html>'


def read(text: str) -> Listing:
    return parse_playlist("AppleMusic", text, PAGE)


def read_page(html: str) -> Listing:
    return read(json.dumps(list_in(state_in(html))))


def test_it_works(open_client: Opener, faults: Faults, catalog: Catalog) -> None:
    # The sandbox plays the form of 2025 for every other genre.
    client = open_client(AppleMusicPageClient)
    for genre in catalog.genres.values():
        parsed = read(client.playlist(genre.playlist("AppleMusic")).data_json)
        assert len(parsed.rows) == parsed.rows_total == SANDBOX_TRACKS
        assert (parsed.name, parsed.editorial, parsed.country) == (genre.playlist("AppleMusic").name, True, "US")
        assert all(row.described.duration_ms and row.album_cover_url for row in parsed.rows)
        assert parsed.unreadable == {}
    assert faults.requests() == {"apple_music_page": {"playlist": len(catalog.genres)}}


def test_its_rows_are_the_gateways_with_the_same_ids(open_client: Opener, dance: Genre) -> None:
    lists = [
        parse_playlist("AppleMusic", open_client(kind).playlist(dance.playlist("AppleMusic")).data_json, source)
        for kind, source in ((AppleMusicClient, "apple_music.rapidapi"), (AppleMusicPageClient, PAGE))
    ]
    gateways, pages = [[(row.key, row.described.title, row.described.artist) for row in one.rows] for one in lists]
    assert gateways == pages[: len(gateways)]


def test_nothing_but_the_list_is_kept(open_client: Opener, dance: Genre) -> None:
    kept = json.loads(open_client(AppleMusicPageClient).playlist(dance.playlist("AppleMusic")).data_json)
    assert kept.keys() == {"country", "header", "tracks"}
    assert kept["header"].keys() == {"title", "trackCount", "subtitleLinks", "artwork"}


def test_a_list_of_somebody_else_is_not_editorial(open_client: Opener, faults: Faults, dance: Genre) -> None:
    faults.add("apple_music_page", "new-owner")
    assert read(open_client(AppleMusicPageClient).playlist(dance.playlist("AppleMusic")).data_json).editorial is False


def test_a_dead_list_is_not_found(open_client: Opener, faults: Faults, dance: Genre) -> None:
    gone = dance.playlist("AppleMusic").model_copy(update={"url": "https://music.apple.com/us/playlist/x/pl.0"})
    with pytest.raises(NotFound, match="answered 404"):
        open_client(AppleMusicPageClient).playlist(gone)


@pytest.mark.parametrize("older", [False, True])
def test_a_row_has_all_that_the_page_of_either_year_tells(older: bool) -> None:
    parsed = read_page(page(song(), older=older))
    (row,) = parsed.rows
    assert (row.key, row.described.title, row.described.artist) == ("AppleMusic:991", "Song 1", "Ona Vale, Marrow")
    assert (row.described.duration_ms, row.track_url) == (201_000, "https://music.apple.com/us/song/991")
    assert row.album_cover_url == "https://images.example.org/600x600bb.jpg"
    assert (parsed.name, parsed.rows_total, parsed.editorial, parsed.country) == ("Rap Life", 100, True, "US")


def test_a_page_in_another_language_is_read_alike() -> None:
    html = page(song(title="夜に駆ける", subtitleLinks=[link("オナ・ヴェイル", "artist")]))
    parsed = read_page(html.replace("/us/playlist/", "/jp/playlist/").replace('"Editors"', '"Apple Music ポップ"'))
    (row,) = parsed.rows
    assert (row.described.title, row.described.artist) == ("夜に駆ける", "オナ・ヴェイル")
    assert (parsed.editorial, parsed.country) == (True, "JP")


def test_the_artists_one_line_comes_before_their_links() -> None:
    (row,) = read_page(page(song(artistName="Ona Vale & Marrow"))).rows
    assert row.described.artist == "Ona Vale & Marrow"


def test_a_music_video_leaves_a_gap() -> None:
    video = song(2, contentDescriptor={"kind": "musicVideo", "identifiers": {"storeAdamID": "5"}})
    parsed = read_page(page(song(1), video, song(3)))
    assert ([row.position for row in parsed.rows], parsed.reasons()) == ([1, 3], {"music video": 1})


def test_a_song_without_an_id_is_known_by_its_names() -> None:
    (row,) = read_page(page(song(contentDescriptor=None))).rows
    assert row.service_track_id.startswith("name-")
    assert row.track_url == ""


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<html>Not here</html>", "no whole script serialized-server-data"),
        ('<script id="serialized-server-data">{"data": [</script>', "cannot be read"),
        ('<script id="serialized-server-data">{"data": {}}</script>', "holds no pages"),
        ('<script id="serialized-server-data">[]</script>', "has no trackLockup"),
        (
            '<script id="serialized-server-data">[{"data": {"sections": [5, {}]}}, null, 5]</script>',
            "has no trackLockup",
        ),
        (page(), "has no trackLockup"),
    ],
)
def test_a_page_without_the_list_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, html: str, why: str
) -> None:
    with pytest.raises(MalformedResponse, match=rf"^Apple Music: .*expected structure.*{why}"):
        open_client(AppleMusicPageClient, at(settings, play(answer(html.encode())).url)).playlist(
            dance.playlist("AppleMusic")
        )


@pytest.mark.parametrize("part", range(1, 16))
def test_a_body_that_is_cut_off_is_refused(part: int) -> None:
    whole = json.dumps(list_in(state_in(page(*(song(number) for number in range(8))))))
    with pytest.raises(MalformedResponse, match="Apple Music"):
        read(whole[: len(whole) * part // 16])
