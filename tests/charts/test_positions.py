"""Positions: from days to months and back, and who listed a recording first."""

from tests.documents import MONDAY, chart_day
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.positions import (
    PositionsOfMonth,
    Standing,
    first_listed,
    months_of,
    ranks_of,
    standings_of,
)


def day(date: str, chart: list[str], **lists: list[str | None]) -> ChartDay:
    return chart_day().model_copy(update={"date": date, "chart": chart, "lists": lists})


def month(track_id: str, period: str, genre: str = "dance", **ranks: dict[str, int]) -> PositionsOfMonth:
    return PositionsOfMonth(
        insert_timestamp=MONDAY,
        run_id="r",
        upstream="sandbox",
        genre_name=genre,
        track_id=track_id,
        period=period,
        ranks=ranks,
    )


def test_a_day_gives_each_id_its_best_rank_on_each_list() -> None:
    ranks = ranks_of(day("2026-03-02", ["a"], Spotify=[None, "a", "b", "a"]))
    assert ranks == {"a": {"Aggregate": 1, "Spotify": 2}, "b": {"Spotify": 3}}
    assert ranks_of(None) == {}


def test_days_are_put_together_by_month() -> None:
    months = months_of([day("2026-03-31", ["a"], Spotify=["a"]), day("2026-04-01", [], Spotify=["b", "a"])])
    assert months == {
        ("a", "2026-03"): {"Aggregate": {"31": 1}, "Spotify": {"31": 1}},
        ("b", "2026-04"): {"Spotify": {"01": 1}},
        ("a", "2026-04"): {"Spotify": {"01": 2}},
    }


def test_months_of_several_ids_are_read_as_one_recording_day_by_day() -> None:
    found = standings_of(
        [
            month("a", "2026-04", Spotify={"02": 3, "01": 4}),
            month("Spotify:1", "2026-03", Spotify={"31": 9}),
            month("Spotify:1", "2026-04", Spotify={"01": 2}, Aggregate={}),
            month("a", "2026-02", genre="rap", SoundCloud={"05": 1}),
        ]
    )
    assert found == [
        Standing("dance", {"Spotify": {"2026-03-31": 9, "2026-04-01": 2, "2026-04-02": 3}}),
        Standing("rap", {"SoundCloud": {"2026-02-05": 1}}),
    ]
    assert first_listed(found) == {"SoundCloud": "2026-02-05", "Spotify": "2026-03-31"}


def test_the_chart_is_no_service_and_lists_nothing_first() -> None:
    assert first_listed(standings_of([month("a", "2026-03", Aggregate={"02": 1})])) == {}
