"""`/v1/today`: what is worth knowing today, over all genres."""

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PublicPath


class TestPromises(PublicPath):
    path = "/v1/today"
    rows = ("most_agreed", "new", "climbers", "leavers", "disputed")


def test_it_works(api: Api) -> None:
    found = api.ask("/v1/today").json()
    assert [(one["genre"], one["date"], one["compared_with"]) for one in found["genres"]] == [
        (GENRE, WEDNESDAY, TUESDAY)
    ]
    chart = {row["track_id"]: row for row in api.data(f"/playlist-data/{GENRE}")[0]["tracks"]}
    best = found["most_agreed"][0]
    assert len(best["positions"]) == max(len(row["sources"]) for row in chart.values())
    assert best["positions"] == chart[best["track_id"]]["sources"]
    assert found["disputed"][0]["dispute"] == max(row["dispute"] for row in found["disputed"])


def test_what_is_new_climbs_and_leaves_is_what_the_changes_say(api: Api) -> None:
    found, changes = api.ask("/v1/today").json(), api.ask(f"/v1/charts/{GENRE}/changes").json()
    for name, of in (("new", "new"), ("climbers", "climbed"), ("leavers", "gone")):
        assert [row["track_id"] for row in found[name]] == [row["track_id"] for row in changes[of]][:10]


def test_the_first_rows_of_each_list_can_be_asked_for(api: Api) -> None:
    whole, first = api.ask("/v1/today").json(), api.ask("/v1/today?limit=1&fields=title,genre").json()
    assert first["genres"] == whole["genres"]
    for name in ("most_agreed", "new", "climbers", "leavers", "disputed"):
        assert first[name] == [{"genre": row["genre"], "title": row["title"]} for row in whole[name][:1]]


def test_a_worker_answers_it_like_any_rendered_page(api: Api) -> None:
    assert "database" not in api.ask("/v1/today").headers.get("X-TuneMeld-Source", "")
    assert api.ask("/v1/today").headers["Cache-Control"].startswith("public, max-age=60")
