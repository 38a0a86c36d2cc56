"""The schema versions that this release reads, each with a function that turns a document into the current shape.

Documents of the older system, which name no version, are converted in `older_system/`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tunemeld_pipeline.charts.documents import CHART_SCHEMA_VERSION, SCHEMA_VERSION, Chart

Json = Mapping[str, Any]
Form = Callable[[Json], Json]


def forms_of(model: type) -> Mapping[int, Form]:
    """The readable schema versions of this kind of document, each with its conversion."""
    return _FORMS.get(model, _UNCHANGED)


def _as_it_is(document: Json) -> Json:
    return document


def _chart_of_version_1(document: Json) -> Json:
    rows = [{**row, "readings": _readings_of_version_1(row["view_count_data_json"])} for row in document["tracks"]]
    return {**document, "schema_version": CHART_SCHEMA_VERSION, "tracks": rows}


def _readings_of_version_1(shown: Mapping[str, Json]) -> Json:
    """Only what was read: version 1 kept empty counts of YouTube and Spotify, since the older page needs them."""
    readings = {}
    for source, both in shown.items():
        initial, current = both["initial_count_json"], both["current_count_json"]
        last = _dated(current["current_timestamp"], current["current_view_count"])
        if last is not None:
            first = _dated(initial["initial_timestamp"], initial["initial_view_count"])
            readings[source] = {"first_of_week": first, "last": last}
    return readings


def _dated(moment: str | None, count: int | None) -> Json | None:
    if moment is None or count is None:
        return None
    return {"current_timestamp": datetime.fromisoformat(moment), "view_count": count}


_UNCHANGED: Mapping[int, Form] = {SCHEMA_VERSION: _as_it_is, SCHEMA_VERSION - 1: _as_it_is}
_FORMS: Mapping[type, Mapping[int, Form]] = {Chart: {CHART_SCHEMA_VERSION: _as_it_is, 1: _chart_of_version_1}}
