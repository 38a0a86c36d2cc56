"""Turns findings into incidents: opened, closed, and reported once at the beginning and once at the end.

`judging.py` decides what counts as wrong, `incident_life.py` when an incident needs a message, and `delivery.py` how a message travels.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.plugins.registry import name_of
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.alarms import ALARMS, AlarmKind
from tunemeld_pipeline.watching.incident_life import Claimed, Gone, Notice, Seen, Tried, after, due
from tunemeld_pipeline.watching.judging import Examination, Finding

LEASE = timedelta(minutes=2)
"""How long a message belongs to the process that has begun to send it; longer than a delivery may take."""

RACES = 5
"""How often a change is tried if other processes overtake it."""

LONGEST_DETAIL = 600
MOST_RUNS_LINKED = 4
SUBJECTS = {AlarmKind.UNREADABLE_DOCUMENT: "Collection"}
"""What a message calls the subject of an alarm that is about no service."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: a title, a text, and its severity in apprise's words."""

    title: str
    body: str
    tone: Literal["failure", "warning", "success", "info"]


Deliver = Callable[[Message, Sequence[str]], Mapping[str, str | None]]
"""Sends a message to every address except those with the given ids; per tried id, why it failed, or None."""


def settle(store: Store, judgement: Examination, at: datetime) -> list[Incident]:
    """Opens, continues and closes incidents according to the findings; returns those that are open now."""
    before = store.incidents.open_now()
    found = {finding.key for finding in judgement.findings}
    for finding in judgement.findings:
        note_seen(store, incident_of(finding, at))
    for incident in before:
        known = (incident.kind, incident.genre) in judgement.looked_at
        if incident.key not in found and known:
            close(store, incident.incident_id, at)
    return store.incidents.open_now()


def retire(store: Store, genres: Iterable[str], at: datetime) -> None:
    """Closes incidents that nothing examines any more: a genre that left the catalogue, a kind from an earlier release."""
    there = set(genres)
    for incident in store.incidents.open_now():
        if incident.kind not in list(AlarmKind) or (incident.genre is not None and incident.genre not in there):
            close(store, incident.incident_id, at)


def note_seen(store: Store, fresh: Incident) -> None:
    """Opens the incident, or continues the one with its key that is open or ended less than an hour ago.

    If many processes see the same trouble at once, only one incident is open.
    """
    for _ in range(RACES):
        before = store.incidents.latest(fresh.key)
        seen = after(before, Seen(fresh), fresh.last_seen)
        if before is None or seen.incident_id != before.incident_id:
            if store.incidents.add(seen):
                return
        elif store.incidents.exchange(before, seen):
            return


def close(store: Store, incident_id: str, at: datetime) -> None:
    """Notes that an incident is over."""
    for _ in range(RACES):
        before = store.incidents.incident(incident_id)
        if before is None or store.incidents.exchange(before, after(before, Gone(), at)):
            return


def incident_of(finding: Finding, at: datetime) -> Incident:
    """A new incident, first seen now."""
    return Incident(
        incident_id=uuid4().hex,
        key=finding.key,
        kind=finding.kind.value,
        genre=finding.genre,
        subject=finding.subject,
        detail=_one_line(redact(finding.detail)),
        run_id=finding.run_id,
        opened_at=min(finding.since, at),
        last_seen=at,
    )


def tell_due(
    store: Store, settings: Settings, at: datetime, deliver: Deliver, out_of_time: Callable[[], bool]
) -> dict[str, str]:
    """Sends the messages that are due, one per stage, kind and subject.

    Returns:
        Per id of an address that failed, the reason; only at the first try of a message, so it is logged once.

    Each incident is claimed before its message is sent: of two processes that look at the same moment, only one sends. If another process
    closes or reopens the incident meanwhile, it gets a new message.
    """
    groups: dict[tuple[Notice, str, str, tuple[str, ...]], list[Incident]] = {}
    for incident in store.incidents.incidents_to_tell():
        stage = due(incident, at)
        if stage is not None:
            sent_to = tuple(sorted(incident.told_to))
            groups.setdefault((stage, incident.kind, incident.subject, sent_to), []).append(incident)
    failures: dict[str, str] = {}
    for (stage, *_), members in groups.items():
        if out_of_time():
            break
        claimed = [one for member in members if (one := claim(store, member, at))]
        if not claimed:
            continue
        tried, failed = send(claimed, stage, settings, at, deliver)
        failures |= failed
        for incident in claimed:
            store.incidents.exchange(incident, after(incident, tried, at))
    return failures


