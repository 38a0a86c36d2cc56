"""When all runs of an installation may ask a host next, in `upstream_hosts`: whose turn it is, and who has refused us.

It says something about hosts, not about charts: no backup has it. Times are those of the database's server, so that several machines agree.

    HOST    {turn_at, taken_at, is_free, is_near, is_taken, next_at, busy_until?, closed_until?, why?}
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Closed:
    """A host that has refused us: until when it is left alone, and what it said."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that was taken, or why it was not: somebody else's is under way, or it is not near enough.

    Attributes:
        seconds: until it begins.
    """

    is_taken: bool
    is_near: bool
    seconds: float


class Hosts:
    """`upstream_hosts`."""

    def __init__(self, database: Handle) -> None:
        self._database = database
        self._collection = database["upstream_hosts"]

    def take_turn(self, host: str, apart: float, patience: float, lease: float | None) -> Turn:
        """Takes the next turn, if it is not too far away; with a lease, only if nobody else's request is under way. `end_turn` ends that.

        Args:
            apart: seconds between the beginnings of two turns.
            patience: the most seconds that somebody would wait for it.
            lease: seconds after which a turn has ended that nobody ends; None where turns do not wait for one another's end.

        Raises:
            LeaseLost: the run that wants it has lost its lease, and asks no upstream any more.
        """
        self._database.refuse_if_lost()
        is_free: Json | bool = {"$not": [{"$gt": ["$busy_until", "$$NOW"]}]} if lease is not None else True
        is_near = {"$lte": [{"$subtract": ["$turn_at", "$$NOW"]}, round(patience * 1000)]}
        after, ended = ({"$add": ["$turn_at", round(seconds * 1000)]} for seconds in (apart, lease or 0))
        with translated_errors():
            document = self._collection.find_one_and_update(
                {"_id": host},
                [
                    {"$set": {"turn_at": {"$max": ["$next_at", "$$NOW"]}, "taken_at": "$$NOW", "is_free": is_free}},
                    {"$set": {"is_near": is_near}},
                    {"$set": {"is_taken": {"$and": ["$is_free", "$is_near"]}}},
                    {
                        "$set": {
                            "next_at": {"$cond": ["$is_taken", after, "$next_at"]},
                            **(
                                {"busy_until": {"$cond": ["$is_taken", ended, "$busy_until"]}}
                                if lease is not None
                                else {}
                            ),
                        }
                    },
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        assert document is not None  # noqa: S101 - it was made if it was not there
        waits: timedelta = document["turn_at"] - document["taken_at"]
        return Turn(bool(document["is_taken"]), bool(document["is_near"]), max(0.0, waits.total_seconds()))

    def end_turn(self, host: str) -> None:
        """Notes that the request of a turn was answered, or is given up."""
        with translated_errors():
            self._collection.update_one({"_id": host}, {"$unset": {"busy_until": ""}})

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
