"""What the alarms know of every genre's last runs and their checks: read once by a process, and from then on only where something changed.

A tick of a sensor therefore costs what happened since the last one, and not what the catalogue holds. `findings.py` reads the records.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import dagster as dg

from tunemeld_pipeline.orchestration.findings import RETRY_DECIDED_WITHIN, check_results, recent_runs
from tunemeld_pipeline.orchestration.schedules import daily_refresh
from tunemeld_pipeline.run_tags import PARTITION_TAG
from tunemeld_pipeline.watching.judging import CheckFacts, RunFacts

OVERLAP = 2 * RETRY_DECIDED_WITHIN
"""How far back a look reads again: runs on other machines, whose clocks may be behind, and failures of which it was still open whether they
are retried."""

ALL_AGAIN = timedelta(hours=6)
"""After so long everything is read again: a run that somebody deletes leaves no change behind."""


class RunWatch:
    """The runs and checks of one Dagster instance, as of the last look."""

    def __init__(self) -> None:
        self._runs: dict[str, list[RunFacts]] = {}
        self._checks: dict[str, list[CheckFacts]] = {}
        self._looked: datetime | None = None
        self._all_read: datetime | None = None

    def look(self, instance: dg.DagsterInstance, genres: Collection[str], at: datetime, database: str) -> None:
        """Reads what has changed of these genres' daily runs since the last look; at the first one all of them."""
        if self._looked is None or self._all_read is None or at - self._all_read > ALL_AGAIN:
            changed: Collection[str] = genres
            self._all_read = at
        else:
            touched = _touched(instance, self._looked - OVERLAP)
            changed = [genre for genre in genres if genre in touched or genre not in self._runs]
        for genre in changed:
            self._runs[genre] = recent_runs(instance, genre, at, database)
        self._looked = at

    def runs(self, genre: str) -> list[RunFacts]:
        """The genre's last daily runs, newest first, as `findings.recent_runs` has them."""
        return self._runs.get(genre, [])

    def checks(self, instance: dg.DagsterInstance, run_id: str) -> list[CheckFacts]:
        """The results of a run's asset checks, as `findings.check_results` has them; those of a run that has ended are kept."""
        if run_id not in self._checks:
            run = instance.get_run_by_id(run_id)
            found = check_results(instance, run_id)
            if run is not None and not run.is_finished:
                return found
            self._checks[run_id] = found
        return self._checks[run_id]

    def forget_checks(self, but: Iterable[str]) -> None:
        """Forgets the checks of all runs but these."""
        kept = set(but)
        self._checks = {run_id: found for run_id, found in self._checks.items() if run_id in kept}


def _touched(instance: dg.DagsterInstance, since: datetime) -> set[str]:
    """The genres of which a daily run has changed since then."""
    records = instance.get_run_records(dg.RunsFilter(job_name=daily_refresh.name, updated_after=since))
    return {record.dagster_run.tags.get(PARTITION_TAG, "") for record in records}
