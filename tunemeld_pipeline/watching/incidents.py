"""An incident's life: it opens, goes on, comes back or closes, and is told of once at either end.

What belongs here: when something has to be told, in which words, and when to try again. What does not: what counts as wrong
(`alarms.py`), how a message travels (`delivery.py`), how incidents are kept (`storage/incidents.py`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import uuid4

from tunemeld_pipeline.charts.documents import Incident
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.fields import Settings
from tunemeld_pipeline.storage.incidents import NOTHING_UNDER_WAY, SAME_INCIDENT_WITHIN, UNTOLD
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.watching.alarms import ALARMS, Finding, Judgement, Kind

REMIND_AFTER = timedelta(days=3)
"""What is still open after so long is told of again, and so on: a message of last week has scrolled out of sight.

So long a message is tried, too: the next one has to reach the addresses that work, whichever does not.
"""

LEASE = timedelta(minutes=2)
"""How long a message that somebody has begun to send belongs to them; longer than a delivery may take."""

FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_DETAIL = 600
MOST_RUNS_LINKED = 4


class Stage(StrEnum):
    """What an incident is told of; the value is the field that keeps when."""

    OPENED = "told_at"
    REMINDER = "reminded_at"
    OVER = "over_told_at"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a line, a text, and how bad it is, in apprise's words."""

    title: str
    body: str
    tone: Literal["failure", "warning", "success", "info"]


Deliver = Callable[[Message, Sequence[str]], Mapping[str, str | None]]
"""Sends a message to every address but those named by their ids; per id that was tried, why it failed, or None."""


def settle(store: Store, judgement: Judgement, at: datetime) -> list[Incident]:
    """Opens, continues and closes incidents after what was found; returns those that are open now."""
    before = store.incidents.open_incidents()
    found = {finding.key for finding in judgement.findings}
    for finding in judgement.findings:
        store.incidents.note_incident(incident_of(finding, at))
    for incident in before:
        known = (incident.kind, incident.genre) in judgement.looked_at
        if incident.key not in found and known:
            store.incidents.close_incident(incident.incident_id, at)
    return store.incidents.open_incidents()


def retire(store: Store, genres: Iterable[str], at: datetime) -> None:
    """Closes what nobody looks at any more: a genre that left the catalogue, a kind that an earlier release knew."""
    there = set(genres)
    for incident in store.incidents.open_incidents():
        if incident.kind not in list(Kind) or (incident.genre is not None and incident.genre not in there):
            store.incidents.close_incident(incident.incident_id, at)


def incident_of(finding: Finding, at: datetime) -> Incident:
    """An incident as it is when it is first seen."""
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


def seen_again(before: Incident | None, finding: Finding, at: datetime) -> Incident:
    """The one incident of a key where no store can keep it, after another look that found it; as `Store.note_incident` does it."""
    seen = incident_of(finding, at)
    if before is None or (before.closed_at is not None and at - before.closed_at > SAME_INCIDENT_WITHIN):
        return seen
    now = {"last_seen": at, "detail": seen.detail}
    if before.closed_at is None:
        return before.model_copy(update=now)
    reopened = {"closed_at": None, "reopened": before.reopened + 1}
    return before.model_copy(update={**now, **reopened, **(UNTOLD if before.end_may_be_known else {})})


def closed(incident: Incident, at: datetime) -> Incident:
    """The incident after a look that did not find it; as `Store.close_incident` does it."""
    if incident.closed_at is not None:
        return incident
    return incident.model_copy(update={**NOTHING_UNDER_WAY, "closed_at": at, "tries": min(incident.tries, 1)})


def is_forgotten(incident: Incident, at: datetime) -> bool:
    """Whether it is over, would be a new one if it came back, and there is nothing more to tell of it."""
    over = incident.closed_at is not None and at - incident.closed_at > SAME_INCIDENT_WITHIN
    told = incident.over_told_at is not None or (incident.told_at is None and incident.tries == 0)
    return over and told


