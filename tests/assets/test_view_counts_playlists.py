"""The third stage: the chart with today's counts, and what becomes of counts that cannot be read."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.assets.conftest import (
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Materializer,
    days_after,
    degraded,
    failure,
    metadata_of,
    moment,
)
from tests.conftest import GenreRunner, Pasts
from tests.matrix import sample
from tests.wire import WireServer, in_front_of
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.charts.documents import Chart, DatedCount
from tunemeld_pipeline.operations.rollback import roll_back
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


@pytest.fixture
def consensus(materialize: Materializer, pasts: Pasts, settings: Settings) -> None:
    """Tuesday's consensus is there."""
    pasts.lead_to("consensus", settings, lambda: materialize(raw_playlists, track_playlist))


def chart_of(store: Store, day: str) -> Chart:
    return store.charts.chart("dance", moment(day))


def last_counts(chart: Chart, source: str) -> dict[str, DatedCount]:
    """By track id; a track that this source never counted is absent."""
    return {track.track_id: track.readings[source].last for track in chart.tracks if source in track.readings}


@pytest.mark.usefixtures("consensus")
def test_it_works(materialize: Materializer, store: Store, run_genre: GenreRunner) -> None:
    result = materialize(view_counts_playlists)
    chart = chart_of(store, TUESDAY)
    aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
    assert [track.track_id for track in chart.tracks] == [track.track_id for track in aggregate.tracks]
    assert degraded(run_genre, result) == set()
    for source in ("Youtube", "Spotify"):
        read = last_counts(chart, source).values()
        assert len(read) / len(chart.tracks) == chart.coverage[source] > 0.5
        assert all(count.current_timestamp == moment(TUESDAY) for count in read)
        assert all(count.view_count for count in read)
    assert all((track.youtube_url is not None) or chart.coverage["Youtube"] < 1 for track in chart.tracks)


@pytest.mark.usefixtures("consensus")
def test_the_operator_sees_coverage_calls_and_the_first_rows(materialize: Materializer, store: Store) -> None:
    shown = metadata_of(materialize(view_counts_playlists), "view_counts_playlists")
    chart = chart_of(store, TUESDAY)
    assert shown["dagster/partition_row_count"] == len(chart.tracks)
    assert shown["coverage/youtube"] == round(chart.coverage["Youtube"], 4)
    assert shown["missing_counts"] == "none"
    assert shown["quota_left/youtube_search"] == 100 - shown["video_lookups/asked"]
    assert shown["preview"].count("\n") == 1 + min(10, len(chart.tracks))


@pytest.mark.usefixtures("consensus")
def test_videos_and_tracks_are_looked_up_once_and_counted_in_few_calls(
    materialize: Materializer, faults: Faults, store: Store
) -> None:
    materialize(view_counts_playlists)
    faults.reset_requests()
    shown = metadata_of(materialize(view_counts_playlists), "view_counts_playlists")
    assert (shown["video_lookups/asked"], shown["track_lookups/asked"]) == (0, 0)
    made = faults.requests()
    assert made["youtube"] == {"videos": 1}
    assert set(made["spotify"]) == {"album_tracks"}
    assert made["spotify"]["album_tracks"] <= len(chart_of(store, TUESDAY).tracks)


def test_what_the_page_shows_is_counted_from_it_and_costs_no_call(
    materialize: Materializer, faults: Faults, store: Store, settings: Settings
) -> None:
    paged = settings.model_copy(update={"spotify_sources": ("page",)})
    materialize(raw_playlists, track_playlist, settings=paged)
    plays = {
        track.track_id: track.play_count
        for one in store.playlists.service_playlists("dance", moment(TUESDAY))
        if one.service_name == "Spotify"
        for track in one.tracks
    }
    materialize(view_counts_playlists, settings=paged)
    chart = chart_of(store, TUESDAY)
    counted = last_counts(chart, "Spotify")
    listed = {track.track_id: plays[track.track_id] for track in chart.tracks if plays.get(track.track_id) is not None}
    assert listed
    assert {key: counted[key].view_count for key in listed} == listed
    assert faults.requests()["spotify"].get("album_tracks", 0) <= len(counted) - len(listed)


# A video in trouble


def test_a_video_that_has_gone_private_is_not_linked_and_after_three_days_looked_up_again(
    run_genre: GenreRunner, settings: Settings, store: Store, sandbox_root: str
) -> None:
    days = [
        days_after("2025-11-15", number) for number in range(6)
    ]  # from a Saturday on, since lists change on Fridays
    run_genre.after(days[0])
    track = next(track for track in chart_of(store, days[0]).tracks if track.youtube_url)
    gone = str(track.youtube_url).partition("v=")[2]

    def without_the_video(path: str, body: Any) -> Any:
        if path.startswith("/youtube/"):
            body["items"] = [item for item in body["items"] if gone not in str(item["id"])]
        return body

    with WireServer([in_front_of(sandbox_root, without_the_video)]) as server:
        private = settings.model_copy(update={"sandbox_url": server.url})
        searches = []
        for day in days[1:]:
            shown = metadata_of(run_genre(as_of=day, settings=private), "view_counts_playlists")
            searches.append(shown["video_lookups/asked"])
            (now,) = [one for one in chart_of(store, day).tracks if one.track_id == track.track_id]
            assert now.youtube_url is None or gone not in now.youtube_url
        asked_for = [received.target for received in server.requests if "/videos" in received.target]
    assert searches[3] >= 1
    assert gone in asked_for[2]
    assert not any(gone in target for target in asked_for[3:])


