"""Each asset check passes where all is well, and fails where it should."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from tests import documents
from tests.conftest import GenreRunner
from tests.documents import MONDAY
from tunemeld_pipeline.assets.partitions import genres
from tunemeld_pipeline.charts.documents import AggregatePlaylist, Chart, ServicePlaylist
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.orchestration import checks
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.resources.bindings import resources
from tunemeld_pipeline.run_tags import AS_OF_TAG
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

CHECKS = [check for check in defs.asset_checks or () if isinstance(check, dg.AssetChecksDefinition)]
SPECS = [spec for check in CHECKS for spec in check.check_specs]
WELL_COVERED = {"Youtube": 0.5, "Spotify": 0.5, "SoundCloud": 0.0}

Evaluations = dict[str, dg.AssetCheckEvaluation]
Watch = Callable[..., Evaluations]


def evaluations(result: dg.ExecuteInProcessResult) -> Evaluations:
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def metadata(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def untouched(key: dg.AssetKey) -> dg.AssetsDefinition:
    """An asset of this name that writes nothing."""

    @dg.asset(key=key, partitions_def=genres)
    def nothing() -> None: ...

    return nothing


def publish(
    store: Store,
    *,
    aggregate: AggregatePlaylist | None = None,
    services: list[ServicePlaylist] | None = None,
    chart: Chart | None = None,
) -> None:
    """A genre's documents as a good run leaves them on Monday, but for those given."""
    for service in keys():
        store.playlists.put_raw_playlist(documents.raw_playlist(service))
    store.playlists.put_track_playlists(
        services or [documents.service_playlist(service) for service in keys()], aggregate or documents.aggregate()
    )
    store.charts.put_chart(chart or documents.chart().model_copy(update={"coverage": WELL_COVERED}))
    store.charts.finish({}, documents.chart_day(), documents.materialization())


@pytest.fixture
def watch(settings: Settings, run_genre: GenreRunner, store: Store) -> Watch:
    """Runs the checks on the documents as they are: a job of checks alone has no partitions, so assets that do nothing carry them."""
    job = dg.Definitions(
        assets=[untouched(key) for key in sorted({spec.asset_key for spec in SPECS})],
        asset_checks=CHECKS,
        jobs=[dg.define_asset_job("watch", executor_def=dg.in_process_executor)],
        resources=resources(settings),
    ).resolve_job_def("watch")

    def watched(after: timedelta = timedelta()) -> Evaluations:
        tags = {AS_OF_TAG: (MONDAY + after).isoformat()}
        return evaluations(
            job.execute_in_process(instance=run_genre.instance, partition_key="dance", tags=tags, raise_on_error=True)
        )

    return watched


def test_it_works(run_genre: GenreRunner) -> None:
    found = evaluations(run_genre(as_of="2025-11-18", checks=True))
    assert set(found) == {spec.name for spec in SPECS}
    assert all(one.passed for one in found.values())


def test_plain_documents_pass_all_checks(store: Store, watch: Watch) -> None:
    publish(store)
    assert {name for name, one in watch().items() if not one.passed} == set()


def test_no_check_holds_back_what_is_already_written() -> None:
    assert not any(spec.blocking for spec in SPECS)


