"""The second stage: rows with their recordings, and the consensus."""

import json
from pathlib import Path
from typing import Any

from pymongo.database import Database

from tests import documents
from tests.assets.conftest import TUESDAY, WEDNESDAY, Materializer, degraded, failure, metadata_of, moment
from tests.conftest import GenreRunner
from tests.documents import chart_day, isrc, materialization
from tests.storage.acts import put_recordings
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.charts.documents import Memory, RankingRule, RawPlaylist
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


def received(service: str, body: Any, day: str = TUESDAY) -> RawPlaylist:
    """A playlist as an earlier run, or an older system, has left it."""
    return RawPlaylist(
        insert_timestamp=moment(day),
        run_id="earlier",
        upstream="sandbox",
        genre_name="dance",
        service_name=service,
        playlist_url="https://example.org",
        data_json=json.dumps(body),
    )


def spotify_body(*names: str) -> dict[str, Any]:
    tracks = [
        {"id": name, "name": name, "artists": [{"name": f"{name} Band"}], "album": {"id": name}} for name in names
    ]
    return {"items": [{"track": track} for track in tracks], "next": None}


def apple_body(*names: str) -> dict[str, Any]:
    rows = [
        {"name": name, "artist": f"{name} Band", "link": f"https://music.apple.com/us/album/x/1?i={number}"}
        for number, name in enumerate(names)
    ]
    return {"album_details": {str(number): row for number, row in enumerate(rows)}}


def soundcloud_body(*names: str) -> dict[str, Any]:
    items = [
        {"id": number, "title": name, "permalink": f"https://soundcloud.com/{name.lower()}", "user": {"name": name}}
        for number, name in enumerate(names, start=1)
    ]
    return {"tracks": {"items": items}}


def test_it_works(materialize: Materializer, store: Store) -> None:
    materialize(raw_playlists)
    result = materialize(track_playlist)
    services = {
        playlist.service_name: playlist for playlist in store.playlists.service_playlists("dance", moment(TUESDAY))
    }
    aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
    assert set(services) == set(keys())
    assert aggregate.run_id == result.run_id
    assert [track.rank for track in aggregate.tracks] == list(range(1, len(aggregate.tracks) + 1))
    assert all(len(track.sources) >= 2 for track in aggregate.tracks)
    for track in aggregate.tracks:
        for service, rank in track.sources.items():
            rows = {row.rank: row for row in services[service].tracks}
            assert rows[rank].track_id == track.track_id
    assert {name: outcome.state for name, outcome in aggregate.outcomes.items()} == dict.fromkeys(keys(), "fresh")


def test_the_operator_sees_matches_look_ups_and_the_first_rows(materialize: Materializer, store: Store) -> None:
    materialize(raw_playlists)
    shown = metadata_of(materialize(track_playlist), "track_playlist")
    aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
    assert shown["agreed_tracks"] == len(aggregate.tracks)
    assert 0 < shown["isrc_share"] <= 1
    assert set(aggregate.matched_share.values()) <= {share for name, share in shown.items() if "matched_share" in name}
    assert shown["isrc_lookups/found"] <= shown["isrc_lookups/asked"]
    assert shown["preview"].count("\n") == 1 + min(10, len(aggregate.tracks))


def test_what_was_looked_up_is_not_asked_again(materialize: Materializer, faults: Faults) -> None:
    materialize(raw_playlists)
    assert metadata_of(materialize(track_playlist), "track_playlist")["isrc_lookups/asked"] > 0
    faults.reset_requests()
    materialize(raw_playlists, as_of=TUESDAY)
    shown = metadata_of(materialize(track_playlist, as_of=TUESDAY), "track_playlist")
    assert (shown["isrc_lookups/asked"], shown["isrc_lookups/deferred"]) == (0, 0)
    assert faults.requests()["spotify"] == {"playlist_tracks": 1}


def test_look_ups_that_fail_cost_isrcs_and_nothing_else(
    materialize: Materializer, faults: Faults, store: Store
) -> None:
    materialize(raw_playlists)
    faults.add("spotify", "500", endpoint="search", times=None)
    shown = metadata_of(materialize(track_playlist), "track_playlist")
    assert shown["isrc_lookups/found"] == 0
    assert shown["isrc_lookups/deferred"] > 0
    assert "Spotify: /search/ answered 500" in shown["isrc_lookups/stopped_by"]
    aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
    assert aggregate.tracks
    faults.clear()
    again = metadata_of(materialize(track_playlist), "track_playlist")
    assert again["isrc_lookups/found"] > 0


