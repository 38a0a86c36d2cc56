"""What every document has in common, and what a chart says it lacks."""

from datetime import datetime, timedelta, timezone

from tests.documents import MONDAY, chart, raw_playlist
from tunemeld_pipeline.charts.documents import ServiceOutcome, missing_sources, shortfalls


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
