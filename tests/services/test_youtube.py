"""YouTube over real HTTP to the sandbox: views, searches, and their two quotas."""

from typing import Any

import pytest

from tests.services.conftest import Opener, at
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.spotify.rapidapi import SpotifyClient
from tunemeld_pipeline.services.youtube.data_api import YouTubeClient
from tunemeld_pipeline.settings.settings import Settings


@pytest.fixture
def song(open_client: Opener, dance: Genre) -> PlaylistRow:
    """A song that is on a list."""
    fetched = open_client(SpotifyClient).playlist(dance.playlist("Spotify"))
    return parse_playlist("Spotify", fetched.data_json).rows[0]


def google(code: int, message: str, *, reason: str = "", status: str = "", detail: str = "") -> bytes:
    """An error in Google's envelope."""
    error: dict[str, Any] = {"code": code, "message": message, "errors": [{"reason": reason}], "status": status}
    return answer({"error": error | ({"details": [{"reason": detail}]} if detail else {})}, code)


def test_it_works(open_client: Opener, song: PlaylistRow) -> None:
    youtube = open_client(YouTubeClient)
    videos = youtube.search(f"{song.described.artist} {song.described.title}")
    assert 0 < len(videos) <= 5
    counts = youtube.view_counts([video.video_id for video in videos])
    assert (counts[videos[0].video_id] or 0) > 0
    assert youtube.quota_left() == {"youtube": 9_999, "youtube_search": 99}


def test_views_grow_from_day_to_day(open_client: Opener, song: PlaylistRow) -> None:
    youtube = open_client(YouTubeClient)
    video = youtube.search(f"{song.described.artist} {song.described.title}")[0].video_id
    earlier = open_client(YouTubeClient, as_of="2025-11-15").view_counts([video])
    assert earlier[video] < youtube.view_counts([video])[video]


def test_fifty_videos_are_one_call_of_one_unit_and_the_unknown_are_left_out(
    open_client: Opener, faults: Faults, song: PlaylistRow
) -> None:
    youtube = open_client(YouTubeClient)
    known = youtube.search(f"{song.described.artist} {song.described.title}")[0].video_id
    counts = youtube.view_counts([known, *(f"unknown{number:04}" for number in range(49))])
    assert list(counts) == [known]
    assert faults.requests()["youtube"]["videos"] == 1
    assert youtube.quota_left()["youtube"] == 9_999


def test_hidden_views_are_absent_and_never_0(open_client: Opener, settings: Settings, play: Play) -> None:
    items = [
        {"id": "a", "statistics": {"viewCount": "8087"}},
        {"id": "b", "statistics": {"likeCount": "5"}},
        {"id": "c"},
        {"id": "d", "statistics": {"viewCount": "0"}},
    ]
    youtube = open_client(YouTubeClient, at(settings, play(answer({"items": items})).url))
    assert youtube.view_counts(["a", "b", "c", "d", "e"]) == {"a": 8087, "b": None, "c": None, "d": 0}


def test_a_channel_among_the_results_is_left_out(open_client: Opener, settings: Settings, play: Play) -> None:
    items = [
        {"id": {"kind": "youtube#channel", "channelId": "c"}, "snippet": {"title": "Act"}},
        {"id": {"kind": "youtube#video", "videoId": "v"}, "snippet": {"title": "Act &amp; Co - Song"}},
    ]
    found = open_client(YouTubeClient, at(settings, play(answer({"items": items})).url)).search("Act Song")
    assert [(video.video_id, video.channel) for video in found] == [("v", "")]


def test_an_odd_result_loses_only_itself_and_is_reported(open_client: Opener, settings: Settings, play: Play) -> None:
    items = [
        {"id": {"videoId": "v1"}, "snippet": {"title": " "}},
        {"id": {"videoId": None}, "snippet": {"title": "Song"}},
        {"id": {"videoId": "v2"}, "snippet": {"title": "Act &amp; Co - Song", "channelTitle": ["Act"]}},
        None,
    ]
    youtube = open_client(YouTubeClient, at(settings, play(answer({"items": items})).url))
    assert [(video.video_id, video.title, video.channel) for video in youtube.search("Act Song")] == [
        ("v2", "Act & Co - Song", "")
    ]
    metadata = youtube.call_metadata()
    assert {name: times for name, times in metadata.items() if name.startswith("irregular")} == {
        "irregular_items/youtube/search/no title": 1,
        "irregular_items/youtube/search/no id": 1,
        "irregular_items/youtube/search/null row": 1,
    }
    assert metadata["unreadable_values/youtube/search/snippet.channelTitle"] == 1


