"""The part of the OpenAPI document that the table of operations makes: paths, tags, schemas."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from django_backend.problems import EXPLAINED, PROBLEM_TYPE, Problem
from django_backend.v1.operation import TAG_DESCRIPTIONS, Media, Operation
from django_backend.v1.parameters import Parameter
from django_backend.v1.samples import samples

Json = dict[str, Any]

PROBLEM = "Problem"
REFERENCE = "#/components/schemas/{model}"
REFUSALS = {
    400: "A parameter is not valid, or not known.",
    404: "There is nothing of that name, or nothing yet; the problem names what is known, or the nearest days.",
    503: "The database cannot be reached, and no cache has the answer; try again after Retry-After seconds.",
}
REDIRECTS: Json = {
    "307": {"description": "It is shown at the address in Location for now."},
    "308": {"description": "It has the address in Location for ever."},
}
HEADERS: Json = {
    "ETag": {"description": "The strong tag of this body, for If-None-Match.", "schema": {"type": "string"}},
    "Last-Modified": {"description": "When the answer last changed.", "schema": {"type": "string"}},
    "Link": {
        "description": "Links (RFC 8288): `self`, `describedby`, and where there are such days `prev` and `next`.",
        "schema": {"type": "string"},
    },
    "X-TuneMeld-Stale": {
        "description": "`true` while the database cannot confirm that the data are the newest.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "X-TuneMeld-Age": {"description": "The age of stale data in seconds.", "schema": {"type": "integer"}},
}


def problems() -> list[Json]:
    """The kinds of problems, each with its place on `/docs`."""
    return [{"type": name, "title": title} for name, title in EXPLAINED.items()]


def tags(operations: Iterable[Operation]) -> list[Json]:
    """The groups that these operations belong to."""
    used = dict.fromkeys(one.tag for one in operations)
    return [{"name": tag.value, "description": TAG_DESCRIPTIONS[tag]} for tag in used]


def schemas(operations: Iterable[Operation]) -> tuple[dict[str, Json], Json]:
    """Each operation's schema of its JSON body by `operationId`, and the components that they refer to."""
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (one.identity, "serialization", adapter)
        for one in operations
        for media in one.media
        if (adapter := media.adapter) is not None
    ]
    adapters.append((PROBLEM, "validation", TypeAdapter(Problem)))
    made, definitions = TypeAdapter.json_schemas(adapters, ref_template=REFERENCE)
    return {identity: schema for (identity, _), schema in made.items()}, definitions["$defs"]


def paths(operations: Iterable[Operation], bodies: dict[str, Json]) -> Json:
    """The path items; `bodies` as `schemas` gives them."""
    return {one.path: {"get": _verb(one, bodies.get(one.identity, {}))} for one in operations}


def _verb(operation: Operation, body: Json) -> Json:
    refused = [400, *([404] if operation.can_be_unknown else []), *operation.statuses, 503]
    return {
        "operationId": operation.identity,
        "tags": [operation.tag.value],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [_parameter(one) for one in operation.parameters],
        "x-codeSamples": samples(operation),
        "responses": {
            "200": {
                "description": operation.summary + ".",
                "headers": HEADERS,
                "content": {one.media_type: {"schema": _schema(one, body)} for one in operation.media},
            },
            "304": {"description": "The version in If-None-Match or If-Modified-Since is still current."},
            **(REDIRECTS if operation.leads_on else {}),
            **{str(status): _problem(REFUSALS[status]) for status in refused},
        },
    }


def _schema(media: Media, body: Json) -> Json:
    if media.model is not None:
        return body
    return {"type": "string", "format": "binary"} if media.is_binary else {"type": "string"}


def _problem(description: str) -> Json:
    content = {PROBLEM_TYPE: {"schema": {"$ref": REFERENCE.format(model=PROBLEM)}}}
    return {"description": description, "content": content}


def _parameter(one: Parameter) -> Json:
    described = {
        "name": one.name,
        "in": one.place,
        "required": one.place == "path" or one.is_required,
        "description": one.description,
        "schema": one.schema,
    }
    if one.example is not None:
        described["example"] = int(one.example) if one.schema["type"] == "integer" else one.example
    return described
