"""The refreshes: all genres again and again, each round some hours after the one before, by one scheduler or two at once.

It decides which run is ordered when, and collects the outcomes; `runner.py` is the process that runs them.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

from chaos.runner import Run, Runner
from tunemeld_pipeline.charts.observation import pacific_day, utc_day

BEGIN = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
STEP_MINUTES = (3 * 60, 11 * 60)
"""Between two rounds: a UTC day has two to seven of them, and midnights in UTC and in California fall between any two."""

ROUND_PAUSE_SECONDS = 0.5
LANES = 2


class Schedule(threading.Thread):
    """Orders rounds until it is stopped.

    Attributes:
        runs: the outcome of every ordered run.
        midnights: how often a round was on another UTC or Pacific day than the one before.
    """

    def __init__(self, genres: Sequence[str], chance: Random) -> None:
        super().__init__(name="schedule")
        self.runs: list[Run] = []
        self.midnights: Counter[str] = Counter()
        self.runners = [Runner() for _ in range(LANES)]
        self.moment = BEGIN
        self._genres = list(genres)
        self._chance = chance
        self._rivals = [Runner() for _ in range(LANES)]
        self._rival: str | None = None
        self._enough = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Orders round after round."""
        while not self._enough.is_set():
            self.round()
            self.advance()
            # Runs that fail at once, for example on a full disk, must not use up the year.
            self._enough.wait(ROUND_PAUSE_SECONDS)

    def stop(self) -> None:
        """Waits until the round under way has ended."""
        self._enough.set()
        self.join()
        self._rival = None

    def end(self) -> None:
        """Ends the runners."""
        for runner in (*self.runners, *self._rivals):
            runner.end()

    def send_rival(self, kind: str) -> None:
        """Adds another scheduler to the next round: `same` for the same moment, `earlier` for the moment of the round before."""
        self._rival = kind

    def round(self) -> list[Run]:
        """Runs every genre once, at this moment."""
        rival, self._rival = self._rival, None
        orders = [(self.runners, self.moment)]
        if rival is not None:
            orders.append(
                (self._rivals, self.moment if rival == "same" else self.moment - timedelta(minutes=STEP_MINUTES[1]))
            )
        with ThreadPoolExecutor(2 * LANES) as pool:
            lanes = [
                pool.submit(self._lane, runner, self._genres[number::LANES], moment)
                for runners, moment in orders
                for number, runner in enumerate(runners)
            ]
            return [run for lane in lanes for run in lane.result()]

    def advance(self) -> None:
        """Moves on to the next round's moment."""
        before = self.moment
        self.moment += timedelta(minutes=self._chance.randint(*STEP_MINUTES))
        self.midnights["UTC"] += utc_day(before) != utc_day(self.moment)
        self.midnights["Pacific"] += pacific_day(before) != pacific_day(self.moment)

    def _lane(self, runner: Runner, genres: Sequence[str], moment: datetime) -> list[Run]:
        done = []
        for genre in genres:
            run = runner.run(genre, moment.isoformat(timespec="milliseconds"))
            with self._lock:
                self.runs.append(run)
            done.append(run)
        return done
