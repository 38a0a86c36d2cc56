"""Makes a Django view of an operation: reads what is asked, finds the page, cuts it to the fields and rows that are wanted."""

import json
from collections.abc import Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from django_backend.caching import Rendering
from django_backend.found import Found
from django_backend.process import RENDERED
from django_backend.refusals import View, refusing
from django_backend.requests import page_answer
from django_backend.v1.operation import Operation
from django_backend.v1.parameters import Asked, read_asked
from tunemeld_pipeline.publishing.forms import Content

CHOICES = ("fields", "limit")


def view_of(operation: Operation) -> View:
    """The view that answers an operation's requests."""

    @refusing
    @wraps(operation.view)
    def answered(request: HttpRequest, **arguments: object) -> HttpResponse:
        root = f"{request.scheme}://{request.get_host()}"
        asked = read_asked(request.path, operation.parameters, arguments, request.GET, root)
        return page_answer(request, _found(operation, asked))

    return answered


def _found(operation: Operation, asked: Asked) -> Found:
    whole = asked.without(*CHOICES)
    source = operation.view(whole)
    if whole.values == asked.values:
        return source
    return RENDERED.derived(asked.address, source, lambda page: cut(page, operation.rows, asked))


def cut(page: Rendering, rows: Sequence[str], asked: Asked) -> Content:
    """The page with the rows and fields that are asked for alone.

    Args:
        rows: the fields of the answer that hold its rows; none if the answer itself is the list.
    """
    answer = json.loads(page.body)
    fields, limit = asked.get("fields"), asked.get("limit")
    lists = {name: _cut_rows(answer[name], fields, limit) for name in rows}
    kept = {**answer, **lists} if rows else _cut_rows(answer, fields, limit)
    body = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    links = tuple(one._replace(target=asked.address) if one.relation == "self" else one for one in page.links)
    return Content(body, page.modified, page.media_type, links)


def _cut_rows(rows: list[Any], fields: str | None, limit: str | None) -> list[Any]:
    first = rows[: int(limit)] if limit else rows
    if fields is None:
        return first
    names = fields.split(",")
    return [{name: row[name] for name in names if name in row} for row in first]
