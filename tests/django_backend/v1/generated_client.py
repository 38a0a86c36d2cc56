"""Calls every operation of `/v1` with a client that a generator made; the last line of its output names those that were called.

A program of its own, since generated clients need other libraries than the project: `generated_client.py functions|models URL DOCUMENT
KNOWN`, where `KNOWN` has values of the parameters as JSON.
"""

import importlib
import inspect
import json
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote, urlencode

KNOWN: dict[str, str] = {}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def values_of(verb: dict[str, Any]) -> dict[str, str]:
    """A value for each parameter that has to be given: a known one, or the first of an enumeration, else the example."""
    needed = [one for one in verb.get("parameters", []) if one["required"]]
    return {one["name"]: KNOWN.get(one["name"]) or one["schema"].get("enum", [one.get("example")])[0] for one in needed}


def call_function(url: str, verb: dict[str, Any]) -> None:
    """Calls the operation through the client that openapi-python-client made."""
    client = importlib.import_module("made_client").Client(base_url=url)
    module = importlib.import_module(f"made_client.api.{verb['tags'][0]}.{snake(verb['operationId'])}")
    hints = get_type_hints(module.sync_detailed)
    # A parameter that is called `url`, as oEmbed has one, gets another name from the generator.
    names = {name: name if name in hints else f"{name}_query" for name in values_of(verb)}
    given = {names[name]: hints[names[name]](value) for name, value in values_of(verb).items()}
    more = {"limit": 1} if "limit" in inspect.signature(module.sync_detailed).parameters else {}
    answer = module.sync_detailed(client=client, **given, **more)
    assert answer.status_code == 200, (verb["operationId"], answer.content[:500])
    if "application/json" in verb["responses"]["200"]["content"]:
        assert answer.parsed is not None, verb["operationId"]


def read_models(url: str, path: str, verb: dict[str, Any]) -> None:
    """Reads the operation's answer with the models that datamodel-code-generator made."""
    in_query = {}
    for name, value in values_of(verb).items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(value))
        else:
            in_query[name] = value
    path += f"?{urlencode(in_query)}" if in_query else ""
    with urllib.request.urlopen(url + path) as answer:  # noqa: S310 - the address of the test
        body = answer.read()
    content = verb["responses"]["200"]["content"]
    if "application/json" not in content:
        assert body
        return
    schema = content["application/json"]["schema"]
    models = importlib.import_module("made_models")
    read = json.loads(body)
    model = getattr(models, (schema.get("$ref") or schema["items"]["$ref"]).rpartition("/")[2])
    for one in read if isinstance(read, list) else [read]:
        assert model.model_validate(one).model_fields_set


def main() -> None:
    kind, url, document, known = sys.argv[1:]
    KNOWN.update(json.loads(known))
    called = []
    for path, item in json.loads(Path(document).read_text())["paths"].items():
        if path.startswith("/v1/"):
            verb = item["get"]
            call_function(url, verb) if kind == "functions" else read_models(url, path, verb)
            called.append(verb["operationId"])
    print(json.dumps(called))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main()
