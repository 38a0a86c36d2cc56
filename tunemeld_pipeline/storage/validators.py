"""MongoDB's validators, made from the models: `$jsonSchema` as deep as the shapes.

MongoDB knows neither `$ref` nor `format`, and has BSON's types: a model's JSON Schema is rewritten into those.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]

WHOLE = ["int", "long"]
NUMBER = ["double", "int", "long"]
FINITE = {"minimum": -sys.float_info.max, "maximum": sys.float_info.max}
"""Leaves out infinities, and not-a-number too, which MongoDB orders before all numbers."""

TYPES: Mapping[str, Json] = {
    "string": {"bsonType": "string"},
    "boolean": {"bsonType": "bool"},
    "integer": {"bsonType": WHOLE},
    "number": {"bsonType": NUMBER, **FINITE},
    "null": {"bsonType": "null"},
    "array": {"bsonType": "array"},
    "object": {"bsonType": "object"},
}
FORMATS = {"date-time": "date", "binary": "binData"}
KEPT = ("enum", "pattern", "minimum", "maximum", "required")


def bson_schema(model: type[BaseModel], left_out: Sequence[str] = (), more: Mapping[str, Json] | None = None) -> Json:
    """The schema of this model's documents.

    Args:
        left_out: fields that the document keeps under another name.
        more: further fields that it must have, each with its schema.
    """
    rewritten = _rewritten_model(model)
    fields = {name: one for name, one in rewritten["properties"].items() if name not in left_out}
    required = [name for name in rewritten.get("required", ()) if name not in left_out]
    return {
        "bsonType": "object",
        "required": sorted({*required, *(more or {})}),
        "properties": fields | dict(more or {}),
    }


@cache
def _rewritten_model(model: type[BaseModel]) -> Json:
    """Made once: pydantic takes 50 ms of processor time for the schemas of a run's documents, and a run asks for them ten times."""
    schema = model.model_json_schema()
    return _rewritten(schema, schema.get("$defs", {}))


def _rewritten(schema: Any, shared: Mapping[str, Json]) -> Json:
    if schema is True:
        return {}
    if "$ref" in schema:
        return _rewritten(shared[schema["$ref"].rpartition("/")[2]], shared)
    if "anyOf" in schema:
        return _any_of([_rewritten(one, shared) for one in schema["anyOf"]])
    made: Json = {}
    if schema.get("format") in FORMATS:
        made["bsonType"] = FORMATS[schema["format"]]
    elif "type" in schema:
        made |= TYPES[schema["type"]]
    if "const" in schema:
        made["enum"] = [schema["const"]]
    made |= {name: schema[name] for name in KEPT if name in schema}
    if "exclusiveMinimum" in schema:
        made |= {"minimum": schema["exclusiveMinimum"], "exclusiveMinimum": True}
    if "properties" in schema:
        made["properties"] = {name: _rewritten(one, shared) for name, one in schema["properties"].items()}
    if "items" in schema:
        made["items"] = _rewritten(schema["items"], shared)
    if "additionalProperties" in schema and "properties" not in schema:
        made |= _map(schema, shared)
    return made


def _map(schema: Json, shared: Mapping[str, Json]) -> Json:
    """Any names with one kind of value; or certain names only."""
    value = _rewritten(schema["additionalProperties"], shared)
    if "propertyNames" in schema:
        names = _rewritten(schema["propertyNames"], shared)["enum"]
        return {"properties": dict.fromkeys(names, value), "additionalProperties": False}
    return {"additionalProperties": value} if value else {}


def _any_of(parts: Sequence[Json]) -> Json:
    """One of these; a plain value or null needs no second branch."""
    others = [one for one in parts if one != TYPES["null"]]
    if len(others) == 1 < len(parts) and set(others[0]) <= {"bsonType", "minimum", "maximum"}:
        kinds = others[0]["bsonType"]
        return {**others[0], "bsonType": [*(kinds if isinstance(kinds, list) else [kinds]), "null"]}
    return {"anyOf": list(parts)}
