"""The fixtures of the API's tests: a database filled by real runs on the sandbox, and servers on top, each in its own process."""

import os
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import QUIET, daily_refresh_with
from tests.leftovers import kept_environment
from tests.warm import WARM, Command
from tunemeld_pipeline.local.credentials import CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_NAMESPACE_ID
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_backend.settings")

TUESDAY, WEDNESDAY = "2025-11-18", "2025-11-19"
GENRE, EMPTY_GENRE = "dance", "rap"
"""A genre that was materialized, and one that never was."""

ORIGIN = "https://page.example"
PROXY_NAME = "tunemeld.example"
"""The host in docs/nginx/tunemeld.conf."""


class Api:
    """A running API."""

    def __init__(self, url: str, process: Command, log: Path) -> None:
        self.url = url
        self.process = process
        self.log = log

    def ask(self, path: str, method: str = "GET", **headers: str) -> requests.Response:
        """One request, without redirects, and without an Accept-Encoding unless one is given."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        encoding = {"Accept-Encoding": "identity"}
        return requests.request(method, self.url + path, headers=encoding | sent, timeout=120, allow_redirects=False)

    def data(self, path: str) -> Any:
        """The `data` of an answer that must succeed."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "success"
        return answer.json()["data"]

    def answers_within(self, seconds: float, path: str) -> bool:
        """Whether the server answers that fast; on a busy machine the first try may be too slow."""

        def is_quick() -> bool:
            begin = time.monotonic()
            self.ask(path)
            return time.monotonic() - begin < seconds

        return wait_until(is_quick, seconds=300)

    def becomes(self, path: str, expected: Callable[[requests.Response], bool], seconds: float = 300.0) -> bool:
        """Whether the answer is as expected within so many seconds; where it is not, the last one and the server's log are printed."""
        last: list[requests.Response] = []

        def is_expected() -> bool:
            last[:] = [self.ask(path)]
            return expected(last[0])

        became = wait_until(is_expected, seconds=seconds)
        if not became:
            print(path, last[0].status_code, dict(last[0].headers), last[0].text[:500], self.log.read_text()[-3_000:])  # noqa: T201
        return became


def settings_for_api(mongod_url: str, sandbox_root: str, home: Path, **more: Any) -> Settings:
    """Test settings with their own database and the sandbox's Workers KV as the shared cache."""
    return Settings(
        environment="testing",
        home=home,
        mongodb_url=mongod_url,
        sandbox_url=sandbox_root,
        etl_retry_delay=0,
        cache="cloudflare",
        cloudflare_base_url=f"{sandbox_root}/cloudflare",
        cloudflare_account_id=CLOUDFLARE_ACCOUNT_ID,
        cloudflare_namespace_id=CLOUDFLARE_NAMESPACE_ID,
        cloudflare_api_token=CLOUDFLARE_API_TOKEN,
        **{"mongodb_database": f"t{uuid.uuid4().hex[:12]}_test", **more},
    )


def refresh(settings: Settings, day: str, genre: str = GENRE) -> None:
    """One run of the daily job in this process."""
    import dagster as dg

    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        result = daily_refresh_with(settings).execute_in_process(
            instance=instance, partition_key=genre, tags={"tunemeld/as_of": day}
        )
    assert result.success


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(settings: Settings, *, workers: int = 1, **variables: str) -> Iterator[Api]:
    """An API with these settings for the length of the block. It must end when it gets the signal."""
    assert settings.mongodb_url is not None
    assert settings.cloudflare_api_token is not None
    environment = {
        **kept_environment(),
        "TUNEMELD_ENV": settings.environment.value,
        "TUNEMELD_HOME": str(settings.home),
        "MONGODB_URL": settings.mongodb_url.get_secret_value(),
        "MONGODB_DATABASE": settings.mongodb_database,
        "TUNEMELD_CACHE": settings.cache.value,
        "CLOUDFLARE_BASE_URL": settings.cloudflare_base_url,
        "CLOUDFLARE_ACCOUNT_ID": settings.cloudflare_account_id or "",
        "CLOUDFLARE_NAMESPACE_ID": settings.cloudflare_namespace_id or "",
        "CLOUDFLARE_API_TOKEN": settings.cloudflare_api_token.get_secret_value(),
        "DJANGO_CORS_ORIGINS": ORIGIN,
        "DJANGO_ALLOWED_HOSTS": f"localhost,127.0.0.1,{PROXY_NAME}",
        # Most tests must not depend on a page that this checkout has built.
        "TUNEMELD_PAGE_FOLDER": str(settings.home / "no-page"),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
        **variables,
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    log = settings.home / f"api-{uuid.uuid4().hex[:6]}.log"
    port = free_port()
    arguments = ["api", "start", "--port", str(port), "--workers", str(workers)]
    with (
        log.open("wb") as output,
        WARM.begin(arguments, folder=settings.home, environment=environment, output=output, errors=output) as process,
    ):
        api = Api(f"http://127.0.0.1:{port}", process, log)
        try:
            assert wait_until(lambda: _answers(api) or process.poll() is not None, seconds=300), log.read_text()
            assert process.poll() is None, log.read_text()
            yield api
        finally:
            process.terminate()
            process.wait(timeout=300)


def _answers(api: Api) -> bool:
    try:
        return api.ask("/health/live").status_code == 200
    except requests.ConnectionError:
        return False


@contextmanager
def two_days(mongod_url: str, sandbox_root: str, home: Path) -> Iterator[Settings]:
    """A world in which one genre was refreshed on two days, for as long as the block lasts."""
    chosen = settings_for_api(mongod_url, sandbox_root, home)
    for day in (TUESDAY, WEDNESDAY):
        refresh(chosen, day)
    try:
        yield chosen
    finally:
        with connect(mongod_url) as client:
            client.drop_database(chosen.database_name)


@pytest.fixture(scope="session")
def api_settings(mongod_url: str, sandbox_root: str) -> Iterator[Settings]:
    """Such a world, which no test changes."""
    with (
        tempfile.TemporaryDirectory(prefix="tunemeld-api-") as home,
        two_days(mongod_url, sandbox_root, Path(home)) as chosen,
    ):
        yield chosen


@pytest.fixture(scope="session")
def api(api_settings: Settings) -> Iterator[Api]:
    """The API over that world, with two workers."""
    with serving(api_settings, workers=2) as running:
        yield running
