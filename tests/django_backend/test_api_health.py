"""`tunemeld api health`: every path of a running server, and an exit status that sums it up."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import run_tunemeld
from tests.django_backend.conftest import GENRE, Api, free_port

ENVELOPE: dict[str, object] = {"application/json": {"schema": {"properties": {}}}}


@contextmanager
def server_whose_cache_is(state: str) -> Iterator[str]:
    """A server with one data path, where every answer is good."""
    answers = {
        "/openapi.json": {"paths": {"/genres": {"get": {"responses": {"200": {"content": ENVELOPE}}}}}},
        "/health": {"message": "", "data": {"checks": {"cache": {"state": state}}}},
        "/genres": {"message": "", "data": []},
    }

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers[self.path]).encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_asks_every_path_and_names_what_has_no_data(api: Api, tmp_path: Path) -> None:
    result = run_tunemeld("api", "health", "--url", api.url, folder=tmp_path)
    asked = {line.split()[3]: line.split()[0] for line in result.stdout.splitlines()}
    assert next(iter(asked)) == "/health"
    for path in ("/genres", f"/playlist-data/{GENRE}", f"/service-playlist/{GENRE}/Spotify", f"/graph-data/{GENRE}"):
        assert asked[path] == "200"
    assert asked["/playlist-data/rap"] == "404"
    assert "`tunemeld etl run full --genre rap`" in result.stdout
    assert result.returncode == 1


@pytest.mark.parametrize(("state", "status"), [("good", 0), ("degraded", 3)])
def test_the_exit_status_tells_good_from_degraded(state: str, status: int, tmp_path: Path) -> None:
    with server_whose_cache_is(state) as url:
        result = run_tunemeld("api", "health", "--url", url, folder=tmp_path)
    assert result.returncode == status
    assert ("unwell: cache" in result.stderr) is (state == "degraded")


def test_where_nothing_listens_it_says_what_to_start(tmp_path: Path) -> None:
    result = run_tunemeld("api", "health", "--url", f"http://127.0.0.1:{free_port()}", folder=tmp_path)
    assert result.returncode == 1
    assert "start it, or name its address with --url\nnext: tunemeld api start" in result.stderr
    assert "Traceback" not in result.stderr
