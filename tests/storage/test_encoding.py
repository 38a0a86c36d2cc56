"""Models as documents and back: 64-bit whole numbers, and which schema versions are read."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson import Int64

from tests.documents import chart, raw_playlist
from tunemeld_pipeline.charts.documents import SCHEMA_VERSION, Chart, RawPlaylist
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.storage.encoding import read, to_bson


def test_every_whole_number_is_kept_in_64_bits() -> None:
    document = to_bson(chart())

    def whole_numbers(value: Any) -> Iterator[int]:
        if isinstance(value, dict):
            for item in value.values():
                yield from whole_numbers(item)
        elif isinstance(value, list):
            for item in value:
                yield from whole_numbers(item)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield value

    assert all(isinstance(number, Int64) for number in whole_numbers(document))


def test_a_document_that_says_no_version_is_the_older_systems() -> None:
    document = to_bson(raw_playlist())
    del document["schema_version"]

    assert read(RawPlaylist, document).data_json == "{}"


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, SCHEMA_VERSION - 2])
def test_documents_of_other_schema_versions_are_refused(version: int) -> None:
    with pytest.raises(StoreError, match=f"has schema version {version}, and this release reads 0 and 1"):
        read(Chart, to_bson(chart()) | {"schema_version": version})


def test_a_field_of_a_later_release_is_let_through() -> None:
    assert read(Chart, to_bson(chart()) | {"mood": "dark"}) == chart()


def test_a_document_without_its_shape_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="a Chart document does not have its shape"):
        read(Chart, {"schema_version": 1, "tracks": "none"})
