"""What is withheld: kept with its reason, followed to new ids, left out for visitors alone, and carried by backups."""

from datetime import timedelta

import pytest

from tests.documents import (
    MONDAY,
    aggregate,
    chart,
    chart_day,
    isrc,
    materialization,
    recording,
    service_playlist,
    track,
)
from tests.storage.acts import finish, put_recordings
from tunemeld_pipeline.charts.withholding import _LEFT, Withholding
from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.storage.shapes import SHAPES
from tunemeld_pipeline.storage.store import Store

TUESDAY = MONDAY + timedelta(days=1)
UNSEEN_BY_VISITORS = {
    "playlist_cache": "names that runs reuse",
    "isrc_cache": "look-ups of runs",
    "youtube_cache": "look-ups of runs",
    "spotify_cache": "look-ups of runs",
    "api_usage": "quotas",
    "source_states": "how sources of lists have answered",
    "incidents": "alarms",
    "withheld": "this itself",
    "search_words": "words alone, of which a search reads no document",
    "historical_track_views": "read as readings, which leave out what is withheld by ISRC and source",
}
"""Collections of which no document is read for visitors as its model, and why."""


def withheld_track(number: int, *more: str) -> Withholding:
    return Withholding(kind="track", key=isrc(number), ids=[isrc(number), *more], reason="a wish", withheld_at=MONDAY)


def test_what_is_withheld_is_kept_and_taken_back(store: Store) -> None:
    one = withheld_track(2)
    store.withholdings.put(one)
    assert store.withholdings.all() == [one]
    assert store.withholdings.now().hides_recording([isrc(2)])
    store.withholdings.put(one.model_copy(update={"taken_back_at": TUESDAY}))
    assert [kept.taken_back_at for kept in store.withholdings.all()] == [TUESDAY]
    assert not store.withholdings.now()


def test_visitors_see_nothing_of_it_and_runs_see_everything(store: Store) -> None:
    store.playlists.put_track_playlists([service_playlist()], aggregate())
    store.charts.put_chart(chart())
    put_recordings(store, [recording(number) for number in (1, 2, 3)])
    finish(store, MONDAY, {isrc(number): {"Youtube": number} for number in (1, 2, 3)})
    store.withholdings.put(withheld_track(2))

    with store.for_visitors() as view:
        assert [row.rank for row in view.charts.chart("dance", MONDAY).tracks] == [1, 3]
        assert [row.rank for row in view.playlists.aggregate("dance", MONDAY).tracks] == [1, 3]
        (listed,) = view.playlists.service_playlists("dance", MONDAY)
        assert [row.rank for row in listed.tracks] == [1, 3]
        day = view.charts.chart_day("dance", f"{MONDAY:%Y-%m-%d}")
        assert day is not None
        assert day.chart == [isrc(1), None, isrc(3)]
        assert set(view.recordings.known([isrc(1), isrc(2)])) == {isrc(1)}
        assert set(view.histories.readings_since([isrc(1), isrc(2)], MONDAY)) == {isrc(1)}
        assert view.withheld.changed_at == MONDAY
    assert len(store.charts.chart("dance", MONDAY).tracks) == 3
    assert set(store.recordings.known([isrc(2)])) == {isrc(2)}
    assert store.histories.readings_since([isrc(2)], MONDAY)


def test_a_withheld_source_leaves_the_readings(store: Store) -> None:
    finish(store, MONDAY, {isrc(1): {"Youtube": 1, "Spotify": 2}})
    store.withholdings.put(Withholding(kind="service", key="Youtube", ids=[], reason="a wish", withheld_at=MONDAY))
    with store.for_visitors() as view:
        assert list(view.histories.readings_since([isrc(1)], MONDAY)[isrc(1)]) == ["Spotify"]


def test_every_change_is_a_new_version_of_every_genre(store: Store) -> None:
    for genre in ("dance", "pop"):
        finish(store, MONDAY, {}, genre=genre)
    before = {genre: one.version for genre, one in store.charts.materializations().items()}
    later = TUESDAY + timedelta(hours=1)
    store.withholdings.put(withheld_track(2).model_copy(update={"withheld_at": later}))
    after = store.charts.materializations()
    assert {genre: one.version - 1 for genre, one in after.items()} == before
    assert {one.finished_at for one in after.values()} == {later}
    assert {one.as_of for one in after.values()} == {MONDAY}


def test_a_withheld_recording_is_followed_to_the_ids_that_it_gets_later(store: Store) -> None:
    store.withholdings.put(withheld_track(2, "SoundCloud:soundcloud-2"))
    store.withholdings.put(Withholding(kind="artist", key="Singer 5", ids=[], reason="a wish", withheld_at=MONDAY))
    row = track(2, 1).model_copy(update={"track_id": isrc(99), "isrc": isrc(99), "service_track_id": None})
    with_old_id = chart((99,)).tracks[0].model_copy(update={"other_ids": ["SoundCloud:soundcloud-2"]})
    store.withholdings.follow([row, with_old_id, track(5, 2), track(6, 3)])
    hidden = store.withholdings.now()
    assert hidden.hides_recording([isrc(99)])
    assert hidden.hides_recording([isrc(5)])
    assert not hidden.hides_recording([isrc(6)])


def test_a_recording_is_found_by_id_isrc_or_address_and_by_all_ids_that_charts_knew(store: Store) -> None:
    facts = recording(1).model_copy(update={"track_urls": {"SoundCloud": "https://example.org/SoundCloud/1"}})
    put_recordings(store, [facts, recording(2)])
    for key in (isrc(1), facts.track_url, "https://example.org/SoundCloud/1"):
        assert [one.track_id for one in store.withholdings.recordings_known_by(key)] == [isrc(1)]
    assert store.withholdings.recordings_known_by("$track_id") == []
    day = chart_day().model_copy(update={"other_ids": {isrc(1): ["SoundCloud:1"]}})
    store.charts.finish({}, day, materialization())
    assert store.withholdings.other_ids([isrc(1)]) == {isrc(1), "SoundCloud:1"}


def test_a_withholding_that_cannot_be_read_hides_the_rest_until_it_can(store: Store) -> None:
    store.withholdings.put(withheld_track(2))
    store.handle["withheld"].update_one({}, {"$set": {"ids": 5}}, bypass_document_validation=True)
    with pytest.raises(UnreadableDocument, match="withheld track/"), store.for_visitors():
        pass


def test_it_is_decided_what_visitors_see_of_every_kind_of_document() -> None:
    undecided = {
        collection
        for collection, shape in SHAPES.items()
        for variant in shape.variants
        if not any(issubclass(variant.model, kind) for kind in _LEFT)
    }
    assert undecided == set(UNSEEN_BY_VISITORS)
