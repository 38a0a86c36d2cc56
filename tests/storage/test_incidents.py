"""Eight processes that see the same trouble at once: one incident, one message."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.documents import MONDAY
from tests.storage.acts import Act
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.incidents import claim, close, note_seen

SEEN = Incident(
    incident_id="", key="run_failed/dance/", kind="run_failed", genre="dance", opened_at=MONDAY, last_seen=MONDAY
)


def open_incident(store: Store, number: int) -> None:
    note_seen(store, SEEN.model_copy(update={"incident_id": f"seen by {number}"}))


def claim_the_open_one(store: Store, _number: int) -> bool:
    (incident,) = store.incidents.open_now()
    return claim(store, incident, MONDAY) is not None


def test_eight_processes_that_see_a_trouble_at_once_open_one_incident_and_one_of_them_tells(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    at_once(open_incident)
    assert len(store.incidents.last_incidents(10)) == 1
    assert sum(at_once(claim_the_open_one)) == 1


def test_eight_processes_that_see_it_come_back_reopen_the_one(
    store: Store, at_once: Callable[[Act], list[Any]]
) -> None:
    open_incident(store, 0)
    close(store, "seen by 0", MONDAY - timedelta(minutes=1))
    at_once(open_incident)
    (incident,) = store.incidents.last_incidents(10)
    assert (incident.closed_at, incident.reopened) == (None, 1)
