"""The data behind the page: genres in every state that a visitor can meet. They come from real runs on the sandbox, and from
documents written through the store for states that the sandbox never plays. The server and browser on top are in `conftest.py`."""

from datetime import timedelta

from tests.django_backend.conftest import refresh
from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.charts.documents import Chart
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

LIVELY, STALE, LONG, EMPTY = "dance", "pop", "rap", "country"
"""Genres: several days with a gap between them; one service gone on the last day; 300 tracks; never refreshed."""

DAYS = ("2025-11-11", "2025-11-18", "2025-11-19")
"""The days of the lively genre: a reading seven days before the last one, and days without data."""

TRACKS = 300
HISTORY_DAYS = 8
EVIL = "<script>document.title='pwned'</script><img src=x onerror=alert(1)>"


def fill(settings: Settings, mongod_url: str, sandbox_root: str) -> None:
    """Makes all of these genres."""
    for day in DAYS:
        refresh(settings, day, LIVELY)
    refresh(settings, DAYS[-2], STALE)
    faults = Faults(sandbox_root)
    faults.add("apple_music", "403", times=None)
    try:
        refresh(settings, DAYS[-1], STALE)
    finally:
        faults.clear()
    with connect(mongod_url) as client:
        write_long_chart(Store(client[settings.database_name]))


def write_long_chart(store: Store, genre: str = LONG, tracks: int = TRACKS) -> None:
    """A chart of 300 tracks, the first three with odd titles, and their counts for eight days."""
    numbers = range(1, tracks + 1)
    for service in keys():
        store.playlists.put_raw_playlist(raw_playlist(service, genre=genre))
    services = [service_playlist(service, numbers, genre=genre) for service in keys()]
    store.playlists.put_track_playlists(services, aggregate(numbers, genre=genre))
    store.charts.put_chart(_with_odd_titles(chart(numbers, genre=genre)))
    for back in reversed(range(HISTORY_DAYS)):
        at = MONDAY - timedelta(days=back)
        readings = {
            isrc(number): {"Spotify": 1000 * number * (HISTORY_DAYS - back), "Youtube": 500 * number * (20 - back)}
            for number in numbers
        }
        day = chart_day(at=at, genre=genre, numbers=numbers)
        store.charts.finish(readings, day, materialization(at=at, genre=genre))


def _with_odd_titles(long: Chart) -> Chart:
    evil, formula, wide = (long.tracks[index] for index in range(3))
    evil.track_name = evil.artist_name = EVIL
    evil.track_url = "javascript:alert(1)"
    evil.album_cover_url = "javascript:alert(2)"
    formula.track_name = '=HYPERLINK("http://evil.example")'
    wide.track_name = "Donaudampfschifffahrtsgesellschaftskapitän" * 4
    return long
