"""Plain reads and writes of one document or one query, on mongomock: they need no server."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.charts.chart_days import ChartedDay
from tunemeld_pipeline.charts.documents import PlaylistDescription, Publication
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.layout import LAYOUT_VERSION
from tunemeld_pipeline.storage.store import Store

DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - DAY, MONDAY + DAY
TROUBLE = Incident(
    incident_id="first", key="run_failed/dance/", kind="run_failed", genre="dance", opened_at=MONDAY, last_seen=MONDAY
)


def put(store: Store, collection: str, *documents: Any, **more: object) -> None:
    """Documents as stored, with further fields besides their model's."""
    store.handle[collection].insert_many([{**to_bson(document), **more} for document in documents])


@pytest.mark.parametrize(("marker", "ready"), [(None, False), (LAYOUT_VERSION - 1, False), (LAYOUT_VERSION, True)])
def test_a_database_is_ready_with_this_releases_layout_only(in_memory: Store, marker: int | None, ready: bool) -> None:
    if marker is not None:
        in_memory.handle["layout"].insert_one({"_id": "layout", "version": marker})
    assert in_memory.layout.ready() is ready


def test_a_document_without_a_version_is_the_older_systems(in_memory: Store) -> None:
    put(in_memory, "track_playlist", service_playlist())
    assert not in_memory.layout.holds_older_documents()
    in_memory.handle["raw_playlists"].insert_one({"genre_name": "dance"})
    assert in_memory.layout.holds_older_documents()


def test_a_run_reads_what_is_not_newer_than_itself(in_memory: Store) -> None:
    put(in_memory, "raw_playlists", raw_playlist(at=SUNDAY), raw_playlist("SoundCloud", at=TUESDAY))
    put(in_memory, "track_playlist", service_playlist(), aggregate((1, 2)))
    put(in_memory, "view_counts_playlists", chart((1, 2)))

    assert [one.service_name for one in in_memory.playlists.raw_playlists("dance", MONDAY)] == ["Spotify"]
    assert in_memory.playlists.service_playlists("dance", MONDAY) == [service_playlist()]
    assert in_memory.playlists.aggregate("dance", MONDAY) == aggregate((1, 2))
    assert in_memory.charts.chart("dance", MONDAY) == in_memory.charts.last_chart("dance", TUESDAY) == chart((1, 2))
    assert in_memory.charts.last_chart("dance", SUNDAY) is None
    with pytest.raises(NothingStored):
        in_memory.charts.chart("rap", MONDAY)


def test_days_that_were_withdrawn_are_left_out_unless_asked_for(in_memory: Store) -> None:
    put(in_memory, "chart_history", chart_day(at=SUNDAY), chart_day(at=SUNDAY, genre="rap"))
    put(in_memory, "chart_history", chart_day(at=MONDAY, numbers=(2,)), chart_day(at=TUESDAY), withdrawn=True)
    charts = in_memory.charts

    assert charts.chart_dates("dance") == ["2026-03-01"]
    assert charts.chart_dates("dance", withdrawn=True) == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [day.date for day in charts.chart_days("dance", "2026-03-04", 5)] == ["2026-03-01"]
    assert charts.charted_days("dance", "2026-03-03", restored_after="2026-03-01") == [
        ChartedDay(date="2026-03-01", chart=[isrc(1), isrc(2), isrc(3)]),
        ChartedDay(date="2026-03-02", chart=[isrc(2)]),
    ]
    day = charts.chart_day("dance", "2026-03-02")
    assert day is not None
    assert day.chart == [isrc(2)]
    assert charts.chart_day("dance", "2026-02-01") is None


def test_a_genre_is_announced_to_readers_once_and_its_publication_is_kept_with_it(in_memory: Store) -> None:
    in_memory.charts.introduce(materialization())
    in_memory.charts.introduce(materialization(run_id="another"))
    written = Publication(at=MONDAY, entries=3, error="the cache is full")
    in_memory.charts.note_publication("dance", written)

    (published,) = in_memory.charts.materializations().values()
    assert published.run_id == "a-run"
    assert in_memory.charts.versions()["dance"].publication == written


def test_what_is_known_of_a_recording_is_found_by_its_id(in_memory: Store) -> None:
    facts = RecordingFacts(
        insert_timestamp=MONDAY,
        run_id="a-run",
        upstream="sandbox",
        track_id=isrc(1),
        isrc=isrc(1),
        track_name="Tin Weather",
        artist_name="The Hollow Kettles",
        track_url="https://example.org/t/1",
    )
    put(in_memory, "recordings", facts, _id=isrc(1))
    assert in_memory.recordings.known([isrc(1), isrc(2)]) == {isrc(1): facts}