def test_a_stale_service_is_a_warning_with_its_reason(store: Store, watch: Watch) -> None:
    publish(store)
    store.playlists.mark_raw_playlist_stale("dance", "Spotify", MONDAY, "Spotify: answered 500")
    found = watch()["services_fresh"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert metadata(found) == {"stale/spotify": "Spotify: answered 500", "missing": "none"}


def test_a_service_without_a_playlist_up_to_then_is_a_warning(store: Store, watch: Watch) -> None:
    publish(store)
    store.playlists.put_raw_playlist(documents.raw_playlist("Spotify", at=MONDAY + timedelta(days=1)))
    found = watch()["services_fresh"]
    assert not found.passed
    assert metadata(found) == {"missing": "Spotify"}


def test_a_malformed_isrc_is_an_error(store: Store, watch: Watch) -> None:
    aggregate = documents.aggregate()
    aggregate.tracks[0] = aggregate.tracks[0].model_copy(update={"isrc": "qz-z99-26-00001"})
    publish(store, aggregate=aggregate)
    found = watch()["isrcs_well_formed_and_unique"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR
    assert metadata(found) == {"malformed": "qz-z99-26-00001", "twice": "none"}


def test_a_recording_that_is_there_twice_is_an_error(store: Store, watch: Watch) -> None:
    publish(store, aggregate=documents.aggregate([1, 2, 1]))
    found = watch()["isrcs_well_formed_and_unique"]
    assert not found.passed
    assert metadata(found) == {"malformed": "none", "twice": documents.isrc(1)}


def test_a_gap_in_the_ranks_is_an_error(store: Store, watch: Watch) -> None:
    aggregate = documents.aggregate()
    aggregate.tracks[2] = documents.aggregate_track(3, 4)
    publish(store, aggregate=aggregate)
    found = watch()["ranks_without_gaps"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR
    assert metadata(found)["tracks"] == 3


def test_two_rows_at_one_position_of_a_service_are_an_error(store: Store, watch: Watch) -> None:
    services = [documents.service_playlist(service) for service in keys()]
    services[0].tracks.append(documents.track(4, 1))
    publish(store, services=services)
    found = watch()["ranks_without_gaps"]
    assert not found.passed
    assert metadata(found)["shared_positions"] == "Spotify 1"


@pytest.mark.parametrize(
    ("days", "share", "passes"),
    [(checks.FEWEST_DAYS, 0.5, True), (checks.FEWEST_DAYS, 0.49, False), (checks.FEWEST_DAYS - 1, 0.01, True)],
    ids=["half of the usual", "less than half", "nothing usual yet"],
)
def test_a_matched_share_under_half_of_the_usual_is_a_warning(
    store: Store, watch: Watch, days: int, share: float, passes: bool
) -> None:
    for day in range(1, days + 1):
        at = MONDAY - timedelta(days=day)
        usual = documents.chart_day(at=at).model_copy(update={"matched_share": {"Spotify": 1.0, "SoundCloud": 0.0}})
        store.charts.finish({}, usual, documents.materialization(at=at))
    shares = {"Spotify": share, "SoundCloud": 0.5}
    publish(store, aggregate=documents.aggregate().model_copy(update={"matched_share": shares}))
    found = watch()["matched_share_as_usual"]
    assert found.passed is passes
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert metadata(found)["low"] == ("none" if passes else "Spotify")
    assert metadata(found)["matched_share/spotify"] == share


@pytest.mark.parametrize("source", ["Youtube", "Spotify"])
def test_a_chart_that_was_counted_by_less_than_half_is_a_warning(store: Store, watch: Watch, source: str) -> None:
    publish(store, chart=documents.chart().model_copy(update={"coverage": {**WELL_COVERED, source: 0.49}}))
    found = watch()["counts_cover_the_chart"]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert metadata(found)["low"] == source
    assert metadata(found)[f"coverage/{source.lower()}"] == 0.49


@pytest.mark.parametrize(("hours", "old"), [(36, "none"), (36.1, "dance, pop")])
def test_a_genre_that_is_older_than_a_day_and_a_half_is_a_warning(
    store: Store, watch: Watch, hours: float, old: str
) -> None:
    publish(store)
    store.charts.finish({}, documents.chart_day(genre="pop"), documents.materialization(genre="pop"))
    found = watch(timedelta(hours=hours))["every_genre_is_recent"]
    assert found.passed is (old == "none")
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert metadata(found)["old"] == old
    assert metadata(found)["never_published"] == "country, rap"


def test_a_genre_that_was_rolled_back_is_a_warning_and_as_old_as_what_it_shows(store: Store, watch: Watch) -> None:
    publish(store)
    earlier = documents.chart().model_copy(update={"rolled_back_to": MONDAY - timedelta(days=3)})
    store.charts.roll_back(earlier, documents.aggregate(), store.charts.materializations()["dance"], MONDAY)
    found = watch(timedelta(hours=1))["every_genre_is_recent"]
    assert not found.passed
    assert (metadata(found)["rolled_back"], metadata(found)["old"]) == ("dance", "dance")
