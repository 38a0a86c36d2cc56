"""Cron expressions: judged as a whole, and read as Dagster's scheduler reads them."""

from datetime import UTC, datetime
from itertools import pairwise

import dagster as dg
import pytest

from tunemeld_pipeline.settings.cron import checked, doubts, next_time
from tunemeld_pipeline.settings.sources import load_settings

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("expression", ["0 0 30 2 *", "0 0 31 4 *", "0 0 31 2,4,6,9,11 *", "15 4 30-31 feb *"])
def test_an_expression_that_never_comes_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="never comes"):
        checked(expression)


def test_a_leap_day_comes() -> None:
    assert checked("0 0 29 2 *") == "0 0 29 2 *"
    assert next_time("0 0 29 2 *", NOON) == datetime(2028, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize("expression", ["0 0 */2 * 1", "0 0 1 * */2", "0 0 */3 * */2"])
def test_what_cron_programs_disagree_on_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="write the days out"):
        checked(expression)


@pytest.mark.parametrize(
    "expression", ["0 0 L * *", "0 0 LW * *", "0 0 * * 5#2", "0 0 * * 5L", "0 0 ? * *", "0 0 * MON *"]
)
def test_words_that_only_some_programs_know_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="is not valid"):
        checked(expression)


def test_a_step_beyond_its_field_is_warned_of() -> None:
    settings = load_settings(overrides={"daily_refresh_cron": "*/90 2 * * *"})
    assert [warning for warning in settings.provenance.warnings if "DAILY_REFRESH_CRON" in warning] == [
        "DAILY_REFRESH_CRON: its minute field steps by 90, more than the 60 values that it has; only the first one is meant"
    ]
    assert doubts("0 1-23/2 * * 1-5") == []
    assert len(doubts("*/60 */24 * * *")) == 2


@pytest.mark.parametrize(
    "expression",
    [
        "30 2 * * *",
        "*/15 0-6,12 1 JAN-MAR *",
        "0 0 * * 7",
        "0 1-23/2 * * 1-5",
        "0 0 13 * 5",
        "5 4 1,15 */3 *",
        "59 23 31 12 *",
    ],
)
def test_the_next_times_are_those_at_which_dagster_ticks(expression: str) -> None:
    times = [NOON]
    for _ in range(4):
        following = next_time(expression, times[-1])
        assert following is not None
        times.append(following)
    assert all(earlier < later for earlier, later in pairwise(times))
    ticks = dg.TimeWindowPartitionsDefinition(start=NOON, fmt="%Y-%m-%dT%H:%M", cron_schedule=expression)
    keys = ticks.get_partition_keys(current_time=times[-1])
    known = [datetime.fromisoformat(key).replace(tzinfo=UTC) for key in keys]
    assert [moment for moment in known if moment > NOON][:3] == times[1:4]
