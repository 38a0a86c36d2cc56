"""What all paths share: security headers, hosts, request ids, the access log, TLS in production, and workers that come and go."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.django_backend.conftest import GENRE, Api, serving
from tests.django_backend.test_outages import worker_pids
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.settings import Settings

PATHS = ("/", "/docs", "/genres", f"/playlist-data/{GENRE}", "/playlist-data/polka", "/nothing", "/health", "/metrics")
PRODUCTION = {
    "TUNEMELD_ENV": "production",
    "TUNEMELD_UPSTREAMS": "live",
    "MONGODB_DATABASE": "tunemeld",
    "DJANGO_SECRET_KEY": "p3nguins-waddle-over-the-blue-ice-shelf-at-dawn-singing",
    "DJANGO_ALLOWED_HOSTS": "api.example.org,127.0.0.1",
}


def access_lines(api: Api) -> list[dict[str, object]]:
    lines = [line for line in api.log.read_text().splitlines() if line.startswith("{")]
    return [one for one in map(json.loads, lines) if one["logger"] == "access"]


@pytest.mark.parametrize("path", PATHS)
def test_it_works(api: Api, path: str) -> None:
    headers = api.ask(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Request-ID"]
    assert "Set-Cookie" not in headers
    assert not any(digit in headers.get("Server", "") for digit in "0123456789")


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_host_is_refused(api: Api, path: str) -> None:
    answer = api.ask(path, Host="evil.example")
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert "evil" not in answer.text


def test_a_request_id_is_handed_on_where_it_is_one(api: Api) -> None:
    assert api.ask("/genres", X_Request_ID="abc-123").headers["X-Request-ID"] == "abc-123"
    for odd in ("a b", "x" * 65, '"}', ""):
        given = api.ask("/genres", X_Request_ID=odd).headers["X-Request-ID"]
        assert given != odd
        assert len(given) == 16
    assert api.ask("/genres").headers["X-Request-ID"] != api.ask("/genres").headers["X-Request-ID"]


def test_each_answer_is_one_line_of_the_access_log(api: Api) -> None:
    identity = f"test-{os.getpid()}-{time.time_ns()}"
    api.ask(f"/playlist-data/{GENRE}", X_Request_ID=identity)
    assert wait_until(lambda: any(line["request_id"] == identity for line in access_lines(api)), seconds=300)
    (line,) = [line for line in access_lines(api) if line["request_id"] == identity]
    assert (line["method"], line["path"], line["status"]) == ("GET", f"/playlist-data/{GENRE}", 200)
    assert (line["source"], line["level"]) == ("worker", "info")
    assert {"timestamp", "bytes", "duration_ms"} <= set(line)


def test_a_path_cannot_forge_a_log_line(api: Api) -> None:
    identity = f"forged-{time.time_ns()}"
    api.ask("/%0a%22%7d%7b", X_Request_ID=identity)
    assert wait_until(lambda: any(line["request_id"] == identity for line in access_lines(api)), seconds=300)


def test_production_sends_everything_to_tls_but_health(api_settings: Settings) -> None:
    with serving(api_settings, **PRODUCTION) as api:
        answer = api.ask("/genres?x=1", Host="api.example.org")
        assert answer.status_code == 301
        assert answer.headers["Location"] == "https://api.example.org/genres?x=1"
        assert api.ask("/health/live").status_code == 200
        safe = api.ask("/health/live", X_Forwarded_Proto="https")
        assert safe.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert api.ask("/nothing", X_Forwarded_Proto="https").status_code == 404


def test_a_star_lets_every_origin_read_it(api_settings: Settings) -> None:
    with serving(api_settings, workers=1, DJANGO_CORS_ORIGINS="*") as api:
        for origin in ("https://anywhere.example", "http://localhost:5173", "null"):
            assert api.ask("/genres", Origin=origin).headers["Access-Control-Allow-Origin"] == origin
            asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            preflight = requests.options(f"{api.url}/genres", headers=asked, timeout=60)
            assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, origin)
        assert "Access-Control-Allow-Origin" not in api.ask("/genres").headers


def test_deployment_checks_find_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, **PRODUCTION, "MONGODB_URL": "mongodb://127.0.0.1:1/", "DJANGO_SETTINGS_MODULE": ""}
    environment.pop("DJANGO_SETTINGS_MODULE")
    found = subprocess.run(
        [sys.executable, "-m", "django_backend.manage", "check", "--deploy", "--fail-level", "DEBUG"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout


def test_the_api_never_loads_dagster(api_settings: Settings, tmp_path: Path) -> None:
    script = "import sys, django_backend.wsgi, django_backend.views; sys.exit('dagster' in sys.modules)"
    environment = {**os.environ, "TUNEMELD_ENV": "testing"}
    assert subprocess.run([sys.executable, "-c", script], env=environment, cwd=tmp_path, check=False).returncode == 0


def test_requests_under_way_are_finished_when_it_is_reported_to_end(api_settings: Settings) -> None:
    with serving(api_settings) as api:
        api.process.send_signal(signal.SIGTERM)
        assert api.process.wait(timeout=300) == 0


@pytest.mark.slow  # test_requests_under_way_are_finished_when_it_is_reported_to_end has one worker end
def test_workers_are_replaced_without_a_failed_request(api_settings: Settings) -> None:
    with serving(api_settings, workers=2) as api:
        api.ask(f"/playlist-data/{GENRE}")
        # An old worker ends seconds after its successor starts; on a busy machine that takes longer.
        for _ in range(5):
            if not (failures := failures_while_workers_are_replaced(api)):
                break
        assert failures == []


def failures_while_workers_are_replaced(api: Api) -> list[object]:
    """The complaints of four visitors from the signal until all workers have been replaced."""
    before = worker_pids(api)
    failures: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        # Like browsers and proxies, retry once on a connection that closed before the server read the request.
        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=1))
        while not stop.wait(0.02):
            try:
                answer = session.get(f"{api.url}/last-updated/{GENRE}", timeout=300)
                if answer.status_code != 200:
                    failures.append(answer.status_code)
            except requests.RequestException as error:
                failures.append(error)
        session.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    api.process.send_signal(signal.SIGHUP)
    replaced = wait_until(lambda: len(worker_pids(api)) == 2 and not set(worker_pids(api)) & set(before), seconds=300)
    stop.set()
    for thread in threads:
        thread.join()
    assert replaced
    return failures
