"""Watches over Dagster's daemon and the other parts from outside: raises the alarm that a daemon which hangs or is gone cannot raise.

It runs as a thread of the supervisor, so there is one of it, and it outlives the daemon. Incidents and messages are those of `watching/`:
an incident belongs to the process that claims it, so nothing that the daemon's own sensor sends comes twice.
"""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tunemeld_pipeline.errors import LocalServerError, TuneMeldError
from tunemeld_pipeline.limits import DAEMON_SILENT, DATABASE_SECONDS
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import is_stopped, open_store
from tunemeld_pipeline.watching.delivery import deliver
from tunemeld_pipeline.watching.incidents import settle, tell_due
from tunemeld_pipeline.watching.judging import (
    Examination,
    PartFacts,
    judge_daemon,
    judge_parts,
)

LOOK_SECONDS = 30.0
HUNG_SHOWN = timedelta(minutes=5)
"""How long a part that was restarted counts as hanging: if it comes back and hangs again, that is one incident."""

log = get_logger(__name__)


class PartWatch:
    """Looks every half minute until it is ended.

    Args:
        every: seconds between two looks.
        daemon_silent: how long the daemon may be silent; it has this long for its first sign, too.
    """

    def __init__(
        self, settings: Settings, *, every: float = LOOK_SECONDS, daemon_silent: timedelta = DAEMON_SILENT
    ) -> None:
        self._settings = settings
        self._every = every
        self._daemon_silent = daemon_silent
        self._beat: datetime | None = None
        self._changed = time.monotonic()
        self._hung: dict[str, PartFacts] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="part-watch", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def hangs(self, name: str, why: str) -> None:
        """A part hangs, and is restarted."""
        self._hung[name] = PartFacts(name, why, datetime.now(UTC))

    def end(self) -> None:
        """Ends it; a look under way is not waited for."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self.look(datetime.now(UTC))
            except TuneMeldError as error:
                # A database that cannot be read is the sensor's own alarm. Nothing is known of the daemon meanwhile.
                self._changed = time.monotonic()
                log.debug("the parts cannot be judged now", error=str(error))
            except Exception:
                log.exception("looking at the parts failed; the next look may succeed")

    def look(self, at: datetime) -> None:
        """Looks once: opens and closes the incidents about the parts, and sends every message that is due.

        Raises:
            StoreError, LocalServerError: the database cannot be read, so nothing is known.
        """
        if is_stopped(self._settings):
            raise LocalServerError("the local database does not run")
        hung = {name: one for name, one in self._hung.copy().items() if at - one.hung_at < HUNG_SHOWN}
        with open_store(
            self._settings, prepare=False, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS
        ) as store:
            judgement = Examination()
            judge_parts(judgement, list(hung.values()))
            self._judge_daemon(judgement, store.heartbeats.last_beat(), at)
            settle(store, judgement, at)
            addresses = self._settings.alarm_addresses
            if addresses:
                failures = tell_due(
                    store,
                    self._settings,
                    at,
                    lambda message, sent_to: deliver(addresses, message, sent_to),
                    self._ended.is_set,
                )
                self._log(failures)

    def _judge_daemon(self, judgement: Examination, beat: datetime | None, at: datetime) -> None:
        # By how long the last sign has stayed the same: a clock that is set forward, or days off, make no daemon silent.
        if beat != self._beat:
            self._beat, self._changed = beat, time.monotonic()
        silent = time.monotonic() - self._changed > self._daemon_silent.total_seconds()
        judge_daemon(judgement, beat, is_silent=silent, at=at)

    def _log(self, failures: Mapping[str, str]) -> None:
        for why in failures.values():
            log.warning("alarm not delivered, and tried again", reason=why)
