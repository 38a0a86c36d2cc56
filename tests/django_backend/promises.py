"""The promises of every rendered path of a genre. Each endpoint's file has a class that inherits these tests."""

import gzip
import json

import brotli
import pytest
import requests

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, ORIGIN, Api


class RenderedPath:
    """Tests of `path`, in which `{genre}` is replaced by the genre."""

    path = ""

    @pytest.fixture
    def good(self, api: Api) -> requests.Response:
        return api.ask(self.path.format(genre=GENRE))

    def test_it_has_the_envelope_and_may_be_kept_for_a_minute(self, good: requests.Response) -> None:
        assert good.status_code == 200
        assert good.headers["Content-Type"] == "application/json"
        assert list(good.json()) == ["status", "message", "data"]
        assert "max-age=60" in good.headers["Cache-Control"]
        assert "stale-if-error" in good.headers["Cache-Control"]
        assert "X-TuneMeld-Stale" not in good.headers

    def test_head_has_the_headers_of_get(self, api: Api, good: requests.Response) -> None:
        head = api.ask(self.path.format(genre=GENRE), "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Length", "Content-Type", "Last-Modified", "Vary"):
            assert head.headers[name] == good.headers[name]

    @pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
    def test_what_is_current_already_is_not_sent_again(self, api: Api, encoding: str) -> None:
        path = self.path.format(genre=GENRE)
        first = api.ask(path, Accept_Encoding=encoding)
        again = api.ask(path, Accept_Encoding=encoding, If_None_Match=f'"other", {first.headers["ETag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert api.ask(path, If_Modified_Since=first.headers["Last-Modified"]).status_code == 304
        assert api.ask(path, If_None_Match='"other"').status_code == 200

    def test_all_encodings_say_the_same_under_tags_of_their_own(self, api: Api, good: requests.Response) -> None:
        path = self.path.format(genre=GENRE)
        readers = {"gzip": gzip.decompress, "br": brotli.decompress}
        for encoding, read in readers.items():
            with requests.get(
                api.url + path, headers={"Accept-Encoding": encoding}, stream=True, timeout=300
            ) as answer:
                raw = answer.raw.read(decode_content=False)
            if len(good.content) < 1_000:
                assert "Content-Encoding" not in answer.headers
                continue
            assert answer.headers["Content-Encoding"] == encoding
            assert answer.headers["ETag"] != good.headers["ETag"]
            assert len(raw) < len(good.content)
            assert json.loads(read(raw)) == good.json()

    def test_known_origins_may_read_it_and_others_not(self, api: Api) -> None:
        path = self.path.format(genre=GENRE)
        known = api.ask(path, Origin=ORIGIN)
        assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "X-TuneMeld-Stale" in known.headers["Access-Control-Expose-Headers"]
        assert "Origin" in known.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in api.ask(path, Origin="https://elsewhere.example").headers

    def test_a_parameter_that_means_nothing_changes_nothing(self, api: Api, good: requests.Response) -> None:
        path = self.path.format(genre=GENRE)
        answer = api.ask(f"{path}{'&' if '?' in path else '?'}_=1763500000")
        assert (answer.status_code, answer.content) == (200, good.content)
        assert answer.headers["ETag"] == good.headers["ETag"]

    def test_an_unknown_genre_is_refused_with_the_known_ones(self, api: Api) -> None:
        answer = api.ask(self.path.format(genre="polka"))
        assert answer.status_code == 404
        assert answer.json()["status"] == "error"
        assert GENRE in answer.json()["data"]["known"]
        assert GENRE in answer.json()["message"]

    def test_a_genre_without_data_says_what_makes_some(self, api: Api) -> None:
        answer = api.ask(self.path.format(genre=EMPTY_GENRE))
        assert answer.status_code == 404
        assert f"tunemeld etl run full --genre {EMPTY_GENRE}" in answer.json()["message"]

    def test_it_is_only_read(self, api: Api) -> None:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            answer = api.ask(self.path.format(genre=GENRE), method)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
            assert answer.json()["status"] == "error"
