"""Look-ups already paid for: a value stays, and nothing found is asked again later and later."""

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from tests.documents import MONDAY, isrc
from tunemeld_pipeline.storage.store import Store

DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


def test_a_look_up_that_found_something_is_settled_as_long_as_the_service_has_it(store: Store) -> None:
    store.lookups.remember("youtube_cache", {isrc(1): {"video_id": "v"}}, "search", MONDAY)

    known = store.lookups.looked_up("youtube_cache", [isrc(1), isrc(2)])

    assert known.keys() == {isrc(1)}
    assert known[isrc(1)].value == {"video_id": "v"}
    assert (known[isrc(1)].method, known[isrc(1)].decided_at) == ("search", MONDAY)
    assert known[isrc(1)].is_settled(MONDAY + 3650 * DAY)


def test_a_look_up_that_found_nothing_is_tried_again_after_1_2_4_to_32_days(store: Store) -> None:
    at, waits = MONDAY, []
    for _ in range(8):
        store.lookups.remember("isrc_cache", {"AppleMusic:1": None}, "search", at)
        known = store.lookups.looked_up("isrc_cache", ["AppleMusic:1"])["AppleMusic:1"]
        assert known.value is None
        assert known.retry_after is not None
        assert known.is_settled(known.retry_after - timedelta(seconds=1))
        assert not known.is_settled(known.retry_after)
        waits.append((known.retry_after - at).days)
        at = known.retry_after

    assert waits == [1, 2, 4, 8, 16, 32, 32, 32]


def test_a_value_is_never_overwritten_by_nothing(store: Store) -> None:
    store.lookups.remember("spotify_cache", {isrc(1): {"track_id": "t"}}, "search", MONDAY)
    store.lookups.remember("spotify_cache", {isrc(1): None}, "search", TUESDAY)

    known = store.lookups.looked_up("spotify_cache", [isrc(1)])[isrc(1)]
    assert (known.value, known.retry_after, known.decided_at) == ({"track_id": "t"}, None, MONDAY)


def test_nothing_is_overwritten_by_a_value(store: Store) -> None:
    store.lookups.remember("spotify_cache", {isrc(1): None}, "search", MONDAY)
    store.lookups.remember("spotify_cache", {isrc(1): {"track_id": "t"}}, "isrc_lookup", TUESDAY)

    known = store.lookups.looked_up("spotify_cache", [isrc(1)])[isrc(1)]
    assert (known.value, known.retry_after, known.method) == ({"track_id": "t"}, None, "isrc_lookup")


def test_a_value_that_is_known_already_changes_nothing(store: Store, mongo_database: Database[Json]) -> None:
    store.lookups.remember("spotify_cache", {isrc(1): {"track_id": "t", "album_id": "a"}}, "search", MONDAY)
    before = mongo_database["spotify_cache"].find_one()

    store.lookups.remember("spotify_cache", {isrc(1): {"track_id": "t", "album_id": "a"}}, "isrc_lookup", TUESDAY)

    assert mongo_database["spotify_cache"].find_one() == before


def test_more_look_ups_than_one_batch_holds_are_all_kept(store: Store) -> None:
    store.lookups.remember("isrc_cache", {f"k{number}": {"isrc": "$x.y"} for number in range(23)}, "search", MONDAY)

    assert len(store.lookups.looked_up("isrc_cache", [f"k{number}" for number in range(30)])) == 23
