"""ISRCs that a list leaves out and the service's tracks have: what a day asks for, and what it lacks where no answer comes."""

from collections.abc import Callable

import pytest

from tests.assets.conftest import TUESDAY, WEDNESDAY, Materializer, Result, days_after, degraded, metadata_of, moment
from tests.conftest import GenreRunner
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.store import Store

SERVICE = "Deezer"
FRIDAY = days_after(TUESDAY, 3)
"""The lists change on that day."""


def without_isrc(store: Store, day: str) -> set[str]:
    """The rows of the day's list that lack one."""
    (raw,) = (one for one in store.playlists.raw_playlists("dance", moment(day)) if one.service_name == SERVICE)
    rows: list[PlaylistRow] = parse_playlist(SERVICE, raw.data_json, raw.source).rows
    return {row.key for row in rows if not row.described.isrc}


def asked(faults: Faults) -> int:
    """How many of its tracks were asked for since it was looked at last; its list is one call."""
    requests = faults.requests()["deezer"]
    faults.reset_requests()
    assert requests.pop("playlist") == 1
    assert requests.keys() <= {"track"}
    return requests.get("track", 0)


@pytest.fixture
def run(materialize: Materializer) -> Callable[[str], Result]:
    """Both stages on a day."""
    return lambda day: materialize(raw_playlists, track_playlist, as_of=day)


def test_each_track_is_asked_for_on_the_first_day_that_lists_it(
    run: Callable[[str], Result], store: Store, faults: Faults
) -> None:
    first = metadata_of(run(TUESDAY), "track_playlist")
    known = without_isrc(store, TUESDAY)
    assert asked(faults) == len(known) > 0
    assert (first["own_isrcs/deezer/asked"], first["own_isrcs/deezer/known"]) == (len(known), 0)
    listed = next(
        one for one in store.playlists.service_playlists("dance", moment(TUESDAY)) if one.service_name == SERVICE
    )
    assert all(track.isrc for track in listed.tracks)

    second = metadata_of(run(WEDNESDAY), "track_playlist")
    assert (asked(faults), second["own_isrcs/deezer/known"]) == (0, len(known))

    run(FRIDAY)
    new = without_isrc(store, FRIDAY) - known
    assert asked(faults) == len(new) < len(known)


def test_tracks_that_do_not_answer_cost_their_isrcs_and_nothing_else(
    run: Callable[[str], Result], store: Store, faults: Faults, run_genre: GenreRunner
) -> None:
    faults.add("deezer", "500", endpoint="track", times=None)
    result = run(TUESDAY)
    assert degraded(run_genre, result) == {"Deezer ISRCs"}
    why = "Deezer: it says that it is busy; the next run tries again"
    assert metadata_of(result, "track_playlist")["degraded/Deezer ISRCs"] == why
    assert store.playlists.aggregate("dance", moment(TUESDAY)).tracks

    faults.clear()
    faults.reset_requests()
    again = run(WEDNESDAY)
    assert degraded(run_genre, again) == set()
    assert asked(faults) == len(without_isrc(store, WEDNESDAY))
