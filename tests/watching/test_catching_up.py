"""Which genres lack today's chart, and may be refreshed once more."""

from datetime import UTC, datetime

import pytest

from tests import documents
from tunemeld_pipeline.watching.catching_up import Lacking, lacking_today, next_look

CRON = "30 2 * * *"
EARLY, SOON, NOON = (datetime(2026, 3, 3, hour, minute, tzinfo=UTC) for hour, minute in ((2, 0), (2, 45), (12, 0)))
YESTERDAY, TODAY = datetime(2026, 3, 2, 2, 30, tzinfo=UTC), datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


def lacking(at: datetime, cron: str = CRON, **more: object) -> list[Lacking]:
    published = {
        "old": documents.materialization(at=YESTERDAY, genre="old").model_copy(update=more),
        "fresh": documents.materialization(at=TODAY, genre="fresh"),
    }
    return lacking_today(cron, ["old", "fresh", "new"], published, {"old": 3}, at)


def test_a_genre_lacks_todays_chart_half_an_hour_after_it_was_due() -> None:
    assert lacking(EARLY) == lacking(SOON) == []
    assert lacking(NOON) == [Lacking("old", 3), Lacking("new", 0)]
    assert [one.is_tried_again for one in lacking(NOON)] == [False, True]


def test_on_a_day_without_a_refresh_none_does() -> None:
    assert lacking(NOON, "30 2 * * 1") == []  # the third is a Tuesday


def test_a_held_genre_lacks_nothing() -> None:
    assert lacking(NOON, held=True) == [Lacking("new", 0)]


@pytest.mark.parametrize(
    ("at", "look"), [(NOON, "12:15"), (SOON, "03:15"), (EARLY, None), (NOON.replace(hour=23, minute=15), None)]
)
def test_it_is_looked_again_each_hour_of_the_day(at: datetime, look: str | None) -> None:
    found = next_look(CRON, at)
    assert (f"{found:%H:%M}" if found else None) == look
