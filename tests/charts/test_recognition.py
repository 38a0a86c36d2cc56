"""Which recording an id of another day belongs to, over a row of days; `test_movement.py` has the same from one chart backwards."""

from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.charts.chart_days import ChartedDay
from tunemeld_pipeline.charts.recognition import recordings


def day(number: int, *chart: str, **other_ids: list[str]) -> ChartedDay:
    return ChartedDay(date=f"2026-03-{number:02}", chart=list(chart), other_ids=other_ids)


def test_an_id_on_several_days_is_one_recording() -> None:
    known = recordings([day(1, "a", "b"), day(2, "b", "c")])
    assert known.keys() == {"a", "b", "c"}
    assert len(set(known.values())) == 3


def test_a_recording_keeps_its_number_where_its_id_changed() -> None:
    known = recordings([day(1, "provisional"), day(2, "final", final=["provisional"]), day(3, "final")])
    assert known["provisional"] == known["final"]


def test_the_order_in_which_days_are_given_does_not_matter() -> None:
    days = [day(1, "old"), day(2, "new", new=["old"]), day(3, "other", "new")]
    assert recordings(days) == recordings(days[::-1])


def test_two_rows_of_one_day_are_two_recordings_though_one_names_the_other() -> None:
    known = recordings([day(1, "a", "b", a=["b"])])
    assert known["a"] != known["b"]


def test_two_rows_of_one_day_that_share_another_id_stay_apart_and_the_better_one_has_it() -> None:
    known = recordings([day(1, "a", "b", a=["x"], b=["x"])])
    assert known["a"] != known["b"]
    assert known["x"] == known["a"]


def test_an_id_that_two_recordings_had_stays_with_the_later() -> None:
    known = recordings([day(1, "a", a=["x"]), day(2, "b", b=["x"]), day(3, "a", "b")])
    assert known["x"] == known["b"]


ids = st.sampled_from("abcdef")
rows = st.lists(ids, unique=True, max_size=4)


@given(st.lists(st.tuples(rows, st.dictionaries(ids, st.lists(ids, max_size=2))), max_size=6))
def test_every_id_of_the_charts_has_a_recording_and_no_two_rows_of_the_last_day_share_one(
    days: list[tuple[list[str], dict[str, list[str]]]],
) -> None:
    given_days = [day(number, *chart, **others) for number, (chart, others) in enumerate(days, start=1)]
    known = recordings(given_days)
    assert all(one in known for day in given_days for one in day.chart)
    if given_days:
        assert len({known[one] for one in given_days[-1].chart}) == len(given_days[-1].chart)
