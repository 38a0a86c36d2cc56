"""How much lists agree, who listed first, how long recordings stay: each number against an independent way to find it."""

import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import MONDAY, chart_day
from tunemeld_pipeline.charts.agreement import (
    Stay,
    agreed_day,
    listings,
    median_stay,
    rank_biased_overlap,
    staying_share,
    stays,
)
from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay
from tunemeld_pipeline.charts.documents import ServiceOutcome
from tunemeld_pipeline.charts.recognition import recordings

FIRST = MONDAY.date()


def day(
    after: int,
    chart: str = "",
    *,
    stale: str = "",
    other_ids: dict[str, list[str]] | None = None,
    **lists: list[str | None] | str,
) -> ChartDay:
    """A day's chart and lists; each letter is a recording."""
    return chart_day(at=MONDAY + timedelta(days=after)).model_copy(
        update={
            "chart": list(chart),
            "lists": {service: list(rows) for service, rows in lists.items()},
            "other_ids": other_ids or {},
            "outcomes": {one: ServiceOutcome(state="stale") for one in stale.split()},
        }
    )


def on(after: int) -> str:
    return f"{FIRST + timedelta(days=after)}"


# -- the overlap of two lists


def summed(first: list[str], second: list[str], p: float) -> float:
    """RBO by its definition, equation 4: the agreement at each depth, summed until nothing more counts.

    Past the end of the shorter list its share of agreement goes on among the rows that it lacks, and past the end of the longer one the
    agreement stays as it is; no closed form is used.
    """
    short, long = sorted((first, second), key=len)
    total, agreement = 0.0, 0.0
    for depth in range(1, 20_000):
        seen = len(set(short[:depth]) & set(long[:depth]))
        if depth <= len(short):
            agreement = seen / depth
        elif depth <= len(long):
            lacking = depth - len(short)
            agreement = (seen + lacking * len(set(short) & set(long[: len(short)])) / len(short)) / depth
        weight = (1 - p) * p ** (depth - 1)
        if weight < 1e-15:
            break
        total += weight * agreement
    return total


lists = st.lists(st.integers(0, 40).map(str), unique=True, min_size=1, max_size=30)


@given(lists, lists, st.sampled_from([0.5, 0.9, 0.95]))
def test_the_overlap_is_the_sum_that_its_definition_asks_for(first: list[str], second: list[str], p: float) -> None:
    assert rank_biased_overlap(first, second, p) == pytest.approx(summed(first, second, p), abs=1e-9)


@given(lists, lists)
def test_the_overlap_is_between_0_and_1_and_the_same_both_ways(first: list[str], second: list[str]) -> None:
    found = rank_biased_overlap(first, second)
    assert found is not None
    assert -1e-12 <= found <= 1 + 1e-12
    assert found == rank_biased_overlap(second, first)


def test_equal_lists_overlap_fully_and_lists_of_other_recordings_not_at_all() -> None:
    assert rank_biased_overlap("abcdefgh", "abcdefgh") == pytest.approx(1)
    assert rank_biased_overlap("abc", "xyz") == 0


def test_a_list_that_goes_on_where_the_other_ends_contradicts_nothing() -> None:
    assert rank_biased_overlap("abc", "abcde") == pytest.approx(1)


def test_two_rows_the_other_way_round_by_hand() -> None:
    # A_1 = 0, A_2 = 1 and from there on: RBO = (1 − p)·0 + p·1.
    assert rank_biased_overlap("ab", "ba", 0.9) == pytest.approx(0.9)
    assert rank_biased_overlap("ab", "ba") == pytest.approx(0.95)


def test_the_top_of_a_list_counts_more_than_its_end() -> None:
    top, end = rank_biased_overlap("bacdefgh", "abcdefgh"), rank_biased_overlap("abcdefhg", "abcdefgh")
    assert top is not None and end is not None
    assert top < end < 1


def test_a_row_that_could_not_be_read_keeps_its_place_and_agrees_with_nothing() -> None:
    assert rank_biased_overlap(["a", None, "c"], "abc") == rank_biased_overlap("axc", "abc")
    assert rank_biased_overlap([None], [None]) == 0


def test_a_recording_counts_once_on_a_list() -> None:
    assert rank_biased_overlap("aba", "abc") == rank_biased_overlap("abx", "abc")


