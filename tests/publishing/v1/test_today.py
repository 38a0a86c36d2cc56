"""The answer of `/v1/today`: over all genres, what is agreed on, new, climbs, leaves, and is disputed."""

import pytest

from tests.documents import MONDAY, aggregate_track, chart
from tests.publishing.v1.days import day, facts, on
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import years_of
from tunemeld_pipeline.charts.documents import Chart, ChartTrack
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.reading import LastDays
from tunemeld_pipeline.publishing.v1.today import MOST_ROWS, GenreToday, genre_today, today

CATALOG = load_catalog()


def chart_of(newest: ChartDay) -> Chart:
    """The chart of that day: each row with its positions on the day's lists, and a score of one over its rank."""
    tracks = []
    for rank, one in enumerate(newest.chart, start=1):
        sources = {service: rows.index(one) + 1 for service, rows in newest.lists.items() if one in rows}
        row = aggregate_track(rank, rank).model_dump() | {"track_id": one, "sources": sources, "score": 1 / rank}
        tracks.append(ChartTrack(**row, readings={}, gain_7d={}))
    return chart((), at=MONDAY).model_copy(update={"tracks": tracks})


def of_genre(*days: ChartDay, genre: str = "dance") -> GenreToday:
    last = LastDays(days[::-1], years_of(days), facts("abcdefghijklmnopqrstuvwxyz"))
    found = genre_today(CATALOG.genres[genre], chart_of(days[-1]), last)
    assert found is not None
    return found


DANCE = of_genre(
    day(0, "abcd", Spotify="abcd", AppleMusic="abcd"),
    day(1, "badf", Spotify="badf", AppleMusic="fdab", Fourth="bxyzv"),
)


def test_a_genre_says_which_day_it_is_about_and_how_much_its_services_agree() -> None:
    found = today([DANCE]).genres
    assert [(one.genre, one.name, one.date, one.compared_with) for one in found] == [("dance", "Dance", on(1), on(0))]
    assert found[0].agreement is not None
    assert 0 < found[0].agreement < 1


def test_most_agreed_are_those_on_most_services_and_then_by_score() -> None:
    found = today([DANCE]).most_agreed
    assert [(one.track_id, len(one.positions)) for one in found] == [("b", 3), ("a", 2), ("d", 2), ("f", 2)]
    assert found[0].positions == {"Spotify": 1, "AppleMusic": 4, "Fourth": 1}
    assert (found[0].genre, found[0].title) == ("dance", "Song b")


def test_what_is_new_climbs_and_leaves_is_since_the_day_before() -> None:
    found = today([DANCE])
    assert [(one.track_id, one.rank, one.status) for one in found.new] == [("f", 4, "new")]
    assert [(one.track_id, one.movement) for one in found.climbers] == [("b", 1), ("d", 1)]
    assert [(one.track_id, one.previous_rank, one.rank, one.dispute) for one in found.leavers] == [("c", 3, None, None)]


def test_the_disputed_are_those_with_the_furthest_apart_weights() -> None:
    found = {one.track_id: one.dispute for one in today([DANCE]).disputed}
    # By hand: b is 1, 4 and 1; f is 4 and 1 on two of three lists; a is 2 and 3; d is 3 and 2.
    assert found == pytest.approx({"f": 1, "b": 1 - 0.95**3, "a": 0.95, "d": 0.95}, abs=1e-6)
    assert [one.track_id for one in today([DANCE]).disputed] == ["f", "a", "d", "b"]


def test_genres_are_weighed_against_each_other_and_lists_are_short() -> None:
    many = "abcdefghijklmno"
    lists = {"Spotify": many, "AppleMusic": many}
    pop = of_genre(day(0, "", Spotify="", AppleMusic=""), day(1, many, **lists), genre="pop")
    found = today([DANCE, pop])
    assert [one.genre for one in found.genres] == ["dance", "pop"]
    assert [len(one) for one in (found.most_agreed, found.new, found.disputed)] == [MOST_ROWS] * 3
    assert [(one.genre, one.track_id) for one in found.new[:5]] == [
        ("pop", "a"), ("pop", "b"), ("pop", "c"), ("dance", "f"), ("pop", "d"),
    ]  # fmt: skip
    assert found.most_agreed[0].genre == "dance"


def test_a_genre_of_one_day_has_nothing_new() -> None:
    found = today([of_genre(day(0, "ab", Spotify="ab", AppleMusic="ba"))])
    assert (found.new, found.climbers, found.leavers) == ([], [], [])
    assert [(one.track_id, one.status, one.rank) for one in found.most_agreed] == [("a", None, 1), ("b", None, 2)]


def test_without_charts_all_lists_are_empty() -> None:
    assert today([]).model_dump() == {
        "genres": [], "most_agreed": [], "new": [], "climbers": [], "leavers": [], "disputed": [],
    }  # fmt: skip


def test_a_genre_of_which_no_day_is_kept_adds_nothing() -> None:
    assert genre_today(CATALOG.genres["dance"], chart(), LastDays((), {}, {})) is None
