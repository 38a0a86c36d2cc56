"""The troubles: one after another, drawn from the seed.

Each trouble, how it ends and how often it was inflicted are here; `audit.py` checks how the system coped.
"""

import errno
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from pymongo.errors import PyMongoError

from chaos.held_connections import CLIENTS_THAT_HOLD, HOLD_SECONDS
from chaos.schedule import Schedule
from chaos.stage import Stage
from tunemeld_pipeline.errors import LocalServerError, TuneMeldError
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.sandbox.faults import Fault
from tunemeld_pipeline.storage.connection import connect

UPSTREAMS = ("spotify", "apple_music", "soundcloud", "deezer", "youtube", "spotify_oembed", "soundcloud_oembed")
FROZEN_SECONDS = 20.0
RUN_HUNG_SECONDS = 12.0
NOTICED_SECONDS = 90.0
"""Within this time a worker that hangs has been killed: after 15 s, seen by four looks that are 5 s apart; the machine may be busy."""

FULL_SECONDS = 6.0
CACHE_GONE_SECONDS = 10.0
PAUSE = (0.5, 4.0)

WEIGHTS = {
    "upstream fault": 14,
    "run killed": 6,
    "two schedulers": 2,
    "scheduler of an earlier moment": 2,
    "cache gone": 2,
    "document edited": 4,
    "mongod killed": 3,
    "mongod frozen": 1,
    "run hung": 1,
    "API worker hung": 1,
    "disk full": 1,
    **dict.fromkeys(CLIENTS_THAT_HOLD, 1),
}
"""How often each is drawn, relative to the others; troubles with the database last long, so they are rarer."""


EDITS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("raw_playlists", {"$set": {"data_json": 5}}),
    ("track_playlist", {"$set": {"tracks": "x"}}),
    ("view_counts_playlists", {"$unset": {"tracks.1.rank": ""}}),
    ("materializations", {"$set": {"publication": "x"}}),
    ("historical_track_views", {"$unset": {"run_id": ""}}),
    ("historical_track_views", {"$set": {"first_seen": "x"}}),
    ("recordings", {"$set": {"track_urls": "x"}}),
    ("youtube_cache", {"$set": {"attempts": "x"}}),
)
"""Edits that make a document unreadable, as somebody in a shell makes them; none takes away a reading."""


