"""Each verb of the store, on a real MongoDB: what it keeps, what it refuses, and what it never overwrites."""

import socket
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from bson import Int64
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import WriteError
from pymongo.monitoring import CommandListener, CommandStartedEvent

from tests.documents import (
    MONDAY,
    aggregate,
    chart,
    chart_day,
    isrc,
    materialization,
    raw_playlist,
    service_playlist,
)
from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.documents import (
    SCHEMA_VERSION,
    Chart,
    ChartedDay,
    Incident,
    PlaylistDescription,
    RawPlaylist,
    RecordingFacts,
)
from tunemeld_pipeline.errors import (
    DatabaseUnavailable,
    NothingStored,
    QuotaExhausted,
    StoreError,
    TuneMeldError,
)
from tunemeld_pipeline.storage import connection
from tunemeld_pipeline.storage.budgets import Purpose, StoredBudget
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import read, to_bson
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

SPOTIFY, SOUNDCLOUD = Service.SPOTIFY, Service.SOUNDCLOUD
DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - DAY, MONDAY + DAY
PASSWORD = "hunter2-in-the-url"
PROCESSES = 8
Json = dict[str, Any]
Act = Callable[[Store, int], Any]


@pytest.fixture(scope="module")
def prepared(mongod_url: str) -> Iterator[Database[Json]]:
    """One database for all tests of this file: preparing and dropping one takes half a second."""
    with connect(mongod_url) as client:
        database = client[f"{uuid.uuid4().hex}_test"]
        Store(database).layout.prepare()
        try:
            yield database
        finally:
            client.drop_database(database)


@pytest.fixture
def mongo_database(prepared: Database[Json]) -> Database[Json]:
    """The prepared database, without documents."""
    for spec in COLLECTIONS:
        prepared[spec.name].delete_many({})
    return prepared


@pytest.fixture
def store(mongo_database: Database[Json]) -> Store:
    return Store(mongo_database, batch_size=5)


def in_process(url: str, database: str, act: Act, number: int, begin: float) -> Any:
    with connect(url) as client:
        client.admin.command("ping")
        time.sleep(max(0, begin - time.time()))
        return act(Store(client[database], batch_size=5), number)


@pytest.fixture(scope="module")
def pool(clean_processes: ForkServerContext) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=clean_processes) as opened:
        yield opened


@pytest.fixture
def at_once(pool: ProcessPoolExecutor, mongod_url: str, mongo_database: Database[Json]) -> Callable[[Act], list[Any]]:
    """Does something in eight processes at the same time, on the test's database, each with a number of its own."""

    def run(act: Act) -> list[Any]:
        begin = time.time() + 0.1
        futures = [
            pool.submit(in_process, mongod_url, mongo_database.name, act, number, begin) for number in range(PROCESSES)
        ]
        return [future.result(timeout=300) for future in futures]

    return run


# -- layout


def test_preparing_makes_every_collection_with_its_indexes(mongo_database: Database[Json], store: Store) -> None:
    assert {spec.name for spec in COLLECTIONS} < set(mongo_database.list_collection_names())
    for spec in COLLECTIONS:
        made = mongo_database[spec.name].index_information()
        assert {index.document["name"] for index in spec.indexes} == made.keys() - {"_id_"}


def test_preparing_again_is_one_read(mongod_url: str, mongo_database: Database[Json], store: Store) -> None:
    with listened_to(mongod_url, mongo_database.name) as (listened, seen):
        listened.layout.prepare()
        assert [name for name, _ in seen] == ["find"]


def prepare_at_once(store: Store, number: int) -> None:
    store.layout.prepare()


def test_eight_processes_prepare_an_empty_database_at_once(
    mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(2):
        mongo_database.client.drop_database(mongo_database)
        at_once(prepare_at_once)
        assert {spec.name for spec in COLLECTIONS} < set(mongo_database.list_collection_names())


@pytest.mark.parametrize(
    ("collection", "junk"),
    [
        ("raw_playlists", {"genre_name": "dance"}),
        ("raw_playlists", to_bson(raw_playlist()) | {"insert_timestamp": "2026-03-02"}),
        ("track_playlist", to_bson(service_playlist()) | {"tracks": None}),
        ("view_counts_playlists", to_bson(chart()) | {"coverage": 0.9}),
        ("view_counts_playlists", to_bson(chart()) | {"schema_version": "1"}),
        ("historical_track_views", {"isrc": "QZZ992600001", "view_counts": {}}),
        ("chart_history", to_bson(chart_day()) | {"chart": "QZZ992600001"}),
        ("materializations", {"_id": "dance", "version": 1.5, "as_of": MONDAY, "finished_at": MONDAY}),
        ("youtube_cache", {"_id": "QZZ992600001", "value": {"video_id": "v"}}),
        ("api_usage", {"_id": "youtube/2026-03-02", "used": "7"}),
    ],
)
def test_mongodb_itself_refuses_junk(mongo_database: Database[Json], store: Store, collection: str, junk: Json) -> None:
    with pytest.raises(WriteError, match="failed validation"):
        mongo_database[collection].insert_one(dict(junk))


def test_every_whole_number_is_kept_in_64_bits() -> None:
    document = to_bson(chart())

    def whole_numbers(value: Any) -> Iterator[int]:
        if isinstance(value, dict):
            for item in value.values():
                yield from whole_numbers(item)
        elif isinstance(value, list):
            for item in value:
                yield from whole_numbers(item)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield value

    assert all(isinstance(number, Int64) for number in whole_numbers(document))


# -- raw_playlists


def test_a_playlist_is_replaced_by_a_newer_one(store: Store) -> None:
    assert store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY, data_json='"old"'))
    assert store.playlists.put_raw_playlist(raw_playlist(at=MONDAY, data_json='"new"'))

    (kept,) = store.playlists.raw_playlists("dance", MONDAY)
    assert kept == raw_playlist(at=MONDAY, data_json='"new"')


