"""Converts models to the documents that MongoDB keeps, and back."""

from datetime import datetime
from typing import Any, TypeVar

from bson import Int64, ObjectId
from pydantic import BaseModel, ValidationError

from tunemeld_pipeline.charts.documents import HistoryPeriod, Reading
from tunemeld_pipeline.errors import NewerDocument, UnreadableDocument
from tunemeld_pipeline.storage.schema_versions import forms_of, kept_readings
from tunemeld_pipeline.storage.shapes import SHAPES

Json = dict[str, Any]
T = TypeVar("T", bound=BaseModel)

KEY_FIELDS = ("genre_name", "service_name", "date", "isrc")
"""What people know a document by whose `_id` says nothing, in this order."""

KINDS = {"date": datetime, "bool": bool}


def read(model: type[T], document: Json, collection: str = "") -> T:
    """A document as its model; the current and the previous schema version of its kind are accepted.

    Args:
        collection: where it is kept, for the error's text and the field that repeats its `_id`.

    Raises:
        NewerDocument: a later release wrote it.
        UnreadableDocument: it does not have its shape.
    """
    versioned = SHAPES[collection].variant_of(document).model if collection else model
    if "schema_version" in versioned.model_fields:
        document = _in_todays_shape(model, document, collection)
    if collection:
        _refuse_odd_fields(model, document, collection)
    try:
        return model.model_validate({**document, **_from_id(document, collection)})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _unreadable(model, document, collection, ".".join(map(str, first["loc"])), first["msg"]) from error


def check(collection: str, document: Json) -> None:
    """Reads a document as whatever its collection says it is.

    Raises:
        NewerDocument: a later release wrote it.
        UnreadableDocument: it does not have its shape.
    """
    variant = SHAPES[collection].variant_of(document)
    shown = document
    if variant.within:
        shown = document.get(variant.within)  # type: ignore[assignment]
        if not isinstance(shown, dict):
            raise _unreadable(variant.model, document, collection, variant.within, "is no document")
        shown = {"_id": document["_id"], **shown, **{name: document.get(name) for name in variant.more}}
    read(variant.model, shown, collection)


def history_readings(document: Json) -> dict[str, list[Reading]]:
    """What a document of `historical_track_views` holds per source, without gains and in no order.

    Raises:
        NewerDocument: a later release wrote it.
        UnreadableDocument: it does not have its shape.
    """
    try:
        return kept_readings(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        check("historical_track_views", document)
        raise _unreadable(HistoryPeriod, document, "historical_track_views", "view_counts", f"{error!r}") from error


def _refuse_odd_fields(model: type[T], document: Json, collection: str) -> None:
    shape = SHAPES[collection]
    if shape.id_field in model.model_fields and document.get(shape.id_field) != document.get("_id"):
        raise _unreadable(model, document, collection, shape.id_field, "differs from the document's id")
    variant = shape.variant_of(document)
    for name, schema in variant.more.items() if variant.model is model else ():
        if not isinstance(document.get(name), KINDS[schema["bsonType"]]):
            raise _unreadable(model, document, collection, name, f"is no {schema['bsonType']}")


def key_of(document: Json) -> str:
    """What people know a document by."""
    document_id = document.get("_id")
    if isinstance(document_id, str):
        return document_id
    parts = [one for name in KEY_FIELDS if isinstance(one := document.get(name), str)]
    return " ".join(parts) or str(document_id)


def _from_id(document: Json, collection: str) -> Json:
    """What the document keeps as its id, under the model's name for it."""
    names = SHAPES[collection].variant_of(document).left_out if collection else ()
    return dict.fromkeys(names, document.get("_id"))


def _in_todays_shape(model: type[T], document: Json, collection: str) -> Json:
    version, forms = document.get("schema_version", 0), forms_of(model)
    if not isinstance(version, int) or isinstance(version, bool):
        raise _unreadable(model, document, collection, "schema_version", "is no whole number")
    if version not in forms:
        raise _other_release(model, document, collection, version, sorted(forms))
    try:
        return dict(forms[version](document))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(model, document, collection, "tracks", f"{type(error).__name__} {error}") from error


def _other_release(
    model: type[T], document: Json, collection: str, version: int, readable: list[int]
) -> UnreadableDocument:
    seen = f"it has schema version {version}, and this release reads {' and '.join(map(str, readable))}"
    if version < readable[0]:
        return _unreadable(model, document, collection, "schema_version", seen)
    place = _place(model, document, collection)
    return NewerDocument(
        f"{place} was written by a newer release: {seen}; update TuneMeld, or restore a backup of this release",
        **_named(document, collection, "schema_version", seen),
    )


def _unreadable(model: type[T], document: Json, collection: str, field: str, why: str) -> UnreadableDocument:
    remedy = SHAPES[collection].remedy if collection else "restore it from a backup"
    at = f" at {field}" if field else ""
    place = _place(model, document, collection)
    message = f"{place}: a {model.__name__} document does not have its shape{at}: {why}; {remedy}"
    return UnreadableDocument(message, **_named(document, collection, field, why))


def _place(model: type[T], document: Json, collection: str) -> str:
    number = document.get("_id")
    marked = f" (_id {number})" if isinstance(number, ObjectId) else ""
    return f"{collection or model.__name__} {key_of(document)}{marked}"


def _named(document: Json, collection: str, field: str, why: str) -> dict[str, str]:
    return {
        "collection": collection,
        "document_id": str(document.get("_id")),
        "key": key_of(document),
        "field": field,
        "why": why,
    }


def to_bson(document: Any) -> Json:
    """A model as MongoDB keeps it: all whole numbers as 64 bits, even small ones."""
    converted: Json = _longs(document.model_dump())
    return converted


def _longs(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _longs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_longs(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Int64(value)
    if isinstance(value, str):
        return str(value)  # an enum's value, not the enum
    return value
