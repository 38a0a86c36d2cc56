"""Where each track id stood on a genre's chart and lists, by month: `positions`, made from `chart_history` and kept in step with it.

A track's past is a few small documents, however many days are kept. A day is a field of its month, so days may be written in any order
and no document grows beyond a month. The months that are missing, after an upgrade or a restore, are made by the next run of the genre.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bson import Int64
from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import SCHEMA_VERSION, Document
from tunemeld_pipeline.charts.positions import PositionsOfMonth, Ranks, months_of, ranks_of
from tunemeld_pipeline.storage.charted_tracks import REMEMBERED
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

Json = dict[str, Any]
POSITIONS = "positions"
RANKED_DAY = dict.fromkeys(
    ("schema_version", "insert_timestamp", "run_id", "upstream", "genre_name", "date", "chart", "other_ids", "lists"), 1
)


class Positions:
    """`positions`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine
        self._positions = database[POSITIONS]
        self._days = database["chart_history"]

    def of(self, track_ids: Iterable[str]) -> list[PositionsOfMonth]:
        """All months of these track ids, by genre and month."""
        asked = {"track_id": {"$in": list(track_ids)}}
        order = [("track_id", ASCENDING), ("genre_name", ASCENDING), ("period", ASCENDING)]
        with translated_errors():
            found = self._positions.find(asked, session=self._database.session).sort(order)
            return list(self._database.readable(POSITIONS, PositionsOfMonth, found))

    def missing_months(self, genre: str) -> list[str]:
        """The months (YYYY-MM) of which days are kept and no positions, oldest first."""
        kept = {"genre_name": genre, "date": {"$gte": "0"}, **REMEMBERED}
        with translated_errors():
            # The index leads from one month to the next, whatever lies between.
            made = set(self._positions.distinct("period", {"genre_name": genre}))
            ends = [self._days.find_one(kept, {"date": 1}, sort=[("date", order)]) for order in (ASCENDING, DESCENDING)]
            first, last = (str(day["date"])[:7] if day else "" for day in ends)
            if _months_between(first, last) == sum(first <= month <= last for month in made):
                return []  # as nearly always; a look at every day would cost more each day
            grouped = [{"$match": kept}, {"$group": {"_id": {"$substrCP": ["$date", 0, 7]}}}]
            return sorted({one["_id"] for one in self._days.aggregate(grouped)} - made)

    def days_of_month(self, genre: str, period: str, session: ClientSession | None = None) -> list[ChartDay]:
        """The days of a genre in a month (YYYY-MM), oldest first; withdrawn ones are left out."""
        asked = {"genre_name": genre, "date": {"$gte": f"{period}-01", "$lte": f"{period}-31"}, **REMEMBERED}
        found = self._days.find(asked, RANKED_DAY, session=session).sort("date", ASCENDING)
        return list(self._database.readable("chart_history", ChartDay, found))

    def make_month(self, genre: str, period: str, session: ClientSession) -> list[ChartDay]:
        """Makes the positions of a month of which there are none yet, and returns the days that they are made of."""
        days = self.days_of_month(genre, period, session)
        if self._has(genre, period, session):
            return days
        head = days[-1].model_dump(include={"insert_timestamp", "run_id", "upstream"}) if days else {}
        documents = [
            {
                "_id": _id(genre, track_id, month),
                **to_bson(PositionsOfMonth(**head, genre_name=genre, track_id=track_id, period=month, ranks=ranks)),
            }
            for (track_id, month), ranks in sorted(months_of(days).items())
        ]
        if documents:
            self._positions.insert_many(documents, session=session)
        return days

    def put_day(self, day: ChartDay, before: ChartDay | None, session: ClientSession, *, unknown: bool) -> None:
        """Brings the positions up to date with a day that `chart_history` holds now.

        Args:
            before: what it held of that day until then.
            unknown: whether it held something else, which nobody can read: then the month has to be made again.

        Raises:
            NewerDocument: a newer release wrote one of its documents.
        """
        genre, period = day.genre_name, day.date[:7]
        if unknown:
            self._positions.delete_many({"genre_name": genre, "period": period}, session=session)
        others = {
            "genre_name": genre,
            "date": {"$gte": f"{period}-01", "$lte": f"{period}-31", "$ne": day.date},
            **REMEMBERED,
        }
        if not self._has(genre, period, session) and self._days.find_one(others, {"_id": 1}, session=session):
            return  # the next run makes them
        self.change(genre, {day.date: (ranks_of(before), ranks_of(day))}, day, session)

    def change(
        self,
        genre: str,
        changed: Mapping[str, tuple[Mapping[str, Ranks], Mapping[str, Ranks]]],
        by: Document,
        session: ClientSession,
    ) -> None:
        """Changes days of a genre: by day (YYYY-MM-DD) the ranks that every track id had on it, and those that it has now."""
        updates: dict[str, tuple[str, str, Json, Json]] = {}
        for date, (before, now) in sorted(changed.items()):
            for track_id in before.keys() | now.keys():
                period, number = date[:7], date[8:]
                document = _id(genre, track_id, period)
                _, _, put, removed = updates.setdefault(document, (track_id, period, {}, {}))
                had, has = before.get(track_id, {}), now.get(track_id, {})
                put.update(
                    {f"ranks.{name}.{number}": Int64(rank) for name, rank in has.items() if had.get(name) != rank}
                )
                removed.update({f"ranks.{name}.{number}": "" for name in had.keys() - has.keys()})
        which = {"_id": {"$in": list(updates)}}
        unread = self._quarantine.make_way(POSITIONS, which, by.run_id, session)
        left = {str(one["_id"]).rpartition("/")[2] for one in unread}  # whole months, which the next run makes again
        self._database.bulk(
            self._positions,
            (
                _update(genre, by, document, track_id, period, put, removed)
                for document, (track_id, period, put, removed) in sorted(updates.items())
                if (put or removed) and period not in left
            ),
            session,
        )

    def _has(self, genre: str, period: str, session: ClientSession) -> bool:
        asked = {"genre_name": genre, "period": period}
        return self._positions.find_one(asked, {"_id": 1}, session=session) is not None


def _update(genre: str, by: Document, document: str, track_id: str, period: str, put: Json, removed: Json) -> UpdateOne:
    head = {**by.model_dump(include={"run_id", "upstream"}), "schema_version": Int64(SCHEMA_VERSION)}
    change: Json = {
        "$set": {**head, "genre_name": genre, "track_id": track_id, "period": period, **put},
        "$max": {"insert_timestamp": by.insert_timestamp},
    }
    if removed:
        change["$unset"] = removed
    return UpdateOne({"_id": document}, change, upsert=bool(put))


def _id(genre: str, track_id: str, period: str) -> str:
    return f"{genre}/{track_id}/{period}"


def _months_between(first: str, last: str) -> int | None:
    """How many months (YYYY-MM) there are from the first to the last, both included; None where that is not what they are."""
    try:
        begin, end = (datetime.fromisoformat(f"{month}-01") for month in (first, last))
    except ValueError:
        return None
    return 12 * (end.year - begin.year) + end.month - begin.month + 1