def due(incident: Incident, at: datetime) -> Stage | None:
    """What has to be told of it now; None where nothing is, or not yet again.

    The end of one that came back is told only after an hour of quiet, so that a trouble that comes and goes is not told each time.
    """
    if incident.next_try_at is not None and incident.next_try_at > at:
        return None
    if incident.closed_at is None:
        if incident.told_at is None:
            return Stage.OPENED
        return Stage.REMINDER if at - (incident.reminded_at or incident.told_at) >= REMIND_AFTER else None
    # What nobody was to be told of when it was open is not told of when it is over.
    if incident.over_told_at is not None or (incident.told_at is None and incident.tries == 0):
        return None
    quiet = SAME_INCIDENT_WITHIN if incident.reopened else timedelta(0)
    return Stage.OVER if at - incident.closed_at >= quiet else None


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: from 20 s, doubled to ten minutes."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries - 1, 10)
    return min(doubled, LONGEST_WAIT)


def is_given_up(claimed: Incident, stage: Stage, reached: Sequence[str], at: datetime) -> bool:
    """Whether a message that some address has not got is tried no more; one that nobody has got is, as long as the trouble lasts."""
    since = claimed.telling_since or at
    return at - since >= REMIND_AFTER and (bool(reached) or stage is Stage.OVER)


def tell_due(
    store: Store, settings: Settings, at: datetime, deliver: Deliver, out_of_time: Callable[[], bool]
) -> dict[str, str]:
    """Tells of what is due, in one message per stage, kind and subject.

    Returns:
        Per id of an address that failed, why; only at the first try of a message, so that it is logged once.

    Each incident is claimed before it is told of: of two processes that look at the same moment, one tells. One that another process
    closes or reopens meanwhile is told of afresh.
    """
    groups: dict[tuple[Stage, str, str, tuple[str, ...]], list[Incident]] = {}
    for incident in store.incidents.incidents_to_tell():
        stage = due(incident, at)
        if stage is not None:
            told = tuple(sorted(incident.told_to))
            groups.setdefault((stage, incident.kind, incident.subject, told), []).append(incident)
    failures: dict[str, str] = {}
    for (stage, _, _, told), members in groups.items():
        if out_of_time():
            break
        claimed = [one for member in members if (one := store.incidents.claim_telling(member, stage, at, at + LEASE))]
        if not claimed:
            continue
        outcome = deliver(message(claimed, stage, settings, at), told)
        failed = {address: why for address, why in outcome.items() if why is not None}
        reached = [*told, *(address for address in outcome if address not in failed)]
        if min(incident.tries for incident in claimed) == 1:
            failures |= failed
        for incident in claimed:
            if failed and not is_given_up(incident, stage, reached, at):
                store.incidents.note_untold(incident, reached, at + wait_after(incident.tries))
            else:
                store.incidents.note_told(incident, stage)
    return failures


def message(incidents: Sequence[Incident], stage: Stage, settings: Settings, at: datetime) -> Message:
    """The message on incidents of one kind and subject: what, where, since when, what still works, what to do, and links."""
    kind, subject = Kind(incidents[0].kind), incidents[0].subject
    alarm = ALARMS[kind]
    genres = sorted(incident.genre for incident in incidents if incident.genre)
    facts = {"genre": genres[0] if len(genres) == 1 else "GENRE", "subject": subject}
    what = alarm.title.format(**facts)
    where = f"{', '.join(genres)}: " if genres else ""
    prefix = {Stage.OPENED: "", Stage.REMINDER: "still open: ", Stage.OVER: "over: "}[stage]
    if stage is Stage.OPENED and all(incident.reopened for incident in incidents):
        prefix = "again: "
    since = min(incident.opened_at for incident in incidents)
    lines = [
        *([f"Genre: {', '.join(genres)}"] if genres else []),
        *([f"Service: {subject}"] if subject else []),
        f"Since: {since:%Y-%m-%d %H:%M} UTC",
    ]
    if stage is Stage.OVER:
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
        tone="success" if stage is Stage.OVER else tone,
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
    """Text of others in one line of printable characters, cut where it is long."""
    flat = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return flat if len(flat) <= LONGEST_DETAIL else f"{flat[:LONGEST_DETAIL]}…"


def _harmless(text: str) -> str:
    """Text of others without what chat services take for a call to everybody: @here, <!channel>."""
    return re.sub(r"@(?=\w)", "@\N{ZERO WIDTH SPACE}", text).replace("<", "‹").replace(">", "›")
