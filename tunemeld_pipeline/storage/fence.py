"""What every write of a run passes: only the holder of the run's lease writes.

`Handle.transaction` confirms the lease in the transaction of the write itself, so that a write and the end of a lease never overlap:
MongoDB lets one of the two wait for the other. `leases.py` gives leases and takes them away.
"""

import threading
from datetime import timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from tunemeld_pipeline.errors import LeaseLost

Json = dict[str, Any]

ALIVE_FOR = timedelta(seconds=45)
"""How long a lease lasts without being renewed: two renewals may fail."""


def in_time() -> Json:
    """When a lease that is renewed now runs out, by the clock of the database's server."""
    return {"$max": ["$alive_until", {"$add": ["$$NOW", round(ALIVE_FOR.total_seconds() * 1000)]}]}


class Fence:
    """One process's right to write for one run, as long as nobody takes it away.

    Args:
        leases: `run_leases`.
        token: says which process it is; a process that takes the same run over has another one.

    Attributes:
        one_at_a_time: held during a run's transactions, which all touch its lease and would hinder one another.
    """

    def __init__(self, leases: "Collection[Json]", run_id: str, token: str) -> None:
        self.run_id = run_id
        self.token = token
        self.one_at_a_time = threading.RLock()
        self._leases = leases
        self._lost: str | None = None

    def confirm(self, session: ClientSession | None = None) -> None:
        """Renews the lease, in the transaction of the write that it allows.

        Raises:
            LeaseLost: somebody has taken it away.
        """
        self.refuse_if_lost()
        own = {"_id": self.run_id, "token": self.token, "lost_at": None}
        renewed = self._leases.update_one(own, [{"$set": {"alive_until": in_time()}}], session=session)
        if renewed.matched_count == 0:
            self._lost = self._why(self._leases.find_one({"_id": self.run_id}, session=session))
            self.refuse_if_lost()

    def refuse_if_lost(self) -> None:
        """Refuses to go on where this process knows that the lease is lost. Asks nobody.

        Raises:
            LeaseLost: it is.
        """
        if self._lost is not None:
            raise LeaseLost(self._lost)

    def _why(self, found: Json | None) -> str:
        if found is None:
            said = "its lease was removed from run_leases"
        elif found["token"] != self.token:
            said = f"another process has taken it over ({_named(found)})"
        else:
            said = (
                f"its lease ran out at {found['alive_until']:%Y-%m-%d %H:%M:%S} UTC and was taken away, since nothing was heard of its"
                f" process ({_named(found)})"
            )
        return f"this run writes nothing more: {said}; what another run has written stays"


def _named(lease: Json) -> str:
    """Its process, in words."""
    return f"{str(lease['process']).partition(' ')[0]} on {lease['host']}"
