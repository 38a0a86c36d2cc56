"""Incidents, open or over: `incidents`, where one is open per key, whoever sees the trouble."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.charts.documents import Incident
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import UPSERT_RACES, Handle

Json = dict[str, Any]

SAME_INCIDENT_WITHIN = timedelta(hours=1)
"""A trouble that comes back so soon after it was over was never over."""
NOTHING_UNDER_WAY: Json = {"told_to": [], "next_try_at": None, "telling_since": None}
"""An incident's fields when no message of it is under way; its `tries` say whether there was one."""

UNTOLD: Json = {**dict.fromkeys(("told_at", "reminded_at", "over_told_at")), **NOTHING_UNDER_WAY, "tries": 0}
"""An incident's fields when nothing has been told of it."""


class Incidents:
    """`incidents`."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def open_incidents(self) -> list[Incident]:
        """What is wrong now, the longest first."""
        return self._incidents({"open": True}, ASCENDING)

    def last_incidents(self, limit: int) -> list[Incident]:
        """The incidents that began last, newest first, open or over."""
        return self._incidents({}, DESCENDING, limit)

    def incidents_to_tell(self) -> list[Incident]:
        """Those that are open, and those whose end nobody has been told."""
        untold = {"open": False, "over_told_at": None, "$or": [{"told_at": {"$ne": None}}, {"tries": {"$gt": 0}}]}
        return self._incidents({"$or": [{"open": True}, untold]}, ASCENDING)

    def note_incident(self, seen: Incident) -> None:
        """Opens the incident, or goes on with the open one of its key, or with one that was over less than an hour ago.

        However many processes see the same trouble at once, one incident is open.
        """
        collection, at = self._database["incidents"], seen.last_seen
        now = {"last_seen": at, "detail": seen.detail, "run_id": seen.run_id}
        fresh = to_bson(seen)
        document = {"_id": fresh.pop("incident_id"), "open": True, **fresh}
        with translated_errors():
            for _ in range(UPSERT_RACES):
                try:
                    if collection.update_one({"key": seen.key, "open": True}, {"$set": now}).matched_count:
                        return
                    before = collection.find_one(
                        {"key": seen.key, "open": False, "closed_at": {"$gte": at - SAME_INCIDENT_WITHIN}},
                        sort=[("closed_at", DESCENDING)],
                    )
                    if before is None:
                        collection.insert_one(document)
                        return
                    # Whoever was told that it is over, or may have been, has to hear that it is not.
                    again = _incident(before).end_may_be_known
                    as_read = {name: before[name] for name in ("_id", "open", "over_told_at", "tries")}
                    reopened = {**now, "open": True, "closed_at": None, **(UNTOLD if again else {})}
                    if collection.update_one(as_read, {"$set": reopened, "$inc": {"reopened": 1}}).matched_count:
                        return
                except DuplicateKeyError:
                    continue  # another process opened it at this moment: it goes on with that one

    def close_incident(self, incident_id: str, at: datetime) -> None:
        """Notes that it is over. Of the tries of a message that is under way it stays known that there were any."""
        over = {**NOTHING_UNDER_WAY, "open": False, "closed_at": at}
        with translated_errors():
            self._database["incidents"].update_one(
                {"_id": incident_id, "open": True}, {"$set": over, "$min": {"tries": Int64(1)}}
            )

    def claim_telling(self, incident: Incident, stage: str, at: datetime, until: datetime) -> Incident | None:
        """Takes it upon the caller to tell of `incident`, until `until`; None where another process has, or it has changed.

        Args:
            stage: the field that will say when it was told: `told_at`, `reminded_at` or `over_told_at`.
        """
        unclaimed = {
            "_id": incident.incident_id,
            "open": incident.closed_at is None,
            "tries": incident.tries,
            stage: getattr(incident, stage),
            "$or": [{"next_try_at": None}, {"next_try_at": {"$lte": at}}],
        }
        with translated_errors():
            document = self._database["incidents"].find_one_and_update(
                unclaimed,
                {
                    "$set": {"next_try_at": until, "telling_since": incident.telling_since or at},
                    "$inc": {"tries": Int64(1)},
                },
                return_document=True,
            )
        return _incident(document) if document else None

    def note_told(self, claimed: Incident, stage: str) -> None:
        """Notes that the message was told since its first try, unless the incident has changed since it was claimed."""
        done = {**NOTHING_UNDER_WAY, stage: claimed.telling_since, "tries": Int64(0)}
        with translated_errors():
            self._database["incidents"].update_one(_as_claimed(claimed), {"$set": done})

    def note_untold(self, claimed: Incident, told_to: Sequence[str], next_try_at: datetime) -> None:
        """Notes which addresses the message has reached, and when the others are tried again; like `note_told`."""
        with translated_errors():
            self._database["incidents"].update_one(
                _as_claimed(claimed), {"$set": {"told_to": list(told_to), "next_try_at": next_try_at}}
            )

    def _incidents(self, which: Json, order: int, limit: int = 0) -> list[Incident]:
        with translated_errors():
            found = (
                self._database["incidents"]
                .find(which, session=self._database.session)
                .sort("opened_at", order)
                .limit(limit)
            )
            return [_incident(document) for document in found]


def _as_claimed(incident: Incident) -> Json:
    """Finds an incident that nobody has closed, reopened or claimed anew since it was claimed."""
    return {
        "_id": incident.incident_id,
        "open": incident.closed_at is None,
        "tries": incident.tries,
        "next_try_at": incident.next_try_at,
    }


def _incident(document: Json) -> Incident:
    return Incident.model_validate({**document, "incident_id": document["_id"]})
