"""Anything that an upstream may send, through the funnel over real HTTP: it is read, with its irregular rows reported, or refused with
an UpstreamError; never another error, and never a value that cannot be stored or matched."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import bodies
from tests.fuzz.bodies import Played, Purse, charted, errors, played, playlist
from tests.fuzz.mutations import TRIED, either_of, fuzzed
from tunemeld_pipeline.charts.consensus import recordings_of, track_playlists
from tunemeld_pipeline.charts.documents import PlaylistDescription, Ranking, RawPlaylist
from tunemeld_pipeline.charts.matching.judge import judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.videos import best_video
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.errors import MalformedResponse, UpstreamError
from tunemeld_pipeline.plugins.reading import parse_playlist, read_playlist
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.publishing.cache import CacheEntry, _success, new_entry, read_cloudflare_error
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.services.apple_music import rapidapi as apple_music
from tunemeld_pipeline.services.deezer import api as deezer
from tunemeld_pipeline.services.musicbrainz import search as musicbrainz
from tunemeld_pipeline.services.soundcloud import rapidapi as soundcloud
from tunemeld_pipeline.services.spotify import rapidapi as spotify
from tunemeld_pipeline.services.spotify import reccobeats
from tunemeld_pipeline.services.youtube import data_api as youtube
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.upstream.client import Answer, ErrorReader
from tunemeld_pipeline.upstream.client_credentials import read_token
from tunemeld_pipeline.upstream.lookups import _believed, _facts
from tunemeld_pipeline.upstream.oembed import read_oembed
from tunemeld_pipeline.upstream.paging import Page, all_pages
from tunemeld_pipeline.upstream.service_client import no_known_error, read_rapidapi_error
from tunemeld_pipeline.wire_formats.reading import ReadItems

AT = datetime(2026, 3, 2, tzinfo=UTC)
WANTED = Row("Glass Rivers", "Marrow", 188_000)
IDS = ",".join(entry.recording.spotify_id for entry in charted(3))
FIRST = charted(1)[0].recording
DEEZER_TRACK = bodies.WORLD.identifiers.deezer(FIRST.ref)
WORDS = f"{FIRST.title} {FIRST.artists[0].name}"
FOUND = json.loads(bodies.body(bodies.YOUTUBE, "search", part="snippet", type="video", q=WORDS, maxResults="5"))
VIDEOS = ",".join(item["id"]["videoId"] for item in FOUND["items"])
STATUSES = st.sampled_from([200, 201, 204, 206, 301, 400, 401, 403, 404, 408, 418, 425, 429, 500, 503, 599])
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "x-ratelimit-requests-reset", "x-ratelimit-requests-remaining"]),
    st.sampled_from(["", "-1", "0", "7", "1e999", "9" * 40, "soon",
         "Wed, 21 Oct 2026 07:28:00 GMT", "Mon, 01 Jan 99999999999999 00:00:00 GMT"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip),
)  # fmt: skip

Parse = Callable[[Answer], Any]


@pytest.fixture(scope="module")
def playing() -> Iterator[Callable[[ErrorReader], Played]]:
    """A server and its client for each kind of error body, for all tests of this module."""
    with ExitStack() as stack:
        known: dict[ErrorReader, Played] = {}

        def one(read_error: ErrorReader) -> Played:
            if read_error not in known:
                known[read_error] = stack.enter_context(played(read_error))
            return known[read_error]

        yield one


def asked(here: Played, content: bytes, parse: Parse, status: int = 200, **more: Any) -> Any:
    """What the funnel makes of this answer: a value, or the UpstreamError that refuses it. Anything else fails the test."""
    here.content, here.status, here.headers = content, status, more.pop("headers", {})
    try:
        return (
            here.client.get("/x", {}, parse, budget=Purse())
            if not more
            else here.client.request("GET", "/x", parse, budget=Purse(), **more)
        )
    except UpstreamError as error:
        assert str(error)
        assert "canary" not in str(error)
        return error


def storable(value: Any) -> None:
    """MongoDB can hold it, and a page can be made of it."""
    bson.encode({"value": value})
    json.dumps(value, ensure_ascii=False, allow_nan=False, default=datetime.isoformat).encode()


def consistent(parsed: Listing) -> None:
    """Every row of the list is read or reported, each at its own position, and can be stored."""
    positions = [row.position for row in parsed.rows]
    assert positions == sorted(set(positions))
    assert all(1 <= position <= parsed.length for position in positions)
    assert len(parsed.rows) + len(parsed.irregular) == parsed.length
    for row in parsed.rows:
        storable({**asdict(row), "service": row.service})
        storable({row.key: 1})


PAGES: dict[str, Parse] = {
    "Spotify": lambda answer: spotify.read_page(answer, 0),
    "AppleMusic": lambda answer: Page(answer, len(apple_music._playlist(answer).pages), None),
    "SoundCloud": lambda answer: soundcloud.read_page(answer, 0),
    "Deezer": deezer.read_playlist,
}


@pytest.mark.parametrize("service", keys())
def test_a_playlist_is_read_with_its_irregular_rows_reported_or_refused(
    service: str, playing: Callable[[ErrorReader], Played]
) -> None:
    here = playing(deezer.read_error if service == "Deezer" else read_rapidapi_error)
    good = {one: parse_playlist(one, playlist(one).decode()) for one in keys()}

    @fuzzed(few=100)
    @given(either_of([playlist(service)]))
    def every(content: bytes) -> None:
        TRIED[f"playlist {service}"] += 1
        page = asked(here, content, PAGES[service])
        if isinstance(page, UpstreamError):
            return
        try:
            fetched = all_pages(
                "Test", lambda offset: Page(page.answer, page.rows, page.next_offset if not offset else None)
            )
            parsed = parse_playlist(service, fetched.data_json)
            assert parsed == read_playlist(service, fetched.pages, fetched.data_json)
        except MalformedResponse as error:
            assert str(error)
            return
        consistent(parsed)
        charted_with(good | {service: parsed})

    every()


def charted_with(parsed: dict[str, Listing]) -> None:
    """The rows become recordings and a consensus that MongoDB can hold."""
    raws = [
        RawPlaylist(
            insert_timestamp=AT, run_id="run", upstream="sandbox", genre_name="dance", service_name=service,
            playlist_url="https://example.org/", data_json="{}",
        )
        for service in parsed
    ]  # fmt: skip
    services, aggregate = track_playlists(
        "dance",
        raws,
        parsed,
        recordings_of(parsed),
        {},
        Ranking(),
        services=keys(),
        as_of=AT,
        run_id="run",
        upstream="sandbox",
    )
    for document in (*services, aggregate):
        bson.encode(to_bson(document))
    assert [track.rank for track in aggregate.tracks] == list(range(1, len(aggregate.tracks) + 1))


@pytest.mark.parametrize("service", keys())
def test_a_stored_body_of_any_text_is_read_or_refused(service: str) -> None:
    @fuzzed()
    @given(either_of([playlist(service), b"[" + playlist(service) + b"," + playlist(service) + b"]"]))
    def every(content: bytes) -> None:
        TRIED[f"stored body {service}"] += 1
        try:
            parsed = parse_playlist(
                service, content.decode("utf-8", "surrogatepass" if content[:1] == b"{" else "replace")
            )
        except (MalformedResponse, UnicodeDecodeError) as error:
            assert str(error)
            return
        consistent(parsed)

    every()


def _tracks(found: list[Any]) -> None:
    for track in found:
        storable(asdict(track))
        storable(_facts(track))
        assert all(isinstance(value, str) for value in _facts(track).values())
    believed = _believed(WANTED, found, "Spotify")
    assert believed is None or believed in found


def _video_list(found: list[Any]) -> None:
    for video in found:
        storable(asdict(video))
    best_video(WANTED, found)


def _numbers(found: dict[str, int]) -> None:
    storable(found)
    assert all(isinstance(key, str) and 0 <= count < 2**63 for key, count in found.items())


def _named(found: dict[str, str]) -> None:
    storable(found)


def _hints(found: list[tuple[str, Row]]) -> None:
    for track_id, row in found:
        storable({"track_id": track_id, "isrc": row.isrc or ""})
        judge(Row("Song", "Act", 200_000), row)


def _described(reading: ReadItems[PlaylistDescription]) -> None:
    (found,) = reading.items
    storable(found.model_dump())
    assert found.cover_url is None or found.cover_url.startswith(("https://", "http://"))


def _row(reading: ReadItems[Row]) -> None:
    (found,) = reading.items
    storable(asdict(found))
    judge(WANTED, found)


def with_value(reading: ReadItems[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in reading.items if value is not None}


ANSWERS: dict[str, tuple[list[bytes], Parse, Callable[[Any], None], ErrorReader]] = {
    "Spotify search": (
        [bodies.body(bodies.SPOTIFY, "search", q=WORDS)], lambda answer: spotify.read_search(answer).items, _tracks, read_rapidapi_error,
    ),
    "Spotify tracks by id": (
        [bodies.body(bodies.SPOTIFY, "tracks", ids=IDS)],
        lambda answer: with_value(spotify.read_isrcs(answer)), _named, read_rapidapi_error,
    ),
    "ReccoBeats tracks": (
        [bodies.body(bodies.RECCOBEATS, "track", ids=IDS)],
        lambda answer: reccobeats.read_tracks(answer).items, _hints, no_known_error,
    ),
    "MusicBrainz search": (
        [bodies.body(bodies.MUSICBRAINZ, "recording", query=WORDS, limit="5")],
        lambda answer: musicbrainz.read_hits(answer).items, _tracks, no_known_error,
    ),
    "Spotify play counts": (
        [bodies.body(bodies.SPOTIFY, "album_tracks", id=FIRST.album.spotify_id)],
        lambda answer: with_value(spotify.read_album(answer).plays), _numbers, read_rapidapi_error,
    ),
    "Spotify description": (
        [bodies.body(bodies.SPOTIFY, "playlist", id=last_part(bodies.DANCE.playlist("Spotify").url))],
        spotify.read_description, _described, read_rapidapi_error,
    ),
    "Spotify Web API search": (
        [bodies.body(bodies.WEB_API, "search", q=WORDS, type="track", limit="5")],
        lambda answer: spotify.read_web_api_search(answer).items, _tracks, spotify._read_web_api_error,
    ),
    "Spotify Web API token": (
        [b'{"access_token":"abc","token_type":"Bearer","expires_in":3600}'],
        read_token, lambda found: storable(list(found)), spotify._read_web_api_error,
    ),
    "YouTube counts": (
        [bodies.body(bodies.YOUTUBE, "videos", part="statistics",
                     id=VIDEOS)],
        lambda answer: with_value(youtube.read_views(answer)), _numbers, youtube.read_youtube_error,
    ),
    "YouTube search": (
        [bodies.body(bodies.YOUTUBE, "search", part="snippet", type="video", q=WORDS, maxResults="5"),
         bodies.body(bodies.YOUTUBE, "search", part="snippet", q=WORDS, maxResults="5")],
        lambda answer: youtube.read_videos(answer).items, _video_list, youtube.read_youtube_error,
    ),
    "Deezer track": ([bodies.body(bodies.DEEZER, f"track/{DEEZER_TRACK}")], deezer.read_track, _row, deezer.read_error),
    "Spotify oEmbed": (
        [bodies.body(bodies.SPOTIFY_OEMBED, url=bodies.DANCE.playlist("Spotify").url)], read_oembed, _described, no_known_error,
    ),
    "SoundCloud oEmbed": (
        [bodies.body(bodies.SOUNDCLOUD_OEMBED, format="json", url=bodies.DANCE.playlist("SoundCloud").url)],
        read_oembed, _described, no_known_error,
    ),
    "Cloudflare write": ([bodies.value_of_cloudflare('"v"')], _success, lambda found: storable(found), read_cloudflare_error),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_or_refused(name: str, playing: Callable[[ErrorReader], Played]) -> None:
    good, parse, check, read_error = ANSWERS[name]
    here = playing(read_error)
    for content in good:
        check(asked(here, content, parse))  # what is mutated is good itself

    @fuzzed()
    @given(either_of(good))
    def every(content: bytes) -> None:
        TRIED[name] += 1
        found = asked(here, content, parse)
        if not isinstance(found, UpstreamError):
            check(found)

    every()


ERRORS: dict[str, tuple[list[bytes], ErrorReader]] = {
    "gateway errors": (errors(bodies.SPOTIFY), read_rapidapi_error),
    "Deezer errors": (errors(bodies.DEEZER), deezer.read_error),
    "YouTube errors": (errors(bodies.YOUTUBE), youtube.read_youtube_error),
    "Spotify Web API errors": ([*errors(bodies.WEB_API), *errors(bodies.ACCOUNTS)], spotify._read_web_api_error),
    "oEmbed errors": (errors(bodies.SPOTIFY_OEMBED), no_known_error),
    "Cloudflare errors": (errors(bodies.CLOUDFLARE), read_cloudflare_error),
}


def _nothing_of_it(answer: Answer) -> None:
    raise KeyError("an error body holds no data")


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_body_of_any_status_is_an_upstream_error(name: str, playing: Callable[[ErrorReader], Played]) -> None:
    good, read_error = ERRORS[name]
    good = [content for content in good if content[:1] == b"{"] or [b'{"message":"no"}']
    here = playing(read_error)

    @fuzzed()
    @given(either_of(good), STATUSES, HEADERS)
    def every(content: bytes, status: int, headers: dict[str, str]) -> None:
        TRIED[name] += 1
        error = asked(here, b"" if status == 204 else content, _nothing_of_it, status, headers=headers)
        assert isinstance(error, UpstreamError)
        assert (getattr(error, "retry_after", None) or 0) >= 0

    every()


def test_a_cached_value_of_any_bytes_is_an_entry_or_a_miss(playing: Callable[[ErrorReader], Played]) -> None:
    here = playing(read_cloudflare_error)
    good = [new_entry(Content('{"status":"success","data":[1,2]}', datetime.now(UTC)), 3).to_text().encode()]

    @fuzzed()
    @given(either_of(good))
    def every(content: bytes) -> None:
        TRIED["Cloudflare value"] += 1
        entry = asked(here, content, lambda answer: CacheEntry.from_text(answer.text), expect_json=False)
        if isinstance(entry, CacheEntry):
            entry.body.encode()
            assert entry.version >= 0
            abs(datetime.now(UTC) - entry.stored_at)
            assert CacheEntry.from_text(entry.to_text()) == entry

    every()
