"""The readings of every track, source by source: `historical_track_views`.

MongoDB itself adds a reading, with an update pipeline that follows the rule of `charts/history.py`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Int64
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import SCHEMA_VERSION, Materialization, Reading, TrackHistory
from tunemeld_pipeline.charts.history import RECENT_READINGS
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.shapes import SHAPES

Json = dict[str, Any]


class Histories:
    """`historical_track_views`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine

    def add_readings(
        self, readings: Mapping[str, Mapping[str, int]], run: Materialization, session: ClientSession
    ) -> None:
        """Adds what each source counted per ISRC at `run.as_of`, in the transaction of `session`."""
        # Built batch by batch: each is 30 kB of expressions, which would be 100 MB for a list of thousands.
        updates = (
            UpdateOne(
                {"isrc": isrc},
                reading_update(counts, run.as_of, run.run_id, run.upstream, SCHEMA_VERSION),
                upsert=True,
            )
            for isrc, counts in sorted(readings.items())
            if counts
        )
        self._database.bulk(self._database["historical_track_views"], updates, session)

    def first_seen(self, isrcs: Iterable[str]) -> dict[str, datetime]:
        """When each ISRC that has a history was first seen."""
        with translated_errors():
            found = self._database["historical_track_views"].find(
                {"isrc": {"$in": list(isrcs)}, "first_seen": {"$type": "date"}}, {"isrc": 1, "first_seen": 1}
            )
            return {document["isrc"]: document["first_seen"] for document in found}

    def recent_readings(self, isrcs: Iterable[str], as_of: datetime) -> dict[str, dict[str, list[Reading]]]:
        """The last ten readings up to `as_of` of each ISRC and source, oldest first; unknown ones are left out."""
        return self._readings(isrcs, {"$lte": ["$$r.current_timestamp", as_of]}, RECENT_READINGS)

    def readings_since(
        self, isrcs: Iterable[str], since: datetime, before: datetime | None = None
    ) -> dict[str, dict[str, list[Reading]]]:
        """The readings from `since` on of each ISRC and source, oldest first, those from `before` on left out where it is given."""
        wanted: list[Json] = [{"$gte": ["$$r.current_timestamp", since]}]
        if before is not None:
            wanted.append({"$lt": ["$$r.current_timestamp", before]})
        return self._readings(isrcs, {"$and": wanted}, None)

    def of(self, isrcs: Iterable[str]) -> list[TrackHistory]:
        """The whole histories of these ISRCs, ordered by ISRC."""
        with translated_errors():
            found = self._database["historical_track_views"].find({"isrc": {"$in": list(isrcs)}}).sort("isrc")
            return list(self._database.readable("historical_track_views", TrackHistory, found))

    def _readings(self, isrcs: Iterable[str], condition: Json, last: int | None) -> dict[str, dict[str, list[Reading]]]:
        chosen: Json = {"$filter": {"input": "$$source.v", "as": "r", "cond": condition}}
        if last is not None:
            chosen = {"$slice": [chosen, -last]}
        by_source = {
            "$map": {
                "input": {"$objectToArray": "$view_counts"},
                "as": "source",
                "in": {"k": "$$source.k", "v": chosen},
            }
        }
        which = {"isrc": {"$in": list(isrcs)}}
        pipeline: list[Json] = [
            {"$match": {"$and": [which, {"$jsonSchema": SHAPES["historical_track_views"].schema}]}},
            {"$project": {"isrc": 1, "view_counts": {"$arrayToObject": by_source}}},
        ]
        with translated_errors():
            for _, error in self._quarantine.unreadable("historical_track_views", which):
                self._database.leave_out(error)
            return {
                document["isrc"]: {
                    source: [Reading.model_validate(reading) for reading in readings]
                    for source, readings in document["view_counts"].items()
                }
                for document in self._database["historical_track_views"].aggregate(
                    pipeline, session=self._database.session
                )
            }


def reading_update(
    readings: Mapping[str, int], moment: datetime, run_id: str, upstream: str, schema_version: int
) -> list[dict[str, Any]]:
    """The update pipeline that adds one day's readings to one history; days may be written in any order.

    MongoDB computes it inside the document (`$sortArray`, so 5.2 or later): two genres that share the track lose nothing.
    """
    fields: dict[str, Any] = {
        "first_seen": {"$min": [{"$ifNull": ["$first_seen", moment]}, moment]},
        "insert_timestamp": {"$max": [{"$ifNull": ["$insert_timestamp", moment]}, moment]},
        "run_id": {"$literal": run_id},
        "upstream": {"$literal": upstream},
        "schema_version": Int64(schema_version),
    }
    for source, count in readings.items():
        fields[f"view_counts.{source}"] = _merged(f"$view_counts.{source}", moment, count)
    return [{"$set": fields}]


def _merged(path: str, moment: datetime, count: int) -> dict[str, Any]:
    same_day = {
        "$eq": [{"$dateTrunc": {"date": "$$r.current_timestamp", "unit": "day"}}, _midnight(moment)],
    }
    newer_today = {
        "$filter": {
            "input": "$$old",
            "as": "r",
            "cond": {"$and": [same_day, {"$gt": ["$$r.current_timestamp", moment]}]},
        }
    }
    ordered = {
        "$sortArray": {
            "input": {
                "$concatArrays": [
                    {"$filter": {"input": "$$old", "as": "r", "cond": {"$not": same_day}}},
                    [{"current_timestamp": moment, "view_count": Int64(count)}],
                ]
            },
            "sortBy": {"current_timestamp": 1},
        }
    }
    delta = {
        "$cond": [
            {"$eq": ["$$at", 0]},
            Int64(0),
            {
                "$subtract": [
                    {"$getField": {"field": "view_count", "input": {"$arrayElemAt": ["$$new", "$$at"]}}},
                    {
                        "$getField": {
                            "field": "view_count",
                            "input": {"$arrayElemAt": ["$$new", {"$subtract": ["$$at", 1]}]},
                        }
                    },
                ]
            },
        ]
    }
    with_deltas = {
        "$let": {
            "vars": {"new": ordered},
            "in": {
                "$map": {
                    "input": {"$range": [0, {"$size": "$$new"}]},
                    "as": "at",
                    "in": {"$mergeObjects": [{"$arrayElemAt": ["$$new", "$$at"]}, {"delta_count": delta}]},
                }
            },
        }
    }
    return {
        "$let": {
            "vars": {"old": {"$ifNull": [path, []]}},
            "in": {"$cond": [{"$gt": [{"$size": newer_today}, 0]}, "$$old", with_deltas]},
        }
    }


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