class Troubles:
    """Inflicts troubles until the time is up.

    Attributes:
        inflicted: how often, by kind; upstream faults also by service and fault.
        skipped: kinds that this machine does not allow, with the reason.
        unnoticed: what hung and was not restarted.
        complaints: connections that the server did not close in time.
    """

    def __init__(self, stage: Stage, schedule: Schedule, chance: Random) -> None:
        self.inflicted: Counter[str] = Counter()
        self.skipped: dict[str, str] = {}
        self.unnoticed: list[str] = []
        self.complaints: list[str] = []
        self._stage = stage
        self._schedule = schedule
        self._chance = chance
        self._later: list[threading.Timer] = []
        # These wait beside the others, so that they cost no time: each day begins with them, however short it is.
        self._bag = list(CLIENTS_THAT_HOLD)
        self._holding: list[threading.Thread] = []
        if not stage.small_disk:
            self.skipped["disk full"] = "no small disk can be mounted here"

    def inflict(self, seconds: float) -> None:
        """Inflicts random troubles for this long."""
        verbs: dict[str, Callable[[float], bool]] = {
            "upstream fault": self._upstream_fault,
            "run killed": self._kill_run,
            "two schedulers": lambda _: self._rival("same"),
            "scheduler of an earlier moment": lambda _: self._rival("earlier"),
            "cache gone": self._cache_gone,
            "document edited": self._edit_document,
            "mongod killed": self._kill_mongod,
            "mongod frozen": self._freeze_mongod,
            "run hung": self._freeze_run,
            "API worker hung": self._hang_worker,
            "disk full": self._fill_disk,
            **{kind: partial(self._hold_connections, kind) for kind in CLIENTS_THAT_HOLD},
        }
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            kind = self._draw()
            if verbs[kind](left):
                self.inflicted[kind] += 1
            time.sleep(min(self._chance.uniform(*PAUSE), max(0.0, ends - time.monotonic())))

    def end(self) -> None:
        """Ends everything that would have ended by itself later. Nothing is repaired."""
        for timer in self._later:
            timer.cancel()
        self._stage.faults.clear()
        for thread in self._holding:
            thread.join()

    def _draw(self) -> str:
        # Drawn from a bag that is emptied before it is refilled: two minutes see every kind that a quarter of an hour sees.
        if not self._bag:
            self._bag = [kind for kind, weight in WEIGHTS.items() for _ in range(weight) if kind not in self.skipped]
            self._chance.shuffle(self._bag)
        return self._bag.pop()

    def _upstream_fault(self, _left: float) -> bool:
        upstream, fault = self._chance.choice(UPSTREAMS), self._chance.choice(list(Fault))
        seconds = self._chance.choice((0.0, 1.0, 5.0)) if fault in (Fault.STALL, Fault.TOO_MANY_REQUESTS) else None
        self._stage.faults.add(upstream, fault, times=self._chance.choice((1, 1, 2, 5)), seconds=seconds)
        self.inflicted[f"  {upstream} {fault}"] += 1
        return True

    def _cache_gone(self, _left: float) -> bool:
        fault = self._chance.choice((Fault.SERVER_ERROR, Fault.CUT, Fault.STALL, Fault.UNAUTHORIZED, Fault.HALF_JSON))
        self._stage.faults.add("cloudflare", fault, times=None, seconds=2.0 if fault is Fault.STALL else None)
        self._after(CACHE_GONE_SECONDS, self._stage.faults.clear)
        return True

    def _kill_run(self, left: float) -> bool:
        ends = time.monotonic() + min(5.0, left)
        runner = self._chance.choice(self._schedule.runners)
        time.sleep(self._chance.uniform(0, 0.8))
        while not runner.kill():
            if time.monotonic() > ends:
                return False
            time.sleep(0.02)
        return True

    def _rival(self, kind: str) -> bool:
        self._schedule.send_rival(kind)
        return True

    def _edit_document(self, _left: float) -> bool:
        name, change = self._chance.choice(EDITS)
        with suppress(PyMongoError, TuneMeldError), connect(self._stage.mongod_url) as client:
            collection = client[self._stage.settings.database_name][name]
            ids = sorted((one["_id"] for one in collection.find({}, {"_id": 1})), key=str)
            if ids:
                chosen = {"_id": self._chance.choice(ids)}
                collection.update_one(chosen, change, bypass_document_validation=True)
                self.inflicted[f"  edited {name}"] += 1
                return True
        return False

    def _kill_mongod(self, _left: float) -> bool:
        pid = self._stage.mongod_pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        time.sleep(self._chance.uniform(0.2, 4.0))
        self._bring_mongod_back()
        return True

    def _freeze_mongod(self, left: float) -> bool:
        pid = self._stage.mongod_pid()
        if pid is None or left < FROZEN_SECONDS:
            return False
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(FROZEN_SECONDS)
        finally:
            os.kill(pid, signal.SIGCONT)
        return True

    def _freeze_run(self, left: float) -> bool:
        runner = self._chance.choice(self._schedule.runners)
        return left > RUN_HUNG_SECONDS and runner.freeze(RUN_HUNG_SECONDS)

    def _hang_worker(self, _left: float) -> bool:
        pids = self._stage.worker_pids()
        if not pids:
            return False
        pid = self._chance.choice(pids)
        os.kill(pid, signal.SIGSTOP)
        if not wait_until(lambda: pid not in self._stage.worker_pids(), seconds=NOTICED_SECONDS):
            self.unnoticed.append(f"worker {pid} was still stopped after {NOTICED_SECONDS:.0f} s")
            os.kill(pid, signal.SIGCONT)
        return True

    def _fill_disk(self, _left: float) -> bool:
        ballast = self._stage.home / "ballast"
        try:
            with ballast.open("wb") as file:
                try:
                    while True:
                        file.write(b"\0" * 1_000_000)
                        file.flush()
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            time.sleep(FULL_SECONDS)
        finally:
            with suppress(OSError):
                ballast.unlink(missing_ok=True)
        self._bring_mongod_back()
        return True

    def _hold_connections(self, kind: str, _left: float) -> bool:
        """Beside the troubles that follow: most of the time these clients only wait."""

        def hold() -> None:
            try:
                opened, closed = CLIENTS_THAT_HOLD[kind](self._stage.api_url, HOLD_SECONDS)
            except OSError as error:
                self.complaints.append(f"{kind}: cannot connect: {type(error).__name__} {error}")
                return
            if closed < opened:
                self.complaints.append(
                    f"{kind}: {opened - closed} of {opened} are still open after {HOLD_SECONDS:.0f} s"
                )

        thread = threading.Thread(target=hold, name=kind)
        thread.start()
        self._holding.append(thread)
        return True

    def _bring_mongod_back(self) -> None:
        """Restarts what has ended, as a supervisor and the next run do."""
        for _ in range(3):
            with suppress(LocalServerError):
                self._stage.mongod_url  # noqa: B018 - asking for it starts it
                return

    def _after(self, seconds: float, verb: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, verb)
        timer.daemon = True
        timer.start()
        self._later.append(timer)
