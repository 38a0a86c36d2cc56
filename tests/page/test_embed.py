"""A genre's top ten inside somebody else's page."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.django_backend.conftest import GENRE
from tests.matrix import sample
from tests.page.conftest import Visitor

Framed = Callable[..., tuple[Page, FrameLocator]]


class Blog(ThreadingHTTPServer):
    """A site of somebody else with one page; a page that no server of this machine sent may not ask another one here."""

    body = ""

    @property
    def url(self) -> str:
        """Its address: another host, and so another site than ours."""
        return f"http://localhost:{self.server_port}/"


class Answering(BaseHTTPRequestHandler):
    """Sends the blog's page."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Blog)
        body = self.server.body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def blog() -> Iterator[Blog]:
    with Blog(("localhost", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def framed(visitor: Visitor, blog: Blog) -> Framed:
    """Opens the blog with the frame that oEmbed gives for a genre's page."""

    def open_blog(**options: Any) -> tuple[Page, FrameLocator]:
        page = visitor.page(**options)
        said = page.request.get(f"{visitor.url}/v1/oembed", params={"url": f"{visitor.url}/charts/{GENRE}"}).json()
        blog.body = f"<!doctype html><html lang=en><title>a blog</title><h1>Music</h1>{said['html']}</html>"
        page.goto(blog.url)
        return page, page.frame_locator("iframe")

    return open_blog


def test_a_foreign_page_shows_the_top_ten_without_scripts(framed: Framed) -> None:
    _, frame = framed(java_script_enabled=False)
    expect(frame.locator("li")).to_have_count(10)
    expect(frame.locator("li b")).to_have_text([str(rank) for rank in range(1, 11)])
    expect(frame.locator("h1")).to_have_text(re.compile(GENRE, re.IGNORECASE))


def test_its_link_opens_this_sites_page_outside_the_frame(visitor: Visitor, blog: Blog, framed: Framed) -> None:
    page, frame = framed()
    with page.context.expect_page() as opened:
        frame.locator("h1 a").click()
    opened.value.locator("#chart-table tbody tr").first.wait_for()
    assert opened.value.url == f"{visitor.url}/charts/{GENRE}"
    assert page.url == blog.url


@pytest.mark.parametrize(("scheme", "paper"), sample([("dark", "rgb(14, 15, 18)"), ("light", "rgb(255, 255, 255)")]))
def test_it_follows_the_readers_colour_scheme(framed: Framed, scheme: str, paper: str) -> None:
    _, frame = framed(color_scheme=scheme)
    expect(frame.locator("body")).to_have_css("background-color", paper)


def test_it_fits_a_narrow_frame_and_long_names(framed: Framed) -> None:
    page, frame = framed(width=320)
    expect(frame.locator("li")).to_have_count(10)
    overflow = frame.locator("body").evaluate(
        "body => body.scrollWidth - body.ownerDocument.documentElement.clientWidth"
    )
    assert overflow <= 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_the_sites_own_page_cannot_be_framed(visitor: Visitor, blog: Blog) -> None:
    page = visitor.page()
    blog.body = f'<!doctype html><title>a blog</title><iframe src="{visitor.url}/"></iframe>'
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(blog.url)
    assert page.frame_locator("iframe").locator("#app").count() == 0
    visitor.complaints.clear()
