"""What the headers of an answer say of waiting and of the plan behind the key."""

from collections.abc import Mapping
from contextlib import suppress

import urllib3

from tunemeld_pipeline.storage.plans import StatedPlan

MAX_WAIT_SECONDS = 60.0
LONGEST_PLAN_SECONDS = 400 * 86_400
"""A plan resets within a year; a larger number is no number of seconds."""


def stated_plan(headers: Mapping[str, str]) -> StatedPlan | None:
    """What RapidAPI's headers say of the plan, or None where one of them is missing. An overdrawn plan has nothing left."""
    remaining = headers.get("x-ratelimit-requests-remaining", "").strip()
    numbers = (
        _whole_number(headers.get("x-ratelimit-requests-limit")),
        0 if remaining.startswith("-") else _whole_number(remaining),
        _whole_number(headers.get("x-ratelimit-requests-reset")),
    )
    limit, left, resets_in = numbers
    if limit is None or left is None or resets_in is None or resets_in > LONGEST_PLAN_SECONDS:
        return None
    return StatedPlan(limit, left, resets_in)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait that an answer demands, in seconds: `Retry-After` (seconds or a date, RFC 9110 10.2.3), else RapidAPI's reset.

    RapidAPI's reset may be that of the month's plan; one that is further away than we ever wait says nothing about a rate.
    """
    asked = headers.get("Retry-After")
    if asked is not None:
        with suppress(
            urllib3.exceptions.InvalidHeader, ValueError, OverflowError
        ):  # a year, or seconds, of a thousand digits
            return float(urllib3.Retry().parse_retry_after(asked))
    reset = _whole_number(headers.get("x-ratelimit-requests-reset"))
    return float(reset) if reset is not None and reset <= MAX_WAIT_SECONDS else None


def _whole_number(value: str | None) -> int | None:
    digits = (value or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
