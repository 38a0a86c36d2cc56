"""Signs of life, in `heartbeats`: when the daemon and each worker were last heard of, and which day's end was reported.

They say something about the processes, not about the charts: no backup has them, and a restore brings none back.

daemon    {at, host}
worker/…  {at, host, pid, version, slots, since}; its id has the host and the pid
day_end   {scheduled, outcome, reported, tries, next_try_at}
"""

import socket
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

WORKER = "worker/"
WORKER_FORGOTTEN = timedelta(hours=1)
"""How long a worker that was killed is still shown as silent, for somebody who looks for it."""

DAEMON, DAY_END = "daemon", "day_end"
GOOD = "good"
LEASE = timedelta(minutes=1)
"""How long a report belongs to the process that has begun to send it; longer than sending may take."""

MOST_TRIES = 10


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """A worker as it was last heard of: where, which release, how many runs it does at once, and since when."""

    host: str
    pid: int
    version: str
    slots: int
    since: datetime
    at: datetime


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

    def daemon_host(self) -> str | None:
        """The host of the daemon that was last heard of; None if none ever was."""
        with translated_errors():
            document = self._collection.find_one({"_id": DAEMON})
        return str(document["host"]) if document else None

    def beat_of_worker(self, worker: WorkerBeat) -> None:
        """Notes that a worker was alive, and forgets those that have been silent for long."""
        with translated_errors():
            self._collection.replace_one({"_id": _id_of(worker)}, asdict(worker), upsert=True)
            forgotten = {"$lt": worker.at - WORKER_FORGOTTEN}
            self._collection.delete_many({"_id": {"$regex": f"^{WORKER}"}, "at": forgotten})

    def worker_ended(self, worker: WorkerBeat) -> None:
        """Notes that a worker has ended as it was asked to."""
        with translated_errors():
            self._collection.delete_one({"_id": _id_of(worker)})

    def workers(self) -> list[WorkerBeat]:
        """The workers that were heard of within the last hour or so, by host."""
        with translated_errors():
            found = self._collection.find({"_id": {"$regex": f"^{WORKER}"}}, {"_id": False}).sort("_id")
            return [WorkerBeat(**document) for document in found]

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


def _id_of(worker: WorkerBeat) -> str:
    return f"{WORKER}{worker.host}/{worker.pid}"
