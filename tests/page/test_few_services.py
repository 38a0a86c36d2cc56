"""A catalogue of two services, and one of a single service: real runs, every answer, the commands and the page."""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.cli.conftest import run_tunemeld
from tests.django_backend.conftest import Api, serving, settings_for_api
from tests.page.conftest import Visitor
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.plugins.registry import keys, load_catalog, name_of, slug_of
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.storage.connection import connect

pytestmark = pytest.mark.slow  # two installations, each with three runs and a server

FIRST = "AppleMusic"
SECOND = next(key for key in ("Deezer", "SoundCloud") if key in keys())
DAYS = ("2025-11-17", "2025-11-18")
LATER = "2025-11-19"

KNOWN = re.compile(r"/(?!dumps|v1/(?:export|search|oembed|tracks$))[^{}]*(?:\{(?:genre|service)\}[^{}.]*)*")
"""Paths of the schema that need no more than a genre and a service."""

BESIDES = (
    "/v1/charts/dance?date=2025-11-17",
    "/feeds/dance.json",
    "/v1/export/dance.jspf",
    f"/service-playlist/dance/{FIRST}",
)
OTHERS = (
    "/?genre=dance", "/embed/dance", "/feeds/dance.atom", "/v1/export/dance.csv", "/v1/export/dance.m3u8", "/v1/export/dance.xspf",
    "/v1/export/dance.txt", "/share/dance.png", "/metrics", "/sitemap.xml", "/docs",
)  # fmt: skip


@dataclass
class Installation:
    """What is installed: its services, its API, and its command."""

    services: tuple[str, ...]
    api: Api
    command: Callable[..., CompletedProcess[str]]
    faults: Faults

    def run(self, day: str) -> int:
        """The exit status of a day's run."""
        return self.command("etl", "run", "full", "--as-of", day).returncode

    def data(self, path: str) -> Any:
        """The JSON of an answer that must be good, with numbers alone that JSON has; the text of one that is no JSON."""
        answer = self.api.ask(path)
        assert answer.status_code == 200, (path, answer.text[:300])
        if "json" not in answer.headers["Content-Type"]:
            return answer.text
        return json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{path} has {name}"))


@pytest.fixture(scope="module", params=[(FIRST, SECOND), (FIRST,)], ids=["two", "one"])
def few(
    request: pytest.FixtureRequest, mongod_url: str, sandbox_root: str, page_folder: Path
) -> Iterator[Installation]:
    """Two good days of dance."""
    services: tuple[str, ...] = request.param
    listed = load_catalog().genre("dance")
    lines = ["[genres.dance]", 'display_name = "Dance"', *(f'{one} = "{listed.playlist(one).url}"' for one in services)]
    with tempfile.TemporaryDirectory(prefix="tunemeld-few-") as home:
        settings = settings_for_api(mongod_url, sandbox_root, Path(home))
        catalog = Path(home) / "catalog.toml"
        catalog.write_text("\n".join(lines), "utf-8")
        variables = {
            "TUNEMELD_ENV": "testing",
            "TUNEMELD_HOME": home,
            "MONGODB_URL": mongod_url,
            "MONGODB_DATABASE": settings.mongodb_database,
            "TUNEMELD_SANDBOX_URL": sandbox_root,
            "TUNEMELD_CATALOG": str(catalog),
            "ETL_RETRY_DELAY": "0.01",
        }

        def command(*words: str) -> CompletedProcess[str]:
            return run_tunemeld(*words, folder=Path(home), **variables)

        faults = Faults(sandbox_root)
        faults.reset_quotas()
        try:
            for day in DAYS:
                done = command("etl", "run", "full", "--as-of", day)
                assert done.returncode == exits.OK, done.stdout + done.stderr
            with serving(settings, TUNEMELD_PAGE_FOLDER=str(page_folder), TUNEMELD_CATALOG=str(catalog)) as api:
                yield Installation(services, api, command, faults)
        finally:
            faults.clear()
            with connect(mongod_url) as client:
                client.drop_database(settings.database_name)


