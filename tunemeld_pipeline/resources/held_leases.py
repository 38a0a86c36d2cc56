"""The leases that this process holds: for each run that it works on, a thread that says every 15 seconds that the process is alive.

A run's process takes the lease as it opens the database for the run; what opens it again in the same process goes on under that lease.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

from tunemeld_pipeline.errors import LeaseLost, StoreError
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.storage.fence import Fence
from tunemeld_pipeline.storage.store import Store

RENEWED_EVERY = 15.0
"""Seconds between two signs of life."""

AGAIN_SECONDS = 1.0
"""After a sign of life that the database did not take."""

_LOG = get_logger(__name__)
_held: dict[str, Fence] = {}


@contextmanager
def held_lease(store: Store, run_id: str, genre: str, code_version: str) -> Generator[Fence]:
    """The run's lease, held as long as the block lasts, or the one that this process holds for it already.

    Raises:
        LeaseLost: the run was ended before this process began it.
    """
    if (before := _held.get(run_id)) is not None:
        yield before
        return
    fence = _held[run_id] = store.leases.take(run_id, genre, code_version)
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(store, fence, ended), name=f"lease of {run_id[:8]}", daemon=True)
    thread.start()
    try:
        yield fence
    finally:
        del _held[run_id]
        ended.set()
        thread.join()
        with suppress(StoreError):  # it runs out by itself
            store.leases.end(fence)


def _renew(store: Store, fence: Fence, ended: threading.Event) -> None:
    wait = RENEWED_EVERY
    while not ended.wait(wait):
        wait = RENEWED_EVERY
        try:
            store.leases.renew(fence)
        except LeaseLost as error:
            _LOG.error("the lease is lost", run_id=fence.run_id, error=str(error))
            return
        except StoreError as error:
            _LOG.warning("the lease could not be renewed, which is tried again", run_id=fence.run_id, error=str(error))
            wait = AGAIN_SECONDS
