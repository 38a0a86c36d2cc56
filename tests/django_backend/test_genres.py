"""`/genres`: the genres, and how fresh each is."""

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, WEDNESDAY, Api


def test_it_works(api: Api) -> None:
    genres = {genre["genre_name"]: genre for genre in api.data("/genres")}
    assert list(genres) == ["country", "dance", "pop", "rap"]
    assert genres[GENRE] == {
        "genre_name": GENRE,
        "display_name": "Dance",
        "last_updated": f"{WEDNESDAY}T00:00:00+00:00",
        "stale_services": [],
        "degraded": [],
        "upstream": "sandbox",
    }


def test_a_genre_without_data_is_there_all_the_same(api: Api) -> None:
    (empty,) = [genre for genre in api.data("/genres") if genre["genre_name"] == EMPTY_GENRE]
    assert (empty["last_updated"], empty["upstream"]) == (None, None)


def test_it_is_not_sent_twice(api: Api) -> None:
    first = api.ask("/genres")
    assert api.ask("/genres", If_None_Match=first.headers["ETag"]).status_code == 304
    assert api.ask("/genres", "HEAD").headers["ETag"] == first.headers["ETag"]
