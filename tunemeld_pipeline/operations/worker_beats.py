"""Notes in the database that this machine's worker is alive, for commands that name the workers of all machines.

It runs as a thread of the worker's supervisor, and beats as long as the worker is ready. A beat that cannot be written is left out; the
next one may succeed.
"""

import os
import socket
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.limits import DATABASE_SECONDS, WORKER_BEAT_SECONDS
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.storage.heartbeats import WorkerBeat
from tunemeld_pipeline.storage.store import Store

log = get_logger(__name__)


class WorkerBeats:
    """Beats for a worker, from `ready` on and until `ended`.

    Args:
        slots: how many runs the worker does at once.
        every: seconds between two beats.
    """

    def __init__(self, settings: Settings, slots: int, *, every: float = WORKER_BEAT_SECONDS) -> None:
        self._settings, self._slots, self._every = settings, slots, every
        self._since: datetime | None = None
        self._changed = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._beat, name="worker-beats", daemon=True)
        self._thread.start()

    def ready(self) -> None:
        """The worker takes runs from now on."""
        self._since = datetime.now(UTC)
        self._changed.set()

    def ended(self) -> None:
        """The worker takes no runs, for now or for good."""
        self._since = None
        self._changed.set()

    def close(self) -> None:
        """Notes the end, and waits for that a moment."""
        self._since, self._is_over = None, True
        self._changed.set()
        self._thread.join(DATABASE_SECONDS)

    def _beat(self) -> None:
        noted: WorkerBeat | None = None
        is_over = False
        while not is_over:
            self._changed.wait(self._every)
            self._changed.clear()
            # Looked at in this order: what follows is then known to be the end.
            is_over, worker = self._is_over, self._worker()
            try:
                with self._store() as store:
                    if noted is not None and worker is None:
                        store.heartbeats.worker_ended(noted)
                    elif worker is not None:
                        store.heartbeats.beat_of_worker(worker)
                noted = worker
            except TuneMeldError as error:
                log.debug("the worker's sign of life was not noted", error=str(error))

    def _worker(self) -> WorkerBeat | None:
        since = self._since
        if since is None:
            return None
        return WorkerBeat(
            socket.gethostname(), os.getpid(), self._settings.app_version, self._slots, since, datetime.now(UTC)
        )

    def _store(self) -> AbstractContextManager[Store]:
        return open_store(self._settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS)
