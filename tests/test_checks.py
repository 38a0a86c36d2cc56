"""Each asset check passes where all is well, and fails where it should."""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest
from pymongo.database import Database

from tests.conftest import GenreRunner
from tunemeld_pipeline import checks
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.observation import AS_OF_TAG
from tunemeld_pipeline.partitions import genres
from tunemeld_pipeline.resources.bindings import resources
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings import Settings
from tunemeld_pipeline.store import connect

DAY = "2025-11-18"
CHECKS = [check for check in defs.asset_checks or () if isinstance(check, dg.AssetChecksDefinition)]

Evaluations = dict[str, dg.AssetCheckEvaluation]
Watch = Callable[..., Evaluations]


def evaluations(result: dg.ExecuteInProcessResult) -> Evaluations:
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def told(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def untouched(key: dg.AssetKey) -> dg.AssetsDefinition:
    """An asset of this name that writes nothing."""

    @dg.asset(key=key, partitions_def=genres)
    def nothing() -> None: ...

    return nothing


@pytest.fixture
def database(settings: Settings, mongod_url: str) -> Iterator[Database[dict[str, Any]]]:
    with connect(mongod_url) as client:
        yield client[settings.database_name]


@pytest.fixture
def watch(settings: Settings, run_genre: GenreRunner) -> Watch:
    """Runs the checks on the documents as they are: a job of checks alone has no partitions, so assets that do nothing carry them."""
    job = dg.Definitions(
        assets=[untouched(key) for key in sorted({check.check_key.asset_key for check in CHECKS})],
        asset_checks=CHECKS,
        jobs=[dg.define_asset_job("watch", executor_def=dg.in_process_executor)],
        resources=resources(settings),
    ).resolve_job_def("watch")

    def watched(as_of: str = DAY) -> Evaluations:
        return evaluations(
            job.execute_in_process(
                instance=run_genre.instance, partition_key="dance", tags={AS_OF_TAG: as_of}, raise_on_error=True
            )
        )

    return watched


def test_it_works(run_genre: GenreRunner) -> None:
    found = evaluations(run_genre(as_of=DAY))
    assert set(found) == {check.check_key.name for check in CHECKS}
    assert all(one.passed for one in found.values())


def test_no_check_holds_back_what_is_already_written() -> None:
    assert not any(spec.blocking for check in CHECKS for spec in check.check_specs)


def test_a_stale_service_is_a_warning_with_its_reason(run_genre: GenreRunner, faults: Faults) -> None:
    run_genre(as_of=DAY)
    faults.add("spotify", "401", times=None)
    found = evaluations(run_genre(as_of="2025-11-19"))["services_fresh"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert told(found)["stale/spotify"] == "Spotify: RapidAPI refused the key; check RAPIDAPI_KEY"


def test_a_service_that_never_answered_is_a_warning(run_genre: GenreRunner, faults: Faults) -> None:
    faults.add("soundcloud", "404", times=None)
    found = evaluations(run_genre(as_of=DAY))["services_fresh"]
    assert not found.passed
    assert told(found)["missing"] == "SoundCloud"


def test_a_malformed_isrc_is_an_error(run_genre: GenreRunner, watch: Watch, database: Database[dict[str, Any]]) -> None:
    run_genre(as_of=DAY)
    database["track_playlist"].update_one({"service_name": "Aggregate"}, {"$set": {"tracks.0.isrc": "us-abc-25-12345"}})
    found = watch()["isrcs_well_formed_and_unique"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR
    assert told(found) == {"malformed": "us-abc-25-12345", "twice": "none"}


def test_a_recording_that_is_there_twice_is_an_error(
    run_genre: GenreRunner, watch: Watch, database: Database[dict[str, Any]]
) -> None:
    run_genre(as_of=DAY)
    aggregate = database["track_playlist"].find_one({"service_name": "Aggregate"})
    assert aggregate is not None
    twice = aggregate["tracks"][0]["track_id"]
    database["track_playlist"].update_one({"service_name": "Aggregate"}, {"$set": {"tracks.1.track_id": twice}})
    found = watch()["isrcs_well_formed_and_unique"]
    assert not found.passed
    assert told(found)["twice"] == twice


def test_a_gap_in_the_ranks_is_an_error(
    run_genre: GenreRunner, watch: Watch, database: Database[dict[str, Any]]
) -> None:
    run_genre(as_of=DAY)
    database["track_playlist"].update_one({"service_name": "Aggregate"}, {"$set": {"tracks.1.rank": 7}})
    found = watch()["ranks_without_gaps"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR


def test_two_rows_at_one_position_of_a_service_are_an_error(
    run_genre: GenreRunner, watch: Watch, database: Database[dict[str, Any]]
) -> None:
    run_genre(as_of=DAY)
    database["track_playlist"].update_one({"service_name": "Spotify"}, {"$set": {"tracks.1.rank": 1}})
    found = watch()["ranks_without_gaps"]
    assert not found.passed
    assert told(found)["shared_positions"] == "Spotify 1"


@pytest.mark.parametrize(("days", "passes"), [(checks.FEWEST_DAYS - 1, True), (checks.FEWEST_DAYS, False)])
def test_a_matched_share_under_half_of_the_usual_is_a_warning_once_there_is_a_usual(
    run_genre: GenreRunner, watch: Watch, database: Database[dict[str, Any]], days: int, passes: bool
) -> None:
    run_genre(as_of=DAY)
    today = database["chart_history"].find_one({"genre_name": "dance"}, {"_id": 0})
    assert today is not None
    for day in range(1, days + 1):
        share = {"Spotify": 1.0, "AppleMusic": 0.0, "SoundCloud": 0.0}
        database["chart_history"].insert_one({**today, "date": f"2025-11-{18 - day:02}", "matched_share": share})
    database["track_playlist"].update_one(
        {"service_name": "Aggregate"},
        {"$set": {"matched_share": {"Spotify": 0.49, "AppleMusic": 0.5, "SoundCloud": 0.5}}},
    )
    found = watch()["matched_share_as_usual"]
    assert found.passed is passes
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert told(found)["low"] == ("none" if passes else "Spotify")
    assert told(found)["matched_share/spotify"] == 0.49


@pytest.mark.parametrize(
    ("upstream", "endpoint", "low"), [("youtube", "videos", "Youtube"), ("spotify", "album_tracks", "Spotify")]
)
def test_a_chart_without_counts_is_a_warning(
    run_genre: GenreRunner, faults: Faults, upstream: str, endpoint: str, low: str
) -> None:
    faults.add(upstream, "500", endpoint=endpoint, times=None)
    found = evaluations(run_genre(as_of=DAY))["counts_cover_the_chart"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert told(found)["low"] == low
    assert told(found)[f"coverage/{upstream}"] == 0


@pytest.mark.parametrize(("as_of", "old"), [("2025-11-19T11:59:00Z", "none"), ("2025-11-19T12:01:00Z", "dance, pop")])
def test_a_genre_that_is_older_than_a_day_and_a_half_is_a_warning(
    run_genre: GenreRunner, watch: Watch, as_of: str, old: str
) -> None:
    for genre in ("pop", "dance"):
        run_genre(genre, as_of=DAY)
    found = watch(as_of)["every_genre_is_recent"]
    assert found.passed is (old == "none")
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert told(found)["old"] == old
    assert told(found)["never_published"] == "country, rap"
