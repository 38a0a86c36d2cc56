"""Readings in stored histories, as MongoDB itself adds them: the rule of `charts/history.py` as an update pipeline."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Int64


def reading_update(
    readings: Mapping[str, int], moment: datetime, run_id: str, upstream: str, schema_version: int
) -> list[dict[str, Any]]:
    """The update pipeline that adds one day's readings to one history, whatever the order in which days are written.

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
