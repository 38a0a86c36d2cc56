"""What is kept of each calendar month, for dumps."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pymongo import ASCENDING

from tunemeld_pipeline.charts.documents import ChartDay
from tunemeld_pipeline.storage.charted_tracks import REMEMBERED
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.histories import HISTORIES

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
        """How many rows of charts and of lists, and about how many readings, are kept of all months."""
        lists = {"$map": {"input": {"$objectToArray": "$lists"}, "in": {"$size": "$$this.v"}}}
        group = {"_id": None, "charts": {"$sum": {"$size": "$chart"}}, "lists": {"$sum": {"$sum": lists}}}
        with translated_errors():
            counted = next(self._database["chart_history"].aggregate([{"$match": REMEMBERED}, {"$group": group}]), {})
            sample = list(islice(self._database[HISTORIES].find({}, {"view_counts": 1}), SAMPLE))
            documents = self._database[HISTORIES].estimated_document_count()
        readings = sum(len(days) for one in sample for days in one["view_counts"].values())
        each = readings / len(sample) if sample else 0.0
        return {
            "charts": int(counted.get("charts", 0)),
            "lists": int(counted.get("lists", 0)),
            "histories": round(each * documents),
        }
