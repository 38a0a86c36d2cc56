"""A withheld recording, artist and service leave every path that the API describes, of today and of past days."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.django_backend.conftest import GENRE, TUESDAY, Api, serving, two_days
from tunemeld_pipeline.charts.withholding import WithheldKind
from tunemeld_pipeline.operations.withholding import publish_again, take_back, withhold
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store

CATALOG = load_catalog()
NOT_DATA = ("/health", "/metrics", "/openapi.json", "/docs", "/dumps/", "/")


@pytest.fixture(scope="module")
def world(mongod_url: str, sandbox_root: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One genre on two days, with a shared cache."""
    with two_days(mongod_url, sandbox_root, tmp_path_factory.mktemp("withheld")) as chosen:
        yield chosen


@pytest.fixture(scope="module")
def own(world: Settings) -> Iterator[Api]:
    """The API over that world."""
    with serving(world) as running:
        yield running


def addresses(api: Api, named: dict[str, list[str]]) -> list[str]:
    """Every path of the document with each of these values, and with a past day where it takes one."""
    found = []
    for template, item in api.ask("/openapi.json").json()["paths"].items():
        if template in NOT_DATA or template.startswith("/health") or "{name}" in template:
            continue
        parameters = item["get"].get("parameters", [])
        inside = [one["name"] for one in parameters if one["in"] == "path"]
        values = [named.get(one["name"]) or one["schema"].get("enum", []) for one in parameters if one["in"] == "path"]
        queries = {one["name"] for one in parameters if one["in"] == "query"}
        for chosen in itertools.product(*values):
            path = template
            for name, value in zip(inside, chosen, strict=True):
                path = path.replace(f"{{{name}}}", value)
            needed = f"?q={named['q'][0]}" if "q" in queries else ""
            found.append(path + needed)
            if "date" in queries:
                found.append(f"{path}?date={TUESDAY}")
    return [one for one in found if GENRE in one or not any(f"/{genre}" in one for genre in CATALOG.genres)]


def saying(api: Api, paths: list[str], words: list[str]) -> dict[str, Any]:
    """The paths whose answers hold one of these words, and which."""
    said = {}
    for path in [*paths, "/sitemap.xml", f"/charts/{GENRE}", f"/charts/{GENRE}/{TUESDAY}"]:
        answer = api.ask(path, Accept="text/html") if path.startswith("/?") else api.ask(path)
        assert answer.status_code != 500, (path, answer.text)
        # An answer may say what was asked for.
        body = answer.text if answer.status_code == 200 else ""
        if found := [word for word in words if word in body]:
            said[path] = found
    return said


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["track", "artist", "service"])
def test_nothing_of_it_is_said_anywhere_until_it_is_taken_back(world: Settings, own: Api, kind: WithheldKind) -> None:
    (chart,) = own.data(f"/playlist-data/{GENRE}")
    row = next(one for one in chart["tracks"] if one["isrc"] and len(one["artist_name"]) > 5)
    words = {"track": [row["isrc"]], "artist": [row["isrc"]], "service": [f"/{one['source_name']}/" for one in [row]]}
    key = {"track": row["track_id"], "artist": row["artist_name"], "service": row["source_name"]}[kind]
    if kind == "service":
        words["service"] = [row["track_url"]]
    named = {"genre": [GENRE], "track_id": [row["track_id"]], "q": [row["track_name"]]}
    artists = own.ask(f"/v1/tracks/{row['track_id']}").json().get("artists", [])
    named["slug"] = [one["slug"] for one in artists] or ["nobody"]
    paths = addresses(own, named)
    before = saying(own, paths, words[kind])
    assert len(before) >= 4
    with open_store(world) as store:
        withhold(store, CATALOG, kind, key, "a wish", datetime.now(UTC))
        assert publish_again(store, world, CATALOG) == {}
        try:
            version = store.charts.versions()[GENRE].version
            assert own.becomes(
                "/metrics", lambda answer: f'tunemeld_data_version{{genre="{GENRE}"}} {float(version)}' in answer.text
            )
            assert saying(own, paths, words[kind]) == {}
        finally:
            take_back(store, kind, key, datetime.now(UTC))
            version = store.charts.versions()[GENRE].version
    assert own.becomes(
        "/metrics", lambda answer: f'tunemeld_data_version{{genre="{GENRE}"}} {float(version)}' in answer.text
    )
    assert saying(own, paths, words[kind]) == before
