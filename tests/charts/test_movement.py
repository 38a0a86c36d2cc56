"""What a chart remembers: movement, entries and re-entries, peaks and stays, across gaps, repeated days and changed ids."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import aggregate_track, isrc
from tunemeld_pipeline.charts.chart_days import ChartedDay
from tunemeld_pipeline.charts.charted_tracks import SEARCHED_DAYS, past_of
from tunemeld_pipeline.charts.documents import AggregateTrack, Ranking, ServiceOutcome
from tunemeld_pipeline.charts.movement import with_memory

TODAY = date(2026, 3, 2)
"""A Monday; its chart week began on Saturday, 28 February."""


def before(days: int) -> str:
    return f"{TODAY - timedelta(days=days)}"


def day(days: int, *numbers: int, other_ids: dict[str, list[str]] | None = None) -> ChartedDay:
    """The chart of so many days before today, with these recordings in this order."""
    return ChartedDay(date=before(days), chart=[isrc(number) for number in numbers], other_ids=other_ids or {})


def of(charted: ChartedDay, services: str, weights: dict[str, float] | None = None) -> ChartedDay:
    """The same chart, made of these services; one in brackets never had a list."""
    outcomes = {
        one.strip("()"): ServiceOutcome(state="absent" if one.startswith("(") else "fresh") for one in services.split()
    }
    return charted.model_copy(update={"outcomes": outcomes, "ranking": Ranking(weights=weights or {})})


def today(*numbers: int) -> list[AggregateTrack]:
    return [aggregate_track(number, rank) for rank, number in enumerate(numbers, start=1)]


def memories(*numbers: int, past: list[ChartedDay], services: str = "") -> dict[int, AggregateTrack]:
    """Today's chart of these recordings, made of these services, with its memory, by number."""
    compared = past_of(past, f"{TODAY}", services.split())
    return dict(zip(numbers, with_memory(today(*numbers), f"{TODAY}", compared), strict=True))


def test_a_chart_is_compared_with_that_of_seven_days_before() -> None:
    charted = memories(1, 2, 3, 4, past=[day(7, 2, 1, 3), day(1, 4, 3, 2, 1)])

    assert {number: (one.previous_rank, one.movement, one.status) for number, one in charted.items()} == {
        1: (2, 1, "up"),
        2: (1, -1, "down"),
        3: (3, 0, "same"),
        4: (None, None, "new"),
    }


def test_the_tracks_are_otherwise_as_they_were() -> None:
    tracks = today(2, 1)

    remembered = with_memory(tracks, f"{TODAY}", past_of([day(7, 1, 2)], f"{TODAY}"))

    fields = {"previous_rank", "movement", "status", "peak_rank", "peak_date", "days_on_chart", "weeks_on_chart"}
    assert [one.model_dump(exclude=fields) for one in remembered] == [one.model_dump(exclude=fields) for one in tracks]


def test_on_the_first_chart_of_all_nothing_is_new() -> None:
    (first,) = memories(1, past=[]).values()

    assert (first.status, first.previous_rank, first.movement) == (None, None, None)
    assert (first.peak_rank, first.peak_date, first.days_on_chart, first.weeks_on_chart) == (1, f"{TODAY}", 1, 1)


def test_where_there_was_no_run_seven_days_before_the_nearest_earlier_chart_is_compared() -> None:
    charted = memories(1, 2, past=[day(20, 1, 2), day(9, 2, 1), day(6, 1, 2)])

    assert charted[1].previous_rank == 2


@pytest.mark.parametrize(("back", "previous"), [(6, 3), (7, 2), (8, 2)])
def test_a_chart_is_old_enough_to_be_compared_after_seven_days(back: int, previous: int) -> None:
    charted = memories(1, past=[day(back, 2, 1), day(9, 2, 3, 1)])

    assert charted[1].previous_rank == previous


def test_while_no_chart_is_a_week_old_the_first_one_is_compared() -> None:
    charted = memories(1, 2, 3, past=[day(3, 2, 1), day(1, 1, 2, 3)])

    assert (charted[1].previous_rank, charted[2].previous_rank, charted[3].status) == (2, 1, "new")


def test_who_came_within_the_week_is_new_until_the_week_is_over() -> None:
    past = [day(8, 2), day(7, 2), day(6, 1, 2), day(5, 1, 2)]

    assert memories(1, 2, past=past)[1].status == "new"
    assert with_memory(today(1, 2), before(-1), past_of(past, before(-1)))[0].status == "same"


