"""What all upstream services share: the gateway's errors, budgets, counts, and whose key goes where."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.conftest import Opener, at
from tests.wire import CANARY, Play, Received, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    PluginError,
    QuotaExhausted,
    SettingsError,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.apple_music.rapidapi import AppleMusicClient
from tunemeld_pipeline.services.soundcloud.rapidapi import SoundCloudClient
from tunemeld_pipeline.services.spotify.rapidapi import SpotifyClient
from tunemeld_pipeline.services.youtube.data_api import YouTubeClient
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.service_client import ServiceClient, call_metadata, quota_left

APPLE_BODY = {"album_details": {"0": {"name": "Song", "artist": "Act", "link": "https://music.apple.com/x?i=1"}}}


def settings_of(**values: Any) -> Settings:
    """A developer's settings with these values."""
    return Settings.model_validate({"environment": "development", **values})


def live(url: str, **more: Any) -> Settings:
    """Settings of a live run whose services are all at `url`."""
    services = ("spotify", "apple_music", "soundcloud", "youtube", "spotify_web_api", "spotify_accounts")
    return settings_of(
        upstreams="live",
        rapidapi_key=CANARY,
        youtube_api_key=CANARY,
        etl_retry_delay=0,
        **{f"{service}_base_url": url for service in services},
        **{f"{service}_oembed_url": url for service in ("spotify", "soundcloud")},
        **more,
    )


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


# The gateway's errors


Meaning = tuple[int, Any, type[UpstreamError], str]

GATEWAY_ERRORS: list[Meaning] = [
    (
        401,
        {"message": "Invalid API key. Go to https://docs.example.com/keys for more info."},
        CredentialsRefused,
        "check RAPIDAPI_KEY",
    ),
    (403, {"message": "You are not subscribed to this API."}, CredentialsRefused, "not subscribed .* subscribe at"),
    (404, {"message": "Endpoint '/playlist1/' does not exist"}, NotFound, "no such endpoint"),
    (404, {"message": "Playlist not found"}, NotFound, "/playlist1/ answered 404"),
    (
        429,
        {"message": "You have exceeded the MONTHLY quota for Requests on your current plan, BASIC. Upgrade"},
        QuotaExhausted,
        "wait until it resets or take a larger plan",
    ),
    (
        429,
        {"message": "You have exceeded the DAILY quota for Requests on your current plan, BASIC."},
        QuotaExhausted,
        "wait until it resets",
    ),
    (
        429,
        {"message": "You have exceeded the rate limit per minute for your plan, BASIC, by the API provider"},
        UpstreamUnavailable,
        "rate limit was hit",
    ),
    (
        429,
        {"message": "You have exceeded the rate limit per second for your plan, BASIC, by the API provider"},
        UpstreamUnavailable,
        "rate limit was hit",
    ),
    (429, {"message": "Too many requests"}, UpstreamUnavailable, "rate limit was hit"),
    (429, b"", UpstreamUnavailable, "answered 429"),
    (502, {"message": "Bad gateway"}, UpstreamUnavailable, "answered 502"),
]
"""Status, body, what it means, and what the message says."""

TOLD_BY_THEIR_BODY = [one for one in GATEWAY_ERRORS if "answered" not in one[3]]


@pytest.mark.parametrize("one", GATEWAY_ERRORS, ids=lambda one: one[3])
def test_each_error_of_the_gateway_means_one_thing(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, one: Meaning
) -> None:
    status, body, error, advice = one
    server = play(answer(body, status))
    apple_music = open_client(AppleMusicClient, at(settings, server.url, etl_retry_attempts=2))
    with pytest.raises(error, match=rf"^Apple Music: .*{advice}") as caught:
        apple_music.playlist(dance.playlist("AppleMusic"))
    assert len(server.requests) == (2 if caught.value.transient else 1)


@pytest.mark.parametrize("one", TOLD_BY_THEIR_BODY, ids=lambda one: one[3])
def test_an_error_body_means_the_same_when_it_comes_with_status_200(
    open_client: Opener, settings: Settings, play: Play, dance: Genre, one: Meaning
) -> None:
    _, body, error, advice = one
    apple_music = open_client(AppleMusicClient, at(settings, play(answer(body)).url))
    with pytest.raises(error, match=rf"^Apple Music: .*{advice}"):
        apple_music.playlist(dance.playlist("AppleMusic"))


