"""Content negotiation, conditional requests and caching headers for rendered responses, as pure functions.

They follow RFC 9110 (sections 8.8, 12.5.3, 13.1) and RFC 9111. `worker.py` finds the response, and `serving.py` adds the headers
that every answer carries.
"""

from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import parse_qs

from django.utils.http import parse_http_date_safe

from django_backend.names import remembered
from tunemeld_pipeline.publishing.forms import JSON_TYPE, Content, Link, Response, response, uncompressed_response
from tunemeld_pipeline.publishing.v1.links import DEPRECATED_SINCE, successors

FRESH_CONTROL = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
STALE_CONTROL = "public, max-age=5, stale-if-error=86400"
"""While the database is down: short, so a CDN picks up the fresh answer soon after the database is back."""

REVALIDATED_CONTROL = "public, no-cache"
"""For the page itself: it loads files with hashed names, and those of an older build may be gone."""

LASTING_CONTROL = "public, max-age=86400, stale-while-revalidate=604800, stale-if-error=604800"
"""For a past day, which changes only where a run, a rollback or somebody's hand changes it."""

VARY = "Accept-Encoding, Origin"
PUBLIC_VARY = "Accept-Encoding"
PUBLIC = ("/v1/", "/feeds/", "/embed/", "/dumps/")
"""The beginnings of the paths that every page of the web may read; the same without the last slash too. The others ask the setting of the
origins."""

PREFERENCE = ("br", "gzip", "identity")

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """A status, headers and a body, ready to be sent."""

    status: int
    headers: Headers
    body: bytes


class _Prepared(NamedTuple):
    etag: str
    body: bytes
    full: Headers
    not_modified: Headers


class Rendering:
    """A rendered response with its headers, built once.

    Args:
        response: the body in each encoding.
        content_type: the body's media type.
        control: the Cache-Control while the data are known to be the newest.
        vary: the request headers that change the answer on this path.
        made_from: the version of each genre that it shows.
        links: its links, in one header.
        headers: more headers.
    """

    def __init__(
        self,
        response: Response,
        content_type: str = JSON_TYPE,
        *,
        control: str = FRESH_CONTROL,
        vary: str = VARY,
        made_from: Mapping[str, int] | None = None,
        links: tuple[Link, ...] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.version = response.version
        self.made_from = made_from or {}
        self.links = links
        self.media_type = content_type
        self.control = control
        self.modified = response.modified
        self.size = sum(len(form.body) for form in response.forms.values())
        self._forms: dict[str, _Prepared] = {}
        for encoding, form in response.forms.items():
            validators = [
                ("ETag", form.etag),
                ("Last-Modified", format_datetime(response.modified, usegmt=True)),
                ("Vary", vary),
                *headers,
            ]
            if links:
                validators.append(("Link", link_header(links)))
            content = [("Content-Type", content_type), ("Content-Length", str(len(form.body)))]
            if encoding != "identity":
                content.append(("Content-Encoding", encoding))
            self._forms[encoding] = _Prepared(form.etag, form.body, content + validators, validators)

    @property
    def body(self) -> bytes:
        """The body without compression, for clients that accept nothing else."""
        return self._forms["identity"].body

    @property
    def etag(self) -> str:
        """The ETag of the uncompressed body; equal bodies have equal tags."""
        return self._forms["identity"].etag

    def answer(self, environ: Mapping[str, str], stale_seconds: int | None = None) -> Answer:
        """The answer to one request.

        Args:
            environ: the WSGI environment; only its conditional and negotiation headers are read.
            stale_seconds: the age of the data if they can no longer be confirmed.
        """
        form = self._form(environ.get("HTTP_ACCEPT_ENCODING", ""))
        caching = [("Cache-Control", self.control)]
        if stale_seconds is not None:
            caching = [
                ("Cache-Control", STALE_CONTROL),
                ("X-TuneMeld-Stale", "true"),
                ("X-TuneMeld-Age", str(stale_seconds)),
            ]
        if self._is_known(form, environ):
            return Answer(304, form.not_modified + caching, b"")
        return Answer(200, form.full + caching, form.body)

    def _form(self, accepted: str) -> _Prepared:
        for encoding in acceptable(accepted):
            if encoding in self._forms:
                return self._forms[encoding]
        return self._forms["identity"]

    def _is_known(self, form: _Prepared, environ: Mapping[str, str]) -> bool:
        tags = environ.get("HTTP_IF_NONE_MATCH")
        if tags is not None:
            return tags.strip() == "*" or form.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        # Any of RFC 9110's three forms of a date (5.6.7); what is none of them asks for the whole answer.
        given = environ.get("HTTP_IF_MODIFIED_SINCE")
        since = None if given is None else parse_http_date_safe(given.strip())
        return since is not None and int(self.modified.timestamp()) <= since


def rendering(address: str, content: Content, made_from: Mapping[str, int], control: str = FRESH_CONTROL) -> Rendering:
    """The rendering of what an address (a path, and perhaps a query) answers.

    Args:
        made_from: the version of each genre that the content shows.
        control: the Cache-Control while the data are known to be the newest.
    """
    version = sum(made_from.values())
    if isinstance(content.body, str):
        forms = response(content.body, version, content.modified)
    else:
        forms = uncompressed_response(content.body, version, content.modified)
    older = older_links(address)
    return Rendering(
        forms,
        content.media_type,
        control=control,
        vary=PUBLIC_VARY if is_public(address) else VARY,
        made_from=made_from,
        links=(*content.links, *older),
        headers=[*content.headers, *([DEPRECATION] if older else [])],
    )


def is_public(path: str) -> bool:
    """Whether every page of the web may read this path."""
    return path.startswith(PUBLIC) or f"{path}/" in PUBLIC


def older_links(address: str) -> tuple[Link, ...]:
    """The successors of an older path; nothing for any other address."""
    path, _, query = address.partition("?")
    return successors(path, parse_qs(query).get("date", [None])[0])


DEPRECATION = ("Deprecation", f"@{DEPRECATED_SINCE.timestamp():.0f}")
"""RFC 9745: since when a path has a successor. Older paths have no end."""


def link_header(links: Sequence[Link]) -> str:
    """The value of a Link header (RFC 8288)."""
    return ", ".join(
        f'<{one.target}>; rel="{one.relation}"' + (f'; type="{one.media_type}"' if one.media_type else "")
        for one in links
    )


@remembered(512)
def acceptable(header: str) -> tuple[str, ...]:
    """The encodings that an Accept-Encoding header allows, the preferred one first; among equals, the smallest body first."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.partition("=")[2]) if parameter else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    anything = weights.get("*", 0.0)
    # An encoding that is not listed is not accepted, except identity, which is always acceptable.
    found = {name: weights.get(name, anything) for name in PREFERENCE}
    if "identity" not in weights and "*" not in weights:
        found["identity"] = 0.001
    return tuple(name for name in sorted(PREFERENCE, key=lambda name: -found[name]) if found[name] > 0)
