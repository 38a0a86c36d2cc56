"""The readings of every recording, source by source: `historical_track_views`, one document per ISRC and calendar month.

A document's size does not depend on how old a history is, so neither does the cost of a day. MongoDB itself adds a reading, with an
update pipeline that follows the rule of `charts/history.py`; gains are derived when readings are read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import Int64
from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import HISTORY_SCHEMA_VERSION, Materialization, Reading, TrackHistory
from tunemeld_pipeline.charts.history import RECENT_READINGS, day_of, period_before, period_of, with_gains
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD
from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.plugins.registry import count_sources
from tunemeld_pipeline.storage.encoding import history_readings
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.layout import HISTORIES

Json = dict[str, Any]
Series = dict[str, list[Reading]]
"""Readings by source, oldest first."""

BEFORE_ALL, AFTER_ALL = "0000-00", "9999-99"
"""Months before and after every other."""


class Histories:
    """`historical_track_views`."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def add_readings(
        self, readings: Mapping[str, Mapping[str, int]], run: Materialization, session: ClientSession
    ) -> None:
        """Adds what each source counted per ISRC at `run.as_of`, in the transaction of `session`."""
        updates = (
            UpdateOne(
                {"_id": history_id(isrc, period_of(run.as_of))},
                reading_update(isrc, counts, run.as_of, run.run_id, run.upstream),
                upsert=True,
            )
            for isrc, counts in sorted(readings.items())
            if counts
        )
        self._database.bulk(self._database[HISTORIES], updates, session)

    def first_seen(self, isrcs: Iterable[str]) -> dict[str, datetime]:
        """When each ISRC that has a history was first seen."""
        found = self._aggregated(_oldest(self._shown(isrcs)))
        return {one["_id"]: one["first_seen"] for one in found if isinstance(one["first_seen"], datetime)}

    def recent_readings(self, isrcs: Iterable[str], as_of: datetime) -> dict[str, Series]:
        """The last ten readings up to `as_of` of each ISRC and source, oldest first; unknown ISRCs are left out.

        Only this month and the month before are read. Where they hold fewer than ten, a single older reading is added: the last.
        """

        def is_enough(readings: Sequence[Reading]) -> bool:
            return len(readings) > RECENT_READINGS and readings[RECENT_READINGS].current_timestamp <= as_of

        last = period_of(as_of)
        found = self._with_the_one_before(self._shown(isrcs), period_before(last), last, is_enough)
        return {
            isrc: {
                source: with_gains(one for one in readings if one.current_timestamp <= as_of)[-RECENT_READINGS:]
                for source, readings in by_source.items()
            }
            for isrc, by_source in found.items()
        }

    def readings_since(
        self, isrcs: Iterable[str], since: datetime, before: datetime | None = None
    ) -> dict[str, Series]:
        """The readings from `since` on of each ISRC and source, oldest first, those from `before` on left out where it is given."""

        def is_enough(readings: Sequence[Reading]) -> bool:
            return bool(readings) and readings[0].current_timestamp < since

        last = AFTER_ALL if before is None else period_of(before)
        found = self._with_the_one_before(self._shown(isrcs), period_of(since), last, is_enough)
        return {
            isrc: {
                source: [
                    one
                    for one in with_gains(readings)
                    if since <= one.current_timestamp and (before is None or one.current_timestamp < before)
                ]
                for source, readings in by_source.items()
            }
            for isrc, by_source in found.items()
        }

    def of(self, isrcs: Iterable[str]) -> list[TrackHistory]:
        """The whole histories of these ISRCs, ordered by ISRC."""
        asked = self._shown(isrcs)
        first_seen, found = self.first_seen(asked), self._between(asked, BEFORE_ALL, AFTER_ALL)
        return [
            TrackHistory(
                isrc,
                first_seen[isrc],
                {source: with_gains(readings) for source, readings in found[isrc].items() if readings},
            )
            for isrc in sorted(first_seen.keys() & found.keys())
        ]

    def of_month(self, period: str) -> Iterator[tuple[str, Series]]:
        """Each ISRC that was counted in a month (YYYY-MM), ordered by ISRC, with its readings of that month, oldest first."""
        with translated_errors():
            found = self._database[HISTORIES].find({"period": period}, session=self._database.session)
            for document in found.sort("isrc", ASCENDING):
                kept = self._readings_of(document) if self._shown([document["isrc"]]) else None
                if kept:
                    yield document["isrc"], {source: with_gains(sorted(readings)) for source, readings in kept.items()}

    def _shown(self, isrcs: Iterable[str]) -> list[str]:
        """The ISRCs of recordings that are not withheld."""
        withheld = self._database.withheld or NOTHING_WITHHELD
        return [isrc for isrc in isrcs if not withheld.hides_recording([isrc])]

    def _with_the_one_before(
        self, isrcs: Sequence[str], first: str, last: str, is_enough: Callable[[Sequence[Reading]], bool]
    ) -> dict[str, Series]:
        """The readings of these months, without gains; with the last one before them where those of a source are not enough."""
        found = self._between(isrcs, first, last)
        lacking = [
            isrc
            for isrc in isrcs
            if isrc not in found or not all(is_enough(found[isrc].get(source, ())) for source in _sources())
        ]
        unread = {error.key.partition("/")[0] for error in self._database.unreadable.values()}
        for isrc, earlier in self._last_before(lacking, first).items():
            if not earlier and isrc in unread and isrc not in found:
                continue  # all that is known of it cannot be read
            series = found.setdefault(isrc, {})
            for source, reading in earlier.items():
                series[source] = [reading, *series.get(source, ())]
        return found

    def _between(self, isrcs: Sequence[str], first: str, last: str) -> dict[str, Series]:
        """The readings of these months, both included; of a document of schema version 1, which has no month, all."""
        asked = {"isrc": {"$in": list(isrcs)}, "$or": [{"period": {"$gte": first, "$lte": last}}, {"period": None}]}
        found: dict[str, Series] = {}
        with translated_errors():
            for document in self._database[HISTORIES].find(asked, session=self._database.session):
                kept = self._readings_of(document)
                if kept is not None:
                    series = found.setdefault(document["isrc"], {})
                    for source, readings in kept.items():
                        series.setdefault(source, []).extend(readings)
        for series in found.values():
            for readings in series.values():
                readings.sort()
        return found

    def _last_before(self, isrcs: Sequence[str], period: str) -> dict[str, dict[str, Reading]]:
        """Of each ISRC that has a history, the last reading of each source in the months before."""
        if not isrcs:
            return {}
        pipeline = _oldest(isrcs) + [_with_last_before(source, period) for source in _sources()]
        return {
            one["_id"]: {
                source: max(readings)
                for source in _sources()
                for document in one[source]
                if (readings := (self._readings_of(document) or {}).get(source))
            }
            for one in self._aggregated(pipeline)
        }

    def _readings_of(self, document: Json) -> Series | None:
        """What a document holds, without withheld sources; None where it cannot be read, which is noted."""
        withheld = self._database.withheld or NOTHING_WITHHELD
        try:
            return withheld.without_services(history_readings(document))
        except UnreadableDocument as error:
            self._database.leave_out(error)
            return None

    def _aggregated(self, pipeline: Sequence[Json]) -> Iterator[Json]:
        with translated_errors():
            yield from self._database[HISTORIES].aggregate(pipeline, session=self._database.session)


