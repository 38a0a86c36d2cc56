"""What a worker runs: `celery -A tunemeld_pipeline.orchestration.worker_app worker`, which `tunemeld worker` starts and supervises.

Each of its processes is forked from one that has loaded the definitions, and does one whole run after another; that saves the five
seconds that loading takes. Nothing imports this module, so that nothing else needs Celery; `worker_launcher.py` hands the runs out.
"""

import os
import sys
from typing import Any

from celery import Celery, signals
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task

from tunemeld_pipeline.local.holding import READY
from tunemeld_pipeline.logs.setup import configure_logging
from tunemeld_pipeline.settings.formats import plain
from tunemeld_pipeline.settings.sources import load_settings

DEFINITIONS = "tunemeld_pipeline.definitions"
LARGEST_KILOBYTES = 600_000
"""A process that has grown beyond this is replaced after its run."""

settings = load_settings()


def worker_app() -> Celery:
    """Dagster's application with our broker, and the one task that does a whole run."""
    application: Celery = make_app(  # type: ignore[no-untyped-call]
        {"broker": plain(settings.broker_url), "backend": "disabled://", "include": [DEFINITIONS]}
    )
    application.conf.update(
        task_default_queue="dagster",
        # A message is gone once its run begins: a run that was cut off is ended by its lease, and another one made.
        task_acks_late=False,
        # A worker takes no run that another one, with a free slot, could begin.
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_max_memory_per_child=LARGEST_KILOBYTES,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # However long the broker is away; the runs under way go on meanwhile.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_keepalive": True},
    )
    create_execute_job_task(application)
    return application


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _log(**_: Any) -> None:
    """Celery leaves the logging alone where somebody answers this signal."""
    configure_logging(settings, "worker")


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _say_ready(**_: Any) -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
app = worker_app()
