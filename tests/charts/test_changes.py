"""What changed between two days of a chart, and what a feed says of it: new, back, gone, climbed, fell, into the top ten."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.documents import isrc
from tunemeld_pipeline.charts.changes import TOP, Change, ChartEntry, changes, entries, joined_and_left
from tunemeld_pipeline.charts.chart_days import ChartedDay
from tunemeld_pipeline.charts.charted_tracks import years_of
from tunemeld_pipeline.charts.documents import ServiceOutcome

MONDAY = date(2026, 3, 2)


def day(after: int, *numbers: int, other_ids: dict[str, list[str]] | None = None) -> ChartedDay:
    """The chart of so many days after Monday, with these recordings in this order."""
    return ChartedDay(
        date=f"{MONDAY + timedelta(days=after)}", chart=[isrc(number) for number in numbers], other_ids=other_ids or {}
    )


def between(*days: ChartedDay) -> list[tuple[str, int | None, int | None, str]]:
    """What changed from the last but one of these days to the last."""
    found = changes(days[-2], days[-1], years_of(days))
    return [(one.track_id, one.previous_rank, one.rank, one.status) for one in found]


def news(*days: ChartedDay) -> list[tuple[str, str, str, int, int | None]]:
    return [(one.date, one.kind, one.track_id, one.rank, one.previous_rank) for one in entries(days, years_of(days))]


def test_each_recording_is_new_gone_up_down_or_the_same() -> None:
    assert between(day(0, 1, 2, 3, 4), day(1, 3, 2, 1, 5)) == [
        (isrc(3), 3, 1, "up"),
        (isrc(2), 2, 2, "same"),
        (isrc(1), 1, 3, "down"),
        (isrc(5), None, 4, "new"),
        (isrc(4), 4, None, "gone"),
    ]


def test_movement_counts_ranks_gained_and_is_unknown_for_what_is_on_one_day_alone() -> None:
    assert [one.movement for one in changes(day(0, 1, 2, 4), day(1, 2, 1, 3), {})] == [1, -1, None, None]


def test_what_an_earlier_chart_had_is_back_and_not_new() -> None:
    assert between(day(0, 1, 2), day(1, 1), day(2, 1, 2)) == [(isrc(1), 1, 1, "same"), (isrc(2), None, 2, "re")]


def test_what_came_between_the_two_days_is_new_to_the_second() -> None:
    days = day(0, 1), day(1, 1, 2), day(2, 1), day(3, 1, 2)
    assert [one.status for one in changes(days[0], days[3], years_of(days))] == ["same", "new"]


def test_a_recording_is_recognized_by_the_id_that_it_had_before() -> None:
    before = ChartedDay(date="2026-03-02", chart=["SoundCloud:9", isrc(1)])
    now = ChartedDay(
        date="2026-03-03", chart=[isrc(1), isrc(2)], other_ids={isrc(2): ["SoundCloud:9"], isrc(1): ["Spotify:1"]}
    )
    assert between(before, now) == [(isrc(1), 2, 1, "up"), (isrc(2), 1, 2, "down")]


def test_an_id_that_changed_between_the_days_is_learned_from_the_days_between() -> None:
    first = ChartedDay(date="2026-03-02", chart=["SoundCloud:9"])
    between_them = ChartedDay(date="2026-03-03", chart=[isrc(1)], other_ids={isrc(1): ["SoundCloud:9"]})
    last = ChartedDay(date="2026-03-04", chart=[isrc(1)])
    found = changes(first, last, years_of([first, between_them, last]))
    assert found == [Change(isrc(1), 1, 1, "same")]


def test_a_feed_has_what_came_onto_the_chart_and_the_latest_day_first() -> None:
    assert news(day(0, 1), day(1, 1, 2), day(2, 3, 1, 2)) == [
        ("2026-03-04", "new", isrc(3), 1, None),
        ("2026-03-03", "new", isrc(2), 2, None),
    ]


def test_nothing_is_known_to_be_new_on_the_first_day() -> None:
    assert news(day(0, 1, 2, 3)) == []
    assert news() == []


def test_a_recording_that_returns_is_told_as_back() -> None:
    assert news(day(0, 1, 2), day(1, 1), day(2, 1, 2)) == [("2026-03-04", "re", isrc(2), 2, None)]


def test_the_tenth_rank_is_the_top_ten_and_the_eleventh_is_not() -> None:
    ten = list(range(1, TOP + 1))
    before = day(0, *ten, 11, 12)
    assert news(before, day(1, *ten[:-1], 11, 10, 12)) == [("2026-03-03", "top", isrc(11), 10, 11)]
    assert news(before, day(1, *ten, 12, 11)) == []


def test_a_recording_that_was_in_the_top_ten_does_not_come_into_it_again_by_climbing() -> None:
    ten = list(range(1, TOP + 1))
    assert news(day(0, *ten), day(1, *reversed(ten))) == []


def test_what_comes_straight_into_the_top_ten_is_one_entry() -> None:
    assert news(day(0, 1), day(1, 2, 1)) == [("2026-03-03", "new", isrc(2), 1, None)]


def test_a_feed_has_nothing_of_a_day_on_which_a_service_came_or_went() -> None:
    days = [of(day(0, 1), "A B"), of(day(1, 1, 2), "A B C"), of(day(2, 1, 2, 3), "A B C"), of(day(3, 4, 1), "A B")]

    assert news(*days) == [("2026-03-04", "new", isrc(3), 3, None)]


def test_the_services_that_came_and_went_between_two_days_are_known() -> None:
    assert joined_and_left(of(day(0, 1), "A B"), of(day(1, 1), "B C D")) == ({"C", "D"}, {"A"})
    assert joined_and_left(of(day(0, 1), "A B"), of(day(1, 1), "B A")) == (set(), set())
    assert joined_and_left(day(0, 1), of(day(1, 1), "A B")) == (set(), set())


def of(charted: ChartedDay, services: str) -> ChartedDay:
    return charted.model_copy(update={"outcomes": {one: ServiceOutcome(state="fresh") for one in services.split()}})


charts = st.lists(st.integers(1, 15), unique=True, max_size=14)


@given(st.lists(charts, min_size=2, max_size=5))
def test_each_days_entries_are_those_that_the_days_themselves_show(numbers: list[list[int]]) -> None:
    days = [day(after, *chart) for after, chart in enumerate(numbers)]
    expected = []
    for after in range(len(days) - 1, 0, -1):
        before, now = numbers[after - 1], numbers[after]
        for rank, one in enumerate(now, start=1):
            if one not in before:
                kind = "re" if any(one in earlier for earlier in numbers[:after]) else "new"
                expected.append(ChartEntry(days[after].date, kind, isrc(one), rank, None))
            elif rank <= 10 and before.index(one) + 1 > 10:
                expected.append(ChartEntry(days[after].date, "top", isrc(one), rank, before.index(one) + 1))
    assert entries(days, years_of(days)) == expected
