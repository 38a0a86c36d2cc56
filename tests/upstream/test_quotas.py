"""What is used and left of each quota, and a cold start that fills up over days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.assets.conftest import metadata_of, moment
from tests.conftest import GenreRunner, sandbox_process
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.plugins.registry import buckets, folders, load_catalog
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.quotas import QuotaUse, open_budget, quota_use

GENRES = tuple(load_catalog().genres)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_LISTS = 170
"""Rows of a list, so that the four charts together hold over 400 tracks."""


def use_of(store: Store, settings: Settings, name: str, at: datetime = NOON) -> QuotaUse:
    (found,) = (use for use in quota_use(store, settings, at) if use.name == name)
    return found


def test_it_works(store: Store, settings: Settings) -> None:
    open_budget(store, settings, buckets()["youtube_search"], NOON, GENRES).spend(7, Purpose.LOOKUPS, "pop")
    use = use_of(store, settings, "youtube_search")
    assert (use.service, use.used, use.limit, use.left, use.exhausted) == ("YouTube", 7, 100, 93, False)
    assert use.kept == 93
    assert [use.name for use in quota_use(store, settings, NOON)] == list(buckets())


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ({}, set()),
        ({"youtube_api_key": SecretStr("a-key")}, {"youtube", "youtube_search"}),
        ({"rapidapi_key": SecretStr("a-key")}, {"spotify", "apple_music", "soundcloud"}),
    ],
)
def test_quotas_of_what_has_no_key_are_not_shown(
    store: Store, settings: Settings, keys: dict[str, SecretStr], names: set[str]
) -> None:
    live = settings.model_copy(update={"upstreams": Upstreams.LIVE, **keys})
    accesses = [access for folder in folders() for access in folder.accesses]
    keyless = {bucket.name for access in accesses if not access.needs for bucket in access.budgets}
    assert {use.name for use in quota_use(store, live, NOON)} == names | keyless


def test_looking_changes_nothing(store: Store, settings: Settings) -> None:
    before = list(store.transfer.documents("api_usage"))
    quota_use(store, settings, NOON)
    assert list(store.transfer.documents("api_usage")) == before == []


@pytest.mark.parametrize(
    ("at", "resets_at"),
    [
        ("2026-01-15T12:00", "2026-01-16T08:00"),
        ("2026-01-15T07:59", "2026-01-15T08:00"),
        ("2026-07-15T12:00", "2026-07-16T07:00"),
        # The clocks go forward on 8 March and back on 1 November, at 2 in the morning: days of 23 and of 25 hours.
        ("2026-03-08T08:00", "2026-03-09T07:00"),
        ("2026-11-01T07:00", "2026-11-02T08:00"),
    ],
)
def test_youtubes_day_ends_at_midnight_pacific_time(store: Store, settings: Settings, at: str, resets_at: str) -> None:
    now, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, resets_at))
    open_budget(store, settings, buckets()["youtube"], now, ()).spend(3)
    assert use_of(store, settings, "youtube", now).resets_at == then
    assert use_of(store, settings, "youtube", then - timedelta(seconds=1)).used == 3
    assert use_of(store, settings, "youtube", then).used == 0


def test_rapidapis_day_ends_at_midnight_utc(store: Store, settings: Settings) -> None:
    assert use_of(store, settings, "spotify").resets_at == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_quota_that_the_service_calls_used_up_has_nothing_left(store: Store, settings: Settings) -> None:
    open_budget(store, settings, buckets()["youtube"], NOON, ()).declare_exhausted()
    use = use_of(store, settings, "youtube")
    assert (use.left, use.exhausted, use.used) == (0, True, 0)


def test_a_plan_with_less_than_the_budget_is_what_is_left(store: Store, settings: Settings) -> None:
    budget = open_budget(store, settings, buckets()["spotify"], NOON, GENRES)
    budget.note_plan(StatedPlan(limit=1_000, remaining=5, resets_in=9 * 86_400))
    use = use_of(store, settings, "spotify")
    assert (use.left, use.limit, use.exhausted) == (5, 2_000, False)
    assert use.resets_at == datetime(2026, 3, 3, tzinfo=UTC)

    budget.note_plan(StatedPlan(limit=1_000, remaining=0, resets_in=9 * 86_400))
    use = use_of(store, settings, "spotify")
    assert (use.left, use.exhausted, use.resets_at) == (0, True, NOON + timedelta(days=9))
    assert use_of(store, settings, "spotify", NOON + timedelta(days=9)).left == 2_000


def test_a_run_keeps_to_the_plan_that_the_gateway_states(
    run_genre: GenreRunner, store: Store, settings: Settings, faults: Faults
) -> None:
    faults.quota("soundcloud", 1, "month")
    run_genre(as_of="2026-03-02")
    assert use_of(store, settings, "soundcloud").exhausted
    asked = faults.requests()["soundcloud"]["v1/playlist/tracks"]
    run_genre(as_of="2026-03-03")
    assert faults.requests()["soundcloud"]["v1/playlist/tracks"] == asked
    playlist = {raw.service_name: raw for raw in store.playlists.playlist_headers("dance", moment("2026-03-03"))}[
        "SoundCloud"
    ]
    assert "the RapidAPI plan's quota of 1 requests is used up until 2026-03-31" in (playlist.error or "")


# A cold start


@pytest.fixture
def long_lists(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The test's settings, on a sandbox with long lists."""
    with sandbox_process(tmp_path, tracks=LONG_LISTS) as url:
        yield settings.model_copy(update={"sandbox_url": url, "etl_thread_count": 5})


@pytest.mark.slow  # tests/assets/test_view_counts_playlists.py has two days on which the searches run out
def test_a_cold_start_fills_up_over_days_best_ranked_first_and_no_run_fails(
    long_lists: Settings, run_genre: GenreRunner, store: Store
) -> None:
    saturday = moment("2026-02-28")
    settled, unknown = [], set[str]()
    for number in range(5):
        day = f"{saturday + timedelta(days=number):%Y-%m-%d}"
        asked = 0
        for genre in GENRES:
            result = run_genre(genre, as_of=day, settings=long_lists)
            assert result.success
            asked += metadata_of(result, "view_counts_playlists")["video_lookups/asked"]
        charts = [store.charts.chart(genre, moment(day)) for genre in GENRES]
        known = store.lookups.looked_up("youtube_cache", {track.track_id for chart in charts for track in chart.tracks})
        if number == 0:
            unknown |= {track.track_id for chart in charts for track in chart.tracks}
            assert len(unknown) >= 400
            for chart in charts:
                assert all(track.track_id in known for track in chart.tracks[:25])
        assert asked <= 100
        settled.append(len(known))
    assert settled[:4] == [100, 200, 300, 400]
    assert settled[4] >= settled[3]
    searches = Faults(str(long_lists.sandbox_url)).quotas()["youtube_search"]["used"]
    assert list(searches.values())[:4] == [100] * 4
