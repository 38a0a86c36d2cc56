"""The WSGI layer in front of Django: answers rendered paths from memory, and adds to every answer what all answers share.

All paths share methods, security and CORS headers, request ids, the access log, metrics, and the short way from a rendered page or
a file of the web page to the socket. `urls.py` lists the paths; `views.py` and `page_views.py` say what they mean.

Django's middleware takes two to three times as long as answering a rendered path. So plain, valid requests take the short way;
everything else (an unknown host, unencrypted HTTP in production, an unknown path) goes to Django.
"""

import os
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import responses as reasons
from typing import Any, TypeGuard

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from structlog.contextvars import bound_contextvars
from whitenoise.responders import StaticFile

from django_backend.caching import Answer, is_public
from django_backend.content_policy import WORKER, WORKER_POLICY
from django_backend.logs import AccessLog
from django_backend.metrics import METRICS
from django_backend.monitoring import knows_token
from django_backend.names import remembered
from django_backend.problems import ProblemKind
from django_backend.process import PAGE_FILES, RENDERED
from django_backend.pulse import start_pulse
from django_backend.rate_limits import Passed, rate_limits
from django_backend.refusals import refusal_text
from django_backend.succession import Succession
from tunemeld_pipeline.logs.setup import process_file
from tunemeld_pipeline.publishing.forms import JSON_TYPE
from tunemeld_pipeline.publishing.responses import error

METHODS = ("GET", "HEAD")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LIVE_PATH = "/health/live"
UNLIMITED = (LIVE_PATH, "/health/ready")
"""What load balancers and supervisors ask for is answered however often they do."""
SOURCE = "tunemeld.source"
"""The key in the WSGI environment under which a view records the source of its answer."""

CHUNKED = "this API reads no bodies; send neither a body nor Transfer-Encoding"
"""A proxy that goes by Content-Length beside Transfer-Encoding would take a request for two. The server keeps only one of the two headers,
so both are refused by the one that has no use here."""

EXPOSED = (
    "Deprecation, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID, X-TuneMeld-Age, X-TuneMeld-Stale"
)
EVERY_ORIGIN = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED)]
"""On the public paths: always, so that caches need not tell origins apart."""

PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, X-Request-ID"),
    ("Access-Control-Max-Age", "86400"),
    ("Vary", "Origin"),
]
"""The answer to a browser's preflight, sent before a conditional request from another origin."""

NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'"
FRAMED_ANYWHERE = "frame-ancestors *"
"""Where a policy says so, X-Frame-Options is left out: it has no word for that, and would forbid it."""

STATUS = {code: f"{code} {reason}" for code, reason in reasons.items()}

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
StartResponse = Callable[[str, Headers], object]


def security_headers(hsts_seconds: int, policy: str = NOTHING_POLICY) -> Headers:
    """The headers of every answer unless a view sets its own; `hsts_seconds` is 0 without TLS."""
    headers = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Content-Security-Policy", policy),
    ]
    if hsts_seconds:
        headers.append(("Strict-Transport-Security", f"max-age={hsts_seconds}"))
    return headers


