"""When a run observes the world, and which quota day that is."""

from datetime import UTC, datetime, timedelta

import pytest

from tunemeld_pipeline.charts.observation import is_day, pacific_day, parse_as_of, refuse_impossible, utc_day
from tunemeld_pipeline.errors import ObservationTimeError

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def test_a_date_means_its_first_moment_in_utc() -> None:
    assert parse_as_of("2026-03-02", NOW) == datetime(2026, 3, 2, tzinfo=UTC)


def test_todays_date_means_now() -> None:
    assert parse_as_of("2026-11-22", NOW) == NOW


@pytest.mark.parametrize(
    "text", ["2026-03-02T06:00:00Z", "2026-03-02T06:00:00", "2026-03-02T08:00:00+02:00", "2026-03-02 06:00"]
)
def test_a_time_is_taken_to_be_in_utc_unless_it_says_otherwise(text: str) -> None:
    moment = parse_as_of(text, NOW)

    assert moment == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "02.03.2026", "2026-3-2", "2026-03-02T25:00"])
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ObservationTimeError, match="write it as 2026-01-31"):
        parse_as_of(text, NOW)


def test_no_world_knows_the_future() -> None:
    for upstream in ("live", "sandbox", "replay"):
        with pytest.raises(ObservationTimeError, match="in the future"):
            refuse_impossible(NOW + timedelta(days=1), upstream, NOW)


def test_a_clock_that_is_a_little_behind_is_no_future() -> None:
    refuse_impossible(NOW + timedelta(minutes=4), "live", NOW)
    refuse_impossible(NOW + timedelta(minutes=5), "live", NOW)
    with pytest.raises(ObservationTimeError, match="in the future"):
        refuse_impossible(NOW + timedelta(minutes=5, microseconds=1), "live", NOW)


def test_the_past_is_for_worlds_that_can_answer_for_it() -> None:
    for upstream in ("sandbox", "replay"):
        refuse_impossible(NOW - timedelta(days=900), upstream, NOW)
    with pytest.raises(ObservationTimeError, match="kept as those of 2026-11-21"):
        refuse_impossible(NOW - timedelta(days=1), "live", NOW)
    refuse_impossible(NOW - timedelta(hours=20), "live", NOW)


def test_youtubes_quota_day_ends_at_midnight_in_california() -> None:
    assert pacific_day(datetime(2026, 11, 22, 7, 59, tzinfo=UTC)) == "2026-11-21"
    assert pacific_day(datetime(2026, 11, 22, 8, 0, tzinfo=UTC)) == "2026-11-22"
    assert pacific_day(datetime(2026, 7, 1, 7, 0, tzinfo=UTC)) == "2026-07-01"


def test_the_other_quota_days_are_utc_days() -> None:
    assert utc_day(datetime.fromisoformat("2026-11-22T01:00:00+02:00")) == "2026-11-21"


def test_a_refused_day_says_what_to_do_instead() -> None:
    with pytest.raises(
        ObservationTimeError,
        match=r" leave the date out, or use the sandbox or recorded answers \(--replay DIR\) for past days$",
    ):
        refuse_impossible(NOW - timedelta(days=1), "live", NOW)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026-03-02", True),
        ("2026-02-30", False),
        ("20260302", False),
        ("2026-W10-1", False),
        ("2026-03-02T00:00", False),
        ("", False),
        (None, False),
        (20260302, False),
    ],
)
def test_a_day_is_written_in_one_way(text: object, is_one: bool) -> None:
    assert is_day(text) is is_one
