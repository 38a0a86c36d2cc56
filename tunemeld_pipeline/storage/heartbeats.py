"""Signs of life, in `heartbeats`: when the daemon was last heard of, and which day's end was reported.

They say something about the processes, not about the charts: no backup has them, and a restore brings none back.

daemon    {at, host}
day_end   {scheduled, outcome, reported, tries, next_try_at}
"""

import socket
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

DAEMON, DAY_END = "daemon", "day_end"
GOOD = "good"
LEASE = timedelta(minutes=1)
"""How long a report belongs to the process that has begun to send it; longer than sending may take."""

MOST_TRIES = 10


class Heartbeats:
    """`heartbeats`."""

    def __init__(self, database: Handle) -> None:
        self._collection = database["heartbeats"]

    def beat(self, at: datetime) -> None:
        """Notes that Dagster's daemon was alive at this time."""
        with translated_errors():
            self._collection.update_one(
                {"_id": DAEMON}, {"$set": {"at": at, "host": socket.gethostname()}}, upsert=True
            )

    def last_beat(self) -> datetime | None:
        """When the daemon was last heard of; None if it never was."""
        with translated_errors():
            document = self._collection.find_one({"_id": DAEMON})
        return document["at"] if document else None

    def is_reported(self, scheduled: datetime) -> bool:
        """Whether a good end of this day, or a later day's, was reported: nothing is left to say."""
        with translated_errors():
            document = self._collection.find_one({"_id": DAY_END})
        if document is None or document["scheduled"] < scheduled:
            return False
        is_good = bool(document["reported"]) and document["outcome"] == GOOD
        return is_good or bool(document["scheduled"] > scheduled)

    def claim_day(self, scheduled: datetime, outcome: str, at: datetime) -> bool:
        """Whether this process is to report this outcome now: nobody has, nobody is about to, and it was not tried too often."""
        same = {"scheduled": scheduled, "outcome": outcome}
        over = [
            {"scheduled": {"$gt": scheduled}},
            {"scheduled": scheduled, "outcome": GOOD, "reported": True},
            {**same, "reported": True},
            {**same, "next_try_at": {"$gt": at}},
            {**same, "tries": {"$gte": MOST_TRIES}},
        ]
        again = {"$and": [{"$eq": ["$scheduled", scheduled]}, {"$eq": ["$outcome", outcome]}]}
        fields = {
            "scheduled": scheduled,
            "outcome": outcome,
            "reported": False,
            "tries": {"$cond": [again, {"$add": ["$tries", 1]}, 1]},
            "next_try_at": at + LEASE,
        }
        with translated_errors():
            try:
                done = self._collection.update_one({"_id": DAY_END, "$nor": over}, [{"$set": fields}], upsert=True)
            except DuplicateKeyError:  # there is one, and it is not to be reported
                return False
        return bool(done.matched_count or done.upserted_id)

    def day_reported(self, scheduled: datetime, outcome: str) -> None:
        """Notes that the report was taken."""
        with translated_errors():
            self._collection.update_one(
                {"_id": DAY_END, "scheduled": scheduled, "outcome": outcome}, {"$set": {"reported": True}}
            )
