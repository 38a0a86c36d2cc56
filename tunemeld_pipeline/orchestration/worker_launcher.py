"""Hands whole runs to the workers, by Dagster's own launcher for Celery; `worker_app.py` is what the workers run.

Two things differ from Dagster's. Whether a run's worker is well is nothing that Celery could say here: without a store of results there
is no answer, and with one a Redis that was restarted has forgotten all, so that Dagster would end runs that are under way. The leases
of runs know. And a run whose process died is run again as a whole, never resumed.
"""

from dagster import DagsterRun
from dagster_celery.launcher import CeleryRunLauncher


class WorkerRunLauncher(CeleryRunLauncher):
    """Dagster's launcher, which asks Celery for no result."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """No: the run's lease says whether its process lives."""
        return False

    @property
    def supports_resume_run(self) -> bool:
        """No: a run that was cut off is run again from its beginning, which spends nothing twice."""
        return False

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """Nothing: who has the run is in its tags and events."""
        del run, include_container_logs
        return None
