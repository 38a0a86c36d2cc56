"""The layout on a real MongoDB: what preparing makes, what the validators refuse, and that every read uses an index."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import WriteError

from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, raw_playlist, service_playlist
from tests.storage.acts import Act, finish
from tests.storage.listening import listened_to
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.layout import COLLECTIONS, ServerFacts
from tunemeld_pipeline.storage.store import Store

SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


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
    "wider_lists": lambda store: store.playlists.wider_lists("dance", MONDAY),
    "source_states": lambda store: store.sources.states(),
    "some_source_states": lambda store: store.sources.states(["spotify.rapidapi"]),
    "past_outcomes": lambda store: store.charts.past_outcomes("dance", "2026-02-16", "2026-03-03"),
    "service_playlists": lambda store: store.playlists.service_playlists("dance", MONDAY),
    "aggregate": lambda store: store.playlists.aggregate("dance", MONDAY),
    "chart": lambda store: store.charts.chart("dance", MONDAY),
    "last_chart": lambda store: store.charts.last_chart("dance", MONDAY),
    "first_seen": lambda store: store.histories.first_seen([isrc(1), isrc(2)]),
    "recent_readings": lambda store: store.histories.recent_readings([isrc(1), isrc(2)], MONDAY),
    "readings_since": lambda store: store.histories.readings_since([isrc(1), isrc(2)], SUNDAY),
    "histories": lambda store: store.histories.of([isrc(1), isrc(2)]),
    "chart_day": lambda store: store.charts.chart_day("dance", "2026-03-02"),
    "chart_dates": lambda store: store.charts.chart_dates("dance"),
    "charted_days": lambda store: store.charts.charted_days("dance", "2026-03-03"),
    "chart_days": lambda store: store.charts.chart_days("dance", "2026-03-03", 90),
    "recordings": lambda store: store.recordings.known([isrc(1), isrc(2)]),
    "recording": lambda store: store.recordings.recording(isrc(1)),
    "successor": lambda store: store.recordings.successor("Spotify:1"),
    "carrier": lambda store: store.recordings.carrier(isrc(1)),
    "of_artist": lambda store: store.recordings.of_artist("singer-1", 10),
    "positions": lambda store: store.positions.of([isrc(1), isrc(2)]),
    "artist": lambda store: store.artists.artist("singer-1"),
    "search": lambda store: store.search.recordings("singer sonng", 10),
    "search_artists": lambda store: store.search.artists("singer", 10),
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
        assert used & {"IXSCAN", "DISTINCT_SCAN", "IDHACK", "EOF"}, used


@pytest.mark.parametrize(
    ("version", "on", "ended"),
    [
        ("6.0.5", date(2026, 1, 31), date(2025, 7, 31)),
        ("6.0.5", date(2025, 7, 31), None),
        ("3.6.23", date(2026, 1, 31), date(2024, 2, 29)),
        ("7.0.31", date(2026, 1, 31), None),
        ("8.0.4", date(2026, 1, 31), None),
        ("9.0.0", date(2040, 1, 31), None),
    ],
)
def test_a_server_knows_when_its_support_ended(version: str, on: date, ended: date | None) -> None:
    assert ServerFacts(version, "tunemeld", 1.0).support_ended(on) == ended
