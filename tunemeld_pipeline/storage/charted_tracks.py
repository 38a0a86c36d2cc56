"""How each track id stood on a genre's charts, by year: `charted_tracks`, made from `chart_history` and kept in step with it.

A chart's memory needs all days of its tracks, and this holds a year of a track in a few bytes. Where a genre has none, after an upgrade or
a restore, readers go through the days themselves, and the next run makes all of it again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bson import Int64
from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay, ChartedTrack, ChartedYear
from tunemeld_pipeline.charts.charted_tracks import (
    SEARCHED_DAYS,
    ChartedPast,
    comparable,
    past_of,
    rows_of,
    week_before,
    with_changed_day,
    years_of,
)
from tunemeld_pipeline.charts.documents import SCHEMA_VERSION, Document
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

Json = dict[str, Any]

REMEMBERED: Json = {"withdrawn": {"$ne": True}}
NO_DAYS = ChartedYear(days=b"", records=[], links=[])
CHARTED_DAY = dict.fromkeys(("schema_version", *ChartedDay.model_fields), 1)


class ChartedTracks:
    """`charted_tracks`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine
        self._tracks = database["charted_tracks"]
        self._days = database["chart_history"]

    def past(self, genre: str, date: str, ids: Iterable[str], services: Collection[str] = ()) -> ChartedPast:
        """What the chart of the day `date` (YYYY-MM-DD) is compared with, as far as it concerns the recordings with these ids.

        Args:
            services: those of which the chart is made; none where that is not known.
        """
        known = self._known_by(genre, ids)
        if known is None or (not known and not self._has_any(genre, self._database.session)):
            return past_of(self._remembered(genre, {"$lt": date}, self._database.session), date, services)
        return ChartedPast(self._compared(genre, date, services), {one.track_id: one.years for one in known})

    def make_missing(self, genre: str, by: Document) -> None:
        """Makes the years of a genre that has days and no years.

        It takes seconds where there are ten years of days, so it is done before the transaction of the next day, which MongoDB would
        end. Where another run has changed the days meanwhile, the next run makes them.
        """
        if self._has_any(genre, None):
            return
        seen = self._seen(genre, None)
        years = years_of(self._remembered(genre, {"$gt": ""}, None))
        documents = [to_bson(_charted_track(genre, one, by_year, by)) for one, by_year in sorted(years.items())]

        def write(session: ClientSession) -> None:
            if not self._has_any(genre, session) and self._seen(genre, session) == seen:
                self._tracks.insert_many(
                    [{"_id": _id(genre, one["track_id"]), **one} for one in documents], session=session
                )

        if documents:
            self._database.transaction(write)

    def put_day(self, day: ChartDay, before: ChartedDay | None, session: ClientSession, *, unknown: bool) -> None:
        """Brings the years up to date with a day that `chart_history` holds now.

        Args:
            before: what it remembered of that day until then.
            unknown: whether it held something else, which nobody can read: then all of the genre has to be made again.

        Raises:
            NewerDocument: a newer release wrote one of its tracks.
        """
        genre, then, now, year = day.genre_name, rows_of(before), rows_of(day), day.date[:4]
        which = {"_id": {"$in": [_id(genre, one) for one in then.keys() | now.keys()]}}
        self._quarantine.make_way("charted_tracks", which, day.run_id, session)
        if unknown:
            self._tracks.delete_many({"genre_name": genre}, session=session)
        others = {"genre_name": genre, "date": {"$ne": day.date}, **REMEMBERED}
        if not self._has_any(genre, session) and self._days.find_one(others, {"_id": 1}, session=session):
            return  # the next run makes them
        changed = [one for one in then.keys() | now.keys() if then.get(one) != now.get(one)]
        known = self._years(day.genre_name, year, changed, session)
        made = {
            one: with_changed_day(known.get(one, NO_DAYS), day.date, then.get(one), now.get(one)) for one in changed
        }
        self._write(day.genre_name, year, {one: charted for one, charted in made.items() if charted}, day, session)
        left = [one for one, charted in made.items() if charted is None]
        self.make_years(day.genre_name, {year: left} if left else {}, day, session)

    def make_years(
        self, genre: str, changed: Mapping[str, Iterable[str]], by: Document, session: ClientSession
    ) -> None:
        """Makes years of these track ids again from the days, by year; `by` is what changed the days."""
        if not self._has_any(genre, session):
            return
        for year, track_ids in sorted(changed.items()):
            made = years_of(self._remembered(genre, {"$gte": f"{year}-01-01", "$lte": f"{year}-12-31"}, session))
            self._write(genre, year, {one: made.get(one, {}).get(year) for one in track_ids}, by, session)

    def _seen(self, genre: str, session: ClientSession | None) -> list[Json]:
        """What shows whether the days of a genre have changed."""
        fields = {"_id": 0, "date": 1, "insert_timestamp": 1, "withdrawn": 1}
        with translated_errors():
            return list(self._days.find({"genre_name": genre}, fields, session=session).sort("date", ASCENDING))

    def _years(self, genre: str, year: str, track_ids: Iterable[str], session: ClientSession) -> dict[str, ChartedYear]:
        asked = {"_id": {"$in": [_id(genre, one) for one in track_ids]}}
        return {
            document["track_id"]: ChartedYear.model_validate(document["years"][year])
            for document in self._tracks.find(asked, {"track_id": 1, f"years.{year}": 1}, session=session)
            if year in document["years"]
        }

    def _write(
        self, genre: str, year: str, tracks: Mapping[str, ChartedYear | None], by: Document, session: ClientSession
    ) -> None:
        """Replaces one year of these tracks; None means that none of its days is remembered."""
        head = {**by.model_dump(include={"run_id", "upstream"}), "schema_version": Int64(SCHEMA_VERSION)}
        updates = []
        for track_id, charted in sorted(tracks.items()):
            field = f"years.{year}"
            if charted is None:
                updates.append(UpdateOne({"_id": _id(genre, track_id)}, {"$unset": {field: ""}}))
                continue
            change = {
                "$set": {**head, "genre_name": genre, "track_id": track_id, field: to_bson(charted)},
                "$max": {"insert_timestamp": by.insert_timestamp},
                "$addToSet": {"ids": {"$each": _ids(track_id, [charted])}},
            }
            updates.append(UpdateOne({"_id": _id(genre, track_id)}, change, upsert=True))
        self._database.bulk(self._tracks, updates, session)

    def _known_by(self, genre: str, ids: Iterable[str]) -> list[ChartedTrack] | None:
        """The tracks that are or were known by one of these ids, or by another id of such a track; None where one cannot be read."""
        found: dict[str, ChartedTrack] = {}
        wanted, known = set(ids), set[str]()
        with translated_errors():
            while wanted:
                asked = {"genre_name": genre, "ids": {"$in": sorted(wanted)}}
                for document in self._tracks.find(asked, session=self._database.session):
                    track = self._database.readable_one("charted_tracks", ChartedTrack, document)
                    if track is None:
                        return None
                    found[track.track_id] = track
                known |= wanted
                wanted = {one for track in found.values() for one in track.ids} - known
        return list(found.values())

    def _compared(self, genre: str, date: str, services: Collection[str]) -> ChartedDay | None:
        candidates: tuple[tuple[Json, int], ...] = (
            ({"$lte": week_before(date)}, DESCENDING),
            ({"$gt": week_before(date), "$lt": date}, ASCENDING),
        )
        with translated_errors():
            for dates, order in candidates:
                asked = {"genre_name": genre, "date": dates, **REMEMBERED}
                days = self._days.find(asked, CHARTED_DAY, session=self._database.session).sort("date", order)
                # Two at a time: nearly always the first one is readable, and made of the same services.
                few = days.limit(SEARCHED_DAYS).batch_size(2)
                for day in self._database.readable("chart_history", ChartedDay, few):
                    if comparable(day.services, services):
                        return day
        return None

    def _has_any(self, genre: str, session: ClientSession | None) -> bool:
        with translated_errors():
            return self._tracks.find_one({"genre_name": genre}, {"_id": 1}, session=session) is not None

    def _remembered(self, genre: str, dates: Json, session: ClientSession | None) -> Sequence[ChartedDay]:
        with translated_errors():
            found = self._days.find({"genre_name": genre, "date": dates, **REMEMBERED}, CHARTED_DAY, session=session)
            return list(self._database.readable("chart_history", ChartedDay, found))


def _charted_track(genre: str, track_id: str, years: Mapping[str, ChartedYear], by: Document) -> ChartedTrack:
    return ChartedTrack(
        **by.model_dump(include={"insert_timestamp", "run_id", "upstream"}),
        genre_name=genre,
        track_id=track_id,
        ids=_ids(track_id, years.values()),
        years=dict(years),
    )


def _ids(track_id: str, years: Iterable[ChartedYear]) -> list[str]:
    return sorted({track_id, *(one for year in years for link in year.links for one in link.ids)})


def _id(genre: str, track_id: str) -> str:
    return f"{genre}/{track_id}"
