"""How much of each upstream's quota is used, per quota day or month.

Counting and limits are here; `upstreams/` decides what a request costs, and what a service answers once its quota is used up. A quota day
is the day of observation in the request's path, so runs for different days have separate budgets.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How long a quota lasts."""

    DAY = "day"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period that this day is in."""
        return day if self is Period.DAY else day.replace(day=1)

    def end(self, day: date) -> date:
        """The first day after that period."""
        if self is Period.DAY:
            return day + timedelta(days=1)
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Allowance:
    """What an upstream's plan allows, and how much of it is left."""

    limit: int
    period: Period
    left: int
    """Below zero once there was one request too many."""
    resets_in: int
    """Seconds."""


DEFAULT_LIMITS = {
    "spotify": (500_000, Period.MONTH),
    "apple_music": (500_000, Period.MONTH),
    "soundcloud": (500_000, Period.MONTH),
    # As documented since June 2026: searches have their own bucket, in addition to the 10,000 units.
    "youtube": (10_000, Period.DAY),
    "youtube_search": (100, Period.DAY),
    "spotify_web_api": (100_000, Period.DAY),
    "cloudflare_writes": (1_000_000, Period.DAY),
}


class Quotas:
    """The buckets of all upstreams."""

    def __init__(self) -> None:
        self._limits = dict(DEFAULT_LIMITS)
        self._used: dict[tuple[str, date], int] = {}

    def spend(self, bucket: str, day: date, units: int = 1) -> Allowance:
        """Takes units from a bucket; if it has too few, nothing is taken, and the answer's `left` is below zero."""
        limit, period = self._limits[bucket]
        key = bucket, period.start(day)
        used = self._used.get(key, 0) + units
        if used <= limit:
            self._used[key] = used
        midnight = datetime.combine(day, datetime.min.time()).replace(hour=12)
        resets_in = int((datetime.combine(period.end(day), datetime.min.time()) - midnight).total_seconds())
        return Allowance(limit, period, limit - used, resets_in)

    def limit(self, bucket: str, limit: int, period: Period | None = None) -> None:
        """Sets a bucket's limit from now on; what is used stays used.

        Raises:
            ValueError: there is no such bucket, or the limit is below zero.
        """
        if bucket not in self._limits:
            raise ValueError(f"unknown quota {bucket!r}; there are {', '.join(sorted(self._limits))}")
        if limit < 0:
            raise ValueError("a limit is 0 or more")
        self._limits[bucket] = limit, period or self._limits[bucket][1]

    def reset(self) -> None:
        """Resets to the default limits, with nothing used."""
        self._limits = dict(DEFAULT_LIMITS)
        self._used.clear()

    def report(self) -> dict[str, object]:
        """Limits and use for people and tests: `{bucket: {"limit", "period", "used": {first day: units}}}`."""
        return {
            bucket: {
                "limit": limit,
                "period": str(period),
                "used": {str(start): used for (name, start), used in sorted(self._used.items()) if name == bucket},
            }
            for bucket, (limit, period) in self._limits.items()
        }
