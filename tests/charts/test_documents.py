"""What every document has in common, and what a chart says it lacks."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.documents import MONDAY, chart, raw_playlist
from tunemeld_pipeline.charts.documents import LookedUp, ServiceOutcome, missing_sources, shortfalls


def test_moments_are_kept_in_utc() -> None:
    there = timezone(timedelta(hours=5, minutes=30))
    for moment in (MONDAY, MONDAY.replace(tzinfo=None), MONDAY.astimezone(there)):
        kept = (
            type(raw_playlist())
            .model_validate(raw_playlist().model_dump() | {"insert_timestamp": moment})
            .insert_timestamp
        )
        assert (kept, kept.utcoffset()) == (MONDAY, timedelta(0))


def test_a_chart_says_what_it_lacks_and_why() -> None:
    made = chart().model_copy(
        update={
            "outcomes": {
                "Spotify": ServiceOutcome(state="fresh"),
                "AppleMusic": ServiceOutcome(state="stale"),
                "SoundCloud": ServiceOutcome(state="absent", error="SoundCloud: down"),
            },
            "count_errors": {"Youtube": "YouTube: down"},
        }
    )
    missing = {
        "AppleMusic playlist": "its list is stale",
        "SoundCloud playlist": "SoundCloud: down",
        "Youtube counts": "YouTube: down",
    }
    assert missing_sources(made) == shortfalls(made) == missing
    back = made.model_copy(update={"rolled_back_to": datetime(2026, 2, 23, tzinfo=MONDAY.tzinfo)})
    assert shortfalls(back) == missing | {
        "rolled back to 2026-02-23": "somebody chose that day; the next run replaces it"
    }


def test_a_chart_that_somebody_holds_says_how_it_is_released() -> None:
    held = chart().model_copy(update={"rolled_back_to": datetime(2026, 2, 23, tzinfo=MONDAY.tzinfo), "held": True})
    until = "tunemeld etl release --genre dance"
    assert shortfalls(held) == {"held at 2026-02-23": f"somebody holds that day, and no run replaces it until: {until}"}


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({"value": {"isrc": "QZZ992600001"}}, True),
        ({"value": {"isrc": "QZZ992600001"}, "lost": True}, False),
        ({}, False),
        ({"retry_after": MONDAY}, False),
        ({"retry_after": MONDAY + timedelta(seconds=1)}, True),
        ({"value": {"isrc": "QZZ992600001"}, "lost": True, "retry_after": MONDAY + timedelta(days=1)}, True),
    ],
)
def test_nothing_is_asked_again_while_a_value_stands_or_the_wait_goes_on(
    changes: dict[str, Any], settled: bool
) -> None:
    known = LookedUp(value=None, method="isrc", decided_at=MONDAY).model_copy(update=changes)
    assert known.is_settled(MONDAY) is settled
