"""`/v1/charts/{genre}/counts`: the counts of a chart's recordings in the days up to it."""

from datetime import UTC, date, datetime, timedelta

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre, links_of
from tunemeld_pipeline.charts.documents import Reading
from tunemeld_pipeline.publishing.v1.counts import DAYS, daily_counts

PATH = f"/v1/charts/{GENRE}/counts"


class TestPromises(PathOfGenre):
    path = "/v1/charts/{genre}/counts"
    rows = ("tracks",)


class TestPromisesOfAPastDay(PathOfGenre):
    path = f"/v1/charts/{{genre}}/counts?date={TUESDAY}"
    rows = ("tracks",)


def test_it_works(api: Api) -> None:
    answer = api.ask(PATH).json()
    chart = api.ask(f"/v1/charts/{GENRE}").json()
    assert (answer["genre"], answer["date"]) == (GENRE, WEDNESDAY)
    assert answer["first_date"] == f"{date.fromisoformat(WEDNESDAY) - timedelta(days=DAYS - 1)}"
    places = {row["track_id"]: place for place, row in enumerate(chart["tracks"])}
    assert sorted(places[row["track_id"]] for row in answer["tracks"]) == [
        places[row["track_id"]] for row in answer["tracks"]
    ]
    by_id = {row["track_id"]: row["counts"] for row in answer["tracks"]}
    compared = 0
    for row in chart["tracks"]:
        for source, counted in row["counts"].items():
            if counted["last"] and counted["last"]["counted_at"].startswith(WEDNESDAY):
                assert by_id[row["track_id"]][source][-1] == counted["last"]["count"]
                compared += 1
    assert compared > 10
    assert {len(totals) for counts in by_id.values() for totals in counts.values()} == {DAYS}


def test_a_past_day_has_the_counts_up_to_it(api: Api) -> None:
    past, now = api.ask(f"{PATH}?date={TUESDAY}").json(), api.ask(PATH).json()
    assert (past["date"], links_of(api.ask(f"{PATH}?date={TUESDAY}"))["self"]) == (TUESDAY, [f"{PATH}?date={TUESDAY}"])
    then = {row["track_id"]: row["counts"] for row in past["tracks"]}
    both = [row for row in now["tracks"] if row["track_id"] in then]
    assert both
    for row in both:
        for source, totals in row["counts"].items():
            assert then[row["track_id"]].get(source, [None] * DAYS)[-1] == totals[-2]


def test_a_day_without_a_chart_and_a_genre_without_one_are_refused(api: Api) -> None:
    for path, kind in {
        f"{PATH}?date=2020-01-01": "no-chart-on-that-day",
        f"/v1/charts/{EMPTY_GENRE}/counts": "no-data-yet",
    }.items():
        answer = api.ask(path)
        assert (answer.status_code, answer.json()["type"]) == (404, f"/docs#{kind}")


def test_a_day_has_its_last_total_and_a_day_without_one_is_unknown() -> None:
    def reading(day: int, hour: int, count: int) -> Reading:
        return Reading(current_timestamp=datetime(2026, 3, day, hour, tzinfo=UTC), view_count=count, delta_count=0)

    readings = {"Listed": [reading(1, 2, 10), reading(1, 20, 12), reading(3, 2, 30)], "Videos": [reading(1, 2, 7)]}
    days = ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert daily_counts(readings, days) == {"Listed": [12, None, 30], "Videos": [7, None, None]}
    # A source that counted only before these days is not there.
    assert daily_counts(readings, days[1:]) == {"Listed": [None, 30]}
