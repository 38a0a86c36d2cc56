"""Which counts are fetched, in how many calls, and what is missing where some get no answer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from tests.documents import isrc, service_playlist
from tunemeld_pipeline.errors import NotFound, QuotaExhausted, UpstreamError, UpstreamUnavailable, degrading
from tunemeld_pipeline.services.spotify.counts import play_counts as spotify_counts
from tunemeld_pipeline.services.youtube.counts import view_counts as youtube_counts
from tunemeld_pipeline.upstream.client import HttpClient, Limits
from tunemeld_pipeline.upstream.counts import Charted
from tunemeld_pipeline.upstream.listed_counts import counts_on_list
from tunemeld_pipeline.upstream.service_client import no_known_error


class Counter:
    """A source that counts what a call names, and notes the calls."""

    def __init__(
        self, client: HttpClient, counts: Mapping[str, int | None], refused: Mapping[str, UpstreamError]
    ) -> None:
        self.client = client
        self.asked: list[tuple[str, ...]] = []
        self._counts = counts
        self._refused = refused

    def view_counts(self, video_ids: Sequence[str]) -> dict[str, int | None]:
        self.asked.append(tuple(video_ids))
        for video in video_ids:
            if video in self._refused:
                raise self._refused[video]
        return {video: self._counts[video] for video in video_ids if video in self._counts}

    def play_counts(self, album_id: str, track_ids: Sequence[str]) -> dict[str, int | None]:
        self.asked.append((album_id,))
        if album_id in self._refused:
            raise self._refused[album_id]
        return {track: count for track, count in self._counts.items() if track.startswith(album_id)}


def test_what_a_list_shows_counts_on_the_day_on_which_it_was_read() -> None:
    listed = [service_playlist("Spotify", (1, 2), play_counts={1: 900})]
    evening, night = datetime(2026, 3, 3, 23, tzinfo=UTC), datetime(2026, 3, 4, 2, 30, tzinfo=UTC)

    assert counts_on_list("Spotify", Charted((), listed, evening)).counts == {isrc(1): 900}
    assert counts_on_list("Spotify", Charted((), listed, night, {"Spotify": night})).counts == {isrc(1): 900}
    assert counts_on_list("Spotify", Charted((), listed, night, {"Spotify": evening})).counts == {}


@pytest.fixture
def client() -> Iterator[HttpClient]:
    limits = Limits(attempts=1, first_wait=0, request_timeout=1, call_deadline=1, threads=2)
    with HttpClient("Nobody", "http://127.0.0.1:9", {}, limits, no_known_error) as opened:
        yield opened


def test_fifty_videos_go_into_one_call(client: HttpClient) -> None:
    youtube = Counter(client, {f"v{number}": number for number in range(120)}, {})

    counted = youtube_counts(youtube, {isrc(number): f"v{number}" for number in range(120)})

    assert sorted(len(call) for call in youtube.asked) == [20, 50, 50]
    assert counted.counts == {isrc(number): number for number in range(120)}
    assert counted.error is None


@pytest.mark.parametrize(("videos", "calls"), [(0, []), (49, [49]), (50, [50]), (51, [1, 50])])
def test_a_call_holds_fifty_videos_at_most(client: HttpClient, videos: int, calls: list[int]) -> None:
    youtube = Counter(client, {}, {})

    youtube_counts(youtube, {isrc(number): f"v{number}" for number in range(videos)})

    assert sorted(len(call) for call in youtube.asked) == calls


def test_a_video_that_is_gone_has_no_count(client: HttpClient) -> None:
    counted = youtube_counts(Counter(client, {"here": 5}, {}), {isrc(1): "here", isrc(2): "private"})

    assert counted.counts == {isrc(1): 5}
    assert (counted.there, counted.left_out) == ({isrc(1)}, {isrc(2)})


def test_a_video_that_hides_its_views_is_there_without_a_count(client: HttpClient) -> None:
    counted = youtube_counts(Counter(client, {"here": 5, "hidden": None}, {}), {isrc(1): "here", isrc(2): "hidden"})

    assert counted.counts == {isrc(1): 5}
    assert (counted.there, counted.left_out) == ({isrc(1), isrc(2)}, set())


def test_what_was_not_answered_is_not_left_out(client: HttpClient) -> None:
    down = UpstreamUnavailable("Spotify", "does not answer")

    counted = spotify_counts(
        Counter(client, {"good-a": 7}, {"bad": down}), {isrc(1): ("bad-a", "bad"), isrc(2): ("good-b", "good")}
    )

    assert (counted.there, counted.left_out) == (set(), {isrc(2)})


def test_a_source_that_has_none_of_many_proves_nothing(client: HttpClient) -> None:
    counted = youtube_counts(Counter(client, {}, {}), {isrc(number): f"v{number}" for number in range(5)})

    assert counted.left_out == set()


def test_two_tracks_with_one_video_ask_for_it_once(client: HttpClient) -> None:
    youtube = Counter(client, {"one": 5}, {})

    assert youtube_counts(youtube, {isrc(1): "one", isrc(2): "one"}).counts == {isrc(1): 5, isrc(2): 5}
    assert youtube.asked == [("one",)]


def test_tracks_of_one_album_share_one_call(client: HttpClient) -> None:
    spotify = Counter(client, {"album-a": 7, "album-b": 8, "other-a": 9}, {})

    counted = spotify_counts(
        spotify, {isrc(1): ("album-a", "album"), isrc(2): ("album-b", "album"), isrc(3): ("other-a", "other")}
    )

    assert sorted(spotify.asked) == [("album",), ("other",)]
    assert counted.counts == {isrc(1): 7, isrc(2): 8, isrc(3): 9}


def test_one_call_that_fails_costs_only_its_own_counts(client: HttpClient) -> None:
    down = UpstreamUnavailable("Spotify", "does not answer")

    counted = spotify_counts(
        Counter(client, {"good-a": 7}, {"bad": down}), {isrc(1): ("bad-a", "bad"), isrc(2): ("good-a", "good")}
    )

    assert counted.counts == {isrc(2): 7}
    assert degrading(counted.error, "live") is down


def test_running_out_of_a_quota_is_no_failure(client: HttpClient) -> None:
    used_up = QuotaExhausted("YouTube", "used up")

    counted = youtube_counts(Counter(client, {}, {"v": used_up}), {isrc(1): "v"})

    assert counted.error is used_up
    assert degrading(counted.error, "live") is None


def test_an_album_that_is_gone_is_a_count_less_and_no_failure(client: HttpClient) -> None:
    gone = NotFound("Spotify", "answered 404")

    counted = spotify_counts(
        Counter(client, {"good-a": 7}, {"gone": gone}), {isrc(1): ("gone-a", "gone"), isrc(2): ("good-a", "good")}
    )

    assert (counted.counts, counted.error) == ({isrc(2): 7}, None)
    assert counted.left_out == {isrc(1)}


def test_calls_that_got_no_answer_and_those_that_a_series_ended_before_are_reported(client: HttpClient) -> None:
    gone, refused = NotFound("Spotify", "answered 404"), QuotaExhausted("Spotify", "used up")
    spotify = Counter(client, {"good-a": 7}, {"gone": gone, "third": refused})
    albums = ("good", "gone", "third", "fourth", "fifth", "sixth")

    counted = spotify_counts(spotify, {isrc(number): (f"{album}-a", album) for number, album in enumerate(albums)})

    assert len(spotify.asked) == 4
    assert counted.unanswered == 3


def test_a_source_that_knows_nothing_at_all_is_a_failure_but_in_a_replay(client: HttpClient) -> None:
    gone = NotFound("Spotify", "answered 404")

    counted = spotify_counts(Counter(client, {}, {"gone": gone}), {isrc(1): ("gone-a", "gone")})

    assert degrading(counted.error, "live") is gone
    assert degrading(counted.error, "replay") is None