def test_every_answer_is_there_and_of_these_services_alone(few: Installation) -> None:
    paths = [
        path.format(genre="dance", service=FIRST)
        for path in few.data("/openapi.json")["paths"]
        if KNOWN.fullmatch(path)
    ]
    assert len(paths) > 12
    for path in [*paths, *BESIDES]:
        few.data(path)
    for path in OTHERS:
        answer = few.api.ask(path)
        assert (answer.status_code, bool(answer.content)) == (200, True), path
        assert "NaN" not in answer.headers.get("Content-Type", "") and b"nan%" not in answer.content.lower(), path
    chart = few.data("/v1/charts/dance")
    is_alone = len(few.services) == 1
    assert chart["only_service"] == (few.services[0] if is_alone else None)
    assert list(chart["lists"]) == list(few.services)
    assert {one["state"] for one in chart["lists"].values()} == {"fresh"}
    assert chart["degraded"] == {}
    counting = {"Spotify", "Youtube", *({"SoundCloud"} & set(few.services))}
    assert set(chart["coverage"]) == counting  # what counts only on a list of its own has none here
    assert {tuple(sorted(track["services"])) for track in chart["tracks"]} == {tuple(sorted(few.services))}
    assert {track["status"] for track in chart["tracks"]} <= {"same", "up", "down", "new"}
    listed = few.data(f"/v1/lists/dance/{FIRST}")
    if is_alone:
        assert [track["track_id"] for track in chart["tracks"]] == [track["track_id"] for track in listed["tracks"]]
    else:
        assert 0 < len(chart["tracks"]) < len(listed["tracks"])


def test_the_commands_say_the_same(few: Installation) -> None:
    printed = few.command("chart", "dance")
    assert printed.returncode == exits.OK, printed.stderr
    label = f"{name_of(few.services[0])}'s list alone"
    assert (label in " ".join(printed.stdout.split())) == (len(few.services) == 1)
    said = json.loads(few.command("chart", "dance", "--json").stdout)
    assert (said["only_service"] is None) == (len(few.services) > 1)
    assert {service for row in said["tracks"] for service in row["positions"]} == set(few.services)
    for words in (("changes", "dance"), ("status",), ("etl", "sources"), ("etl", "status"), ("alarms", "check")):
        done = few.command(*words)
        old = {exits.FAILED} if words[0] in ("status", "etl") else set()  # the days of these runs are long past
        assert done.returncode in {exits.OK, exits.DEGRADED} | old, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr
        assert not any(name_of(key) in done.stdout for key in keys() if key not in few.services and words[0] == "chart")
    open_now = json.loads(few.command("alarms", "list", "--json").stdout)
    assert {one["kind"] for one in open_now} <= {"stale_data"}  # of these days, which are long past


def test_the_page_shows_these_columns_and_says_what_is_no_consensus(few: Installation, browser: Browser) -> None:
    visitor = Visitor(browser, few.api)
    try:
        page = visitor.open("/?genre=dance")
        expect(page.locator("#services [data-service]")).to_have_count(len(few.services))
        rows = few.data("/v1/charts/dance")["tracks"]
        expect(page.locator("#chart-table tbody tr")).to_have_count(len(rows))
        expect(page.locator("#chart-table tbody tr").first.locator(".badge")).to_have_count(len(few.services))
        label = page.get_by_text("so this is no consensus")
        expect(label).to_have_count(1 if len(few.services) == 1 else 0)
    finally:
        visitor.close()
    assert visitor.complaints == []


def test_a_service_that_fails_leaves_the_chart_as_it_was_and_is_named(few: Installation) -> None:
    before = few.data("/v1/charts/dance")
    few.faults.add(slug_of(FIRST), "500", times=None)
    status = few.run(LATER)
    few.faults.clear()
    if len(few.services) == 1:
        assert status == exits.FAILED
        after = few.data("/v1/charts/dance")
        assert (after["date"], after["tracks"]) == (before["date"], before["tracks"])
        return
    assert status == exits.DEGRADED
    assert few.api.becomes("/v1/charts/dance", lambda answer: answer.json()["date"] == LATER)
    after = few.data("/v1/charts/dance")
    assert (after["date"], after["lists"][FIRST]["state"]) == (LATER, "stale")
    assert {track["track_id"] for track in after["tracks"]} == {track["track_id"] for track in before["tracks"]}
    checked = few.command("alarms", "check")
    assert f"degraded dance {name_of(FIRST)} playlist" in " ".join(checked.stdout.split())
