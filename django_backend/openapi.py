"""The OpenAPI document: each path's parameters, data and statuses.

Its schemas come from the models and typed dictionaries behind the answers, so no field of an answer can be missing here.
docs/api.md explains the paths at length.
"""

import json
from functools import cache
from typing import Any, Literal
from urllib.parse import unquote

from django.conf import settings
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from django_backend.dump_views import PARQUET_TYPE
from django_backend.glossary import describe
from django_backend.health import Report
from django_backend.problems import PROBLEM_TYPE
from django_backend.serving import UNLIMITED
from django_backend.v1 import openapi as v1
from django_backend.v1.operations import OPERATIONS
from django_backend.v1.samples import SERVER as SERVER_IN_SAMPLES
from tunemeld_pipeline.charts.documents import AGGREGATE, AggregatePlaylist, ServicePlaylist
from tunemeld_pipeline.plugins.registry import in_order, name_of, written_list
from tunemeld_pipeline.publishing.playlist_data import PlaylistData
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS, GRAPH_WINDOWS
from tunemeld_pipeline.publishing.responses import (
    Day,
    GenreSummary,
    Header,
    LastUpdated,
    Point,
)
from tunemeld_pipeline.publishing.v1.links import successors

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
    "header-art": TypeAdapter(dict[str, Header]),
    "genres": TypeAdapter(list[GenreSummary]),
    "health": TypeAdapter(Report),
    "live": TypeAdapter(Live),
    "ready": TypeAdapter(Ready),
}

DESCRIPTION = (
    "The songs on which the editors of {services} agree, genre by genre, every day. Read-only. While the"
    " database is down, answers carry X-TuneMeld-Stale: true and their data's age in X-TuneMeld-Age."
)


IDENTITIES = {
    "/": "getWelcome",
    "/share/{genre}.png": "getShareImage",
    "/playlist-data/{genre}": "getPlaylistData",
    "/chart-dates/{genre}": "getChartDates",
    "/service-playlist/{genre}/{service}": "getServicePlaylist",
    "/graph-data/{genre}": "getGraphData",
    "/last-updated/{genre}": "getLastUpdated",
    "/header-art/{genre}": "getHeaderArt",
    "/genres": "getGenres",
    "/health": "getHealth",
    "/health/live": "getLiveness",
    "/health/ready": "getReadiness",
    "/metrics": "getMetrics",
    "/openapi.json": "getOpenApi",
    "/docs": "getDocs",
    "/dumps/": "getDump",
    "/dumps/manifest.json": "getDumpManifest",
    "/dumps/{name}": "getDumpedFile",
}
OLDER = {"name": "older", "description": "The older dialect, frozen. Each path names its successor."}
SERVER = {"name": "server", "description": "The server itself: its state, its metrics, its documentation."}
BINARY = {"type": "string", "format": "binary"}


@cache
def openapi_text() -> str:
    """The document as JSON."""
    return json.dumps(_with_limits(_named(_document())), ensure_ascii=False)


def _named(document: Json) -> Json:
    """The document with names and groups for the paths that are in no table of operations, and descriptions of their fields."""
    for path, identity in IDENTITIES.items():
        verb = document["paths"][path]["get"]
        is_older = bool(successors(path))
        verb["operationId"] = identity
        verb["tags"] = [OLDER["name"] if is_older else SERVER["name"]]
        verb["description"] = f"{verb['summary']}."
        if is_older:
            instead = ", ".join(f"`{one.target}`" for one in successors(path) if one.relation == "successor-version")
            verb["deprecated"] = True
            verb["description"] += f" Frozen as the older page reads it; use instead: {unquote(instead)}."
    document["tags"] += [OLDER, SERVER]
    describe(document["components"]["schemas"])
    return document


def _with_limits(document: Json) -> Json:
    """The document with the answer that every counted path may give."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {
        "Retry-After": {"description": "Seconds until requests are allowed again.", "schema": {"type": "integer"}},
        "RateLimit-Policy": {"description": "The limit: `q` requests in `w` seconds.", "schema": {"type": "string"}},
        "RateLimit": {"description": "What is left of it: `r` requests for `t` seconds.", "schema": {"type": "string"}},
    }
    refused = {"description": "Too many requests from this address.", "headers": headers, "content": content}
    for path, item in document["paths"].items():
        if path not in UNLIMITED:
            item["get"]["responses"]["429"] = refused
    return document


def _document() -> Json:
    schemas, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", adapter) for name, adapter in DATA.items()],
        ref_template="#/components/schemas/{model}",
    )
    data = {name: schemas[(name, "serialization")] for name in DATA}
    genre = _path_parameter("genre", list(settings.CATALOG.genres))
    service = _path_parameter("service", [*in_order(settings.CATALOG.services()), AGGREGATE])
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
            "description": DESCRIPTION.format(
                services=written_list(map(name_of, in_order(settings.CATALOG.services())))
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": v1.tags(OPERATIONS),
        "x-problems": v1.problems(),
        "x-server": SERVER_IN_SAMPLES,
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
            "/health": _path("The state of each part", data["health"], [], {"401": _error(), "503": _error()}),
            "/health/live": _path("Is the process alive?", data["live"], [], {}),
            "/health/ready": _path("Can this worker answer for every genre?", data["ready"], [], {"503": _error()}),
            "/metrics": _text_path("Metrics for Prometheus", "text/plain", {"401": _error()}),
            "/dumps/": _text_path(
                "The manifest of the public dump, with checksums", "application/json", {"404": _problem()}
            ),
            "/dumps/manifest.json": _text_path("The same", "application/json", {"404": _problem()}),
            "/dumps/{name}": _dumped_file(),
            "/openapi.json": _text_path("This document", "application/json", {"304": _not_modified()}),
            "/docs": _text_path("A page to try the API", "text/html"),
        },
        "components": {
            "schemas": {
                **components,
                **definitions["$defs"],
                "Error": {
                    "type": "object",
                    "description": "What went wrong, in the older paths' envelope.",
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
    answer = {"description": "A PNG of 1200 x 630 pixels.", "content": {"image/png": {"schema": BINARY}}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": {"200": answer, **more}}}


def _dumped_file() -> Json:
    content = {PARQUET_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    name["description"] = "A file that the manifest names."
    answers = {
        "200": {"description": "The file.", "content": content},
        "206": {"description": "The part that Range asks for.", "content": content},
        "304": _not_modified(),
        "404": _problem(),
        "416": {"description": "The file ends before that part."},
    }
    return {"get": {"summary": "One Parquet file of the public dump", "parameters": [name], "responses": answers}}


def _problem() -> Json:
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": "There is no dump, or no such file.", "content": content}


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
    schema = {"type": "string", "enum": known}
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": f"The {name}'s key."}


def _query_parameter(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
