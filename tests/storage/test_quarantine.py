"""Unreadable documents: what finds them, what puts them aside, and what can be read of a history all the same."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Int64
from pymongo.database import Database

from tests.documents import MONDAY, aggregate, chart, isrc, materialization, raw_playlist, recording, service_playlist
from tests.storage.acts import put_recordings
from tunemeld_pipeline.charts.documents import HistoryPeriod
from tunemeld_pipeline.errors import NewerDocument, NewerLayout, UnreadableDocument
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.layout import COLLECTIONS, LAYOUT_VERSION
from tunemeld_pipeline.storage.quarantine import salvaged
from tunemeld_pipeline.storage.shapes import SHAPES
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


def test_every_collection_has_a_shape() -> None:
    assert {spec.name for spec in COLLECTIONS} - {"quarantine"} == set(SHAPES)


def put(database: "Database[Json]", collection: str, document: Json) -> None:
    database[collection].insert_one(document, bypass_document_validation=True)


def test_a_document_is_named_with_its_collection_id_field_and_remedy(
    store: Store, mongo_database: "Database[Json]"
) -> None:
    document = to_bson(chart())
    del document["tracks"][1]["match"]["method"]
    put(mongo_database, "view_counts_playlists", document)

    with pytest.raises(UnreadableDocument) as raised:
        store.charts.chart("dance", MONDAY)

    assert raised.value.field == "tracks.1.match.method"
    assert raised.value.document_id == str(document["_id"])
    assert str(raised.value) == (
        f"view_counts_playlists dance Aggregate (_id {document['_id']}): a Chart document does not have its shape at"
        " tracks.1.match.method: Field required; the next run of its genre writes it anew"
    )
    assert store.charts.last_chart("dance", MONDAY) is None


def test_what_is_put_aside_is_kept_and_the_new_document_takes_its_place(
    store: Store, mongo_database: "Database[Json]"
) -> None:
    before = to_bson(chart(at=MONDAY + timedelta(days=1))) | {"coverage": "x"}
    put(mongo_database, "view_counts_playlists", before)

    assert store.charts.put_chart(chart())  # an unreadable newer one is none

    assert store.charts.last_chart("dance", MONDAY) == chart()
    kept = mongo_database["quarantine"].find_one()
    assert kept is not None
    assert (kept["collection"], kept["field"], kept["by"], kept["original"]) == (
        "view_counts_playlists", "coverage", "a-run", before,
    )  # fmt: skip
    assert [error.name for error in store.unreadable] == ["view_counts_playlists dance Aggregate"]


@pytest.mark.parametrize("collection", ["raw_playlists", "track_playlist", "view_counts_playlists"])
def test_a_document_of_a_newer_release_is_never_overwritten(
    collection: str, store: Store, mongo_database: "Database[Json]"
) -> None:
    made = {"raw_playlists": raw_playlist(), "track_playlist": service_playlist(), "view_counts_playlists": chart()}
    newer = to_bson(made[collection]) | {"schema_version": Int64(9)}
    put(mongo_database, collection, newer)

    with pytest.raises(NewerDocument, match=f"{collection} dance .* was written by a newer release"):
        {
            "raw_playlists": lambda: store.playlists.put_raw_playlist(raw_playlist()),
            "track_playlist": lambda: store.playlists.put_track_playlists([service_playlist()], aggregate()),
            "view_counts_playlists": lambda: store.charts.put_chart(chart()),
        }[collection]()

    store.playlists.mark_raw_playlist_stale("dance", raw_playlist().service_name, MONDAY, "it is down")
    assert mongo_database[collection].find_one() == newer
    assert mongo_database["quarantine"].find_one() is None


def test_one_unreadable_recording_or_genre_leaves_the_others(store: Store, mongo_database: "Database[Json]") -> None:
    put_recordings(store, [recording(1), recording(2)])
    store.charts.introduce(materialization(genre="pop"))
    mongo_database["recordings"].update_one(
        {"_id": isrc(1)}, {"$set": {"track_id": isrc(9)}}, bypass_document_validation=True
    )
    put(mongo_database, "materializations", {"_id": "dance", **to_bson(materialization()), "publication": "x"})

    assert list(store.recordings.known([isrc(1), isrc(2)])) == [isrc(2)]
    assert list(store.charts.materializations()) == list(store.charts.versions()) == ["pop"]
    assert {(error.collection, error.field) for error in store.unreadable} == {
        ("recordings", "track_id"), ("materializations", "publication"),
    }  # fmt: skip


def test_only_the_parts_of_a_history_that_cannot_be_read_are_dropped() -> None:
    reading = {"current_timestamp": MONDAY, "view_count": 5}
    broken = {**reading, "view_count": "5"}
    history: Json = {
        "isrc": isrc(1), "period": "2026-03", "first_seen": MONDAY, "insert_timestamp": "x", "upstream": "sandbox",
        "view_counts": {
            "Spotify": {"01": reading, "02": broken, "03": {}, "04": reading}, "Youtube": "many", "SoundCloud": {"01": reading},
        },
    }  # fmt: skip

    left = salvaged(HistoryPeriod, history, {"insert_timestamp": MONDAY, "run_id": "a-run"})

    assert left == {
        **history,
        "insert_timestamp": MONDAY,
        "run_id": "a-run",
        "view_counts": {"Spotify": {"01": reading, "04": reading}, "SoundCloud": {"01": reading}},
    }
    assert salvaged(HistoryPeriod, {**history, "isrc": 7}, {}) is None


def test_a_layout_of_a_newer_release_is_kept_until_somebody_goes_back(
    store: Store, mongo_database: "Database[Json]"
) -> None:
    layout = mongo_database["layout"]
    try:
        layout.update_one({"_id": "layout"}, {"$set": {"version": LAYOUT_VERSION + 1}})
        with pytest.raises(NewerLayout, match="prepared by a newer release"):
            store.layout.prepare()
        store.layout.prepare(going_back=True)
        assert store.layout.ready()
        layout.update_one({"_id": "layout"}, {"$set": {"version": "x"}})
        assert not store.layout.ready()
        store.layout.prepare()
        assert store.layout.ready()
    finally:
        store.layout.prepare(going_back=True)
