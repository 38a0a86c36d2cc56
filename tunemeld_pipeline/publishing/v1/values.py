"""What the models of all answers of `/v1` share: their base, the one form of times and days, and how they become text."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from tunemeld_pipeline.charts.documents import in_utc

Json = dict[str, Any]

Moment = Annotated[datetime, AfterValidator(in_utc)]
"""A time in UTC, written as RFC 3339 has it with `Z`: 2026-01-31T02:30:00Z."""

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""A UTC day: 2026-01-31."""

Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]
"""An address on the web."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, from 0 to 1."""


class Value(BaseModel):
    """A part of an answer. Its fields are always there; what is unknown is null."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


def _none_required(schema: Json) -> None:
    schema.pop("required", None)


class Row(Value):
    """A row of an answer whose fields a request can choose with `fields`: the only one in which a field can be absent."""

    model_config = ConfigDict(json_schema_extra=_none_required)


def json_text(value: Value | Sequence[Value] | Sequence[str]) -> str:
    """The value as the JSON text that is sent."""
    return TypeAdapter(type(value)).dump_json(value).decode() if isinstance(value, Value) else _list_text(value)


def _list_text(values: Sequence[Value] | Sequence[str]) -> str:
    return TypeAdapter(list[Any]).dump_json(list(values)).decode()
