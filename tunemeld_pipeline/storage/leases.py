"""The leases of runs, in `run_leases`: which process works on a run, and until when it counts as alive.

A run's process renews its lease as long as it lives (`resources/held_leases.py`). A lease that has run out is its holder's until
somebody takes it away: the sensor `lost_runs`, which ends the run, or the next run of the genre. So an outage of the database alone ends no
run. Times are those of the database's server: no clock of another machine matters. No backup has leases, which say nothing of charts.

    RUN_ID    {token, genre, host, machine, process, code_version, begun_at, alive_until, ended_at?, lost_at?}
"""

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo.errors import DuplicateKeyError

from tunemeld_pipeline.errors import LeaseLost
from tunemeld_pipeline.local.processes import Process
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.fence import Fence, in_time
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]

KEPT = timedelta(days=2)
"""How long a lease is kept after its end, for who looks at what became of a run."""

RUN_OUT: Json = {"$expr": {"$lt": ["$alive_until", "$$NOW"]}}


@dataclass(frozen=True, slots=True)
class Lease:
    """Which process works on a run, and until when it counts as alive.

    Attributes:
        machine: where its process can be looked up; empty where it cannot.
        process: the process's number, and when it started, since numbers are used again.
        ended_at: when the process was done with the run; None until then.
        lost_at: when the lease was taken away.
        has_run_out: whether nothing was heard of the process for too long.
    """

    run_id: str
    genre: str
    host: str
    machine: str
    process: str
    code_version: str
    begun_at: datetime
    alive_until: datetime
    ended_at: datetime | None
    lost_at: datetime | None
    has_run_out: bool

    @property
    def is_gone(self) -> bool:
        """Whether its process was on this machine, and is not there any more."""
        pid, _, started = self.process.partition(" ")
        return self.machine == this_machine() != "" and not Process(int(pid), started).is_alive


class Leases:
    """`run_leases`."""

    def __init__(self, database: Handle) -> None:
        self._collection = database["run_leases"]

    def take(self, run_id: str, genre: str, code_version: str) -> Fence:
        """A new lease of a run for this process. A process that has worked on the same run loses its own.

        Leases of other runs of the genre that have run out are taken away: their processes must not write any more once this one does.

        Raises:
            LeaseLost: the run was ended since nothing was heard of it; it is too late to begin.
        """
        token = uuid.uuid4().hex
        process = Process.of(os.getpid())
        fields = {
            "token": token,
            "genre": genre,
            "host": socket.gethostname(),
            "machine": this_machine(),
            "process": f"{process.pid} {process.started}",
            "code_version": code_version,
        }
        changes = {**{name: {"$literal": value} for name, value in fields.items()}, "begun_at": "$$NOW"}
        with translated_errors():
            try:
                self._collection.update_one(
                    {"_id": run_id, "lost_at": None},
                    [{"$set": {**changes, "alive_until": in_time()}}, {"$unset": "ended_at"}],
                    upsert=True,
                )
            except DuplicateKeyError:
                raise LeaseLost(
                    f"the run {run_id[:8]} was ended before this process began it, since it took too long; another run takes its place"
                ) from None
            self._collection.update_many(
                {"genre": genre, "_id": {"$ne": run_id}, "ended_at": None, "lost_at": None, **RUN_OUT},
                [{"$set": {"lost_at": "$$NOW"}}],
            )
            kept = {"$subtract": ["$$NOW", round(KEPT.total_seconds() * 1000)]}
            self._collection.delete_many({"$expr": {"$lt": ["$alive_until", kept]}})
        return Fence(self._collection, run_id, token)

    def end(self, fence: Fence) -> None:
        """Notes that the process is done with the run."""
        own = {"_id": fence.run_id, "token": fence.token}
        with translated_errors():
            self._collection.update_one(own, [{"$set": {"ended_at": "$$NOW"}}])

    def renew(self, fence: Fence) -> None:
        """Says that the process is alive.

        Raises:
            LeaseLost: the lease was taken away.
        """
        with translated_errors():
            fence.confirm()

    def take_away(self, run_id: str, *, is_gone: bool = False) -> bool:
        """Takes the run's lease away, so that its process writes nothing more; False where it was renewed meanwhile.

        Args:
            is_gone: whether it is known that the process has ended, so that the lease need not have run out.
        """
        which: Json = {"_id": run_id} if is_gone else {"_id": run_id, **RUN_OUT}
        with translated_errors():
            return self._collection.update_one(which, [{"$set": {"lost_at": "$$NOW"}}]).matched_count == 1

    def refuse(self, run_id: str) -> bool:
        """Gives this run, which has no lease, none any more; False where a process has taken one meanwhile."""
        with translated_errors():
            try:
                self._collection.update_one(
                    {"_id": run_id, "token": None},
                    [{"$set": {"lost_at": "$$NOW", "alive_until": "$$NOW"}}],
                    upsert=True,
                )
            except DuplicateKeyError:
                return False
        return True

    def of(self, run_ids: Sequence[str]) -> dict[str, Lease]:
        """The leases of these runs, by run; without those that were never taken."""
        return {one.run_id: one for one in self._found({"_id": {"$in": list(run_ids)}, "token": {"$exists": True}})}

    def held(self) -> list[Lease]:
        """The leases of the runs that are under way, oldest first; of a process that was killed as long as nobody took its lease away."""
        return self._found({"token": {"$exists": True}, "ended_at": None, "lost_at": None})

    def _found(self, which: Json) -> list[Lease]:
        with translated_errors():
            found = list(
                self._collection.aggregate(
                    [
                        {"$match": which},
                        {"$set": {"has_run_out": {"$lt": ["$alive_until", "$$NOW"]}}},
                        {"$sort": {"begun_at": 1}},
                    ]
                )
            )
        return [_lease(one) for one in found]


def _lease(found: Json) -> Lease:
    absent: Json = {"ended_at": None, "lost_at": None}
    own = {name: value for name, value in found.items() if name in Lease.__slots__}
    return Lease(run_id=str(found["_id"]), **absent | own)


def this_machine() -> str:
    """Names what this process's number counts in: this start of this machine, and this container; empty where that cannot be known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""
