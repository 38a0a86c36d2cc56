"""The table of operations, and the document that is made from it: nothing without a description."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from django_backend.problems import QUOTA_EXCEEDED, ProblemKind
from tests.django_backend.conftest import Api

PROJECT = Path(__file__).parents[3]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document(api: Api) -> Json:
    answer: Json = api.ask("/openapi.json").json()
    return answer


def verbs(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        yield path, item["get"]


def reached(document: Json, part: Any, seen: set[str]) -> None:
    """Collects the names of the schemas to which a part of the document leads."""
    for name in re.findall(r"'#/components/schemas/([^']+)'", str(part)):
        if name not in seen:
            seen.add(name)
            reached(document, document["components"]["schemas"][name], seen)


def undescribed(name: str, schema: Json) -> Iterator[str]:
    for field, one in schema.get("properties", {}).items():
        if not one.get("description"):
            yield f"{name}.{field}"
        yield from undescribed(f"{name}.{field}", one)


def test_every_operation_field_and_parameter_is_described(document: Json) -> None:
    seen: set[str] = set()
    lacking = []
    for path, verb in verbs(document):
        reached(document, verb, seen)
        lacking += [
            f"{path} {part}" for part in ("operationId", "summary", "description", "tags") if not verb.get(part)
        ]
        lacking += [f"{path}?{one['name']}" for one in verb.get("parameters", []) if not one.get("description")]
    for name in seen:
        lacking += undescribed(name, document["components"]["schemas"][name])
        lacking += [] if document["components"]["schemas"][name].get("description") else [name]
    assert lacking == []


def test_times_and_days_have_a_format(document: Json) -> None:
    seen: set[str] = set()
    for _, verb in verbs(document):
        reached(document, verb, seen)
    for name in seen:
        for field, one in document["components"]["schemas"][name].get("properties", {}).items():
            if field.endswith(("_at", "_since")):
                assert "'date-time'" in str(one), (name, field)
            # JSPF's own specification calls a time `date`.
            if (field == "date" or field.endswith("_date")) and name != "JspfPlaylist":
                assert "'date'" in str(one), (name, field)


def test_operation_ids_are_unique_and_tags_are_explained(document: Json) -> None:
    identities = [verb["operationId"] for _, verb in verbs(document)]
    assert len(identities) == len(set(identities))
    explained = {one["name"] for one in document["tags"] if one["description"]}
    assert {tag for _, verb in verbs(document) for tag in verb["tags"]} <= explained


def test_a_path_that_does_not_exist_is_a_problem_with_a_type(api: Api) -> None:
    answer = api.ask("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["type"] == "/docs#unknown-path"


def test_the_roots_without_a_slash_speak_the_same_dialect(api: Api) -> None:
    for path in ("/v1", "/feeds", "/embed", "/dumps"):
        answer = api.ask(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_type_of_problem_is_explained(document: Json) -> None:
    explained = {one["type"] for one in document["x-problems"] if one["title"]}
    assert explained == {*ProblemKind, QUOTA_EXCEEDED.rpartition("#")[2]}
    documented = (PROJECT / "docs" / "api.md").read_text("utf-8")
    assert [name for name in explained if f"| `{name}` |" not in documented] == []


def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    answer = api.ask("/v1/genres?fields=name&fields=genre")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "fields")