def test_who_was_there_before_but_not_a_week_ago_has_come_back() -> None:
    charted = memories(1, 2, past=[day(21, 1, 2), day(7, 2), day(1, 2, 1)])

    assert (charted[1].status, charted[1].previous_rank, charted[1].movement) == ("re", None, None)
    assert (charted[1].days_on_chart, charted[1].weeks_on_chart) == (3, 2)


def test_the_peak_is_the_best_rank_ever_and_the_first_day_at_it() -> None:
    charted = memories(1, 2, past=[day(30, 2, 1), day(20, 1, 2), day(10, 1, 2), day(1, 2, 1)])

    assert (charted[1].peak_rank, charted[1].peak_date) == (1, before(20))
    assert (charted[2].peak_rank, charted[2].peak_date) == (1, before(30))


def test_days_count_where_there_was_a_chart_and_weeks_begin_on_saturday() -> None:
    saturday, friday = 2, 3
    charted = memories(1, past=[day(saturday, 1), day(friday, 1), day(friday + 6, 1), day(friday + 7, 1)])

    assert (charted[1].days_on_chart, charted[1].weeks_on_chart) == (5, 3)


def test_today_and_later_days_are_no_past() -> None:
    assert memories(1, 2, past=[day(0, 2, 1), day(-7, 2, 1)]) == memories(1, 2, past=[])


def test_an_older_day_that_is_added_later_corrects_what_follows_from_it() -> None:
    past = [day(7, 1), day(1, 1, 2)]
    assert memories(1, 2, past=past)[2].status == "new"

    corrected = memories(1, 2, past=[*past, day(30, 2, 1)])[2]

    assert (corrected.status, corrected.peak_rank, corrected.peak_date) == ("re", 1, before(30))


def test_a_recording_whose_canonical_isrc_changed_keeps_its_memory() -> None:
    track = aggregate_track(1, 1).model_copy(update={"other_ids": [isrc(9)]})

    (remembered,) = with_memory([track], f"{TODAY}", past_of([day(7, 2, 9), day(1, 9)], f"{TODAY}"))

    assert (remembered.previous_rank, remembered.movement, remembered.days_on_chart) == (2, 1, 3)


def test_a_recording_whose_isrc_was_not_known_yet_keeps_its_memory() -> None:
    track = aggregate_track(1, 1).model_copy(update={"other_ids": ["AppleMusic:5"]})
    unknown = ChartedDay(date=before(7), chart=["AppleMusic:5"])

    assert with_memory([track], f"{TODAY}", past_of([unknown], f"{TODAY}"))[0].status == "same"


def test_a_recording_that_lost_the_row_that_told_its_isrc_is_known_by_another_row() -> None:
    """It left Spotify; the look-up for Apple Music's row, which is still there, found another release's ISRC."""
    track = aggregate_track(1, 1).model_copy(update={"other_ids": ["AppleMusic:5"]})
    past = [day(7, 9, other_ids={isrc(9): ["AppleMusic:5"]})]

    assert with_memory([track], f"{TODAY}", past_of(past, f"{TODAY}"))[0].status == "same"


@pytest.mark.parametrize("linked", [2, 5, 12])
def test_two_ids_are_one_recording_from_whichever_day_links_them(linked: int) -> None:
    past = [
        day(
            back,
            9 if back > 3 else 1,
            other_ids={isrc(9 if back > 3 else 1): [isrc(1), isrc(9)]} if back == linked else {},
        )
        for back in (14, 12, 9, 7, 5, 2, 1)
    ]

    (remembered,) = memories(1, past=past).values()

    assert (remembered.status, remembered.days_on_chart) == ("same", 8)


def test_recordings_that_were_once_taken_for_one_do_not_share_its_memory() -> None:
    """A matching that was mended: the row of then stays with the recording whose id it bears."""
    once = day(7, 3, 1, other_ids={isrc(1): [isrc(2)]})

    charted = memories(1, 2, past=[once])

    assert (charted[1].previous_rank, charted[2].status) == (2, "new")


