"""The promises of every public path. Each resource's file has a class that inherits these tests."""

import re

import pytest
import requests

from tests.django_backend.conftest import GENRE, Api

LINK = re.compile(r'<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?')


def links_of(answer: requests.Response) -> dict[str, list[str]]:
    """The targets of an answer's links by relation."""
    found: dict[str, list[str]] = {}
    for target, relation, _ in LINK.findall(answer.headers.get("Link", "")):
        found.setdefault(relation, []).append(target)
    return found


def known_values(api: Api) -> dict[str, str]:
    """A value of each parameter of paths that there is in the database of the tests."""
    (row,) = api.ask(f"/v1/charts/{GENRE}?limit=1").json()["tracks"]
    (artist, *_) = api.ask(f"/v1/tracks/{row['track_id']}").json()["artists"]
    return {"genre": GENRE, "track_id": row["track_id"], "slug": artist["slug"]}


class PublicPath:
    """Tests of `path`, in which `{genre}` is replaced by the genre; `rows` are the fields with rows, none if the answer is the list."""

    path = ""
    rows: tuple[str, ...] | None = None

    @pytest.fixture
    def good(self, api: Api) -> requests.Response:
        return api.ask(self.path.format(genre=GENRE))

    def test_it_has_no_envelope_and_links_to_itself_and_its_description(
        self, api: Api, good: requests.Response
    ) -> None:
        assert good.status_code == 200, good.text
        assert good.headers["Content-Type"] == "application/json"
        assert not isinstance(good.json(), dict) or not {"status", "message", "data"} & good.json().keys()
        links = links_of(good)
        assert links["self"] == [self.path.format(genre=GENRE)]
        assert "/docs" in links["describedby"]
        document = api.ask("/openapi.json").json()
        for target in links["describedby"]:
            if "#/" in target:
                assert target.rpartition("/")[2] in document["components"]["schemas"]

    def test_every_origin_may_read_it(self, api: Api, good: requests.Response) -> None:
        assert good.headers["Access-Control-Allow-Origin"] == "*"
        assert good.headers["Vary"] == "Accept-Encoding"
        asked = {"Origin": "https://anywhere.example", "Access_Control_Request_Method": "GET"}
        preflight = api.ask(self.path.format(genre=GENRE), "OPTIONS", **asked)
        assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")

    def test_what_is_current_already_is_not_sent_again(self, api: Api, good: requests.Response) -> None:
        path = self.path.format(genre=GENRE)
        again = api.ask(path, If_None_Match=good.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Link"] == good.headers["Link"]
        assert api.ask(path, If_Modified_Since=good.headers["Last-Modified"]).status_code == 304

    def test_fields_and_rows_can_be_chosen(self, api: Api, good: requests.Response) -> None:
        if self.rows is None:
            return
        lists = [good.json()[name] for name in self.rows] if self.rows else [good.json()]
        a_row = next(row for rows in lists for row in rows)
        chosen = list(a_row)[:2]
        path = self.path.format(genre=GENRE)
        separator = "&" if "?" in path else "?"
        for _ in range(2):  # made, and then kept
            answer = api.ask(f"{path}{separator}fields={','.join(reversed(chosen))}")
            found = [answer.json()[name] for name in self.rows] if self.rows else [answer.json()]
            assert [[list(row) for row in rows] for rows in found] == [[chosen] * len(rows) for rows in lists]
            assert "fields=" in links_of(answer)["self"][0]
        refused = api.ask(f"{path}{separator}fields=nonsense")
        assert refused.status_code == 400
        assert refused.json()["known"] == list(a_row)

    def test_an_unknown_parameter_is_refused(self, api: Api) -> None:
        path = self.path.format(genre=GENRE)
        answer = api.ask(f"{path}{'&' if '?' in path else '?'}feilds=a")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "/docs#invalid-parameter"
        assert answer.json()["parameter"] == "feilds"

    def test_it_is_only_read(self, api: Api) -> None:
        for method in ("POST", "PUT", "DELETE"):
            answer = api.ask(self.path.format(genre=GENRE), method)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == 405


class PathOfGenre(PublicPath):
    """A path with a genre in it."""

    def test_an_unknown_genre_is_refused_with_the_known_ones(self, api: Api) -> None:
        answer = api.ask(self.path.format(genre="polka"))
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["type"], problem["status"]) == ("/docs#unknown-genre", 404)
        assert GENRE in problem["known"]
        assert GENRE in problem["detail"]
