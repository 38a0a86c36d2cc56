"""Databases of earlier times: the older system's, as untidy as one becomes over the years, and histories of the release before.

It has the documents as they were written, and puts them into a database; the tests say what they expect of them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import Int64
from pymongo.database import Database

from tests.documents import isrc
from tunemeld_pipeline.older_system.documents import COUNT_SOURCES

Json = dict[str, Any]
DAY = datetime(2025, 5, 2, 4, tzinfo=UTC)
ISRC = "USQX92500001"
BEGAN = datetime(2023, 3, 2, 2, 30, tzinfo=UTC)
THREE_YEARS, MONTHS = 3 * 365, 36
"""Days of a history, and the months that they touch."""


def reading(day: int, count: Any, *, delta: int = 0, at: Any = None) -> Json:
    """A reading as the older system kept it, its delta against the oldest one."""
    return {"current_timestamp": at or DAY + timedelta(days=day), "view_count": count, "delta_count": delta}


def raw(service: str = "Spotify", *, genre: str = "dance", day: int = 0, body: Any = '{"tracks": []}') -> Json:
    """A received playlist."""
    return {
        "service_name": service,
        "genre_name": genre,
        "playlist_url": "https://example.org/list",
        "data_json": body,
        "insert_timestamp": (DAY + timedelta(days=day)).replace(tzinfo=None).isoformat(),
    }


def row(number: int) -> Json:
    """A track as both playlists had it."""
    return {
        "rank": number,
        "isrc": f"USQX925{number:05d}",
        "track_name": f"Song {number}",
        "artist_name": "Singer",
        "track_url": f"https://example.org/{number}",
        "source_name": "Spotify",
        "additional_sources": {"SoundCloud": "https://example.org/sc"},
        "raw_aggregate_rank": number,
        "aggregate_service_name": "SoundCloud",
    }


def counted(number: int, views: int) -> Json:
    """A row of the chart; `views` 0 is one that could not be read."""
    count = {
        "initial_count_json": {"initial_timestamp": "2025-05-01T04:00:00", "initial_view_count": views},
        "current_count_json": {"current_timestamp": "2025-05-02T04:00:00", "current_view_count": views},
    }
    return {**row(number), "view_count_data_json": {"Youtube": count, "Spotify": count}}


def fill(database: Database[Json]) -> None:
    """Writes all of it; 14 documents."""
    database["raw_playlists"].insert_many(
        [
            raw(day=0),
            raw("spotify", genre="Dance ", day=2, body={"tracks": [1]}),
            raw(day=1),
            raw("Apple Music"),
            raw("Napster"),
            {"genre_name": "dance"},
        ]
    )
    database["track_playlist"].insert_many(
        [
            {"genre_name": "dance", "service_name": "Spotify", "tracks": [row(1), row(2)], "insert_timestamp": DAY},
            {"genre_name": "dance", "service_name": "Aggregate", "tracks": [row(1)], "insert_timestamp": DAY},
            {"genre_name": "dance", "service_name": "Aggregate", "tracks": [row(2)], "insert_timestamp": DAY},
        ]
    )
    database["view_counts_playlists"].insert_one(
        {
            "genre_name": "dance",
            "service_name": "Aggregate",
            "tracks": [counted(1, 5), counted(2, 0)],
            "insert_timestamp": DAY,
        }
    )
    database["historical_track_views"].insert_many(
        [
            {
                "isrc": ISRC,
                "first_seen": "2025-05-01T00:00:00",
                "view_counts": {
                    "Youtube": [
                        reading(0, 100),
                        reading(2, 130, delta=30, at="2025-05-04T04:00:00"),
                        reading(1, 110, delta=10, at="2025-05-03T06:00:00+02:00"),
                        reading(3, 0, delta=-100),
                        reading(4, 3_600_000_000, delta=3_599_999_900),
                    ],
                    "spotify": [reading(0, "1,000"), reading(1, None), {"view_count": 5}],
                },
                "note": "kept",
            },
            {
                "isrc": "us-qx9-25-00001",
                "view_counts": {
                    "Youtube": [reading(2, 120, at=datetime(2025, 5, 4, 3, tzinfo=UTC)), reading(5, 3_600_000_050)]
                },
            },
            {"isrc": "USQX92500002", "view_counts": {"Youtube": [reading(0, 0)]}, "insert_timestamp": DAY},
            {"view_counts": {"Youtube": [reading(0, 7)]}},
        ]
    )


def growing_history(number: int) -> Json:
    """A history of three years as schema version 1 kept it; every seventh day was not counted."""
    days = [day for day in range(THREE_YEARS) if day % 7]
    series = [
        {
            "current_timestamp": BEGAN + timedelta(days=day),
            "view_count": Int64(1000 * number + day * day),
            "delta_count": Int64(day * day - before * before if before else 0),
        }
        for before, day in zip([0, *days], days, strict=False)
    ]
    return {
        "isrc": isrc(number), "first_seen": BEGAN, "insert_timestamp": series[-1]["current_timestamp"], "run_id": f"run-{number}",
        "upstream": "sandbox", "schema_version": Int64(1), "view_counts": dict.fromkeys(COUNT_SOURCES, series),
    }  # fmt: skip


def fill_with_growing_histories(database: Database[Json], tracks: int) -> None:
    """The database as the release before left it: its index, its marker, and histories of three years."""
    database["historical_track_views"].create_index("isrc", unique=True)
    database["historical_track_views"].insert_many([growing_history(number) for number in range(tracks)])
    database["layout"].insert_one({"_id": "layout", "version": 4})


def contents(database: Database[Json]) -> Json:
    """All documents, by collection."""
    return {name: list(database[name].find().sort("_id")) for name in sorted(database.list_collection_names())}
