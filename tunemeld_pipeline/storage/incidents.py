"""Incidents, open or over: `incidents`, with at most one open per key.

`watching/incident_life.py` decides how an incident changes; here a change is written only if nobody has changed the incident meanwhile.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

Json = dict[str, Any]

GUARDED = (
    "open",
    "closed_at",
    "reopened",
    "told_at",
    "reminded_at",
    "over_told_at",
    "tries",
    "next_try_at",
    "telling_since",
)
"""The fields that a change depends on. Not `last_seen`, `detail` and `run_id`: seeing the same trouble again must not block a message."""


class Incidents:
    """`incidents`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine

    def open_now(self) -> list[Incident]:
        """The open incidents, the oldest first."""
        return self._found({"open": True}, ASCENDING)

    def last_incidents(self, limit: int) -> list[Incident]:
        """The latest incidents, newest first, open or over."""
        return self._found({}, DESCENDING, limit)

    def incidents_to_tell(self) -> list[Incident]:
        """The open incidents, and those whose end has not been reported."""
        untold = {"open": False, "over_told_at": None, "$or": [{"told_at": {"$ne": None}}, {"tries": {"$gt": 0}}]}
        return self._found({"$or": [{"open": True}, untold]}, ASCENDING)

    def latest(self, key: str) -> Incident | None:
        """The open incident with this key, or else the one that ended last."""
        return self._one({"key": key})

    def incident(self, incident_id: str) -> Incident | None:
        """One incident, open or over."""
        return self._one({"_id": incident_id})

    def add(self, incident: Incident) -> bool:
        """Keeps a new incident; False if one with its key is open."""
        document = _document(incident)
        with translated_errors():
            try:
                self._database["incidents"].insert_one({"_id": incident.incident_id, **document})
            except DuplicateKeyError:
                # An open one that cannot be read would stay open for ever; the caller looks again.
                self._quarantine.make_way("incidents", {"key": incident.key, "open": True}, "an alarm")
                return False
        return True

    def exchange(self, before: Incident, after: Incident) -> Incident | None:
        """Writes the changes from `before` to `after`; None if another process has changed it, or opened one with its key.

        Args:
            before: the incident as it was read.
        """
        was, then = _document(before), _document(after)
        as_read = {"_id": before.incident_id, **{name: was[name] for name in GUARDED}}
        changed = {name: value for name, value in then.items() if value != was[name]}
        if not changed:
            return before
        with translated_errors():
            try:
                document = self._database["incidents"].find_one_and_update(
                    as_read, {"$set": changed}, return_document=True
                )
            except DuplicateKeyError:
                return None
        return self._read(document)

    def _found(self, which: Json, order: int, limit: int = 0) -> list[Incident]:
        with translated_errors():
            found = self._database["incidents"].find(which, session=self._database.session)
            ordered = found.sort("opened_at", order).limit(limit)
            return list(self._database.readable("incidents", Incident, ordered))

    def _one(self, which: Json) -> Incident | None:
        with translated_errors():
            document = self._database["incidents"].find_one(
                which, sort=[("open", DESCENDING), ("closed_at", DESCENDING)]
            )
        return self._read(document)

    def _read(self, document: Json | None) -> Incident | None:
        return self._database.readable_one("incidents", Incident, document)


def _document(incident: Incident) -> Json:
    document = to_bson(incident)
    del document["incident_id"]
    return {**document, "open": incident.closed_at is None}
