"""How long ago something was, as people say it."""

from datetime import UTC, datetime, timedelta

import pytest

from tunemeld_pipeline.cli.ages import ago

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (44, "just now"),
        (45, "1 minute ago"),
        (5 * 60, "5 minutes ago"),
        (89 * 60, "89 minutes ago"),
        (3 * 3600, "3 hours ago"),
        (47 * 3600, "47 hours ago"),
        (3 * 86_400, "3 days ago"),
        (70 * 86_400, "10 weeks ago"),
        (-3 * 3600, "in 3 hours"),
    ],
)
def test_an_age_is_said_in_the_unit_that_people_use(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said
