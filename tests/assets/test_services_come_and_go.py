"""One service alone, two, one more on a later day, and one that leaves: what a chart holds, marks and lacks, through all four assets."""

from collections.abc import Callable, Sequence

import pytest

from tests.assets.conftest import TUESDAY, WEDNESDAY, days_after, degraded, failure, moment
from tests.conftest import GenreRunner
from tunemeld_pipeline.assets.partitions import catalog
from tunemeld_pipeline.charts.documents import Chart
from tunemeld_pipeline.plugins.registry import keys, slug_of
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

APPLE, SOUNDCLOUD = "AppleMusic", "SoundCloud"

pytestmark = pytest.mark.slow


@pytest.fixture
def run_with(run_genre: GenreRunner, monkeypatch: pytest.MonkeyPatch, store: Store) -> Callable[..., Chart]:
    """Runs dance with these services alone on a day, checks included; nothing may be lacking."""
    whole = catalog.genre("dance")

    def run(services: Sequence[str], day: str, settings: Settings | None = None) -> Chart:
        listed = {service: whole.playlists[service] for service in services}
        monkeypatch.setitem(catalog.genres, "dance", whole.model_copy(update={"playlists": listed}))
        result = run_genre("dance", as_of=day, settings=settings, checks=True)
        assert degraded(run_genre, result) == set()
        assert [one.check_name for one in result.get_asset_check_evaluations() if not one.passed] == []
        chart = store.charts.chart("dance", moment(day))
        assert list(chart.outcomes) == list(services)
        assert {outcome.state for outcome in chart.outcomes.values()} == {"fresh"}
        return chart

    return run


def test_one_service_alone_is_its_list_in_its_order_and_says_so(run_with: Callable[..., Chart], store: Store) -> None:
    chart = run_with([APPLE], TUESDAY)
    (listed,) = store.playlists.service_playlists("dance", moment(TUESDAY))
    assert [track.track_id for track in chart.tracks] == [track.track_id for track in listed.tracks]
    assert [track.rank for track in chart.tracks] == list(range(1, len(listed.tracks) + 1))
    assert {tuple(track.sources) for track in chart.tracks} == {(APPLE,)}
    day, made = store.charts.chart_day("dance", TUESDAY), store.charts.materialization("dance")
    assert day is not None
    assert made is not None
    assert {chart.only_service, day.only_service, made.only_service} == {APPLE}

    week_later = run_with([APPLE], days_after(TUESDAY, 7))
    assert None not in {track.status for track in week_later.tracks}
    assert week_later.only_service == APPLE


def test_two_services_make_a_consensus(run_with: Callable[..., Chart]) -> None:
    chart = run_with([APPLE, SOUNDCLOUD], TUESDAY)
    assert chart.only_service is None
    assert chart.tracks
    assert {frozenset(track.sources) for track in chart.tracks} == {frozenset({APPLE, SOUNDCLOUD})}


def test_a_service_that_comes_or_goes_marks_nothing_as_new_or_moved(run_with: Callable[..., Chart]) -> None:
    fewer, whole = [*keys()[:-1]], [*keys()]
    first = run_with(fewer, TUESDAY)
    joined = run_with(whole, WEDNESDAY)
    after = run_with(whole, days_after(WEDNESDAY, 1))
    left = run_with(fewer, days_after(WEDNESDAY, 2))
    back = run_with(fewer, days_after(WEDNESDAY, 3))

    assert len(joined.tracks) > len(first.tracks)
    for chart in (first, joined):
        assert {(track.status, track.movement, track.previous_rank) for track in chart.tracks} == {(None, None, None)}
    before = {track.track_id: track for track in first.tracks}
    kept = [track for track in joined.tracks if track.track_id in before]
    assert {track.days_on_chart for track in kept} == {2}
    assert all((track.peak_rank or 0) <= before[track.track_id].rank for track in kept)
    ranks = {track.track_id: track.rank for track in joined.tracks}
    assert {track.track_id: track.previous_rank for track in after.tracks} == {
        track.track_id: ranks.get(track.track_id) for track in after.tracks
    }
    # Against the first day, which was of the same ones.
    for chart in (left, back):
        assert {track.previous_rank for track in chart.tracks} - {None} <= {track.rank for track in first.tracks}
        assert None not in {track.status for track in (*chart.tracks, *after.tracks)}


def test_beside_a_list_that_weighs_nothing_one_service_is_alone(
    run_with: Callable[..., Chart], settings: Settings
) -> None:
    chart = run_with([APPLE, SOUNDCLOUD], TUESDAY, settings.model_copy(update={"soundcloud_weight": 0.0}))
    assert chart.only_service == APPLE
    positions = [track.sources[APPLE] for track in chart.tracks]
    assert positions == sorted(positions)
    assert any(SOUNDCLOUD in track.sources for track in chart.tracks)


def test_of_services_that_all_weigh_nothing_there_is_no_chart_and_why_is_said(
    run_genre: GenreRunner, settings: Settings
) -> None:
    weightless = settings.model_copy(update={f"{slug_of(service)}_weight": 0.0 for service in keys()})
    message = failure(run_genre("dance", as_of=TUESDAY, settings=weightless, raise_on_error=False))
    assert message.startswith("no service has a list of dance that weighs anything; there is no chart yet. ")
    assert "Apple Music: its list weighs nothing" in message