def test_an_older_playlist_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist(at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist(SOUNDCLOUD, at=SUNDAY - DAY))

    assert not store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY, data_json='"older"'))

    assert [(one.service_name, one.data_json) for one in store.playlists.raw_playlists("dance", SUNDAY)] == [
        ("Spotify", '"older"'),
        ("SoundCloud", "{}"),
    ]
    assert {one.insert_timestamp for one in store.playlists.raw_playlists("dance", TUESDAY)} == {MONDAY, SUNDAY - DAY}


def test_genres_and_services_have_playlists_of_their_own(store: Store) -> None:
    for genre in ("dance", "rap"):
        for service in Service:
            store.playlists.put_raw_playlist(raw_playlist(service, genre=genre, data_json=f'"{genre} {service}"'))

    assert [one.data_json for one in store.playlists.raw_playlists("rap", MONDAY)] == [
        '"rap Spotify"',
        '"rap AppleMusic"',
        '"rap SoundCloud"',
    ]


def test_a_failed_fetch_marks_the_last_good_playlist_stale_since_the_first_failure(store: Store) -> None:
    assert store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, MONDAY, "Spotify: down") is None
    store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY))

    store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, MONDAY, "Spotify: down")
    marked = store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, TUESDAY, "$still down")

    assert marked is not None
    assert (marked.stale, marked.stale_since, marked.error) == (True, MONDAY, "$still down")
    assert (marked.insert_timestamp, marked.data_json) == (SUNDAY, "{}")

    store.playlists.put_raw_playlist(raw_playlist(at=TUESDAY + DAY))
    (fresh,) = store.playlists.raw_playlists("dance", TUESDAY + DAY)
    assert (fresh.stale, fresh.stale_since, fresh.error) == (False, None, None)


def test_headers_are_the_playlists_of_that_time_without_their_bodies(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY, at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist(Service.APPLE_MUSIC, at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist(Service.SPOTIFY, at=SUNDAY))  # goes to the backfill
    for at in (MONDAY, SUNDAY):
        whole = store.playlists.raw_playlists("dance", at)
        assert whole
        assert store.playlists.playlist_headers("dance", at) == [
            one.model_copy(update={"data_json": ""}) for one in whole
        ]


def test_a_failed_fetch_of_an_older_day_leaves_a_newer_playlist_alone(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist(at=MONDAY))

    assert store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, SUNDAY, "Spotify: down") is None
    assert not store.playlists.raw_playlists("dance", MONDAY)[0].stale


def put_playlist_of_its_own_hour(store: Store, number: int) -> bool:
    return store.playlists.put_raw_playlist(raw_playlist(at=MONDAY + timedelta(hours=number), data_json=f'"{number}"'))


def put_chart_of_its_own_hour(store: Store, number: int) -> bool:
    return store.charts.put_chart(chart([number + 1], at=MONDAY + timedelta(hours=number)))


