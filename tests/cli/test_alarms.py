"""`tunemeld alarms`, as a user starts it."""

import json
from datetime import timedelta

from tests import documents
from tests.cli.conftest import Command
from tests.documents import MONDAY
from tests.receivers import Webhook, serving
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.incidents import close, note_seen

TOKEN = "canary-5d41402abc4b2a76"
INCIDENT = Incident(
    incident_id="one",
    key="degraded/dance/Spotify playlist",
    kind="degraded",
    genre="dance",
    subject="Spotify playlist",
    detail="Spotify: answered [500]",
    opened_at=MONDAY,
    last_seen=MONDAY,
)


def test_the_open_incidents_are_listed_and_those_that_are_over_on_request(tunemeld: Command, store: Store) -> None:
    nothing = tunemeld("alarms", "list")
    assert (nothing.returncode, nothing.stdout) == (0, "nothing is wrong\n")
    note_seen(store, INCIDENT)
    listed = tunemeld("alarms", "list")
    assert listed.returncode == 3
    for word in ("degraded", "dance", "Spotify playlist", "2026-03-02 02:30", "open", "answered [500]"):
        assert word in listed.stdout
    close(store, "one", MONDAY + timedelta(hours=1))
    printed = json.loads(tunemeld("alarms", "list", "--all", "--json").stdout)
    assert [(one["key"], one["closed_at"]) for one in printed] == [(INCIDENT.key, "2026-03-02T03:30:00Z")]


def test_a_test_message_goes_to_every_address_and_those_that_failed_are_named(tunemeld: Command) -> None:
    with serving(Webhook()) as good, serving(Webhook()) as bad:
        bad.status = 500
        urls = f"json://{good.address}/{TOKEN} json://user:{TOKEN}@{bad.address}/{TOKEN}"
        tried = tunemeld("alarms", "test", ALARM_URLS=urls)
        assert good.titles == ["TuneMeld (testing, sandbox): a test"]
    assert tried.returncode == 1
    assert tried.stdout.splitlines()[0] == "address 1 (json): sent"
    assert tried.stdout.splitlines()[1].startswith("address 2 (json): Failed to send")
    assert TOKEN not in tried.stdout + tried.stderr


def test_without_an_address_it_says_what_to_set(tunemeld: Command) -> None:
    tried = tunemeld("alarms", "test")
    assert tried.returncode == 2
    assert "ALARM_URLS is not set" in tried.stderr


def test_one_look_tells_what_is_wrong_for_cron(tunemeld: Command, store: Store) -> None:
    store.charts.finish({}, documents.chart_day(), documents.materialization())
    with serving(Webhook()) as webhook:
        for _ in range(2):
            looked = tunemeld("alarms", "check", ALARM_URLS=f"json://{webhook.address}/{TOKEN}")
            assert looked.returncode == 3
            assert looked.stdout.startswith("stale_data dance")
        assert webhook.titles == ["TuneMeld (testing, sandbox) dance: nothing new has been published for too long"]
