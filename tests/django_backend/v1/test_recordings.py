"""`/v1/tracks`, `/v1/artists` and `/v1/search`: recordings and artists over all genres and days."""

from typing import Any

import pytest

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PublicPath, links_of
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store

Json = dict[str, Any]


@pytest.fixture(scope="module")
def charted(api: Api) -> Json:
    """The first row of the chart that has an ISRC."""
    rows = api.data(f"/playlist-data/{GENRE}")[0]["tracks"]
    row: Json = next(one for one in rows if one["isrc"] and len(one["artist_name"]) > 4)
    return row


class TestPromisesOfATrack(PublicPath):
    @pytest.fixture(autouse=True)
    def address(self, charted: Json) -> None:
        self.path = f"/v1/tracks/{charted['track_id']}"


class TestPromisesOfAnArtist(PublicPath):
    rows = ("recordings",)

    @pytest.fixture(autouse=True)
    def address(self, api: Api, charted: Json) -> None:
        self.path = api.ask(f"/v1/tracks/{charted['track_id']}").json()["artists"][0]["artist"]


class TestPromisesOfASearch(PublicPath):
    rows = ("tracks",)

    @pytest.fixture(autouse=True)
    def address(self, charted: Json) -> None:
        self.path = f"/v1/search?q={charted['track_name'].split()[0].lower()}"


class TestPromisesOfFollowedTracks(PublicPath):
    rows = ()

    @pytest.fixture(autouse=True)
    def address(self, charted: Json) -> None:
        self.path = f"/v1/tracks?ids={charted['track_id']}"


def test_followed_tracks_stand_where_they_are_now(api: Api, charted: Json) -> None:
    (found,) = api.ask(f"/v1/tracks?ids=nobody,{charted['track_id']}").json()
    assert (found["asked"], found["track_id"], found["title"]) == (
        charted["track_id"],
        charted["track_id"],
        charted["track_name"],
    )
    (standing,) = found["genres"]
    assert (standing["genre"], standing["date"], standing["rank"]) == (GENRE, WEDNESDAY, charted["rank"])
    assert standing["best_rank"] <= charted["rank"]
    assert found["addresses"][charted["source_name"]] == charted["track_url"]
    assert api.ask("/v1/tracks?ids=nobody").json() == []


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=,", "?ids=" + ",".join(map(str, range(51))), "?ids=" + "x" * 201])
def test_followed_tracks_are_named_by_some_ids_and_not_too_many(api: Api, query: str) -> None:
    answer = api.ask(f"/v1/tracks{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "ids")


def test_a_track_has_its_names_addresses_ranks_and_counts(api: Api, charted: Json) -> None:
    track = api.ask(f"/v1/tracks/{charted['track_id']}").json()
    assert (track["title"], track["credit"]) == (charted["track_name"], charted["artist_name"])
    assert track["isrc"] in track["isrcs"]
    assert track["addresses"][charted["source_name"]] == charted["track_url"]
    (standing,) = track["genres"]
    assert standing["genre"] == GENRE
    assert standing["chart"][-1] == {"date": WEDNESDAY, "rank": charted["rank"]}
    assert standing["days_on_chart"] == len(standing["chart"])
    assert standing["best_rank"] == min(one["rank"] for one in standing["chart"])
    assert {service: ranks[-1]["rank"] for service, ranks in standing["lists"].items()} == charted["sources"]
    assert {one["service"] for one in track["first_listed"]} == set(charted["sources"])
    assert all(one["date"] in (TUESDAY, WEDNESDAY) for one in track["first_listed"])
    days = [one["counted_at"][:10] for counts in track["counts"].values() for one in counts]
    assert set(days) <= {TUESDAY, WEDNESDAY}
    assert days


def test_a_recording_and_its_artists_changed_last_when_a_genre_did(api: Api, charted: Json) -> None:
    track = api.ask(f"/v1/tracks/{charted['track_id']}")
    artist = api.ask(track.json()["artists"][0]["artist"])
    chart = api.ask(f"/v1/charts/{GENRE}")
    assert len({one.headers["Last-Modified"] for one in (track, artist, chart)}) == 1


def test_an_artist_has_the_track_and_a_search_finds_both(api: Api, charted: Json) -> None:
    track = api.ask(f"/v1/tracks/{charted['track_id']}").json()
    artist = api.ask(track["artists"][0]["artist"]).json()
    row = next(one for one in artist["recordings"] if one["track_id"] == charted["track_id"])
    assert row["genres"][0]["best_rank"] == track["genres"][0]["best_rank"]

    name = track["artists"][0]["name"]
    slipped = name[:2] + name[3:]
    found = api.ask(f"/v1/search?q={slipped.upper()}").json()
    assert artist["slug"] in [one["slug"] for one in found["artists"]]
    found = api.ask(f"/v1/search?q={charted['track_name']} {name}").json()
    assert found["tracks"][0]["track_id"] == charted["track_id"]


def test_searches_that_mean_the_same_have_one_address(api: Api) -> None:
    answers = [api.ask(f"/v1/search?q={text}") for text in ("Ona Vale", "  ona   VALE ", "ona+vale")]
    assert {links_of(one)["self"][0] for one in answers} == {"/v1/search?q=ona+vale"}


@pytest.mark.parametrize("text", ["", "%20", "!!", "x" * 201])
def test_a_search_for_nothing_is_refused(api: Api, text: str) -> None:
    answer = api.ask(f"/v1/search?q={text}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "q")
    assert api.ask("/v1/search").json()["parameter"] == "q"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/tracks/QZZ992699999", "unknown-track"),
        ("/v1/tracks/Spotify:nobody", "unknown-track"),
        (f"/v1/tracks/{'x' * 300}", "unknown-track"),
        ("/v1/artists/nobody-at-all", "unknown-artist"),
        ("/v1/artists/No Slug", "unknown-artist"),
    ],
)
def test_what_is_not_known_says_where_to_look(api: Api, path: str, kind: str) -> None:
    answer = api.ask(path)
    assert (answer.status_code, answer.json()["type"]) == (404, f"/docs#{kind}")


def test_an_id_that_became_an_isrc_redirects_for_ever(api: Api, api_settings: Settings, charted: Json) -> None:
    with open_store(api_settings, prepare=False) as store:
        store.handle["recordings"].update_one({"_id": charted["track_id"]}, {"$push": {"ids": "Spotify:before"}})
    answer = api.ask("/v1/tracks/Spotify:before")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/v1/tracks/{charted['track_id']}")
    code = charted["isrc"]
    written = f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}".lower()
    answer = api.ask(f"/v1/tracks/{written}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/v1/tracks/{code}")
