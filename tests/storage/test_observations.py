"""What a run wrote that a newer one overtakes: its own next step still reads it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from tests.documents import MONDAY, aggregate, chart, chart_day, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.storage.store import Store

SPOTIFY, SOUNDCLOUD = "Spotify", "SoundCloud"
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


def test_the_same_observation_time_replaces_itself(store: Store) -> None:
    for run in ("first", "second"):
        assert store.playlists.put_raw_playlist(raw_playlist(run_id=run))
        assert store.playlists.put_track_playlists([service_playlist(run_id=run)], aggregate(run_id=run))
        assert store.charts.put_chart(chart(run_id=run))

    assert store.playlists.raw_playlists("dance", MONDAY)[0].run_id == "second"
    assert store.playlists.service_playlists("dance", MONDAY)[0].run_id == "second"
    assert store.charts.chart("dance", MONDAY).run_id == "second"


def test_what_older_runs_left_for_themselves_goes_after_a_week(store: Store, mongo_database: Database[Json]) -> None:
    store.charts.put_chart(chart())
    store.charts.put_chart(chart(at=SUNDAY))

    (left,) = mongo_database["backfill"].find()
    assert timedelta(days=6) < left["expires_at"] - datetime.now(UTC) <= timedelta(days=7)
    (index,) = [one for one in mongo_database["backfill"].list_indexes() if "expireAfterSeconds" in one]
    assert index["expireAfterSeconds"] == 0


def test_a_run_that_a_newer_one_overtakes_goes_on_with_what_it_observed(store: Store) -> None:
    """As when a person starts a run and the schedule another, seconds later."""
    later = MONDAY + timedelta(seconds=5)
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, run_id="first", data_json='"first"'))
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, at=later, run_id="second", data_json='"second"'))
    assert [one.data_json for one in store.playlists.raw_playlists("dance", MONDAY)] == ['"first"']

    store.playlists.put_track_playlists(
        [service_playlist(SPOTIFY, [1, 2], run_id="first")], aggregate([1, 2], run_id="first")
    )
    store.playlists.put_track_playlists(
        [service_playlist(SPOTIFY, [3], at=later, run_id="second")], aggregate([3], at=later, run_id="second")
    )
    assert (
        store.playlists.aggregate("dance", MONDAY).run_id,
        len(store.playlists.aggregate("dance", MONDAY).tracks),
    ) == ("first", 2)
    assert [one.run_id for one in store.playlists.service_playlists("dance", MONDAY)] == ["first"]

    store.charts.put_chart(chart([1, 2], run_id="first"))
    store.charts.put_chart(chart([3], at=later, run_id="second"))
    assert store.charts.chart("dance", MONDAY).run_id == "first"
    assert store.charts.chart("dance", later).run_id == store.playlists.aggregate("dance", later).run_id == "second"


@pytest.mark.parametrize(
    ("collection", "write", "put", "found"),
    [
        (
            "raw_playlists",
            "replace_one",
            lambda store, at, run: store.playlists.put_raw_playlist(raw_playlist(at=at, run_id=run)),
            lambda store, at: store.playlists.raw_playlists("dance", at)[0].run_id,
        ),
        (
            "track_playlist",
            "bulk_write",
            lambda store, at, run: store.playlists.put_track_playlists(
                [service_playlist(at=at, run_id=run)], aggregate(at=at, run_id=run)
            ),
            lambda store, at: store.playlists.aggregate("dance", at).run_id,
        ),
        (
            "view_counts_playlists",
            "replace_one",
            lambda store, at, run: store.charts.put_chart(chart(at=at, run_id=run)),
            lambda store, at: store.charts.chart("dance", at).run_id,
        ),
    ],
)
def test_what_is_written_at_the_moment_that_a_newer_run_overtakes_it_is_kept_for_its_own_run(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    collection: str,
    write: str,
    put: Callable[[Store, datetime, str], bool],
    found: Callable[[Store, datetime], str],
) -> None:
    later, original = MONDAY + timedelta(seconds=5), getattr(Collection, write)
    put(store, SUNDAY, "yesterday's")
    store.charts.finish({}, chart_day(at=SUNDAY), materialization(at=SUNDAY, run_id="yesterday's"))
    answers: list[bool] = []

    def after_the_first_run(target: Collection[Any], *args: object, **kwargs: object) -> object:
        if target.name == collection and not answers:
            answers.append(False)  # what it writes passes here too
            answers[0] = put(store, MONDAY, "first")
        return original(target, *args, **kwargs)

    monkeypatch.setattr(Collection, write, after_the_first_run)

    assert put(store, later, "second")

    assert answers == [True]
    assert (found(store, MONDAY), found(store, later)) == ("first", "second")


def test_of_a_run_that_has_published_nothing_is_put_aside(store: Store, mongo_database: Database[Json]) -> None:
    store.playlists.put_raw_playlist(raw_playlist(SPOTIFY))
    store.playlists.put_track_playlists([service_playlist(SPOTIFY, [1, 2])], aggregate([1, 2]))
    store.charts.put_chart(chart([1, 2]))
    store.charts.finish({}, chart_day(), materialization())

    for write in (
        lambda: store.playlists.put_raw_playlist(raw_playlist(SPOTIFY, at=TUESDAY, run_id="next")),
        lambda: store.playlists.put_track_playlists(
            [service_playlist(SPOTIFY, [3], at=TUESDAY, run_id="next")], aggregate([3], at=TUESDAY, run_id="next")
        ),
        lambda: store.charts.put_chart(chart([3], at=TUESDAY, run_id="next")),
    ):
        assert write() is True
    assert mongo_database["backfill"].count_documents({}) == 0
