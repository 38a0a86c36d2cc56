"""Troubles on request: each one as a client meets it, for as often as it was ordered."""

import time

import pytest
import requests

from tests.sandbox.conftest import Client
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.faults import Fault


@pytest.fixture
def pop(catalog: Catalog) -> str:
    return last_part(catalog.genre("pop").playlist("Spotify").url)


def ask(client: Client, identity: str, timeout: float = 10) -> requests.Response:
    return client.ask("spotify", "playlist_tracks/", id=identity, limit=100, timeout=timeout)


def test_a_fault_happens_as_often_as_ordered_and_then_all_is_well(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", Fault.SERVER_ERROR, times=2)
    assert [ask(sandbox, pop).status_code for _ in range(4)] == [500, 500, 200, 200]


def test_a_fault_without_times_lasts_until_it_is_cleared(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "401", times=None)
    assert {ask(sandbox, pop).status_code for _ in range(5)} == {401}
    assert sandbox.control.orders()[0]["times"] is None
    sandbox.control.clear()
    assert ask(sandbox, pop).status_code == 200


def test_faults_can_be_meant_for_one_endpoint(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "500", endpoint="album_tracks", status=503)
    assert ask(sandbox, pop).status_code == 200
    assert sandbox.ask("spotify", "album_tracks/", id="x").status_code == 503
    assert sandbox.control.orders() == []


def test_orders_for_the_same_requests_are_carried_out_one_after_another(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "500")
    sandbox.control.add("spotify", "429")
    assert [ask(sandbox, pop).status_code for _ in range(3)] == [500, 429, 200]


def test_too_many_requests_come_with_and_without_a_time_to_wait(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "429", seconds=7)
    sandbox.control.add("spotify", "429-no-retry-after")
    answers = [ask(sandbox, pop) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", None]
    assert "rate limit per minute" in answers[0].json()["message"]


def test_an_error_body_can_come_with_status_200(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "error-body")
    answer = ask(sandbox, pop)
    assert answer.status_code == 200
    assert answer.json()["message"].startswith("Invalid API key")


@pytest.mark.parametrize(("fault", "share"), [("empty-list", 0), ("collapse", 0.1)])
def test_a_list_can_lose_its_rows_and_get_them_back(sandbox: Client, pop: str, fault: str, share: float) -> None:
    whole = ask(sandbox, pop).json()
    sandbox.control.add("spotify", fault)
    shown = ask(sandbox, pop).json()
    assert shown["items"] == whole["items"][: round(whole["total"] * share)]
    assert (shown["total"], shown["next"]) == (len(shown["items"]), None)
    assert ask(sandbox, pop).json() == whole


def test_a_body_can_be_nothing_of_the_services(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "foreign-body")
    answer = ask(sandbox, pop)
    assert (answer.status_code, list(answer.json())) == (200, ["portal", "links"])


def test_half_a_document_is_not_json(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "half-json")
    answer = ask(sandbox, pop)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_cut_connection_is_really_cut(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "cut")
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(sandbox, pop)
    sandbox.control.add("spotify", "cut-mid-body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        ask(sandbox, pop)
    assert ask(sandbox, pop).status_code == 200


def test_a_stalled_answer_never_comes_and_others_do_meanwhile(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "stall", seconds=2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        ask(sandbox, pop, timeout=0.3)
    assert ask(sandbox, pop).status_code == 200


def test_a_stall_ends_with_the_connection(sandbox: Client, pop: str) -> None:
    sandbox.control.add("spotify", "stall", seconds=0.3)
    began = time.monotonic()
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(sandbox, pop)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("upstream", "path", "status", "words"),
    [
        ("spotify", "playlist_tracks/", 429, "MONTHLY quota"),
        ("youtube", "search", 429, "Search Queries per day"),
        ("youtube", "videos", 403, "quotaExceeded"),
        ("spotify_web_api", "search", 429, "QUOTA_EXCEEDED"),
        ("cloudflare", "accounts/x", 429, "10048"),
    ],
)
def test_a_used_up_quota_is_each_services_own_answer(
    sandbox: Client, upstream: str, path: str, status: int, words: str
) -> None:
    sandbox.control.add(upstream, "quota")
    answer = sandbox.ask(upstream, path)
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    ("upstream", "status", "words"),
    [
        ("apple_music", 403, "You are not subscribed to this API."),
        ("youtube", 403, "accessNotConfigured"),
        ("spotify_web_api", 403, "Forbidden"),
    ],
)
def test_an_account_without_access_is_each_services_own_answer(
    sandbox: Client, upstream: str, status: int, words: str
) -> None:
    sandbox.control.add(upstream, "403")
    answer = sandbox.ask(upstream, "anything")
    assert answer.status_code == status
    assert words in answer.text


def test_every_upstream_can_have_every_fault(sandbox: Client) -> None:
    upstreams = "spotify apple_music soundcloud youtube spotify_web_api spotify_accounts spotify_oembed soundcloud_oembed cloudflare"
    for upstream in upstreams.split():
        for fault in Fault:
            sandbox.control.add(upstream, fault, seconds=0)
            try:
                sandbox.ask(upstream, "anything")
            except requests.exceptions.RequestException:
                assert fault in (Fault.CUT, Fault.CUT_MID_BODY, Fault.STALL)
    assert sandbox.control.orders() == []


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"upstream": "spotify", "fault": "gremlins"}, "there are 429, 429-no-retry-after, 500"),
        ({"upstream": "wavelet", "fault": "500"}, "there are apple_music, apple_music_api, "),
        ({"upstream": "spotify", "fault": "500", "times": 0}, "times"),
        ({"upstream": "spotify", "fault": "500", "status": 99}, "status"),
        ({"upstream": "spotify", "fault": "stall", "seconds": -1}, "seconds"),
        ({"upstream": "spotify", "fault": "500", "url": "x"}, "unknown field url"),
        (["spotify"], "an order is an object"),
    ],
)
def test_an_order_that_cannot_be_meant_says_what_can(sandbox: Client, order: object, words: str) -> None:
    answer = requests.put(f"{sandbox.url}/_control/faults", json=order, timeout=300)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.control.orders() == []


def test_the_client_reports_an_unknown_fault(sandbox: Client) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        sandbox.control.add("spotify", "gremlins")