def _sources() -> list[str]:
    return [source.key for source in count_sources()]


def history_id(isrc: str, period: str) -> str:
    """The id of the document that keeps one recording's readings of one month."""
    return f"{isrc}/{period}"


def history_documents(history: TrackHistory, run_id: str, upstream: str) -> list[Json]:
    """A whole history as it is kept, oldest month first; the month in which it was first seen is there also without readings."""
    months: dict[str, Json] = {period_of(history.first_seen): {}}
    moments: dict[str, list[datetime]] = {period_of(history.first_seen): [history.first_seen]}
    for source, readings in history.view_counts.items():
        for moment, count, _ in readings:
            days = months.setdefault(period_of(moment), {}).setdefault(source, {})
            days[day_of(moment)] = {"current_timestamp": moment, "view_count": Int64(count)}
            moments.setdefault(period_of(moment), []).append(moment)
    return [
        {
            "_id": history_id(history.isrc, period),
            "isrc": history.isrc,
            "period": period,
            "first_seen": min(moments[period]),
            "insert_timestamp": max(moments[period]),
            "run_id": run_id,
            "upstream": upstream,
            "schema_version": Int64(HISTORY_SCHEMA_VERSION),
            "view_counts": months[period],
        }
        for period in sorted(months)
    ]


def reading_update(
    isrc: str, readings: Mapping[str, int], moment: datetime, run_id: str, upstream: str
) -> list[dict[str, Any]]:
    """The update pipeline that adds one day's readings to their month; days may be written in any order.

    MongoDB computes it inside the document: two genres that share the track lose nothing.
    """
    fields: dict[str, Any] = {
        "isrc": {"$literal": isrc},
        "period": period_of(moment),
        "first_seen": {"$min": ["$first_seen", moment]},
        "insert_timestamp": {"$max": ["$insert_timestamp", moment]},
        "run_id": {"$literal": run_id},
        "upstream": {"$literal": upstream},
        "schema_version": Int64(HISTORY_SCHEMA_VERSION),
    }
    for source, count in readings.items():
        path = f"view_counts.{source}.{day_of(moment)}"
        reading = {"current_timestamp": moment, "view_count": Int64(count)}
        fields[path] = {"$cond": [{"$gt": [f"${path}.current_timestamp", moment]}, f"${path}", reading]}
    return [{"$set": fields}]


def _oldest(isrcs: Iterable[str]) -> list[Json]:
    """One document per ISRC, with its first month's `first_seen`; the index leads to it, so that no other month is looked at."""
    return [
        {"$match": {"isrc": {"$in": list(isrcs)}}},
        {"$sort": {"isrc": ASCENDING, "period": ASCENDING}},
        {"$group": {"_id": "$isrc", "first_seen": {"$first": "$first_seen"}}},
    ]


def _with_last_before(source: str, period: str) -> Json:
    asked = {
        "$expr": {"$eq": ["$isrc", "$$isrc"]},
        "period": {"$lt": period},
        f"view_counts.{source}": {"$exists": True},
    }
    last = [{"$match": asked}, {"$sort": {"isrc": DESCENDING, "period": DESCENDING}}, {"$limit": 1}]
    return {"$lookup": {"from": HISTORIES, "let": {"isrc": "$_id"}, "pipeline": last, "as": source}}