def test_an_empty_list_has_no_overlap_with_another() -> None:
    assert rank_biased_overlap([], "abc") is None
    assert rank_biased_overlap([], []) is None


def test_a_days_overlaps_are_those_of_each_pair_of_services() -> None:
    found = agreed_day(day(0, Spotify="abc", AppleMusic="acx", Fourth="xyz"))
    assert [(one.services, one.shared) for one in found.overlaps] == [
        (("AppleMusic", "Fourth"), 1),
        (("AppleMusic", "Spotify"), 2),
        (("Fourth", "Spotify"), 0),
    ]
    values = [summed(list(one), list(other), 0.95) for one, other in (("acx", "xyz"), ("acx", "abc"), ("xyz", "abc"))]
    assert [one.value for one in found.overlaps] == pytest.approx(values)
    assert found.mean == pytest.approx(sum(values) / 3)


def test_a_service_without_a_list_has_no_overlap_and_one_alone_no_mean() -> None:
    found = agreed_day(day(0, Spotify="abc", AppleMusic=""))
    assert (found.overlaps, found.mean) == ([], None)


def test_lists_of_an_earlier_day_are_named() -> None:
    assert agreed_day(day(0, Spotify="ab", AppleMusic="ab", stale="Spotify Fourth")).stale == ["Spotify"]


def test_a_gap_is_no_shared_recording() -> None:
    (found,) = agreed_day(day(0, Spotify=["a", None], AppleMusic=["a", None])).overlaps
    assert found.shared == 1


# -- who listed a recording first


def listed(days: list[ChartDay], one: str) -> tuple[dict[str, str], list[str], int | None]:
    known = recordings(days)
    found = listings(days, known)[known[one]]
    return dict(found.since), list(found.first), found.lead_days


def test_the_first_service_leads_by_the_days_until_the_next() -> None:
    days = [
        day(0, "a", Spotify="a", AppleMusic="a", Fourth="a"),
        day(2, "a", Spotify="ab", AppleMusic="a", Fourth="a"),
        day(5, "ab", Spotify="ab", AppleMusic="ab", Fourth="a"),
        day(9, "ab", Spotify="ab", AppleMusic="ab", Fourth="ab"),
    ]
    since = {"Spotify": on(2), "AppleMusic": on(5), "Fourth": on(9)}
    assert listed(days, "b") == (since, ["Spotify"], 3)


def test_services_that_list_a_recording_on_one_day_are_both_first() -> None:
    days = [day(0, Spotify="a", AppleMusic="a"), day(1, "b", Spotify="ab", AppleMusic="b")]
    _, first, lead = listed(days, "b")
    assert (sorted(first), lead) == (["AppleMusic", "Spotify"], 0)


def test_what_a_list_had_on_the_first_day_that_is_known_has_no_first() -> None:
    days = [day(0, "a", Spotify="a", AppleMusic="b"), day(1, "a", Spotify="a", AppleMusic="a")]
    assert listed(days, "a") == ({"Spotify": on(0), "AppleMusic": on(1)}, [], None)


def test_a_service_that_is_added_later_follows_nobody_on_its_first_day() -> None:
    days = [
        day(0, "x", Spotify="x", AppleMusic="x"),
        day(1, "x", Spotify="ax", AppleMusic="x"),
        day(3, "ax", Spotify="ax", AppleMusic="x", Fourth="a"),
        day(8, "ax", Spotify="ax", AppleMusic="xa", Fourth="a"),
    ]
    since = {"Spotify": on(1), "Fourth": on(3), "AppleMusic": on(8)}
    assert listed(days, "a") == (since, ["Spotify"], 7)
    assert listed(days[:3], "a")[1:] == (["Spotify"], None)


def test_a_list_begins_on_the_first_day_on_which_it_has_rows() -> None:
    days = [day(0, Spotify="x", AppleMusic=""), day(1, "a", Spotify="x", AppleMusic="a"), day(2, "a", Spotify="a")]
    assert listed(days, "a")[1:] == ([], None)


