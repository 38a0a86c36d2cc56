"""Every endpoint over real HTTP: shapes, paging, irregularities, keys, quotas and errors as the services have them."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from tests.sandbox.conftest import DAY, KEYS, Client
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.app import create_app
from tunemeld_pipeline.sandbox.world import World

GATEWAY = {"X-RapidAPI-Key": "sandbox", "X-RapidAPI-Host": "sandbox"}
WEEKS = [f"2026-{month:02}-{day:02}" for month in (3, 6, 9, 11) for day in (6, 13, 20)]


def spotify_rows(client: Client, catalog: Catalog, genre: str = "pop", day: str = DAY) -> list[dict[str, Any]]:
    identity = last_part(catalog.genre(genre).playlist("Spotify").url)
    found = client.data("spotify", "playlist_tracks/", day=day, id=identity, offset=0, limit=100)
    items: list[dict[str, Any]] = found["items"]
    return items


def soundcloud_rows(client: Client, catalog: Catalog, genre: str = "pop", day: str = DAY) -> list[dict[str, Any]]:
    url = catalog.genre(genre).playlist("SoundCloud").url
    found = client.data("soundcloud", "v1/playlist/tracks", day=day, playlist=url, limit=50, offset=0)
    items: list[dict[str, Any]] = found["tracks"]["items"]
    return items


# Spotify behind the gateway


def test_a_spotify_playlist_has_its_tracks_with_isrcs(sandbox: Client, catalog: Catalog) -> None:
    rows = spotify_rows(sandbox, catalog)
    assert len(rows) == 75
    tracks = [row["track"] for row in rows if row["track"]]
    assert sum("isrc" in track["external_ids"] for track in tracks) >= 73
    assert all(
        {"id", "name", "artists", "album", "duration_ms", "external_urls", "preview_url"} <= track.keys()
        for track in tracks
    )
    assert [image["height"] for image in tracks[0]["album"]["images"]] == [640, 300, 64]


def test_spotify_pages_by_offset_with_a_next_that_is_true_or_null(sandbox: Client, catalog: Catalog) -> None:
    identity = last_part(catalog.genre("dance").playlist("Spotify").url)
    whole = [row["track"] for row in spotify_rows(sandbox, catalog, "dance")]
    paged: list[Any] = []
    answers: list[dict[str, Any]] = []
    while not answers or answers[-1]["next"]:
        answers.append(sandbox.data("spotify", "playlist_tracks/", id=identity, offset=len(paged), limit=30))
        paged += [row["track"] for row in answers[-1]["items"]]
    assert paged == whole
    assert [(answer["next"], answer["offset"], answer["total"]) for answer in answers] == [
        (True, 0, 75),
        (True, 30, 75),
        (None, 60, 75),
    ]
    assert len(sandbox.data("spotify", "playlist_tracks/", id=identity)["items"]) == 20


def test_spotify_has_null_tracks_and_relinked_ones(sandbox: Client, catalog: Catalog) -> None:
    tracks = [
        row["track"] for genre in catalog.genres for day in WEEKS for row in spotify_rows(sandbox, catalog, genre, day)
    ]
    assert 0 < sum(track is None for track in tracks) < 0.01 * len(tracks)
    linked = [track for track in tracks if track and "linked_from" in track]
    assert 0.01 < len(linked) / len(tracks) < 0.06
    assert all(track["external_urls"]["spotify"].endswith(track["linked_from"]["id"]) for track in linked)
    found = sandbox.data("spotify", "tracks/", day=WEEKS[-1], ids=linked[-1]["linked_from"]["id"])["tracks"]
    assert found[0]["id"] == linked[-1]["id"]


def test_spotify_playlist_details_have_name_cover_and_description(sandbox: Client, catalog: Catalog) -> None:
    details = sandbox.data("spotify", "playlist/", id=last_part(catalog.genre("rap").playlist("Spotify").url))
    assert details["name"] == "Sandbox Rap"
    assert "sandbox" in details["description"]
    assert requests.get(details["images"][0]["url"], timeout=300).content.startswith(b"\x89PNG")


def test_spotify_search_finds_a_track_without_its_isrc(sandbox: Client, catalog: Catalog) -> None:
    found = 0
    tracks = [row["track"] for row in spotify_rows(sandbox, catalog) if row["track"]]
    for track in tracks:
        query = f"{track['name']} {track['artists'][0]['name']}"
        answer = sandbox.data("spotify", "search/", q=query, type="tracks", offset=0, limit=10, numberOfTopResults=5)
        found += track["id"] in [item["data"]["id"] for item in answer["tracks"]["items"]]
        assert "isrc" not in str(answer)
        assert answer["tracks"]["totalCount"] >= len(answer["tracks"]["items"])
    assert found > 0.95 * len(tracks)


def test_spotify_tracks_by_id_bring_isrcs_and_null_for_the_unknown(sandbox: Client, catalog: Catalog) -> None:
    wanted = [row["track"] for row in spotify_rows(sandbox, catalog) if row["track"]][:3]
    ids = [wanted[2]["id"], "4uLU6hMCjMI75M1A2tKUQC", wanted[0]["id"]]
    tracks = sandbox.data("spotify", "tracks/", ids=",".join(ids))["tracks"]
    assert tracks == [wanted[2], None, wanted[0]]


def test_an_albums_tracks_have_play_counts_that_are_text_and_grow(sandbox: Client, catalog: Catalog) -> None:
    track = next(row["track"] for row in spotify_rows(sandbox, catalog) if row["track"])

    def count(day: str) -> int:
        answer = sandbox.data("spotify", "album_tracks/", day=day, id=track["album"]["id"], offset=0, limit=300)
        items = answer["data"]["album"]["tracks"]["items"]
        assert answer["data"]["album"]["tracks"]["totalCount"] == len(items) == track["album"]["total_tracks"]
        return int(next(item["track"]["playcount"] for item in items if item["track"]["uri"] == track["uri"]))

    assert 0 < count("2026-11-22") < count("2026-11-29")


def test_a_spotify_row_stays_under_two_and_a_half_kilobytes(sandbox: Client, catalog: Catalog) -> None:
    answer = sandbox.ask(
        "spotify", "playlist_tracks/", id=last_part(catalog.genre("pop").playlist("Spotify").url), limit=100
    )
    assert len(answer.content) / len(answer.json()["items"]) < 2_500


# Apple Music


def test_apple_music_sends_positions_as_keys_sorted_as_text(sandbox: Client, catalog: Catalog) -> None:
    details = sandbox.data("apple_music", "playlist1/", url=catalog.genre("pop").playlist("AppleMusic").url)[
        "album_details"
    ]
    keys = [key for key in details if key.isdecimal()]
    assert keys == sorted(keys)
    assert keys != sorted(keys, key=int)
    assert sorted(map(int, keys)) == list(range(len(keys)))
    assert len(keys) in (99, 100)
    row = details["7"]
    assert row.keys() == {"artist", "duration", "link", "name"}
    assert re.fullmatch(r"\d+m \d+s", row["duration"])
    assert re.fullmatch(r"https://music\.apple\.com/us/album/[a-z0-9-]+/\d+\?i=\d+", row["link"])
    assert details["artist"] is None


def test_apple_musics_count_can_differ_and_a_list_can_be_one_short(sandbox: Client, catalog: Catalog) -> None:
    counts = set()
    for genre in catalog.genres.values():
        for day in WEEKS:
            details = sandbox.data("apple_music", "playlist1/", day=day, url=genre.playlist("AppleMusic").url)[
                "album_details"
            ]
            counts.add((sum(key.isdecimal() for key in details), details["count"]))
    assert {(100, 100), (99, 99)} <= counts
    assert any(rows != count for rows, count in counts)


def test_apple_musics_thumb_is_a_template_that_answers_when_filled_in(sandbox: Client, catalog: Catalog) -> None:
    details = sandbox.data("apple_music", "playlist1/", url=catalog.genre("pop").playlist("AppleMusic").url)[
        "album_details"
    ]
    assert "{w}x{h}" in details["thumb"]
    picture = requests.get(details["thumb"].format(w=300, h=300, f="png"), timeout=300)
    assert picture.headers["content-type"] == "image/png"


# SoundCloud


def test_soundcloud_sends_plays_and_mostly_isrcs(sandbox: Client, catalog: Catalog) -> None:
    rows = soundcloud_rows(sandbox, catalog)
    assert len(rows) == 50
    assert all(
        {"id", "title", "permalink", "durationMs", "artworkUrl", "playCount", "publisher", "user"} <= row.keys()
        for row in rows
    )
    assert requests.get(rows[0]["artworkUrl"], timeout=300).ok


def test_soundclouds_next_offset_is_followed_until_null(sandbox: Client, catalog: Catalog) -> None:
    for genre in catalog.genres.values():
        ids: list[int] = []
        offset = 0
        while offset is not None:
            page = sandbox.data(
                "soundcloud", "v1/playlist/tracks", playlist=genre.playlist("SoundCloud").url, limit=20, offset=offset
            )
            ids += [row["id"] for row in page["tracks"]["items"]]
            offset = page["tracks"]["nextOffset"]
        assert len(ids) == len(set(ids)) == 50


def test_a_full_soundcloud_page_may_announce_an_empty_one(sandbox: Client, catalog: Catalog) -> None:
    announced = set()
    for genre in catalog.genres.values():
        page = sandbox.data(
            "soundcloud", "v1/playlist/tracks", playlist=genre.playlist("SoundCloud").url, limit=50, offset=0
        )
        announced.add(page["tracks"]["nextOffset"])
        after = sandbox.data(
            "soundcloud", "v1/playlist/tracks", playlist=genre.playlist("SoundCloud").url, limit=50, offset=50
        )
        assert after["tracks"] == {"nextOffset": None, "items": []}
    assert announced == {50, None}


def test_soundcloud_rows_are_irregular_now_and_then(sandbox: Client, catalog: Catalog) -> None:
    rows = [row for genre in catalog.genres for day in WEEKS for row in soundcloud_rows(sandbox, catalog, genre, day)]
    without_isrc = sum(not (row["publisher"] or {}).get("isrc") for row in rows)
    assert 0.005 < without_isrc / len(rows) < 0.05
    assert any(row["publisher"] is None for row in rows)
    assert 0 < sum(row["playCount"] is None for row in rows) < 0.02 * len(rows)


# One recording on several services


def test_services_word_the_same_recording_differently(sandbox: Client, catalog: Catalog) -> None:
    tracks = {
        row["track"]["external_ids"].get("isrc"): row["track"] for row in spotify_rows(sandbox, catalog) if row["track"]
    }
    pairs = [
        (tracks[isrc], row)
        for row in soundcloud_rows(sandbox, catalog)
        if (isrc := (row["publisher"] or {}).get("isrc")) in tracks
    ]
    assert len(pairs) >= 15
    assert any(track["name"] != row["title"] for track, row in pairs)
    assert any(f"{track['artists'][0]['name']} - " in row["title"] for track, row in pairs)
    assert all(abs(track["duration_ms"] - row["durationMs"]) <= 2000 for track, row in pairs)
    assert any(track["duration_ms"] != row["durationMs"] for track, row in pairs)


def test_some_recordings_have_two_isrcs(world: World, sandbox: Client, catalog: Catalog) -> None:
    twice = 0
    for genre in catalog.genres:
        for day in WEEKS[-3:]:
            tracks = [row["track"] for row in spotify_rows(sandbox, catalog, genre, day) if row["track"]]
            uploads = {
                row["publisher"]["isrc"] for row in soundcloud_rows(sandbox, catalog, genre, day) if row["publisher"]
            }
            for track in tracks:
                place = world.identifiers.track_of(track["id"])
                assert place is not None
                twice += (
                    world.identifiers.isrc(
                        place._replace(variant=15), int(track["external_ids"].get("isrc", "XXAAA26")[5:7])
                    )
                    in uploads
                )
    assert twice


# YouTube


def test_youtube_search_offers_the_official_video_among_others(sandbox: Client, catalog: Catalog) -> None:
    official = first = several = 0
    tracks = [row["track"] for row in spotify_rows(sandbox, catalog) if row["track"]]
    for track in tracks:
        query = f"{track['artists'][0]['name']} {track['name']}"
        items = sandbox.data("youtube", "search", part="snippet", type="video", q=query, maxResults=5)["items"]
        assert len(items) == 5
        assert all(re.fullmatch(r"[\w-]{11}", item["id"]["videoId"]) for item in items)
        kinds = [
            bool(re.search(r"Official|Topic|VEVO", item["snippet"]["title"] + item["snippet"]["channelTitle"]))
            for item in items
        ]
        several += any("Lyrics" in item["snippet"]["title"] or "Cover" in item["snippet"]["title"] for item in items)
        official += any(kinds)
        first += kinds[0]
    assert official > 0.85 * len(tracks)
    assert first < official
    assert several > 0.5 * len(tracks)


def test_youtube_titles_are_escaped_in_searches_only(sandbox: Client, catalog: Catalog) -> None:
    for genre in catalog.genres:
        for row in spotify_rows(sandbox, catalog, genre):
            if not row["track"] or "&" not in row["track"]["name"]:
                continue
            items = sandbox.data("youtube", "search", part="snippet", type="video", q=row["track"]["name"])["items"]
            escaped = [item for item in items if "&amp;" in item["snippet"]["title"]]
            if escaped:
                videos = sandbox.data("youtube", "videos", part="snippet,statistics", id=escaped[0]["id"]["videoId"])[
                    "items"
                ]
                assert "&amp;" not in videos[0]["snippet"]["title"]
                return
    pytest.fail("no title with an ampersand")


def test_youtube_counts_are_text_and_unknown_ids_are_left_out(sandbox: Client, catalog: Catalog) -> None:
    track = next(row["track"] for row in spotify_rows(sandbox, catalog) if row["track"])
    items = sandbox.data("youtube", "search", part="snippet", type="video", q=track["name"])["items"]
    ids = [item["id"]["videoId"] for item in items]
    videos = sandbox.data("youtube", "videos", part="statistics", id=",".join([*ids, "AAAAAAAAAAA"]))["items"]
    assert [video["id"] for video in videos] == ids
    assert all(video["statistics"]["viewCount"].isdecimal() for video in videos if "viewCount" in video["statistics"])


def test_youtube_takes_fifty_ids_a_call(sandbox: Client) -> None:
    assert sandbox.ask("youtube", "videos", part="statistics", id=",".join(["AAAAAAAAAAA"] * 50)).status_code == 200
    refused = sandbox.ask(
        "youtube", "videos", part="statistics", id=",".join(f"AAAAAAAAA{number}" for number in range(51))
    )
    assert refused.status_code == 400
    assert refused.json()["error"]["errors"][0]["reason"] == "invalidFilters"


def test_a_youtube_search_without_a_type_may_answer_with_a_channel(sandbox: Client, catalog: Catalog) -> None:
    track = next(row["track"] for row in spotify_rows(sandbox, catalog) if row["track"])
    items = sandbox.data("youtube", "search", part="snippet", q=track["name"] + " " + track["artists"][0]["name"])[
        "items"
    ]
    assert items[0]["id"]["kind"] == "youtube#channel"


# Spotify's own API


def test_the_web_api_gives_a_token_and_finds_by_isrc(sandbox: Client, catalog: Catalog) -> None:
    token = requests.post(
        f"{sandbox.url}/spotify_accounts/api/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox", "sandbox"),
        timeout=120,
    ).json()
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    track = next(
        row["track"] for row in spotify_rows(sandbox, catalog) if row["track"] and row["track"]["external_ids"]
    )
    isrc = track["external_ids"]["isrc"]
    found = sandbox.ask("spotify_web_api", "search", headers=headers, q=f"isrc:{isrc}", type="track", limit=10).json()
    assert [item["id"] for item in found["tracks"]["items"]] == [track["id"]]


def test_the_web_api_finds_by_track_and_artist(sandbox: Client, catalog: Catalog) -> None:
    track = next(row["track"] for row in spotify_rows(sandbox, catalog) if row["track"])
    for query in (
        f"track:{track['name']} artist:{track['artists'][0]['name']}",
        f'track:"{track["name"]}" artist:"{track["artists"][0]["name"]}"',
    ):
        found = sandbox.data("spotify_web_api", "search", q=query, type="track", limit=10)
        assert track["id"] in [item["id"] for item in found["tracks"]["items"]]


def test_the_web_api_refuses_as_in_development_mode(sandbox: Client, catalog: Catalog) -> None:
    assert sandbox.ask("spotify_web_api", "search", q="x", type="track", limit=11).status_code == 400
    assert (
        sandbox.ask(
            "spotify_web_api", f"playlists/{last_part(catalog.genre('pop').playlist('Spotify').url)}"
        ).status_code
        == 404
    )
    refused = sandbox.ask("spotify_web_api", "search", headers={"Authorization": "Bearer x"}, q="x", type="track")
    assert refused.json() == {"error": {"status": 401, "message": "Invalid access token"}}
    bad = requests.post(
        f"{sandbox.url}/spotify_accounts/api/token", data={"grant_type": "x"}, auth=("sandbox", "x"), timeout=120
    )
    assert bad.json()["error"] == "invalid_client"


# oEmbed


def test_oembed_has_name_and_cover_without_a_key(sandbox: Client, catalog: Catalog) -> None:
    genre = catalog.genre("country")
    for upstream, url in (
        ("spotify_oembed", genre.playlist("Spotify").url),
        ("soundcloud_oembed", genre.playlist("SoundCloud").url),
    ):
        found = sandbox.ask(upstream, headers={}, url=url, format="json")
        assert found.status_code == 200
        assert "Country" in found.json()["title"]
        assert requests.get(found.json()["thumbnail_url"], timeout=300).ok
        assert sandbox.ask(upstream, headers={}, url=f"{url}x", format="json").status_code == 404


# The gateway


@pytest.mark.parametrize("upstream", ["spotify", "apple_music", "soundcloud"])
def test_the_gateway_refuses_a_wrong_key_with_its_own_words(sandbox: Client, upstream: str) -> None:
    for headers in ({}, {"X-RapidAPI-Key": "wrong", "X-RapidAPI-Host": "x"}):
        refused = sandbox.ask(upstream, "anything", headers=headers)
        assert refused.status_code == 401
        assert refused.json() == {
            "message": "Invalid API key. Go to https://docs.rapidapi.com/docs/keys for more info."
        }
    assert sandbox.ask(upstream, "anything", headers={"X-RapidAPI-Key": "sandbox"}).status_code == 400


@pytest.mark.parametrize("upstream", ["spotify", "apple_music", "soundcloud"])
def test_unknown_endpoints_and_playlists_answer_404(sandbox: Client, upstream: str) -> None:
    unknown = sandbox.ask(upstream, "x")
    assert (unknown.status_code, unknown.json()) == (404, {"message": "Endpoint '/x' does not exist"})
    path = {"spotify": "playlist_tracks/", "apple_music": "playlist1/", "soundcloud": "v1/playlist/tracks"}[upstream]
    assert sandbox.ask(upstream, path, id="x", url="x", playlist="x").status_code == 404


@pytest.mark.parametrize(("period", "word"), [("month", "MONTHLY"), ("day", "DAILY")])
def test_a_used_up_plan_is_a_final_429_with_headers(sandbox: Client, catalog: Catalog, period: str, word: str) -> None:
    sandbox.control.quota("spotify", 2, period)
    identity = last_part(catalog.genre("pop").playlist("Spotify").url)
    answers = [sandbox.ask("spotify", "playlist_tracks/", id=identity) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-requests-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["x-ratelimit-requests-limit"] == "2"
    assert int(answers[2].headers["x-ratelimit-requests-reset"]) > 0
    assert (
        answers[2]
        .json()["message"]
        .startswith(f"You have exceeded the {word} quota for Requests on your current plan, BASIC.")
    )
    next_period = {"day": "2026-11-23", "month": "2026-12-01"}[period]
    assert sandbox.ask("spotify", "playlist_tracks/", day=next_period, id=identity).status_code == 200


def test_youtube_searches_have_a_bucket_of_their_own(sandbox: Client) -> None:
    for _ in range(100):
        assert sandbox.ask("youtube", "search", part="snippet", type="video", q="x").status_code == 200
    refused = sandbox.ask("youtube", "search", part="snippet", type="video", q="x")
    assert refused.status_code == 429
    error = refused.json()["error"]
    assert (error["errors"][0]["reason"], error["status"]) == ("rateLimitExceeded", "RESOURCE_EXHAUSTED")
    assert "'Search Queries per day'" in error["message"]
    assert sandbox.ask("youtube", "videos", part="statistics", id="AAAAAAAAAAA").status_code == 200
    assert sandbox.ask("youtube", "search", day="2026-11-23", part="snippet", q="x").status_code == 200


def test_youtubes_other_errors_are_googles(sandbox: Client) -> None:
    bad = sandbox.ask("youtube", "videos", headers={"X-Goog-Api-Key": "x"}, part="statistics", id="x")
    assert (bad.status_code, bad.json()["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")
    assert sandbox.ask("youtube", "videos", headers={}, part="statistics", id="x", key="sandbox").status_code == 200
    sandbox.control.quota("youtube", 0)
    used_up = sandbox.ask("youtube", "videos", part="statistics", id="x")
    assert (used_up.status_code, used_up.json()["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")


def test_an_unknown_quota_is_refused_with_those_that_there_are(sandbox: Client) -> None:
    with pytest.raises(ValueError, match="youtube_search"):
        sandbox.control.quota("nothing", 1)


# Cloudflare

NAMESPACE = "accounts/sandbox/storage/kv/namespaces/sandbox"
TOKEN = {"Authorization": "Bearer sandbox"}


def kv(client: Client, method: str, path: str, body: bytes | None = None, **parameters: Any) -> requests.Response:
    return client.ask("cloudflare", f"{NAMESPACE}/{path}", method=method, headers=TOKEN, body=body, **parameters)


def test_a_value_comes_back_as_the_bytes_that_were_put(sandbox: Client) -> None:
    body = '{"é": [1]}'.encode()
    written = kv(sandbox, "PUT", "values/genre%2Fpop", body, expiration_ttl=60)
    assert written.json() == {"success": True, "errors": [], "messages": [], "result": None}
    assert kv(sandbox, "GET", "values/genre%2Fpop").content == body
    assert kv(sandbox, "DELETE", "values/genre%2Fpop").json()["success"]
    missing = kv(sandbox, "GET", "values/genre%2Fpop")
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (404, 10009)
    assert kv(sandbox, "DELETE", "values/genre%2Fpop").json()["success"]


def test_many_values_are_written_and_read_at_once(sandbox: Client) -> None:
    pairs = b'[{"key":"a","value":"1","expiration_ttl":60},{"key":"b","value":"aGk=","base64":true}]'
    assert kv(sandbox, "PUT", "bulk", pairs).json()["result"]["successful_key_count"] == 2
    found = kv(sandbox, "POST", "bulk/get", b'{"keys":["a","b","c"]}').json()["result"]["values"]
    assert found == {"a": "1", "b": "hi", "c": None}


def test_cloudflares_limits_are_its_own(sandbox: Client) -> None:
    short = kv(sandbox, "PUT", "values/limits", b"x", expiration_ttl=59)
    assert short.status_code == 400
    assert short.json()["errors"][0]["message"] == "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."
    assert kv(sandbox, "PUT", f"values/{'k' * 513}", b"x").status_code == 414
    assert kv(sandbox, "PUT", "values/hot", b"x").status_code == 200
    assert kv(sandbox, "PUT", "values/hot", b"x").status_code == 429
    assert kv(sandbox, "POST", "bulk/get", b'{"keys":[]}').status_code == 400
    refused = sandbox.ask("cloudflare", f"{NAMESPACE}/values/x", headers={"Authorization": "Bearer x"})
    assert refused.json()["errors"][0]["code"] == 10000


# All together


def test_ten_threads_get_the_same_answers_as_one(sandbox: Client, catalog: Catalog) -> None:
    def ask(number: int) -> bytes:
        genre = list(catalog.genres.values())[number % 4]
        return sandbox.ask(
            "spotify", "playlist_tracks/", id=last_part(genre.playlist("Spotify").url), limit=100
        ).content

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(80)))
    assert len(set(answers)) == 4


def test_requests_are_counted_per_upstream_and_endpoint(sandbox: Client, catalog: Catalog) -> None:
    spotify_rows(sandbox, catalog)
    soundcloud_rows(sandbox, catalog)
    kv(sandbox, "GET", "values/counted")
    counted = sandbox.control.requests()
    assert counted == {
        "spotify": {"playlist_tracks": 1},
        "soundcloud": {"v1/playlist/tracks": 1},
        "cloudflare": {"values": 1},
    }
    sandbox.control.reset_requests()
    assert sandbox.control.requests() == {}


def test_health_says_what_is_played(sandbox: Client) -> None:
    health = requests.get(f"{sandbox.url}/_control/health", timeout=300).json()
    assert health["seed"] == 1
    assert health["replay_dir"] is None
    assert health["tracks"] == {"Spotify": 75, "AppleMusic": 100, "SoundCloud": 50, "Deezer": 50}
    assert isinstance(health["pid"], int)


def test_without_a_date_it_is_today(sandbox: Client, catalog: Catalog) -> None:
    url = f"{sandbox.url}/spotify/playlist_tracks/"
    answer = requests.get(
        url, params={"id": last_part(catalog.genre("pop").playlist("Spotify").url)}, headers=KEYS, timeout=300
    )
    assert len(answer.json()["items"]) == 20


def test_days_that_there_are_not_are_errors(sandbox: Client, catalog: Catalog) -> None:
    identity = last_part(catalog.genre("pop").playlist("Spotify").url)
    assert sandbox.ask("spotify", "playlist_tracks/", day="2026-02-30", id=identity).status_code == 400
    early = sandbox.ask("spotify", "playlist_tracks/", day="1999-01-01", id=identity)
    assert early.status_code == 404
    assert "lasts from" in early.json()["message"]


def test_pictures_are_always_the_same_and_differ_by_name(sandbox: Client) -> None:
    def picture(name: str) -> requests.Response:
        return requests.get(f"{sandbox.url}/covers/{name}", timeout=300)

    assert picture("a-640.png").content == picture("a-64.png").content == picture("a-t500x500.jpg").content
    assert picture("a.png").content != picture("b.png").content
    assert picture("a.svg").headers["content-type"].startswith("image/svg+xml")
    assert picture("a").status_code == 404


def test_an_operators_own_catalogue_is_played(serve_app: Callable[[Starlette], Client], catalog: Catalog) -> None:
    jazz = catalog.genre("pop").model_copy(update={"key": "jazz", "display_name": "Jazz"})
    alone = Catalog(genres={"jazz": jazz})
    client = serve_app(create_app(World(3, alone, dict.fromkeys(keys(), 120)), alone))
    found = client.data(
        "spotify", "playlist_tracks/", id=last_part(jazz.playlist("Spotify").url), offset=100, limit=100
    )
    assert (len(found["items"]), found["next"], found["total"]) == (20, None, 120)
