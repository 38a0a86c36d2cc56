"""The first stage: what becomes of a service that answers, and of one that does not."""

import time
from typing import Any

import pytest
import requests
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
from tests.conftest import SANDBOX_TRACKS, GenreRunner
from tests.matrix import sample
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.steps import UPSTREAM_RETRY
from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.registry import keys, load_catalog, name_of, slug_of
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

UPSTREAMS = tuple(map(slug_of, keys()))
REFUSED = "RapidAPI refused the key; check RAPIDAPI_KEY"
DEEZER_REFUSED = "it does not let us in (its code 300); ask Deezer whether this address may call its API"
"""What a service without a key says to the same."""


def stored(store: Store, day: str) -> dict[str, RawPlaylist]:
    return {playlist.service_name: playlist for playlist in store.playlists.raw_playlists("dance", moment(day))}


def everything_but_raw(database: Database[dict[str, Any]]) -> dict[str, list[Any]]:
    names = set(database.list_collection_names()) - {"raw_playlists", "api_usage", "source_states", "run_leases"}
    return {name: list(database[name].find().sort("_id")) for name in sorted(names)}


def test_it_works(materialize: Materializer, store: Store, sandbox_root: str) -> None:
    result = materialize(raw_playlists)
    playlists = stored(store, TUESDAY)
    assert set(playlists) == set(keys())
    assert {service: (one.source, one.format, one.kind) for service, one in playlists.items()} == {
        service: (registry.installed(service).sources[0].name, 1, "editorial") for service in keys()
    }
    spotify, apple = playlists["Spotify"], playlists["AppleMusic"]
    assert (spotify.rows_total, spotify.country, apple.country) == (SANDBOX_TRACKS, None, "US")
    assert spotify.edited_at is not None
    assert apple.edited_at is not None
    for playlist in playlists.values():
        assert (playlist.run_id, playlist.upstream) == (result.run_id, "sandbox")
        assert playlist.insert_timestamp == moment(TUESDAY)
        assert (playlist.stale, playlist.stale_since, playlist.error) == (False, None, None)
        assert playlist.playlist_url == load_catalog().genre("dance").playlist(playlist.service_name).url
        assert playlist.playlist_cover_url is not None
    answered = requests.get(
        f"{sandbox_root}/apple_music/at/{TUESDAY}/playlist1/",
        params={"url": playlists["AppleMusic"].playlist_url},
        headers={"X-RapidAPI-Key": SANDBOX_KEY, "X-RapidAPI-Host": "sandbox"},
        timeout=120,
    )
    assert playlists["AppleMusic"].data_json == answered.text


def test_the_operator_sees_rows_calls_and_quotas(materialize: Materializer) -> None:
    shown = metadata_of(materialize(raw_playlists), "raw_playlists")
    assert (shown["rows/spotify"], shown["rows/soundcloud"]) == (SANDBOX_TRACKS, SANDBOX_TRACKS)
    assert shown["calls/apple_music"] == 1
    assert shown["quota_left/apple_music"] == 199
    assert "| Apple Music |" in shown["playlists"]


def test_names_and_covers_are_asked_for_once_a_week(materialize: Materializer, faults: Faults) -> None:
    for day in (TUESDAY, WEDNESDAY, days_after(TUESDAY, 6)):
        materialize(raw_playlists, as_of=day)
    assert faults.requests()["spotify"]["playlist"] == 1
    assert faults.requests()["soundcloud_oembed"]["oembed"] == 1
    materialize(raw_playlists, as_of=days_after(TUESDAY, 7))
    assert faults.requests()["spotify"]["playlist"] == 2


def test_names_and_covers_that_do_not_come_lose_no_playlist(
    materialize: Materializer, faults: Faults, store: Store, run_genre: GenreRunner
) -> None:
    faults.add("soundcloud_oembed", "500", times=None)
    result = materialize(raw_playlists)
    playlists = stored(store, TUESDAY)
    assert set(playlists) == set(keys())
    assert playlists["SoundCloud"].playlist_cover_url is None
    assert degraded(run_genre, result) == set()


# One service in trouble


