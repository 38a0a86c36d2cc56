"""Compares what a command printed with `--json` with the schema that docs/json/ has of it."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from jsonschema_rs import Validator, validator_for

from tunemeld_pipeline.cli.reference import SCHEMAS
from tunemeld_pipeline.cli.shapes.printed import PRINTED

LINES = {"etl logs", "api logs", "system logs"}
"""They print an object a line, with members of the line's own."""


def command_of(arguments: Sequence[str]) -> str | None:
    """The command that prints data, in these words after `tunemeld`."""
    words = [word for word in arguments if not word.startswith("-")]
    return next((name for length in (3, 2, 1) if (name := " ".join(words[:length])) in PRINTED), None)


def differences(command: str, printed: str) -> list[str]:
    """Where the data differs from the schema; a member that the schema does not name is one."""
    documents = printed.splitlines() if command in LINES else [printed]
    return [
        f"{error.instance_path}: {error.message}"
        for document in documents
        for error in _validator(command).iter_errors(json.loads(document))
    ]


@cache
def _validator(command: str) -> Validator:
    schema = json.loads((SCHEMAS / f"{command.replace(' ', '-')}.json").read_text("utf-8"))
    if command not in LINES:
        for one in _objects(schema):
            one["additionalProperties"] = False
    return validator_for(schema, validate_formats=True)


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema whose members have names."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            yield schema
        for below in schema.values():
            yield from _objects(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _objects(below)
