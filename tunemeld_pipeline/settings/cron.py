"""Cron expressions of five fields, in UTC: whether one is valid, whether it is suspicious, and when it is due.

cronsim does the work. Anything that it and Dagster's own parser read differently is refused, so the schedule always ticks when expected.
"""

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("day of week", 0, 7, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)
_ITEM = re.compile(r"(\*|\w+-\w+)(/\d+)?|\w+", re.ASCII)
_EXAMPLE = 'such as "30 2 * * *"'


def checked(expression: str) -> str:
    """The expression with single spaces.

    Raises:
        ValueError: it is malformed, it never comes due, or cron programs disagree on what it means.
    """
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"must have the five fields of a cron expression, {_EXAMPLE}")
    for number, (text, (name, lowest, highest, names)) in enumerate(zip(fields, _FIELDS, strict=True)):
        if not _is_valid(number, text, names):
            raise ValueError(f"its {name} field is not valid; write *, or numbers from {lowest} to {highest}")
    _, _, day, _, weekday = fields
    if "*" not in (day, weekday) and (day.startswith("*") or weekday.startswith("*")):
        raise ValueError("cron programs disagree on */ in one day field beside a day in the other; write the days out")
    text = " ".join(fields)
    if next_time(text, datetime.now(UTC)) is None:
        raise ValueError(
            f"names a day that no month of it has, so that it never comes; write one that comes, {_EXAMPLE}"
        )
    return text


def next_time(expression: str, at: datetime) -> datetime | None:
    """The first time after `at` at which a well-formed expression is due, in UTC; None if it never is."""
    try:
        return next(CronSim(expression, at.astimezone(UTC)))
    except (CronSimError, StopIteration):
        return None


def last_time(expression: str, at: datetime) -> datetime | None:
    """The last time before `at` at which a well-formed expression was due, in UTC; None if it never was."""
    try:
        return next(CronSim(expression, at.astimezone(UTC), reverse=True))
    except (CronSimError, StopIteration):
        return None


def doubts(expression: str) -> list[str]:
    """A sentence on each field of a well-formed expression that probably does not mean what its author intended."""
    found = []
    for text, (name, lowest, highest, _) in zip(expression.split(), _FIELDS, strict=True):
        steps = [int(step) for step in re.findall(r"/(\d+)", text)]
        found += [
            f"its {name} field steps by {step}, more than the {highest - lowest + 1} values that it has; only the first one is meant"
            for step in steps
            if step > highest - lowest
        ]
    return found


def _is_valid(number: int, text: str, names: tuple[str, ...]) -> bool:
    if not all(_ITEM.fullmatch(item) for item in text.split(",")):
        return False
    if not set(re.findall("[A-Z]+", text.upper())) <= set(names):  # no L, W or other word that only some programs know
        return False
    alone = ["*"] * len(_FIELDS)
    alone[number] = text
    try:
        CronSim(" ".join(alone), datetime.now(UTC))
    except CronSimError:
        return False
    return True