def test_of_first_playlists_written_at_once_the_newest_stays(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(5):
        assert at_once(put_playlist_of_its_own_hour)[-1] is True
        assert [one.data_json for one in store.playlists.raw_playlists("dance", TUESDAY)] == ['"7"']
        mongo_database["raw_playlists"].delete_many({})


def test_of_first_charts_written_at_once_the_newest_stays(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(5):
        assert at_once(put_chart_of_its_own_hour)[-1] is True
        assert store.charts.chart("dance", TUESDAY).tracks[0].isrc == isrc(8)
        mongo_database["view_counts_playlists"].delete_many({})


# -- track_playlist and view_counts_playlists


def test_rows_and_consensus_are_replaced_together(store: Store) -> None:
    services = [service_playlist(SPOTIFY, (1, 2)), service_playlist(SOUNDCLOUD, (2, 1))]

    assert store.playlists.put_track_playlists(services, aggregate((1, 2)))

    assert store.playlists.service_playlists("dance", MONDAY) == services
    assert store.playlists.aggregate("dance", MONDAY) == aggregate((1, 2))
    assert store.playlists.service_playlists("rap", MONDAY) == []


def test_an_older_consensus_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    store.playlists.put_track_playlists([service_playlist(numbers=(1, 2))], aggregate((1, 2)))
    older = service_playlist(numbers=(3, 4), at=SUNDAY)

    assert not store.playlists.put_track_playlists([older], aggregate((3, 4), at=SUNDAY))

    assert store.playlists.aggregate("dance", SUNDAY) == aggregate((3, 4), at=SUNDAY)
    assert store.playlists.service_playlists("dance", SUNDAY) == [older]
    assert store.playlists.aggregate("dance", MONDAY) == aggregate((1, 2))


def test_an_older_chart_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    assert store.charts.put_chart(chart((1, 2)))

    assert not store.charts.put_chart(chart((3, 4), at=SUNDAY))

    assert store.charts.chart("dance", SUNDAY) == chart((3, 4), at=SUNDAY)
    assert store.charts.chart("dance", MONDAY) == store.charts.last_chart("dance", TUESDAY) == chart((1, 2))
    assert store.charts.last_chart("dance", SUNDAY) is None


def test_the_same_observation_time_replaces_itself(store: Store) -> None:
    for run in ("first", "second"):
        assert store.playlists.put_raw_playlist(raw_playlist(run_id=run))
        assert store.playlists.put_track_playlists([service_playlist(run_id=run)], aggregate(run_id=run))
        assert store.charts.put_chart(chart(run_id=run))

    assert store.playlists.raw_playlists("dance", MONDAY)[0].run_id == "second"
    assert store.playlists.service_playlists("dance", MONDAY)[0].run_id == "second"
    assert store.charts.chart("dance", MONDAY).run_id == "second"


def test_what_was_never_written_is_named_with_the_asset_to_materialize(store: Store) -> None:
    with pytest.raises(NothingStored, match="dance has no consensus up to 2026-03-02; run `tunemeld etl run transform"):
        store.playlists.aggregate("dance", MONDAY)
    with pytest.raises(NothingStored, match="dance has no chart up to 2026-03-02; run `tunemeld etl run view_count"):
        store.charts.chart("dance", MONDAY)


def test_what_older_runs_left_for_themselves_goes_after_a_week(store: Store, mongo_database: Database[Json]) -> None:
    store.charts.put_chart(chart())
    store.charts.put_chart(chart(at=SUNDAY))

    (left,) = mongo_database["backfill"].find()
    assert timedelta(days=6) < left["expires_at"] - datetime.now(UTC) <= timedelta(days=7)
    (index,) = [one for one in mongo_database["backfill"].list_indexes() if "expireAfterSeconds" in one]
    assert index["expireAfterSeconds"] == 0


# -- historical_track_views, chart_history, materializations


def finish(
    store: Store, at: datetime, readings: dict[str, dict[str, int]], *, genre: str = "dance", run_id: str = "a-run"
) -> int:
    day = chart_day(at=at, genre=genre, run_id=run_id)
    return store.charts.finish(readings, day, materialization(at=at, genre=genre, run_id=run_id)).version


def test_finishing_a_day_adds_readings_keeps_the_day_and_raises_the_version(store: Store) -> None:
    assert finish(store, SUNDAY, {isrc(1): {"Spotify": 100}}) == 1
    assert finish(store, MONDAY, {isrc(1): {"Spotify": 130, "Youtube": 7}, isrc(2): {"Youtube": 9}}) == 2

    first, second = store.histories.histories([isrc(2), isrc(1)])
    assert [(one.view_count, one.delta_count) for one in first.view_counts["Spotify"]] == [(100, 0), (130, 30)]
    assert (first.first_seen, second.first_seen) == (SUNDAY, MONDAY)
    assert store.histories.first_seen([isrc(1), isrc(2), isrc(3)]) == {isrc(1): SUNDAY, isrc(2): MONDAY}
    published = store.charts.materializations()["dance"]
    assert (published.version, published.as_of) == (2, MONDAY)
    assert published.previous == {"version": 1, "as_of": SUNDAY, "run_id": "a-run"}
    assert [day.date for day in store.charts.chart_days("dance", "2026-03-03", 10)] == ["2026-03-02", "2026-03-01"]


def test_finishing_an_older_day_keeps_what_is_served_and_tells_readers_of_the_longer_histories(store: Store) -> None:
    finish(store, TUESDAY, {isrc(1): {"Spotify": 190}}, run_id="newest")

    assert finish(store, SUNDAY, {isrc(1): {"Spotify": 100}}, run_id="older") == 2

    published = store.charts.materializations()["dance"]
    assert (published.as_of, published.run_id, published.version) == (TUESDAY, "newest", 2)
    (history,) = store.histories.histories([isrc(1)])
    assert [one.delta_count for one in history.view_counts["Spotify"]] == [0, 90]
    assert history.first_seen == SUNDAY


def test_a_second_run_of_a_day_replaces_its_chart_day_and_an_earlier_one_does_not(store: Store) -> None:
    finish(store, MONDAY, {})
    later, earlier = MONDAY + timedelta(hours=3), MONDAY - timedelta(hours=1)

    store.charts.finish({}, chart_day(at=later, numbers=(5,)), materialization(at=later))
    store.charts.finish({}, chart_day(at=earlier, numbers=(9,)), materialization(at=earlier))

    (kept,) = store.charts.chart_days("dance", "2026-03-03", 10)
    assert kept.chart == [isrc(5)]


def test_chart_days_are_the_genres_own_newest_first_and_before_the_day(store: Store) -> None:
    for days in range(5):
        finish(store, SUNDAY + days * DAY, {})
    finish(store, SUNDAY, {}, genre="rap")

    assert [day.date for day in store.charts.chart_days("dance", "2026-03-04", 2)] == ["2026-03-03", "2026-03-02"]
    assert [day.date for day in store.charts.chart_days("rap", "2026-03-04", 2)] == ["2026-03-01"]


def test_charted_days_are_all_of_the_genre_before_the_day_without_their_lists(store: Store) -> None:
    for days in range(3):
        finish(store, SUNDAY + days * DAY, {})
    finish(store, SUNDAY, {}, genre="rap")
    linked = chart_day(at=MONDAY).model_copy(update={"other_ids": {isrc(1): ["AppleMusic:1.5", isrc(9)]}})
    store.charts.finish({}, linked, materialization(at=MONDAY))

    assert store.charts.charted_days("dance", "2026-03-03") == [
        ChartedDay(date="2026-03-01", chart=[isrc(1), isrc(2), isrc(3)]),
        ChartedDay(date="2026-03-02", chart=[isrc(1), isrc(2), isrc(3)], other_ids=linked.other_ids),
    ]


def test_recent_readings_are_the_last_ten_up_to_a_time_and_readings_since_are_all_after_one_or_until_another(
    store: Store,
) -> None:
    for day in range(14):
        finish(store, SUNDAY + day * DAY, {isrc(1): {"Spotify": 100 + day}})

    recent = store.histories.recent_readings([isrc(1), isrc(9)], SUNDAY + 11 * DAY)
    since = store.histories.readings_since([isrc(1)], SUNDAY + 11 * DAY)
    between = store.histories.readings_since([isrc(1)], SUNDAY + 11 * DAY, SUNDAY + 13 * DAY)

    assert [one.view_count for one in recent[isrc(1)]["Spotify"]] == list(range(102, 112))
    assert recent.keys() == {isrc(1)}
    assert [one.view_count for one in since[isrc(1)]["Spotify"]] == [111, 112, 113]
    assert [one.view_count for one in between[isrc(1)]["Spotify"]] == [111, 112]


def test_a_history_that_the_older_system_began_goes_on(store: Store, mongo_database: Database[Json]) -> None:
    """It wrote no run, no version and no first day, and deltas on the oldest reading."""
    mongo_database.command("collMod", "historical_track_views", validationLevel="off")
    older = [
        {"current_timestamp": SUNDAY - DAY, "view_count": 80, "delta_count": 0},
        {"current_timestamp": SUNDAY, "view_count": 100, "delta_count": 20},
        {"current_timestamp": MONDAY, "view_count": 130, "delta_count": 50},
    ]
    mongo_database["historical_track_views"].insert_one({"isrc": isrc(1), "view_counts": {"Spotify": older}})
    mongo_database.command("collMod", "historical_track_views", validationLevel="moderate")

    finish(store, TUESDAY, {isrc(1): {"Spotify": 190}})

    (history,) = store.histories.histories([isrc(1)])
    assert [one.delta_count for one in history.view_counts["Spotify"]] == [0, 20, 30, 60]


def finish_a_day_of_its_own_genre(store: Store, number: int) -> None:
    for day in range(4):
        at = SUNDAY + ((day + number) % 4) * DAY
        readings = {isrc(track): {"Spotify": 100 * track + 10 * at.day, "Youtube": at.day} for track in range(1, 8)}
        finish(store, at, readings, genre=f"genre-{number % 4}", run_id=f"run-{number}")


def test_eight_runs_at_once_lose_and_repeat_no_reading_of_the_tracks_they_share(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    at_once(finish_a_day_of_its_own_genre)

    histories = store.histories.histories(isrc(track) for track in range(1, 8))
    assert len(histories) == 7
    for history in histories:
        spotify = history.view_counts["Spotify"]
        assert [one.current_timestamp for one in spotify] == [SUNDAY + day * DAY for day in range(4)]
        assert [one.delta_count for one in spotify] == [0, 10, 10, 10]
        assert len(history.view_counts["Youtube"]) == 4
    assert {genre: one.version for genre, one in store.charts.materializations().items()} == {
        f"genre-{number}": 8 for number in range(4)
    }


# -- look-ups


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


def test_a_playlists_description_is_kept_for_a_week_and_what_is_known_stays(store: Store) -> None:
    known = PlaylistDescription(name="A List", cover_url="https://images.example.org/1", description="Songs")
    store.lookups.put_playlist_description("Spotify/x", known, MONDAY)

    assert store.lookups.playlist_description("Spotify/x", MONDAY + 6 * DAY) == known
    assert store.lookups.playlist_description("Spotify/x", MONDAY + 7 * DAY) is None
    assert store.lookups.playlist_description("Spotify/y", MONDAY) is None
    assert store.lookups.last_playlist_description("Spotify/y") == PlaylistDescription()

    store.lookups.put_playlist_description("Spotify/x", PlaylistDescription(name="Renamed"), MONDAY + 7 * DAY)
    assert store.lookups.last_playlist_description("Spotify/x") == known.model_copy(update={"name": "Renamed"})


# -- budgets


def test_a_budget_is_spent_to_its_last_unit_and_no_further(store: Store) -> None:
    budget = StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02")

    budget.spend(7)
    with pytest.raises(QuotaExhausted, match="YouTube: the daily budget of 10 for youtube is used up"):
        budget.spend(4)
    assert budget.left() == 3
    budget.spend(3)

    assert budget.left() == 0
    assert StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-03").left() == 10
    assert StoredBudget(store.handle, "YouTube", "youtube_search", 10, "2026-03-02").left() == 10


def test_a_budget_of_nothing_sends_nothing(store: Store, mongo_database: Database[Json]) -> None:
    with pytest.raises(QuotaExhausted):
        StoredBudget(store.handle, "YouTube", "youtube", 0, "2026-03-02").spend(1)

    assert mongo_database["api_usage"].count_documents({}) == 0


def test_when_the_service_says_that_nothing_is_left_nothing_is_tried_again_that_day(store: Store) -> None:
    budget = StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02")
    budget.spend(1)

    budget.declare_exhausted()

    assert budget.left() == 0
    with pytest.raises(QuotaExhausted):
        budget.spend(1)
    fresh = StoredBudget(store.handle, "YouTube", "search", 10, "2026-03-02")
    fresh.declare_exhausted()
    assert fresh.left() == 0


def test_usage_is_kept_for_ninety_days(store: Store, mongo_database: Database[Json]) -> None:
    StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02").spend(1)

    (usage,) = mongo_database["api_usage"].find()
    assert usage["_id"] == "youtube/2026-03-02"
    assert timedelta(days=89) < usage["expires_at"] - datetime.now(UTC) <= timedelta(days=90)


def spend_until_refused(store: Store, number: int) -> int:
    budget, spent = StoredBudget(store.handle, "YouTube", "youtube", 100, "2026-03-02"), 0
    try:
        while True:
            budget.spend(3)
            spent += 3
    except QuotaExhausted:
        return spent


def spend_once(store: Store, number: int) -> bool:
    try:
        StoredBudget(store.handle, "YouTube", "youtube", PROCESSES, "2026-03-02").spend(1)
    except QuotaExhausted:
        return False
    return True


def test_eight_processes_together_never_overspend_and_leave_nothing_unspent(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    assert sum(at_once(spend_until_refused)) == 99
    assert StoredBudget(store.handle, "YouTube", "youtube", 100, "2026-03-02").left() == 1


def test_of_eight_processes_that_begin_a_day_at_once_none_is_refused(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(10):
        assert at_once(spend_once) == [True] * PROCESSES
        mongo_database["api_usage"].delete_many({})


def spend_on_counts_or_lookups(store: Store, number: int) -> int:
    budget = StoredBudget(
        store.handle, "Spotify", "spotify", 100, "2026-03-02", genres=("dance", "rap"), keeps=tuple(Purpose)
    )
    purpose, spent = (Purpose.COUNTS, Purpose.LOOKUPS)[number % 2], 0
    try:
        while True:
            budget.spend(1, purpose, "dance")
            spent += 1
    except QuotaExhausted:
        return spent


def test_eight_processes_of_one_genre_leave_another_genres_counts_their_units_and_spend_the_rest(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    def on(day: str) -> StoredBudget:
        return StoredBudget(store.handle, "Spotify", "spotify", 100, day, genres=("dance", "rap"), keeps=tuple(Purpose))

    yesterday = on("2026-03-01")
    for genre in ("dance", "rap"):
        yesterday.spend(30, Purpose.COUNTS, genre)
        yesterday.settle(genre, Purpose.COUNTS)
    assert sum(at_once(spend_on_counts_or_lookups)) == 70
    budget = on("2026-03-02")
    budget.spend(30, Purpose.COUNTS, "rap")
    assert budget.left() == 0


# -- schema versions


def test_documents_of_this_and_the_previous_schema_version_are_read(
    store: Store, mongo_database: Database[Json]
) -> None:
    store.charts.put_chart(chart())
    for version in (SCHEMA_VERSION, SCHEMA_VERSION - 1):
        mongo_database["view_counts_playlists"].update_one({}, {"$set": {"schema_version": Int64(version)}})
        assert store.charts.chart("dance", MONDAY).tracks == chart().tracks


def test_a_document_that_says_no_version_is_the_older_systems() -> None:
    document = to_bson(raw_playlist())
    del document["schema_version"]

    assert read(RawPlaylist, document).data_json == "{}"


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, SCHEMA_VERSION - 2])
def test_documents_of_other_schema_versions_are_refused(version: int) -> None:
    with pytest.raises(StoreError, match=f"has schema version {version}, and this release reads 0 and 1"):
        read(Chart, to_bson(chart()) | {"schema_version": version})


def test_a_field_of_a_later_release_is_let_through() -> None:
    assert read(Chart, to_bson(chart()) | {"mood": "dark"}) == chart()


def test_a_document_without_its_shape_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="a Chart document does not have its shape"):
        read(Chart, {"schema_version": 1, "tracks": "none"})


# -- indexes


class Commands(CommandListener):
    """Notes the reads that are sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Json]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.seen.append((event.command_name, dict(event.command)))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@contextmanager
def listened_to(url: str, database: str) -> Iterator[tuple[Store, list[tuple[str, Json]]]]:
    commands = Commands()
    with MongoClient[Json](url, tz_aware=True, event_listeners=[commands]) as client:
        client.admin.command("ping")
        commands.seen.clear()
        yield Store(client[database]), commands.seen


def stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for value in plan.values():
            yield from stages(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from stages(value)


READS: dict[str, Callable[[Store], object]] = {
    "raw_playlists": lambda store: store.playlists.raw_playlists("dance", MONDAY),
    "service_playlists": lambda store: store.playlists.service_playlists("dance", MONDAY),
    "aggregate": lambda store: store.playlists.aggregate("dance", MONDAY),
    "chart": lambda store: store.charts.chart("dance", MONDAY),
    "last_chart": lambda store: store.charts.last_chart("dance", MONDAY),
    "first_seen": lambda store: store.histories.first_seen([isrc(1), isrc(2)]),
    "recent_readings": lambda store: store.histories.recent_readings([isrc(1), isrc(2)], MONDAY),
    "readings_since": lambda store: store.histories.readings_since([isrc(1), isrc(2)], SUNDAY),
    "histories": lambda store: store.histories.histories([isrc(1), isrc(2)]),
    "chart_day": lambda store: store.charts.chart_day("dance", "2026-03-02"),
    "chart_dates": lambda store: store.charts.chart_dates("dance"),
    "charted_days": lambda store: store.charts.charted_days("dance", "2026-03-03"),
    "chart_days": lambda store: store.charts.chart_days("dance", "2026-03-03", 90),
    "recordings": lambda store: store.charts.recordings([isrc(1), isrc(2)]),
    "versions": lambda store: store.charts.versions(),
    "materializations": lambda store: store.charts.materializations(),
    "looked_up": lambda store: store.lookups.looked_up("youtube_cache", [isrc(1), isrc(2)]),
    "playlist_description": lambda store: store.lookups.playlist_description("Spotify/x", MONDAY),
    "last_playlist_description": lambda store: store.lookups.last_playlist_description("Spotify/x"),
    "budget": lambda store: StoredBudget(store.handle, "YouTube", "youtube", 10, "2026-03-02").left(),
}


@pytest.mark.parametrize("verb", list(READS))
def test_every_read_uses_an_index(mongod_url: str, mongo_database: Database[Json], store: Store, verb: str) -> None:
    for genre in ("dance", "rap"):
        store.playlists.put_raw_playlist(raw_playlist(genre=genre))
        store.playlists.put_track_playlists([service_playlist(genre=genre)], aggregate(genre=genre))
        store.charts.put_chart(chart(genre=genre))
        finish(store, MONDAY, {isrc(number): {"Spotify": number} for number in range(1, 4)}, genre=genre)

    with listened_to(mongod_url, mongo_database.name) as (listened, seen):
        READS[verb](listened)

    reads = [command for name, command in seen if name in ("find", "aggregate")]
    assert reads
    for command in reads:
        asked = {key: value for key, value in command.items() if key not in ("lsid", "$db", "$clusterTime")}
        plan = mongo_database.command("explain", asked, verbosity="queryPlanner")
        used = set(stages(plan))
        assert "COLLSCAN" not in used
        assert used & {"IXSCAN", "IDHACK", "EOF"}, used


# -- errors


def unreachable() -> str:
    """An address of this machine where nobody listens, with a password in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"mongodb://tunemeld:{PASSWORD}@127.0.0.1:{free.getsockname()[1]}/"


def complaint(act: Callable[[], object]) -> tuple[TuneMeldError, str, float]:
    """What went wrong, its whole traceback as text, and how many seconds that took."""
    begin = time.monotonic()
    with pytest.raises(TuneMeldError) as caught:
        act()
    return caught.value, "".join(traceback.format_exception(caught.value)), time.monotonic() - begin


def read_something(url: str) -> None:
    with connect(url) as client:
        Store(client["tunemeld_test"]).charts.chart("dance", MONDAY)


def finish_something(url: str) -> None:
    with connect(url) as client:
        finish(Store(client["tunemeld_test"]), MONDAY, {isrc(1): {"Spotify": 1}})


def test_connecting_waits_five_seconds_for_a_server_and_not_longer() -> None:
    with connect("mongodb://127.0.0.1:9") as client:
        assert client.options.server_selection_timeout == 5


@pytest.mark.parametrize("act", [read_something, finish_something])
def test_a_server_that_is_not_there_is_unavailable_within_bounded_time(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_SECONDS", 0.3)

    error, shown, seconds = complaint(lambda: act(unreachable()))

    assert isinstance(error, DatabaseUnavailable)
    assert error.transient
    assert "check MONGODB_URL" in str(error)
    assert seconds < 60
    assert PASSWORD not in shown


def test_a_server_that_takes_the_connection_and_says_nothing_is_unavailable_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mongodb://tunemeld:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/"

        error, shown, seconds = complaint(lambda: read_something(url))

    assert isinstance(error, DatabaseUnavailable)
    assert seconds < 60
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://tunemeld:{PASSWORD}@host:99999999/",
        f"mongodb://tunemeld:{PASSWORD}/.{PASSWORD}@host/",
        f"mongodb://tunemeld:p@{PASSWORD}@host/",
        f"mongodb://tunemeld:%zz{PASSWORD}@host/",
        "mongodb://",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_showing_it(url: str) -> None:
    error, shown, _ = complaint(lambda: connect(url))

    assert "MONGODB_URL" in str(error)
    assert not error.transient
    assert PASSWORD not in shown


def test_a_document_that_mongodb_refuses_is_a_store_error_without_its_content(store: Store) -> None:
    broken = chart().model_copy(update={"coverage": PASSWORD})

    with pytest.warns(UserWarning, match="serialized value"):
        error, _, _ = complaint(lambda: store.charts.put_chart(broken))

    assert str(error) == "MongoDB refused an operation (code 121); its log says why"


def test_a_document_beyond_mongodbs_bound_is_refused_in_words(store: Store) -> None:
    error, _, _ = complaint(lambda: store.playlists.put_raw_playlist(raw_playlist(data_json="x" * 17_000_000)))

    assert "larger than MongoDB's 16 MB" in str(error)
    assert store.playlists.raw_playlists("dance", MONDAY) == []


def test_what_was_last_known_of_a_recording_is_kept_whatever_the_order(store: Store) -> None:
    def facts(day: int, name: str, *services: str) -> RecordingFacts:
        return RecordingFacts(
            insert_timestamp=datetime(2026, 3, day, tzinfo=UTC),
            run_id="run",
            upstream="sandbox",
            track_id="XXTST2600001",
            isrc="XXTST2600001",
            track_name=name,
            artist_name="The Hollow Kettles",
            track_url="https://open.spotify.com/track/x",
            track_urls={service: f"https://example.org/{service}/{name}" for service in services},
        )

    store.charts.put_recordings([facts(2, "$second", "Spotify", "AppleMusic")])
    store.charts.put_recordings([facts(1, "first", "Spotify", "SoundCloud")])
    store.charts.put_recordings([facts(3, "third", "AppleMusic")])
    known = store.charts.recordings(["XXTST2600001", "XXTST2600002"])
    assert known.keys() == {"XXTST2600001"}
    assert known["XXTST2600001"].track_name == "third"
    assert known["XXTST2600001"].track_urls == {
        "Spotify": "https://example.org/Spotify/$second",
        "SoundCloud": "https://example.org/SoundCloud/first",
        "AppleMusic": "https://example.org/AppleMusic/third",
    }


# -- incidents


SEEN = Incident(
    incident_id="", key="run_failed/dance/", kind="run_failed", genre="dance", opened_at=MONDAY, last_seen=MONDAY
)


def open_incident(store: Store, number: int) -> None:
    store.incidents.note_incident(SEEN.model_copy(update={"incident_id": f"seen by {number}"}))


def claim_the_open_one(store: Store, _number: int) -> bool:
    (incident,) = store.incidents.open_incidents()
    return store.incidents.claim_telling(incident, "told_at", MONDAY, MONDAY + timedelta(minutes=2)) is not None


def test_eight_processes_that_see_a_trouble_at_once_open_one_incident_and_one_of_them_tells(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    at_once(open_incident)
    assert len(store.incidents.last_incidents(10)) == 1
    assert sum(at_once(claim_the_open_one)) == 1


def test_eight_processes_that_see_it_come_back_reopen_the_one(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    open_incident(store, 0)
    store.incidents.close_incident("seen by 0", MONDAY - timedelta(minutes=1))
    at_once(open_incident)
    (incident,) = store.incidents.last_incidents(10)
    assert (incident.closed_at, incident.reopened) == (None, 1)


# -- runs that overlap


def test_a_run_that_a_newer_one_overtakes_goes_on_with_what_it_observed(store: Store) -> None:
    """As when a person starts a run and the schedule another, seconds later."""
    later = MONDAY + timedelta(seconds=5)
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, run_id="first", data_json='"first"'))
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, at=later, run_id="second", data_json='"second"'))
    assert [one.data_json for one in store.playlists.raw_playlists("dance", MONDAY)] == ['"first"']

    store.playlists.put_track_playlists(
        [service_playlist(SPOTIFY, [1, 2], run_id="first")], aggregate([1, 2], run_id="first")
    )
    store.playlists.put_track_playlists(
        [service_playlist(SPOTIFY, [3], at=later, run_id="second")], aggregate([3], at=later, run_id="second")
    )
    assert (
        store.playlists.aggregate("dance", MONDAY).run_id,
        len(store.playlists.aggregate("dance", MONDAY).tracks),
    ) == ("first", 2)
    assert [one.run_id for one in store.playlists.service_playlists("dance", MONDAY)] == ["first"]

    store.charts.put_chart(chart([1, 2], run_id="first"))
    store.charts.put_chart(chart([3], at=later, run_id="second"))
    assert store.charts.chart("dance", MONDAY).run_id == "first"
    assert store.charts.chart("dance", later).run_id == store.playlists.aggregate("dance", later).run_id == "second"


@pytest.mark.parametrize(
    ("collection", "write", "put", "found"),
    [
        (
            "raw_playlists",
            "replace_one",
            lambda store, at, run: store.playlists.put_raw_playlist(raw_playlist(at=at, run_id=run)),
            lambda store, at: store.playlists.raw_playlists("dance", at)[0].run_id,
        ),
        (
            "track_playlist",
            "bulk_write",
            lambda store, at, run: store.playlists.put_track_playlists(
                [service_playlist(at=at, run_id=run)], aggregate(at=at, run_id=run)
            ),
            lambda store, at: store.playlists.aggregate("dance", at).run_id,
        ),
        (
            "view_counts_playlists",
            "replace_one",
            lambda store, at, run: store.charts.put_chart(chart(at=at, run_id=run)),
            lambda store, at: store.charts.chart("dance", at).run_id,
        ),
    ],
)
def test_what_is_written_at_the_moment_that_a_newer_run_overtakes_it_is_kept_for_its_own_run(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    collection: str,
    write: str,
    put: Callable[[Store, datetime, str], bool],
    found: Callable[[Store, datetime], str],
) -> None:
    later, original = MONDAY + timedelta(seconds=5), getattr(Collection, write)
    put(store, SUNDAY, "yesterday's")
    store.charts.finish({}, chart_day(at=SUNDAY), materialization(at=SUNDAY, run_id="yesterday's"))
    answers: list[bool] = []

    def after_the_first_run(target: Collection[Any], *args: object, **kwargs: object) -> object:
        if target.name == collection and not answers:
            answers.append(False)  # what it writes passes here too
            answers[0] = put(store, MONDAY, "first")
        return original(target, *args, **kwargs)

    monkeypatch.setattr(Collection, write, after_the_first_run)

    assert put(store, later, "second")

    assert answers == [True]
    assert (found(store, MONDAY), found(store, later)) == ("first", "second")


def test_of_a_run_that_has_published_nothing_is_put_aside(store: Store, mongo_database: Database[Json]) -> None:
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY))
    store.playlists.put_track_playlists([service_playlist(SPOTIFY, [1, 2])], aggregate([1, 2]))
    store.charts.put_chart(chart([1, 2]))
    store.charts.finish({}, chart_day(), materialization())

    for write in (
        lambda: store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, at=TUESDAY, run_id="next")),
        lambda: store.playlists.put_track_playlists(
            [service_playlist(SPOTIFY, [3], at=TUESDAY, run_id="next")], aggregate([3], at=TUESDAY, run_id="next")
        ),
        lambda: store.charts.put_chart(chart([3], at=TUESDAY, run_id="next")),
    ):
        assert write() is True
    assert mongo_database["backfill"].count_documents({}) == 0
