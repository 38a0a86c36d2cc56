"""The watch over the daemon and the other parts: real incidents in a real database, real messages to a webhook."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from pydantic import SecretStr

from tests.conftest import QUIET
from tests.receivers import Webhook, serving
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations import part_watch
from tunemeld_pipeline.operations.part_watch import PartWatch
from tunemeld_pipeline.orchestration.alarm_sensor import look
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

SECONDS = 300
NONE = timedelta(0)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with serving(Webhook()) as server:
        yield server


@pytest.fixture
def reachable(settings: Settings, webhook: Webhook) -> Settings:
    """Settings with a webhook that takes alarms."""
    return settings.model_copy(update={"alarm_urls": SecretStr(f"json://{webhook.address}/token-of-the-hook")})


def heard(webhook: Webhook) -> list[str]:
    return [title.partition(") ")[2] for title in webhook.titles]


def look_as_the_sensor_does(settings: Settings, *, is_daemon: bool) -> list[str]:
    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        found = look(instance, OperatorResource(settings=settings), datetime.now(UTC), is_daemon=is_daemon)
    return [one.kind for one in found]


def test_a_daemon_that_falls_silent_is_reported_once_and_once_more_when_it_is_back(
    reachable: Settings, store: Store, webhook: Webhook
) -> None:
    old = datetime.now(UTC) - timedelta(minutes=10)
    store.heartbeats.beat(old)
    watch = PartWatch(reachable, daemon_silent=NONE)
    # The first look sees a sign that it did not know, of a daemon that is perhaps just starting.
    watch.look(datetime.now(UTC))
    assert heard(webhook) == [] or heard(webhook) == ["Dagster's daemon gives no sign of life"]
    watch.look(datetime.now(UTC))
    watch.look(datetime.now(UTC))
    # Neither cron's look nor another watch sends it again.
    assert look_as_the_sensor_does(reachable, is_daemon=False) == ["daemon_silent"]
    PartWatch(reachable, daemon_silent=NONE).look(datetime.now(UTC))
    assert heard(webhook) == ["Dagster's daemon gives no sign of life"]

    assert look_as_the_sensor_does(reachable, is_daemon=True) == []
    PartWatch(reachable).look(datetime.now(UTC))
    assert heard(webhook)[1:] == ["over: Dagster's daemon gives no sign of life"]


def test_days_off_and_a_clock_set_forward_make_no_daemon_silent(settings: Settings, store: Store) -> None:
    store.heartbeats.beat(datetime.now(UTC) - timedelta(days=3))
    PartWatch(settings).look(datetime.now(UTC) + timedelta(days=1))
    assert store.incidents.open_now() == []


def test_a_daemon_given_up_long_ago_is_not_missed(settings: Settings, store: Store) -> None:
    store.heartbeats.beat(datetime.now(UTC) - timedelta(days=15))
    assert look_as_the_sensor_does(settings, is_daemon=False) == []


def test_a_part_that_hung_is_reported_and_is_over_once_it_has_been_well_for_a_while(
    reachable: Settings, store: Store, webhook: Webhook
) -> None:
    watch = PartWatch(reachable)
    watch.hangs("api", "it is stopped")
    watch.look(datetime.now(UTC))
    watch.hangs("api", "it is stopped again")
    watch.look(datetime.now(UTC))
    assert [(one.kind, one.subject, one.detail) for one in store.incidents.open_now()] == [
        ("part_hung", "api", "it is stopped again")
    ]
    watch.look(datetime.now(UTC) + part_watch.HUNG_SHOWN)
    assert store.incidents.open_now() == []
    assert heard(webhook) == [
        "the part api hung and was killed; it is started again",
        "over: the part api hung and was killed; it is started again",
    ]


def test_a_database_that_comes_back_says_nothing_against_the_daemon(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        tried.append(1)
        raise StoreError("MongoDB cannot be reached")

    tried: list[int] = []
    store.heartbeats.beat(datetime.now(UTC))
    watch = PartWatch(settings, every=0.05, daemon_silent=timedelta(seconds=3600))
    watch.look(datetime.now(UTC))
    watch._changed -= 7200
    with monkeypatch.context() as patch:
        patch.setattr(part_watch, "open_store", away)
        watch.start()
        assert wait_until(lambda: len(tried) > 1, seconds=SECONDS)
    watch.end()
    watch.look(datetime.now(UTC))
    assert store.incidents.open_now() == []