def test_a_recording_is_followed_to_the_id_under_which_a_list_first_had_it() -> None:
    days = [
        day(0, Spotify="x", AppleMusic="x"),
        day(1, Spotify="x", AppleMusic=["provisional"]),
        day(3, "a", other_ids={"a": ["provisional"]}, Spotify="a", AppleMusic="a"),
    ]
    assert listed(days, "a") == ({"AppleMusic": on(1), "Spotify": on(3)}, ["AppleMusic"], 2)


def test_only_recordings_of_the_charts_are_followed() -> None:
    days = [day(0, "a", Spotify=["a", None, "b"])]
    assert len(listings(days, recordings(days))) == 1


# -- how long recordings stay


def stays_of(*charts: str) -> dict[str, list[tuple[int, bool, bool]]]:
    """By recording, its stays on charts a day apart: length, whether its beginning is known, whether it ended."""
    days = [ChartedDay(date=on(after), chart=list(chart)) for after, chart in enumerate(charts)]
    known = recordings(days)
    found = stays(days, known)
    return {one: [(stay.days, stay.began, stay.ended) for stay in found[known[one]]] for one in sorted(known)}


def test_a_stay_lasts_from_its_first_day_to_its_last() -> None:
    assert stays_of("x", "xa", "xa", "x") == {"x": [(4, False, False)], "a": [(2, True, True)]}


def test_a_recording_that_returns_stays_again() -> None:
    assert stays_of("x", "xa", "x", "ax") == {"x": [(4, False, False)], "a": [(1, True, True), (1, True, False)]}


def test_a_day_without_a_chart_breaks_no_stay() -> None:
    days = [
        ChartedDay(date=on(after), chart=list(chart)) for after, chart in ((0, "x"), (2, "xa"), (9, "xa"), (10, "x"))
    ]
    known = recordings(days)
    assert [(one.since, one.until, one.days) for one in stays(days, known)[known["a"]]] == [(on(2), on(9), 8)]


def test_without_days_nothing_stays() -> None:
    assert stays([], {}) == {}


def stay(days: int, *, ended: bool = True, began: bool = True) -> Stay:
    return Stay("2026-03-01", f"{date(2026, 3, 1) + timedelta(days=days - 1)}", began, ended)


def test_without_stays_that_go_on_the_share_is_a_plain_one() -> None:
    lengths = [stay(days) for days in (1, 2, 2, 5, 9)]
    shares = [staying_share(lengths, days) for days in range(10)]
    assert shares == pytest.approx([1, 4 / 5, 2 / 5, 2 / 5, 2 / 5, 1 / 5, 1 / 5, 1 / 5, 1 / 5, 0])
    assert median_stay(lengths) == 2


def test_stays_that_go_on_count_as_long_as_they_have_lasted() -> None:
    # Kaplan and Meier by hand: at 3 days 4 of 4 at risk, one ends; at 6, two at risk, one ends.
    lengths = [stay(3), stay(4, ended=False), stay(6), stay(8, ended=False)]
    assert staying_share(lengths, 3) == pytest.approx(3 / 4)
    assert staying_share(lengths, 6) == pytest.approx(3 / 4 * 1 / 2)
    assert median_stay(lengths) == 6


def test_a_share_beyond_all_stays_is_unknown() -> None:
    assert staying_share([stay(3), stay(4, ended=False)], 3) == pytest.approx(1 / 2)
    assert staying_share([stay(3), stay(4, ended=False)], 4) is None
    assert staying_share([], 1) is None
    assert staying_share([stay(3)], 4) == 0


def test_a_median_that_more_than_half_outlast_is_unknown() -> None:
    assert median_stay([stay(3), stay(9, ended=False), stay(9, ended=False)]) is None
    assert median_stay([stay(3), stay(9, ended=False)]) == 3


def test_stays_of_unknown_beginning_do_not_count() -> None:
    assert median_stay([stay(3, began=False), stay(7)]) == 7


def test_the_estimate_is_near_the_truth_where_a_plain_mean_of_ended_stays_is_not() -> None:
    dice = random.Random(7)
    lengths = []
    for _ in range(4_000):
        true_length, watched = 1 + math.floor(dice.expovariate(1 / 30)), dice.randint(1, 60)
        lengths.append(stay(min(true_length, watched), ended=true_length <= watched))
    median = median_stay(lengths)
    assert median is not None
    assert abs(median - 30 * math.log(2)) < 2
