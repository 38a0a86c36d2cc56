"""Who gets in: limits that all workers share, and numbers and states that a token opens."""

import re
from collections.abc import Iterator

import pytest

from tests.django_backend.conftest import GENRE, Api, serving
from tunemeld_pipeline.operations.api_health import server_health
from tunemeld_pipeline.settings.settings import Settings

TOKEN = "a-token-for-monitoring-alone"
BEARER = f"Bearer {TOKEN}"
CHART = f"/playlist-data/{GENRE}"


@pytest.fixture(scope="module")
def shut(api_settings: Settings) -> Iterator[Api]:
    """An API of two workers behind one proxy, with a small limit, whose numbers and states are not public."""
    with serving(
        api_settings,
        workers=2,
        RATE_LIMIT="9/day",
        TRUSTED_PROXIES="1",
        MONITORING_PUBLIC="false",
        MONITORING_TOKEN=TOKEN,
        SECURITY_CONTACT="mailto:security@tunemeld.example,https://tunemeld.example/security",
        SECURITY_CONTACT_EXPIRES="2099-01-31",
    ) as running:
        yield running


def test_a_limit_holds_across_workers_and_for_one_client_alone(shut: Api) -> None:
    answers = [shut.ask(CHART, X_Forwarded_For=f"192.0.2.{number}, 203.0.113.7") for number in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 9 + [429] * 3
    assert re.fullmatch(r'"default";r=8;t=\d+', answers[0].headers["RateLimit"])
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=9;w=86400'
    refused = answers[-1]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["status"] == 429
    assert shut.ask(CHART, X_Forwarded_For="203.0.113.8").status_code == 200


def test_every_kind_of_answer_counts(shut: Api) -> None:
    paths = ("/nothing", "/docs", CHART, f"{CHART}?date=2001-01-01")
    left = [shut.ask(path, X_Forwarded_For="203.0.113.9").headers["RateLimit"].split(";")[1] for path in paths]
    assert left == ["r=8", "r=7", "r=6", "r=5"]


def test_what_watches_is_not_limited(shut: Api) -> None:
    for _ in range(12):
        assert shut.ask("/health/live", X_Forwarded_For="203.0.113.10").status_code == 200
        assert shut.ask("/health/ready", X_Forwarded_For="203.0.113.10").status_code in (200, 503)
        assert shut.ask(CHART, X_Forwarded_For="203.0.113.10", Authorization=BEARER).status_code == 200
    assert shut.ask(CHART, X_Forwarded_For="203.0.113.10").status_code == 200


def test_numbers_and_states_are_shut_and_a_token_opens_them(shut: Api) -> None:
    for number, path in enumerate(("/metrics", "/health")):
        client = f"198.51.100.{number}"
        for wrong in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": "Bearer é"},
        ):
            answer = shut.ask(path, X_Forwarded_For=client, **wrong)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="TuneMeld"')
            assert "MONITORING_TOKEN" in answer.json()["message"]
            assert answer.headers["Cache-Control"] == "no-store"
        assert shut.ask(path, X_Forwarded_For=client, Authorization=BEARER).status_code == 200
    assert TOKEN not in shut.log.read_text()


def test_the_command_gets_in_with_the_token(shut: Api) -> None:
    found = server_health(shut.url, TOKEN)
    assert found.asked[0].status == 200
    assert not [one for one in found.asked if one.status in (401, 429)]


def test_it_says_whom_to_tell_of_a_weakness(shut: Api, api: Api) -> None:
    answer = shut.ask("/.well-known/security.txt", Authorization=BEARER)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.splitlines() == [
        "Contact: mailto:security@tunemeld.example",
        "Contact: https://tunemeld.example/security",
        "Expires: 2099-01-31T23:59:59Z",
        "Preferred-Languages: en",
        f"Canonical: {shut.url}/.well-known/security.txt",
    ]
    assert api.ask("/.well-known/security.txt").status_code == 404


def test_production_is_shut_and_nothing_else() -> None:
    assert Settings().monitoring_public
    assert not Settings(environment="production", mongodb_url="mongodb://db.example").monitoring_public
