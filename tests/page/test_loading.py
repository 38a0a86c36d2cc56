"""What a first visit loads: how much, from where, and how it is cached."""

import gzip
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Response

from tests.django_backend.conftest import Api
from tests.page.conftest import Visitor
from tests.page.world import LIVELY

SCRIPT_BYTES, STYLE_BYTES = 60_000, 15_000


def first_load(visitor: Visitor) -> tuple[list[Response], dict[str, int]]:
    """All answers of a first visit, with the bytes of each on the wire."""
    page = visitor.page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    paths: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def began(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = event["response"]["url"]

    def ended(event: dict[str, Any]) -> None:
        sizes[paths.get(event["requestId"], "")] = event["encodedDataLength"]

    session.on("Network.responseReceived", began)
    session.on("Network.loadingFinished", ended)
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator("#chart-table tbody tr").first.wait_for()
    page.wait_for_load_state("networkidle")
    return answers, sizes


def test_a_first_load_is_small(visitor: Visitor) -> None:
    answers, sizes = first_load(visitor)
    for kind, most in {"script": SCRIPT_BYTES, "stylesheet": STYLE_BYTES}.items():
        loaded = [one for one in answers if one.request.resource_type == kind]
        assert loaded
        assert sum(len(gzip.compress(one.body(), mtime=0)) for one in loaded) <= most
        assert sum(sizes[one.url] for one in loaded) <= most
        assert {one.headers["content-encoding"] for one in loaded} == {"br"}
        assert all("immutable" in one.headers["cache-control"] for one in loaded)


def test_everything_but_covers_comes_from_its_own_host(visitor: Visitor, site: Api) -> None:
    answers, _ = first_load(visitor)
    strange = [one for one in answers if not one.url.startswith(site.url)]
    assert {one.request.resource_type for one in strange} == {"image"}
    assert {urlsplit(one.url).path.split("/")[1] for one in strange} == {"covers"}
    assert all(one.ok for one in answers)
    # The chart of counts and the players load only on demand.
    assert not [one for one in answers if "plot" in one.url.lower()]


def test_a_second_visit_loads_no_script_again(visitor: Visitor) -> None:
    page = visitor.open(f"/charts/{LIVELY}")
    page.goto("about:blank")
    page.goto(f"{visitor.url}/charts/{LIVELY}")
    page.locator("#chart-table tbody tr").first.wait_for()
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/assets/')).map((one) => one.transferSize)"
    )
    assert len(loaded) >= 2
    assert sum(loaded) == 0
