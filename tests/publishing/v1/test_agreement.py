"""The answer of `/v1/agreement/{genre}`, on invented lists small enough to follow by hand."""

import pytest

from tests.publishing.v1.days import day, facts, on
from tunemeld_pipeline.publishing.v1.agreement import agreement_answer

DAYS = [
    day(0, "a", Spotify="axy", AppleMusic="ya", Fourth="xa"),
    day(1, "a", Spotify="abx", AppleMusic="ya", Fourth="ax"),
    day(3, "ab", Spotify="abx", AppleMusic="bya", Fourth="ax", stale="Fourth"),
    day(4, "bac", Spotify="bac", AppleMusic="bca", Fourth="cab"),
    day(5, "bc", Spotify="bc", AppleMusic="bca", Fourth="c"),
]
"""`a` was everywhere on the first day; `b` came to Spotify (day 1), Apple Music (3), Fourth (4); `c` to all on day 4."""

ANSWER = agreement_answer(list(reversed(DAYS)), on(0), facts("abc"))


def rbo(first: str, second: str, p: float = 0.95) -> float:
    """The overlap by its definition: the agreement at each depth, which goes on as it was where lists end."""
    short, long = sorted((first, second), key=len)
    at_end = len({*short} & {*long[: len(short)]}) / len(short)
    total = 0.0
    for depth in range(1, 3_000):
        reached = min(depth, len(long))
        shared = len({*short[:reached]} & {*long[:reached]}) + max(0, reached - len(short)) * at_end
        total += (1 - p) * p ** (depth - 1) * shared / reached
    return total


def test_each_days_overlap_is_that_of_each_pair() -> None:
    for found, kept in zip(ANSWER.days, DAYS, strict=True):
        lists = {service: "".join(one or "" for one in rows) for service, rows in kept.lists.items()}
        pairs = [("AppleMusic", "Fourth"), ("AppleMusic", "Spotify"), ("Fourth", "Spotify")]
        assert [one.services for one in found.pairs] == pairs
        assert [one.rbo for one in found.pairs] == pytest.approx([rbo(lists[a], lists[b]) for a, b in pairs], abs=1e-6)
        assert [one.shared for one in found.pairs] == [len({*lists[a]} & {*lists[b]}) for a, b in pairs]
        assert found.mean == pytest.approx(sum(one.rbo for one in found.pairs) / 3, abs=2e-6)
    assert (ANSWER.measure, ANSWER.p) == ("RBO_ext", 0.95)


def test_the_means_are_those_of_the_days() -> None:
    for number, found in enumerate(ANSWER.means):
        values = [one.pairs[number].rbo for one in ANSWER.days]
        assert (found.services, found.days) == (ANSWER.days[0].pairs[number].services, 5)
        assert found.rbo == pytest.approx(sum(values) / 5, abs=2e-6)


def test_a_day_names_the_services_whose_list_was_older() -> None:
    assert [one.stale for one in ANSWER.days] == [[], [], ["Fourth"], [], []]


def test_days_before_the_window_are_left_out_and_still_count_for_who_was_first() -> None:
    found = agreement_answer(list(reversed(DAYS)), on(4), facts("abc"))
    assert [one.date for one in found.days] == [on(4), on(5)]
    assert [one.days for one in found.means] == [2, 2, 2]
    assert (found.recordings, found.firsts, found.first_date) == (ANSWER.recordings, ANSWER.firsts, on(0))


def test_who_listed_each_recording_of_the_chart_first_and_by_how_many_days() -> None:
    assert [(one.track_id, one.rank, one.first, one.lead_days) for one in ANSWER.recordings] == [
        ("b", 1, ["Spotify"], 2),
        ("c", 2, ["AppleMusic", "Fourth", "Spotify"], 0),
    ]
    assert ANSWER.recordings[0].listed == {"Spotify": on(1), "AppleMusic": on(3), "Fourth": on(4)}
    assert ANSWER.recordings[0].title == "Song b"


def test_how_often_each_was_first_counts_all_recordings_ever_charted() -> None:
    assert [(one.service, one.alone, one.together, one.mean_lead_days) for one in ANSWER.firsts] == [
        ("AppleMusic", 0, 1, None),
        ("Fourth", 0, 1, None),
        ("Spotify", 1, 1, 2),
    ]
    assert ANSWER.undecided == 1  # a was on all lists when they were first seen


def test_how_long_recordings_stay_counts_stays_of_known_beginning() -> None:
    # a began before the first day; b has been there for days 3 to 5, c for 4 and 5.
    assert (ANSWER.stays.ended, ANSWER.stays.ongoing, ANSWER.stays.longest_days) == (0, 2, 3)
    assert ANSWER.stays.median_days is None
    assert [(one.track_id, one.entered_date, one.days_on_chart) for one in ANSWER.recordings] == [
        ("b", on(3), 3),
        ("c", on(4), 2),
    ]


def test_stays_that_ended_give_a_median_and_shares() -> None:
    lists = {"Spotify": "xab", "AppleMusic": "xab"}
    charts = ["x", "xa", "xab", "xb", "xb", "xb", "xb", "xb", "xb", "xb", "x"]
    days = [day(after, chart, **lists) for after, chart in enumerate(charts)]
    found = agreement_answer(days[::-1], on(0), facts("xab")).stays
    assert (found.ended, found.ongoing, found.median_days, found.longest_days) == (2, 0, 2, 8)  # a: 2 days, b: 8
    assert [(one.days, one.share) for one in found.shares] == [(7, 0.5), (14, 0), (28, 0), (56, 0), (91, 0)]


def test_a_single_day_with_a_single_list_is_an_answer() -> None:
    found = agreement_answer([day(0, "a", Spotify="a")], on(0), facts("a"))
    assert (found.days[0].pairs, found.days[0].mean, found.means, found.undecided) == ([], None, [], 1)
    assert (found.stays.median_days, found.stays.longest_days) == (None, None)


def test_a_chart_without_recordings_is_an_answer() -> None:
    found = agreement_answer([day(0, "", Spotify="a")], on(0), {})
    assert (found.recordings, found.firsts) == ([], [])