def claim(store: Store, incident: Incident, at: datetime) -> Incident | None:
    """The incident, with its next message claimed by this process; None if it needs none now, or another process was first."""
    if due(incident, at) is None:
        return None
    return store.incidents.exchange(incident, after(incident, Claimed(at + LEASE), at))


def send(
    claimed: Sequence[Incident], stage: Notice, settings: Settings, at: datetime, deliver: Deliver
) -> tuple[Tried, dict[str, str]]:
    """Sends one message about claimed incidents that the same addresses already know.

    Returns:
        The outcome, and per id of an address that failed, the reason; only at the first try of a message, so it is logged once.
    """
    sent_to = claimed[0].told_to
    outcome = deliver(message(claimed, stage, settings, at), sent_to)
    failed = {address: why for address, why in outcome.items() if why is not None}
    reached = (*sent_to, *(address for address in outcome if address not in failed))
    is_first = min(incident.tries for incident in claimed) == 1
    return Tried(stage, reached, bool(failed)), failed if is_first else {}


def message(incidents: Sequence[Incident], stage: Notice, settings: Settings, at: datetime) -> Message:
    """The message about incidents of one kind and subject: what, where, since when, what still works, what to do, and links."""
    kind, subject = AlarmKind(incidents[0].kind), incidents[0].subject
    alarm = ALARMS[kind]
    genres = sorted(incident.genre for incident in incidents if incident.genre)
    facts = {"genre": genres[0] if len(genres) == 1 else "GENRE", "subject": name_of(subject)}
    what = alarm.title.format(**facts)
    where = f"{', '.join(genres)}: " if genres else ""
    prefix = {Notice.OPENED: "", Notice.REMINDER: "still open: ", Notice.OVER: "over: "}[stage]
    if stage is Notice.OPENED and all(incident.reopened for incident in incidents):
        prefix = "again: "
    since = min(incident.opened_at for incident in incidents)
    lines = [
        *([f"Genre: {', '.join(genres)}"] if genres else []),
        *([f"{SUBJECTS.get(kind, 'Service')}: {name_of(subject)}"] if subject else []),
        f"Since: {since:%Y-%m-%d %H:%M} UTC",
    ]
    if stage is Notice.OVER:
        until = max(incident.closed_at or at for incident in incidents)
        lines += [f"Until: {until:%Y-%m-%d %H:%M} UTC ({_span(until - since)})", "Nothing has to be done."]
    else:
        details = dict.fromkeys(f"{incident.detail}" for incident in incidents if incident.detail)
        lines += [
            *(f"Reason: {_harmless(detail)}" for detail in details),
            f"Still works: {alarm.still_works.format(**facts)}",
            f"To do: {alarm.to_do.format(**facts)}",
        ]
    lines += [*_run_lines(incidents, settings), f"More: docs/alarms.md, {kind.value}"]
    tone: Literal["failure", "warning", "success"] = "failure" if alarm.grave else "warning"
    return Message(
        title=f"{settings.app_name} ({settings.environment.value}, {settings.upstreams.value}) {prefix}{where}{what}",
        body="\n".join(lines),
        tone="success" if stage is Notice.OVER else tone,
    )


def _run_lines(incidents: Sequence[Incident], settings: Settings) -> list[str]:
    runs = list(dict.fromkeys(incident.run_id for incident in incidents if incident.run_id))
    if settings.dagster_ui_url is None:
        return [f"Run: {run_id}" for run_id in runs[:MOST_RUNS_LINKED]]
    return [f"Run: {settings.dagster_ui_url}/runs/{run_id}" for run_id in runs[:MOST_RUNS_LINKED]]


def _span(time: timedelta) -> str:
    minutes = max(0, round(time.total_seconds() / 60))
    hours, days = minutes / 60, minutes / 1440
    return f"{minutes} min" if hours < 2 else f"{hours:.0f} hours" if days < 2 else f"{days:.0f} days"


def _one_line(text: str) -> str:
    """Foreign text in one line of printable characters, cut if it is long."""
    flat = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return flat if len(flat) <= LONGEST_DETAIL else f"{flat[:LONGEST_DETAIL]}…"


def _harmless(text: str) -> str:
    """Foreign text without anything that chat services read as a call to everybody: @here, <!channel>."""
    return re.sub(r"@(?=\w)", "@\N{ZERO WIDTH SPACE}", text).replace("<", "‹").replace(">", "›")
