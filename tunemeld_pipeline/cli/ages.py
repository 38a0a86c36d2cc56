"""How long ago something was, as people say it."""

from datetime import datetime

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MOMENTS = 45
"""Seconds that nobody counts."""


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`, `5 weeks ago`; `in 3 hours` for what is to come."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < MOMENTS:
        return "just now"
    length = _length(abs(seconds))
    return f"{length} ago" if seconds > 0 else f"in {length}"


def _length(seconds: float) -> str:
    for unit, size, until in (("minute", MINUTE, 90 * MINUTE), ("hour", HOUR, 48 * HOUR), ("day", DAY, 60 * DAY)):
        if seconds < until:
            count = max(1, round(seconds / size))
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{round(seconds / (7 * DAY))} weeks"