# A source in trouble


@pytest.mark.parametrize(
    ("upstream", "endpoint", "fault", "source", "reason"),
    sample(
        [
            ("youtube", "videos", "500", "Youtube", "YouTube: answered 500"),
            ("youtube", None, "401", "Youtube", "YouTube: the key was refused; check YOUTUBE_API_KEY"),
            ("youtube", None, "403", "Youtube", "enable it in Google Cloud"),
            ("youtube", None, "error-body", "Youtube", "check YOUTUBE_API_KEY"),
            ("youtube", "videos", "half-json", "Youtube", "not whole JSON"),
            ("spotify", "album_tracks", "cut", "Spotify", "connection cut"),
            ("spotify", "album_tracks", "401", "Spotify", "check RAPIDAPI_KEY"),
            ("spotify", "album_tracks", "error-body", "Spotify", "check RAPIDAPI_KEY"),
        ],
        fast=3,
    ),
)
def test_counts_that_cannot_be_read_are_absent_never_0_and_the_run_is_degraded(
    materialize: Materializer,
    consensus: None,
    faults: Faults,
    store: Store,
    run_genre: GenreRunner,
    upstream: str,
    endpoint: str | None,
    fault: str,
    source: str,
    reason: str,
) -> None:
    faults.add(upstream, fault, endpoint=endpoint, times=None)
    result = materialize(view_counts_playlists)
    chart = chart_of(store, TUESDAY)
    assert reason in chart.count_errors[source]
    assert last_counts(chart, source) == {}
    assert chart.coverage[source] == 0
    other = {"Youtube": "Spotify", "Spotify": "Youtube"}[source]
    assert chart.coverage[other] > 0.5
    assert degraded(run_genre, result) == {f"{source} counts"}


def test_a_failed_reading_keeps_the_last_one_with_its_own_time(
    run_genre: GenreRunner, faults: Faults, store: Store
) -> None:
    run_genre.after(TUESDAY)
    before = last_counts(chart_of(store, TUESDAY), "Youtube")
    faults.add("youtube", "500", endpoint="videos", times=None)
    result = run_genre(as_of=WEDNESDAY)
    assert degraded(run_genre, result) == {"Youtube counts"}
    chart = chart_of(store, WEDNESDAY)
    kept = last_counts(chart, "Youtube").values()
    assert kept
    assert {count.current_timestamp for count in kept} == {moment(TUESDAY)}
    assert {count.view_count for count in kept} <= {count.view_count for count in before.values()}


def test_a_stale_soundcloud_gives_no_counts_of_today(run_genre: GenreRunner, faults: Faults, store: Store) -> None:
    run_genre.after(TUESDAY)
    assert chart_of(store, TUESDAY).coverage["SoundCloud"] > 0
    faults.add("soundcloud", "401", times=None)
    run_genre(as_of=WEDNESDAY)
    chart = chart_of(store, WEDNESDAY)
    assert chart.coverage["SoundCloud"] == 0
    assert {count.current_timestamp for count in last_counts(chart, "SoundCloud").values()} == {moment(TUESDAY)}


# Quotas


@pytest.mark.parametrize("whose", ["ours", "YouTube's"])
def test_searches_gone_half_way_are_spent_on_the_best_ranked_and_the_rest_waits_for_the_next_day(
    run_genre: GenreRunner, settings: Settings, faults: Faults, store: Store, whose: str
) -> None:
    if whose == "ours":
        frugal = settings.model_copy(update={"youtube_search_daily_budget": 3})
    else:
        frugal = settings
        faults.quota("youtube_search", 3)
    result = run_genre(as_of=TUESDAY, settings=frugal)
    assert degraded(run_genre, result) == set()
    shown = metadata_of(result, "view_counts_playlists")
    chart = chart_of(store, TUESDAY)
    assert (shown["video_lookups/asked"], shown["video_lookups/deferred"]) == (3, len(chart.tracks) - 3)
    assert shown["quota_left/youtube_search"] == 0
    # A song may have no video; that is settled too.
    assert all(track.rank <= 3 for track in chart.tracks if track.youtube_url)
    next_day = metadata_of(run_genre(as_of=WEDNESDAY, settings=frugal), "view_counts_playlists")
    assert next_day["video_lookups/asked"] == 3
    with_video = [track.rank for track in chart_of(store, WEDNESDAY).tracks if track.youtube_url]
    assert with_video
    assert max(with_video) <= 7


