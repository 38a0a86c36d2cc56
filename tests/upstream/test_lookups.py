"""What is looked up, what is remembered of it, and the way back: what a service has left out, and what is verified slowly."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from tests.documents import MONDAY, isrc
from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.videos import Video
from tunemeld_pipeline.errors import MalformedResponse, QuotaExhausted
from tunemeld_pipeline.services.spotify.counts import look_up_tracks
from tunemeld_pipeline.services.youtube.counts import look_up_videos
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import SearchHit
from tunemeld_pipeline.upstream.client import HttpClient, Limits
from tunemeld_pipeline.upstream.lookups import (
    VERIFIED_AFTER,
    VERIFIED_SHARE,
    Wanted,
    look_up_isrcs,
    note_presence,
    shown,
    sorted_out,
)
from tunemeld_pipeline.upstream.service_client import no_known_error

DAY = timedelta(days=1)
LATER = MONDAY + VERIFIED_AFTER
KEY = isrc(1)


class Finder:
    """YouTube and Spotify, which find what they are given, and note what they were asked and whether it was for the first time."""

    def __init__(self, client: HttpClient, *found: str) -> None:
        self.client = client
        self.found = list(found)
        self.album = "album"
        self.asked: list[bool] = []
        self.told_isrcs: dict[str, str] = {}
        self.spare = True

    def _ask(self, *, again: bool) -> None:
        if again and not self.spare:
            raise QuotaExhausted("YouTube", "what is left is kept for what matters more")
        self.asked.append(again)


class Videos(Finder):
    def search(self, words: str, *, again: bool = False) -> list[Video]:
        self._ask(again=again)
        title = words.removeprefix("Marrow ")
        return [Video(video, f"Marrow - {title} (Official Video)", "Marrow") for video in self.found]


class Tracks(Finder):
    key = "Spotify"

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        self._ask(again=again)
        return [SearchHit(track, title, artist, 200_000, self.album, None, None) for track in self.found]

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        return {track: self.told_isrcs[track] for track in track_ids if track in self.told_isrcs}


@pytest.fixture
def client() -> Iterator[HttpClient]:
    limits = Limits(attempts=1, first_wait=0, request_timeout=1, call_deadline=1, threads=2)
    with HttpClient("Nobody", "http://127.0.0.1:9", {}, limits, no_known_error) as opened:
        yield opened


def want(number: int = 1, *other_keys: str) -> Wanted:
    return Wanted(isrc(number), Row(f"Song {chr(64 + number)}", "Marrow", 200_000), other_keys)


def left_out(store: Store, youtube: Videos, day: int) -> None:
    """A day on which YouTube leaves the video out of its counts."""
    at = MONDAY + day * DAY
    report = look_up_videos(store, youtube, [want()], at)
    note_presence(store, "youtube_cache", [want()], report, Counts(left_out=frozenset(report.facts)), at)


def test_what_is_found_is_remembered_and_not_asked_again(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    assert look_up_videos(store, youtube, [want()], MONDAY).facts == {KEY: {"video_id": "v"}}
    again = look_up_videos(store, youtube, [want()], MONDAY + DAY)
    assert (again.facts, again.known, again.asked) == ({KEY: {"video_id": "v"}}, 1, 0)
    assert youtube.asked == [False]


def test_a_video_left_out_for_three_days_is_looked_up_again_with_spare_quota(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "gone")
    look_up_videos(store, youtube, [want()], MONDAY)
    for day in (1, 2):
        left_out(store, youtube, day)
        assert store.lookups.looked_up("youtube_cache", [KEY])[KEY].stands
    left_out(store, youtube, 3)
    assert youtube.asked == [False]
    assert sorted_out(store, "youtube_cache", [want()], MONDAY + 4 * DAY)[0] == {}

    youtube.spare = False
    assert look_up_videos(store, youtube, [want()], MONDAY + 4 * DAY).facts == {}
    youtube.spare, youtube.found = True, ["new"]
    report = look_up_videos(store, youtube, [want()], MONDAY + 5 * DAY)
    assert report.facts == {KEY: {"video_id": "new"}}
    assert youtube.asked == [False, True]
    assert look_up_videos(store, youtube, [want()], MONDAY + 6 * DAY).missing == set()


def test_where_a_lost_video_has_no_successor_it_is_asked_for_ever_more_rarely(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "gone")
    look_up_videos(store, youtube, [want()], MONDAY)
    for day in (1, 2, 3):
        left_out(store, youtube, day)
    youtube.found = []
    asked_on = []
    for day in range(4, 20):
        before = len(youtube.asked)
        assert look_up_videos(store, youtube, [want()], MONDAY + day * DAY).facts == {}
        if len(youtube.asked) > before:
            asked_on.append(day)
    assert asked_on == [4, 5, 7, 11, 19]


def test_a_video_that_was_away_for_a_day_is_linked_again_and_never_looked_up(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    look_up_videos(store, youtube, [want()], MONDAY)
    left_out(store, youtube, 1)
    at = MONDAY + 2 * DAY
    report = look_up_videos(store, youtube, [want()], at)
    assert report.missing == {KEY}
    there = Counts({KEY: 5}, there=frozenset([KEY]))
    note_presence(store, "youtube_cache", [want()], report, there, at)
    assert shown(report, there) == report.facts
    for day in (3, 4):
        left_out(store, youtube, day)
    assert store.lookups.looked_up("youtube_cache", [KEY])[KEY].stands
    assert youtube.asked == [False]


def test_what_is_left_out_is_not_linked_nor_is_it_while_nobody_can_say(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    report = look_up_videos(store, youtube, [want()], MONDAY)
    assert shown(report, Counts()) == report.facts
    assert shown(report, Counts(left_out=frozenset([KEY]))) == {}
    left_out(store, youtube, 1)
    tuesday = look_up_videos(store, youtube, [want()], MONDAY + 2 * DAY)
    assert tuesday.facts
    assert shown(tuesday, Counts()) == {}


def test_an_answer_remembered_by_an_older_key_is_lost_by_that_key(store: Store, client: HttpClient) -> None:
    youtube, older = Videos(client, "v"), want(1, isrc(7))
    store.lookups.remember("youtube_cache", {isrc(7): {"video_id": "old"}}, "search", MONDAY)
    for day in (1, 2, 3):
        at = MONDAY + day * DAY
        report = look_up_videos(store, youtube, [older], at)
        note_presence(store, "youtube_cache", [older], report, Counts(left_out=frozenset([KEY])), at)
    assert youtube.asked == []
    assert look_up_videos(store, youtube, [older], MONDAY + 4 * DAY).facts == {KEY: {"video_id": "v"}}
    assert youtube.asked == [True]


def test_what_was_seen_on_a_past_day_says_nothing_of_today(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    look_up_videos(store, youtube, [want()], MONDAY)
    for day in (-3, -2, -1):
        left_out(store, youtube, day)
    assert store.lookups.looked_up("youtube_cache", [KEY])[KEY].missing_since is None
    left_out(store, youtube, 3)
    store.lookups.note_there("youtube_cache", [KEY], MONDAY + DAY)
    assert store.lookups.looked_up("youtube_cache", [KEY])[KEY].missing_since == MONDAY + 3 * DAY


def test_an_album_that_is_gone_is_looked_up_again(store: Store, client: HttpClient) -> None:
    spotify = Tracks(client, "t")
    look_up_tracks(store, spotify, [want()], MONDAY)
    for day in (1, 2, 3):
        at = MONDAY + day * DAY
        report = look_up_tracks(store, spotify, [want()], at)
        note_presence(store, "spotify_cache", [want()], report, Counts(left_out=frozenset([KEY])), at)
    spotify.album = "new"
    report = look_up_tracks(store, spotify, [want()], MONDAY + 4 * DAY)
    assert report.facts == {KEY: {"track_id": "t", "album_id": "new"}}


# What is remembered is verified slowly


def test_a_share_of_what_was_long_not_confirmed_is_verified_each_day(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    wanted = [want(number) for number in range(1, 26)] + [
        Wanted(f"more {number}", Row("Song", "Marrow", 200_000)) for number in range(2 * VERIFIED_SHARE - 25)
    ]
    look_up_videos(store, youtube, wanted, MONDAY)
    asked = len(youtube.asked)
    assert look_up_videos(store, youtube, wanted, LATER - DAY).verified == 0
    assert [look_up_videos(store, youtube, wanted, LATER).verified for _ in range(3)] == [2, 0, 0]
    assert youtube.asked[asked:] == [True, True]
    for day in range(1, VERIFIED_SHARE):
        assert look_up_videos(store, youtube, wanted, LATER + day * DAY).verified == 2
    known = store.lookups.looked_up("youtube_cache", [one.key for one in wanted])
    assert all(one.verified_at is not None for one in known.values())


def test_what_is_confirmed_stays_though_another_would_be_chosen_now(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    look_up_videos(store, youtube, [want()], MONDAY)
    youtube.found = ["newer", "v"]
    report = look_up_videos(store, youtube, [want()], LATER)
    assert (report.facts, report.verified, report.new) == ({KEY: {"video_id": "v"}}, 1, {})


@pytest.mark.parametrize(("found", "kept"), [(["other"], "other"), ([], "v")])
def test_what_is_not_confirmed_gives_way_to_what_is_found_instead_and_to_nothing_else(
    store: Store, client: HttpClient, found: list[str], kept: str
) -> None:
    youtube = Videos(client, "v")
    look_up_videos(store, youtube, [want()], MONDAY)
    youtube.found = found
    look_up_videos(store, youtube, [want()], LATER)
    assert look_up_videos(store, youtube, [want()], LATER + DAY).facts == {KEY: {"video_id": kept}}
    assert len(youtube.asked) == 2


def test_without_spare_quota_nothing_is_verified_and_that_is_no_trouble(store: Store, client: HttpClient) -> None:
    youtube = Videos(client, "v")
    look_up_videos(store, youtube, [want()], MONDAY)
    youtube.spare = False
    report = look_up_videos(store, youtube, [want()], LATER)
    assert (report.error, report.deferred, report.verified) == (None, 0, 0)
    assert report.facts == {KEY: {"video_id": "v"}}


def test_an_answer_that_cannot_be_read_does_not_keep_others_from_being_verified(
    store: Store, client: HttpClient
) -> None:
    class OneUnreadable(Videos):
        def search(self, words: str, *, again: bool = False) -> list[Video]:
            found = super().search(words, again=again)
            if again and words.endswith("Song A"):
                raise MalformedResponse("YouTube", "the answer to /search does not have the expected structure")
            return found

    youtube = OneUnreadable(client, "v")
    look_up_videos(store, youtube, [want(1)], MONDAY)
    look_up_videos(store, youtube, [want(1), want(2)], MONDAY + timedelta(hours=1))
    for day in range(2):
        look_up_videos(store, youtube, [want(1), want(2)], LATER + DAY * (day + 1))
    known = store.lookups.looked_up("youtube_cache", [isrc(1), isrc(2)])
    assert known[isrc(1)].value == {"video_id": "v"}
    assert known[isrc(2)].verified_at == LATER + 2 * DAY
    assert len(youtube.asked) == 4


def test_an_isrc_is_verified_too(store: Store, client: HttpClient) -> None:
    spotify = Tracks(client, "t")
    spotify.told_isrcs = {"t": isrc(5)}
    assert look_up_isrcs(store, spotify, [want()], MONDAY).facts[KEY]["isrc"] == isrc(5)
    spotify.told_isrcs = {"t": isrc(6)}
    report = look_up_isrcs(store, spotify, [want()], LATER)
    assert report.facts[KEY]["isrc"] == report.new[KEY]["isrc"] == isrc(6)
    spotify.told_isrcs = {}
    assert look_up_isrcs(store, spotify, [want()], LATER + VERIFIED_AFTER).facts[KEY]["isrc"] == isrc(6)
