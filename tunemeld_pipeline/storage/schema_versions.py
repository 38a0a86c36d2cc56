"""The schema versions that this release reads, each with a function that turns a document into the current shape.

Histories of version 1 are read too, but written no more: `tunemeld db init` divides them into months. Documents of the older system,
which name no version, are converted in `older_system/`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bson import Int64

from tunemeld_pipeline.charts.documents import (
    CHART_SCHEMA_VERSION,
    HISTORY_SCHEMA_VERSION,
    SCHEMA_VERSION,
    Chart,
    HistoryPeriod,
    Reading,
)

Json = Mapping[str, Any]
Form = Callable[[Json], Json]

WHOLE = (int, Int64)


def forms_of(model: type) -> Mapping[int, Form]:
    """The readable schema versions of this kind of document, each with its conversion."""
    return _FORMS.get(model, _UNCHANGED)


def kept_readings(document: Json) -> dict[str, list[Reading]]:
    """What a document of `historical_track_views` holds per source, without gains and in no order.

    Histories are read by the thousand, so this does without their model.

    Raises:
        ValueError, AttributeError, KeyError, TypeError: the document does not have its shape, or this release does not read its version.
    """
    readings_of = _KEPT_READINGS[document["schema_version"]]
    found: dict[str, list[Reading]] = {}
    for source, kept in document["view_counts"].items():
        found[source] = []
        for one in readings_of(kept):
            moment, count = one["current_timestamp"], one["view_count"]
            if type(moment) is not datetime or type(count) not in WHOLE:
                raise ValueError(f"{source}: no time or no whole number")
            found[source].append(Reading(moment, count))
    return found


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
_FORMS: Mapping[type, Mapping[int, Form]] = {
    Chart: {CHART_SCHEMA_VERSION: _as_it_is, 1: _chart_of_version_1},
    HistoryPeriod: {HISTORY_SCHEMA_VERSION: _as_it_is},
}
_KEPT_READINGS: Mapping[int, Callable[[Any], Iterable[Json]]] = {HISTORY_SCHEMA_VERSION: dict.values, 1: iter}
"""How the readings of a source are kept: by day in a document of one month, and in version 1 as the list of all."""
