"""Another MongoDB server than the one in the wheel: TUNEMELD_MONGOD names its `mongod`, such as that of 7.0 or 8.0."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.backups.backup import back_up, restore
from tunemeld_pipeline.backups.signing import KEY_BYTES
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.publishing.publication import genre_contents, genre_paths
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.storage.store import Store

OTHER = os.environ.get("TUNEMELD_MONGOD")


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty database on that server."""
    if not OTHER:
        pytest.skip("TUNEMELD_MONGOD names no other mongod, and no package registry has one of 7.0 or 8.0")
    home = Path(tempfile.mkdtemp(prefix="tunemeld-other-"))
    (home / "bin").mkdir()
    (home / "bin" / "mongod").symlink_to(OTHER)
    monkeypatch.setenv("PATH", str(home / "bin"), prepend=os.pathsep)
    try:
        with MongoClient[dict[str, Any]](ensure_mongod(home), tz_aware=True) as client:
            store = Store(client["charts_test"])
            store.layout.prepare()
            yield store
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


def test_it_keeps_publishes_backs_up_and_restores_as_the_wheels_does(other: Store, tmp_path: Path) -> None:
    here: dict[str, Any] = {"database": "charts_test", "upstreams": "sandbox", "key": b"k" * KEY_BYTES}
    numbers = range(1, 31)
    for day in range(3):
        at = MONDAY + timedelta(days=day)
        for service in keys():
            other.playlists.put_raw_playlist(raw_playlist(service, at=at))
        lists = [service_playlist(service, numbers, at=at) for service in keys()]
        assert other.playlists.put_track_playlists(lists, aggregate(numbers, at=at))
        other.charts.put_chart(chart(numbers, at=at))
        readings = {isrc(number): {"Youtube": 1000 * number + day} for number in numbers}
        other.charts.finish(readings, chart_day(at=at, numbers=numbers), materialization(at=at))
    back_up(other, tmp_path / "saved", **here)
    other.playlists.put_raw_playlist(raw_playlist(genre="rap"))

    assert restore(other, tmp_path / "saved", **here)["raw_playlists"].removed == 1

    with other.snapshot() as view:
        documents = read_documents(view, view.charts.materializations()["dance"])
    assert set(genre_contents(documents, load_catalog().genre("dance"))) == set(
        genre_paths(load_catalog().genre("dance"))
    )
    assert len(documents.readings[isrc(1)]["Youtube"]) == 3
    assert {one.state for one in other.layout.indexes()} == {"ok"}
