"""`/`: links to start from."""

import re

from tests.django_backend.conftest import Api


def test_it_works(api: Api) -> None:
    answer = api.ask("/")
    assert answer.json()["message"] == "Welcome to TuneMeld"
    for path in answer.json()["data"].values():
        assert api.ask(path).status_code == 200


def test_a_browser_gets_a_page_whose_links_work(api: Api) -> None:
    answer = api.ask("/", Accept="text/html,*/*;q=0.8")
    assert answer.headers["Content-Type"].startswith("text/html")
    links = re.findall(r'href="([^"]+)"', answer.text)
    assert len(links) == 4
    assert {api.ask(link).status_code for link in links} <= {200, 503}


def test_a_path_that_there_is_not_says_where_to_look(api: Api) -> None:
    for path in ("/nothing", "/playlist-data", "/playlist-data/dance/", "/docs/../settings.py", "/%00"):
        answer = api.ask(path)
        assert (answer.status_code, answer.json()["status"]) == (404, "error")
        assert "/openapi.json" in answer.json()["message"] or "unknown" in answer.json()["message"]