def test_a_recording_that_was_once_taken_for_two_has_the_better_rank() -> None:
    track = aggregate_track(1, 1).model_copy(update={"other_ids": [isrc(2)]})

    (remembered,) = with_memory([track], f"{TODAY}", past_of([day(7, 3, 2, 1)], f"{TODAY}"))

    assert (remembered.previous_rank, remembered.days_on_chart) == (2, 2)


def test_on_the_day_of_a_new_service_nothing_is_new_or_moved_and_what_was_remembered_stays() -> None:
    past = [of(day(back, 1, 2), "A B") for back in (21, 14, 7, 1)]

    charted = memories(3, 2, 1, past=past, services="A B C")

    assert {(one.status, one.movement, one.previous_rank) for one in charted.values()} == {(None, None, None)}
    assert (charted[1].peak_rank, charted[1].peak_date) == (1, before(21))
    assert (charted[1].days_on_chart, charted[1].weeks_on_chart, charted[3].days_on_chart) == (5, 4, 1)


def test_from_the_next_day_on_it_is_compared_with_the_first_day_of_the_new_service() -> None:
    past = [*(of(day(back, 1, 2, 4), "A B") for back in (14, 7, 3)), of(day(2, 3, 1, 2), "A B C")]

    charted = memories(1, 3, 4, 5, past=past, services="A B C")

    assert {number: one.status for number, one in charted.items()} == {1: "up", 3: "down", 4: "re", 5: "new"}


def test_a_service_that_leaves_marks_nothing_as_new_or_moved_and_when_it_returns_nothing_either() -> None:
    past = [of(day(8, 1, 2), "A B C"), of(day(7, 1, 2), "A B C"), of(day(1, 2), "A B")]

    assert memories(2, 1, past=past[:2], services="A B")[2].status is None
    back = memories(2, 1, past=past, services="A B C")
    assert (back[2].status, back[1].status) == (
        "up",
        "down",
    )  # against that of seven days before, made of the same three


@pytest.mark.parametrize(
    ("earlier", "weights"), [("A B (C)", {}), ("A B C", {"C": 0.0}), ("B A", {}), ("A B", {}), ("", {})]
)
def test_a_list_that_never_came_or_weighs_nothing_is_no_part_of_a_chart(
    earlier: str, weights: dict[str, float]
) -> None:
    """Neither is the order of the services; and a day that does not name its services counts as complete."""
    assert memories(1, past=[of(day(7, 1), earlier, weights)], services="A B")[1].status == "same"


@pytest.mark.parametrize(("back", "compared"), [(SEARCHED_DAYS - 1, True), (SEARCHED_DAYS, False)])
def test_a_chart_of_the_same_services_is_looked_for_among_a_month_of_charts(back: int, compared: bool) -> None:
    past = [of(day(7 + nearer, 1), "A B C") for nearer in range(back)] + [of(day(7 + back, 1), "A B")]

    assert memories(1, past=past, services="A B")[1].status == ("same" if compared else None)


charts = st.lists(st.integers(1, 8), unique=True, max_size=8)
pasts = st.dictionaries(st.integers(1, 40), charts, max_size=15)


@given(charts, pasts)
def test_it_agrees_with_counting_by_hand(numbers: list[int], past: dict[int, list[int]]) -> None:
    charted = memories(*numbers, past=[day(back, *chart) for back, chart in past.items()])

    for number, one in charted.items():
        rank = numbers.index(number) + 1
        was = {back: chart.index(number) + 1 for back, chart in past.items() if number in chart}
        week_old = [back for back in past if back >= 7]
        compared = min(week_old) if week_old else max(past, default=None)
        assert one.previous_rank == (was.get(compared) if compared is not None else None)
        assert one.movement == (None if one.previous_rank is None else one.previous_rank - rank)
        assert (one.status == "new") == (compared is not None and all(back < compared for back in was))
        assert one.peak_rank == min([rank, *was.values()])
        assert one.peak_date == before(max([back for back, at in was.items() if at == one.peak_rank], default=0))
        assert one.days_on_chart == 1 + len(was)


@given(charts, pasts, st.randoms(use_true_random=False))
def test_the_order_in_which_days_were_written_does_not_matter(
    numbers: list[int], past: dict[int, list[int]], shuffler: Any
) -> None:
    days = [day(back, *chart) for back, chart in past.items()]
    shuffled = list(days)
    shuffler.shuffle(shuffled)

    assert memories(*numbers, past=shuffled) == memories(*numbers, past=days)
