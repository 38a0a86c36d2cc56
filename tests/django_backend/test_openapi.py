"""`/openapi.json`: schemathesis checks the schema with generated requests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from django_backend.urls import urlpatterns
from tests.django_backend.conftest import Api

OTHER_PROGRAMS = {
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-<str:name>.xml",
    "/.well-known/security.txt",
    "/favicon.ico",
}
"""What crawlers and browsers look for, whose forms are described elsewhere."""

PAGES = {
    "/charts",
    "/charts/<str:genre>",
    "/charts/<str:genre>/<str:day>",
    "/track/<str:track_id>",
    "/artist/<str:slug>",
    "/agreement/<str:genre>",
    "/search",
    "/my-songs",
    "/shell",
    "/share/track/<str:track_id>.png",
}
"""The web page's pages, which are for people."""


def test_it_works(api: Api) -> None:
    document = api.ask("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/playlist-data/{genre}" in document["paths"]
    genre = document["paths"]["/playlist-data/{genre}"]["get"]["parameters"][0]
    assert genre["schema"]["enum"] == ["country", "dance", "pop", "rap"]


def test_every_path_is_in_it(api: Api) -> None:
    documented = {path.replace("{", "<str:").replace("}", ">") for path in api.ask("/openapi.json").json()["paths"]}
    paths = {f"/{one.pattern}" for one in urlpatterns}
    assert paths - OTHER_PROGRAMS - PAGES == documented | {"/docs/docs.js", "/docs/docs.css"}


def test_every_path_that_is_counted_may_answer_429(api: Api) -> None:
    document = api.ask("/openapi.json").json()["paths"]
    uncounted = {path for path, item in document.items() if "429" not in item["get"]["responses"]}
    assert uncounted == {"/health/live", "/health/ready"}


@pytest.mark.slow  # test_any_request.py has less of the same
def test_answers_are_as_the_document_says(api: Api, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{api.url}/openapi.json"]
    options = ["--checks", "all", "--max-examples", "25", "--seed", "1", "--workers", "2", "--no-color"]
    # A genre that was never materialized answers 404, which is documented and no error.
    options += ["--exclude-checks", "positive_data_acceptance"]
    # It rightly answers 503 in this world of one genre, but schemathesis counts any 5xx as a server error.
    options += ["--exclude-path", "/health/ready"]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    found = subprocess.run(
        [*command, *options], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert found.returncode == 0, found.stdout[-8_000:] + found.stderr[-2_000:]


def test_it_is_compressed_and_not_sent_twice(api: Api) -> None:
    first = api.ask("/openapi.json", Accept_Encoding="br")
    assert first.headers["Content-Encoding"] == "br"
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    again = api.ask("/openapi.json", Accept_Encoding="br", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
