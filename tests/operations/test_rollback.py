"""Taking a chart back: what visitors see then, what is remembered, and how the next run takes over."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.collection import Collection

from tests.assets.conftest import failure, moment
from tests.conftest import GenreRunner
from tests.matrix import sample
from tunemeld_pipeline.charts.documents import Chart, Materialization
from tunemeld_pipeline.errors import NothingStored, NothingToPublish, StoreError
from tunemeld_pipeline.operations.rollback import release, roll_back
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.publication import entries
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.store import Store

GOOD, BAD, NEXT = "2025-11-11", "2025-11-18", "2025-11-19"
"""Lists change on Fridays, so that the chart of the first day is another than that of the other two."""

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERVICES_OWN = {"service_track_id", "album_id", "play_count"}


def rows(chart: Chart) -> list[dict[str, Any]]:
    """The rows as visitors see them; recordings without a history lose their counts with the chart."""
    return [track.model_dump(exclude=SERVICES_OWN | (set() if track.isrc else {"readings"})) for track in chart.tracks]


def test_the_last_chart_is_shown_again_as_it_was(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD)
    good = store.charts.chart("dance", moment(GOOD))
    run_genre.after(GOOD, BAD)
    bad = store.charts.chart("dance", moment(BAD))
    assert rows(bad) != rows(good)

    published = roll_back(store, "dance", None, NOW)

    chart, aggregate = store.charts.chart("dance", moment(BAD)), store.playlists.aggregate("dance", moment(BAD))
    assert rows(chart) == rows(good)
    assert [track.track_id for track in aggregate.tracks] == [track.track_id for track in good.tracks]
    assert (chart.coverage, chart.outcomes, chart.ranking) == (good.coverage, good.outcomes, good.ranking)
    assert published == store.charts.materializations()["dance"]
    assert (published.version, published.as_of, published.finished_at) == (3, moment(BAD), NOW)
    assert published.previous == {"version": 2, "as_of": moment(BAD), "run_id": bad.run_id}
    assert (published.run_id, published.chart_length) == (good.run_id, len(good.tracks))


def test_everybody_reads_it_until_the_next_run(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD)

    published = roll_back(store, "dance", None, NOW)

    chart = store.charts.chart("dance", moment(BAD))
    assert published.degraded == chart.degraded == ["rolled back to 2025-11-11"]
    shown = {
        chart.rolled_back_to,
        store.playlists.aggregate("dance", moment(BAD)).rolled_back_to,
        published.rolled_back_to,
    }
    assert shown == {moment(GOOD)}
    assert (
        '"last_updated":"2025-11-11'
        in entries(store, load_catalog(), load_catalog().genre("dance"))["/last-updated/dance"].body
    )

    run_genre(as_of=NEXT)

    published = store.charts.materializations()["dance"]
    assert (published.rolled_back_to, published.degraded, published.version) == (None, [], 4)
    assert store.charts.chart("dance", moment(NEXT)).rolled_back_to is None


def test_all_that_readers_ask_for_is_still_there(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD)
    before = set(entries(store, load_catalog(), load_catalog().genre("dance")))

    roll_back(store, "dance", None, NOW)

    assert set(entries(store, load_catalog(), load_catalog().genre("dance"))) == before


def test_the_days_after_it_are_not_remembered(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD)
    roll_back(store, "dance", None, NOW)

    run_genre(as_of=NEXT)

    assert store.charts.chart_dates("dance") == [GOOD, NEXT]
    assert [day.date for day in store.charts.chart_days("dance", "2026-01-01", 10)] == [NEXT, GOOD]
    assert max(track.days_on_chart or 0 for track in store.charts.chart("dance", moment(NEXT)).tracks) == 2


def test_a_day_that_is_run_again_is_remembered_again(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD)
    bad = store.charts.chart("dance", moment(BAD))
    roll_back(store, "dance", None, NOW)

    run_genre(as_of=BAD)

    assert store.charts.chart_dates("dance") == [GOOD, BAD]
    assert rows(store.charts.chart("dance", moment(BAD))) == rows(bad)


def test_a_given_day_can_be_chosen_and_a_rollback_be_taken_back(run_genre: GenreRunner, store: Store) -> None:
    charts = {}
    for days in ((GOOD,), (GOOD, BAD), (GOOD, BAD, NEXT)):
        run_genre.after(*days)
        day = days[-1]
        charts[day] = rows(store.charts.chart("dance", moment(day)))

    roll_back(store, "dance", GOOD, NOW)
    assert rows(store.charts.chart("dance", moment(NEXT))) == charts[GOOD]
    assert store.charts.chart_dates("dance") == [GOOD]

    published = roll_back(store, "dance", NEXT, NOW)
    assert rows(store.charts.chart("dance", moment(NEXT))) == charts[NEXT]
    assert store.charts.chart_dates("dance") == [GOOD, BAD, NEXT]
    assert published.shown_as_of == moment(NEXT)


def test_again_and_again_it_goes_one_day_further_back(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD, NEXT)

    assert [roll_back(store, "dance", None, NOW).shown_as_of for _ in range(2)] == [moment(BAD), moment(GOOD)]
    with pytest.raises(
        NothingStored, match=f"before that of {GOOD}, which is shown now; choose with --to: {BAD}, {NEXT}"
    ):
        roll_back(store, "dance", None, NOW)


def test_an_older_day_that_is_run_meanwhile_does_not_end_it(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD, BAD)
    shown = roll_back(store, "dance", None, NOW)

    run_genre(as_of="2025-11-12")

    published = store.charts.materializations()["dance"]
    assert (published.rolled_back_to, published.version) == (shown.rolled_back_to, shown.version + 1)
    assert store.charts.chart("dance", moment(BAD)).rolled_back_to == moment(GOOD)


def test_a_day_without_a_chart_is_refused_with_those_that_there_are(run_genre: GenreRunner, store: Store) -> None:
    with pytest.raises(NothingStored, match="dance has no chart yet; run it first"):
        roll_back(store, "dance", None, NOW)
    run_genre.after(GOOD)
    with pytest.raises(NothingStored, match="dance has no chart of 2025-11-10; choose with --to: there is no other"):
        roll_back(store, "dance", "2025-11-10", NOW)
    run_genre.after(GOOD, BAD)

    with pytest.raises(NothingStored, match="dance has no chart of 2025-11-10; choose with --to: 2025-11-11"):
        roll_back(store, "dance", "2025-11-10", NOW)

    assert store.charts.materializations()["dance"].version == 2


def test_a_run_that_was_under_way_does_not_publish_the_chart_that_it_finds(
    run_genre: GenreRunner, store: Store
) -> None:
    run_genre.after(GOOD, BAD)
    shown = roll_back(store, "dance", None, NOW)
    day = store.charts.chart_day("dance", BAD)
    assert day is not None

    with pytest.raises(NothingToPublish, match="dance was rolled back while this run was under way"):
        store.charts.finish({}, day, shown.model_copy(update={"as_of": moment(NEXT), "rolled_back_to": None}))

    assert store.charts.materializations()["dance"] == shown
    assert store.charts.chart_dates("dance") == [GOOD]


@pytest.mark.parametrize(
    ("collection", "asked"), sample([("view_counts_playlists", "replace_one"), ("youtube_cache", "find")])
)
def test_a_run_that_counts_or_writes_at_that_moment_leaves_the_chart_that_was_put_back(
    run_genre: GenreRunner, store: Store, monkeypatch: pytest.MonkeyPatch, collection: str, asked: str
) -> None:
    run_genre.after(GOOD, BAD)
    original = getattr(Collection, asked)
    started: list[str] = []
    shown: list[Materialization] = []

    def after_a_rollback(target: "Collection[Any]", *args: object, **kwargs: object) -> object:
        if target.name == collection and not started:
            started.append(collection)  # what the rollback writes passes here too
            shown.append(roll_back(store, "dance", None, NOW))
        return original(target, *args, **kwargs)

    monkeypatch.setattr(Collection, asked, after_a_rollback)

    result = run_genre(as_of=NEXT, raise_on_error=False)

    assert failure(result) == "dance was rolled back while this run was under way, which stays; run it again"
    assert [store.charts.materializations()["dance"]] == shown
    assert store.charts.chart("dance", moment(NEXT)).rolled_back_to == moment(GOOD)
    assert store.playlists.aggregate("dance", moment(NEXT)).rolled_back_to == moment(GOOD)
    assert store.charts.chart_dates("dance") == [GOOD]

    run_genre(as_of=NEXT)

    assert store.charts.materializations()["dance"].rolled_back_to is None


def test_a_run_that_began_before_the_rollback_is_refused_whatever_it_has_read_so_far(
    run_genre: GenreRunner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_genre.after(GOOD, BAD)
    original = Collection.find_one_and_update
    shown: list[Materialization] = []
    first = threading.Lock()

    def after_a_rollback(target: "Collection[Any]", *args: object, **kwargs: object) -> object:
        # The first calls of all, three at once, are about to be paid for.
        if target.name == "api_usage" and first.acquire(blocking=False):
            shown.append(roll_back(store, "dance", None, NOW))
        return original(target, *args, **kwargs)

    monkeypatch.setattr(Collection, "find_one_and_update", after_a_rollback)
    result = run_genre(as_of=NEXT, raise_on_error=False)

    assert failure(result) == "dance was rolled back while this run was under way, which stays; run it again"
    assert [store.charts.materializations()["dance"]] == shown
    assert store.playlists.aggregate("dance", moment(NEXT)).rolled_back_to == moment(GOOD)


def test_a_genre_that_is_held_keeps_its_chart_until_it_is_released(
    run_genre: GenreRunner, store: Store, faults: Faults
) -> None:
    run_genre.after(GOOD, BAD)
    shown = roll_back(store, "dance", None, NOW, hold=True)
    assert shown.held
    assert store.charts.chart("dance", moment(BAD)).held
    assert shown.degraded == [f"held at {GOOD}"]
    faults.reset_requests()

    for _ in range(2):
        refused = failure(run_genre(as_of=NEXT, raise_on_error=False))
        assert refused.startswith(f"dance is held at its chart of {GOOD}, and no run replaces it until it is released")
        assert "tunemeld etl release --genre dance" in refused
    assert faults.requests() == {}
    assert store.charts.materializations()["dance"] == shown
    # An older day only adds to the histories, and another rollback lets nothing go.
    run_genre(as_of="2025-11-12")
    assert store.charts.materializations()["dance"].held
    assert roll_back(store, "dance", "2025-11-12", NOW).held

    freed = release(store, "dance", NOW)
    assert not freed.held
    assert freed.degraded == ["rolled back to 2025-11-12"]
    assert not store.charts.chart("dance", moment(BAD)).held
    run_genre(as_of=NEXT)
    assert store.charts.materializations()["dance"].rolled_back_to is None


def test_what_is_not_held_cannot_be_released(run_genre: GenreRunner, store: Store) -> None:
    for _ in range(2):
        with pytest.raises(NothingStored, match="dance is not held, so there is nothing to release"):
            release(store, "dance", NOW)
        run_genre.after(GOOD)


def test_what_was_published_at_the_same_moment_is_not_overwritten(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(GOOD)
    seen = store.charts.materializations()["dance"]
    run_genre.after(GOOD, BAD)
    before = store.charts.chart("dance", moment(BAD))

    with pytest.raises(StoreError, match="dance was published again at this moment"):
        store.charts.roll_back(before, store.playlists.aggregate("dance", moment(BAD)), seen, NOW)

    assert store.charts.chart("dance", moment(BAD)) == before
    assert store.charts.chart_dates("dance") == [GOOD, BAD]
