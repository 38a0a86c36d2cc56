"""Years of tracks, folded from days of charts: the same as a plain count over all days says."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.charts.chart_days import ChartedDay, ChartedYear
from tunemeld_pipeline.charts.charted_tracks import (
    ChartedRow,
    charted_days,
    day_number,
    past_of,
    rows_of,
    week_before,
    weeks_in,
    with_changed_day,
    with_day,
    years_of,
)

BEGAN = date(2025, 12, 22)
"""A Monday; ten days later the year is another."""

Row = tuple[str, int, tuple[str, ...]]


def named(number: int) -> str:
    return f"{BEGAN + timedelta(days=number)}"


def day(number: int, chart: Sequence[str], **other_ids: list[str]) -> ChartedDay:
    return ChartedDay(date=named(number), chart=list(chart), other_ids=other_ids)


def shown(year: ChartedYear | None) -> tuple[list[str], list[tuple[str, int]], list[tuple[tuple[str, ...], str, str]]]:
    """A year's days, its records, and its links."""
    assert year is not None
    bits = int.from_bytes(year.days, "little")
    first = year.records[0].date[:4] + "-01-01"
    days = [f"{date.fromisoformat(first) + timedelta(days=at)}" for at in range(366) if bits >> at & 1]
    return (
        days,
        [(one.date, one.rank) for one in year.records],
        [(tuple(one.ids), one.since, one.until) for one in year.links],
    )


def counted(rows: Sequence[Row]) -> tuple[list[str], list[tuple[str, int]], list[tuple[tuple[str, ...], str, str]]]:
    """The same, counted over all rows of the year."""
    ordered = sorted(rows)
    records: list[tuple[str, int]] = []
    for when, rank, _ in ordered:
        if not records or rank < records[-1][1]:
            records.append((when, rank))
    links = {
        (min(when for when, _, one in ordered if one == ids), ids, max(when for when, _, one in ordered if one == ids))
        for _, _, ids in ordered
        if ids
    }
    return [when for when, _, _ in ordered], records, [(ids, since, until) for since, ids, until in sorted(links)]


rows = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from([(), ("Spotify:1",), ("Spotify:1", "Spotify:2")])),
    unique_by=lambda row: row[0],
    min_size=1,
    max_size=12,
)


@given(rows, st.randoms(use_true_random=False))
def test_a_years_days_records_and_links_are_those_of_its_rows_in_any_order(
    rows: list[tuple[int, int, tuple[str, ...]]], chance: Random
) -> None:
    of_year = [(named(number + 10), rank, ids) for number, rank, ids in rows]
    chance.shuffle(of_year)
    year = None
    for when, rank, ids in of_year:
        year = with_day(year, when, rank, ids)
    assert shown(year) == counted(of_year)


def test_a_day_again_with_a_better_rank_is_one_day_at_that_rank() -> None:
    year = with_day(with_day(None, named(12), 5, []), named(14), 3, [])
    again = with_day(year, named(12), 2, [])
    assert shown(again) == ([named(12), named(14)], [(named(12), 2)], [])


def test_years_are_those_of_every_track_id_and_end_with_december() -> None:
    days = [day(9, ["a", "b"], a=["Spotify:1"]), day(10, ["b", "a"]), day(11, ["b"])]
    years = years_of(days)
    assert {one: sorted(of) for one, of in years.items()} == {"a": ["2025", "2026"], "b": ["2025", "2026"]}
    assert shown(years["a"]["2025"]) == ([named(9)], [(named(9), 1)], [(("Spotify:1",), named(9), named(9))])
    assert shown(years["a"]["2026"]) == ([named(10)], [(named(10), 2)], [])
    assert shown(years["b"]["2026"]) == ([named(10), named(11)], [(named(10), 1)], [])


def test_rows_have_ranks_from_one_and_other_ids_where_there_are_any() -> None:
    assert rows_of(None) == {}
    assert rows_of(day(0, ["a", "b"], b=["x"])) == {"a": ChartedRow(1, ()), "b": ChartedRow(2, ("x",))}


def test_a_changed_row_is_folded_in_where_it_needs_no_other_day() -> None:
    year = with_day(with_day(None, named(12), 5, ["x"]), named(14), 7, [])
    at_5, at_6, at_7, at_2 = (ChartedRow(rank, ()) for rank in (5, 6, 7, 2))

    new = with_changed_day(year, named(16), None, at_2)
    assert shown(new)[1] == [(named(12), 5), (named(16), 2)]
    better = with_changed_day(year, named(14), at_7, at_2)
    assert shown(better)[1] == [(named(12), 5), (named(14), 2)]
    no_record = with_changed_day(year, named(14), at_6, at_7)
    assert shown(no_record) == shown(year)

    worse_record = with_changed_day(year, named(12), ChartedRow(5, ("x",)), ChartedRow(6, ("x",)))
    as_it_was = with_changed_day(year, named(12), at_5, at_5)
    gone = with_changed_day(year, named(14), at_7, None)
    never = with_changed_day(year, named(14), None, None)
    other_ids = with_changed_day(year, named(14), at_7, ChartedRow(2, ("y",)))
    assert [worse_record, as_it_was, gone, never, other_ids] == [None] * 5


def test_a_chart_is_compared_with_that_of_a_week_before_or_the_nearest_earlier_or_the_first() -> None:
    days = [day(number, [f"t{number}"]) for number in (6, 2, 4)]
    assert past_of(days, named(13)).compared == days[0]
    assert past_of(days, named(12)).compared == days[2]
    assert past_of(days, named(11)).compared == days[2]
    assert past_of(days, named(8)).compared == days[1]
    assert past_of(days, named(4)).compared == days[1]
    assert set(past_of(days, named(4)).years) == {"t2"}
    assert past_of(days, named(2)).compared is None


@given(st.sets(st.integers(0, 60)))
def test_days_are_counted_over_years_and_by_weeks_from_saturday_to_friday(numbers: set[int]) -> None:
    years = years_of(day(number, ["a"]) for number in numbers).get("a", {})
    days = charted_days(years.items())
    assert days == sum(1 << day_number(named(number)) for number in numbers)
    assert weeks_in(days) == len({(BEGAN + timedelta(days=number + 2)).isocalendar()[:2] for number in numbers})


def test_days_are_numbered_from_a_saturday_and_a_week_has_seven() -> None:
    assert (day_number("1969-12-27"), day_number("1970-01-03"), date(1969, 12, 27).weekday()) == (0, 7, 5)
    assert week_before("2026-03-02") == "2026-02-23"
    assert weeks_in(0) == 0
