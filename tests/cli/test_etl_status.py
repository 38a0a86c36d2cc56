"""`tunemeld etl status`: what it finds, and the exit status that follows from it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.conftest import Command, run_tunemeld
from tests.conftest import GenreRunner
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.cli.etl_status import Snapshot, of_catch_up
from tunemeld_pipeline.operations.run_records import InstanceRecords
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.plugins.registry import buckets, keys, load_catalog
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.quotas import open_budget
from tunemeld_pipeline.watching.catching_up import Lacking
from tunemeld_pipeline.watching.incidents import note_seen


def test_where_nothing_ever_ran_it_says_what_to_run_and_creates_nothing(
    variables: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    status = run_tunemeld("etl", "status", folder=tmp_path, **variables)
    assert status.returncode == 1
    assert "failed: dance has no chart yet; tunemeld etl run full --genre dance" in status.stdout
    assert not (settings.home / "dagster").exists()


def test_each_genre_shows_its_runs_chart_sources_and_quotas(
    tunemeld: Command, settings: Settings, store: Store, faults: Faults
) -> None:
    assert tunemeld("etl", "run", "full", "--genre", "dance").returncode == 0
    faults.add("soundcloud", "401", times=None)
    assert tunemeld("etl", "run", "extract", "--genre", "dance").returncode == 3
    open_budget(store, settings, buckets()["apple_music"], datetime.now(UTC), ()).declare_exhausted()

    status = tunemeld("etl", "status", "--json")
    printed = json.loads(status.stdout)
    dance = printed["genres"]["dance"]
    assert [(one["asset"], one["state"]) for one in dance["assets"]] == [
        ("raw_playlists", "success"),
        ("track_playlist", "success"),
        ("view_counts_playlists", "success"),
        ("historical_track_views", "success"),
    ]
    assert dance["assets"][0]["run_id"] != dance["assets"][1]["run_id"]
    assert dance["tracks"] > 5
    assert dance["coverage"]["Youtube"] > 0.5
    assert {one["service"]: one["stale"] for one in dance["sources"]} == {
        service: service == "SoundCloud" for service in keys()
    }
    used = {one["name"]: one for one in printed["quotas"]}
    assert used["youtube_search"]["used"] > 0
    assert used["apple_music"]["exhausted"]
    assert any("SoundCloud is stale since" in warning for warning in printed["warnings"])
    assert any(note.startswith("Apple Music: the quota is used up until") for note in printed["notes"])
    assert len(printed["failures"]) == len(load_catalog().genres) - 1
    assert status.returncode == 1


def test_it_warns_when_the_schedule_is_off_or_no_daemon_runs(tunemeld: Command) -> None:
    off = tunemeld("etl", "status", "--json", DAILY_REFRESH="false")
    assert "the daily refresh is switched off" in off.stdout
    on = tunemeld("etl", "status", "--json", DAILY_REFRESH="true")
    assert "the daily refresh is on, but no daemon runs that starts it; tunemeld start" in on.stdout


def test_a_genre_without_a_chart_of_today_is_named_with_when_it_is_refreshed_again() -> None:
    at = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    found = Snapshot(at, {}, {}, {}, {}, [], [], [], next_look=datetime(2026, 3, 3, 12, 15, tzinfo=UTC))
    found.lacking = [Lacking("dance", 1), Lacking("pop", 3)]
    assert of_catch_up(found) == [
        "dance has no chart of today, and was refreshed again 1 of 3 times; the next time is 12:15 UTC",
        "pop has no chart of today, and was refreshed again 3 of 3 times; tunemeld etl run full --genre pop",
    ]


def test_only_runs_into_this_database_that_observe_their_own_day_are_shown(
    settings: Settings,
) -> None:
    live = settings.model_copy(update={"mongodb_database": f"other_{settings.mongodb_database}"})
    assert live.database_name != settings.database_name
    with open_instance(settings) as instance:
        GenreRunner(live, instance)(raise_on_error=False)

        def shown(chosen: Settings) -> set[str]:
            runs = InstanceRecords(instance, chosen.database_name).last_asset_runs(["dance"])["dance"]
            return {run.run_id for run in runs}

        (of_live,) = instance.get_runs()
        assert (shown(live), shown(settings)) == ({of_live.run_id}, set())

        past = GenreRunner(settings, instance)(as_of="2026-03-02")
        assert past.success
        assert shown(settings) == set()
        today = GenreRunner(settings, instance)(as_of=utc_day(datetime.now(UTC)))
        assert shown(settings) == {today.run_id}


def test_an_open_incident_is_reported_with_the_command_that_lists_it(tunemeld: Command, store: Store) -> None:
    at = datetime.now(UTC)
    note_seen(
        store,
        Incident(
            incident_id="one",
            key="chart_old/dance/",
            kind="chart_old",
            genre="dance",
            subject="",
            detail="old",
            opened_at=at,
            last_seen=at,
        ),
    )
    warnings = json.loads(tunemeld("etl", "status", "--json").stdout)["warnings"]
    assert "open incident: old; tunemeld alarms list" in warnings
