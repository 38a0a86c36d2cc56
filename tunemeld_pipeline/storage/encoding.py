"""Converts models to the documents that MongoDB keeps, and back."""

from typing import Any, TypeVar

from bson import Int64

from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.storage.schema_versions import forms_of

Json = dict[str, Any]
T = TypeVar("T")


def read(model: type[T], document: Json) -> T:
    """A document as its model; the current and the previous schema version of its kind are accepted.

    Raises:
        StoreError: a later release wrote it, or it does not fit its model.
    """
    version, forms = document.get("schema_version", 0), forms_of(model)
    if version not in forms:
        raise StoreError(
            f"a {model.__name__} document has schema version {version}, and this release reads"
            f" {' and '.join(map(str, sorted(forms)))}; use the release that wrote it"
        )
    try:
        return model.model_validate(forms[version](document))  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"a {model.__name__} document does not have its shape; the next run rewrites it: {error}"
        ) from error


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
