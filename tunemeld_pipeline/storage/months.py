"""What is kept of each calendar month, for dumps."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pymongo import ASCENDING

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD
from tunemeld_pipeline.storage.charted_tracks import REMEMBERED
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import HISTORIES

Json = dict[str, Any]

SAMPLE = 200
"""Documents from which the readings of all others are estimated."""


class Months:
    """`chart_history` and `historical_track_views`, month by month (YYYY-MM)."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def known(self) -> list[str]:
        """The months of which a chart or a reading is kept, oldest first."""
        with translated_errors():
            days = self._database["chart_history"].distinct("date", REMEMBERED, session=self._database.session)
            periods = self._database[HISTORIES].distinct("period", session=self._database.session)
        return sorted({str(one)[:7] for one in [*days, *periods] if one})

    def chart_days(self, month: str) -> Iterator[ChartDay]:
        """The charts of a month by genre and day, each with the lists behind it; withdrawn ones are left out."""
        asked = {"date": {"$gte": f"{month}-01", "$lte": f"{month}-31"}, **REMEMBERED}
        with translated_errors():
            found = self._database["chart_history"].find(asked, session=self._database.session)
            ordered = found.sort([("genre_name", ASCENDING), ("date", ASCENDING)])
            yield from self._database.readable("chart_history", ChartDay, ordered)

    def rows(self) -> dict[str, int]:
        """How many rows of charts and of lists, and about how many readings, visitors may see of all months."""
        withheld = self._database.withheld or NOTHING_WITHHELD
        hidden, services = sorted(withheld.track_ids), withheld.services
        with translated_errors():
            counted = next(self._database["chart_history"].aggregate(_counting(hidden, sorted(services))), {})
            shown = {"isrc": {"$nin": hidden}} if hidden else {}
            sample = list(islice(self._database[HISTORIES].find(shown, {"view_counts": 1}), SAMPLE))
            documents = self._database[HISTORIES].estimated_document_count()
            if hidden:
                documents -= self._database[HISTORIES].count_documents({"isrc": {"$in": hidden}})
        readings = sum(
            len(days) for one in sample for source, days in one["view_counts"].items() if source not in services
        )
        each = readings / len(sample) if sample else 0.0
        return {
            "charts": int(counted.get("charts", 0)),
            "lists": int(counted.get("lists", 0)),
            "histories": round(each * documents),
        }


def _counting(hidden: list[str], services: list[str]) -> list[Json]:
    """Counts rows that are neither unreadable nor hidden; a row of a chart is there while a service that is shown lists it."""

    def shown(rows: str) -> Json:
        is_shown = {"$and": [{"$ne": ["$$row", None]}, {"$not": {"$in": ["$$row", hidden]}}]}
        return {"$filter": {"input": rows, "as": "row", "cond": is_shown}}

    others = {"$filter": {"input": {"$objectToArray": "$lists"}, "cond": {"$not": {"$in": ["$$this.k", services]}}}}
    listed = {"$reduce": {"input": "$lists", "initialValue": [], "in": {"$concatArrays": ["$$value", "$$this"]}}}
    in_a_list = {"$filter": {"input": "$chart", "as": "row", "cond": {"$in": ["$$row", listed]}}}
    return [
        {"$match": REMEMBERED},
        {"$project": {"chart": shown("$chart"), "lists": {"$map": {"input": others, "in": shown("$$this.v")}}}},
        *([{"$set": {"chart": in_a_list}}] if services else []),
        {
            "$group": {
                "_id": None,
                "charts": {"$sum": {"$size": "$chart"}},
                "lists": {"$sum": {"$sum": {"$map": {"input": "$lists", "in": {"$size": "$$this"}}}}},
            }
        },
    ]