def test_a_quota_gone_half_way_is_a_success_and_the_rest_is_asked_the_next_day(
    materialize: Materializer, settings: Settings, run_genre: GenreRunner
) -> None:
    frugal = settings.model_copy(update={"spotify_daily_budget": 40})
    materialize(raw_playlists, as_of=TUESDAY, settings=frugal)
    result = materialize(track_playlist, as_of=TUESDAY, settings=frugal)
    shown = metadata_of(result, "track_playlist")
    assert shown["isrc_lookups/asked"] > 0
    assert shown["isrc_lookups/deferred"] > 0
    assert "of 40, SPOTIFY_DAILY_BUDGET) is kept for what matters more" in shown["isrc_lookups/stopped_by"]
    assert shown["isrc_lookups/stopped_by"].endswith("the rest waits for the next quota day")
    assert degraded(run_genre, result) == set()
    materialize(raw_playlists, as_of=WEDNESDAY)
    next_day = metadata_of(materialize(track_playlist, as_of=WEDNESDAY), "track_playlist")
    assert next_day["isrc_lookups/deferred"] == 0
    assert next_day["isrc_lookups/asked"] >= shown["isrc_lookups/deferred"]


def test_without_playlists_it_says_what_to_run_first(materialize: Materializer) -> None:
    message = failure(materialize(track_playlist, raises=False))
    assert (
        message
        == "dance has no readable playlists; run the stage before it first (`tunemeld etl run extract --genre dance`)"
    )


def test_an_error_body_that_an_older_system_saved_is_left_out(materialize: Materializer, store: Store) -> None:
    error_body = {"message": "Invalid API key. Go to https://docs.example.com/keys for more info."}
    store.playlists.put_raw_playlist(received("Spotify", spotify_body("Alder", "Birch")))
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Birch", "Cedar")))
    store.playlists.put_raw_playlist(received("SoundCloud", error_body))
    materialize(track_playlist)
    aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
    assert [track.track_name for track in aggregate.tracks] == ["Birch"]
    assert "SoundCloud" not in {
        playlist.service_name for playlist in store.playlists.service_playlists("dance", moment(TUESDAY))
    }


def test_lists_that_agree_on_nothing_leave_the_last_consensus(
    materialize: Materializer, store: Store, database: Database[dict[str, Any]]
) -> None:
    store.playlists.put_raw_playlist(received("Spotify", spotify_body("Alder", "Birch")))
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Birch")))
    materialize(track_playlist, as_of=TUESDAY)
    before = list(database["track_playlist"].find())
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Cedar"), WEDNESDAY))
    message = failure(materialize(track_playlist, as_of=WEDNESDAY, raises=False))
    assert (
        message
        == "no two services agree on any recording of dance; the last consensus stays (`tunemeld match report --genre dance`)"
    )
    assert list(database["track_playlist"].find()) == before


def test_the_operators_overrides_come_first_and_those_that_change_nothing_are_reported(
    materialize: Materializer, store: Store, settings: Settings, tmp_path: Path
) -> None:
    store.playlists.put_raw_playlist(received("Spotify", spotify_body("Alder", "Birch")))
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Alder", "Birch")))
    file = tmp_path / "overrides.toml"
    file.write_text(
        """
        different = [{rows = ["Spotify:Alder", "AppleMusic:0"]}]
        same = [
          {rows = ["Spotify:Birch", "AppleMusic:1"]},
          {rows = ["Spotify:Birch", "AppleMusic:gone"]},
          {rows = ["Spotify:elsewhere", "AppleMusic:elsewhere"]},
        ]
        """
    )
    result = materialize(track_playlist, settings=settings.model_copy(update={"match_overrides": file}))
    assert [track.track_name for track in store.playlists.aggregate("dance", moment(TUESDAY)).tracks] == ["Birch"]
    assert metadata_of(result, "track_playlist")["idle_overrides"] == (
        "same: AppleMusic:1, Spotify:Birch (the judgement agrees without it); "
        "same: AppleMusic:gone, Spotify:Birch (no row AppleMusic:gone)"
    )


