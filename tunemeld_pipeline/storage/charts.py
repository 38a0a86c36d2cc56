"""The charts, per genre: the one that visitors see now, those of past days, and the record of what readers may trust.

Only `finish`, `roll_back` and `release` change what visitors see; each is one transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay, PastOutcomes
from tunemeld_pipeline.charts.charted_tracks import ChartedPast
from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    AggregatePlaylist,
    Chart,
    Materialization,
    Publication,
    PublishedVersion,
    in_utc,
    shortfalls,
)
from tunemeld_pipeline.charts.history import period_of
from tunemeld_pipeline.charts.observation import is_day, utc_day
from tunemeld_pipeline.charts.positions import Ranks, ranks_of
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored, NothingToPublish, StoreError
from tunemeld_pipeline.storage.charted_tracks import CHARTED_DAY, REMEMBERED, ChartedTracks
from tunemeld_pipeline.storage.encoding import read, to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.histories import Histories, history_id
from tunemeld_pipeline.storage.layout import HISTORIES
from tunemeld_pipeline.storage.observations import Observations
from tunemeld_pipeline.storage.positions import RANKED_DAY, Positions
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.recordings import Recordings
from tunemeld_pipeline.storage.rollbacks import Rollbacks

Json = dict[str, Any]


class Charts:
    """`view_counts_playlists`, `chart_history` with what is made from it, and `materializations`."""

    def __init__(
        self,
        database: Handle,
        observations: Observations,
        histories: Histories,
        quarantine: Quarantine,
        rollbacks: Rollbacks,
        recordings: Recordings,
        positions: Positions,
    ) -> None:
        self._database = database
        self._quarantine = quarantine
        self._observations = observations
        self._histories = histories
        self._rollbacks = rollbacks
        self._recordings = recordings
        self._positions = positions
        self._charted_tracks = ChartedTracks(database, quarantine)

    def put_chart(self, chart: Chart) -> bool:
        """Replaces a genre's chart; False if there is a newer one, which then stays.

        Raises:
            NothingToPublish: the genre is held, or it was rolled back meanwhile; the visible chart stays.
        """
        key = {"genre_name": chart.genre_name}

        def write(session: ClientSession) -> bool:
            self._rollbacks.refuse(chart.genre_name, chart.insert_timestamp, session)
            as_old = {"service_name": AGGREGATE, "insert_timestamp": {"$lte": chart.insert_timestamp}}
            self._refuse_rolled_back("track_playlist", {**key, **as_old}, session)
            return self._observations.replace_unless_newer("view_counts_playlists", key, chart, session)

        if self._database.transaction(write):
            return True
        self._observations.put("view_counts_playlists", chart.genre_name, AGGREGATE, chart)
        return False

    def chart(self, genre: str, as_of: datetime) -> Chart:
        """The chart that a run at `as_of` works on.

        Raises:
            NothingStored: `view_counts_playlists` has not been materialized for this genre up to then.
            UnreadableDocument: it cannot be read.
        """
        return self._observations.only(
            "view_counts_playlists",
            Chart,
            genre,
            as_of,
            or_else=NothingStored(
                f"{genre} has no chart up to {as_of:%Y-%m-%d}; run the stage before it first",
                next_command=f"tunemeld etl run view_count --genre {genre}",
            ),
        )

    def last_chart(self, genre: str, as_of: datetime) -> Chart | None:
        """The genre's current chart, if it is not newer than `as_of` and can be read."""
        with translated_errors():
            document = self._database["view_counts_playlists"].find_one(
                {"genre_name": genre, "insert_timestamp": {"$lte": as_of}}
            )
            return self._database.readable_one("view_counts_playlists", Chart, document)

    def charts_of_run(self, run_id: str) -> list[Chart]:
        """The charts that one run wrote."""
        with translated_errors():
            found = self._database["view_counts_playlists"].find({"run_id": run_id})
            return list(self._database.readable("view_counts_playlists", Chart, found))

    def finish(
        self,
        readings: Mapping[str, Mapping[str, int]],
        day: ChartDay,
        materialization: Materialization,
        recordings: Sequence[RecordingFacts] = (),
    ) -> Materialization:
        """Adds a day's readings to the histories and announces the new version to readers, in one transaction.

        Args:
            readings: per ISRC, what each source counted at `materialization.as_of`.
            day: the chart of that day, kept unless a later run of the same day wrote it.
            materialization: its `version` and `previous` are set here.
            recordings: what the day shows of its recordings.

        Returns:
            The materialization as written. If there was a newer one, only its version rises: the served chart stays.

        Raises:
            NothingToPublish: the genre is held, or was rolled back while this run was under way.
            NewerDocument: a newer release published the genre, or wrote the chart of this day.
        """
        as_of = materialization.as_of
        self._charted_tracks.make_missing(day.genre_name, day)
        self._recordings.make_months(day.genre_name)
        self._recordings.describe_missing()

        def write(session: ClientSession) -> Materialization:
            taken = self._without_newer_histories(readings, materialization, session)
            self._histories.add_readings(taken, materialization, session)
            was_published = self._was_published(day.genre_name, session)
            self._put_chart_day(day, materialization.finished_at, session)
            self._recordings.put(recordings, materialization.finished_at, session)
            collection = self._database["materializations"]
            key = {"_id": materialization.genre_name}
            unread = self._quarantine.make_way("materializations", key, materialization.run_id, session)
            found = collection.find_one(key, session=session)
            before = read(Materialization, found, "materializations") if found else None
            if before is None:
                written = materialization.model_copy(
                    update={"version": _unseen_version(unread, materialization, was_published=was_published)}
                )
            elif before.as_of > as_of:
                written = before.model_copy(
                    update={"version": before.version + 1, "finished_at": materialization.finished_at}
                )
            else:
                self._rollbacks.refuse(materialization.genre_name, as_of, session)
                self._refuse_rolled_back("view_counts_playlists", {"genre_name": materialization.genre_name}, session)
                written = materialization.model_copy(update={"version": before.version + 1, "previous": before.summary})
            collection.replace_one(key, {**key, **to_bson(written)}, upsert=True, session=session)
            return written

        return self._database.transaction(write)

    def roll_back(
        self, chart: Chart, aggregate: AggregatePlaylist, published: Materialization, at: datetime
    ) -> Materialization:
        """Replaces the chart and consensus that `published` describes with those of a past day, in one transaction.

        Days after that day are withdrawn; days that an earlier rollback withdrew are restored if this one goes forward past them.

        Args:
            chart: what visitors see from now on, `rolled_back_to` set, and `held` if no run may replace it.
            at: the time of the rollback.

        Returns:
            The materialization as written.

        Raises:
            StoreError: something else was published since `published` was read.
        """
        genre, date = chart.genre_name, utc_day(chart.shown_as_of)
        changes = {
            "version": published.version + 1,
            "finished_at": at,
            "run_id": chart.run_id,
            "chart_length": len(chart.tracks),
            "previous": published.summary,
            "rolled_back_at": at,
            **chart.model_dump(
                include={
                    "outcomes",
                    "coverage",
                    "count_errors",
                    "matched_share",
                    "only_service",
                    "rolled_back_to",
                    "held",
                }
            ),
        }
        written = Materialization.model_validate({**published.model_dump(), **changes, "degraded": chart.degraded})

        def write(session: ClientSession) -> Materialization:
            key = {"_id": genre, "version": published.version}
            replaced = self._database["materializations"].replace_one(
                key, {"_id": genre, **to_bson(written)}, session=session
            )
            if replaced.matched_count == 0:
                raise StoreError(
                    f"{genre} was published again at this moment; look at it, and roll back again if need be"
                )
            for collection, document, more in (
                ("view_counts_playlists", chart, {}),
                ("track_playlist", aggregate, {"service_name": AGGREGATE}),
            ):
                self._quarantine.make_way(collection, {"genre_name": genre, **more}, chart.run_id, session)
                self._database[collection].replace_one(
                    {"genre_name": genre, **more}, to_bson(document), upsert=True, session=session
                )
            shown = {"$gt": utc_day(published.shown_as_of), "$lte": date}
            for days, withdrawn in (({"$gt": date}, True), (shown, False), (date, False)):
                self._withdraw(chart, {"date": days, "withdrawn": {"$ne": withdrawn}}, withdrawn, session)
            self._note_change(genre, min(date, utc_day(published.shown_as_of)), at, session)
            return written

        return self._database.transaction(write)

    def release(self, published: Materialization, at: datetime) -> Materialization:
        """Lets the next run replace a chart that is held; it is shown until then. Returns the materialization as written.

        Raises:
            StoreError: something else was published since `published` was read.
        """
        genre = published.genre_name
        free = published.model_copy(update={"held": False, "version": published.version + 1, "finished_at": at})
        free = free.model_copy(update={"degraded": list(shortfalls(free))})

        def write(session: ClientSession) -> Materialization:
            key = {"_id": genre, "version": published.version}
            replaced = self._database["materializations"].replace_one(
                key, {"_id": genre, **to_bson(free)}, session=session
            )
            if replaced.matched_count == 0:
                raise StoreError(f"{genre} was published again at this moment; look at it, and try again if need be")
            self._database["view_counts_playlists"].update_one(
                {"genre_name": genre}, {"$set": {"held": False}}, session=session
            )
            return free

        return self._database.transaction(write)

    def _refuse_rolled_back(self, collection: str, key: Json, session: ClientSession) -> None:
        if self._database[collection].find_one(
            {**key, "rolled_back_to": {"$type": "date"}}, {"_id": 1}, session=session
        ):
            raise NothingToPublish(
                f"{key['genre_name']} was rolled back while this run was under way, which stays; run it again"
            )

    def _withdraw(self, by: Chart, days: Json, withdrawn: bool, session: ClientSession) -> None:
        """Withdraws days of the genre or restores them, and brings what is made from them up to date."""
        history, asked = self._database["chart_history"], {"genre_name": by.genre_name, **days}
        changed: dict[str, set[str]] = {}
        ranked: dict[str, Mapping[str, Ranks]] = {}
        for document in history.find(asked, RANKED_DAY, session=session):
            chart = document.get("chart")
            if not is_day(document.get("date")):
                continue
            changed.setdefault(document["date"][:4], set()).update(chart if isinstance(chart, list) else ())
            day = self._database.readable_one("chart_history", ChartDay, document)
            if day is not None:
                ranked[day.date] = ranks_of(day)
        history.update_many(asked, {"$set": {"withdrawn": withdrawn}}, session=session)
        self._charted_tracks.make_years(by.genre_name, changed, by, session)
        self._positions.change(
            by.genre_name,
            {date: (ranks, {}) if withdrawn else ({}, ranks) for date, ranks in ranked.items()},
            by,
            session,
        )

    def _without_newer_histories(
        self, readings: Mapping[str, Mapping[str, int]], run: Materialization, session: ClientSession
    ) -> Mapping[str, Mapping[str, int]]:
        """The readings whose histories can take them; those of unreadable histories find a new one."""
        ids = {history_id(isrc, period_of(run.as_of)): isrc for isrc in readings}
        which = {"_id": {"$in": list(ids)}}
        done = self._quarantine.put_aside(HISTORIES, which, run.run_id, session, upstream=run.upstream)
        newer = {ids[document["_id"]] for document, _ in done.newer}
        return {isrc: counts for isrc, counts in readings.items() if isrc not in newer}

    def _note_change(self, genre: str, since: str, at: datetime, session: ClientSession) -> None:
        """Notes that what is shown of this day and all later ones changes, and of the one before it, which links to it."""
        days = self._database["chart_history"]
        before = days.find_one(
            {"genre_name": genre, "date": {"$lt": since}, **REMEMBERED},
            {"date": 1, "_id": 0},
            sort=[("date", DESCENDING)],
            session=session,
        )
        first = before["date"] if before else since
        days.update_many({"genre_name": genre, "date": {"$gte": first}}, {"$max": {"changed_at": at}}, session=session)

    def changed_at(self, genres: Iterable[str], date: str) -> datetime | None:
        """When what these genres show of the day (YYYY-MM-DD) last changed; None where one of them does not say so."""
        asked = {"genre_name": {"$in": list(genres)}, "date": date}
        with translated_errors():
            found = list(self._database["chart_history"].find(asked, {"changed_at": 1}, session=self._database.session))
        moments = [in_utc(at) for one in found if isinstance(at := one.get("changed_at"), datetime)]
        return max(moments) if moments and len(moments) == len(found) else None

    def _was_published(self, genre: str, session: ClientSession) -> bool:
        return self._database["chart_history"].find_one({"genre_name": genre}, {"_id": 1}, session=session) is not None

    def _put_chart_day(self, day: ChartDay, at: datetime, session: ClientSession) -> None:
        """Keeps the day; what later days show depends on it, and the one before it has another day after it."""
        key = {"genre_name": day.genre_name, "date": day.date}
        unread = self._quarantine.make_way("chart_history", key, day.run_id, session)
        collection = self._database["chart_history"]
        before = collection.find_one(key, RANKED_DAY | {"withdrawn": 1}, session=session)
        if before is None or before["insert_timestamp"] <= day.insert_timestamp:
            collection.replace_one(key, to_bson(day), upsert=True, session=session)
            remembered = None if before is None or before.get("withdrawn") else read(ChartDay, before, "chart_history")
            self._charted_tracks.put_day(day, remembered, session, unknown=bool(unread))
            self._positions.put_day(day, remembered, session, unknown=bool(unread))
        self._note_change(day.genre_name, day.date, at, session)

    def past(self, genre: str, date: str, ids: Iterable[str], services: Collection[str] = ()) -> ChartedPast:
        """What the chart of the day `date` (YYYY-MM-DD) is compared with, as far as it concerns the recordings with these ids.

        Args:
            services: those of which the chart is made; none where it does not matter, or is not known.
        """
        return self._charted_tracks.past(genre, date, ids, services)

    def chart_day(self, genre: str, date: str) -> ChartDay | None:
        """The chart of one UTC day (YYYY-MM-DD), withdrawn or not.

        Raises:
            UnreadableDocument: it cannot be read.
        """
        with translated_errors():
            document = self._database["chart_history"].find_one(
                {"genre_name": genre, "date": date}, session=self._database.session
            )
            return self._database.read("chart_history", ChartDay, document) if document else None

    def chart_dates(self, genre: str, *, withdrawn: bool = False) -> list[str]:
        """The UTC days that have a chart, oldest first; withdrawn ones are left out by default."""
        asked: Json = {"genre_name": genre, **({} if withdrawn else REMEMBERED)}
        with translated_errors():
            # Sorted here: for a sorted answer MongoDB would read the charts, and not an index alone.
            found = self._database["chart_history"].find(asked, {"_id": 0, "date": 1}, session=self._database.session)
            return sorted(date for document in found if is_day(date := document.get("date")))

    def genres(self) -> list[str]:
        """The genres of which days are kept, in the catalogue or not."""
        with translated_errors():
            return sorted(self._database["chart_history"].distinct("genre_name", session=self._database.session))

    def chart_days(self, genre: str, before: str, limit: int | None) -> list[ChartDay]:
        """The last `limit` chart days before the day `before` (YYYY-MM-DD), or all, newest first; withdrawn ones are left out."""
        asked = {"genre_name": genre, "date": {"$lt": before}, **REMEMBERED}
        with translated_errors():
            found = self._database["chart_history"].find(asked, session=self._database.session).sort("date", DESCENDING)
            if limit is not None:
                found = found.limit(limit)
            return list(self._database.readable("chart_history", ChartDay, found))

    def past_outcomes(self, genre: str, since: str, before: str) -> list[PastOutcomes]:
        """What became of each service's list on the days from `since` on and before `before` (YYYY-MM-DD), without withdrawn days."""
        asked = {"genre_name": genre, "date": {"$gte": since, "$lt": before}, **REMEMBERED}
        wanted = dict.fromkeys(("schema_version", *PastOutcomes.model_fields), 1)
        with translated_errors():
            found = self._database["chart_history"].find(asked, wanted, session=self._database.session)
            return list(self._database.readable("chart_history", PastOutcomes, found))

    def charted_days(self, genre: str, before: str, restored_after: str | None = None) -> list[ChartedDay]:
        """Every chart before the day `before` (YYYY-MM-DD), oldest first, without its lists.

        Withdrawn ones are left out, except those after the day `restored_after`.
        """
        remembered: Json = {"$or": [REMEMBERED, {"date": {"$gt": restored_after}}]} if restored_after else REMEMBERED
        with translated_errors():
            found = (
                self._database["chart_history"]
                .find(
                    {"genre_name": genre, "date": {"$lt": before}, **remembered},
                    CHARTED_DAY,
                    session=self._database.session,
                )
                .sort("date", ASCENDING)
            )
            return list(self._database.readable("chart_history", ChartedDay, found))

    def materializations(self, genres: Iterable[str] | None = None) -> dict[str, Materialization]:
        """What readers may trust, per genre; of these genres alone, or of all."""
        asked: Json = {} if genres is None else {"_id": {"$in": list(genres)}}
        with translated_errors():
            found = self._database["materializations"].find(asked, session=self._database.session).sort("_id")
            return {one.genre_name: one for one in self._database.readable("materializations", Materialization, found)}

    def materialization(self, genre: str) -> Materialization | None:
        """What readers may trust of this genre; None if it was never published.

        Raises:
            UnreadableDocument: it cannot be read.
        """
        with translated_errors():
            document = self._database["materializations"].find_one({"_id": genre}, session=self._database.session)
            return self._database.read("materializations", Materialization, document) if document else None

    def versions(self) -> dict[str, PublishedVersion]:
        """What a reader polls every few seconds, per genre: little data, so polling is cheap."""
        with translated_errors():
            found = (
                self._database["materializations"]
                .find({}, {"version": 1, "publication": 1, "schema_version": 1})
                .sort("_id")
            )
            versions = {}
            for document in found:
                one = self._database.readable_one("materializations", PublishedVersion, document)
                if one is not None:
                    versions[document["_id"]] = one
            return versions

    def introduce(self, materialization: Materialization) -> None:
        """Announces a genre to readers if it was never announced; what they know about others stays."""
        key = {"_id": materialization.genre_name}
        with translated_errors():
            self._database["materializations"].update_one(key, {"$setOnInsert": to_bson(materialization)}, upsert=True)

    def note_publication(self, genre: str, publication: Publication) -> None:
        """Keeps the outcome of the last bulk write to the shared cache, next to what readers may trust."""
        noted = {"$set": {"publication": to_bson(publication)}}
        self._database.write(
            lambda own: self._database["materializations"].update_one({"_id": genre}, noted, session=own)
        )


def _unseen_version(unread: Sequence[Json], by: Materialization, *, was_published: bool) -> int:
    """The version of a genre without a readable materialization: the first, or one that no reader can have seen.

    Where nothing says which version was the last, it is the time in seconds, which is higher than any number of runs.
    """
    seen = [one["version"] for one in unread if isinstance(one.get("version"), int) and one["version"] > 0]
    if seen:
        return int(max(seen)) + 1
    return int(by.finished_at.timestamp()) if unread or was_published else 1