@pytest.mark.parametrize(
    ("service", "fault", "reason"),
    sample(
        [
            ("Spotify", "401", "check RAPIDAPI_KEY"),
            ("AppleMusic", "500", "answered 500"),
            ("SoundCloud", "cut-mid-body", "connection cut"),
            ("SoundCloud", "quota", "wait until it resets"),
            ("Spotify", "half-json", "not whole JSON"),
            ("Spotify", "404", "no such endpoint"),
            ("AppleMusic", "error-body", "check RAPIDAPI_KEY"),
            ("AppleMusic", "cut", "connection cut"),
            ("SoundCloud", "429-no-retry-after", "rate limit was hit"),
            ("SoundCloud", "403", "not subscribed"),
            ("Deezer", "quota", "its limit of 50 requests in 5 seconds was hit"),
            ("Deezer", "404", "it has nothing under that number"),
        ],
        fast=4,
    ),
)
def test_a_service_in_trouble_keeps_its_last_good_playlist_marked_stale(
    materialize: Materializer,
    faults: Faults,
    store: Store,
    run_genre: GenreRunner,
    service: str,
    fault: str,
    reason: str,
) -> None:
    materialize(raw_playlists, as_of=TUESDAY)
    before = stored(store, TUESDAY)
    faults.add(slug_of(service), fault, times=None)
    result = materialize(raw_playlists, as_of=WEDNESDAY)
    after = stored(store, WEDNESDAY)
    kept = after.pop(service)
    assert kept.data_json == before[service].data_json
    assert (kept.insert_timestamp, kept.stale, kept.stale_since) == (moment(TUESDAY), True, moment(WEDNESDAY))
    assert kept.error is not None
    assert reason in kept.error
    assert all(fresh.insert_timestamp == moment(WEDNESDAY) and not fresh.stale for fresh in after.values())
    assert degraded(run_genre, result) == {f"{service} playlist"}
    assert metadata_of(result, "raw_playlists")[f"degraded/{service} playlist"] == kept.error
    shown = metadata_of(result, "raw_playlists")["playlists"]
    assert f"| {name_of(service)} | as before | 2025-11-18 00:00 | 24.0 |" in shown


def test_a_service_that_stalls_costs_its_time_out_and_no_more(
    materialize: Materializer, faults: Faults, store: Store, settings: Settings
) -> None:
    faults.add("spotify", "stall", times=None, seconds=120)
    hasty = settings.model_copy(update={"etl_request_timeout": 0.3})
    started = time.monotonic()
    materialize(raw_playlists, settings=hasty)
    assert time.monotonic() - started < 60
    assert set(stored(store, TUESDAY)) == set(keys()) - {"Spotify"}


def test_staleness_counts_from_the_first_day_without_an_answer_and_ends_with_the_next_good_one(
    materialize: Materializer, faults: Faults, store: Store
) -> None:
    materialize(raw_playlists, as_of=TUESDAY)
    faults.add("spotify", "500", times=None)
    materialize(raw_playlists, as_of=WEDNESDAY)
    faults.clear()
    faults.add("spotify", "404", times=None)
    materialize(raw_playlists, as_of=THURSDAY)
    stale = stored(store, THURSDAY)["Spotify"]
    assert stale.stale_since == moment(WEDNESDAY)
    assert "no such endpoint" in (stale.error or "")
    faults.clear()
    materialize(raw_playlists, as_of=days_after(THURSDAY, 1))
    fresh = stored(store, days_after(THURSDAY, 1))["Spotify"]
    assert (fresh.stale, fresh.stale_since, fresh.error) == (False, None, None)


def test_an_error_body_never_takes_a_playlists_place(
    run_genre: GenreRunner, faults: Faults, store: Store, database: Database[dict[str, Any]]
) -> None:
    run_genre.after(TUESDAY)
    good = stored(store, TUESDAY)
    for upstream in UPSTREAMS:
        faults.add(upstream, "error-body", times=None)
    message = failure(run_genre(as_of=WEDNESDAY, raise_on_error=False))
    assert (message.count(REFUSED), message.count(DEEZER_REFUSED)) == (len(keys()) - 1, 1)
    for service, playlist in stored(store, WEDNESDAY).items():
        assert playlist.data_json == good[service].data_json
        assert playlist.stale
    assert database["raw_playlists"].count_documents({"data_json": {"$regex": "Invalid API key"}}) == 0


# Several services in trouble


@pytest.mark.parametrize("well", sample(UPSTREAMS))
def test_with_all_services_but_one_down_the_run_goes_on_with_what_was_good(
    run_genre: GenreRunner, faults: Faults, store: Store, well: str
) -> None:
    run_genre.after(TUESDAY)
    down = [service for service in keys() if slug_of(service) != well]
    for service in down:
        faults.add(slug_of(service), "500", times=None)
    result = run_genre(as_of=WEDNESDAY)
    assert {f"{service} playlist" for service in down} <= degraded(run_genre, result)
    published = store.charts.materializations()["dance"]
    assert published.as_of == moment(WEDNESDAY)
    assert {name for name, outcome in published.outcomes.items() if outcome.state == "stale"} == {*down}
    assert store.charts.chart("dance", moment(WEDNESDAY)).tracks


