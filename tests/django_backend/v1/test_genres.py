"""`/v1/genres`: the genres, and the state of each one's chart."""

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, WEDNESDAY, Api
from tests.django_backend.v1.promises import PublicPath
from tunemeld_pipeline.plugins.registry import load_catalog


class TestPromises(PublicPath):
    path = "/v1/genres"
    rows = ()


def test_it_works(api: Api) -> None:
    genres = {one["genre"]: one for one in api.ask("/v1/genres").json()}
    shown = genres[GENRE]
    assert (shown["date"], shown["observed_at"]) == (WEDNESDAY, f"{WEDNESDAY}T00:00:00Z")
    assert shown["published_at"].endswith("Z")
    assert shown["tracks"] > 0
    assert shown["version"] == 2
    assert {one["state"] for one in shown["lists"].values()} == {"fresh"}
    assert all(0 < one["matched_share"] <= 1 for one in shown["lists"].values())
    assert set(shown["coverage"].values()) <= {float(n) / shown["tracks"] for n in range(shown["tracks"] + 1)} | {1.0}


def test_a_genre_without_a_chart_has_the_same_fields_and_nothing_in_them(api: Api) -> None:
    genres = {one["genre"]: one for one in api.ask("/v1/genres").json()}
    assert genres[EMPTY_GENRE].keys() == genres[GENRE].keys()
    assert {name: genres[EMPTY_GENRE][name] for name in ("version", "date", "observed_at", "tracks")} == dict.fromkeys(
        ("version", "date", "observed_at", "tracks")
    )


def test_one_market_alone_can_be_asked_for(api: Api) -> None:
    assert {(one["family"], one["market"]) for one in api.ask("/v1/genres").json()} == {
        (genre, None) for genre in load_catalog().genres
    }
    of_market = api.ask("/v1/genres?market=us&fields=genre")
    assert (of_market.status_code, of_market.json()) == (200, [])
    wrong = api.ask("/v1/genres?market=USA")
    assert (wrong.status_code, wrong.json()["parameter"]) == (400, "market")
