"""`/playlist-data/{genre}`: the chart, current or of a past day."""

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.promises import RenderedPath
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

PATH = f"/playlist-data/{GENRE}"


class TestPromises(RenderedPath):
    path = "/playlist-data/{genre}"


def test_it_works(api: Api) -> None:
    (chart,) = api.data(PATH)
    assert (chart["genre_name"], chart["service_name"]) == (GENRE, "Aggregate")
    assert [track["rank"] for track in chart["tracks"]] == list(range(1, len(chart["tracks"]) + 1))
    for track in chart["tracks"]:
        assert {"isrc", "track_name", "artist_name", "album_cover_url", "youtube_url", "track_url"} <= set(track)
        assert {"source_name", "additional_sources"} <= set(track)
        for source in ("Youtube", "Spotify"):
            counts = track["view_count_data_json"][source]
            for count in (
                counts["initial_count_json"]["initial_view_count"],
                counts["current_count_json"]["current_view_count"],
            ):
                assert count == "" or type(count) is int


def test_a_past_day_has_its_own_chart_with_names(api: Api, api_settings: Settings, mongod_url: str) -> None:
    with connect(mongod_url) as client:
        day = Store(client[api_settings.database_name]).charts.chart_day(GENRE, TUESDAY)
    assert day is not None
    (shown,) = api.data(f"{PATH}?date={TUESDAY}")
    assert shown["insert_timestamp"] == f"{TUESDAY}T00:00:00Z"
    assert [track["track_id"] for track in shown["tracks"]] == day.chart
    assert [track["rank"] for track in shown["tracks"]] == list(range(1, len(day.chart) + 1))
    for track in shown["tracks"]:
        assert track["track_name"]
        assert track["artist_name"]
        assert len(track["sources"]) >= 2
        for service, rank in track["sources"].items():
            assert day.lists[service][rank - 1] == track["track_id"]


def test_a_past_day_has_all_that_its_chart_had(api: Api) -> None:
    """The newest day as a past one beside the chart itself; what only the services' own lists say is not kept."""
    (current,), (past,) = api.data(PATH), api.data(f"{PATH}?date={WEDNESDAY}")
    assert past.keys() == current.keys()
    assert {**past, "tracks": [], "quota": {}} == {**current, "tracks": [], "quota": {}}
    not_kept = {"service_track_id", "album_id", "play_count"}
    for then, now in zip(past["tracks"], current["tracks"], strict=True):
        # Without an ISRC there is no history to take counts from.
        left_out = not_kept | (set() if now["isrc"] else {"view_count_data_json"})
        assert {name: then[name] for name in then.keys() - left_out} == {
            name: now[name] for name in now.keys() - left_out
        }
    assert {track["status"] for track in past["tracks"]} >= {"up", "down", "same"}


def test_a_past_day_can_be_kept_and_is_not_sent_twice(api: Api) -> None:
    first = api.ask(f"{PATH}?date={TUESDAY}")
    again = api.ask(f"{PATH}?date={TUESDAY}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert api.ask(f"{PATH}?date={TUESDAY}", "HEAD").headers["Content-Length"] == first.headers["Content-Length"]


def test_a_day_without_a_chart_is_refused_with_the_nearest_ones(api: Api) -> None:
    answer = api.ask(f"{PATH}?date=2025-11-25")
    assert answer.status_code == 404
    assert answer.json()["data"]["nearest"] == [WEDNESDAY, TUESDAY]


def test_what_is_no_day_is_refused(api: Api) -> None:
    for date in ("yesterday", "2025-02-30", "20251118", "2025-W47-2", ""):
        answer = api.ask(f"{PATH}?date={date}")
        assert (answer.status_code, answer.json()["status"]) == (400, "error")
        assert "2026-01-31" in answer.json()["message"]