def test_with_all_services_down_the_run_fails_naming_each_and_what_is_published_stays(
    run_genre: GenreRunner, faults: Faults, database: Database[dict[str, Any]]
) -> None:
    run_genre.after(TUESDAY)
    before = everything_but_raw(database)
    faults.add("spotify", "401", times=None)
    faults.add("apple_music", "403", times=None)
    faults.add("soundcloud", "404", times=None)
    faults.add("deezer", "401", times=None)
    started = time.monotonic()
    result = run_genre(as_of=WEDNESDAY, raise_on_error=False)
    assert time.monotonic() - started < 60
    message = failure(result)
    assert message.startswith("no service answered for dance; what was published before stays. ")
    assert "Spotify: RapidAPI refused the key; check RAPIDAPI_KEY" in message
    assert "Apple Music: RAPIDAPI_KEY's account is not subscribed" in message
    assert "SoundCloud: the gateway knows no such endpoint" in message
    assert f"Deezer: {DEEZER_REFUSED}" in message
    assert everything_but_raw(database) == before


@pytest.mark.parametrize("well", sample(UPSTREAMS))
def test_a_first_run_with_one_service_says_why_there_is_no_chart_and_searches_for_nothing(
    run_genre: GenreRunner, faults: Faults, store: Store, well: str
) -> None:
    down = [service for service in keys() if slug_of(service) != well]
    for service in down:
        faults.add(slug_of(service), "401", endpoint="play", times=None)
    message = failure(run_genre(as_of=TUESDAY, raise_on_error=False))
    (answered,) = set(keys()) - set(down)
    assert message.startswith(
        f"only {name_of(answered)} has a list of dance, and a chart needs two; there is no chart yet. "
    )
    for service in down:
        assert f"{name_of(service)}: {DEEZER_REFUSED if service == 'Deezer' else REFUSED}" in message
    asked = faults.requests()
    assert not {"youtube", "spotify_web_api"} & asked.keys()
    assert not [endpoint for endpoint in asked["spotify"] if "search" in endpoint]
    assert store.charts.materializations() == {}


def test_an_absent_service_is_published_with_its_reason(run_genre: GenreRunner, faults: Faults, store: Store) -> None:
    faults.add("soundcloud", "401", times=None)
    result = run_genre(as_of=TUESDAY)
    why = f"SoundCloud: {REFUSED}"
    for asset in ("raw_playlists", "view_counts_playlists"):
        assert metadata_of(result, asset)["degraded/SoundCloud playlist"] == why
    outcome = store.charts.materializations()["dance"].outcomes["SoundCloud"]
    assert (outcome.state, outcome.error) == ("absent", why)


def test_an_outage_of_seconds_is_waited_out_once(
    materialize: Materializer, faults: Faults, store: Store, run_genre: GenreRunner
) -> None:
    for upstream in UPSTREAMS:
        faults.add(upstream, "500")
    started = time.monotonic()
    result = materialize(raw_playlists)
    assert time.monotonic() - started >= (UPSTREAM_RETRY.delay or 0)
    assert set(stored(store, TUESDAY)) == set(keys())
    assert degraded(run_genre, result) == set()


# Budgets and the database


def test_a_used_up_budget_keeps_the_last_good_playlist_and_is_no_silent_success(
    materialize: Materializer, store: Store, settings: Settings, run_genre: GenreRunner
) -> None:
    frugal = settings.model_copy(update={"apple_music_daily_budget": 0})
    materialize(raw_playlists, as_of=TUESDAY)
    result = materialize(raw_playlists, as_of=WEDNESDAY, settings=frugal)
    assert degraded(run_genre, result) == {"AppleMusic playlist"}
    assert "the daily budget of 0 (APPLE_MUSIC_DAILY_BUDGET) is used up" in (
        stored(store, WEDNESDAY)["AppleMusic"].error or ""
    )


def test_a_database_that_cannot_be_reached_fails_the_run_with_what_to_do(
    run_genre: GenreRunner, settings: Settings
) -> None:
    nowhere = Settings.model_validate({**settings.model_dump(), "mongodb_url": "mongodb://127.0.0.1:1/"})
    started = time.monotonic()
    result = run_genre(as_of=TUESDAY, settings=nowhere, raise_on_error=False)
    assert time.monotonic() - started < 60
    assert not result.success
    said = [
        event.job_failure_data.error.to_string()
        for event in result.all_events
        if event.is_job_failure and event.job_failure_data.error
    ]
    assert "MongoDB cannot be reached" in "".join(said)
    assert "check MONGODB_URL" in "".join(said)
