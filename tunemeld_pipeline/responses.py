"""API responses as text, made from documents.

What belongs here: the `data` of each path of a genre, its envelope, and the set of them that the pipeline publishes to the shared
cache. What does not: HTTP (`django_backend/`) and where the documents are kept (`store.py`). Shapes are those that the older page
reads; see docs/api.md.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from tunemeld_pipeline.cache import Entry, new_entry
from tunemeld_pipeline.catalog import Genre
from tunemeld_pipeline.models import (
    AGGREGATE,
    COUNT_SOURCES,
    AggregatePlaylist,
    Chart,
    Materialization,
    RawPlaylist,
    Reading,
    ServicePlaylist,
)
from tunemeld_pipeline.store import Store

RESPONSE_TTL = 48 * 3600
"""Seconds that the shared cache keeps a response: two days without a run, and nothing old is served from it."""

GRAPH_DAYS = 90

Json = dict[str, Any]


def entries(store: Store, genre: Genre, materialization: Materialization) -> dict[str, Entry]:
    """Every response of one genre, by path, as of this materialization."""
    as_of = materialization.as_of
    chart = store.chart(genre.key, as_of)
    services = store.service_playlists(genre.key, as_of)
    aggregate = store.aggregate(genre.key, as_of)
    readings = store.readings_since(
        [track.isrc for track in chart.tracks if track.isrc], as_of - timedelta(days=GRAPH_DAYS)
    )
    bodies: dict[str, Any] = {
        f"/playlist-data/{genre.key}": [document_json(chart)],
        f"/service-playlist/{genre.key}/{AGGREGATE}": [document_json(aggregate)],
        f"/graph-data/{genre.key}": graph_data(chart, readings),
        f"/last-updated/{genre.key}": last_updated(materialization),
        f"/header-art/{genre.key}": header_art(store.raw_playlists(genre.key, as_of)),
        **{f"/service-playlist/{genre.key}/{one.service_name}": [document_json(one)] for one in services},
    }
    return {path: new_entry(success(data), materialization.version) for path, data in bodies.items()}


def success(data: object, message: str = "ok") -> str:
    """The envelope of an answer that worked."""
    return json.dumps({"status": "success", "message": message, "data": data}, ensure_ascii=False, default=_text)


def document_json(document: Chart | AggregatePlaylist | ServicePlaylist) -> Json:
    """A document as the API shows it: times as ISO strings."""
    shown: Json = document.model_dump(mode="json")
    return shown


def graph_data(chart: Chart, readings: dict[str, dict[str, list[Reading]]]) -> list[Json]:
    """Per track of the chart with a history: `[timestamp, gain]` and `[timestamp, total]` per source, oldest first."""
    return [
        {
            "isrc": track.isrc,
            "track_id": track.track_id,
            "track_name": track.track_name,
            "artist_name": track.artist_name,
            "youtube_url": track.youtube_url,
            "album_cover_url": track.album_cover_url,
            "view_counts": _series(readings[track.isrc], "delta_count"),
            "readings": _series(readings[track.isrc], "view_count"),
        }
        for track in chart.tracks
        if track.isrc in readings
    ]


def last_updated(materialization: Materialization) -> Json:
    """When what is shown of the genre was observed."""
    return {"last_updated": materialization.shown_as_of.isoformat()}


def header_art(playlists: list[RawPlaylist]) -> Json:
    """Per service, what people see of its playlist; unknown texts are empty strings, which the older page relies on."""
    return {
        playlist.service_name.value: {
            "playlist_cover_url": playlist.playlist_cover_url or "",
            "playlist_cover_description_text": playlist.playlist_cover_description_text or "",
            "playlist_name": playlist.playlist_name or "",
            "playlist_url": playlist.playlist_url,
            "fetched_at": playlist.insert_timestamp.isoformat(),
            "stale": playlist.stale,
            "stale_since": playlist.stale_since.isoformat() if playlist.stale_since else None,
            "upstream": playlist.upstream,
        }
        for playlist in playlists
    }


def _series(readings: dict[str, list[Reading]], field: str) -> dict[str, list[list[object]]]:
    return {
        source: [[one.current_timestamp.isoformat(), getattr(one, field)] for one in readings.get(source, [])]
        for source in COUNT_SOURCES
    }


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no place in a response")