class Front:
    """The WSGI application.

    Args:
        django: the application that answers everything that is not rendered.
    """

    def __init__(self, django: WSGIHandler) -> None:
        self._django = django
        self._rendered = RENDERED
        self._page_files = PAGE_FILES
        self._origins = frozenset(settings.TUNEMELD.django_cors_origins)
        self._needs_tls = settings.SECURE_SSL_REDIRECT
        self._security = security_headers(settings.SECURE_HSTS_SECONDS)
        self._security_of_worker = security_headers(settings.SECURE_HSTS_SECONDS, WORKER_POLICY)
        self._limits = rate_limits(settings.TUNEMELD)
        self._succession = Succession(settings.TUNEMELD.home / "api")
        start_pulse(settings.TUNEMELD.home / "api")
        self._log = AccessLog(settings.TUNEMELD, process_file())

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Answers one request."""
        begin = time.perf_counter()
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        given = environ.get("HTTP_X_REQUEST_ID", "")
        identity = given if given and REQUEST_ID.fullmatch(given) else os.urandom(8).hex()
        self._rendered.ensure_started()
        passed = self._counted(path, environ)

        address = f"{path}?{query}" if query else path
        page = self._rendered.ready(address)
        if "HTTP_TRANSFER_ENCODING" in environ:
            refusal = ProblemKind.BAD_REQUEST, 400, CHUNKED
            status, headers, body = self._refused(path, *refusal, ("Connection", "close"))
            source = "django"
        elif passed is not None and passed.refusal is not None:
            status, headers, body = passed.refusal
            headers = headers + self._security
            source = "rate limit"
        elif page is not None and method in METHODS and self._is_plain(environ):
            status, headers, body = page.answer(environ, self._rendered.stale_seconds(page))
            headers = headers + self._security
            source = "worker"
        elif method in METHODS and (file := self._page_files.file(path)) is not None and self._is_plain(environ):
            status, headers, body = _file_answer(file, environ)
            headers = headers + (self._security_of_worker if path == WORKER else self._security)
            source = "page file"
        elif self._is_preflight(method, path, environ):
            status, headers, body = 204, [*PREFLIGHT, *self._security], b""
            source = "django"
        elif method in METHODS:
            status, headers, body = self._ask_django(environ, identity)
            source = environ.get(SOURCE, "django")
        else:
            refused = f"{method[:20]} is not allowed; this API is read-only, so use GET or HEAD"
            status, headers, body = self._refused(path, ProblemKind.NOT_ALLOWED, 405, refused, ("Allow", "GET, HEAD"))
            source = "django"

        headers.append(("X-Request-ID", identity))
        if passed is not None:
            headers += passed.headers
        if is_public(path):
            headers += EVERY_ORIGIN
        elif self._may_read(origin := environ.get("HTTP_ORIGIN")):
            headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED)]
        if self._succession.is_under_way():
            headers.append(("Connection", "close"))
        if method == "HEAD":
            body = b""
        start_response(STATUS.get(status) or f"{status} Unknown", headers)
        seconds = time.perf_counter() - begin
        METRICS.note(path, status, seconds, source)
        # Asked every few seconds by what watches over the server, a good answer says nothing.
        if path != LIVE_PATH or status != HTTPStatus.OK:
            self._log.write(method, path, status, len(body), seconds, identity, source)
        return [body]

    def _counted(self, path: str, environ: Environ) -> Passed | None:
        """What the rate limit says of a request; None where nobody counts it."""
        if self._limits is None or path in UNLIMITED:
            return None
        if "HTTP_AUTHORIZATION" in environ and knows_token(environ):
            return None
        return self._limits.passed(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))

    def _refused(self, path: str, kind: ProblemKind, status: int, message: str, *more: tuple[str, str]) -> Answer:
        """An error answer that no view gives."""
        content_type, text = refusal_text(path, kind, status, message)
        body = text.encode()
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        return Answer(status, [*more, *headers, *self._security], body)

    def _may_read(self, origin: str | None) -> TypeGuard[str]:
        """Whether this origin's pages may call the API: one of those in the settings, or any, where they say `*`."""
        return origin is not None and (origin in self._origins or "*" in self._origins)

    def _is_preflight(self, method: str, path: str, environ: Environ) -> bool:
        """Whether this is a preflight from a page that may read the path."""
        named = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        return method == "OPTIONS" and named and (is_public(path) or self._may_read(environ.get("HTTP_ORIGIN")))

    def _is_plain(self, environ: Environ) -> bool:
        """Whether Django would neither refuse the host nor redirect to TLS."""
        if self._needs_tls and environ.get("HTTP_X_FORWARDED_PROTO") != "https":
            return False
        return _is_ours(environ.get("HTTP_HOST", ""))

    def _ask_django(self, environ: Environ, identity: str) -> Answer:
        with bound_contextvars(request_id=identity):
            # The answer itself carries what this would report to the server.
            answer = self._django(environ, _ignore)
            assert isinstance(answer, HttpResponse), "no view streams"  # noqa: S101 - tells the type checker
            answer.close()
        # Django counts the empty body of a 304; there the header would be the length of the body that is not sent.
        headers = [one for one in answer.items() if answer.status_code != 304 or one[0] != "Content-Length"]
        present = {name.lower() for name, _ in headers}
        headers += [one for one in self._security if one[0].lower() not in present]
        if FRAMED_ANYWHERE in answer.get("Content-Security-Policy", ""):
            headers = [one for one in headers if one[0] != "X-Frame-Options"]
        return Answer(answer.status_code, headers, answer.content)


@remembered(1_000)
def _is_ours(host: str) -> bool:
    """Whether the settings allow this Host header."""
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def _file_answer(file: StaticFile, environ: Environ) -> Answer:
    """A file of the page; 404 if a rebuild has just removed it."""
    try:
        found = file.get_response(environ["REQUEST_METHOD"], environ)
    except FileNotFoundError:
        body = error("this file is no longer part of the page; reload the page").encode()
        return Answer(404, [("Content-Type", JSON_TYPE), ("Content-Length", str(len(body)))], body)
    if found.file is None:
        return Answer(int(found.status), list(found.headers), b"")
    with found.file:
        return Answer(int(found.status), list(found.headers), found.file.read())


def _ignore(status: str, headers: Headers, exc_info: object = None, /) -> Callable[[bytes], object]:
    """A start_response for WSGI that keeps the answer as an object."""
    del status, headers, exc_info
    return len
