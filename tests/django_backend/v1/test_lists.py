"""`/v1/lists/{genre}/{service}`: a service's list, today's or a past day's."""

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api
from tests.django_backend.v1.promises import PathOfGenre, links_of

PATH = f"/v1/lists/{GENRE}/Spotify"


class TestToday(PathOfGenre):
    path = "/v1/lists/{genre}/Spotify"
    rows = ("tracks",)


class TestPastDay(PathOfGenre):
    path = f"/v1/lists/{{genre}}/SoundCloud?date={TUESDAY}"
    rows = ("tracks",)


def test_it_works(api: Api) -> None:
    shown, chart = api.ask(PATH).json(), api.ask(f"/v1/charts/{GENRE}").json()
    (older,), header = api.data(f"/service-playlist/{GENRE}/Spotify"), api.data(f"/header-art/{GENRE}")["Spotify"]
    assert (shown["genre"], shown["service"], shown["date"], shown["stale"]) == (GENRE, "Spotify", WEDNESDAY, False)
    assert [shown["name"], shown["url"]] == [header["playlist_name"], header["playlist_url"]]
    assert [row["track_id"] for row in shown["tracks"]] == [row["track_id"] for row in older["tracks"]]
    ranks = {row["track_id"]: row["rank"] for row in chart["tracks"] if "Spotify" in row["services"]}
    assert {row["track_id"]: row["chart_rank"] for row in shown["tracks"] if row["chart_rank"]} == ranks


def test_a_past_day_has_its_own_positions(api: Api) -> None:
    today, newest, day = (api.ask(one).json() for one in (PATH, f"{PATH}?date={WEDNESDAY}", f"{PATH}?date={TUESDAY}"))
    assert list(today) == list(newest) == list(day)
    places = [[(row["rank"], row["track_id"], row["chart_rank"]) for row in one["tracks"]] for one in (today, newest)]
    assert places[0] == places[1]
    assert (day["date"], day["next_date"]) == (TUESDAY, WEDNESDAY)
    assert links_of(api.ask(f"{PATH}?date={TUESDAY}"))["next"] == [f"{PATH}?date={WEDNESDAY}"]
    charted = [row for row in day["tracks"] if row["chart_rank"]]
    assert charted
    assert all(row["title"] and row["url"] for row in charted)


def test_a_list_has_its_source_its_market_and_its_size(api: Api) -> None:
    for date in ("", f"?date={TUESDAY}"):
        spotify, apple = (api.ask(f"/v1/lists/{GENRE}/{one}{date}").json() for one in ("Spotify", "AppleMusic"))
        assert (spotify["source"], spotify["country"]) == ("spotify.rapidapi", None)
        assert (apple["source"], apple["country"], apple["rows_total"]) == ("apple_music.rapidapi", "US", None)
        assert spotify["rows_total"] >= len(spotify["tracks"]) > 0
        assert (spotify["rows_read"], spotify["kept"]) == (len(spotify["tracks"]), 0)
        assert {row["last_seen_at"] for row in spotify["tracks"]} == {None}
        assert (spotify["edited_at"] or "") < (spotify["observed_at"] or "")
    (genre,) = (one for one in api.ask("/v1/genres").json() if one["genre"] == GENRE)
    (apple,) = (one for one in api.ask("/v1/services").json() if one["service"] == "AppleMusic")
    chart = api.ask(f"/v1/charts/{GENRE}").json()
    for said in (genre["lists"]["AppleMusic"], apple["lists"][GENRE], chart["lists"]["AppleMusic"]):
        assert (said["country"], said["source"], said["kept"]) == ("US", "apple_music.rapidapi", 0)


def test_an_unknown_service_is_refused_with_the_known_ones(api: Api) -> None:
    answer = api.ask(f"/v1/lists/{GENRE}/Jukebox")
    assert (answer.status_code, answer.json()["type"]) == (404, "/docs#unknown-service")
    assert "Spotify" in answer.json()["known"]