@pytest.mark.usefixtures("consensus")
def test_counts_beyond_the_budget_are_absent_and_no_failure(
    materialize: Materializer, settings: Settings, store: Store, run_genre: GenreRunner
) -> None:
    frugal = settings.model_copy(update={"youtube_daily_budget": 0})
    result = materialize(view_counts_playlists, settings=frugal)
    chart = chart_of(store, TUESDAY)
    assert last_counts(chart, "Youtube") == {}
    assert chart.count_errors == {}
    assert degraded(run_genre, result) == set()
    assert metadata_of(result, "view_counts_playlists")["quota_left/youtube"] == 0


@pytest.mark.parametrize(
    ("source", "budget", "whose"), sample([("Spotify", "spotify", "theirs"), ("Youtube", "youtube", "ours")])
)
def test_counts_that_a_quota_takes_away_make_the_run_degraded_until_they_are_back(
    run_genre: GenreRunner, settings: Settings, faults: Faults, store: Store, source: str, budget: str, whose: str
) -> None:
    run_genre.after(TUESDAY)
    assert chart_of(store, TUESDAY).coverage[source] > 0
    frugal = settings
    if whose == "ours":
        frugal = settings.model_copy(update={f"{budget}_daily_budget": 0})
    else:
        faults.add(budget, "quota", endpoint="album_tracks", times=None)
    for day in (WEDNESDAY, THURSDAY):
        result = run_genre(as_of=day, settings=frugal)
        assert chart_of(store, day).coverage[source] == 0
        assert degraded(run_genre, result) == {f"{source} counts"}
        assert "is used up" in metadata_of(result, "view_counts_playlists")[f"degraded/{source} counts"]
    faults.clear()
    assert degraded(run_genre, run_genre(as_of=days_after(THURSDAY, 1))) == set()


@pytest.mark.parametrize("trouble", sample(["an outage", "a small budget", "a plan used up"]))
def test_a_day_on_which_counting_was_cut_short_keeps_no_less_for_the_next_days_counts(
    run_genre: GenreRunner,
    settings: Settings,
    faults: Faults,
    database: Database[dict[str, Any]],
    trouble: str,
) -> None:
    def kept_for_counts() -> int:
        habits = database["api_usage"].find_one({"_id": "spotify/habits"})
        assert habits is not None
        return int(habits["genres"]["dance"]["counts"])

    # The first day needs one unit more, for the playlist's description.
    run_genre.after(TUESDAY)
    run_genre(as_of=WEDNESDAY)
    needed = kept_for_counts()
    if trouble == "an outage":
        faults.add("spotify", "cut", endpoint="album_tracks", times=None)
    elif trouble == "a plan used up":
        faults.quota("spotify", faults.quotas()["spotify"]["used"]["2025-11-01"] + 6, "month")
    frugal = settings.model_copy(update={"spotify_daily_budget": 6}) if trouble == "a small budget" else settings
    shown = metadata_of(run_genre(as_of=THURSDAY, settings=frugal), "view_counts_playlists")
    assert shown["coverage/spotify"] < 0.5
    assert kept_for_counts() >= needed > 6


def test_without_a_consensus_it_says_what_to_run_first(materialize: Materializer) -> None:
    message = failure(materialize(view_counts_playlists, raises=False))
    run = "run the stage before it first (`tunemeld etl run transform --genre dance`)"
    assert message == f"dance has no consensus up to 2025-11-18; {run}"


def test_it_does_not_go_on_from_a_consensus_that_was_rolled_back(
    run_genre: GenreRunner, materialize: Materializer, store: Store
) -> None:
    run_genre.after(TUESDAY, WEDNESDAY)
    roll_back(store, "dance", None, moment(WEDNESDAY))
    message = failure(materialize(view_counts_playlists, as_of=WEDNESDAY, raises=False))
    assert message.startswith(f"dance was rolled back to {TUESDAY}, which stays; run all four assets")
    assert store.charts.chart("dance", moment(WEDNESDAY)).shown_as_of == moment(TUESDAY)


@pytest.mark.usefixtures("consensus")
def test_a_consensus_that_holds_an_id_twice_is_not_counted(
    materialize: Materializer, store: Store, database: Database[dict[str, Any]]
) -> None:
    """As an older release could leave it."""
    tracks = store.playlists.aggregate("dance", moment(TUESDAY)).tracks
    shared = next(one.isrc for one in tracks if one.isrc)
    database["track_playlist"].update_one(
        {"service_name": "Aggregate"},
        {"$set": {f"tracks.{len(tracks) - 1}.isrc": shared, f"tracks.{len(tracks) - 1}.track_id": shared}},
    )

    message = failure(materialize(view_counts_playlists, raises=False))

    assert f"are both {shared}; what was written before stays" in message
    assert database["view_counts_playlists"].count_documents({}) == 0
