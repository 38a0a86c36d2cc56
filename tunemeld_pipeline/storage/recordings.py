"""What is kept of every recording that was on a chart or a list: `recordings`, and with it their artists and the words that find them.

A day's recordings are written in the transaction that publishes the day. What earlier releases left without artists and words is described
some at a time, by `db init` or by the next runs; nothing but the documents themselves says what is left, so it may be cut off at any point.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.recordings import RecordingFacts, prominence_of, with_seen
from tunemeld_pipeline.charts.search import terms_of, words_in
from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.storage.artists import Artists
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.positions import Positions
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.search import Search

Json = dict[str, Any]
RECORDINGS = "recordings"
DESCRIBED_AT_ONCE = 100
"""Recordings that one transaction describes."""

DESCRIBED_BY_RUN = 2_000
"""Recordings of an earlier release that a run describes at most: some seconds."""


class Recordings:
    """`recordings`."""

    def __init__(
        self, database: Handle, quarantine: Quarantine, artists: Artists, search: Search, positions: Positions
    ) -> None:
        self._database = database
        self._quarantine = quarantine
        self._artists = artists
        self._search = search
        self._positions = positions
        self._recordings = database[RECORDINGS]

    def known(self, track_ids: Iterable[str]) -> dict[str, RecordingFacts]:
        """What is known about these recordings; those that were never seen are left out."""
        with translated_errors():
            found = self._recordings.find({"_id": {"$in": list(track_ids)}}, session=self._database.session)
            return {one.track_id: one for one in self._database.readable(RECORDINGS, RecordingFacts, found)}

    def recording(self, track_id: str) -> RecordingFacts | None:
        """What is known about one recording; None where it was never seen.

        Raises:
            UnreadableDocument: the document cannot be read.
        """
        with translated_errors():
            document = self._recordings.find_one({"_id": track_id}, session=self._database.session)
            return self._database.read(RECORDINGS, RecordingFacts, document) if document else None

    def successor(self, track_id: str) -> str | None:
        """The recording that a provisional id became, for ever; None where it became none."""
        return self._owner("ids", track_id)

    def carrier(self, isrc: str) -> str | None:
        """The recording that carries an ISRC beside its own; None where none does."""
        return self._owner("isrcs", isrc)

    def of_artist(self, slug: str, limit: int) -> list[RecordingFacts]:
        """The recordings that credit an artist, those that came highest on a chart first, at most `limit`."""
        with translated_errors():
            found = (
                self._recordings.find({"artists.slug": slug}, session=self._database.session)
                .sort([("prominence", DESCENDING), ("_id", DESCENDING)])
                .limit(limit)
            )
            return list(self._database.readable(RECORDINGS, RecordingFacts, found))

    def count(self) -> int:
        """How many recordings have a page of their own, those that are withheld included."""
        with translated_errors():
            return self._recordings.count_documents({"became": None}, session=self._database.session)

    def moments(self, start: int, most: int) -> list[tuple[str, datetime]]:
        """Recordings by id and when each was last seen, in the order of their ids; those that are withheld are left out.

        Args:
            start: how many recordings come before.
            most: how many to look at.
        """
        withheld = self._database.withheld or NOTHING_WITHHELD
        with translated_errors():
            found = (
                self._recordings.find({"became": None}, {"insert_timestamp": 1}, session=self._database.session)
                .sort("_id", ASCENDING)
                .skip(start)
                .limit(most)
            )
            return [
                (one["_id"], moment)
                for one in found
                if isinstance(moment := one.get("insert_timestamp"), datetime)
                and not withheld.hides_recording([one["_id"]])
            ]

    def put(self, seen: Sequence[RecordingFacts], at: datetime, session: ClientSession) -> None:
        """Keeps what a day shows of its recordings, in the transaction of `session`; what a newer release wrote of one stays.

        Args:
            at: now, which `changed_at` becomes where the day shows anything else.
        """
        if not seen:
            return
        ids = [one.track_id for one in seen]
        done = self._quarantine.put_aside(RECORDINGS, {"_id": {"$in": ids}}, seen[0].run_id, session)
        newer = {document["_id"] for document, _ in done.newer}
        stored = self._stored(ids, session)
        former = self._former_ids(seen, session)
        merged = [
            with_seen(
                stored.get(one.track_id), one.model_copy(update={"ids": former.get(one.track_id, []), "changed_at": at})
            )
            for one in seen
            if one.track_id not in newer
        ]
        self._write(merged, stored, session)

    def describe_missing(self, limit: int = DESCRIBED_BY_RUN) -> int:
        """Gives recordings of an earlier release their artists and words, at most `limit` of them; returns how many."""
        described = 0

        def write(session: ClientSession) -> int:
            found = self._recordings.find({"terms": None}, session=session).limit(DESCRIBED_AT_ONCE)
            stored = {one.track_id: one for one in self._database.readable(RECORDINGS, RecordingFacts, found)}
            self._write(list(stored.values()), stored, session)
            return len(stored)

        while described < limit and (some := self._database.transaction(write)):
            described += some
        return described

    def undescribed(self) -> int:
        """How many recordings have no artists and words yet."""
        with translated_errors():
            return self._recordings.count_documents({"terms": None})

    def make_months(self, genre: str) -> int:
        """Makes the months of a genre that has days and no positions of them, and returns how many.

        What the days show of their recordings goes with it: the genre, how high they came, and which ids became ISRCs.
        """
        months = self._positions.missing_months(genre)
        for month in months:

            def write(session: ClientSession, period: str = month) -> None:
                self._remember(genre, self._positions.make_month(genre, period, session), session)

            self._database.transaction(write)
        return len(months)

    def _remember(self, genre: str, days: Iterable[ChartDay], session: ClientSession) -> None:
        """Notes what past days show of recordings that are known."""
        best: dict[str, int] = {}
        became: dict[str, list[str]] = {}
        for day in days:
            for rank, track_id in day.ranked:
                best[track_id] = min(rank, best.get(track_id, rank))
                if well_formed_isrc(track_id):
                    others = [one for one in day.other_ids.get(track_id, ()) if well_formed_isrc(one) is None]
                    became.setdefault(track_id, []).extend(others)
            for track_id in {one for ids in day.lists.values() for one in ids if one is not None}:
                best.setdefault(track_id, 0)
        stored = self._stored(best, session)
        owned = self._unclaimed({one: track_id for track_id, ids in became.items() for one in ids}, session)
        changed = [
            facts.model_copy(
                update={
                    "genres": sorted({*facts.genres, genre}),
                    "prominence": max(facts.prominence, prominence_of(best[track_id] or None)),
                    "ids": sorted(
                        {*facts.ids, *(one for one in became.get(track_id, ()) if owned.get(one) == track_id)}
                    ),
                }
            )
            for track_id, facts in stored.items()
        ]
        self._write([one for one in changed if one != stored[one.track_id]], stored, session)

    def _write(
        self, recordings: Sequence[RecordingFacts], stored: Mapping[str, RecordingFacts], session: ClientSession
    ) -> None:
        """Writes recordings, those without artists or terms with them; and to the documents of former ids what they became."""
        credited = self._artists.credit((one for one in recordings if not one.artists and one.became is None), session)
        described = [
            _described(one.model_copy(update={"artists": credited.get(one.track_id, one.artists)}))
            for one in recordings
        ]
        self._replace(described, stored, session)
        former = {
            other: one.track_id
            for one in described
            for other in one.ids
            if one.track_id not in stored or other not in stored[one.track_id].ids
        }
        self._database.bulk(
            self._recordings,
            (
                UpdateOne({"_id": other, "became": None}, {"$set": {"became": track_id, "terms": [], "artists": []}})
                for other, track_id in sorted(former.items())
            ),
            session,
        )
        before = {one.track_id: one.terms for one in stored.values()}
        fresh = (
            word for one in described if one.terms != before.get(one.track_id) for word in words_in(one.terms or ())
        )
        self._search.remember(fresh, session)
        self._artists.raise_prominence(_reached(described, stored), session)

    def _replace(
        self, recordings: Iterable[RecordingFacts], stored: Mapping[str, RecordingFacts], session: ClientSession
    ) -> None:
        """Writes those of which something has changed; of the others, which are most, only when they were seen, all at once."""
        seen_again: list[RecordingFacts] = []
        writes = []
        for one in recordings:
            before = stored.get(one.track_id)
            if before is not None and before.model_copy(update=_head(one)) == one:
                seen_again += [one] if before.insert_timestamp < one.insert_timestamp else []
            else:
                writes.append(ReplaceOne({"_id": one.track_id}, {"_id": one.track_id, **to_bson(one)}, upsert=True))
        self._database.bulk(self._recordings, writes, session)
        if seen_again:
            which = {"_id": {"$in": [one.track_id for one in seen_again]}}
            self._recordings.update_many(which, {"$set": _head(seen_again[0])}, session=session)

    def _stored(self, track_ids: Iterable[str], session: ClientSession) -> dict[str, RecordingFacts]:
        found = self._recordings.find({"_id": {"$in": list(track_ids)}}, session=session)
        return {one.track_id: one for one in self._database.readable(RECORDINGS, RecordingFacts, found)}

    def _former_ids(self, seen: Iterable[RecordingFacts], session: ClientSession) -> dict[str, list[str]]:
        """By track id, those of the rows' own ids that recordings were known by: each belongs to the first that claimed it."""
        claims = {other: one.track_id for one in seen for other in one.ids}
        known = {
            one["_id"] for one in self._recordings.find({"_id": {"$in": list(claims)}}, {"_id": 1}, session=session)
        }
        owned = self._unclaimed({other: track_id for other, track_id in claims.items() if other in known}, session)
        former: dict[str, list[str]] = {}
        for other, track_id in owned.items():
            former.setdefault(track_id, []).append(other)
        return former

    def _unclaimed(self, claims: Mapping[str, str], session: ClientSession) -> dict[str, str]:
        """The claims on former ids that stand: not those on an id that became another recording before."""
        asked = {"ids": {"$in": sorted(claims)}}
        owners: dict[str, str] = {}
        for one in self._recordings.find(asked, {"ids": 1}, session=session):
            owners |= dict.fromkeys(one["ids"], one["_id"])
        return {other: track_id for other, track_id in claims.items() if owners.get(other, track_id) == track_id}

    def _owner(self, field: str, value: str) -> str | None:
        with translated_errors():
            found = self._recordings.find_one({field: value}, {"_id": 1}, session=self._database.session)
            return str(found["_id"]) if found else None


def _described(facts: RecordingFacts) -> RecordingFacts:
    if facts.became is not None:
        return facts.model_copy(update={"terms": [], "artists": []})
    if facts.terms is not None:
        return facts
    return facts.model_copy(update={"terms": terms_of([facts.track_name, *(one.name for one in facts.artists)])})


def _head(facts: RecordingFacts) -> Json:
    return facts.model_dump(include={"insert_timestamp", "run_id", "upstream"})


def _reached(recordings: Iterable[RecordingFacts], stored: Mapping[str, RecordingFacts]) -> dict[str, int]:
    """How high recordings came, by the slugs of their artists, where that has changed."""
    reached: dict[str, int] = {}
    for one in recordings:
        before = stored.get(one.track_id)
        if before is not None and before.prominence < one.prominence:
            for artist in one.artists:
                reached[artist.slug] = max(one.prominence, reached.get(artist.slug, 0))
    return reached
