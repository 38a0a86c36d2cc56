"""The views of what there is: genres and services."""

import json

from django_backend.caching import Rendering
from django_backend.found import Found
from django_backend.process import RENDERED
from django_backend.requests import rendered
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.publishing.forms import Content


def genres(asked: Asked) -> Found:
    """The genres, and the state of each one's chart; with `market` those of one market."""
    found, market = rendered(asked.path, None), asked.get("market")
    if market is None:
        return found

    def of_market(page: Rendering) -> Content:
        rows = [row for row in json.loads(page.body) if row["market"] == market]
        body = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        links = tuple(one._replace(target=asked.address) if one.relation == "self" else one for one in page.links)
        return Content(body, page.modified, page.media_type, links)

    return RENDERED.derived(asked.address, found, of_market)


def services(asked: Asked) -> Found:
    """The services, and how fresh their lists are."""
    return rendered(asked.path, None)
