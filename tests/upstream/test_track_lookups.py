"""ISRCs by a service's own ids: each track is asked for once, and judged against its row."""

from collections.abc import Iterator

import pytest

from tests.documents import MONDAY, isrc
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.errors import UpstreamUnavailable
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import HttpClient, Limits
from tunemeld_pipeline.upstream.service_client import no_known_error
from tunemeld_pipeline.upstream.track_lookups import look_up_isrcs_by_id


class Tracks:
    """A service that has these tracks, and notes which it is asked for."""

    def __init__(self, client: HttpClient, **tracks: Row) -> None:
        self.client = client
        self.tracks = tracks
        self.asked: list[str] = []
        self.down = False

    def recording(self, track_id: str) -> Row | None:
        if self.down:
            raise UpstreamUnavailable("Deezer", "it says that it is busy")
        self.asked.append(track_id)
        return self.tracks.get(track_id)


@pytest.fixture
def client() -> Iterator[HttpClient]:
    limits = Limits(attempts=1, first_wait=0, request_timeout=1, call_deadline=1, threads=2)
    with HttpClient("Nobody", "http://127.0.0.1:9", {}, limits, no_known_error) as opened:
        yield opened


def listed(track_id: str, title: str = "Song A", artist: str = "Marrow") -> PlaylistRow:
    row = Row(title, artist, 200_000, service="Deezer", key=f"Deezer:{track_id}")
    return PlaylistRow("Deezer", 1, track_id, f"https://www.deezer.com/track/{track_id}", row)


def test_a_track_is_asked_for_its_isrc_once_and_that_it_has_none_is_remembered_too(
    store: Store, client: HttpClient
) -> None:
    tracks = Tracks(client, a=Row("Song A", "Marrow, Kestrel", 200_000, isrc(1)), b=Row("Song B", "Marrow", 200_000))
    rows = [listed("a"), listed("b", "Song B"), listed("gone", "Song C")]
    found, report = look_up_isrcs_by_id(store, tracks, rows, MONDAY)
    assert found == {"Deezer:a": isrc(1)}
    assert (report.asked, report.found, report.error) == (3, 1, None)
    again, report = look_up_isrcs_by_id(store, tracks, [*rows, listed("d", "Song D")], MONDAY)
    assert (again, report.known, report.asked) == (found, 1, 1)
    assert sorted(tracks.asked) == ["a", "b", "d", "gone"]


@pytest.mark.parametrize("shown", [("Another Song", 200_000), ("Song A (Live)", 260_000)])
def test_a_track_that_is_shown_in_place_of_another_gives_it_no_isrc(
    store: Store, client: HttpClient, shown: tuple[str, int]
) -> None:
    title, length = shown
    tracks = Tracks(client, a=Row(title, "Marrow", length, isrc(1)))
    assert look_up_isrcs_by_id(store, tracks, [listed("a")], MONDAY)[0] == {}


def test_what_does_not_answer_is_asked_again_another_time(store: Store, client: HttpClient) -> None:
    tracks = Tracks(client, a=Row("Song A", "Marrow", 200_000, isrc(1)))
    tracks.down = True
    found, report = look_up_isrcs_by_id(store, tracks, [listed("a")], MONDAY)
    assert (found, report.deferred) == ({}, 1)
    assert isinstance(report.error, UpstreamUnavailable)
    tracks.down = False
    assert look_up_isrcs_by_id(store, tracks, [listed("a")], MONDAY)[0] == {"Deezer:a": isrc(1)}
