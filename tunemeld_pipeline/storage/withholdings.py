"""What an operator withholds from visitors: `withheld`, one document per thing, kept also after it was taken back.

`charts/withholding.py` decides what follows from it. A change raises the version of every genre in the same transaction, so that whatever
was made from an earlier version is made again: in workers' memories, in the shared cache, and in what programs have copied.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import Track
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.charts.withholding import Withheld, WithheldKind, Withholding, ids_of, withheld_by
from tunemeld_pipeline.storage.encoding import read, to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]


class Withholdings:
    """`withheld`."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def all(self) -> list[Withholding]:
        """Everything that is or was withheld, the oldest first.

        Raises:
            UnreadableDocument: one of them cannot be read, and what it hides is not known.
        """
        with translated_errors():
            found = self._database["withheld"].find(session=self._database.session).sort("withheld_at", ASCENDING)
            return [read(Withholding, document, "withheld") for document in found]

    def now(self) -> Withheld:
        """What visitors may not see.

        Raises:
            UnreadableDocument: that is not known.
        """
        return withheld_by(self.all())

    def put(self, withholding: Withholding) -> None:
        """Withholds something, or keeps that it was taken back; readers see a new version of every genre."""
        own = {"_id": _id(withholding.kind, withholding.key)}
        news = {"$inc": {"version": 1}, "$max": {"finished_at": withholding.changed_at}}

        def write(session: ClientSession) -> None:
            self._database["withheld"].replace_one(own, {**own, **to_bson(withholding)}, upsert=True, session=session)
            self._database["materializations"].update_many({"version": {"$type": "number"}}, news, session=session)

        self._database.transaction(write)

    def follow(self, tracks: Iterable[Track]) -> None:
        """Keeps by what else withheld recordings are known now, and the ids of new ones by withheld artists, before a chart has them."""
        standing = [one for one in self.all() if one.stands and one.kind != "service"]
        if not standing:
            return
        rows = list(tracks)
        updates = []
        for one in standing:
            ids = {track_id for track in rows if one.means(track) for track_id in ids_of(track)}
            if not ids <= set(one.ids):
                change = {"$addToSet": {"ids": {"$each": sorted(ids)}}}
                updates.append(UpdateOne({"_id": _id(one.kind, one.key)}, change))
        self._database.bulk(self._database["withheld"], updates)

    def recordings_known_by(self, key: str) -> list[RecordingFacts]:
        """The recordings with this id, ISRC or address."""
        addresses = {"$map": {"input": {"$objectToArray": "$track_urls"}, "in": "$$this.v"}}
        asked = [{"_id": key}, {"isrc": key}, {"track_url": key}, {"$expr": {"$in": [{"$literal": key}, addresses]}}]
        return self._recordings({"$or": asked})

    def all_recordings(self) -> list[RecordingFacts]:
        """Every recording that was ever on a chart."""
        return self._recordings({})

    def other_ids(self, ids: Sequence[str]) -> set[str]:
        """These ids, and all others by which any genre's charts knew the same recordings."""
        known: set[str] = set()
        wanted = set(ids)
        with translated_errors():
            genres = self._database["charted_tracks"].distinct("genre_name")
            while wanted:
                asked = {"genre_name": {"$in": genres}, "ids": {"$in": sorted(wanted)}}
                found = self._database["charted_tracks"].find(asked, {"ids": 1})
                known |= wanted
                wanted = {one for document in found for one in document["ids"]} - known
        return known

    def _recordings(self, which: Json) -> list[RecordingFacts]:
        with translated_errors():
            found = self._database["recordings"].find(which, session=self._database.session)
            return list(self._database.readable("recordings", RecordingFacts, found))


def _id(kind: WithheldKind, key: str) -> str:
    return f"{kind}/{key}"
