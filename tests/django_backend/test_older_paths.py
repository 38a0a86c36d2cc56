"""The older paths name what takes their place: `Deprecation` (RFC 9745) and links to their successors."""

import pytest

from tests.django_backend.conftest import GENRE, TUESDAY, Api
from tests.django_backend.v1.promises import links_of

SUCCESSORS = {
    f"/playlist-data/{GENRE}": [f"/v1/charts/{GENRE}"],
    f"/playlist-data/{GENRE}?date={TUESDAY}": [f"/v1/charts/{GENRE}?date={TUESDAY}"],
    f"/chart-dates/{GENRE}": [f"/v1/charts/{GENRE}/days"],
    f"/service-playlist/{GENRE}/Spotify": [f"/v1/lists/{GENRE}/Spotify"],
    f"/service-playlist/{GENRE}/Aggregate": [f"/v1/charts/{GENRE}"],
    f"/graph-data/{GENRE}?days=30": [f"/v1/charts/{GENRE}/counts"],
    "/genres": ["/v1/genres"],
    "/playlist-data/polka": ["/v1/charts/polka"],
}


@pytest.mark.parametrize("path", SUCCESSORS)
def test_it_works(api: Api, path: str) -> None:
    answer = api.ask(path)
    assert answer.headers["Deprecation"] == "@1795824000"
    assert links_of(answer)["successor-version"] == SUCCESSORS[path]
    assert links_of(answer)["deprecation"] == ["/docs"]


def test_other_paths_are_not_deprecated(api: Api) -> None:
    for path in ("/v1/genres", "/health", "/docs", "/nothing"):
        assert "Deprecation" not in api.ask(path).headers