def test_a_history_is_found_by_its_isrc(in_memory: Store) -> None:
    for number, first_seen in ((2, MONDAY), (1, SUNDAY)):
        in_memory.handle["historical_track_views"].insert_one(
            {
                "isrc": isrc(number),
                "period": "2026-03",
                "first_seen": first_seen,
                "view_counts": {},
                "schema_version": 3,
            }
            | {"insert_timestamp": MONDAY, "run_id": "a-run", "upstream": "sandbox"}
        )
    asked = [isrc(2), isrc(1), isrc(3)]
    assert in_memory.histories.first_seen(asked) == {isrc(1): SUNDAY, isrc(2): MONDAY}
    assert [one.isrc for one in in_memory.histories.of(asked)] == [isrc(1), isrc(2)]


def test_a_playlists_description_is_kept_for_a_week_and_what_is_known_stays(in_memory: Store) -> None:
    lookups = in_memory.lookups
    known = PlaylistDescription(name="A List", cover_url="https://images.example.org/1", description="Songs")
    lookups.put_playlist_description("Spotify/x", known, MONDAY)

    assert lookups.playlist_description("Spotify/x", MONDAY + 6 * DAY) == known
    assert lookups.playlist_description("Spotify/x", MONDAY + 7 * DAY) is None
    assert lookups.playlist_description("Spotify/y", MONDAY) is None
    assert lookups.last_playlist_description("Spotify/y") == PlaylistDescription()

    lookups.put_playlist_description("Spotify/x", PlaylistDescription(name="Renamed"), MONDAY + 7 * DAY)
    assert lookups.last_playlist_description("Spotify/x") == known.model_copy(update={"name": "Renamed"})


def test_a_look_up_is_found_by_its_key(in_memory: Store) -> None:
    in_memory.handle["isrc_cache"].insert_one(
        {"_id": "AppleMusic:1", "value": {"isrc": isrc(1)}, "method": "search", "decided_at": MONDAY, "attempts": 1}
    )
    known = in_memory.lookups.looked_up("isrc_cache", ["AppleMusic:1", "AppleMusic:2"])
    assert {key: one.value for key, one in known.items()} == {"AppleMusic:1": {"isrc": isrc(1)}}


def test_the_latest_incident_of_a_key_is_the_open_one_or_else_the_one_that_was_over_last(in_memory: Store) -> None:
    incidents = in_memory.incidents
    assert incidents.latest(TROUBLE.key) is None
    ended = [
        TROUBLE.model_copy(update={"incident_id": name, "closed_at": at})
        for name, at in (("second", MONDAY + DAY), ("first", MONDAY))
    ]
    assert [incidents.add(one) for one in ended] == [True, True]
    assert incidents.latest(TROUBLE.key) == ended[0]

    open_one = TROUBLE.model_copy(update={"incident_id": "third", "opened_at": TUESDAY})
    incidents.add(open_one)
    assert incidents.latest(TROUBLE.key) == open_one
    assert [one.incident_id for one in incidents.last_incidents(1)] == ["third"]
    assert incidents.open_now() == [open_one]


@pytest.mark.parametrize("meanwhile", [{"tries": 1}, {"over_told_at": TUESDAY}, {"closed_at": TUESDAY}])
def test_an_incident_that_was_changed_meanwhile_stays_as_it_is(in_memory: Store, meanwhile: Mapping[str, Any]) -> None:
    in_memory.incidents.add(TROUBLE)
    changed = TROUBLE.model_copy(update=dict(meanwhile))
    assert in_memory.incidents.exchange(TROUBLE, changed) == changed

    assert in_memory.incidents.exchange(TROUBLE, TROUBLE.model_copy(update={"told_at": MONDAY})) is None
    assert in_memory.incidents.incident("first") == changed


def test_another_look_at_a_trouble_overtakes_no_change_of_it(in_memory: Store) -> None:
    in_memory.incidents.add(TROUBLE)
    in_memory.incidents.exchange(TROUBLE, TROUBLE.model_copy(update={"last_seen": TUESDAY, "detail": "still"}))
    kept = in_memory.incidents.exchange(TROUBLE, TROUBLE.model_copy(update={"told_at": MONDAY}))
    assert kept is not None
    assert (kept.told_at, kept.last_seen, kept.detail) == (MONDAY, TUESDAY, "still")


def test_documents_are_read_as_they_are_kept_and_others_removed(in_memory: Store) -> None:
    in_memory.handle["playlist_cache"].insert_many([{"_id": key, "name": key.upper()} for key in ("c", "a", "b")])
    transfer = in_memory.transfer

    assert [one["_id"] for one in transfer.documents("playlist_cache")] == ["a", "b", "c"]
    assert transfer.documents_by_id("playlist_cache", ["b", "z"]) == {"b": {"_id": "b", "name": "B"}}
    assert list(transfer.fields("playlist_cache", ["missing"])) == [{"_id": key} for key in ("c", "a", "b")]
    assert transfer.remove_others("playlist_cache", {"a"}) == 2
    assert [one["_id"] for one in transfer.documents("playlist_cache")] == ["a"]
