"""`/dumps/` over HTTP: the manifest, whole files, parts of files, and nothing that is withheld."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from django_backend.dump_views import ByteRange, byte_range
from tests.django_backend.conftest import Api, serving
from tunemeld_pipeline.dumps.dump import MANIFEST, make_dump
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store


@pytest.fixture(scope="module")
def publishing(api_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API that publishes a dump of the world of all tests."""
    folder: Path = tmp_path_factory.mktemp("dumps")
    chosen = api_settings.model_copy(update={"dump_dir": folder})
    with open_store(chosen) as store:
        make_dump(store, chosen, datetime.now(UTC))
    with serving(api_settings, DUMP_DIR=str(folder)) as running:
        yield running


def test_it_works(publishing: Api) -> None:
    answer = publishing.ask("/dumps/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    manifest = answer.json()
    assert {one["table"] for one in manifest["files"]} == {"charts", "lists", "histories"}
    for one in manifest["files"]:
        file = publishing.ask(f"/dumps/{one['name']}")
        assert file.status_code == 200
        assert (len(file.content), hashlib.sha256(file.content).hexdigest()) == (one["bytes"], one["sha256"])
        assert "immutable" in file.headers["Cache-Control"]
        assert pyarrow.parquet.read_table(pyarrow.BufferReader(file.content)).num_rows == one["rows"]
    assert publishing.ask(f"/dumps/{MANIFEST}").json() == manifest


def test_a_file_is_sent_in_parts_and_not_twice(publishing: Api) -> None:
    one = publishing.ask("/dumps/").json()["files"][0]
    path = f"/dumps/{one['name']}"
    whole = publishing.ask(path)
    part = publishing.ask(path, Range="bytes=0-0")
    assert (part.status_code, part.content) == (206, whole.content[:1])
    assert part.headers["Content-Range"] == f"bytes 0-0/{one['bytes']}"
    assert publishing.ask(path, Range="bytes=-4").content == b"PAR1"
    beyond = publishing.ask(path, Range=f"bytes={one['bytes']}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{one['bytes']}")
    tag = whole.headers["ETag"]
    assert publishing.ask(path, If_None_Match=tag).status_code == 304
    assert publishing.ask(path, Range="bytes=0-0", If_Range=tag).status_code == 206
    assert publishing.ask(path, Range="bytes=0-0", If_Range='"another"').status_code == 200
    assert publishing.ask(path, method="HEAD").content == b""


def test_nothing_else_of_the_folder_is_sent(publishing: Api, api: Api) -> None:
    for name in (".lock", "notes.parquet", "..%2fmanifest.json", "%2e%2e/manifest.json", "charts-2025-11-0.parquet"):
        assert publishing.ask(f"/dumps/{name}").status_code == 404, name
    off = api.ask("/dumps/")
    assert (off.status_code, off.headers["Content-Type"]) == (404, "application/problem+json")
    assert "DUMP_DIR" in off.json()["detail"]


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-4", ByteRange(0, 4)),
        ("bytes=5-", ByteRange(5, 9)),
        ("bytes=8-99", ByteRange(8, 9)),
        ("bytes=-3", ByteRange(7, 9)),
        ("bytes=-99", ByteRange(0, 9)),
        ("bytes=10-", ByteRange(10, 9)),
        ("bytes=-0", ByteRange(10, -1)),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("rows=0-1", None),
        ("bytes=a-b", None),
        ("", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str, part: ByteRange | None) -> None:
    assert byte_range(header, 10) == part