def test_the_wait_that_the_gateway_names_is_waited_for(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    rate = answer({"message": "Too many requests"}, 429, {"x-ratelimit-requests-reset": "1"})
    server = play(rate, answer(APPLE_BODY))
    open_client(AppleMusicClient, at(settings, server.url, etl_retry_attempts=2)).playlist(dance.playlist("AppleMusic"))
    first, second = server.requests
    assert second.at - first.at >= 1.0


# Budgets


def test_calls_are_counted_in_the_database_once_a_try(
    open_client: Opener, settings: Settings, faults: Faults, mongod_url: str, dance: Genre
) -> None:
    apple_music = open_client(AppleMusicClient, settings.model_copy(update={"etl_retry_attempts": 3}))
    faults.add("apple_music", "500")
    apple_music.playlist(dance.playlist("AppleMusic"))
    with connect(mongod_url) as client:
        usage = client[settings.database_name]["api_usage"].find_one({"_id": "apple_music/2025-11-22"})
    assert usage is not None
    assert usage["used"] == 2
    assert usage["expires_at"] - datetime.now(UTC) > timedelta(days=89)
    assert apple_music.quota_left() == {"apple_music": 198}


def test_our_own_budget_is_not_overdrawn_and_the_next_day_has_its_own(
    open_client: Opener, settings: Settings, faults: Faults, dance: Genre
) -> None:
    frugal = settings.model_copy(update={"apple_music_daily_budget": 1})
    apple_music = open_client(AppleMusicClient, frugal)
    apple_music.playlist(dance.playlist("AppleMusic"))
    with pytest.raises(QuotaExhausted, match=r"the daily budget of 1 \(APPLE_MUSIC_DAILY_BUDGET\) is used up"):
        apple_music.playlist(dance.playlist("AppleMusic"))
    assert faults.requests()["apple_music"]["playlist1"] == 1
    open_client(AppleMusicClient, frugal, as_of="2025-11-21").playlist(dance.playlist("AppleMusic"))


def test_a_quota_that_the_service_calls_used_up_stops_all_calls_of_that_day(
    open_client: Opener, faults: Faults, dance: Genre
) -> None:
    faults.add("apple_music", "quota")
    for _ in range(3):
        with pytest.raises(QuotaExhausted):
            open_client(AppleMusicClient).playlist(dance.playlist("AppleMusic"))
    assert faults.requests()["apple_music"]["playlist1"] == 1
    assert open_client(AppleMusicClient).quota_left() == {"apple_music": 0}
    open_client(AppleMusicClient, as_of="2025-11-21").playlist(dance.playlist("AppleMusic"))


def test_a_steps_calls_and_quotas_are_reported_to_dagster(open_client: Opener, dance: Genre, store: Store) -> None:
    apple_music, youtube = open_client(AppleMusicClient), open_client(YouTubeClient)
    fetched = apple_music.playlist(dance.playlist("AppleMusic"))
    noted = call_metadata(apple_music, youtube)
    assert noted["calls/apple_music"] == 1
    assert noted["retries/apple_music"] == 0
    assert noted["bytes/apple_music"] == len(fetched.data_json.encode())
    assert noted["upstream_seconds/apple_music"] > 0
    assert noted["plan_left/apple_music"] < 500_000
    assert (noted["calls/youtube"], noted["quota_left/youtube"], noted["quota_left/youtube_search"]) == (0, 10_000, 100)
    assert quota_left(apple_music) == {"apple_music": 199}
    apple_music.begin_step(store)
    assert call_metadata(apple_music)["calls/apple_music"] == 0


def test_a_step_ends_at_its_deadline(open_client: Opener, settings: Settings, faults: Faults, dance: Genre) -> None:
    hasty = {"etl_request_timeout": 0.2, "etl_call_deadline": 0.2, "etl_step_deadline": 0.3, "etl_retry_attempts": 9}
    apple_music = open_client(AppleMusicClient, settings.model_copy(update=hasty))
    faults.add("apple_music", "stall", times=None, seconds=120)
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable):
            apple_music.playlist(dance.playlist("AppleMusic"))
    assert time.monotonic() - started < 60


# Worlds and keys


