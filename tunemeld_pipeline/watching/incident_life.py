"""An incident's life as one pure function: from its state, an event and a time to its next state.

Only `after` changes an incident, whether the database keeps it (`incidents.py`) or, while the database cannot be read, the alarm sensor's
cursor. `due` says which message it needs now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tunemeld_pipeline.charts.incident import Incident

SAME_INCIDENT_WITHIN = timedelta(hours=1)
"""A trouble that comes back this soon was never over."""

REMIND_AFTER = timedelta(days=3)
"""An incident gets a reminder each time it has been open this long: last week's message has scrolled out of sight.

A message is also tried for this long: a dead address must not keep the next message from addresses that work.
"""

FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(minutes=10)

_NO_MESSAGE: dict[str, Any] = {"told_to": [], "next_try_at": None, "telling_since": None}
"""The fields while no message is being sent; `tries` still says whether there was one."""

_NOTHING_SENT: dict[str, Any] = {
    **_NO_MESSAGE,
    "tries": 0,
    **dict.fromkeys(("told_at", "reminded_at", "over_told_at")),
}


class Notice(StrEnum):
    """Which message an incident needs; the value is the field that stores when it was sent."""

    OPENED = "told_at"
    REMINDER = "reminded_at"
    OVER = "over_told_at"


@dataclass(frozen=True, slots=True)
class Seen:
    """The trouble was found; `fresh` is the incident to open if none with its key continues."""

    fresh: Incident


@dataclass(frozen=True, slots=True)
class Gone:
    """The trouble was no longer found."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A process has begun to send a message, which belongs to it until `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """A message was sent: the ids of the addresses that have it now, and whether some could not be reached."""

    stage: Notice
    reached: tuple[str, ...]
    failed: bool


Event = Seen | Gone | Claimed | Tried


def after(incident: Incident | None, event: Event, at: datetime) -> Incident:
    """The incident after an event; None means no incident yet, which only `Seen` can follow."""
    if isinstance(event, Seen):
        return _seen(incident, event.fresh, at)
    if incident is None:
        raise ValueError(f"{event} needs an incident")
    match event:
        case Gone():
            if incident.closed_at is not None:
                return incident
            changes = {**_NO_MESSAGE, "closed_at": at, "tries": min(incident.tries, 1)}
        case Claimed(until):
            changes = {
                "next_try_at": until,
                "telling_since": incident.telling_since or at,
                "tries": incident.tries + 1,
            }
        case Tried(stage, reached, failed):
            if failed and not _is_given_up(incident, stage, reached, at):
                changes = {"told_to": list(reached), "next_try_at": at + wait_after(incident.tries)}
            else:
                # Dated from its first try: anything that changed after that is news.
                changes = {**_NO_MESSAGE, stage.value: incident.telling_since, "tries": 0}
    return incident.model_copy(update=changes)


def due(incident: Incident, at: datetime) -> Notice | None:
    """The message that the incident needs now; None if it needs none, or not yet.

    The end of one that came back is reported only after a quiet hour, so a trouble that comes and goes is not reported each time.
    """
    if incident.next_try_at is not None and incident.next_try_at > at:
        return None
    if incident.closed_at is None:
        if incident.told_at is None:
            return Notice.OPENED
        return Notice.REMINDER if at - (incident.reminded_at or incident.told_at) >= REMIND_AFTER else None
    if _needs_no_end(incident):
        return None
    quiet = SAME_INCIDENT_WITHIN if incident.reopened else timedelta(0)
    return Notice.OVER if at - incident.closed_at >= quiet else None


def is_forgotten(incident: Incident, at: datetime) -> bool:
    """Whether it is over, would be a new one if it came back, and has no message left to send."""
    over = incident.closed_at is not None and at - incident.closed_at > SAME_INCIDENT_WITHIN
    return over and _needs_no_end(incident)


def wait_after(tries: int) -> timedelta:
    """How long to wait after this many failed tries: from 20 s, doubling up to ten minutes."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries - 1, 10)
    return min(doubled, LONGEST_WAIT)


def _seen(before: Incident | None, fresh: Incident, at: datetime) -> Incident:
    if before is None or (before.closed_at is not None and at - before.closed_at > SAME_INCIDENT_WITHIN):
        return fresh
    changes: dict[str, Any] = {"last_seen": at, "detail": fresh.detail, "run_id": fresh.run_id}
    if before.closed_at is not None:
        changes |= {"closed_at": None, "reopened": before.reopened + 1}
        if before.over_told_at is not None or before.telling_since is not None:
            # People who know or may know that it is over have to learn that it is not.
            changes |= _NOTHING_SENT
    return before.model_copy(update=changes)


def _needs_no_end(incident: Incident) -> bool:
    """Whether its end was reported, or nobody was informed while it was open."""
    return incident.over_told_at is not None or (incident.told_at is None and incident.tries == 0)


def _is_given_up(claimed: Incident, stage: Notice, reached: tuple[str, ...], at: datetime) -> bool:
    """Whether to stop trying a message that only some addresses lack; one that nobody has is tried as long as the trouble lasts."""
    since = claimed.telling_since or at
    return at - since >= REMIND_AFTER and (bool(reached) or stage is Notice.OVER)
