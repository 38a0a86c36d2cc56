"""The last stage: the day's readings in the histories, and word to the readers."""

from collections.abc import Mapping
from typing import Any

import pytest
from pymongo.database import Database

from tests.assets.conftest import TUESDAY, WEDNESDAY, Materializer, degraded, failure, metadata_of, moment
from tests.conftest import GenreRunner
from tests.matrix import sample
from tunemeld_pipeline.assets.historical_track_views import historical_track_views
from tunemeld_pipeline.operations.rollback import roll_back
from tunemeld_pipeline.publishing.cache import CacheEntry, CloudflareCache, cache_key
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


def with_kv(settings: Settings, sandbox_root: str) -> Settings:
    """The same settings with the sandbox's Workers KV as their shared cache."""
    names = ("cloudflare_account_id", "cloudflare_namespace_id", "cloudflare_api_token")
    return Settings.model_validate(
        {
            **settings.model_dump(),
            "cache": "cloudflare",
            "cloudflare_base_url": f"{sandbox_root}/cloudflare",
            **dict.fromkeys(names, "sandbox"),
        }
    )


def test_it_works(run_genre: GenreRunner, store: Store, database: Database[dict[str, Any]]) -> None:
    result = run_genre(as_of=TUESDAY)
    chart = store.charts.chart("dance", moment(TUESDAY))
    shown = metadata_of(result, "historical_track_views")
    histories = {one["isrc"]: one["view_counts"] for one in database["historical_track_views"].find()}
    assert set(histories) <= {track.isrc for track in chart.tracks}
    assert shown["dagster/partition_row_count"] == len(histories) > 0
    for track in chart.tracks:
        for source, kept in track.readings.items():
            if track.isrc in histories:
                assert histories[track.isrc][source] == {
                    TUESDAY[-2:]: {"current_timestamp": moment(TUESDAY), "view_count": kept.last.view_count}
                }
    published = store.charts.materializations()["dance"]
    assert (published.version, published.as_of, published.run_id) == (1, moment(TUESDAY), result.run_id)
    assert published.chart_length == len(chart.tracks)
    assert (shown["version"], shown["shared_cache"], shown["older_than_published"]) == (1, "none", False)


def test_a_next_day_adds_its_gain(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(TUESDAY, WEDNESDAY)
    isrcs = [track.isrc for track in store.charts.chart("dance", moment(WEDNESDAY)).tracks if track.isrc]
    series = [history.view_counts.get("Spotify", []) for history in store.histories.of(isrcs)]
    both = [readings for readings in series if len(readings) == 2]
    assert both
    assert all(later.delta_count == later.view_count - earlier.view_count > 0 for earlier, later in both)


def test_the_same_day_twice_adds_nothing(run_genre: GenreRunner, database: Database[dict[str, Any]]) -> None:
    def series() -> list[Any]:
        return [one["view_counts"] for one in database["historical_track_views"].find().sort("isrc")]

    run_genre.after(TUESDAY)
    once = series()
    run_genre(as_of=TUESDAY)
    assert series() == once


def test_a_reading_that_failed_adds_none(
    run_genre: GenreRunner, faults: Faults, database: Database[dict[str, Any]]
) -> None:
    run_genre.after(TUESDAY)
    faults.add("youtube", "500", endpoint="videos", times=None)
    result = run_genre(as_of=WEDNESDAY)
    assert metadata_of(result, "historical_track_views")["readings/Youtube"] == 0
    days = {
        reading["current_timestamp"]
        for one in database["historical_track_views"].find()
        for reading in one["view_counts"].get("Youtube", {}).values()
    }
    assert days == {moment(TUESDAY)}


def test_what_was_degraded_is_published_with_its_reasons(run_genre: GenreRunner, faults: Faults, store: Store) -> None:
    run_genre.after(TUESDAY)
    faults.add("apple_music", "403", times=None)
    run_genre(as_of=WEDNESDAY)
    published = store.charts.materializations()["dance"]
    assert published.degraded == ["AppleMusic playlist"]
    outcome = published.outcomes["AppleMusic"]
    assert (outcome.state, outcome.observed_at) == ("stale", moment(TUESDAY))
    assert "not subscribed" in (outcome.error or "")
    assert published.quota["youtube_search"] <= 100
    assert published.previous is not None
    assert published.previous["version"] == 1


def test_rendered_responses_go_to_the_shared_cache_in_one_write(
    run_genre: GenreRunner, faults: Faults, settings: Settings, sandbox_root: str
) -> None:
    result = run_genre(as_of=TUESDAY, settings=with_kv(settings, sandbox_root))
    assert metadata_of(result, "historical_track_views")["shared_cache"] == "refreshed"
    assert faults.requests()["cloudflare"] == {"bulk": 1}


def test_what_another_genre_published_meanwhile_is_not_put_back(
    run_genre: GenreRunner, settings: Settings, sandbox_root: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_genre("pop", as_of=TUESDAY)
    shared = with_kv(settings, sandbox_root)
    put_many = CloudflareCache.put_many
    puts: list[Mapping[str, CacheEntry]] = []
    overtaken: list[str] = []

    def put_late(cache: CloudflareCache, entries: Mapping[str, CacheEntry], ttl: int) -> None:
        if not overtaken:
            overtaken.append("dance")
            run_genre("pop", as_of=WEDNESDAY, settings=shared)
        put_many(cache, entries, ttl)
        puts.append(entries)

    monkeypatch.setattr(CloudflareCache, "put_many", put_late)
    run_genre(as_of=TUESDAY, settings=shared)
    shown = {genre: one.version for genre, one in store.charts.versions().items()}
    assert shown == {"dance": 1, "pop": 2}
    assert [entries[cache_key(shared, "/genres")].version for entries in puts] == [3, 2, 3]


@pytest.mark.parametrize(
    ("fault", "reason"),
    sample([("401", "check CLOUDFLARE_API_TOKEN"), ("500", "answered 500"), ("cut", "connection cut")]),
)
def test_a_shared_cache_in_trouble_is_no_failure(
    run_genre: GenreRunner,
    faults: Faults,
    settings: Settings,
    sandbox_root: str,
    store: Store,
    fault: str,
    reason: str,
) -> None:
    faults.add("cloudflare", fault, times=None)
    result = run_genre(as_of=TUESDAY, settings=with_kv(settings, sandbox_root))
    assert reason in metadata_of(result, "historical_track_views")["shared_cache"]
    assert store.charts.materializations()["dance"].version == 1
    assert degraded(run_genre, result) == set()


def test_without_a_chart_it_says_what_to_run_first(materialize: Materializer) -> None:
    message = failure(materialize(historical_track_views, raises=False))
    run = "run the stage before it first (`tunemeld etl run view_count --genre dance`)"
    assert message == f"dance has no chart up to 2025-11-18; {run}"


def test_it_does_not_go_on_from_a_chart_that_was_rolled_back(
    run_genre: GenreRunner, materialize: Materializer, store: Store
) -> None:
    run_genre.after(TUESDAY, WEDNESDAY)
    roll_back(store, "dance", None, moment(WEDNESDAY))
    message = failure(materialize(historical_track_views, as_of=WEDNESDAY, raises=False))
    assert message.startswith(f"dance was rolled back to {TUESDAY}, which stays; run all four assets")
    assert store.charts.chart("dance", moment(WEDNESDAY)).shown_as_of == moment(TUESDAY)
