"""Models as documents and back: 64-bit whole numbers, and which schema versions are read."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson import Int64

from tests.documents import COUNTS_NEVER_READ, chart, chart_of_version_1, raw_playlist
from tunemeld_pipeline.charts.documents import CHART_SCHEMA_VERSION, SCHEMA_VERSION, Chart, RawPlaylist
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


@pytest.mark.parametrize("version", [SCHEMA_VERSION, SCHEMA_VERSION - 1])
def test_documents_of_this_and_the_previous_schema_version_are_read(version: int) -> None:
    assert read(RawPlaylist, to_bson(raw_playlist()) | {"schema_version": version}).data_json == "{}"


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, SCHEMA_VERSION - 2])
def test_documents_of_other_schema_versions_are_refused(version: int) -> None:
    with pytest.raises(StoreError, match=f"has schema version {version}, and this release reads 0 and 1"):
        read(RawPlaylist, to_bson(raw_playlist()) | {"schema_version": version})


@pytest.mark.parametrize("version", [CHART_SCHEMA_VERSION + 1, CHART_SCHEMA_VERSION - 2])
def test_charts_of_other_schema_versions_are_refused(version: int) -> None:
    with pytest.raises(StoreError, match=f"has schema version {version}, and this release reads 1 and 2"):
        read(Chart, to_bson(chart()) | {"schema_version": version})


def test_a_chart_of_version_1_is_read_into_the_shape_of_version_2() -> None:
    assert read(Chart, chart_of_version_1()) == chart()


def test_a_count_that_was_never_read_is_absent_from_a_chart_of_version_1() -> None:
    document = chart_of_version_1()
    for row in document["tracks"]:
        row["view_count_data_json"] = {"Youtube": COUNTS_NEVER_READ, "Spotify": COUNTS_NEVER_READ}

    assert [track.readings for track in read(Chart, document).tracks] == [{}, {}, {}]


def test_a_chart_of_version_1_may_have_no_reading_in_its_week() -> None:
    document = chart_of_version_1()
    for row in document["tracks"]:
        row["view_count_data_json"]["Youtube"]["initial_count_json"] = COUNTS_NEVER_READ["initial_count_json"]

    first, *_ = read(Chart, document).tracks
    assert first.readings["Youtube"].first_of_week is None
    assert first.readings["Youtube"].last.view_count == 1000


def test_a_field_of_a_later_release_is_let_through() -> None:
    assert read(Chart, to_bson(chart()) | {"mood": "dark"}) == chart()


@pytest.mark.parametrize("version", [1, CHART_SCHEMA_VERSION])
@pytest.mark.parametrize("rows", ["none", None, [{}], [{"view_count_data_json": {"Youtube": 7}}], [7]])
def test_a_document_without_its_shape_is_refused_by_name(version: int, rows: object) -> None:
    with pytest.raises(StoreError, match="a Chart document does not have its shape"):
        read(Chart, {"schema_version": version, "tracks": rows})
