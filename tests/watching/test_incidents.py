"""An incident's life, on a real database, and the messages about it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo.collection import Collection

from tests.documents import MONDAY
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.alarms import AlarmKind
from tunemeld_pipeline.watching.incident_life import (
    REMIND_AFTER,
    Gone,
    Notice,
    Seen,
    after,
    due,
    is_forgotten,
    wait_after,
)
from tunemeld_pipeline.watching.incidents import LEASE, Message, incident_of, message, retire, settle, tell_due
from tunemeld_pipeline.watching.judging import Examination, Finding

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def finding(
    genre: str | None = "dance", subject: str = "", kind: AlarmKind = AlarmKind.RUN_FAILED, **more: Any
) -> Finding:
    return Finding(kind, genre, subject, **{"detail": "why", "since": MONDAY, "run_id": "a-run", **more})


def judgement(*found: Finding, kind: AlarmKind = AlarmKind.RUN_FAILED, genre: str | None = "dance") -> Examination:
    """What was found of this kind and genre; nothing means that all is well."""
    made = Examination()
    made.note(kind, genre, found)
    for one in found:
        made.looked_at.add((one.kind, one.genre))
    return made


class Inbox:
    """Where messages end up; `broken` addresses take none."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses or ("only",)
        self.broken: set[str] = set()
        self.messages: list[tuple[str, Message]] = []

    def deliver(self, sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        outcome: dict[str, str | None] = {}
        for address in self.addresses:
            if address not in sent_to:
                outcome[address] = "is dead" if address in self.broken else None
                self.messages += [] if outcome[address] else [(address, sent)]
        return outcome

    @property
    def titles(self) -> list[str]:
        return [one.title.partition(") ")[2] for _, one in self.messages]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def tick(store: Store, settings: Settings, inbox: Inbox) -> Callable[..., dict[str, str]]:
    """One look: what it found, and when."""

    def look(at: datetime, *found: Finding) -> dict[str, str]:
        settle(store, judgement(*found), at)
        return tell_due(store, settings, at, inbox.deliver, lambda: False)

    return look


def test_one_message_when_it_begins_and_one_when_it_is_over_even_if_it_is_seen_often(
    tick: Callable[..., Any], inbox: Inbox, store: Store
) -> None:
    for minute in range(10):
        tick(MONDAY + minute * MINUTE, finding(run_id=f"run-{minute}"))
    for minute in range(10, 20):
        tick(MONDAY + minute * MINUTE)
    assert inbox.titles == ["dance: the last run failed", "over: dance: the last run failed"]
    (incident,) = store.incidents.last_incidents(10)
    assert (incident.opened_at, incident.closed_at) == (MONDAY, MONDAY + 10 * MINUTE)
    assert (incident.last_seen, incident.run_id) == (MONDAY + 9 * MINUTE, "run-9")


def test_what_was_not_looked_at_is_neither_opened_nor_closed(store: Store) -> None:
    settle(store, judgement(finding()), MONDAY)
    settle(store, Examination(), MONDAY + MINUTE)
    settle(store, judgement(genre="rap"), MONDAY + MINUTE)
    settle(store, judgement(kind=AlarmKind.DEGRADED), MONDAY + MINUTE)
    assert [one.key for one in store.incidents.open_now()] == ["run_failed/dance/"]


def test_what_comes_back_within_an_hour_is_the_same_incident_reported_again_once_and_its_end_after_a_quiet_hour(
    tick: Callable[..., Any], inbox: Inbox, store: Store
) -> None:
    tick(MONDAY, finding())
    for minute in range(1, 40):  # comes and goes every minute
        tick(MONDAY + minute * MINUTE, *([finding()] if minute % 2 == 0 else []))
    assert inbox.titles == [
        "dance: the last run failed",
        "over: dance: the last run failed",
        "again: dance: the last run failed",
    ]
    for minute in range(40, 120):
        tick(MONDAY + minute * MINUTE)
    assert inbox.titles[3:] == ["over: dance: the last run failed"]
    (incident,) = store.incidents.last_incidents(10)
    assert incident.reopened == 19


def test_what_comes_back_later_is_another_incident(tick: Callable[..., Any], inbox: Inbox, store: Store) -> None:
    tick(MONDAY, finding())
    tick(MONDAY + MINUTE)
    tick(MONDAY + 2 * HOUR, finding(since=MONDAY + 2 * HOUR))
    assert len(store.incidents.last_incidents(10)) == 2
    assert len(inbox.titles) == 3


def test_the_same_trouble_of_several_genres_is_one_message_that_names_them(
    tick: Callable[..., Any], inbox: Inbox
) -> None:
    tick(MONDAY, *(finding(genre, "Spotify playlist", AlarmKind.DEGRADED) for genre in ("rap", "dance", "pop")))
    assert inbox.titles == ["dance, pop, rap: Spotify playlist could not be read"]
    assert "Genre: dance, pop, rap" in inbox.messages[0][1].body


def test_an_address_that_fails_is_tried_again_until_it_has_the_message_and_the_others_get_it_once(
    store: Store, settings: Settings
) -> None:
    inbox = Inbox("good", "bad")
    inbox.broken = {"bad"}
    settle(store, judgement(finding()), MONDAY)
    failures = []
    for second in range(0, 420, 30):
        if second == 240:
            inbox.broken = set()
        at = MONDAY + timedelta(seconds=second)
        failures.append(tell_due(store, settings, at, inbox.deliver, lambda: False))
    assert [address for address, _ in inbox.messages] == ["good", "bad"]
    assert failures[0] == {"bad": "is dead"}
    assert not any(failures[1:])  # logged once
    (incident,) = store.incidents.open_now()
    assert (incident.told_at is not None, incident.tries) == (True, 0)


def test_trying_again_slows_down_to_ten_minutes() -> None:
    waits = [wait_after(tries) for tries in range(1, 1_000)]
    assert waits[0] <= timedelta(seconds=30)
    assert waits == sorted(waits)
    assert max(waits) == timedelta(minutes=10)


def test_a_dead_address_keeps_no_reminder_and_no_end_from_the_others(store: Store, settings: Settings) -> None:
    inbox = Inbox("good", "dead")
    inbox.broken = {"dead"}
    for hours in range(4 * 24):
        at = MONDAY + timedelta(hours=hours)
        settle(store, judgement(finding()), at)
        tell_due(store, settings, at, inbox.deliver, lambda: False)
        if hours == 3 * 24 - 1:
            assert len(inbox.messages) == 1
    (incident,) = store.incidents.open_now()
    assert (incident.told_at, incident.tries > 1) == (MONDAY, True)
    settle(store, judgement(), MONDAY + timedelta(days=4))
    for hours in range(4 * 24):
        tell_due(store, settings, MONDAY + timedelta(days=4, hours=hours), inbox.deliver, lambda: False)
    what = "dance: the last run failed"
    assert inbox.titles == [what, f"still open: {what}", f"over: {what}"]
    assert store.incidents.incidents_to_tell() == []  # the dead one's is given up


def test_what_has_reached_nobody_is_tried_as_long_as_it_lasts_and_its_end_for_three_days(
    tick: Callable[..., Any], inbox: Inbox, store: Store
) -> None:
    inbox.broken = {"only"}
    for hours in range(4 * 24):
        tick(MONDAY + timedelta(hours=hours), finding())
    (incident,) = store.incidents.open_now()
    assert (incident.told_at, incident.tries) == (None, 4 * 24)
    for hours in range(4 * 24, 8 * 24):
        tick(MONDAY + timedelta(hours=hours))
    assert store.incidents.incidents_to_tell() == []


def test_the_tries_of_a_beginning_do_not_slow_down_those_of_the_end(
    tick: Callable[..., Any], inbox: Inbox, store: Store
) -> None:
    inbox.broken = {"only"}
    for minute in range(0, 120, 10):
        tick(MONDAY + minute * MINUTE, finding())
    tick(MONDAY + 120 * MINUTE)
    inbox.broken = set()
    tick(MONDAY + 121 * MINUTE)
    assert inbox.titles == ["over: dance: the last run failed"]


def test_what_is_still_open_is_reported_again_every_three_days(tick: Callable[..., Any], inbox: Inbox) -> None:
    for hours in range(0, 7 * 24, 6):
        tick(MONDAY + timedelta(hours=hours), finding())
    assert timedelta(days=3) == REMIND_AFTER
    assert inbox.titles[1:] == ["still open: dance: the last run failed"] * 2


def test_an_end_is_reported_even_if_the_beginning_never_arrived(
    tick: Callable[..., Any], inbox: Inbox, store: Store
) -> None:
    inbox.broken = {"only"}
    tick(MONDAY, finding())
    inbox.broken = set()
    tick(MONDAY + 10 * MINUTE)
    assert inbox.titles == ["over: dance: the last run failed"]


def test_without_addresses_an_end_is_not_news(store: Store, settings: Settings, inbox: Inbox) -> None:
    settle(store, judgement(finding()), MONDAY)
    settle(store, judgement(), MONDAY + MINUTE)
    tell_due(store, settings, MONDAY + MINUTE, inbox.deliver, lambda: False)
    assert inbox.messages == []


def test_of_two_that_look_at_once_one_tells(store: Store, settings: Settings) -> None:
    settle(store, judgement(finding()), MONDAY)
    first, second = Inbox(), Inbox()

    def deliver_while_another_looks(sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        settle(store, judgement(finding()), MONDAY)
        tell_due(store, settings, MONDAY, second.deliver, lambda: False)
        return first.deliver(sent, sent_to)

    tell_due(store, settings, MONDAY, deliver_while_another_looks, lambda: False)
    tell_due(store, settings, MONDAY + 2 * LEASE, second.deliver, lambda: False)
    assert (len(first.messages), second.messages) == (1, [])


def test_a_message_that_a_process_began_to_send_another_sends_later(
    store: Store, settings: Settings, inbox: Inbox
) -> None:
    settle(store, judgement(finding()), MONDAY)

    def dies(sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell_due(store, settings, MONDAY, dies, lambda: False)
    tell_due(store, settings, MONDAY + MINUTE, inbox.deliver, lambda: False)
    assert inbox.messages == []
    tell_due(store, settings, MONDAY + LEASE, inbox.deliver, lambda: False)
    assert len(inbox.messages) == 1


def test_what_comes_back_while_its_end_is_reported_is_reported_again(
    tick: Callable[..., Any], store: Store, settings: Settings, inbox: Inbox
) -> None:
    def deliver_while_it_comes_back(sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        settle(store, judgement(finding()), MONDAY + MINUTE)
        return inbox.deliver(sent, sent_to)

    tick(MONDAY, finding())
    settle(store, judgement(), MONDAY + MINUTE)
    tell_due(store, settings, MONDAY + MINUTE, deliver_while_it_comes_back, lambda: False)
    tick(MONDAY + 2 * MINUTE, finding())
    tick(MONDAY + 3 * MINUTE)
    tick(MONDAY + 2 * HOUR)
    what = "dance: the last run failed"
    assert inbox.titles == [what, f"over: {what}", f"again: {what}", f"over: {what}"]


def test_what_comes_back_at_the_moment_its_end_is_reported_is_reported_again(
    tick: Callable[..., Any], store: Store, settings: Settings, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_one = Collection.find_one
    ends: list[str] = []

    def with_its_end_told_after_it(collection: Collection[Any], *args: object, **kwargs: object) -> object:
        found = find_one(collection, *args, **kwargs)
        if not ends:
            ends.append("told")
            tell_due(store, settings, MONDAY + MINUTE, inbox.deliver, lambda: False)
        return found

    tick(MONDAY, finding())
    settle(store, judgement(), MONDAY + MINUTE)
    monkeypatch.setattr(Collection, "find_one", with_its_end_told_after_it)
    tick(MONDAY + 2 * MINUTE, finding())
    what = "dance: the last run failed"
    assert inbox.titles == [what, f"over: {what}", f"again: {what}"]


def test_what_comes_back_after_a_process_was_killed_reporting_its_end_is_reported_again(
    tick: Callable[..., Any], store: Store, settings: Settings, inbox: Inbox
) -> None:
    def is_killed_after_it(sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        inbox.deliver(sent, sent_to)
        raise KeyboardInterrupt

    tick(MONDAY, finding())
    settle(store, judgement(), MONDAY + MINUTE)
    with pytest.raises(KeyboardInterrupt):
        tell_due(store, settings, MONDAY + MINUTE, is_killed_after_it, lambda: False)
    tick(MONDAY + 2 * MINUTE, finding())
    what = "dance: the last run failed"
    assert inbox.titles == [what, f"over: {what}", f"again: {what}"]


def test_an_address_that_hears_of_the_beginning_after_the_end_hears_of_the_end_too(
    tick: Callable[..., Any], store: Store, settings: Settings
) -> None:
    inbox = Inbox("good", "bad")
    inbox.broken = {"bad"}

    def deliver_while_it_ends(sent: Message, sent_to: Sequence[str]) -> dict[str, str | None]:
        settle(store, judgement(), MONDAY + MINUTE)
        return inbox.deliver(sent, sent_to)

    settle(store, judgement(finding()), MONDAY)
    tell_due(store, settings, MONDAY, deliver_while_it_ends, lambda: False)
    tell_due(store, settings, MONDAY + LEASE, inbox.deliver, lambda: False)
    assert inbox.titles == ["dance: the last run failed", "over: dance: the last run failed"]


def test_a_genre_that_left_the_catalogue_is_nobodys_trouble(store: Store) -> None:
    settle(store, judgement(finding(), finding("rap"), finding(None, "spotify", AlarmKind.QUOTA_LOW)), MONDAY)
    retire(store, ["rap", "pop"], MONDAY + MINUTE)
    assert {one.key for one in store.incidents.open_now()} == {"run_failed/rap/", "quota_low//spotify"}


def test_where_no_store_can_keep_it_an_incident_lives_the_same_life() -> None:
    found = finding(None, kind=AlarmKind.DATABASE_UNREADABLE)

    def seen_again(before: Incident | None, at: datetime) -> Incident:
        return after(before, Seen(incident_of(found, at)), at)

    incident = seen_again(None, MONDAY)
    assert due(incident, MONDAY) is Notice.OPENED
    sent_to = incident.model_copy(update={"told_at": MONDAY})
    over = after(seen_again(sent_to, MONDAY + MINUTE), Gone(), MONDAY + 2 * MINUTE)
    assert due(over, MONDAY + 2 * MINUTE) is Notice.OVER
    over = over.model_copy(update={"over_told_at": MONDAY + 2 * MINUTE})
    again = seen_again(over, MONDAY + 3 * MINUTE)
    assert (again.incident_id, again.reopened) == (incident.incident_id, 1)
    assert due(again, MONDAY + 3 * MINUTE) is Notice.OPENED
    assert seen_again(over, MONDAY + 2 * HOUR).incident_id != incident.incident_id
    assert is_forgotten(over, MONDAY + 2 * HOUR)
    assert not is_forgotten(over, MONDAY + 3 * MINUTE)


@pytest.fixture
def incident() -> Iterator[Incident]:
    yield incident_of(finding(detail="Spotify said <!channel> @everyone\n\x1b[31m" + "x" * 5_000), MONDAY)


def test_a_message_says_what_where_since_when_what_still_works_and_what_to_do_with_a_link(
    settings: Settings, incident: Incident
) -> None:
    linked = settings.model_copy(
        update={"dagster_ui_url": "https://dagster.example", "alarm_urls": SecretStr("json://secret")}
    )
    sent = message([incident], Notice.OPENED, linked, MONDAY)
    assert sent.title == "TuneMeld (testing, sandbox) dance: the last run failed"
    assert sent.tone == "failure"
    for line in (
        "Genre: dance",
        "Since: 2026-03-02 02:30 UTC",
        "Still works: Visitors see the last good chart",
        "once that is fixed: tunemeld etl run full --genre dance",
        "Run: https://dagster.example/runs/a-run",
        "More: docs/alarms.md, run_failed",
    ):
        assert line in sent.body
    assert "secret" not in sent.body


def test_text_of_others_is_one_short_line_that_calls_nobody(settings: Settings, incident: Incident) -> None:
    body = message([incident], Notice.OPENED, settings, MONDAY).body
    reason = next(line for line in body.splitlines() if line.startswith("Reason: "))
    assert len(reason) < 650
    assert "@everyone" not in reason
    assert "<!channel>" not in reason
    assert "\x1b" not in reason


@pytest.mark.parametrize("kind", AlarmKind)
@pytest.mark.parametrize("stage", Notice)
def test_every_alarm_has_a_message_at_every_stage(settings: Settings, kind: AlarmKind, stage: Notice) -> None:
    one = incident_of(finding(subject="Spotify", kind=kind), MONDAY)
    sent = message([one], stage, settings, MONDAY + HOUR)
    assert "{" not in sent.title + sent.body
    assert sent.tone == "success" if stage is Notice.OVER else sent.tone in {"failure", "warning"}
