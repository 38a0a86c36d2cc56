"""Each service's wire format with invented bodies, every irregularity that was seen in real ones included."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.charts.playlists import MAX_ROWS, Listing
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.plugins.registry import keys, name_of
from tunemeld_pipeline.services.apple_music.formats import duration_in_ms
from tunemeld_pipeline.wire_formats.received import Unreadable

SPOTIFY, APPLE, SOUNDCLOUD = "Spotify", "AppleMusic", "SoundCloud"


def spotify_item(number: int = 1, **track: Any) -> dict[str, Any]:
    return {
        "added_at": "2026-02-27T05:00:00Z",
        "is_local": False,
        "track": {
            "id": f"sp{number}",
            "name": f"Song {number}",
            "artists": [{"id": "a1", "name": "Ona Vale"}, {"id": "a2", "name": "Marrow"}],
            "album": {
                "id": f"al{number}",
                "name": "An Album",
                "images": [
                    {"url": "https://images.example.org/300", "height": 300, "width": 300},
                    {"url": "https://images.example.org/640", "height": 640, "width": 640},
                ],
                "release_date": "2026-02-20",
            },
            "duration_ms": 201_000,
            "explicit": False,
            "external_ids": {"isrc": "QZZ992600001"},
            "external_urls": {"spotify": f"https://open.spotify.com/track/sp{number}"},
            "popularity": 60,
            "preview_url": None,
            **track,
        },
    }


def spotify_page(*items: Any, **page: Any) -> dict[str, Any]:
    return {
        "items": list(items),
        "limit": 100,
        "next": None,
        "offset": 0,
        "previous": None,
        "total": len(items),
        **page,
    }


def apple_song(number: int = 1, **song: Any) -> dict[str, Any]:
    return {
        "link": f"https://music.apple.com/us/album/song-{number}/17000?i=99{number}",
        "name": f"Song {number}",
        "artist": "Ona Vale & Marrow",
        "duration": "3m 21s",
        **song,
    }


def apple_body(rows: dict[str, Any], **details: Any) -> dict[str, Any]:
    head = {"album": "A List", "artist": None, "thumb": "https://images.example.org/{w}x{h}SC.DN01.{f}", "count": 100}
    return {"album_details": {**head, **rows, **details}}


def soundcloud_item(number: int = 1, **item: Any) -> dict[str, Any]:
    return {
        "id": 1_600_000_000 + number,
        "title": f"Ona Vale - Song {number}",
        "permalink": f"https://soundcloud.com/onavale/song-{number}",
        "durationMs": 201_500,
        "artworkUrl": "https://images.example.org/cover.jpg",
        "playCount": 8_087,
        "genre": "Dance",
        "publisher": {"artist": "Ona Vale", "isrc": "QZZ992600001", "albumTitle": "An Album"},
        "user": {"name": "A Label", "id": 7},
        **item,
    }


def soundcloud_page(*items: Any, next_offset: int | None = None) -> dict[str, Any]:
    return {
        "status": True,
        "errorId": "Success",
        "type": "playlist",
        "id": 5,
        "permalinkUrl": "https://soundcloud.com/x/sets/y",
        "tracks": {"nextOffset": next_offset, "items": list(items)},
    }


def rows(service: str, body: Any) -> list[Any]:
    return parse_playlist(service, json.dumps(body)).rows


def sentences(service: str, parsed: Listing) -> list[str]:
    return [one.sentence(service) for one in parsed.irregular]


def test_a_spotify_row_has_all_that_the_body_tells() -> None:
    (row,) = rows(SPOTIFY, spotify_page(spotify_item()))

    assert (row.position, row.service_track_id, row.described.title) == (1, "sp1", "Song 1")
    assert row.described.artist == "Ona Vale, Marrow"
    assert row.track_url == "https://open.spotify.com/track/sp1"
    assert (row.described.isrc, row.album_id, row.described.duration_ms) == ("QZZ992600001", "al1", 201_000)
    assert row.album_cover_url == "https://images.example.org/640"
    assert (row.play_count, row.described.uploader, row.key) == (None, None, "Spotify:sp1")


def test_a_list_says_how_many_rows_it_has_its_market_and_when_it_was_edited() -> None:
    """Of several pages the size stands on each; Spotify says when each row was added, Apple Music when the list was changed."""
    pages = [
        spotify_page(spotify_item(1), spotify_item(2), total=3, next=True),
        spotify_page(spotify_item(3), total=3, offset=2),
    ]
    for item, day in zip([*pages[0]["items"], *pages[1]["items"]], (4, 6, 5), strict=True):
        item["added_at"] = f"2026-02-0{day}T05:00:00Z"
    apple = apple_body({"0": apple_song(link=None), "1": apple_song(2)}, date="2026-02-20T01:00:00-04:00")

    spotify = parse_playlist(SPOTIFY, json.dumps(pages))
    assert (spotify.rows_total, spotify.edited_at) == (3, datetime(2026, 2, 6, 5, tzinfo=UTC))
    assert (spotify.country, spotify.editorial, spotify.cover_url) == (None, None, None)
    found = parse_playlist(APPLE, json.dumps(apple))
    assert (found.country, found.edited_at) == ("US", datetime(2026, 2, 20, 5, tzinfo=UTC))
    assert (found.rows_total, found.cover_url) == (None, "https://images.example.org/600x600SC.DN01.jpg")
    unknown = parse_playlist(SOUNDCLOUD, json.dumps(soundcloud_page(soundcloud_item())))
    assert (unknown.rows_total, unknown.country, unknown.edited_at) == (None, None, None)


def test_several_playlists_have_as_many_rows_as_all_of_them_and_unknown_where_one_does_not_say() -> None:
    def total(*said: int | None) -> int | None:
        pages = [spotify_page(spotify_item(number), total=one) for number, one in enumerate(said)]
        return parse_playlist(SPOTIFY, json.dumps(pages)).rows_total

    assert total(3, 5) == 8
    assert total(3, None) is None


@pytest.mark.parametrize(
    ("said", "total"), [(0, None), (1, 1), (MAX_ROWS, MAX_ROWS), (MAX_ROWS + 1, None), ("x", None)]
)
def test_a_size_that_no_list_has_is_unknown(said: Any, total: int | None) -> None:
    assert parse_playlist(SPOTIFY, json.dumps(spotify_page(spotify_item(), total=said))).rows_total == total


def test_a_null_row_of_spotify_leaves_a_gap_and_is_reported() -> None:
    parsed = parse_playlist(
        SPOTIFY, json.dumps(spotify_page(spotify_item(1), {"added_at": None, "track": None}, None, spotify_item(4)))
    )

    assert [row.position for row in parsed.rows] == [1, 4]
    assert parsed.length == 4
    assert sentences(SPOTIFY, parsed) == ["Spotify position 2: null row", "Spotify position 3: null row"]
    assert parsed.reasons() == {"null row": 2}


def test_spotify_pages_follow_each_other_and_next_is_a_boolean() -> None:
    first = spotify_page(*(spotify_item(number) for number in range(100)), next=True, total=102)
    second = spotify_page(spotify_item(100), spotify_item(101), offset=100, total=102)

    parsed = parse_playlist(SPOTIFY, json.dumps([first, second]))

    assert [row.position for row in parsed.rows] == list(range(1, 103))
    assert parsed.rows[100].service_track_id == "sp100"


def test_a_relinked_spotify_track_keeps_its_own_id_beside_the_linked_address() -> None:
    item = spotify_item(
        linked_from={"id": "original"}, external_urls={"spotify": "https://open.spotify.com/track/original"}
    )

    (row,) = rows(SPOTIFY, spotify_page(item))

    assert (row.service_track_id, row.track_url) == ("sp1", "https://open.spotify.com/track/original")


@pytest.mark.parametrize("external_ids", [{}, None, {"isrc": ""}, {"isrc": None}, {"isrc": "not one"}])
def test_a_spotify_track_without_a_usable_isrc_is_still_a_row(external_ids: Any) -> None:
    (row,) = rows(SPOTIFY, spotify_page(spotify_item(external_ids=external_ids)))

    assert row.described.isrc is None


def test_a_spotify_track_without_address_images_or_album_id_is_still_a_row() -> None:
    (row,) = rows(SPOTIFY, spotify_page(spotify_item(external_urls={}, album={"id": None, "images": []})))

    assert row.track_url == "https://open.spotify.com/track/sp1"
    assert (row.album_id, row.album_cover_url) == (None, None)


def test_a_spotify_file_of_the_listeners_own_is_reported() -> None:
    parsed = parse_playlist(SPOTIFY, json.dumps(spotify_page(spotify_item(id=None), spotify_item(2))))

    assert [row.position for row in parsed.rows] == [2]
    assert sentences(SPOTIFY, parsed) == ["Spotify position 1: no id"]


def test_an_apple_music_row_has_all_that_the_body_tells() -> None:
    (row,) = rows(APPLE, apple_body({"0": apple_song()}))

    assert (row.position, row.service_track_id, row.described.title) == (1, "991", "Song 1")
    assert row.described.artist == "Ona Vale & Marrow"
    assert row.track_url == "https://music.apple.com/us/album/song-1/17000?i=991"
    assert (row.described.duration_ms, row.described.isrc, row.album_cover_url) == (201_000, None, None)


def test_apple_musics_text_keys_are_read_as_numbers() -> None:
    sorted_as_text = {str(number): apple_song(number) for number in sorted(range(12), key=str)}
    assert list(sorted_as_text)[:3] == ["0", "1", "10"]

    read = rows(APPLE, apple_body(sorted_as_text, count=12))

    assert [(row.position, row.described.title) for row in read] == [(at + 1, f"Song {at}") for at in range(12)]


def test_a_missing_number_of_apple_music_is_a_gap_whatever_its_count_says() -> None:
    parsed = parse_playlist(APPLE, json.dumps(apple_body({"0": apple_song(0), "2": apple_song(2)}, count=100)))

    assert [row.position for row in parsed.rows] == [1, 3]
    assert (parsed.length, sentences(APPLE, parsed)) == (3, ["AppleMusic position 2: null row"])


def test_the_older_shape_of_apple_music_is_read_too() -> None:
    assert [row.described.title for row in rows(APPLE, apple_body({}, songs=[apple_song(1), apple_song(2)]))] == [
        "Song 1",
        "Song 2",
    ]


@pytest.mark.parametrize(
    ("link", "identity"),
    [
        ("https://music.apple.com/us/album/glass/17000?i=991", "991"),
        ("https://music.apple.com/us/album/glass/17000?uo=4&amp;i=991", "991"),
        ("https://music.apple.com/us/album/glass/17000?uo=4&amp;amp;i=991&amp;l=en", "991"),
        ("https://music.apple.com/us/album/glass/17000?uo=4&#38;i=991", "991"),
        ("https://music.apple.com/us/song/glass-rivers/1735", "1735"),
        ("https://music.apple.com/us/song/1735/", "1735"),
        ("https://music.apple.com/us/music-video/glass-rivers/1736", "1736"),
    ],
)
def test_an_apple_music_id_is_that_of_the_song(link: str, identity: str) -> None:
    (row,) = rows(APPLE, apple_body({"0": apple_song(link=link)}))

    assert row.service_track_id == identity
    assert "&amp;" not in row.track_url


@pytest.mark.parametrize("query", ["", "?i=", "?i=%20", "?uo=4&amp;i=", "?l=en"])
def test_two_songs_of_an_album_whose_link_names_no_song_have_two_ids(query: str) -> None:
    link = f"https://music.apple.com/us/album/glass/17000{query}"
    songs = {str(at): apple_song(name=name, link=link) for at, name in enumerate(("Glass Rivers", "Tin Rivers"))}

    found = rows(APPLE, apple_body(songs))

    assert len({row.key for row in found}) == 2
    assert not any("17000" in row.key for row in found)
    assert [row.key for row in found] == [row.key for row in rows(APPLE, apple_body(songs))]


def test_an_apple_music_song_linked_without_an_album_has_its_id_in_the_path() -> None:
    (row,) = rows(APPLE, apple_body({"0": apple_song(link="https://music.apple.com/us/song/song-1/1735")}))

    assert row.service_track_id == "1735"


@pytest.mark.parametrize(
    "link",
    [None, "", 5, "x", []],
)
def test_songs_without_a_usable_link_are_rows_of_their_own(link: Any) -> None:
    first, second = rows(APPLE, apple_body({"0": apple_song(1, link=link), "1": apple_song(2, link=link)}))

    assert len({first.key, second.key, "AppleMusic:17000"}) == 3
    assert first.key == rows(APPLE, apple_body({"0": apple_song(1, link=link)}))[0].key


def test_a_later_row_with_the_id_of_an_earlier_one_is_irregular() -> None:
    body = spotify_page(spotify_item(1), None, spotify_item(2), spotify_item(1, name="Another"), spotify_item(1))
    parsed = parse_playlist(SPOTIFY, json.dumps(body))

    assert [row.position for row in parsed.rows] == [1, 3]
    assert parsed.reasons() == {"id of an earlier row": 2, "null row": 1}
    assert [one.position for one in parsed.irregular] == [2, 4, 5]


def test_a_number_far_beyond_any_playlist_is_refused_before_gaps_are_made_for_it() -> None:
    with pytest.raises(MalformedResponse, match="Apple Music"):
        rows(APPLE, apple_body({"0": apple_song(), str(10**12): apple_song()}))


@pytest.mark.parametrize(("number", "fits"), [(MAX_ROWS - 1, True), (MAX_ROWS, False)])
def test_the_highest_number_of_a_row_is_that_of_the_longest_playlist(number: int, fits: bool) -> None:
    body = apple_body({"0": apple_song(), str(number): apple_song(2)})

    if fits:
        assert [row.position for row in rows(APPLE, body)] == [1, number + 1]
    else:
        with pytest.raises(MalformedResponse, match="does not have the structure"):
            rows(APPLE, body)


def test_a_soundcloud_row_has_all_that_the_body_tells() -> None:
    (row,) = rows(SOUNDCLOUD, soundcloud_page(soundcloud_item()))

    assert (row.position, row.service_track_id, row.described.title) == (1, "1600000001", "Ona Vale - Song 1")
    assert (row.described.artist, row.described.uploader) == ("Ona Vale", "A Label")
    assert row.track_url == "https://soundcloud.com/onavale/song-1"
    assert (row.described.isrc, row.described.duration_ms, row.play_count) == ("QZZ992600001", 201_500, 8_087)
    assert row.album_cover_url == "https://images.example.org/cover.jpg"


@pytest.mark.parametrize("publisher", [None, {"artist": None, "isrc": None}, {"artist": ""}])
def test_without_a_publisher_the_uploader_is_the_artist(publisher: Any) -> None:
    (row,) = rows(SOUNDCLOUD, soundcloud_page(soundcloud_item(publisher=publisher)))

    assert (row.described.artist, row.described.isrc) == ("A Label", None)


def test_a_play_count_that_is_missing_is_absent_and_zero_is_zero() -> None:
    read = rows(SOUNDCLOUD, soundcloud_page(soundcloud_item(1, playCount=None), soundcloud_item(2, playCount=0)))

    assert [row.play_count for row in read] == [None, 0]


def test_soundcloud_pages_follow_each_other() -> None:
    first = soundcloud_page(*(soundcloud_item(number) for number in range(50)), next_offset=50)

    parsed = parse_playlist(SOUNDCLOUD, json.dumps([first, soundcloud_page(soundcloud_item(50))]))

    assert [row.position for row in parsed.rows] == list(range(1, 52))


def test_a_soundcloud_row_without_an_id_is_reported_and_not_called_none() -> None:
    parsed = parse_playlist(SOUNDCLOUD, json.dumps(soundcloud_page(soundcloud_item(id=None), soundcloud_item(2))))

    assert [row.position for row in parsed.rows] == [2]
    assert len(parsed.irregular) == 1


@pytest.mark.parametrize("service", list(keys()))
@pytest.mark.parametrize(
    "body",
    [
        {"message": "Invalid API key. Go to https://docs.rapidapi.com/docs/keys for more info."},
        {"message": "You have exceeded the MONTHLY quota for Requests on your current plan, BASIC."},
        {"items": None},
        {"album_details": {}},
        {"album_details": None},
        {"tracks": {"items": {}}},
        {"status": False, "errorId": "NotFound"},
        "text",
        7,
        None,
    ],
)
def test_an_answer_without_a_playlist_in_it_is_malformed_and_names_its_service(service: str, body: Any) -> None:
    with pytest.raises(MalformedResponse, match=f"^{name_of(service)}: ") as caught:
        parse_playlist(service, json.dumps(body))

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["", "<html>Bad gateway</html>", '{"items": [', '{"items":' + "[" * 100_000])
def test_half_a_body_or_none_is_malformed(text: str) -> None:
    with pytest.raises(MalformedResponse, match=r"^Spotify: "):
        parse_playlist(SPOTIFY, text)


def test_a_playlist_of_which_nothing_can_be_read_is_malformed() -> None:
    with pytest.raises(MalformedResponse, match="none of its 2 rows can be read; first: Spotify position 1: null row"):
        rows(SPOTIFY, spotify_page({"track": None}, {"track": None}))


def test_more_rows_than_a_playlist_has_are_malformed() -> None:
    with pytest.raises(MalformedResponse, match="more than a playlist has"):
        rows(SPOTIFY, spotify_page(*[None] * (MAX_ROWS + 1)))


def test_ten_thousand_rows_are_a_playlist() -> None:
    assert MAX_ROWS == 10_000
    parsed = parse_playlist(SPOTIFY, json.dumps(spotify_page(spotify_item(), *[None] * (MAX_ROWS - 1))))
    assert (len(parsed.rows), parsed.length) == (1, MAX_ROWS)


@pytest.mark.parametrize(("length", "shown"), [(199, 199), (200, 200), (201, 200)])
def test_a_malformed_body_is_shown_up_to_two_hundred_characters(length: int, shown: int) -> None:
    body = "[" * length

    with pytest.raises(MalformedResponse) as caught:
        parse_playlist(SPOTIFY, body)

    assert str(caught.value).endswith(f"playlist: '{'[' * shown}'")
    assert caught.value.sample == body


@pytest.mark.parametrize("link", ["https://x\u2100/", "https://[", "https://", "javascript:alert(1)"])
def test_an_address_that_cannot_be_opened_costs_only_the_link(link: str) -> None:
    """The host of the first becomes another when it is normalized, which Python refuses."""
    parsed = parse_playlist(APPLE, json.dumps(apple_body({"0": apple_song(), "1": apple_song(2, link=link)})))

    assert [row.track_url for row in parsed.rows] == [parsed.rows[0].track_url, ""]
    assert (parsed.irregular, parsed.unreadable) == ([], {"link": 1})


def test_half_an_emoji_at_the_end_of_a_cut_title_is_replaced() -> None:
    body = soundcloud_page(soundcloud_item(title="Ona Vale - Fire \ud83d", user={"name": "\udd25"}, publisher=None))

    (row,) = rows(SOUNDCLOUD, body)

    assert (row.described.title, row.described.artist, row.described.uploader) == (
        "Ona Vale - Fire \ufffd",
        "\ufffd",
        "\ufffd",
    )
    assert rows(SPOTIFY, spotify_page(spotify_item(name="Fire \ud83d\udd25")))[0].described.title == "Fire 🔥"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(service=st.sampled_from(keys()), value=json_values, key=st.sampled_from(["track", "name", "id", "album"]))
def test_whatever_a_row_holds_it_is_read_or_reported(service: str, value: Any, key: str) -> None:
    bodies: dict[str, Any] = {
        SPOTIFY: spotify_page(spotify_item(1), {**spotify_item(2), key: value}, value, spotify_item(**{key: value})),
        APPLE: apple_body(
            {"0": apple_song(), "1": value, "2": apple_song(**{key: value}), "3": apple_song(link=value)}
        ),
        SOUNDCLOUD: soundcloud_page(
            soundcloud_item(), value, soundcloud_item(publisher=value), soundcloud_item(user=value, **{key: value})
        ),
    }
    parsed = parse_playlist(service, json.dumps(bodies[service]))

    assert len(parsed.rows) + len(parsed.irregular) == parsed.length == 4
    assert all(row.service_track_id and row.described.title and row.described.artist for row in parsed.rows)


@given(service=st.sampled_from(keys()), body=json_values)
def test_whatever_a_body_holds_it_is_read_or_malformed(service: str, body: Any) -> None:
    try:
        parse_playlist(service, json.dumps(body))
    except MalformedResponse as error:
        assert error.service == name_of(service)


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("3m 54s", 234_000),
        ("1h 2m 3s", 3_723_000),
        ("45s", 45_000),
        ("3m", 180_000),
        ("", None),
        (None, None),
        ("0m 0s", None),
    ],
)
def test_apple_musics_durations_in_milliseconds(written: object, milliseconds: int | None) -> None:
    assert duration_in_ms(written) == milliseconds


@pytest.mark.parametrize("written", ["3:54", 234, "\u0663m", "9" * 400 + "m", ["3m"]])
def test_a_duration_that_is_written_in_another_way_is_unreadable(written: object) -> None:
    with pytest.raises(Unreadable):
        duration_in_ms(written)
