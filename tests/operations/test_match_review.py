"""Looking at the matching: what people name, what stays alone, and what is most like it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.documents import MONDAY, isrc, raw_playlist
from tunemeld_pipeline.charts.matching.judge import Verdict
from tunemeld_pipeline.charts.matching.overrides import Overrides
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.operations.match_review import StoredGenre, named, row_from_text, stored_genre, unmatched
from tunemeld_pipeline.storage.store import Store

SPOTIFY, APPLE, SOUNDCLOUD = "Spotify", "AppleMusic", "SoundCloud"

BODIES: dict[str, Any] = {
    SPOTIFY: {
        "items": [
            {
                "track": {
                    "id": f"s{number}",
                    "name": name,
                    "artists": [{"name": artist}],
                    "album": {"id": "a"},
                    "duration_ms": 200_000,
                    "external_ids": {"isrc": isrc(number)},
                }
            }
            for number, name, artist in (
                (1, "Glass Rivers", "Marrow"),
                (2, "Paper Lanterns", "Ona Vale"),
                (3, "Northbound", "Tin Harbor"),
            )
        ],
        "next": None,
    },
    APPLE: {
        "album_details": {
            str(number): {
                "name": name,
                "artist": artist,
                "link": f"https://music.apple.com/us/album/x/7?i={number}",
                "duration": "3m 20s",
            }
            for number, (name, artist) in enumerate(
                (
                    ("Glass Rivers", "Marrow"),
                    ("Paper Lanterns (Kestrel Remix)", "Ona Vale"),
                    ("Hollow Coast", "Pale Orchard"),
                )
            )
        }
    },
    SOUNDCLOUD: {"tracks": {"items": [], "nextOffset": None}},
}


@pytest.fixture
def stocked(store: Store) -> Store:
    for service, body in BODIES.items():
        store.playlists.put_raw_playlist(raw_playlist(service, data_json=json.dumps(body)))
    return store


@pytest.fixture
def dance(stocked: Store) -> StoredGenre:
    return stored_genre(stocked, "dance", MONDAY)


def test_the_stored_rows_are_the_recordings_that_a_run_would_make_of_them(dance: StoredGenre) -> None:
    assert [(one.row.service, one.row.position) for one in dance.rows] == [
        (service, position) for service in (SPOTIFY, APPLE) for position in (1, 2, 3)
    ]
    assert dance.recording_of("Spotify:s1") == dance.recording_of("AppleMusic:0") == 0
    assert dance.recording_of("Spotify:elsewhere") is None
    assert dance.matched_shares == {"Spotify": 1 / 3, "AppleMusic": 1 / 3}


def test_what_stands_alone_is_listed_with_what_is_most_like_it_and_why_not(dance: StoredGenre) -> None:
    found = {one.listed.row.key: one for one in unmatched(dance)}

    assert list(found) == ["Spotify:s2", "Spotify:s3", "AppleMusic:1", "AppleMusic:2"]
    (candidate,) = found["Spotify:s2"].candidates
    assert candidate.listed.row.key == "AppleMusic:1"
    assert candidate.judgement.verdict is Verdict.DIFFERENT
    assert "other version" in candidate.judgement.evidence
    assert found["Spotify:s3"].candidates == found["AppleMusic:2"].candidates == ()
    assert not found["Spotify:s2"].unsure


def test_rows_that_an_override_holds_apart_are_no_clear_case(stocked: Store) -> None:
    apart = Overrides(different=frozenset({("AppleMusic:0", "Spotify:s1")}))

    found = {one.listed.row.key: one for one in unmatched(stored_genre(stocked, "dance", MONDAY, apart))}

    assert found["Spotify:s1"].unsure
    assert found["Spotify:s1"].candidates[0].judgement.verdict is Verdict.SAME


def test_an_isrc_that_was_looked_up_is_reported_to_the_matching(stocked: Store) -> None:
    stocked.lookups.remember("isrc_cache", {"AppleMusic:2": {"isrc": isrc(3)}, "AppleMusic:1": None}, "search", MONDAY)

    (hollow,) = [one for one in stored_genre(stocked, "dance", MONDAY).rows if one.row.key == "AppleMusic:2"]

    assert (hollow.row.described.isrc, hollow.described.isrc) == (None, isrc(3))


@pytest.mark.parametrize("begins", ["", "id:", "list:", "deezer:"])
def test_an_isrc_is_found_from_whatever_it_is_remembered(stocked: Store, begins: str) -> None:
    stocked.lookups.remember("isrc_cache", {f"{begins}AppleMusic:2": {"isrc": isrc(9)}}, "search", MONDAY)

    found = named(stored_genre(stocked, "dance", MONDAY).rows, isrc(9))

    assert [one.row.key for one in found] == ["AppleMusic:2"]


def test_a_row_that_only_an_earlier_wider_read_showed_is_among_the_rows(stocked: Store) -> None:
    items = BODIES[SPOTIFY]["items"]
    shorter = json.dumps({"items": items[:1], "next": "/more"})
    later = raw_playlist(SPOTIFY, at=MONDAY + timedelta(days=1), data_json=shorter).model_copy(
        update={"rows": 1, "rows_total": 3, "incomplete": "a page is missing"}
    )
    stocked.playlists.put_raw_playlist(later)

    stored = stored_genre(stocked, "dance", MONDAY + timedelta(days=1))

    assert [one.row.key for one in named(stored.rows, isrc(3))] == ["Spotify:s3"]


def test_a_playlist_that_cannot_be_read_is_left_out_as_in_a_run(stocked: Store) -> None:
    later = MONDAY + timedelta(days=1)
    stocked.playlists.put_raw_playlist(raw_playlist(APPLE, at=later, data_json='{"message": "quota"}'))

    stored = stored_genre(stocked, "dance", later)

    assert {one.row.service for one in stored.rows} == {SPOTIFY}


def test_a_genre_of_which_nothing_is_stored_is_empty(store: Store) -> None:
    assert stored_genre(store, "dance", MONDAY) == StoredGenre("dance", (), ())


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (isrc(1), ["Spotify:s1"]),
        (f"{isrc(2)[:2]}-{isrc(2)[2:5]}-{isrc(2)[5:7]}-{isrc(2)[7:]}".lower(), ["Spotify:s2"]),
        ("AppleMusic:1", ["AppleMusic:1"]),
        ("https://open.spotify.com/track/s3", ["Spotify:s3"]),
        ("https://open.spotify.com/track/s3/?si=shared", ["Spotify:s3"]),
        ("https://music.apple.com/us/album/x/7?i=2", ["AppleMusic:2"]),
        ("https://music.apple.com/us/album/x/7", []),
        ("MARROW – Glass Rivers", ["Spotify:s1", "AppleMusic:0"]),
        ("marrow - glass rivers", ["Spotify:s1", "AppleMusic:0"]),
        ("Nobody - Nothing", []),
    ],
)
def test_rows_are_found_by_isrc_address_key_or_words(dance: StoredGenre, words: str, keys: list[str]) -> None:
    assert [one.row.key for one in named(dance.rows, words)] == keys


def test_words_are_a_row_where_they_name_an_artist_and_a_title() -> None:
    assert row_from_text("Marrow - Glass Rivers - Live") == Row("Glass Rivers - Live", "Marrow")
    assert [row_from_text(words) for words in ("Glass Rivers", " - Glass Rivers", isrc(1))] == [None, None, None]