def test_overrides_that_cannot_be_used_change_nothing(
    materialize: Materializer, store: Store, settings: Settings, tmp_path: Path
) -> None:
    store.playlists.put_raw_playlist(received("Spotify", spotify_body("Alder")))
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Alder")))
    missing = settings.model_copy(update={"match_overrides": tmp_path / "missing.toml"})
    assert "set MATCH_OVERRIDES to a readable file" in failure(
        materialize(track_playlist, settings=missing, raises=False)
    )
    assert store.playlists.service_playlists("dance", moment(TUESDAY)) == []


def test_the_consensus_is_ordered_by_the_rule_of_the_settings(
    materialize: Materializer, store: Store, settings: Settings
) -> None:
    # Alder is at 1 and 4, Birch at 2 and 2: the sum of the positions is for Birch, a reader who soon stops for Alder.
    store.playlists.put_raw_playlist(received("Spotify", spotify_body("Alder", "Birch")))
    store.playlists.put_raw_playlist(received("AppleMusic", apple_body("Oak", "Birch", "Elm", "Alder")))
    for rule, expected in ((RankingRule.SUM, ["Birch", "Alder"]), (RankingRule.CENTROIDS, ["Alder", "Birch"])):
        chosen = settings.model_copy(update={"ranking_rule": rule, "ranking_phi": 0.5})
        materialize(track_playlist, settings=chosen)
        aggregate = store.playlists.aggregate("dance", moment(TUESDAY))
        assert aggregate.ranking == chosen.ranking
        assert [track.track_name for track in aggregate.tracks] == expected


WEEKS = ("2025-11-04", "2025-11-11", "2025-11-18")
MEMORY = set(Memory.model_fields)


def test_the_chart_remembers_the_weeks_before_in_both_of_its_documents(run_genre: GenreRunner, store: Store) -> None:
    run_genre.after(*WEEKS)
    aggregate, chart = (
        store.playlists.aggregate("dance", moment(WEEKS[2])),
        store.charts.chart("dance", moment(WEEKS[2])),
    )
    week_ago = {day.date: day for day in store.charts.charted_days("dance", WEEKS[2])}[WEEKS[1]]
    assert {track.status for track in aggregate.tracks} > {"new"}
    assert [track.model_dump(include=MEMORY) for track in chart.tracks] == [
        track.model_dump(include=MEMORY) for track in aggregate.tracks
    ]
    for track in aggregate.tracks:
        known = track.track_id in week_ago.chart
        assert track.previous_rank == (week_ago.chart.index(track.track_id) + 1 if known else None)


def test_a_contested_isrc_stays_with_the_recording_whose_history_it_is(
    materialize: Materializer, store: Store, faults: Faults
) -> None:
    """Spotify's Alder and SoundCloud's Cedar carry one ISRC, under which Cedar was counted before."""
    at, code = moment(TUESDAY), isrc(7)
    spotify, soundcloud = spotify_body("Alder"), soundcloud_body("Cedar")
    spotify["items"][0]["track"]["external_ids"] = {"isrc": code}
    soundcloud["tracks"]["items"][0]["publisher"] = {"artist": "Cedar Band", "isrc": code}
    for service, body in (
        ("Spotify", spotify),
        ("AppleMusic", apple_body("Cedar", "Alder")),
        ("SoundCloud", soundcloud),
    ):
        store.playlists.put_raw_playlist(received(service, body))
    known = documents.track(7, 1, "SoundCloud")
    put_recordings(
        store,
        [
            RecordingFacts(
                insert_timestamp=at,
                run_id="earlier",
                upstream="sandbox",
                **known.model_dump(include={"track_name", "artist_name", "track_url", "source_name", "match"}),
                isrc=code,
                track_id=code,
                track_urls={"SoundCloud": "https://soundcloud.com/cedar"},
            )
        ],
    )
    store.charts.finish({code: {"SoundCloud": 5}}, chart_day(at=at), materialization(at=at))
    faults.reset_requests()

    shown = metadata_of(materialize(track_playlist), "track_playlist")

    tracks = {one.track_name: one for one in store.playlists.aggregate("dance", at).tracks}
    assert (tracks["Cedar"].track_id, tracks["Cedar"].isrc) == (code, code)
    assert (tracks["Alder"].track_id, tracks["Alder"].isrc, tracks["Alder"].isrcs) == ("Spotify:Alder", None, [])
    assert shown["isrc_lookups/asked"] == 0
