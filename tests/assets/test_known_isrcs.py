"""An ISRC that a list said stays known for the track, whatever a later list leaves out."""

from datetime import timedelta

from tests.documents import MONDAY
from tunemeld_pipeline.assets.known_isrcs import known_isrcs
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.storage.store import Store

FIRST, SECOND = "QZZ992600011", "QZZ992600022"
TUESDAY = MONDAY + timedelta(days=1)


def listing(*isrcs: str | None, service: str = "Wavelet") -> Listing:
    """A list whose tracks 1, 2, … have these ISRCs."""
    rows = [
        PlaylistRow(
            service, number, str(number), "", Row(f"Song {number}", "Ona Vale", isrc=isrc, key=f"{service}:{number}")
        )
        for number, isrc in enumerate(isrcs, start=1)
    ]
    return Listing(rows, len(rows), [])


def test_it_works(store: Store) -> None:
    assert known_isrcs(store, [listing(FIRST, None)], MONDAY) == {}
    assert known_isrcs(store, [listing(None, None, SECOND)], TUESDAY) == {"Wavelet:1": FIRST}
    assert known_isrcs(store, [listing(None, None, None)], TUESDAY) == {"Wavelet:1": FIRST, "Wavelet:3": SECOND}


def test_a_list_that_has_an_isrc_says_it_itself_and_the_newest_stays(store: Store) -> None:
    known_isrcs(store, [listing(FIRST)], MONDAY)
    assert known_isrcs(store, [listing(SECOND)], TUESDAY) == {}
    assert known_isrcs(store, [listing(None)], TUESDAY) == {"Wavelet:1": SECOND}


def test_tracks_of_other_services_are_others(store: Store) -> None:
    known_isrcs(store, [listing(FIRST)], MONDAY)
    assert known_isrcs(store, [listing(None, service="Tidal")], TUESDAY) == {}
