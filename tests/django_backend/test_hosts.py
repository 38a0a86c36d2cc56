"""Several API hosts over one database: each renders for itself, and they agree within the time of their looks."""

import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.django_backend.conftest import GENRE, TUESDAY, WEDNESDAY, Api, refresh, serving, settings_for_api
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.storage.connection import connect

THURSDAY = "2025-11-20"
PATHS = (f"/v1/charts/{GENRE}", f"/playlist-data/{GENRE}", f"/v1/lists/{GENRE}/Spotify")


class Visitors:
    """Threads that ask one host for the same paths again and again, and note what they get."""

    def __init__(self, api: Api) -> None:
        self.seen: dict[str, list[str]] = {path: [] for path in PATHS}
        self.failures: list[object] = []
        self._api = api
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(path,)) for path in PATHS]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, path: str) -> None:
        with requests.Session() as session:
            # As browsers do: a connection that was idle for long may close as the request is sent.
            session.mount("http://", HTTPAdapter(max_retries=3))
            # Each encoding has its own ETag.
            session.headers["Accept-Encoding"] = "identity"
            while not self._stop.wait(0.1):
                answer = session.get(self._api.url + path, timeout=300)
                if answer.status_code != 200:
                    self.failures.append((path, answer.status_code, answer.text[:200]))
                elif (tag := answer.headers["ETag"]) not in self.seen[path][-1:]:
                    self.seen[path].append(tag)


def both_show(hosts: list[Api], visitors: list[Visitors], day: str) -> bool:
    """Whether both hosts answer with this day, alike, and all visitors have seen it."""
    for path in PATHS:
        answers = [api.ask(path) for api in hosts]
        tags = {answer.headers["ETag"] for answer in answers}
        if len(tags) > 1 or any(one.seen[path][-1:] != list(tags) for one in visitors):
            return False
    return all(api.data(f"/last-updated/{GENRE}")["last_updated"].startswith(day) for api in hosts)


@pytest.mark.slow  # test_outages.py has two workers of one host see a new version
def test_two_hosts_under_load_show_the_same_versions_in_the_same_order(
    mongod_url: str, sandbox_root: str, tmp_path: Path
) -> None:
    settings = settings_for_api(mongod_url, sandbox_root, tmp_path / "one").model_copy(
        update={"cache": CacheBackend.MEMORY}
    )
    elsewhere = settings.model_copy(update={"home": tmp_path / "other"})
    refresh(settings, TUESDAY)
    try:
        with ExitStack() as stack:
            hosts = [
                stack.enter_context(serving(one, TUNEMELD_CACHE="memory", RATE_LIMIT="off"))
                for one in (settings, elsewhere)
            ]
            # From now on each has pages, which it keeps while a run writes.
            assert all(api.ask(path).status_code == 200 for api in hosts for path in PATHS)
            visitors = [stack.enter_context(Visitors(api)) for api in hosts]
            for day in (WEDNESDAY, THURSDAY):
                refresh(settings, day)
                assert wait_until(partial(both_show, hosts, visitors, day), seconds=300), day
        assert [one.failures for one in visitors] == [[], []]
        for path in PATHS:
            # Each host showed each version once, and never went back to an earlier one.
            assert visitors[0].seen[path][-3:] == visitors[1].seen[path][-3:], path
            for one in visitors:
                assert len(one.seen[path]) == len(set(one.seen[path])) <= 3, path
    finally:
        with connect(mongod_url) as client:
            client.drop_database(settings.database_name)