@pytest.mark.parametrize("kind", [SpotifyClient, AppleMusicClient, SoundCloudClient, YouTubeClient])
def test_a_real_key_never_leaves_for_the_sandbox(
    open_client: Opener, play: Play, dance: Genre, kind: type[ServiceClient]
) -> None:
    server = play(answer({"access_token": "of the sandbox", "expires_in": 3600}))
    resource = open_client(
        kind,
        settings_of(
            upstreams="sandbox",
            sandbox_url=server.url,
            etl_retry_attempts=1,
            rapidapi_key=CANARY,
            youtube_api_key=CANARY,
            spotify_client_id=CANARY,
            spotify_client_secret=CANARY,
        ),
    )
    verbs: dict[str, tuple[Any, ...]] = {
        "playlist": (dance.playlist("Spotify"),),
        **({"description": (dance.playlist("Spotify"),)} if getattr(kind, "describes", False) else {}),
        "search": ("a title", "an artist")[: 2 if kind is SpotifyClient else 1],
        "isrcs": (["1"],),
        "play_counts": ("1",),
        "view_counts": (["1"],),
    }
    for name, arguments in verbs.items():
        if verb := getattr(resource, name, None):
            with pytest.raises(MalformedResponse):
                verb(*arguments)
    assert server.requests
    assert CANARY not in str(server.requests)


def test_a_live_call_goes_to_the_services_own_address_with_the_real_key(
    open_client: Opener, play: Play, dance: Genre
) -> None:
    server = play(answer(APPLE_BODY))
    open_client(AppleMusicClient, live(server.url), as_of=today()).playlist(dance.playlist("AppleMusic"))
    received = server.requests[0]
    assert received.target.startswith("/playlist1/?url=https%3A%2F%2Fmusic.apple.com%2Fus%2Fplaylist%2F")
    assert received.headers["x-rapidapi-key"] == CANARY
    assert received.headers["x-rapidapi-host"] == server.url.removeprefix("http://")


def test_live_calls_keep_to_the_services_rate(open_client: Opener, play: Play, dance: Genre) -> None:
    server = play(answer(APPLE_BODY))
    apple_music = open_client(AppleMusicClient, live(server.url, apple_music_rate_limit=10), as_of=today())
    started = time.monotonic()
    for _ in range(3):
        apple_music.playlist(dance.playlist("AppleMusic"))
    assert time.monotonic() - started >= 2 / 10


def test_a_live_client_without_its_key_is_refused_and_needs_no_other(open_client: Opener) -> None:
    with pytest.raises(SettingsError, match=r"RAPIDAPI_KEY: .*get a key at rapidapi\.com") as caught:
        open_client(AppleMusicClient, settings_of(upstreams="live"), as_of=today())
    assert "YOUTUBE_API_KEY" not in str(caught.value)
    open_client(AppleMusicClient, settings_of(upstreams="live", rapidapi_key="k"), as_of=today())


def test_a_client_reaches_no_host_budget_or_setting_that_its_folder_does_not_declare(open_client: Opener) -> None:
    apple_music = open_client(AppleMusicClient)
    with pytest.raises(PluginError, match="Apple Music calls the host spotify, which its folder does not declare"):
        apple_music._client("spotify")
    with pytest.raises(PluginError, match="takes calls from the budget spotify, which its folder does not declare"):
        apple_music.settle("spotify", Purpose.COUNTS)
    with pytest.raises(PluginError, match="reads YOUTUBE_API_KEY, which its SETTINGS do not declare"):
        apple_music.setting("YOUTUBE_API_KEY")


def test_a_redirect_to_another_host_is_refused(
    open_client: Opener, settings: Settings, play: Play, dance: Genre
) -> None:
    elsewhere = play(answer(APPLE_BODY))
    server = play(answer({}, 302, {"Location": f"{elsewhere.url}/playlist1/"}))
    with pytest.raises(UpstreamError, match="/playlist1/ answered 302"):
        open_client(AppleMusicClient, at(settings, server.url)).playlist(dance.playlist("AppleMusic"))
    assert elsewhere.requests == []


def test_a_key_that_a_service_repeats_is_not_shown(open_client: Opener, play: Play, dance: Genre) -> None:
    def repeating(received: Received) -> bytes:
        return answer({"message": f"what is {received.headers['x-rapidapi-key']}?"})

    settings = live(play(repeating).url)
    with pytest.raises(MalformedResponse, match=r"it says \"what is \[…\]\?") as caught:
        open_client(AppleMusicClient, settings, as_of=today()).playlist(dance.playlist("AppleMusic"))
    assert CANARY not in str(caught.value)
