"""An old installation: a few weeks of the simulation of three years, and the benchmark of age with a few tracks."""

from xml.etree import ElementTree

from benchmarks.three_years import Measured, grown, picture, simulate, sizes_table
from tunemeld_pipeline.storage.store import Store


def test_some_weeks_of_the_simulation_leave_what_runs_leave(store: Store) -> None:
    measured = simulate(store, lambda: 0.0, days=35, genres=("dance",), tracks=8)

    assert len(measured.days) == 35
    assert sorted(measured.sizes) == [30, 35]
    charted = [
        track.days_on_chart
        for track in store.charts.chart("dance", store.charts.materializations()["dance"].as_of).tracks
    ]
    assert len(charted) == 8
    assert max(filter(None, charted)) == 35
    assert len(store.charts.chart_dates("dance")) == 35
    assert measured.sizes[30].keys() >= {"historical_track_views", "chart_history", "charted_tracks"}
    assert sizes_table(measured).row_count > 5
    assert ElementTree.fromstring(picture(measured)).tag.endswith("svg")  # noqa: S314


def test_growth_is_noticed_in_time_and_in_bytes() -> None:
    even = Measured(days=[100.0] * 720, sizes={day: {"a": 1000 * day} for day in range(30, 721, 30)})
    assert grown(even) == []
    slower = Measured(days=[100.0 + day for day in range(720)], sizes=even.sizes)
    larger = Measured(days=even.days, sizes={day: {"a": day * day} for day in range(30, 721, 30)})
    assert [len(grown(one)) for one in (slower, larger)] == [1, 1]
