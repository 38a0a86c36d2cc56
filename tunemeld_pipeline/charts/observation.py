"""When a run observes the world, and which quota day that is.

These pure functions are the rules about observation times; `resources/observation.py` finds out when a run started.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import TypeGuard
from zoneinfo import ZoneInfo

from tunemeld_pipeline.charts.documents import Upstream
from tunemeld_pipeline.errors import ObservationTimeError

PACIFIC = ZoneInfo("America/Los_Angeles")
CLOCK_SKEW = timedelta(minutes=5)


def parse_as_of(text: str, now: datetime) -> datetime:
    """The time that `--as-of` or the tag means. A date means its first moment in UTC, the date of `now` means `now`.

    Raises:
        ObservationTimeError: neither a date nor a time.
    """
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            return now if day == now.astimezone(UTC).date() else datetime.combine(day, time(), UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ObservationTimeError(f"{text!r} is no date; write it as 2026-01-31 or 2026-01-31T06:00:00Z") from None


def refuse_impossible(as_of: datetime, upstream: Upstream, now: datetime) -> None:
    """Refuses a time that the upstreams cannot answer for.

    Raises:
        ObservationTimeError: the future; or, live, a past day, since today's counts would be stamped with it.
    """
    if as_of > now + CLOCK_SKEW:
        raise ObservationTimeError(f"{as_of:%Y-%m-%d %H:%M} UTC is in the future; choose a time up to now")
    if upstream == "live" and as_of.date() != now.astimezone(UTC).date():
        raise ObservationTimeError(
            f"the live services answer with today's counts, which would be kept as those of {as_of:%Y-%m-%d};"
            " leave the date out, or use the sandbox or recorded answers (--replay DIR) for past days"
        )


def utc_day(moment: datetime) -> str:
    """The UTC day, as YYYY-MM-DD: the quota day of RapidAPI's daily plans."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def is_day(text: object) -> TypeGuard[str]:
    """Whether this is a day in the form 2026-01-31."""
    try:
        # Python also reads other forms of ISO 8601; they would be second names for the same day.
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def pacific_day(moment: datetime) -> str:
    """The day in California, as YYYY-MM-DD: YouTube's quota resets at midnight Pacific time."""
    return f"{moment.astimezone(PACIFIC):%Y-%m-%d}"
