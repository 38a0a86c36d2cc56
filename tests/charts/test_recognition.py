"""Which recording an id of another day belongs to, over a row of days; `test_movement.py` has the same from one chart backwards."""

from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.charts.chart_days import ChartedDay, ChartedLink, ChartedYear
from tunemeld_pipeline.charts.recognition import owners, recordings


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


# -- from one chart back through the years


def year(*links: tuple[str, str, list[str]]) -> dict[str, ChartedYear]:
    """A track id's year with these links: since, until, ids."""
    return {
        "2026": ChartedYear(
            days=b"", records=[], links=[ChartedLink(since=since, until=until, ids=ids) for since, until, ids in links]
        )
    }


def test_a_row_owns_its_own_id_and_what_else_it_is_known_by_now() -> None:
    assert owners([("a", "x"), ("b", "a", "x", "y")], "2026-03-09", {}) == {"a": 0, "b": 1, "x": 0, "y": 1}


def test_what_was_learned_from_the_past_leads_further_into_it() -> None:
    years = {
        "older": year(("2026-01-01", "2026-01-02", ["oldest"])),
        "old": year(("2026-02-01", "2026-02-02", ["older"])),
        "stranger": year(("2026-02-01", "2026-02-02", ["foreign"])),
    }
    found = owners([("other",), ("new", "old")], "2026-03-09", years)
    assert found == {"other": 0, "new": 1, "old": 1, "older": 1, "oldest": 1}
    assert owners([("other",), ("new", "oldest")], "2026-03-09", years) == {
        "other": 0,
        "new": 1,
        "oldest": 1,
        "older": 1,
        "old": 1,
    }


def test_an_id_that_two_recordings_had_stays_with_the_one_that_had_it_last() -> None:
    years = {
        "a": year(("2026-01-01", "2026-01-31", ["x"])),
        "b": year(("2026-01-01", "2026-02-28", ["x"])),
    }
    rows = [("a",), ("b",)]
    assert owners(rows, "2026-03-09", years)["x"] == 1
    assert owners(rows[::-1], "2026-03-09", years)["x"] == 0


def test_only_links_from_before_the_day_count_and_none_for_longer_than_until_then() -> None:
    years = {
        "a": year(("2026-03-01", "2026-12-31", ["x"])),
        "b": year(("2026-03-01", "2026-03-10", ["x"])),
        "c": year(("2026-03-09", "2026-03-20", ["y"])),
        "d": year(("2026-03-08", "2026-03-08", ["z"])),
    }
    found = owners([("a",), ("b",), ("c",), ("d",)], "2026-03-09", years)
    assert found["x"] == 1, "until the day itself both had it, and of two alike the greater id is the first"
    assert "y" not in found
    assert found["z"] == 3


def test_numbers_begin_at_0_with_the_best_row_of_the_latest_day() -> None:
    days = [day(1, "c", "b"), day(2, "a", "b")]
    assert recordings(days) == {"a": 0, "b": 1, "c": 2}


def test_a_recording_has_one_row_a_day_and_the_other_that_names_it_is_another() -> None:
    days = [day(1, "p", "q", p=["a"], q=["a"]), day(2, "a")]
    assert recordings(days) == {"a": 0, "p": 0, "q": 1}
