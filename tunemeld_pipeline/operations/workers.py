"""The workers of all machines, judged: who is there, who is silent, and whether their slots are those that the daemon counts on.

`worker_beats.py` notes each worker's signs of life, and `storage/heartbeats.py` keeps them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tunemeld_pipeline.health import PartHealth, State
from tunemeld_pipeline.limits import WORKER_SILENT
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.heartbeats import WorkerBeat

MORE = "tunemeld worker, on as many machines as are needed"


def health_of_workers(settings: Settings, workers: Sequence[WorkerBeat], at: datetime) -> Iterator[PartHealth]:
    """Each worker, and whether there are as many slots as CLUSTER_SLOTS says; nothing where the daemon starts runs itself."""
    if settings.broker_url is None:
        return
    slots = 0
    for worker in workers:
        seen = f"{worker.slots} {'slot' if worker.slots == 1 else 'slots'}, release {worker.version}"
        name = f"worker {worker.host}"
        if at - worker.at > WORKER_SILENT:
            silent = f"{seen}; silent since {worker.at:%Y-%m-%d %H:%M:%S} UTC"
            yield PartHealth(name, State.DEGRADED, silent, "start it again, if it was not ended on purpose")
            continue
        slots += worker.slots
        if worker.version != settings.app_version:
            other = f"{seen}, and this is {settings.app_version}"
            yield PartHealth(name, State.DEGRADED, other, "update all machines to one release")
        else:
            yield PartHealth(name, State.GOOD, f"{seen}, since {worker.since:%Y-%m-%d %H:%M:%S} UTC")
    if slots == 0:
        yield PartHealth("workers", State.FAILED, "no worker is there, so no run begins", MORE)
    elif slots < settings.cluster_slots:
        seen = f"{slots} slots, where the daemon hands out {settings.cluster_slots} runs at once; the others wait"
        yield PartHealth("workers", State.DEGRADED, seen, f"{MORE}; or lower CLUSTER_SLOTS")
