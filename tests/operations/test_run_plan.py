"""What a run would call, judged from what is stored: no look-up is planned of which the answer is remembered."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.documents import MONDAY, aggregate, isrc, service_playlist
from tunemeld_pipeline.operations.run_plan import plan_run
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.stages import Stage
from tunemeld_pipeline.storage.store import Store

LATER = MONDAY + timedelta(hours=1)
SEARCHES = "ISRC look-ups"
TRACKS = "ISRCs of Deezer's tracks"


def expected(store: Store, settings: Settings) -> dict[str, int]:
    """The calls for ISRCs, by purpose."""
    (plan,) = plan_run(store, settings, [load_catalog().genre("dance")], Stage.TRANSFORM, LATER, {})
    return {call.purpose: call.units for call in plan.calls if call.purpose in (SEARCHES, TRACKS)}


@pytest.fixture
def listed(store: Store) -> Store:
    """Three rows on Deezer's list, and one on Apple Music's, of which no ISRC is known."""
    lists = [
        one.model_copy(
            update={
                "tracks": [
                    track.model_copy(
                        update={
                            "isrc": None,
                            "track_id": f"{service}:{track.rank}",
                            "service_track_id": str(track.rank),
                        }
                    )
                    for track in one.tracks
                ]
            }
        )
        for service, numbers in (("Deezer", (1, 2, 3)), ("AppleMusic", (4,)))
        for one in [service_playlist(service, numbers)]
    ]
    store.playlists.put_track_playlists(lists, aggregate([9]))
    return store


@pytest.mark.parametrize(
    ("remembered", "calls"),
    [
        ([], {TRACKS: 3, SEARCHES: 4}),
        (["id:Deezer:1"], {TRACKS: 2, SEARCHES: 3}),
        (["list:Deezer:1", "deezer:AppleMusic:1"], {TRACKS: 2, SEARCHES: 2}),
        (["Deezer:1", "Deezer:2", "Deezer:3", "AppleMusic:1"], {}),
    ],
)
def test_a_look_up_is_planned_for_rows_of_which_no_isrc_is_remembered(
    listed: Store, settings: Settings, remembered: Sequence[str], calls: dict[str, int]
) -> None:
    answers = {key: {"isrc": isrc(number)} for number, key in enumerate(remembered, 1)}
    listed.lookups.remember("isrc_cache", answers, "search", MONDAY)

    assert expected(listed, settings) == calls


def test_what_was_not_found_today_is_not_asked_for_again_today(listed: Store, settings: Settings) -> None:
    listed.lookups.remember("isrc_cache", dict.fromkeys(["id:Deezer:1", "Deezer:2", "AppleMusic:1"]), "search", MONDAY)

    assert expected(listed, settings) == {TRACKS: 2, SEARCHES: 2}
