"""The views of what a site says to programs about itself: `robots.txt`, sitemaps, `security.txt`, and its icon.

`publishing/sitemaps.py` makes the sitemaps; the page's own files come from `page_files.py`.
"""

import re
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal, refusing
from django_backend.renderer import EVERY_GENRE
from django_backend.requests import page_answer
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.sitemaps import SitemapPart, part_path, sitemap, sitemap_part
from tunemeld_pipeline.storage.store import Store

ICON = Path(__file__).with_name("static") / "favicon.ico"
TEXT = "text/plain; charset=utf-8"
DAY_CONTROL = "public, max-age=86400"
SITEMAP_PART = re.compile(r"(charts|tracks)-([1-9][0-9]{0,5})")

ROBOTS = """User-agent: *
Disallow: /health
Disallow: /metrics
Disallow: /search
Disallow: /v1/search
Disallow: /dumps/

Sitemap: {root}/sitemap.xml
"""
"""Searches have no end, and dumps are large."""


def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers should leave alone, and where the sitemap is."""
    return _lasting(ROBOTS.format(root=_root(request)), TEXT)


@refusing
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116)."""
    contacts, expires = settings.TUNEMELD.security_contact, settings.TUNEMELD.security_contact_expires
    if not contacts or expires is None:
        raise Refusal(404, "this installation names no contact; SECURITY_CONTACT does", kind=ProblemKind.UNKNOWN_PATH)
    lines = [
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {expires}T23:59:59Z",
        "Preferred-Languages: en",
        f"Canonical: {_root(request)}/.well-known/security.txt",
    ]
    return _lasting("\n".join([*lines, ""]), TEXT)


def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The icon, for browsers that ask for it without knowing where it is."""
    return _lasting(ICON.read_bytes(), "image/x-icon")


@refusing
def whole_sitemap(request: HttpRequest) -> HttpResponse:
    """All addresses, or the index of their parts."""
    root = _root(request)

    def make(view: Store) -> Content:
        return sitemap(view, settings.CATALOG, root)

    found = RENDERED.made(f"{root}/sitemap.xml", EVERY_GENRE, make)
    assert found is not None, "a sitemap may be empty, and is there all the same"  # noqa: S101 - tells the type checker
    return page_answer(request, found)


@refusing
def part_of_sitemap(request: HttpRequest, name: str) -> HttpResponse:
    """One part of the index."""
    named, root = SITEMAP_PART.fullmatch(name), _root(request)
    found = None
    if named is not None:
        part, number = SitemapPart(named[1]), int(named[2])

        def make(view: Store) -> Content | None:
            return sitemap_part(view, settings.CATALOG, root, part, number)

        found = RENDERED.made(f"{root}{part_path(part, number)}", EVERY_GENRE, make)
    if found is None:
        raise Refusal(
            404, "there is no such part; /sitemap.xml names those that there are", kind=ProblemKind.UNKNOWN_PATH
        )
    return page_answer(request, found)


def _root(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _lasting(body: str | bytes, content_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=content_type)
    answer["Cache-Control"] = DAY_CONTROL
    return answer
