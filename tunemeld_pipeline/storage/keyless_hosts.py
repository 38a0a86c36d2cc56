"""What all runs of an installation owe hosts that ask for no key, in `keyless_hosts`: whose turn it is, and who has refused us.

It says something about hosts, not about charts: no backup has it. Times are those of the database's server, so that several machines agree.

    HOST    {turn_at, taken_at, is_taken, next_at, closed_until?, why?}
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle


@dataclass(frozen=True, slots=True)
class Closed:
    """A host that has refused us: until when it is left alone, and what it said."""

    until: datetime
    why: str


class KeylessHosts:
    """`keyless_hosts`."""

    def __init__(self, database: Handle) -> None:
        self._collection = database["keyless_hosts"]

    def take_turn(self, host: str, apart: float, patience: float) -> float | None:
        """The seconds to wait until the next turn, which is taken; None where it is further away, and none is taken.

        Args:
            apart: seconds between two turns.
            patience: the most seconds that somebody would wait.
        """
        free = {"$max": ["$next_at", "$$NOW"]}
        is_near = {"$lte": [{"$subtract": ["$turn_at", "$$NOW"]}, round(patience * 1000)]}
        after = {"$add": ["$turn_at", round(apart * 1000)]}
        with translated_errors():
            document = self._collection.find_one_and_update(
                {"_id": host},
                [
                    {"$set": {"turn_at": free, "taken_at": "$$NOW"}},
                    {"$set": {"is_taken": is_near, "next_at": {"$cond": [is_near, after, "$next_at"]}}},
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        if document is None or not document["is_taken"]:
            return None
        waits: timedelta = document["turn_at"] - document["taken_at"]
        return max(0.0, waits.total_seconds())

    def hold(self, host: str, seconds: float) -> None:
        """Gives nobody a turn for so long, since the host has asked for it."""
        later = {"$add": ["$$NOW", round(seconds * 1000)]}
        with translated_errors():
            self._collection.update_one(
                {"_id": host}, [{"$set": {"next_at": {"$max": ["$next_at", later]}}}], upsert=True
            )

    def close(self, host: str, duration: timedelta, why: str) -> None:
        """Notes that the host has refused us, and is left alone for so long."""
        until = {"$add": ["$$NOW", round(duration.total_seconds() * 1000)]}
        with translated_errors():
            self._collection.update_one(
                {"_id": host}, [{"$set": {"closed_until": until, "why": {"$literal": why}}}], upsert=True
            )

    def closed(self, host: str) -> Closed | None:
        """Until when a host is left alone; None where it is not."""
        with translated_errors():
            document = self._collection.find_one({"_id": host, "$expr": {"$gt": ["$closed_until", "$$NOW"]}})
        return Closed(document["closed_until"], str(document.get("why", ""))) if document else None
