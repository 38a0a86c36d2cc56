"""The OpenAPI document: each path's parameters, data and statuses.

Its schemas come from the models and typed dictionaries behind the answers, so no field of an answer can be missing here.
docs/api.md explains the paths at length.
"""

import json
from functools import cache
from typing import Any, Literal

from django.conf import settings
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from django_backend.health import Report
from django_backend.v1 import openapi as v1
from django_backend.v1.operations import OPERATIONS
from tunemeld_pipeline.charts.catalog import Service
from tunemeld_pipeline.charts.documents import AGGREGATE, AggregatePlaylist, ServicePlaylist
from tunemeld_pipeline.publishing.playlist_data import PlaylistData
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS, GRAPH_WINDOWS
from tunemeld_pipeline.publishing.responses import (
    Day,
    GenreSummary,
    Header,
    LastUpdated,
    Point,
)

Json = dict[str, Any]


class Welcome(TypedDict):
    """Links to start from."""

    documentation: str
    openapi: str


class Live(TypedDict):
    """The process is up."""

    live: Literal[True]


class Ready(TypedDict):
    """Whether this worker can answer for every genre."""

    ready: bool
    missing: list[str]


DATA: dict[str, TypeAdapter[Any]] = {
    "welcome": TypeAdapter(Welcome),
    "playlist-data": TypeAdapter(list[PlaylistData]),
    "chart-dates": TypeAdapter(list[Day]),
    "service-playlist": TypeAdapter(list[ServicePlaylist] | list[AggregatePlaylist]),
    "graph-data": TypeAdapter(list[Point]),
    "last-updated": TypeAdapter(LastUpdated),
    "header-art": TypeAdapter(dict[Service, Header]),
    "genres": TypeAdapter(list[GenreSummary]),
    "health": TypeAdapter(Report),
    "live": TypeAdapter(Live),
    "ready": TypeAdapter(Ready),
}

DESCRIPTION = (
    "The songs on which the editors of Spotify, Apple Music and SoundCloud agree, genre by genre, every day. Read-only. While the"
    " database is down, answers carry X-TuneMeld-Stale: true and their data's age in X-TuneMeld-Age."
)


@cache
def openapi_text() -> str:
    """The document as JSON."""
    return json.dumps(_document(), ensure_ascii=False)


def _document() -> Json:
    schemas, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", adapter) for name, adapter in DATA.items()],
        ref_template="#/components/schemas/{model}",
    )
    data = {name: schemas[(name, "serialization")] for name in DATA}
    genre = _path_parameter("genre", list(settings.CATALOG.genres))
    service = _path_parameter("service", [*(one.value for one in Service), AGGREGATE])
    day = _query_parameter(
        "date", {"type": "string", "format": "date"}, "A past day, UTC; without it, the current chart."
    )
    days = _query_parameter(
        "days",
        {"type": "integer", "enum": list(GRAPH_WINDOWS), "default": GRAPH_DAYS},
        "The number of days to look back.",
    )
    # The page ignores values that it does not know, so these are plain strings.
    shown = [
        _query_parameter("genre", {"type": "string"}, "For browsers: the genre to show on the page."),
        _query_parameter("date", {"type": "string"}, "For browsers: the past day to show on the page."),
    ]
    bodies, components = v1.schemas(OPERATIONS)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.TUNEMELD.app_name,
            "version": settings.TUNEMELD.app_version,
            "summary": "What the editors agree on.",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": v1.tags(OPERATIONS),
        "paths": {
            **v1.paths(OPERATIONS, bodies),
            "/": _path(
                "Links to start from; for a browser, the web page", data["welcome"], shown, _page_statuses(), html=True
            ),
            "/share/{genre}.png": _picture_path(
                "The preview picture for a link to a genre", [genre, day], _rendered(400)
            ),
            "/playlist-data/{genre}": _path("A genre's chart", data["playlist-data"], [genre, day], _rendered(400)),
            "/chart-dates/{genre}": _path("The days with a chart", data["chart-dates"], [genre], _rendered()),
            "/service-playlist/{genre}/{service}": _path(
                "One service's rows, or the consensus", data["service-playlist"], [genre, service], _rendered()
            ),
            "/graph-data/{genre}": _path("Counts over time", data["graph-data"], [genre, days, day], _rendered(400)),
            "/last-updated/{genre}": _path(
                "When a genre was last observed", data["last-updated"], [genre], _rendered()
            ),
            "/header-art/{genre}": _path("The services' playlists", data["header-art"], [genre], _rendered()),
            "/genres": _path("The genres", data["genres"], [], {"304": _not_modified(), "503": _error()}),
            "/health": _path("The state of each part", data["health"], [], {"503": _error()}),
            "/health/live": _path("Is the process alive?", data["live"], [], {}),
            "/health/ready": _path("Can this worker answer for every genre?", data["ready"], [], {"503": _error()}),
            "/metrics": _text_path("Metrics for Prometheus", "text/plain"),
            "/openapi.json": _text_path("This document", "application/json", {"304": _not_modified()}),
            "/docs": _text_path("A page to try the API", "text/html"),
        },
        "components": {
            "schemas": {
                **components,
                **definitions["$defs"],
                "Error": {
                    "type": "object",
                    "required": ["status", "message", "data"],
                    "properties": {
                        "status": {"const": "error"},
                        "message": {"type": "string", "description": "What to do next."},
                        "data": {"type": ["object", "null"]},
                    },
                },
            },
        },
    }


def _path(summary: str, data: Json, parameters: list[Json], more: Json, *, html: bool = False) -> Json:
    envelope = {
        "type": "object",
        "required": ["status", "message", "data"],
        "properties": {"status": {"const": "success"}, "message": {"type": "string"}, "data": data},
    }
    content: Json = {"application/json": {"schema": envelope}}
    if html:
        content["text/html"] = {"schema": {"type": "string"}}
    return {
        "get": {
            "summary": summary,
            "parameters": parameters,
            "responses": {"200": {"description": "It worked.", "content": content}, **more},
        }
    }


def _text_path(summary: str, content_type: str, more: Json | None = None) -> Json:
    content = {content_type: {"schema": {"type": "object" if content_type.endswith("json") else "string"}}}
    return {
        "get": {
            "summary": summary,
            "responses": {"200": {"description": "It worked.", "content": content}, **(more or {})},
        }
    }


def _picture_path(summary: str, parameters: list[Json], more: Json) -> Json:
    answer = {"description": "A PNG of 1200 x 630 pixels.", "content": {"image/png": {"schema": {}}}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": {"200": answer, **more}}}


def _rendered(*more: int) -> Json:
    return {"304": _not_modified(), **{str(status): _error() for status in (*more, 404, 503)}}


def _page_statuses() -> Json:
    """The statuses for browsers other than 200: the page without a chart."""
    page: Json = {"text/html": {"schema": {"type": "string"}}}
    return {
        "304": _not_modified(),
        "404": {"description": "There is no such genre, or no chart for that day; the page says so.", "content": page},
        "503": {"description": "The chart is unavailable right now; the page says so.", "content": page},
    }


def _not_modified() -> Json:
    return {"description": "The version in If-None-Match or If-Modified-Since is still current."}


def _error() -> Json:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": "The message says what to do next.", "content": content}


def _path_parameter(name: str, known: list[str]) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": known}}


def _query_parameter(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