def test_one_video_without_an_id_costs_no_other_its_count(open_client: Opener, settings: Settings, play: Play) -> None:
    items = [{"id": None, "statistics": {"viewCount": "1"}}, {"id": "a", "statistics": {"viewCount": "8087"}}]
    youtube = open_client(YouTubeClient, at(settings, play(answer({"items": items})).url))
    assert youtube.view_counts(["a", "b"]) == {"a": 8087, "b": None}


def test_the_key_travels_in_a_header_and_not_in_the_address(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    server = play(answer({"items": []}))
    open_client(YouTubeClient, at(settings, server.url)).search("words")
    assert server.requests[0].headers["x-goog-api-key"] == "sandbox"
    assert "sandbox" not in server.requests[0].target


# Quotas


def test_searches_have_a_quota_of_their_own(open_client: Opener, faults: Faults) -> None:
    faults.quota("youtube_search", 0)
    youtube = open_client(YouTubeClient)
    for _ in range(3):
        with pytest.raises(QuotaExhausted, match="used up"):
            youtube.search("words")
    assert faults.requests()["youtube"]["search"] == 1
    assert youtube.view_counts(["unknown0000"]) == {}
    assert youtube.quota_left() == {"youtube": 9_999, "youtube_search": 0}


def test_the_quota_day_is_that_of_california(open_client: Opener, settings: Settings) -> None:
    frugal = settings.model_copy(update={"youtube_search_daily_budget": 1})
    open_client(YouTubeClient, frugal, as_of="2025-11-21T12:00:00Z").search("words")
    with pytest.raises(QuotaExhausted):
        open_client(YouTubeClient, frugal, as_of="2025-11-22T07:59:00Z").search("words")
    open_client(YouTubeClient, frugal, as_of="2025-11-22T08:01:00Z").search("words")


@pytest.mark.parametrize("verb", ["search", "view_counts"])
def test_the_sandboxs_final_answer_for_a_quota_is_final(open_client: Opener, faults: Faults, verb: str) -> None:
    faults.add("youtube", "quota")
    with pytest.raises(QuotaExhausted, match="resets at midnight Pacific time"):
        getattr(open_client(YouTubeClient), verb)("words")


# Errors


@pytest.mark.parametrize(
    ("reply", "error", "advice"),
    [
        (google(403, "You have exceeded your quota.", reason="quotaExceeded"), QuotaExhausted, "midnight Pacific"),
        (google(403, "Daily limit.", reason="dailyLimitExceeded"), QuotaExhausted, "midnight Pacific"),
        (
            google(
                429,
                "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service",
                reason="rateLimitExceeded",
                status="RESOURCE_EXHAUSTED",
            ),
            QuotaExhausted,
            "midnight Pacific",
        ),
        (
            google(
                429,
                "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service",
                reason="rateLimitExceeded",
                status="RESOURCE_EXHAUSTED",
            ),
            UpstreamUnavailable,
            "too many requests at once",
        ),
        (google(403, "Slow down.", reason="userRateLimitExceeded"), UpstreamUnavailable, "too many requests"),
        (
            google(400, "API key not valid.", reason="badRequest", detail="API_KEY_INVALID"),
            CredentialsRefused,
            "check YOUTUBE_API_KEY",
        ),
        (google(400, "Bad Request", reason="keyInvalid"), CredentialsRefused, "check YOUTUBE_API_KEY"),
        (google(403, "Disabled.", reason="accessNotConfigured"), CredentialsRefused, "enable it in Google Cloud"),
        (google(403, "Blocked.", reason="ipRefererBlocked"), CredentialsRefused, "check what YOUTUBE_API_KEY may do"),
        (google(500, "Internal.", reason="backendError"), UpstreamUnavailable, "answered 500"),
        (google(400, "Invalid filter.", reason="invalidFilters"), MalformedResponse, "/search answered 400"),
        (answer(b"<html>", 403), CredentialsRefused, "/search answered 403"),
        (answer({}), MalformedResponse, "expected structure"),
        (answer({"items": [{"id": "not an object"}]}), MalformedResponse, "expected structure"),
    ],
)
def test_each_error_means_one_thing(
    open_client: Opener, settings: Settings, play: Play, reply: bytes, error: type[UpstreamError], advice: str
) -> None:
    server = play(reply)
    youtube = open_client(YouTubeClient, at(settings, server.url, etl_retry_attempts=2))
    with pytest.raises(error, match=rf"^YouTube: .*{advice}") as caught:
        youtube.search("words")
    assert len(server.requests) == (2 if caught.value.transient else 1)


def test_a_rate_limit_does_not_cost_the_day(open_client: Opener, settings: Settings, faults: Faults) -> None:
    youtube = open_client(YouTubeClient, settings.model_copy(update={"etl_retry_attempts": 2}))
    faults.add("youtube", "429", seconds=0)
    assert youtube.view_counts(["unknown0000"]) == {}
    assert youtube.quota_left()["youtube"] == 9_998
